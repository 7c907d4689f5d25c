//! Moves pages from the write-ahead log into the database, off the path of requests.
//!
//! The thread sleeps until the writer commits, looks at the log at most five times a second, and copies once the log
//! has grown past [`PASSIVE`] pages. Under endless writing the log never gets the chance to start over, so past
//! [`RESTART`] pages the writer is held up for the few pages left.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, JoinHandle, Thread};
use std::time::{Duration, Instant};

use rusqlite::Connection;

use super::spawn;

/// Pages in the log beyond which they are copied while others go on reading and writing.
const PASSIVE: i64 = 12_000;
/// Pages in the log beyond which the writer is held up so that the log starts over.
const RESTART: i64 = 3 * PASSIVE;
/// The pause between two looks.
const PAUSE: Duration = Duration::from_millis(200);

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
    pub(super) fn start(connection: Connection) -> Self {
        let state = Arc::new(State::default());
        let seen = Arc::clone(&state);
        Self {
            state,
            thread: spawn("store-checkpoint", move || watch(&connection, &seen)),
        }
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
            if let Err(error) = look(connection) {
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

fn look(connection: &Connection) -> rusqlite::Result<()> {
    if pages(connection, "PRAGMA wal_checkpoint(NOOP)")? > PASSIVE
        && pages(connection, "PRAGMA wal_checkpoint(PASSIVE)")? > RESTART
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
