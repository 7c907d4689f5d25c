//! Saving the database beside the running server, and putting a saved one back while no server runs.

use std::path::{Path, PathBuf};

use anyhow::Context as _;

use crate::app::{App, Fault};
use crate::domain::time::Timestamp;
use crate::store;

pub use crate::store::{RestoreError, Restored};

/// The database file of a data directory.
#[must_use]
pub fn database(data_dir: &Path) -> PathBuf {
    data_dir.join("librechat-auth.db")
}

/// Puts a snapshot in the place of the database, which is kept beside it. Blocks.
///
/// # Errors
/// [`RestoreError`], while a server runs for instance; the database is then as it was.
pub fn restore(data_dir: &Path, snapshot: &Path, now: Timestamp) -> Result<Restored, RestoreError> {
    store::restore(&database(data_dir), snapshot, now)
}

impl App {
    /// Copies the database as it is now into the new file `to`, and verifies the copy. Blocks.
    ///
    /// # Errors
    /// Only a fault: the file exists, or cannot be written.
    pub fn snapshot(&self, to: &Path) -> Result<(), Fault> {
        self.store
            .snapshot(to)
            .context("the snapshot was not made")
            .map_err(Fault::new)
    }
}
