//! Of which accounts in the table `users` an admin demands a second factor.

use crate::domain::account::AccountKey;
use crate::domain::time::Timestamp;

use super::accounts::is_one;
use super::{StoreError, Tx};

/// Demands one from `now` on; false if the account is gone, or one is demanded already.
///
/// # Errors
/// [`StoreError`] from the database.
pub fn put(tx: &mut Tx<'_>, key: AccountKey, now: Timestamp) -> Result<bool, StoreError> {
    let sql = "UPDATE users SET two_factor_demanded_at = $1 WHERE seq = $2 AND two_factor_demanded_at IS NULL";
    tx.execute(sql, &[now.into(), key.into()]).map(is_one)
}

/// Demands none any more; false if the account is gone, or none is demanded.
///
/// # Errors
/// [`StoreError`] from the database.
pub fn remove(tx: &mut Tx<'_>, key: AccountKey) -> Result<bool, StoreError> {
    let sql = "UPDATE users SET two_factor_demanded_at = NULL WHERE seq = $1 AND two_factor_demanded_at IS NOT NULL";
    tx.execute(sql, &[key.into()]).map(is_one)
}
