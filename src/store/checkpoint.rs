//! Moves pages from the write-ahead log into the database, off the path of requests.
//!
//! The thread sleeps until the writer commits, looks at the log at most five times a second, and copies once the log
//! has grown long. Under endless writing the log never gets the chance to start over, so when it is very long the writer
//! is held up for the few pages left.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, JoinHandle, Thread};
use std::time::{Duration, Instant};

use rusqlite::Connection;

use super::spawn;

/// How large the log may grow, in pages.
const LIMITS: Limits = Limits {
    passive: 12_000,
    restart: 36_000,
};
/// The pause between two looks.
const PAUSE: Duration = Duration::from_millis(200);

#[derive(Clone, Copy)]
struct Limits {
    /// Beyond it, pages are copied while others go on reading and writing.
    passive: i64,
    /// Beyond it, the writer is held up so that the log starts over.
    restart: i64,
}

/// The thread and the way to end it.
pub(super) struct Checkpointer {
    state: Arc<State>,
    thread: JoinHandle<()>,
}

#[derive(Default)]
struct State {
    committed: AtomicBool,
    stopped: AtomicBool,
}

/// The writer's way to say that the log has grown.
pub(super) struct Signal {
    state: Arc<State>,
    thread: Thread,
}

impl Signal {
    /// Wakes the thread, unless that was done since its last look.
    pub(super) fn committed(&self) {
        if !self.state.committed.swap(true, Ordering::AcqRel) {
            self.thread.unpark();
        }
    }
}

impl Checkpointer {
    pub(super) fn start(connection: Connection) -> io::Result<Self> {
        let state = Arc::new(State::default());
        let seen = Arc::clone(&state);
        let thread = spawn("store-checkpoint", move || watch(&connection, &seen))?;
        Ok(Self { state, thread })
    }

    pub(super) fn signal(&self) -> Signal {
        Signal {
            state: Arc::clone(&self.state),
            thread: self.thread.thread().clone(),
        }
    }

    pub(super) fn stop(self) {
        self.state.stopped.store(true, Ordering::Release);
        self.thread.thread().unpark();
        if self.thread.join().is_err() {
            tracing::error!("the checkpoint thread had panicked");
        }
    }
}

fn watch(connection: &Connection, state: &State) {
    while !state.stopped.load(Ordering::Acquire) {
        if state.committed.swap(false, Ordering::AcqRel) {
            if let Err(error) = look(connection, LIMITS) {
                tracing::warn!(%error, "the write-ahead log could not be copied into the database");
            }
            pause(state);
        } else {
            thread::park();
        }
    }
}

/// Waits whatever the writer says, but not when the store closes.
fn pause(state: &State) {
    let end = Instant::now() + PAUSE;
    while !state.stopped.load(Ordering::Acquire)
        && let Some(left) = end.checked_duration_since(Instant::now())
    {
        thread::park_timeout(left);
    }
}

fn look(connection: &Connection, limits: Limits) -> rusqlite::Result<()> {
    if pages(connection, "PRAGMA wal_checkpoint(NOOP)")? > limits.passive
        && pages(connection, "PRAGMA wal_checkpoint(PASSIVE)")? > limits.restart
    {
        pages(connection, "PRAGMA wal_checkpoint(RESTART)")?;
    }
    Ok(())
}

/// How many pages the log holds, after the checkpoint that `sql` asks for.
fn pages(connection: &Connection, sql: &str) -> rusqlite::Result<i64> {
    connection.query_row(sql, [], |row| row.get(1))
}

/// Empties the log, as far as other processes let it.
pub(super) fn truncate(connection: &Connection, patience: Duration) {
    let emptied = connection
        .busy_timeout(patience)
        .and_then(|()| pages(connection, "PRAGMA wal_checkpoint(TRUNCATE)"));
    if let Err(error) = emptied {
        tracing::warn!(%error, "the write-ahead log stays for the next start");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A database with some pages in its log, and a second connection to it.
    fn with_log(dir: &tempfile::TempDir) -> (Connection, Connection) {
        let path = dir.path().join("a.db");
        let writer = Connection::open(&path).expect("a database");
        writer
            .execute_batch("PRAGMA journal_mode = WAL; PRAGMA wal_autocheckpoint = 0; CREATE TABLE t (x);")
            .expect("a table");
        grow(&writer);
        (writer, Connection::open(&path).expect("a second connection"))
    }

    fn grow(writer: &Connection) {
        writer
            .execute("INSERT INTO t VALUES (zeroblob(100000))", [])
            .expect("a row");
    }

    /// Pages in the log, and how many of them are copied.
    fn state(connection: &Connection) -> (i64, i64) {
        connection
            .query_row("PRAGMA wal_checkpoint(NOOP)", [], |row| Ok((row.get(1)?, row.get(2)?)))
            .expect("a state")
    }

    #[test]
    fn a_short_log_is_left_alone_and_a_long_one_copied() {
        let dir = tempfile::tempdir().expect("a directory");
        let (_writer, other) = with_log(&dir);
        let (log, copied) = state(&other);
        assert!(log > 20 && copied == 0, "{log} {copied}");
        let limits = |passive| Limits { passive, restart: 1000 };
        look(&other, limits(log)).expect("a look");
        assert_eq!(state(&other), (log, 0));
        look(&other, limits(log - 1)).expect("a look");
        assert_eq!(state(&other), (log, log));
    }

    #[test]
    fn a_very_long_log_starts_over() {
        let dir = tempfile::tempdir().expect("a directory");
        let (writer, other) = with_log(&dir);
        let limits = Limits {
            passive: 10,
            restart: 15,
        };
        let (before, _) = state(&other);
        look(&other, limits).expect("a look");
        grow(&writer);
        let (after, copied) = state(&other);
        assert!(after <= before && copied == 0, "{before} {after} {copied}");
    }
}
