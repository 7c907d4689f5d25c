//! What lasts: the only room with SQL.
//!
//! [`Store::read`] looks up a few rows on the calling thread, [`Store::scan`] reads many on a blocking one, and
//! [`Store::write`] queues a job for the single writer, which commits what has queued together. Closures are
//! synchronous and may run again: they have no effects but those on the transaction. A refusal that must be remembered
//! is an `Ok`; an `Err` undoes the job.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread;

use rusqlite::{Connection, TransactionBehavior};

use crate::domain::ids::SessionId;
use crate::domain::session::Identity;
use crate::domain::time::Timestamp;
use crate::domain::vault::Vault;
use crate::observe::request::step;

pub mod accounts;
pub mod api_keys;
pub mod approvals;
pub mod archive;
pub mod attempts;
pub mod audit;
pub mod backup;
pub mod backup_codes;
pub mod bans;
mod checkpoint;
mod commits;
pub mod demands;
pub mod directory;
pub mod doctor;
pub mod errands;
mod error;
pub mod expectations;
pub mod expiry;
pub mod faults;
pub mod flights;
pub mod fresh_file;
pub mod groups;
pub mod guesses;
pub mod identities;
pub mod invitations;
mod list;
pub mod lock;
pub mod migrate;
pub mod notices;
pub mod outbox;
pub mod pictures;
mod pool;
pub mod proofs;
pub mod refusals;
mod remembered;
pub mod resets;
pub mod scores;
pub mod second_factors;
pub mod session_list;
pub mod sessions;
pub mod settings;
pub mod setup;
pub mod spared;
mod sql;
mod sqlite;
pub mod tallies;
pub mod tickets;
pub mod trash;
pub mod trusted_devices;
pub mod upstream;
mod words;
mod writer;

pub use crate::config::Synchronous;
pub use backup::{RestoreError, Restored, restore};
pub use error::{OpenError, StoreError};
pub use lock::{LockError, ServeLock};
pub use migrate::latest_version;
pub use sql::Tx;
pub use writer::Meters;

use checkpoint::Checkpointer;
use commits::Commits;
use faults::Faults;
use migrate::{MIGRATIONS, Migration};
use pool::{Inline, Scans};
use remembered::{Lookup, Remembered};
use sqlite::Sqlite;
use writer::{Means, Writer};

/// Where the database is and how it is used.
#[derive(Clone, Debug)]
pub struct Options {
    /// The database file; its directory must exist.
    pub path: PathBuf,
    /// When a commit counts as done.
    pub synchronous: Synchronous,
    /// Upper bound of memory-mapped reading, in bytes.
    pub mmap_bytes: u64,
    /// Writes that may wait; one more is [`StoreError::Busy`].
    pub queue: usize,
    /// Connections for [`Store::read`]: one per thread that answers requests.
    pub readers: usize,
    /// How much memory sessions may take that are kept so that checking one costs no query, in bytes.
    pub session_bytes: usize,
    /// How many snapshots taken before migrations are kept.
    pub snapshots: usize,
    /// What seals and signs the audit log; without it the log is not written.
    pub vault: Option<Arc<dyn Vault>>,
}

/// The open database. Clones share it.
#[derive(Clone)]
pub struct Store {
    inner: Arc<Inner>,
}

struct Inner {
    options: Options,
    inline: Inline,
    scans: Scans,
    writer: Writer,
    faults: Faults,
    // After every connection: see `commits`.
    remembered: Arc<Remembered>,
}

impl Inner {
    fn vault(&self) -> Option<&dyn Vault> {
        self.options.vault.as_deref()
    }
}

impl Store {
    /// Opens the database, makes it if it is missing, and migrates it, after a snapshot if it holds anything.
    ///
    /// # Errors
    /// [`OpenError`], each one a sentence for the operator.
    pub fn open(options: &Options, now: Timestamp) -> Result<Self, OpenError> {
        Self::open_with(options, now, MIGRATIONS, &Faults::default())
    }

    /// As [`Store::open`], with migrations and failures of the caller's choice. For tests.
    ///
    /// # Errors
    /// As [`Store::open`].
    pub fn open_with(
        options: &Options,
        now: Timestamp,
        migrations: &[Migration],
        faults: &Faults,
    ) -> Result<Self, OpenError> {
        backup::refuse_unfinished(&options.path)?;
        sqlite::create_file(&options.path)?;
        let mut connection = sqlite::open_writer(options)?;
        migrate::run(&mut connection, options, migrations, now)?;
        adopt_events(&mut connection, options)?;
        faults.limit_pages_of(&connection, &options.path)?;
        let (inline, scans) = pool::open(options)?;
        let no_thread = |error: io::Error| OpenError::Other {
            path: options.path.clone(),
            reason: format!("no thread can be started: {error}"),
        };
        let checkpointer = Checkpointer::start(sqlite::open_writer(options)?).map_err(no_thread)?;
        let remembered = Arc::new(remember(&connection, options)?);
        let means = Means {
            faults: faults.clone(),
            vault: options.vault.clone(),
            remembered: Arc::clone(&remembered),
        };
        let writer = Writer::start(connection, options.queue, checkpointer, means).map_err(no_thread)?;
        Ok(Self {
            inner: Arc::new(Inner {
                inline,
                scans,
                writer,
                options: options.clone(),
                faults: faults.clone(),
                remembered,
            }),
        })
    }

    /// Short, indexed reads in one snapshot, on this thread.
    ///
    /// # Errors
    /// What `work` returns, or [`StoreError::Busy`] if no connection comes free.
    #[expect(clippy::unused_async, reason = "a networked database would wait here")]
    pub async fn read<T, F>(&self, work: F) -> Result<T, StoreError>
    where
        F: FnOnce(&mut Tx<'_>) -> Result<T, StoreError>,
    {
        self.read_now(work)
    }

    /// As [`Store::read`], where nothing can wait: when the program starts.
    ///
    /// # Errors
    /// As [`Store::read`].
    pub fn read_now<T, F>(&self, work: F) -> Result<T, StoreError>
    where
        F: FnOnce(&mut Tx<'_>) -> Result<T, StoreError>,
    {
        let connection = self.inner.inline.connection()?;
        pool::snapshot(&connection, &self.inner.faults, self.inner.vault(), work)
    }

    /// One statement, on this thread: it is its own snapshot, so no transaction is opened around it.
    ///
    /// # Errors
    /// What `work` returns, or [`StoreError::Busy`] if no connection comes free.
    #[expect(clippy::unused_async, reason = "a networked database would wait here")]
    pub async fn look<T, F>(&self, work: F) -> Result<T, StoreError>
    where
        F: FnOnce(&mut Tx<'_>) -> Result<T, StoreError>,
    {
        let connection = self.inner.inline.connection()?;
        pool::statement(&connection, &self.inner.faults, self.inner.vault(), work)
    }

    /// A session with its owner, as the database has it at this moment: from memory if nobody changed either since it was
    /// read last, in whatever process, and by a query otherwise.
    ///
    /// # Errors
    /// As [`Store::look`].
    pub async fn identity(&self, id: SessionId) -> Result<Option<Arc<Identity>>, StoreError> {
        let ticket = match self.inner.remembered.get(id) {
            Lookup::Known(identity) => return Ok(Some(identity)),
            Lookup::Unknown(ticket) => ticket,
        };
        let Some((identity, row)) = self.look(|tx| sessions::identity_and_row(tx, id)).await? else {
            return Ok(None);
        };
        let identity = Arc::new(identity);
        self.inner.remembered.put(&ticket, &identity, &row);
        Ok(Some(identity))
    }

    /// Reads that may touch many rows, in one snapshot, on a blocking thread of the runtime; at most four at a time.
    ///
    /// # Errors
    /// What `work` returns, or [`StoreError::Busy`] if no connection comes free.
    pub async fn scan<T, F>(&self, work: F) -> Result<T, StoreError>
    where
        F: FnOnce(&mut Tx<'_>) -> Result<T, StoreError> + Send + 'static,
        T: Send + 'static,
    {
        let (faults, vault) = (self.inner.faults.clone(), self.inner.options.vault.clone());
        self.inner
            .scans
            .run(move |connection| pool::snapshot(connection, &faults, vault.as_deref(), work))
            .await
    }

    /// One transaction: `Ok` commits and resolves when the data is durable, `Err` undoes it.
    ///
    /// The work goes on if the caller stops waiting.
    ///
    /// # Errors
    /// What `work` returns; [`StoreError::Busy`] at once when the queue is full; [`StoreError::Closed`] after
    /// [`Store::close`]; what the commit reports.
    pub async fn write<T, F>(&self, work: F) -> Result<T, StoreError>
    where
        F: Fn(&mut Tx<'_>) -> Result<T, StoreError> + Send + 'static,
        T: Send + 'static,
    {
        let answer = self.inner.writer.enqueue(work)?;
        step("store.write", answer).await.unwrap_or(Err(StoreError::Closed))
    }

    /// How its writer is doing.
    #[must_use]
    pub fn meters(&self) -> &Meters {
        self.inner.writer.meters()
    }

    /// Where the database is.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.inner.options.path
    }

    /// Resolves once a letter was queued through this handle or a clone of it; at once if one was since the last time.
    pub async fn letter_queued(&self) {
        self.inner.writer.letter_queued().await;
    }

    /// Writes what has queued, empties the write-ahead log and closes the writer. Blocks; a second call does nothing.
    pub fn close(&self) {
        self.inner.writer.close();
    }

    /// Whether reads and writes are possible now.
    pub async fn ready(&self) -> bool {
        self.inner.writer.is_running() && self.read(|tx| migrate::version(tx).map(drop)).await.is_ok()
    }

    /// Copies the database as it is now into the new file `to`, and verifies the copy. Blocks.
    ///
    /// # Errors
    /// [`OpenError`] about `to`, which must not exist yet.
    pub fn snapshot(&self, to: &Path) -> Result<(), OpenError> {
        backup::copy(&self.inner.options.path, to)
    }
}

/// What is kept in memory of the rows that `writer` changes.
fn remember(writer: &Connection, options: &Options) -> Result<Remembered, OpenError> {
    let path = &options.path;
    let commits = Commits::open(path).inspect_err(
        |error| tracing::warn!(%error, "sessions are read anew each time: the count of commits cannot be read"),
    );
    Remembered::of(writer, commits.ok(), options.session_bytes).map_err(|error| OpenError::from_sqlite(&error, path))
}

/// Seals and chains what the audit log held before it was a chain.
fn adopt_events(connection: &mut Connection, options: &Options) -> Result<(), OpenError> {
    let Some(vault) = options.vault.as_deref() else {
        return Ok(());
    };
    let failed = |error: rusqlite::Error| OpenError::from_sqlite(&error, &options.path);
    if !audit::has_unchained(connection).map_err(failed)? {
        return Ok(());
    }
    sqlite::overwrite_deleted(connection, true).map_err(failed)?;
    let transaction = connection
        .transaction_with_behavior(TransactionBehavior::Immediate)
        .map_err(failed)?;
    let adopted = audit::adopt(&mut Tx::new(&mut Sqlite(&transaction), Some(vault)));
    let adopted = adopted.map_err(|error| OpenError::Other {
        path: options.path.clone(),
        reason: format!("the audit log cannot be chained: {error}"),
    })?;
    transaction.commit().map_err(failed)?;
    sqlite::overwrite_deleted(connection, false).map_err(failed)?;
    tracing::info!(
        rows = adopted,
        "chained the audit log and sealed what it says of people"
    );
    Ok(())
}

/// Starts a named thread of the store.
fn spawn<T: Send + 'static>(
    name: &str,
    work: impl FnOnce() -> T + Send + 'static,
) -> io::Result<thread::JoinHandle<T>> {
    thread::Builder::new().name(name.to_owned()).spawn(work)
}

#[cfg(test)]
mod plans;
