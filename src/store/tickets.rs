//! The table `spent_tickets`: what was used for the second step of a login is good for no other.

use crate::domain::secret::TokenDigest;
use crate::domain::time::Timestamp;

use super::accounts::is_one;
use super::{StoreError, Tx};

/// Whether a ticket was used.
///
/// # Errors
/// [`StoreError`] from the database.
pub fn is_spent(tx: &mut Tx<'_>, ticket: TokenDigest) -> Result<bool, StoreError> {
    let sql = "SELECT expires_at FROM spent_tickets WHERE digest = $1";
    let found = tx.row(sql, &[(&ticket).into()], |columns| columns.time("expires_at"))?;
    Ok(found.is_some())
}

/// Uses a ticket up: for one caller, once.
///
/// # Errors
/// [`StoreError`] from the database.
pub fn spend(tx: &mut Tx<'_>, ticket: TokenDigest, expires_at: Timestamp) -> Result<bool, StoreError> {
    let sql = "INSERT INTO spent_tickets (digest, expires_at) VALUES ($1, $2) ON CONFLICT (digest) DO NOTHING";
    tx.execute(sql, &[(&ticket).into(), expires_at.into()]).map(is_one)
}

/// Forgets up to `limit` tickets that nobody takes any more, oldest first; answers with how many.
///
/// # Errors
/// [`StoreError`] from the database.
pub fn purge(tx: &mut Tx<'_>, now: Timestamp, limit: u32) -> Result<u64, StoreError> {
    let sql = "DELETE FROM spent_tickets WHERE digest IN \
               (SELECT digest FROM spent_tickets WHERE expires_at <= $1 ORDER BY expires_at LIMIT $2)";
    tx.execute(sql, &[now.into(), limit.into()])
}
