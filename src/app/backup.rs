//! Saving an installation while it runs, and putting a saved one back while it does not.
//!
//! A *snapshot* is a copy of the database alone. A *backup* is one file with database, keys and configuration, with which an
//! installation can be set up anew anywhere.

use std::path::{Path, PathBuf};

use anyhow::Context as _;

use crate::app::{App, Fault};
use crate::domain::time::Timestamp;
use crate::store;

pub mod archive;
pub mod make;
pub mod nightly;
pub mod restore;
pub mod upgrade;
pub mod verify;
mod workshop;

pub use crate::store::archive::{Manifest, Part};
pub use crate::store::{RestoreError, Restored, latest_version as latest_schema};

/// The database file of a data directory.
#[must_use]
pub fn database(data_dir: &Path) -> PathBuf {
    data_dir.join(store::archive::DATABASE)
}

/// Puts a snapshot in the place of the database, which is kept beside it. Blocks.
///
/// # Errors
/// [`RestoreError`], while a server runs for instance; the database is then as it was.
pub fn restore_snapshot(data_dir: &Path, snapshot: &Path, now: Timestamp) -> Result<Restored, RestoreError> {
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

/// Why a backup was not made, not read or not restored: one sentence that says what to do.
#[derive(Debug, thiserror::Error)]
pub enum BackupError {
    /// The database cannot be copied.
    #[error(transparent)]
    Database(#[from] store::OpenError),
    /// The name is taken.
    #[error("{} exists: name another file, or add --force to replace it", .0.display())]
    Taken(PathBuf),
    /// A file cannot be read or written.
    #[error("cannot {doing} {}: {}", path.display(), explained(reason))]
    Io {
        /// What was attempted.
        doing: &'static str,
        /// With what.
        path: PathBuf,
        /// What the system says.
        reason: std::io::Error,
    },
    /// A key has characters that no line of `secrets.env` can hold.
    #[error(
        "one of the keys has quotation marks of all three kinds, which secrets.env cannot hold: choose another key"
    )]
    UnspeakableKey,
    /// What was written does not read back.
    #[error("what was written to {} does not read back ({reason}): the disk may be failing", path.display())]
    Unsound {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// The file is missing, damaged, of another program, or its passphrase is another.
    #[error("{shown} is no usable backup: {reason}")]
    Unusable {
        /// The file, as people know it.
        shown: String,
        /// What is wrong with it.
        reason: String,
    },
    /// It is encrypted and nobody gave a passphrase.
    #[error("{0} is encrypted: give its passphrase")]
    Locked(String),
    /// The installation in it cannot be put in place.
    #[error(transparent)]
    Restore(#[from] RestoreError),
}

fn explained(reason: &std::io::Error) -> String {
    match reason.kind() {
        std::io::ErrorKind::StorageFull | std::io::ErrorKind::QuotaExceeded => {
            "no space is left there; free some, or name another place".to_owned()
        }
        _ => reason.to_string(),
    }
}

/// A closure that turns an error of the system into one about `path`.
fn failed(doing: &'static str, path: &Path) -> impl FnOnce(std::io::Error) -> BackupError {
    let path = path.to_owned();
    move |reason| match reason.kind() {
        std::io::ErrorKind::AlreadyExists => BackupError::Taken(path),
        _ => BackupError::Io { doing, path, reason },
    }
}
