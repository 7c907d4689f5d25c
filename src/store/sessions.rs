//! The table `sessions`: who is logged in where. Rows are found by id; digests are only compared.

use std::time::Duration;

use crate::domain::account::AccountKey;
use crate::domain::ids::SessionId;
use crate::domain::secret::TokenDigest;
use crate::domain::session::{Identity, Origin, Session};
use crate::domain::time::Timestamp;

use super::accounts::{self, is_one};
use super::remembered::Packed;
use super::sql::{Columns, Value};
use super::{StoreError, Tx};

/// The columns that [`session`] reads.
macro_rules! columns {
    () => {
        "s.id, s.user_seq, s.refresh, s.previous_refresh, s.rotated_at, s.page, s.method, s.user_agent, s.address, \
         s.created_at, s.last_used_at, s.expires_at, COALESCE(s.proved_at, s.created_at) AS proved_at, \
         s.confirmed_at"
    };
}

pub(super) use columns;

pub(super) fn session(columns: &mut Columns<'_>) -> Result<Session, StoreError> {
    columns.of("sessions");
    Ok(Session {
        id: columns.integer("id").map(SessionId::from_row)?,
        account: columns.integer("user_seq").map(AccountKey::from_row)?,
        refresh: columns.digest("refresh")?,
        previous_refresh: columns.optional_digest("previous_refresh")?,
        rotated_at: columns.time("rotated_at")?,
        page: columns.digest("page")?,
        method: columns.text("method")?,
        origin: Origin {
            user_agent: columns.text("user_agent")?,
            address: columns.text("address")?,
        },
        created_at: columns.time("created_at")?,
        last_used_at: columns.time("last_used_at")?,
        expires_at: columns.time("expires_at")?,
        proved_at: columns.time("proved_at")?,
        confirmed_at: columns.optional_time("confirmed_at")?,
    })
}

/// Adds a session.
///
/// # Errors
/// [`StoreError::Conflict`] if the id is taken or the account is gone.
pub fn insert(tx: &mut Tx<'_>, new: &Session) -> Result<(), StoreError> {
    let values: [Value<'_>; 12] = [
        new.id.into(),
        new.account.into(),
        (&new.refresh).into(),
        new.previous_refresh.as_ref().into(),
        new.rotated_at.into(),
        (&new.page).into(),
        (&new.method).into(),
        (&new.origin.user_agent).into(),
        (&new.origin.address).into(),
        new.created_at.into(),
        new.last_used_at.into(),
        new.expires_at.into(),
    ];
    let sql = "INSERT INTO sessions (id, user_seq, refresh, previous_refresh, rotated_at, page, method, user_agent, \
               address, created_at, last_used_at, expires_at) \
               VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)";
    tx.execute(sql, &values).map(drop)
}

/// The session with this id.
///
/// # Errors
/// [`StoreError`] from the database.
pub fn find(tx: &mut Tx<'_>, id: SessionId) -> Result<Option<Session>, StoreError> {
    let sql = concat!("SELECT ", columns!(), " FROM sessions s WHERE s.id = $1");
    tx.row(sql, &[id.into()], session)
}

/// The session with this id and its owner, in one statement of two look-ups by integer.
///
/// # Errors
/// [`StoreError`] from the database.
pub fn identity(tx: &mut Tx<'_>, id: SessionId) -> Result<Option<Identity>, StoreError> {
    tx.row(IDENTITY, &[id.into()], read_identity)
}

/// As [`identity`], and the row itself, packed: [`unpacked`] makes the same of it.
pub(super) fn identity_and_row(tx: &mut Tx<'_>, id: SessionId) -> Result<Option<(Identity, Vec<u8>)>, StoreError> {
    tx.row(IDENTITY, &[id.into()], |columns| {
        Ok((read_identity(columns)?, columns.packed()))
    })
}

/// What [`identity_and_row`] packed.
pub(super) fn unpacked(row: &[u8]) -> Option<Identity> {
    read_identity(&mut Columns::new(&Packed::new(row))).ok()
}

const IDENTITY: &str = concat!(
    "SELECT ",
    columns!(),
    ", ",
    accounts::columns!(),
    " FROM sessions s JOIN users u ON u.seq = s.user_seq WHERE s.id = $1"
);

fn read_identity(columns: &mut Columns<'_>) -> Result<Identity, StoreError> {
    Ok(Identity {
        session: session(columns)?,
        account: accounts::account(columns)?,
    })
}

/// How many sessions are not past their end.
///
/// # Errors
/// [`StoreError`] from the database.
pub fn count_live(tx: &mut Tx<'_>, now: Timestamp) -> Result<i64, StoreError> {
    tx.number("SELECT COUNT(*) FROM sessions WHERE expires_at > $1", &[now.into()])
}

/// All sessions of an account, newest first; ids grow with time.
///
/// # Errors
/// [`StoreError`] from the database.
pub fn list(tx: &mut Tx<'_>, account: AccountKey) -> Result<Vec<Session>, StoreError> {
    let sql = concat!(
        "SELECT ",
        columns!(),
        " FROM sessions s WHERE s.user_seq = $1 ORDER BY s.id DESC"
    );
    tx.rows(sql, &[account.into()], session)
}

/// Replaces the refresh token `previous` by `new`, and counts as use; false, and no change, unless `previous` is the
/// one that is valid now.
///
/// # Errors
/// [`StoreError`] from the database.
pub fn rotate(
    tx: &mut Tx<'_>,
    id: SessionId,
    new: TokenDigest,
    previous: TokenDigest,
    now: Timestamp,
) -> Result<bool, StoreError> {
    let sql = "UPDATE sessions SET refresh = $1, previous_refresh = $2, rotated_at = $3, \
               last_used_at = CASE WHEN last_used_at < $3 THEN $3 ELSE last_used_at END \
               WHERE id = $4 AND refresh = $2";
    let values = [(&new).into(), (&previous).into(), now.into(), id.into()];
    tx.execute(sql, &values).map(is_one)
}

/// Notes that the person behind a session has proved a second factor too, unless that is noted already.
///
/// # Errors
/// [`StoreError`] from the database.
pub fn strengthen(tx: &mut Tx<'_>, id: SessionId, factor: &str) -> Result<(), StoreError> {
    let sql = "UPDATE sessions SET method = method || '+' || $1 WHERE id = $2 AND method NOT LIKE '%+%'";
    tx.execute(sql, &[factor.into(), id.into()]).map(drop)
}

/// Notes that whoever holds a session has just proved again who they are; false if it is over.
///
/// # Errors
/// [`StoreError`] from the database.
pub fn note_proof(tx: &mut Tx<'_>, id: SessionId, now: Timestamp) -> Result<bool, StoreError> {
    tx.execute(
        "UPDATE sessions SET proved_at = $1 WHERE id = $2",
        &[now.into(), id.into()],
    )
    .map(is_one)
}

/// Notes that the admin who holds a session has confirmed that it is them; false if it is over.
///
/// # Errors
/// [`StoreError`] from the database.
pub fn note_confirmation(tx: &mut Tx<'_>, id: SessionId, now: Timestamp) -> Result<bool, StoreError> {
    tx.execute(
        "UPDATE sessions SET confirmed_at = $1 WHERE id = $2",
        &[now.into(), id.into()],
    )
    .map(is_one)
}

/// Ends a session; false if it was gone.
///
/// # Errors
/// [`StoreError`] from the database.
pub fn delete(tx: &mut Tx<'_>, id: SessionId) -> Result<bool, StoreError> {
    tx.execute("DELETE FROM sessions WHERE id = $1", &[id.into()])
        .map(is_one)
}

/// Ends all sessions of an account but `keep`; answers with how many there were.
///
/// # Errors
/// [`StoreError`] from the database.
pub fn delete_others(tx: &mut Tx<'_>, account: AccountKey, keep: Option<SessionId>) -> Result<u64, StoreError> {
    match keep {
        Some(keep) => tx.execute(
            "DELETE FROM sessions WHERE user_seq = $1 AND id <> $2",
            &[account.into(), keep.into()],
        ),
        None => tx.execute("DELETE FROM sessions WHERE user_seq = $1", &[account.into()]),
    }
}

/// Notes when sessions were last used; never moves a time backwards.
///
/// # Errors
/// [`StoreError`] from the database.
pub fn touch(tx: &mut Tx<'_>, uses: &[(SessionId, Timestamp)]) -> Result<(), StoreError> {
    for (id, at) in uses {
        let sql = "UPDATE sessions SET last_used_at = $1 WHERE id = $2 AND last_used_at < $1";
        tx.execute(sql, &[(*at).into(), (*id).into()])?;
    }
    Ok(())
}

/// How many sessions are not past their end.
///
/// # Errors
/// [`StoreError`] from the database.
pub fn count(tx: &mut Tx<'_>, now: Timestamp) -> Result<i64, StoreError> {
    tx.number("SELECT count(*) FROM sessions WHERE expires_at > $1", &[now.into()])
}

/// Which sessions were used since then, and when.
///
/// # Errors
/// [`StoreError`] from the database.
pub fn used_since(tx: &mut Tx<'_>, since: Timestamp) -> Result<Vec<(SessionId, Timestamp)>, StoreError> {
    let sql = "SELECT id, last_used_at FROM sessions WHERE last_used_at > $1";
    tx.rows(sql, &[since.into()], |columns| {
        let id = columns.of("sessions").integer("id").map(SessionId::from_row)?;
        Ok((id, columns.time("last_used_at")?))
    })
}

/// A session last used at this moment or earlier has been unused for `idle`.
pub(super) fn idle_since(now: Timestamp, idle: Duration) -> Timestamp {
    let span = i64::try_from(idle.as_millis()).unwrap_or(i64::MAX);
    Timestamp::from_millis(now.millis().saturating_sub(span))
}

/// Removes at most `limit` sessions that are past their end or unused for `idle`; answers with how many.
///
/// # Errors
/// [`StoreError`] from the database.
pub fn purge_expired(tx: &mut Tx<'_>, now: Timestamp, idle: Duration, limit: u32) -> Result<u64, StoreError> {
    let sql = "DELETE FROM sessions WHERE id IN \
               (SELECT id FROM sessions WHERE expires_at <= $1 ORDER BY expires_at LIMIT $2)";
    let ended = tx.execute(sql, &[now.into(), limit.into()])?;
    let left = limit.saturating_sub(u32::try_from(ended).unwrap_or(u32::MAX));
    if left == 0 {
        return Ok(ended);
    }
    let sql = "DELETE FROM sessions WHERE id IN \
               (SELECT id FROM sessions WHERE last_used_at <= $1 ORDER BY last_used_at LIMIT $2)";
    Ok(ended + tx.execute(sql, &[idle_since(now, idle).into(), left.into()])?)
}
