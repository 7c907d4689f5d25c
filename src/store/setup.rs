//! The tables `setup_tokens` and `facts`: the one-time link that makes the first admin, and whether it has.

use crate::domain::secret::TokenDigest;
use crate::domain::time::Timestamp;

use super::accounts::is_one;
use super::{StoreError, Tx};

const HEAD_PUBLISHED: &str = "audit_head_published";
const SETTINGS: &str = "settings";
const COMPLETED: &str = "setup_completed_at";
/// Under this key the table says which version of the program serves the database.
pub(super) const SERVED_BY: &str = "served_by";

/// The version of the program that last served the database.
///
/// # Errors
/// [`StoreError`] from the database.
pub fn served_by(tx: &mut Tx<'_>) -> Result<Option<String>, StoreError> {
    tx.row(
        "SELECT value FROM facts WHERE key = $1",
        &[SERVED_BY.into()],
        |columns| columns.of("facts").text("value"),
    )
}

/// Notes the version of the program that serves the database.
///
/// # Errors
/// [`StoreError`] from the database.
pub fn note_version(tx: &mut Tx<'_>, version: &str) -> Result<(), StoreError> {
    let sql = "INSERT INTO facts (key, value) VALUES ($1, $2) ON CONFLICT (key) DO UPDATE SET value = excluded.value";
    tx.execute(sql, &[SERVED_BY.into(), version.into()]).map(drop)
}

/// Makes this the only token that can be used, until `expires`.
///
/// # Errors
/// [`StoreError`] from the database.
pub fn put_token(tx: &mut Tx<'_>, digest: TokenDigest, now: Timestamp, expires: Timestamp) -> Result<(), StoreError> {
    tx.execute("DELETE FROM setup_tokens WHERE used_at IS NULL", &[])?;
    let sql = "INSERT INTO setup_tokens (digest, created_at, expires_at) VALUES ($1, $2, $3)";
    tx.execute(sql, &[(&digest).into(), now.into(), expires.into()])
        .map(drop)
}

/// Uses the token up: true once, for one caller, before it expires.
///
/// # Errors
/// [`StoreError`] from the database.
pub fn consume(tx: &mut Tx<'_>, digest: TokenDigest, now: Timestamp) -> Result<bool, StoreError> {
    let sql = "UPDATE setup_tokens SET used_at = $1 WHERE digest = $2 AND used_at IS NULL AND expires_at > $1";
    tx.execute(sql, &[now.into(), (&digest).into()]).map(is_one)
}

/// Whether [`consume`] would succeed.
///
/// # Errors
/// [`StoreError`] from the database.
pub fn is_live(tx: &mut Tx<'_>, digest: TokenDigest, now: Timestamp) -> Result<bool, StoreError> {
    let sql = "SELECT count(*) FROM setup_tokens WHERE digest = $1 AND used_at IS NULL AND expires_at > $2";
    tx.number(sql, &[(&digest).into(), now.into()]).map(|live| live == 1)
}

/// When the first admin was made.
///
/// # Errors
/// [`StoreError`] from the database.
pub fn completed_at(tx: &mut Tx<'_>) -> Result<Option<Timestamp>, StoreError> {
    tx.row(
        "SELECT value FROM facts WHERE key = $1",
        &[COMPLETED.into()],
        |columns| {
            columns
                .of("facts")
                .parsed("value", |text| text.parse().ok().map(Timestamp::from_millis))
        },
    )
}

/// Notes that the first admin was made; the first time counts.
///
/// # Errors
/// [`StoreError`] from the database.
pub fn complete(tx: &mut Tx<'_>, now: Timestamp) -> Result<(), StoreError> {
    let sql = "INSERT INTO facts (key, value) VALUES ($1, $2) ON CONFLICT (key) DO NOTHING";
    tx.execute(sql, &[COMPLETED.into(), (&now.millis().to_string()).into()])
        .map(drop)
}

/// On which day the head of the audit log was last sent elsewhere.
///
/// # Errors
/// [`StoreError`] from the database.
pub fn head_published(tx: &mut Tx<'_>) -> Result<Option<String>, StoreError> {
    fact(tx, HEAD_PUBLISHED)
}

/// Notes that it was sent on that day.
///
/// # Errors
/// [`StoreError`] from the database.
pub fn note_head_published(tx: &mut Tx<'_>, day: &str) -> Result<(), StoreError> {
    note_fact(tx, HEAD_PUBLISHED, day)
}

/// What the server was last started with, in words of [`note_settings`].
///
/// # Errors
/// [`StoreError`] from the database.
pub fn settings(tx: &mut Tx<'_>) -> Result<Option<String>, StoreError> {
    fact(tx, SETTINGS)
}

/// Notes what the server was started with.
///
/// # Errors
/// [`StoreError`] from the database.
pub fn note_settings(tx: &mut Tx<'_>, settings: &str) -> Result<(), StoreError> {
    note_fact(tx, SETTINGS, settings)
}

fn fact(tx: &mut Tx<'_>, key: &str) -> Result<Option<String>, StoreError> {
    tx.row("SELECT value FROM facts WHERE key = $1", &[key.into()], |columns| {
        columns.of("facts").text("value")
    })
}

fn note_fact(tx: &mut Tx<'_>, key: &str, value: &str) -> Result<(), StoreError> {
    let sql = "INSERT INTO facts (key, value) VALUES ($1, $2) ON CONFLICT (key) DO UPDATE SET value = excluded.value";
    tx.execute(sql, &[key.into(), value.into()]).map(drop)
}
