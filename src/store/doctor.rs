//! What the doctor needs of the database: one-time numbers, kept in `facts` for minutes, and a look at every page.

use crate::domain::hex::hex;
use crate::domain::secret::TokenDigest;
use crate::domain::time::Timestamp;

use super::accounts::is_one;
use super::{StoreError, Tx};

const PREFIX: &str = "doctor/";

fn key(digest: TokenDigest) -> String {
    format!("{PREFIX}{}", hex(digest.bytes()))
}

/// Keeps a number until `expires`, and forgets those that are over.
///
/// # Errors
/// [`StoreError`] from the database.
pub fn put(tx: &mut Tx<'_>, digest: TokenDigest, now: Timestamp, expires: Timestamp) -> Result<(), StoreError> {
    let sql = "DELETE FROM facts WHERE key >= 'doctor/' AND key < 'doctor0' AND CAST(value AS INTEGER) <= $1";
    tx.execute(sql, &[now.into()])?;
    let sql = "INSERT INTO facts (key, value) VALUES ($1, $2)";
    tx.execute(sql, &[(&key(digest)).into(), (&expires.millis().to_string()).into()])
        .map(drop)
}

/// Uses a number up: true once, for one caller, before its end.
///
/// # Errors
/// [`StoreError`] from the database.
pub fn take(tx: &mut Tx<'_>, digest: TokenDigest, now: Timestamp) -> Result<bool, StoreError> {
    let sql = "DELETE FROM facts WHERE key = $1 AND CAST(value AS INTEGER) > $2";
    tx.execute(sql, &[(&key(digest)).into(), now.into()]).map(is_one)
}

/// What SQLite says of its pages: `ok`, or the first thing that is wrong. Reads the whole database.
///
/// # Errors
/// [`StoreError`] from the database.
pub fn quick_check(tx: &mut Tx<'_>) -> Result<String, StoreError> {
    let verdict = tx.row("PRAGMA quick_check(1)", &[], |columns| columns.text("quick_check"))?;
    Ok(verdict.unwrap_or_default())
}
