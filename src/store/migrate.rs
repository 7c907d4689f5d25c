//! Brings the database up to the schema this program was written for, in one transaction, after a verified snapshot.

use std::fs;
use std::path::{Path, PathBuf};

use rusqlite::{Connection, OptionalExtension as _, TransactionBehavior, params};
use sha2::{Digest as _, Sha256};

use crate::domain::time::Timestamp;

use super::{LockError, OpenError, Options, StoreError, Tx, backup, lock};

/// One step of the schema. Once released it never changes: its checksum is kept in the database.
#[derive(Clone, Copy, Debug)]
pub struct Migration {
    /// Counted from 1 without gaps.
    pub version: i64,
    /// A title, as in the file name.
    pub name: &'static str,
    /// The statements.
    pub sql: &'static str,
}

/// Every migration there is, in order.
pub const MIGRATIONS: &[Migration] = &[
    Migration {
        version: 1,
        name: "accounts_and_sessions",
        sql: include_str!("migrations/sqlite/0001_accounts_and_sessions.sql"),
    },
    Migration {
        version: 2,
        name: "moderation",
        sql: include_str!("migrations/sqlite/0002_moderation.sql"),
    },
    Migration {
        version: 3,
        name: "guesses",
        sql: include_str!("migrations/sqlite/0003_guesses.sql"),
    },
    Migration {
        version: 4,
        name: "mail_and_proofs",
        sql: include_str!("migrations/sqlite/0004_mail_and_proofs.sql"),
    },
    Migration {
        version: 5,
        name: "devices",
        sql: include_str!("migrations/sqlite/0005_devices.sql"),
    },
    Migration {
        version: 6,
        name: "outbox",
        sql: include_str!("migrations/sqlite/0006_outbox.sql"),
    },
    Migration {
        version: 7,
        name: "invitations",
        sql: include_str!("migrations/sqlite/0007_invitations.sql"),
    },
    Migration {
        version: 8,
        name: "errands",
        sql: include_str!("migrations/sqlite/0008_errands.sql"),
    },
    Migration {
        version: 9,
        name: "access",
        sql: include_str!("migrations/sqlite/0009_access.sql"),
    },
    Migration {
        version: 10,
        name: "second_factor",
        sql: include_str!("migrations/sqlite/0010_second_factor.sql"),
    },
    Migration {
        version: 11,
        name: "identities",
        sql: include_str!("migrations/sqlite/0011_identities.sql"),
    },
    Migration {
        version: 12,
        name: "role_source",
        sql: include_str!("migrations/sqlite/0012_role_source.sql"),
    },
    Migration {
        version: 13,
        name: "flights",
        sql: include_str!("migrations/sqlite/0013_flights.sql"),
    },
    Migration {
        version: 14,
        name: "api_keys",
        sql: include_str!("migrations/sqlite/0014_api_keys.sql"),
    },
    Migration {
        version: 15,
        name: "upstream",
        sql: include_str!("migrations/sqlite/0015_upstream.sql"),
    },
    Migration {
        version: 16,
        name: "presence",
        sql: include_str!("migrations/sqlite/0016_presence.sql"),
    },
    Migration {
        version: 17,
        name: "expectations",
        sql: include_str!("migrations/sqlite/0017_expectations.sql"),
    },
    Migration {
        version: 18,
        name: "pictures",
        sql: include_str!("migrations/sqlite/0018_pictures.sql"),
    },
    Migration {
        version: 19,
        name: "admin",
        sql: include_str!("migrations/sqlite/0019_admin.sql"),
    },
    Migration {
        version: 20,
        name: "spared_networks",
        sql: include_str!("migrations/sqlite/0020_spared_networks.sql"),
    },
    Migration {
        version: 21,
        name: "audit_chain",
        sql: include_str!("migrations/sqlite/0021_audit_chain.sql"),
    },
    Migration {
        version: 22,
        name: "overview",
        sql: include_str!("migrations/sqlite/0022_overview.sql"),
    },
    Migration {
        version: 23,
        name: "directory",
        sql: include_str!("migrations/sqlite/0023_directory.sql"),
    },
    Migration {
        version: 24,
        name: "trash",
        sql: include_str!("migrations/sqlite/0024_trash.sql"),
    },
    Migration {
        version: 25,
        name: "session_list",
        sql: include_str!("migrations/sqlite/0025_session_list.sql"),
    },
    Migration {
        version: 26,
        name: "violations",
        sql: include_str!("migrations/sqlite/0026_violations.sql"),
    },
    Migration {
        version: 27,
        name: "demanded",
        sql: include_str!("migrations/sqlite/0027_demanded.sql"),
    },
];

/// Snapshots that find a name within one second.
const MOST_A_SECOND: u32 = 9;

const BOOK: &str = "CREATE TABLE IF NOT EXISTS schema_migrations (
    version    INTEGER PRIMARY KEY,
    name       TEXT    NOT NULL,
    checksum   BLOB    NOT NULL,
    applied_at INTEGER NOT NULL
) STRICT";

struct Applied {
    version: i64,
    name: String,
    checksum: Vec<u8>,
}

impl Migration {
    fn checksum(&self) -> [u8; 32] {
        Sha256::digest(self.sql.as_bytes()).into()
    }
}

/// Applies what is missing. The write lock is held from the look that counts to the commit, so that two programs
/// starting together do not both migrate and the snapshot holds all that was there.
pub(super) fn run(
    connection: &mut Connection,
    options: &Options,
    migrations: &[Migration],
    now: Timestamp,
) -> Result<(), OpenError> {
    let path = &options.path;
    let failed = |error: rusqlite::Error| OpenError::from_sqlite(&error, path);
    let glance = connection.transaction().map_err(failed)?;
    if pending(&glance, path, migrations)?.is_empty() {
        return Ok(());
    }
    drop(glance);
    let transaction = connection
        .transaction_with_behavior(TransactionBehavior::Immediate)
        .map_err(failed)?;
    let pending = pending(&transaction, path, migrations)?;
    let saved = match pending.first() {
        Some(first) if first.version > 1 => Some(save(options, first.version, now)?),
        Some(_) | None => None,
    };
    let outcome = apply_all(&transaction, path, pending, now).and_then(|()| transaction.commit().map_err(failed));
    if outcome.is_ok() {
        tell(pending);
    }
    match (&outcome, saved) {
        (Ok(()), Some(_)) => prune(options),
        // Nothing has changed, so there is nothing to go back to.
        (Err(_), Some(file)) => forget(&file),
        (_, None) => {}
    }
    outcome
}

fn apply_all(connection: &Connection, path: &Path, migrations: &[Migration], now: Timestamp) -> Result<(), OpenError> {
    connection
        .execute_batch(BOOK)
        .map_err(|error| OpenError::from_sqlite(&error, path))?;
    for migration in migrations {
        apply(connection, migration, now).map_err(|error| explain(&error, path, migration))?;
    }
    Ok(())
}

/// The migrations not applied yet, if those applied are ours. To be asked inside a transaction.
fn pending<'m>(
    connection: &Connection,
    path: &Path,
    migrations: &'m [Migration],
) -> Result<&'m [Migration], OpenError> {
    let failed = |error: rusqlite::Error| OpenError::from_sqlite(&error, path);
    if version_of(connection).map_err(failed)?.is_none() {
        return if is_empty(connection).map_err(failed)? {
            Ok(migrations)
        } else {
            Err(OpenError::Foreign(path.to_owned()))
        };
    }
    let applied = applied(connection).map_err(failed)?;
    let newest = applied.last().map_or(0, |last| last.version);
    if newest > latest(migrations) {
        return Err(OpenError::Newer {
            path: path.to_owned(),
            database: newest,
            program: latest(migrations),
            snapshot: fitting_snapshot(path, latest(migrations)),
        });
    }
    for (known, found) in migrations.iter().zip(&applied) {
        if known.version != found.version || known.checksum().as_slice() != found.checksum {
            return Err(OpenError::Changed {
                path: path.to_owned(),
                version: found.version,
                name: found.name.clone(),
            });
        }
    }
    Ok(migrations.get(applied.len()..).unwrap_or_default())
}

fn apply(connection: &Connection, migration: &Migration, now: Timestamp) -> rusqlite::Result<()> {
    connection.execute_batch(migration.sql)?;
    connection.execute(
        "INSERT INTO schema_migrations (version, name, checksum, applied_at) VALUES ($1, $2, $3, $4)",
        params![migration.version, migration.name, migration.checksum(), now.millis()],
    )?;
    Ok(())
}

/// Says what was done, once it is: whoever starts for the first time has no migrations to read about.
fn tell(applied: &[Migration]) {
    match applied.first() {
        Some(first) if first.version == 1 => tracing::info!(schema = latest(applied), "made a new database"),
        Some(_) | None => applied.iter().for_each(tell_one),
    }
}

fn tell_one(Migration { version, name, .. }: &Migration) {
    tracing::info!(version, name, "applied a migration");
}

fn explain(error: &rusqlite::Error, path: &Path, migration: &Migration) -> OpenError {
    match OpenError::from_sqlite(error, path) {
        OpenError::Other { path, reason } => OpenError::Other {
            path,
            reason: format!("migration {:04} ({}): {reason}", migration.version, migration.name),
        },
        sorted => sorted,
    }
}

/// The schema version this program works with.
#[must_use]
pub fn latest_version() -> i64 {
    latest(MIGRATIONS)
}

/// The last version among `migrations`.
pub(super) fn latest(migrations: &[Migration]) -> i64 {
    migrations.last().map_or(0, |last| last.version)
}

/// The schema version of any SQLite file; `None` if it is not one of ours, or empty.
pub(super) fn version_of(connection: &Connection) -> rusqlite::Result<Option<i64>> {
    let ours: Option<i64> = connection
        .query_row(
            "SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = 'schema_migrations'",
            [],
            |row| row.get(0),
        )
        .optional()?;
    ours.map(|_| {
        connection.query_row("SELECT coalesce(max(version), 0) FROM schema_migrations", [], |row| {
            row.get(0)
        })
    })
    .transpose()
}

/// The schema version, as a cheap sign of life.
pub(super) fn version(tx: &mut Tx<'_>) -> Result<i64, StoreError> {
    tx.number("SELECT max(version) FROM schema_migrations", &[])
}

fn is_empty(connection: &Connection) -> rusqlite::Result<bool> {
    connection.query_row("SELECT NOT EXISTS (SELECT 1 FROM sqlite_schema)", [], |row| row.get(0))
}

fn applied(connection: &Connection) -> rusqlite::Result<Vec<Applied>> {
    connection
        .prepare("SELECT version, name, checksum FROM schema_migrations ORDER BY version")?
        .query_map([], |row| {
            Ok(Applied {
                version: row.get(0)?,
                name: row.get(1)?,
                checksum: row.get(2)?,
            })
        })?
        .collect()
}

/// Saves the database as it is before migration `version`, unless a server of another version works on it.
fn save(options: &Options, version: i64, now: Timestamp) -> Result<PathBuf, OpenError> {
    if let Err(LockError::Running { pid, .. }) = lock::refuse_others(backup::directory(&options.path)) {
        return Err(OpenError::Served {
            path: options.path.clone(),
            pid,
        });
    }
    let named = |again: u32| {
        let again = if again == 1 { String::new() } else { format!("-{again}") };
        let name = format!(".before-{version:04}-{}{again}.snapshot", now.stamp());
        backup::beside(&options.path, &name)
    };
    // Whoever goes back and forth within a second makes a second one.
    let file = (1..=MOST_A_SECOND)
        .map(named)
        .find(|file| !file.exists())
        .unwrap_or_else(|| named(1));
    backup::copy(&options.path, &file)?;
    tracing::info!(snapshot = %file.display(), "saved the database before migrating it");
    Ok(file)
}

/// Removes all snapshots but the newest.
fn prune(options: &Options) {
    let newest_first = snapshots(&options.path).into_iter().rev();
    newest_first
        .skip(options.snapshots.max(1))
        .for_each(|(_, _, file)| forget(&file));
}

fn forget(snapshot: &Path) {
    if let Err(error) = fs::remove_file(snapshot) {
        tracing::warn!(snapshot = %snapshot.display(), %error, "could not remove a snapshot");
    }
}

/// The newest snapshot beside the database whose schema is at most `version`.
fn fitting_snapshot(database: &Path, version: i64) -> Option<PathBuf> {
    let found = snapshots(database).into_iter().rev();
    found
        .filter(|(_, before, _)| *before <= version + 1)
        .map(|(_, _, file)| file)
        .next()
}

/// Snapshots beside the database, oldest first: time as in the name, the migration that followed, the file.
#[must_use]
pub fn snapshots(database: &Path) -> Vec<(String, i64, PathBuf)> {
    let Some(name) = database.file_name().and_then(|name| name.to_str()) else {
        return Vec::new();
    };
    let prefix = format!("{name}.before-");
    let entries = fs::read_dir(backup::directory(database))
        .into_iter()
        .flatten()
        .flatten();
    let mut found: Vec<_> = entries
        .filter_map(|entry| {
            let file = entry.file_name().into_string().ok()?;
            let (version, time) = file.strip_prefix(&prefix)?.strip_suffix(".snapshot")?.split_once('-')?;
            Some((time.to_owned(), version.parse().ok()?, database.with_file_name(&file)))
        })
        .collect();
    found.sort();
    found
}
