//! The table `api_keys`: what programs hold that come in somebody's name. Only digests are kept.

use crate::domain::access::HostPattern;
use crate::domain::account::{Account, AccountKey};
use crate::domain::api_key::{ApiKey, Scope};
use crate::domain::secret::TokenDigest;
use crate::domain::time::Timestamp;

use super::accounts::{self, is_one};
use super::sql::{Columns, Value};
use super::{StoreError, Tx};

fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(' ').filter(|word| !word.is_empty())
}

fn key(columns: &mut Columns<'_>) -> Result<ApiKey, StoreError> {
    columns.of("api_keys");
    Ok(ApiKey {
        id: columns.integer("id")?,
        name: columns.text("name")?,
        scopes: columns.parsed("scopes", |text| words(text).map(Scope::parse).collect())?,
        hosts: columns.parsed("hosts", |text| {
            words(text).map(|host| HostPattern::parse(host).ok()).collect()
        })?,
        created_at: columns.time("created_at")?,
        expires_at: columns.optional_time("expires_at")?,
        last_used_at: columns.optional_time("last_used_at")?,
    })
}

/// Adds a key; its `id` is given by the database.
///
/// # Errors
/// [`StoreError::Conflict`] if the account is gone.
pub fn insert(tx: &mut Tx<'_>, account: AccountKey, digest: TokenDigest, new: &ApiKey) -> Result<(), StoreError> {
    let scopes: Vec<_> = new.scopes.iter().map(|scope| scope.key()).collect();
    let hosts: Vec<_> = new.hosts.iter().map(ToString::to_string).collect();
    let (scopes, hosts) = (scopes.join(" "), hosts.join(" "));
    let values: [Value<'_>; 7] = [
        (&digest).into(),
        account.into(),
        (&new.name).into(),
        (&scopes).into(),
        (&hosts).into(),
        new.created_at.into(),
        new.expires_at.into(),
    ];
    let sql = "INSERT INTO api_keys (digest, user_seq, name, scopes, hosts, created_at, expires_at) \
               VALUES ($1, $2, $3, $4, $5, $6, $7)";
    tx.execute(sql, &values).map(drop)
}

/// The key with this digest and whose it is.
///
/// # Errors
/// [`StoreError`] from the database.
pub fn find(tx: &mut Tx<'_>, digest: TokenDigest) -> Result<Option<(ApiKey, Account)>, StoreError> {
    let sql = concat!(
        "SELECT k.id, k.name, k.scopes, k.hosts, k.created_at, k.expires_at, k.last_used_at, ",
        accounts::columns!(),
        " FROM api_keys k JOIN users u ON u.seq = k.user_seq WHERE k.digest = $1"
    );
    tx.row(sql, &[(&digest).into()], |columns| {
        Ok((key(columns)?, accounts::account(columns)?))
    })
}

/// The keys of an account, newest first.
///
/// # Errors
/// [`StoreError`] from the database.
pub fn list(tx: &mut Tx<'_>, account: AccountKey) -> Result<Vec<ApiKey>, StoreError> {
    let sql = "SELECT id, name, scopes, hosts, created_at, expires_at, last_used_at FROM api_keys \
               WHERE user_seq = $1 ORDER BY id DESC";
    tx.rows(sql, &[account.into()], key)
}

/// Notes a use.
///
/// # Errors
/// [`StoreError`] from the database.
pub fn touch(tx: &mut Tx<'_>, id: i64, now: Timestamp) -> Result<(), StoreError> {
    let sql = "UPDATE api_keys SET last_used_at = $1 WHERE id = $2";
    tx.execute(sql, &[now.into(), id.into()]).map(drop)
}

/// Takes a key back; false if the account has none of that number.
///
/// # Errors
/// [`StoreError`] from the database.
pub fn revoke(tx: &mut Tx<'_>, account: AccountKey, id: i64) -> Result<bool, StoreError> {
    let sql = "DELETE FROM api_keys WHERE id = $1 AND user_seq = $2";
    tx.execute(sql, &[id.into(), account.into()]).map(is_one)
}

/// Takes every key of an account back.
///
/// # Errors
/// [`StoreError`] from the database.
pub fn revoke_all(tx: &mut Tx<'_>, account: AccountKey) -> Result<(), StoreError> {
    tx.execute("DELETE FROM api_keys WHERE user_seq = $1", &[account.into()])
        .map(drop)
}

/// Removes up to `limit` keys whose time is over; answers with how many.
///
/// # Errors
/// [`StoreError`] from the database.
pub fn purge(tx: &mut Tx<'_>, now: Timestamp, limit: u32) -> Result<u64, StoreError> {
    let sql = "DELETE FROM api_keys WHERE id IN \
               (SELECT id FROM api_keys WHERE expires_at <= $1 ORDER BY expires_at LIMIT $2)";
    tx.execute(sql, &[now.into(), limit.into()])
}
