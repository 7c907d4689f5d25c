//! Trying another version of the program on a copy of the database, and going back to the state before a migration.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Instant;

use serde::{Deserialize, Serialize};

use super::workshop::Workshop;
use super::{BackupError, database, failed};
use crate::app::App;
use crate::domain::secret::Entropy;
use crate::domain::time::Timestamp;
use crate::store::backup::{copy, inspect, served_by};
use crate::store::migrate::{MIGRATIONS, snapshots};
use crate::store::{self, Options, Store, Synchronous, setup};

/// What migrating a copy came to.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Migrated {
    /// The version of the program that did it.
    pub version: String,
    /// The schema before.
    pub from: i64,
    /// The schema after.
    pub to: i64,
    /// The migrations between, by number and title.
    pub applied: Vec<String>,
    /// How long it took, in milliseconds.
    pub millis: u64,
}

/// A copy of the database that goes when this goes.
pub struct Copy {
    workshop: Workshop,
}

/// A snapshot that was taken before a migration.
#[derive(Clone, Debug)]
pub struct Before {
    /// Where it is.
    pub file: PathBuf,
    /// When it was taken.
    pub made_at: Option<Timestamp>,
    /// The number of the migration that followed.
    pub migration: i64,
    /// The version of the program that had served it.
    pub served_by: Option<String>,
}

impl Copy {
    /// Copies the database of a data directory, also while it is in use. Blocks.
    ///
    /// # Errors
    /// If the copy cannot be written.
    pub fn of(data_dir: &Path, entropy: &dyn Entropy) -> Result<Self, BackupError> {
        let workshop = Workshop::new(data_dir, entropy)?;
        copy(&database(data_dir), &database(workshop.path()))?;
        Ok(Self { workshop })
    }

    /// Where it is.
    #[must_use]
    pub fn file(&self) -> PathBuf {
        database(self.workshop.path())
    }
}

/// Brings a database that nobody else uses to the schema of this program. Blocks.
///
/// # Errors
/// If it is none of ours, of a later version, or a migration fails.
pub fn migrate(file: &Path, now: Timestamp) -> Result<Migrated, BackupError> {
    let shown = file.display().to_string();
    let from = inspect(file).map_err(|reason| BackupError::Unusable { shown, reason })?;
    let begun = Instant::now();
    let options = Options {
        path: file.to_owned(),
        synchronous: Synchronous::Normal,
        mmap_bytes: 0,
        session_bytes: 0,
        queue: 1,
        readers: 1,
        snapshots: 1,
        vault: None,
    };
    Store::open(&options, now)?.close();
    let shown = file.display().to_string();
    let to = inspect(file).map_err(|reason| BackupError::Unusable { shown, reason })?;
    Ok(Migrated {
        version: env!("CARGO_PKG_VERSION").to_owned(),
        from,
        to,
        applied: MIGRATIONS
            .iter()
            .filter(|migration| migration.version > from)
            .map(|migration| format!("{:04} {}", migration.version, migration.name))
            .collect(),
        millis: u64::try_from(begun.elapsed().as_millis()).unwrap_or(u64::MAX),
    })
}

/// The snapshots before migrations beside the database, newest first, that this program can use.
///
/// # Errors
/// If the data directory cannot be read.
pub fn before_migrations(data_dir: &Path) -> Result<Vec<Before>, BackupError> {
    fs::read_dir(data_dir).map_err(failed("read", data_dir))?;
    let usable = snapshots(&database(data_dir)).into_iter().rev();
    Ok(usable
        .filter(|(_, migration, _)| *migration <= store::latest_version() + 1)
        .map(|(stamp, migration, file)| Before {
            made_at: Timestamp::from_stamp(&stamp),
            served_by: served_by(&file),
            migration,
            file,
        })
        .collect())
}

/// The schema version of the database of a data directory, also of one that a later program has migrated; `None` if it
/// cannot be told.
#[must_use]
pub fn schema_of(data_dir: &Path) -> Option<i64> {
    store::backup::schema(&database(data_dir))
}

impl App {
    /// Notes in the database which version of the program serves it, for those who have to go back to it.
    ///
    /// # Errors
    /// Only a fault.
    pub async fn note_version(&self) -> Result<(), crate::app::Failure> {
        let version = env!("CARGO_PKG_VERSION");
        if self.store.read(setup::served_by).await?.as_deref() == Some(version) {
            return Ok(());
        }
        Ok(self.store.write(|tx| setup::note_version(tx, version)).await?)
    }
}
