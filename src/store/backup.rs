//! Copies of the database: made through SQLite's online backup, verified, and put back.

use std::fs::{self, File, OpenOptions};
use std::io;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::backup::{Backup, StepResult};
use rusqlite::{Connection, ErrorCode, OpenFlags};

use crate::domain::time::Timestamp;

use super::lock::{LockError, ServeLock};
use super::setup::SERVED_BY;
use super::{OpenError, migrate};

/// Databases beyond this many bytes get SQLite's quick check instead of the full one.
const HUGE: u64 = 512 * 1024 * 1024;
/// How long to wait for other processes.
const PATIENCE: Duration = Duration::from_secs(5);

/// A file of this name in the data directory says that a restore has begun and not ended.
pub const UNFINISHED: &str = "restore.unfinished";

/// What [`restore`] did.
#[derive(Debug, PartialEq, Eq)]
pub struct Restored {
    /// Where the replaced database is now; `None` if there was none.
    pub kept: Option<PathBuf>,
    /// The schema version of the restored database.
    pub version: i64,
}

/// A copy of the database that has no name any more: it is gone with its last user.
#[derive(Debug)]
pub struct Copied {
    /// The copy.
    pub file: File,
    /// Its schema version.
    pub schema: i64,
}

/// Why a snapshot was not restored; the database is as it was.
#[derive(Debug, thiserror::Error)]
pub enum RestoreError {
    /// The server runs.
    #[error(transparent)]
    Locked(#[from] LockError),
    /// Another program uses the database.
    #[error("{} is in use: end the programs that use it and try again", .0.display())]
    InUse(PathBuf),
    /// The file is missing, damaged, or no snapshot of ours.
    #[error("{} is no usable snapshot: {reason}", path.display())]
    BadSnapshot {
        /// The snapshot.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// The system refused a step.
    #[error("cannot replace {}: {reason}", path.display())]
    Io {
        /// The file concerned.
        path: PathBuf,
        /// What the system says.
        reason: String,
    },
}

/// `path` with `ending` after its last character.
pub(super) fn beside(path: &Path, ending: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(ending);
    PathBuf::from(name)
}

/// Copies the committed state of the database `from` into the new file `to`, which appears only when it is verified.
///
/// # Errors
/// [`OpenError`] about either of them.
pub fn copy(from: &Path, to: &Path) -> Result<(), OpenError> {
    let partial = beside(to, ".partial");
    if to.exists() {
        return Err(OpenError::NotWritable {
            path: to.to_owned(),
            reason: "the file exists".to_owned(),
        });
    }
    let made = write_copy(from, &partial).and_then(|()| publish(&partial, to));
    if made.is_err() {
        // The error that matters is the first one.
        let _leftover = fs::remove_file(&partial);
    }
    made
}

fn write_copy(from: &Path, partial: &Path) -> Result<(), OpenError> {
    let failed = |error: rusqlite::Error| OpenError::from_sqlite(&error, partial);
    new_file(partial).map_err(|error| OpenError::from_io(&error, partial))?;
    let source = Connection::open_with_flags(from, read_write()).map_err(failed)?;
    source.busy_timeout(PATIENCE).map_err(failed)?;
    let mut copy = Connection::open_with_flags(partial, read_write()).map_err(failed)?;
    // All pages in one step: one snapshot, and no start-over when somebody writes meanwhile.
    let step = Backup::new(&source, &mut copy).and_then(|backup| backup.step(-1));
    if step.map_err(failed)? != StepResult::Done {
        return Err(OpenError::Busy(from.to_owned()));
    }
    // Without a write-ahead log the snapshot is a single file.
    copy.execute_batch("PRAGMA journal_mode = DELETE;").map_err(failed)?;
    verify(&copy).map_err(|reason| OpenError::Other {
        path: partial.to_owned(),
        reason,
    })
}

/// Copies the committed state of a database, one caller after the other, and verifies the copy. The database may be in use,
/// and is neither migrated nor changed.
///
/// # Errors
/// [`OpenError`] if it cannot be read or the copy not be written.
pub fn copy_out(database: &Path) -> Result<Copied, OpenError> {
    let turns = beside(database, ".copy-lock");
    let _turn = new_file(&turns)
        .and_then(|file| file.lock().map(|()| file))
        .map_err(|error| OpenError::from_io(&error, &turns))?;
    let place = beside(database, ".copy");
    let partial = beside(&place, ".partial");
    // Left over if an earlier attempt was killed.
    for leftover in [&place, &partial, &beside(&partial, "-journal")] {
        let _leftover = fs::remove_file(leftover);
    }
    copy(database, &place)?;
    let opened = open_copy(&place, database);
    let _unnamed = fs::remove_file(&place);
    opened
}

fn open_copy(place: &Path, database: &Path) -> Result<Copied, OpenError> {
    let version = Connection::open_with_flags(place, read_write()).and_then(|copy| migrate::version_of(&copy));
    let version = version.map_err(|error| OpenError::from_sqlite(&error, place))?;
    Ok(Copied {
        schema: version.ok_or_else(|| OpenError::Foreign(database.to_owned()))?,
        file: File::open(place).map_err(|error| OpenError::from_io(&error, place))?,
    })
}

fn publish(partial: &Path, to: &Path) -> Result<(), OpenError> {
    settle(partial, to).map_err(|error| OpenError::from_io(&error, to))
}

/// Moves a finished file to its name so that it survives a power loss.
///
/// # Errors
/// What the system says.
pub fn settle(from: &Path, to: &Path) -> io::Result<()> {
    File::open(from)?.sync_all()?;
    fs::rename(from, to)?;
    File::open(directory(to))?.sync_all()
}

/// The directory a file is in.
pub(super) fn directory(path: &Path) -> &Path {
    match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        Some(_) | None => Path::new("."),
    }
}

/// Asks SQLite whether every page is sound.
fn verify(connection: &Connection) -> Result<(), String> {
    let text = |error: rusqlite::Error| error.to_string();
    let bytes: u64 = connection
        .query_row(
            "SELECT page_count * page_size FROM pragma_page_count, pragma_page_size",
            [],
            |row| row.get::<_, i64>(0),
        )
        .map(i64::unsigned_abs)
        .map_err(text)?;
    let check = if bytes > HUGE {
        "PRAGMA quick_check(1)"
    } else {
        "PRAGMA integrity_check(1)"
    };
    let verdict: String = connection.query_row(check, [], |row| row.get(0)).map_err(text)?;
    if verdict == "ok" { Ok(()) } else { Err(verdict) }
}

/// Puts a snapshot in the place of the database. The server must not run; the replaced database is kept beside it.
///
/// # Errors
/// [`RestoreError`]; the database is then as it was.
pub fn restore(database: &Path, snapshot: &Path, now: Timestamp) -> Result<Restored, RestoreError> {
    let _lock = ServeLock::acquire(directory(database))?;
    let incoming = beside(database, ".restoring");
    let outcome = bring(snapshot, &incoming).and_then(|version| {
        let kept = put_in_place(database, &incoming, now)?;
        Ok(Restored { kept, version })
    });
    if outcome.is_err() {
        // The error that matters is the first one.
        let _leftover = fs::remove_file(&incoming);
    }
    outcome
}

/// Gives a verified file on the same disk the name of the database, which is kept beside it; answers with its new name. The
/// caller holds the [`ServeLock`].
///
/// # Errors
/// [`RestoreError`]; the database is then as it was.
pub fn put_in_place(database: &Path, incoming: &Path, now: Timestamp) -> Result<Option<PathBuf>, RestoreError> {
    let kept = set_aside(database, now)?;
    settle(incoming, database).map_err(|error| failed(database, &error))?;
    Ok(kept)
}

/// Refuses a data directory of which only a part may be restored.
pub(super) fn refuse_unfinished(database: &Path) -> Result<(), OpenError> {
    let dir = directory(database);
    if dir.join(UNFINISHED).exists() {
        return Err(OpenError::Unfinished(dir.to_owned()));
    }
    Ok(())
}

/// The schema version of a database; `None` if it has none or cannot be read.
#[must_use]
pub fn schema(database: &Path) -> Option<i64> {
    let connection = Connection::open_with_flags(database, OpenFlags::SQLITE_OPEN_READ_ONLY).ok()?;
    migrate::version_of(&connection).ok()?
}

/// The version of the program that has served a database, if it noted that.
#[must_use]
pub fn served_by(database: &Path) -> Option<String> {
    let connection = Connection::open_with_flags(database, OpenFlags::SQLITE_OPEN_READ_ONLY).ok()?;
    let sql = "SELECT value FROM facts WHERE key = $1";
    connection.query_row(sql, [SERVED_BY], |row| row.get(0)).ok()
}

/// The schema version of a sound database of ours that this program can use.
///
/// # Errors
/// What is wrong with it, without a subject.
pub fn inspect(database: &Path) -> Result<i64, String> {
    let connection = Connection::open_with_flags(database, read_write()).map_err(|error| error.to_string())?;
    verify(&connection)?;
    let version = migrate::version_of(&connection).map_err(|error| error.to_string())?;
    let latest = migrate::latest(migrate::MIGRATIONS);
    match version {
        None => Err("it is a database of another program".to_owned()),
        Some(version) if version > latest => Err(format!(
            "it has schema version {version} and this program knows versions up to {latest}"
        )),
        Some(version) => Ok(version),
    }
}

/// Copies the snapshot to `incoming` and verifies the copy; answers with its schema version.
fn bring(snapshot: &Path, incoming: &Path) -> Result<i64, RestoreError> {
    let bad = |reason: String| RestoreError::BadSnapshot {
        path: snapshot.to_owned(),
        reason,
    };
    let mut source = File::open(snapshot).map_err(|error| bad(error.to_string()))?;
    // Left over if an earlier attempt was killed.
    let _leftover = fs::remove_file(incoming);
    let mut target = new_file(incoming).map_err(|error| failed(incoming, &error))?;
    io::copy(&mut source, &mut target).map_err(|error| failed(incoming, &error))?;
    inspect(incoming).map_err(bad)
}

/// Gives the present database a dated second name, log and all; the first name stays until the new one takes it.
fn set_aside(database: &Path, now: Timestamp) -> Result<Option<PathBuf>, RestoreError> {
    if !database.exists() {
        return Ok(None);
    }
    fold_log(database)?;
    let kept = beside(database, &format!(".replaced-{}", now.stamp()));
    fs::hard_link(database, &kept)
        .or_else(|_| fs::copy(database, &kept).map(drop))
        .map_err(|error| failed(&kept, &error))?;
    // A log that could not be folded in belongs to the replaced file; next to the new one it would be replayed into it.
    let log = beside(database, "-wal");
    if log.exists() {
        fs::rename(&log, beside(&kept, "-wal")).map_err(|error| failed(&log, &error))?;
    }
    match fs::remove_file(beside(database, "-shm")) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(failed(database, &error)),
        Ok(()) | Err(_) => Ok(Some(kept)),
    }
}

/// Leaving write-ahead mode folds the log in and works for the only user of the file. A damaged file stays as it is.
fn fold_log(database: &Path) -> Result<(), RestoreError> {
    let folded = Connection::open_with_flags(database, read_write()).and_then(|connection| {
        connection.busy_timeout(PATIENCE)?;
        connection.execute_batch("PRAGMA journal_mode = DELETE;")
    });
    match folded.map_err(|error| error.sqlite_error_code()) {
        Err(Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked)) => Err(RestoreError::InUse(database.to_owned())),
        Ok(()) | Err(_) => Ok(()),
    }
}

fn failed(path: &Path, error: &io::Error) -> RestoreError {
    RestoreError::Io {
        path: path.to_owned(),
        reason: error.to_string(),
    }
}

/// A file for its owner only, emptied if it is there.
pub(super) fn new_file(path: &Path) -> io::Result<File> {
    OpenOptions::new()
        .read(true)
        .write(true)
        .create(true)
        .truncate(true)
        .mode(0o600)
        .open(path)
}

fn read_write() -> OpenFlags {
    OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX
}
