//! The table `proofs`: one-time links. Each is used once, whoever asks at the same time.

use crate::domain::account::AccountKey;
use crate::domain::email::Email;
use crate::domain::proof::{Proof, Purpose};
use crate::domain::secret::TokenDigest;
use crate::domain::time::Timestamp;

use super::sql::{Columns, Value};
use super::{StoreError, Tx};

fn proof(columns: &mut Columns<'_>) -> Result<Proof, StoreError> {
    columns.of("proofs").integer("id")?;
    Ok(Proof {
        digest: columns.digest("digest")?,
        purpose: columns.parsed("purpose", Purpose::from_key)?,
        account: columns.integer("user_seq").map(AccountKey::from_row)?,
        address: columns.text("address").map(Email::from_row)?,
        detail: columns.text("detail")?,
        created_at: columns.time("created_at")?,
        expires_at: columns.time("expires_at")?,
    })
}

/// Adds a link; older ones for the same purpose stop working where the purpose says so.
///
/// # Errors
/// [`StoreError`] from the database.
pub fn put(tx: &mut Tx<'_>, proof: &Proof) -> Result<(), StoreError> {
    if proof.purpose.replaces_older() {
        revoke(tx, proof.account, proof.purpose)?;
    }
    let values: [Value<'_>; 7] = [
        (&proof.digest).into(),
        proof.purpose.key().into(),
        proof.account.into(),
        proof.address.as_str().into(),
        (&proof.detail).into(),
        proof.created_at.into(),
        proof.expires_at.into(),
    ];
    let sql = "INSERT INTO proofs (digest, purpose, user_seq, address, detail, created_at, expires_at) \
               VALUES ($1, $2, $3, $4, $5, $6, $7)";
    tx.execute(sql, &values).map(drop)
}

/// The link with this digest, if it can be used now.
///
/// # Errors
/// [`StoreError`] from the database.
pub fn find(
    tx: &mut Tx<'_>,
    digest: TokenDigest,
    purpose: Purpose,
    now: Timestamp,
) -> Result<Option<Proof>, StoreError> {
    let sql = "SELECT id, digest, purpose, user_seq, address, detail, created_at, expires_at FROM proofs \
               WHERE digest = $1 AND purpose = $2 AND used_at IS NULL AND expires_at > $3";
    tx.row(sql, &[(&digest).into(), purpose.key().into(), now.into()], proof)
}

/// Uses a link up and returns it: for one caller, once, before its end.
///
/// # Errors
/// [`StoreError`] from the database.
pub fn consume(
    tx: &mut Tx<'_>,
    digest: TokenDigest,
    purpose: Purpose,
    now: Timestamp,
) -> Result<Option<Proof>, StoreError> {
    let sql = "UPDATE proofs SET used_at = $1 WHERE digest = $2 AND purpose = $3 AND used_at IS NULL AND expires_at > $1 \
               RETURNING id, digest, purpose, user_seq, address, detail, created_at, expires_at";
    tx.row(sql, &[now.into(), (&digest).into(), purpose.key().into()], proof)
}

/// Removes every unused link of an account for one purpose; answers with how many.
///
/// # Errors
/// [`StoreError`] from the database.
pub fn revoke(tx: &mut Tx<'_>, account: AccountKey, purpose: Purpose) -> Result<u64, StoreError> {
    let sql = "DELETE FROM proofs WHERE user_seq = $1 AND purpose = $2 AND used_at IS NULL";
    tx.execute(sql, &[account.into(), purpose.key().into()])
}

/// Whether the account has used a link of this purpose and detail that would not be over yet.
///
/// # Errors
/// [`StoreError`] from the database.
pub fn was_used(
    tx: &mut Tx<'_>,
    account: AccountKey,
    purpose: Purpose,
    detail: &str,
    now: Timestamp,
) -> Result<bool, StoreError> {
    let sql = "SELECT count(*) FROM proofs \
               WHERE user_seq = $1 AND purpose = $2 AND detail = $3 AND used_at IS NOT NULL AND expires_at > $4";
    let values = [account.into(), purpose.key().into(), detail.into(), now.into()];
    tx.number(sql, &values).map(|found| found > 0)
}

/// Removes every link of an account for one purpose, the used ones too; answers with how many.
///
/// # Errors
/// [`StoreError`] from the database.
pub fn forget(tx: &mut Tx<'_>, account: AccountKey, purpose: Purpose) -> Result<u64, StoreError> {
    let sql = "DELETE FROM proofs WHERE user_seq = $1 AND purpose = $2";
    tx.execute(sql, &[account.into(), purpose.key().into()])
}

/// Removes every link of an account, whatever it is for; answers with how many.
///
/// # Errors
/// [`StoreError`] from the database.
pub fn revoke_all(tx: &mut Tx<'_>, account: AccountKey) -> Result<u64, StoreError> {
    tx.execute("DELETE FROM proofs WHERE user_seq = $1", &[account.into()])
}

/// Removes up to `limit` links that are over, oldest first; answers with how many.
///
/// # Errors
/// [`StoreError`] from the database.
pub fn purge(tx: &mut Tx<'_>, now: Timestamp, limit: u32) -> Result<u64, StoreError> {
    let sql =
        "DELETE FROM proofs WHERE id IN (SELECT id FROM proofs WHERE expires_at <= $1 ORDER BY expires_at LIMIT $2)";
    tx.execute(sql, &[now.into(), limit.into()])
}
