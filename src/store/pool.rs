//! Connections that read: the *inline* pool for look-ups on the caller's thread, the *scan* pool for blocking threads.

use std::sync::Arc;
use std::time::Duration;

use r2d2::{Pool, PooledConnection};
use r2d2_sqlite::SqliteConnectionManager;
use rusqlite::Connection;
use scheduled_thread_pool::ScheduledThreadPool;
use tokio::runtime::Handle;
use tokio::sync::Semaphore;

use crate::domain::vault::Vault;

use super::faults::Faults;
use super::sql::Sql as _;
use super::{OpenError, Options, Sqlite, StoreError, Tx, sqlite};

/// Scans at a time.
const SCANS: u32 = 4;
/// How long a caller waits for a connection.
const PATIENCE: Duration = Duration::from_secs(5);

type Connections = Pool<SqliteConnectionManager>;

/// Opens both pools; one helper thread opens connections for them.
pub(super) fn open(options: &Options) -> Result<(Inline, Scans), OpenError> {
    let helper = ScheduledThreadPool::builder()
        .num_threads(1)
        .thread_name_pattern("store-pool")
        .build();
    let helper = Arc::new(helper);
    let size = u32::try_from(options.readers.max(1)).unwrap_or(u32::MAX);
    let inline = Inline(pool(options, size, size, &helper)?);
    let scans = Scans {
        connections: pool(options, SCANS, 0, &helper)?,
        places: Arc::new(Semaphore::new(SCANS as usize)),
    };
    Ok((inline, scans))
}

/// Runs `work` in one snapshot of the database.
pub(super) fn snapshot<T>(
    connection: &Connection,
    faults: &Faults,
    vault: Option<&dyn Vault>,
    work: impl FnOnce(&mut Tx<'_>) -> Result<T, StoreError>,
) -> Result<T, StoreError> {
    let _open = Snapshot::begin(connection)?;
    statement(connection, faults, vault, work)
}

/// Runs `work`, which reads with one statement only.
pub(super) fn statement<T>(
    connection: &Connection,
    faults: &Faults,
    vault: Option<&dyn Vault>,
    work: impl FnOnce(&mut Tx<'_>) -> Result<T, StoreError>,
) -> Result<T, StoreError> {
    faults.over(&mut Sqlite(connection), |sql| work(&mut Tx::new(sql, vault)))
}

/// An open read transaction; ends when dropped, also when the work panics.
struct Snapshot<'c>(&'c Connection);

impl<'c> Snapshot<'c> {
    fn begin(connection: &'c Connection) -> Result<Self, StoreError> {
        Sqlite(connection).execute("BEGIN", &[])?;
        Ok(Self(connection))
    }
}

impl Drop for Snapshot<'_> {
    fn drop(&mut self) {
        if let Err(error) = Sqlite(self.0).execute("COMMIT", &[]) {
            tracing::error!(%error, "a read transaction did not end");
        }
    }
}

/// One connection per thread that answers requests.
pub(super) struct Inline(Connections);

impl Inline {
    pub(super) fn connection(&self) -> Result<PooledConnection<SqliteConnectionManager>, StoreError> {
        match self.0.try_get() {
            Some(connection) => Ok(connection),
            None => self.0.get().map_err(|_| StoreError::Busy),
        }
    }
}

/// Connections that are opened when first needed.
pub(super) struct Scans {
    connections: Connections,
    places: Arc<Semaphore>,
}

impl Scans {
    /// Runs `work` on a blocking thread of the runtime, or right here where there is no runtime.
    pub(super) async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Connection) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        let place = Arc::clone(&self.places)
            .acquire_owned()
            .await
            .map_err(|_| StoreError::Closed)?;
        let connections = self.connections.clone();
        let scan = move || {
            let _place = place;
            work(&*connections.get().map_err(|_| StoreError::Busy)?)
        };
        match Handle::try_current() {
            Ok(runtime) => runtime
                .spawn_blocking(scan)
                .await
                .unwrap_or_else(|_| Err(StoreError::Other("a scan panicked".to_owned()))),
            Err(_) => scan(),
        }
    }
}

fn pool(options: &Options, size: u32, idle: u32, helper: &Arc<ScheduledThreadPool>) -> Result<Connections, OpenError> {
    Pool::builder()
        .max_size(size)
        .min_idle(Some(idle))
        .max_lifetime(None)
        .idle_timeout(None)
        .test_on_check_out(false)
        .connection_timeout(PATIENCE)
        .thread_pool(Arc::clone(helper))
        .build(sqlite::readers(options))
        .map_err(|error| OpenError::Other {
            path: options.path.clone(),
            reason: error.to_string(),
        })
}
