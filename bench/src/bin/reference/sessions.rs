//! The bare database: one read connection per worker, one writing thread with group commit.

use std::sync::mpsc;

use rusqlite::{Connection, OpenFlags, OptionalExtension as _, TransactionBehavior, params};
use tokio::sync::oneshot;

use crate::{Serve, Synchronous};

const TABLES: &str = "
    CREATE TABLE IF NOT EXISTS users(seq INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, email TEXT NOT NULL UNIQUE,
        name TEXT, role TEXT, disabled_at BIGINT);
    CREATE TABLE IF NOT EXISTS sessions(id INTEGER PRIMARY KEY, user_seq BIGINT NOT NULL REFERENCES users(seq),
        refresh BLOB NOT NULL, previous_refresh BLOB, rotated_at BIGINT, last_used_at BIGINT, expires_at BIGINT NOT NULL);";

const LOOK_UP: &str = "
    SELECT u.id, u.email, u.name, u.role, s.refresh FROM sessions s JOIN users u ON u.seq = s.user_seq
    WHERE s.id = ?1 AND s.expires_at > ?2 AND u.disabled_at IS NULL";

const ROTATE: &str =
    "UPDATE sessions SET refresh = ?2, previous_refresh = ?3, rotated_at = ?4, last_used_at = ?4 WHERE id = ?1";

/// As many queued writes as share a commit.
const GROUP: usize = 64;

/// The owner of a session.
pub struct User {
    pub id: String,
    pub email: String,
    pub name: String,
    pub role: String,
    refresh: Vec<u8>,
}

/// Opens a connection with the settings both kinds share.
fn open(options: &Serve, flags: OpenFlags) -> rusqlite::Result<Connection> {
    let connection = Connection::open_with_flags(&options.database, flags)?;
    let synchronous = match options.synchronous {
        Synchronous::Normal => "NORMAL",
        Synchronous::Full => "FULL",
    };
    connection.pragma_update(None, "journal_mode", "WAL")?;
    connection.pragma_update(None, "synchronous", synchronous)?;
    connection.pragma_update(None, "mmap_size", 1_i64 << 30)?;
    Ok(connection)
}

/// A connection for one worker.
pub fn reader(options: &Serve) -> rusqlite::Result<Connection> {
    open(options, OpenFlags::default())
}

/// The session's owner, if the session is live.
pub fn look_up(connection: &Connection, session: i64, now: i64) -> rusqlite::Result<Option<User>> {
    connection
        .prepare_cached(LOOK_UP)?
        .query_row(params![session, now], |row| {
            Ok(User {
                id: row.get(0)?,
                email: row.get(1)?,
                name: row.get(2)?,
                role: row.get(3)?,
                refresh: row.get(4)?,
            })
        })
        .optional()
}

/// One rotation: put `new` where `old` is.
pub struct Job {
    pub session: i64,
    pub old: [u8; 32],
    pub new: [u8; 32],
    pub now: i64,
    pub answer: oneshot::Sender<Option<User>>,
}

/// Starts the writing thread, making the tables if there are none.
pub fn writer(options: &Serve) -> rusqlite::Result<mpsc::Sender<Job>> {
    let mut connection = open(options, OpenFlags::default())?;
    connection.pragma_update(None, "wal_autocheckpoint", 16_000)?;
    connection.execute_batch(TABLES)?;
    let (sender, queue) = mpsc::channel();
    std::thread::spawn(move || {
        while let Ok(first) = queue.recv() {
            if commit(&mut connection, first, &queue).is_err() {
                return;
            }
        }
    });
    Ok(sender)
}

/// Writes `first` and what else has queued, commits once, then answers.
fn commit(connection: &mut Connection, first: Job, queue: &mpsc::Receiver<Job>) -> rusqlite::Result<()> {
    let mut done = Vec::with_capacity(GROUP);
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let mut next = Some(first);
    while let Some(job) = next {
        let user = rotate(&transaction, &job)?;
        done.push((job.answer, user));
        next = if done.len() < GROUP {
            queue.try_recv().ok()
        } else {
            None
        };
    }
    transaction.commit()?;
    for (answer, user) in done {
        // A client that has gone needs no answer.
        let _ = answer.send(user);
    }
    Ok(())
}

fn rotate(connection: &Connection, job: &Job) -> rusqlite::Result<Option<User>> {
    let user = look_up(connection, job.session, job.now)?.filter(|user| user.refresh == job.old);
    if user.is_some() {
        connection
            .prepare_cached(ROTATE)?
            .execute(params![job.session, job.new, job.old, job.now])?;
    }
    Ok(user)
}
