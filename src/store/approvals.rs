//! Accounts that wait for an admin: rows of `users` with a time in `waiting_since`.

use crate::domain::account::{Account, AccountKey};
use crate::domain::time::Timestamp;

use super::accounts::{account, columns, is_one};
use super::{StoreError, Tx};

/// The next `limit` waiting accounts after the one that waits since then, longest first.
///
/// # Errors
/// [`StoreError`] from the database.
pub fn page(tx: &mut Tx<'_>, after: Option<(Timestamp, AccountKey)>, limit: u32) -> Result<Vec<Account>, StoreError> {
    let sql = concat!(
        "SELECT ",
        columns!(),
        " FROM users u WHERE u.waiting_since IS NOT NULL AND (u.waiting_since, u.seq) > ($1, $2) \
         ORDER BY u.waiting_since, u.seq LIMIT $3"
    );
    let (since, key) = after.map_or((i64::MIN, i64::MIN), |(since, key)| (since.millis(), key.number()));
    tx.rows(sql, &[since.into(), key.into(), limit.into()], account)
}

/// Up to `limit` waiting accounts that no admin was told of; `all` counts those whose address is not proved as well.
///
/// # Errors
/// [`StoreError`] from the database.
pub fn untold(tx: &mut Tx<'_>, all: bool, limit: u32) -> Result<Vec<Account>, StoreError> {
    let sql = if all {
        concat!(
            "SELECT ",
            columns!(),
            " FROM users u WHERE u.waiting_since IS NOT NULL AND u.waiting_told_at IS NULL \
             ORDER BY u.email_verified_at LIMIT $1"
        )
    } else {
        concat!(
            "SELECT ",
            columns!(),
            " FROM users u WHERE u.waiting_since IS NOT NULL AND u.waiting_told_at IS NULL \
             AND u.email_verified_at IS NOT NULL LIMIT $1"
        )
    };
    tx.rows(sql, &[limit.into()], account)
}

/// Notes that the admins are told of a waiting account: true once.
///
/// # Errors
/// [`StoreError`] from the database.
pub fn note_told(tx: &mut Tx<'_>, key: AccountKey, now: Timestamp) -> Result<bool, StoreError> {
    let sql = "UPDATE users SET waiting_told_at = $1 \
               WHERE seq = $2 AND waiting_since IS NOT NULL AND waiting_told_at IS NULL";
    tx.execute(sql, &[now.into(), key.into()]).map(is_one)
}

/// Ends an account's waiting; false if it does not wait, or not any more.
///
/// # Errors
/// [`StoreError`] from the database.
pub fn let_in(tx: &mut Tx<'_>, key: AccountKey) -> Result<bool, StoreError> {
    let sql = "UPDATE users SET waiting_since = NULL WHERE seq = $1 AND waiting_since IS NOT NULL";
    tx.execute(sql, &[key.into()]).map(is_one)
}

/// Removes an account that waits; false if it does not, or not any more.
///
/// # Errors
/// [`StoreError`] from the database.
pub fn turn_away(tx: &mut Tx<'_>, key: AccountKey) -> Result<bool, StoreError> {
    let sql = "DELETE FROM users WHERE seq = $1 AND waiting_since IS NOT NULL";
    tx.execute(sql, &[key.into()]).map(is_one)
}
