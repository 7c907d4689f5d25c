//! The table `settings`: what was changed while the server ran, as one would write it.

use crate::domain::time::Timestamp;

use super::accounts::is_one;
use super::{StoreError, Tx};

/// A setting that was changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kept {
    /// Its path.
    pub key: String,
    /// What was written.
    pub value: String,
    /// When.
    pub at: Timestamp,
    /// By whom, as the audit log writes it.
    pub by: String,
}

/// All of them.
///
/// # Errors
/// [`StoreError`] from the database.
pub fn all(tx: &mut Tx<'_>) -> Result<Vec<Kept>, StoreError> {
    let sql = "SELECT key, value, changed_at, changed_by FROM settings ORDER BY key";
    tx.rows(sql, &[], |columns| {
        Ok(Kept {
            key: columns.of("settings").text("key")?,
            value: columns.text("value")?,
            at: columns.time("changed_at")?,
            by: columns.text("changed_by")?,
        })
    })
}

/// Keeps one, in the place of what was kept before.
///
/// # Errors
/// [`StoreError`] from the database.
pub fn put(tx: &mut Tx<'_>, kept: &Kept) -> Result<(), StoreError> {
    let sql = "INSERT INTO settings (key, value, changed_at, changed_by) VALUES ($1, $2, $3, $4) \
               ON CONFLICT (key) DO UPDATE SET value = excluded.value, changed_at = excluded.changed_at, \
               changed_by = excluded.changed_by";
    let values = [
        (&kept.key).into(),
        (&kept.value).into(),
        kept.at.into(),
        (&kept.by).into(),
    ];
    tx.execute(sql, &values).map(drop)
}

/// Forgets one; false if none was kept.
///
/// # Errors
/// [`StoreError`] from the database.
pub fn forget(tx: &mut Tx<'_>, key: &str) -> Result<bool, StoreError> {
    tx.execute("DELETE FROM settings WHERE key = $1", &[key.into()])
        .map(is_one)
}
