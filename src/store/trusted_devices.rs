//! The table `trusted_devices`: browsers that are not asked for a code.

use crate::domain::account::AccountKey;
use crate::domain::secret::TokenDigest;
use crate::domain::session::Origin;
use crate::domain::time::Timestamp;
use crate::domain::trusted_device::TrustedDevice;

use super::accounts::is_one;
use super::sql::{Columns, Value};
use super::{StoreError, Tx};

fn device(columns: &mut Columns<'_>) -> Result<TrustedDevice, StoreError> {
    columns.of("trusted_devices");
    Ok(TrustedDevice {
        id: columns.integer("id")?,
        origin: Origin {
            user_agent: columns.text("user_agent")?,
            address: columns.text("address")?,
        },
        created_at: columns.time("created_at")?,
        last_used_at: columns.time("last_used_at")?,
        expires_at: columns.time("expires_at")?,
    })
}

/// Trusts a device.
///
/// # Errors
/// [`StoreError::Conflict`] if the account is gone.
pub fn insert(
    tx: &mut Tx<'_>,
    account: AccountKey,
    digest: TokenDigest,
    device: &TrustedDevice,
) -> Result<(), StoreError> {
    let values: [Value<'_>; 7] = [
        (&digest).into(),
        account.into(),
        (&device.origin.user_agent).into(),
        (&device.origin.address).into(),
        device.created_at.into(),
        device.last_used_at.into(),
        device.expires_at.into(),
    ];
    let sql = "INSERT INTO trusted_devices (digest, user_seq, user_agent, address, created_at, last_used_at, expires_at) \
               VALUES ($1, $2, $3, $4, $5, $6, $7)";
    tx.execute(sql, &values).map(drop)
}

/// Whether the account trusts the device with this token now.
///
/// # Errors
/// [`StoreError`] from the database.
pub fn is_trusted(
    tx: &mut Tx<'_>,
    account: AccountKey,
    digest: TokenDigest,
    now: Timestamp,
) -> Result<bool, StoreError> {
    let sql = "SELECT id FROM trusted_devices WHERE digest = $1 AND user_seq = $2 AND expires_at > $3";
    let found = tx.row(sql, &[(&digest).into(), account.into(), now.into()], |columns| {
        columns.integer("id")
    })?;
    Ok(found.is_some())
}

/// Notes a login from a trusted device; false if it is trusted no more.
///
/// # Errors
/// [`StoreError`] from the database.
pub fn note_use(tx: &mut Tx<'_>, account: AccountKey, digest: TokenDigest, now: Timestamp) -> Result<bool, StoreError> {
    let sql = "UPDATE trusted_devices SET last_used_at = $1 WHERE digest = $2 AND user_seq = $3 AND expires_at > $1";
    tx.execute(sql, &[now.into(), (&digest).into(), account.into()])
        .map(is_one)
}

/// The devices that an account trusts, newest first.
///
/// # Errors
/// [`StoreError`] from the database.
pub fn list(tx: &mut Tx<'_>, account: AccountKey, now: Timestamp) -> Result<Vec<TrustedDevice>, StoreError> {
    let sql = "SELECT id, user_agent, address, created_at, last_used_at, expires_at FROM trusted_devices \
               WHERE user_seq = $1 AND expires_at > $2 ORDER BY id DESC";
    tx.rows(sql, &[account.into(), now.into()], device)
}

/// Takes the trust in one device back; false if there is none of that number.
///
/// # Errors
/// [`StoreError`] from the database.
pub fn revoke(tx: &mut Tx<'_>, account: AccountKey, id: i64) -> Result<bool, StoreError> {
    let sql = "DELETE FROM trusted_devices WHERE id = $1 AND user_seq = $2";
    tx.execute(sql, &[id.into(), account.into()]).map(is_one)
}

/// Takes the trust in every device back; answers with how many there were.
///
/// # Errors
/// [`StoreError`] from the database.
pub fn revoke_all(tx: &mut Tx<'_>, account: AccountKey) -> Result<u64, StoreError> {
    tx.execute("DELETE FROM trusted_devices WHERE user_seq = $1", &[account.into()])
}

/// Removes up to `limit` devices whose time is over, oldest first; answers with how many.
///
/// # Errors
/// [`StoreError`] from the database.
pub fn purge(tx: &mut Tx<'_>, now: Timestamp, limit: u32) -> Result<u64, StoreError> {
    let sql = "DELETE FROM trusted_devices WHERE id IN \
               (SELECT id FROM trusted_devices WHERE expires_at <= $1 ORDER BY expires_at LIMIT $2)";
    tx.execute(sql, &[now.into(), limit.into()])
}
