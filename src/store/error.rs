//! What can go wrong with the database: while it is opened ([`OpenError`]) and while it is used ([`StoreError`]).
//!
//! No text here holds a value from the database or from a statement.

use std::path::{Path, PathBuf};

use rusqlite::{ErrorCode, ffi};

/// Why a read, scan or write did not happen.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum StoreError {
    /// A unique or foreign key stood in the way; the text names the columns, such as `users.email`.
    #[error("the database refused a duplicate or dangling value: {0}")]
    Conflict(String),
    /// A stored value cannot be what its column promises.
    #[error("the database holds an impossible value: table {table}, column {column}, row {row}")]
    Corrupt {
        /// The table.
        table: &'static str,
        /// The column.
        column: &'static str,
        /// The row's primary key.
        row: i64,
    },
    /// Too many writes are waiting, or another program keeps the database locked.
    #[error("the database is busy")]
    Busy,
    /// [`Store::close`](super::Store::close) was called.
    #[error("the database is closed")]
    Closed,
    /// The disk, or the quota, is full.
    #[error("the disk is full")]
    Full,
    /// Anything else, with what was being done.
    #[error("{0}")]
    Other(String),
}

impl StoreError {
    /// Sorts what SQLite reports; `doing` says what was attempted.
    pub(super) fn from_sqlite(error: &rusqlite::Error, doing: &str) -> Self {
        match error {
            rusqlite::Error::SqliteFailure(failure, message) => Self::from_code(*failure, message.as_deref(), doing),
            _ => Self::Other(format!("{error}, in {doing}")),
        }
    }

    fn from_code(failure: ffi::Error, message: Option<&str>, doing: &str) -> Self {
        match failure.code {
            ErrorCode::ConstraintViolation if is_key(failure.extended_code) => {
                let text = message.unwrap_or("unnamed constraint");
                Self::Conflict(text.rsplit_once(": ").map_or(text, |(_, columns)| columns).to_owned())
            }
            ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked => Self::Busy,
            ErrorCode::DiskFull => Self::Full,
            _ => Self::Other(format!("{}, in {doing}", message.unwrap_or("unknown SQLite failure"))),
        }
    }
}

fn is_key(extended_code: i32) -> bool {
    matches!(
        extended_code,
        ffi::SQLITE_CONSTRAINT_UNIQUE
            | ffi::SQLITE_CONSTRAINT_PRIMARYKEY
            | ffi::SQLITE_CONSTRAINT_ROWID
            | ffi::SQLITE_CONSTRAINT_FOREIGNKEY
    )
}

/// Why the database could not be opened, in one sentence that says what to do.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// A later version of the program has migrated the database.
    #[error("{}", newer(path, *database, *program, snapshot.as_deref()))]
    Newer {
        /// The database file.
        path: PathBuf,
        /// The schema version found.
        database: i64,
        /// The latest schema version this program knows.
        program: i64,
        /// The newest snapshot beside the database that this program can use.
        snapshot: Option<PathBuf>,
    },
    /// An applied migration is not the one this program carries.
    #[error(
        "migration {version:04} ({name}) in {} differs from the one in this program: the database comes from another \
         build; run that build, or restore a snapshot with `librechat-auth db restore <snapshot>`",
        path.display()
    )]
    Changed {
        /// The database file.
        path: PathBuf,
        /// The migration's number.
        version: i64,
        /// The migration's title.
        name: String,
    },
    /// An SQLite database of another program.
    #[error("{} belongs to another program: choose another data directory with --data", .0.display())]
    Foreign(PathBuf),
    /// Not an SQLite database, or a damaged one.
    #[error(
        "{} is damaged or no SQLite database: restore a snapshot with `librechat-auth db restore <snapshot>`, or move \
         the file away to start anew",
        .0.display()
    )]
    Damaged(PathBuf),
    /// The file or its directory cannot be written.
    #[error("cannot write {} ({reason}): check the owner and the permissions of the data directory", path.display())]
    NotWritable {
        /// The database file.
        path: PathBuf,
        /// What the system says.
        reason: String,
    },
    /// No space left.
    #[error("no space is left for {}: free some disk space and start again", .0.display())]
    Full(PathBuf),
    /// Another program holds the write lock.
    #[error("{} has been locked by another program for 5 seconds: end that program and start again", .0.display())]
    Busy(PathBuf),
    /// A server of an older version works on the database, which would have to be migrated.
    #[error(
        "{} has to be migrated but an older version of the server{} is using it: stop it, then start this version",
        path.display(),
        pid.map_or_else(String::new, |pid| format!(" (process {pid})"))
    )]
    Served {
        /// The database file.
        path: PathBuf,
        /// The server's process, if it is known.
        pid: Option<u32>,
    },
    /// A restore was interrupted between two files.
    #[error(
        "a restore into {} was interrupted: run `librechat-auth restore` with the same backup again, or rename the files \
         that end in .replaced-… back and delete {} there",
        .0.display(),
        super::backup::UNFINISHED
    )]
    Unfinished(PathBuf),
    /// The file system cannot share memory between processes, as network shares cannot.
    #[error(
        "the file system of {} does not support SQLite's write-ahead log: put the data directory on a local disk",
        .0.display()
    )]
    NoWriteAheadLog(PathBuf),
    /// Anything else.
    #[error("cannot open {}: {reason}", path.display())]
    Other {
        /// The database file.
        path: PathBuf,
        /// What SQLite or the system says.
        reason: String,
    },
}

impl OpenError {
    /// Sorts what SQLite reports while the file is opened or migrated.
    pub(super) fn from_sqlite(error: &rusqlite::Error, path: &Path) -> Self {
        let path = path.to_owned();
        let reason = error.to_string();
        match error.sqlite_error_code() {
            Some(ErrorCode::NotADatabase | ErrorCode::DatabaseCorrupt) => Self::Damaged(path),
            Some(ErrorCode::DiskFull) => Self::Full(path),
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => Self::Busy(path),
            Some(ErrorCode::ReadOnly | ErrorCode::CannotOpen | ErrorCode::PermissionDenied) => {
                Self::NotWritable { path, reason }
            }
            _ => Self::Other { path, reason },
        }
    }

    /// Sorts what the system reports about the file itself.
    pub(super) fn from_io(error: &std::io::Error, path: &Path) -> Self {
        let path = path.to_owned();
        match error.kind() {
            std::io::ErrorKind::StorageFull | std::io::ErrorKind::QuotaExceeded => Self::Full(path),
            _ => Self::NotWritable {
                path,
                reason: error.to_string(),
            },
        }
    }
}

fn newer(path: &Path, database: i64, program: i64, snapshot: Option<&Path>) -> String {
    let start = format!(
        "{} has schema version {database} but this program knows versions up to {program}: run the newer program",
        path.display()
    );
    match snapshot {
        Some(file) => format!(
            "{start}, or go back to the state before the upgrade with `librechat-auth db restore {}`",
            file.display()
        ),
        None => format!("{start}, or restore an older snapshot with `librechat-auth db restore <snapshot>`"),
    }
}
