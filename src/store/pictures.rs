//! The table `pictures`: one small picture of each account whose provider had one, made by us.

use crate::domain::account::AccountKey;
use crate::domain::secret::TokenDigest;
use crate::domain::time::Timestamp;

use super::sql::Value;
use super::{StoreError, Tx};

/// A picture as stored.
#[derive(Clone, Debug)]
pub struct Picture {
    /// Its name in addresses.
    pub name: String,
    /// Digest of the address that it was fetched from.
    pub source: TokenDigest,
    /// When.
    pub fetched_at: Timestamp,
    /// The picture, in PNG.
    pub body: Vec<u8>,
}

/// Keeps the picture of an account, in the place of an earlier one.
///
/// # Errors
/// [`StoreError::Conflict`] if the account is gone.
pub fn put(tx: &mut Tx<'_>, account: AccountKey, picture: &Picture) -> Result<(), StoreError> {
    let values: [Value<'_>; 5] = [
        account.into(),
        (&picture.name).into(),
        (&picture.source).into(),
        picture.fetched_at.into(),
        picture.body.as_slice().into(),
    ];
    let sql = "INSERT INTO pictures (user_seq, name, source, fetched_at, body) VALUES ($1, $2, $3, $4, $5) \
               ON CONFLICT (user_seq) DO UPDATE SET name = excluded.name, source = excluded.source, \
               fetched_at = excluded.fetched_at, body = excluded.body";
    tx.execute(sql, &values).map(drop)
}

/// From where the picture of an account was fetched, as a digest, and when.
///
/// # Errors
/// [`StoreError`] from the database.
pub fn source(tx: &mut Tx<'_>, account: AccountKey) -> Result<Option<(TokenDigest, Timestamp)>, StoreError> {
    let sql = "SELECT source, fetched_at FROM pictures WHERE user_seq = $1";
    tx.row(sql, &[account.into()], |columns| {
        columns.of("pictures");
        Ok((columns.digest("source")?, columns.time("fetched_at")?))
    })
}

/// The picture of that name.
///
/// # Errors
/// [`StoreError`] from the database.
pub fn find(tx: &mut Tx<'_>, name: &str) -> Result<Option<Vec<u8>>, StoreError> {
    tx.row(
        "SELECT body FROM pictures WHERE name = $1 LIMIT 1",
        &[name.into()],
        |columns| {
            columns.of("pictures");
            columns.bytes("body", |bytes| Some(bytes.to_vec()))
        },
    )
}
