//! Accounts whose time ends: rows of `users` with a time in `valid_until`.

use crate::domain::account::{Account, AccountKey};
use crate::domain::time::Timestamp;

use super::accounts::{account, columns, is_one};
use super::{StoreError, Tx};

/// Sets, moves or takes away the end of the account's time; false if it is gone.
///
/// # Errors
/// [`StoreError`] from the database.
pub fn set_valid_until(tx: &mut Tx<'_>, key: AccountKey, until: Option<Timestamp>) -> Result<bool, StoreError> {
    let sql = "UPDATE users SET valid_until = $1, valid_until_told_at = NULL WHERE seq = $2";
    tx.execute(sql, &[until.into(), key.into()]).map(is_one)
}

/// Up to `limit` accounts whose time is over and that still have sessions.
///
/// # Errors
/// [`StoreError`] from the database.
pub fn overdue(tx: &mut Tx<'_>, now: Timestamp, limit: u32) -> Result<Vec<Account>, StoreError> {
    let sql = concat!(
        "SELECT ",
        columns!(),
        " FROM users u WHERE u.valid_until <= $1 AND EXISTS (SELECT 1 FROM sessions s WHERE s.user_seq = u.seq) \
         ORDER BY u.valid_until LIMIT $2"
    );
    tx.rows(sql, &[now.into(), limit.into()], account)
}

/// Up to `limit` accounts whose time is over between `now` and `then`, and whose owners were not told and can read it.
///
/// # Errors
/// [`StoreError`] from the database.
pub fn ending(tx: &mut Tx<'_>, now: Timestamp, then: Timestamp, limit: u32) -> Result<Vec<Account>, StoreError> {
    let sql = concat!(
        "SELECT ",
        columns!(),
        " FROM users u WHERE u.valid_until > $1 AND u.valid_until <= $2 AND u.valid_until_told_at IS NULL \
         AND u.disabled_at IS NULL AND u.email_verified_at IS NOT NULL ORDER BY u.valid_until LIMIT $3"
    );
    tx.rows(sql, &[now.into(), then.into(), limit.into()], account)
}

/// Notes that the owner is told of this end: true once.
///
/// # Errors
/// [`StoreError`] from the database.
pub fn note_end_told(tx: &mut Tx<'_>, key: AccountKey, until: Timestamp, now: Timestamp) -> Result<bool, StoreError> {
    let sql = "UPDATE users SET valid_until_told_at = $1 \
               WHERE seq = $2 AND valid_until = $3 AND valid_until_told_at IS NULL";
    tx.execute(sql, &[now.into(), key.into(), until.into()]).map(is_one)
}
