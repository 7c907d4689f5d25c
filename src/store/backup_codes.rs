//! The table `backup_codes`: keyed digests of codes that each open once. Codes wait with a pending secret, or count.

use crate::domain::account::AccountKey;
use crate::domain::secret::TokenDigest;
use crate::domain::time::Timestamp;

use super::accounts::is_one;
use super::sql::{Columns, Value};
use super::{StoreError, Tx};

/// Random bytes that went into a digest.
pub type Salt = [u8; 16];

/// A code as stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredCode {
    /// Of code, account and salt, with the server's key.
    pub digest: TokenDigest,
    /// What makes it different from every other.
    pub salt: Salt,
    /// When it was used.
    pub used_at: Option<Timestamp>,
}

fn code(columns: &mut Columns<'_>) -> Result<StoredCode, StoreError> {
    columns.of("backup_codes").integer("place")?;
    Ok(StoredCode {
        digest: columns.digest("digest")?,
        salt: columns.bytes("salt", |bytes| bytes.try_into().ok())?,
        used_at: columns.optional_time("used_at")?,
    })
}

/// The codes that count, in the order in which they were shown.
///
/// # Errors
/// [`StoreError`] from the database.
pub fn list(tx: &mut Tx<'_>, account: AccountKey) -> Result<Vec<StoredCode>, StoreError> {
    let sql = "SELECT place, digest, salt, used_at FROM backup_codes \
               WHERE user_seq = $1 AND active_at IS NOT NULL ORDER BY place";
    tx.rows(sql, &[account.into()], code)
}

/// Replaces the codes that count.
///
/// # Errors
/// [`StoreError::Conflict`] if the account is gone.
pub fn put(tx: &mut Tx<'_>, account: AccountKey, codes: &[StoredCode], now: Timestamp) -> Result<(), StoreError> {
    let sql = "DELETE FROM backup_codes WHERE user_seq = $1 AND active_at IS NOT NULL";
    tx.execute(sql, &[account.into()])?;
    insert(tx, account, codes, Some(now))
}

/// Replaces the codes that wait with a pending secret.
///
/// # Errors
/// [`StoreError::Conflict`] if the account is gone.
pub fn put_pending(tx: &mut Tx<'_>, account: AccountKey, codes: &[StoredCode]) -> Result<(), StoreError> {
    let sql = "DELETE FROM backup_codes WHERE user_seq = $1 AND active_at IS NULL";
    tx.execute(sql, &[account.into()])?;
    insert(tx, account, codes, None)
}

fn insert(
    tx: &mut Tx<'_>,
    account: AccountKey,
    codes: &[StoredCode],
    active_at: Option<Timestamp>,
) -> Result<(), StoreError> {
    for (place, code) in (0_i64..).zip(codes) {
        let values: [Value<'_>; 5] = [
            account.into(),
            (&code.digest).into(),
            code.salt.as_slice().into(),
            place.into(),
            active_at.into(),
        ];
        let sql = "INSERT INTO backup_codes (user_seq, digest, salt, place, active_at) VALUES ($1, $2, $3, $4, $5)";
        tx.execute(sql, &values)?;
    }
    Ok(())
}

/// Lets the codes that waited count instead of the others.
///
/// # Errors
/// [`StoreError`] from the database.
pub fn activate(tx: &mut Tx<'_>, account: AccountKey, now: Timestamp) -> Result<(), StoreError> {
    let sql = "DELETE FROM backup_codes WHERE user_seq = $1 AND active_at IS NOT NULL";
    tx.execute(sql, &[account.into()])?;
    let sql = "UPDATE backup_codes SET active_at = $1 WHERE user_seq = $2";
    tx.execute(sql, &[now.into(), account.into()]).map(drop)
}

/// Uses a code up: for one caller, once.
///
/// # Errors
/// [`StoreError`] from the database.
pub fn consume(tx: &mut Tx<'_>, account: AccountKey, digest: TokenDigest, now: Timestamp) -> Result<bool, StoreError> {
    let sql = "UPDATE backup_codes SET used_at = $1 \
               WHERE user_seq = $2 AND digest = $3 AND used_at IS NULL AND active_at IS NOT NULL";
    tx.execute(sql, &[now.into(), account.into(), (&digest).into()])
        .map(is_one)
}

/// Forgets all codes of an account; answers with how many there were.
///
/// # Errors
/// [`StoreError`] from the database.
pub fn remove(tx: &mut Tx<'_>, account: AccountKey) -> Result<u64, StoreError> {
    tx.execute("DELETE FROM backup_codes WHERE user_seq = $1", &[account.into()])
}
