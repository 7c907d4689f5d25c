//! The table `notices`: what people are told after their next login, until they dismiss it.

use crate::domain::account::AccountKey;
use crate::domain::audit::{Notice, NoticeKind};
use crate::domain::time::Timestamp;

use super::accounts::is_one;
use super::{StoreError, Tx};

/// Leaves a notice.
///
/// # Errors
/// [`StoreError::Conflict`] if the account is gone.
pub fn add(
    tx: &mut Tx<'_>,
    account: AccountKey,
    kind: NoticeKind,
    at: Timestamp,
    detail: &str,
) -> Result<(), StoreError> {
    let sql = "INSERT INTO notices (user_seq, kind, at, detail) VALUES ($1, $2, $3, $4)";
    tx.execute(sql, &[account.into(), kind.key().into(), at.into(), detail.into()])
        .map(drop)
}

/// The notices of an account, newest first.
///
/// # Errors
/// [`StoreError`] from the database.
pub fn list(tx: &mut Tx<'_>, account: AccountKey) -> Result<Vec<Notice>, StoreError> {
    let sql = "SELECT id, kind, at, detail FROM notices WHERE user_seq = $1 ORDER BY id DESC";
    tx.rows(sql, &[account.into()], |columns| {
        Ok(Notice {
            id: columns.of("notices").integer("id")?,
            kind: columns.parsed("kind", NoticeKind::from_key)?,
            at: columns.time("at")?,
            detail: columns.text("detail")?,
        })
    })
}

/// Removes a notice of this account; false if it was gone or is another's.
///
/// # Errors
/// [`StoreError`] from the database.
pub fn dismiss(tx: &mut Tx<'_>, account: AccountKey, id: i64) -> Result<bool, StoreError> {
    let sql = "DELETE FROM notices WHERE user_seq = $1 AND id = $2";
    tx.execute(sql, &[account.into(), id.into()]).map(is_one)
}
