//! The table `upstream`: what providers issued in the login that opened a session. It goes with the session.

use crate::domain::federation::connection::Subject;
use crate::domain::federation::provider::ProviderId;
use crate::domain::federation::upstream::LogoutNotice;
use crate::domain::ids::{SessionId, UserId};
use crate::domain::time::Timestamp;

use super::accounts::is_one;
use super::sql::{Columns, Value};
use super::{StoreError, Tx};

/// What is kept of a login.
#[derive(Clone, Debug)]
pub struct NewUpstream {
    /// Through which provider.
    pub provider: ProviderId,
    /// What the provider calls its own session.
    pub sid: Option<String>,
    /// Its tokens.
    pub sealed: Option<Vec<u8>>,
    /// When they shall be renewed.
    pub due_at: Option<Timestamp>,
}

/// The same as it was kept.
#[derive(Clone, Debug)]
pub struct Upstream {
    /// Row number.
    pub id: i64,
    /// Our session.
    pub session: SessionId,
    /// Whose.
    pub user: UserId,
    /// Who that is at the provider.
    pub subject: Subject,
    /// The address or name that the provider gives the person.
    pub called: Option<String>,
    /// Through which provider.
    pub provider: ProviderId,
    /// Its tokens.
    pub sealed: Option<Vec<u8>>,
    /// When they shall be renewed.
    pub due_at: Option<Timestamp>,
    /// How often that failed in a row.
    pub failures: u32,
}

macro_rules! columns {
    () => {
        "p.id, p.session, u.id AS user_id, i.issuer, i.subject, i.email, i.name, p.provider, p.sealed, p.due_at, p.failures"
    };
}

macro_rules! joined {
    () => {
        " FROM upstream p JOIN identities i ON i.id = p.identity JOIN users u ON u.seq = i.user_seq "
    };
}

fn upstream(columns: &mut Columns<'_>) -> Result<Upstream, StoreError> {
    columns.of("upstream");
    let id = columns.integer("id")?;
    let session = columns.integer("session").map(SessionId::from_row)?;
    let user = columns.parsed("user_id", |text| text.parse().ok())?;
    let subject = Subject {
        issuer: columns.text("issuer")?,
        subject: columns.text("subject")?,
    };
    let (email, name) = (columns.optional_text("email")?, columns.optional_text("name")?);
    Ok(Upstream {
        id,
        session,
        user,
        subject,
        called: email.or(name),
        provider: columns.parsed("provider", |text| ProviderId::parse(text).ok())?,
        sealed: columns.optional_bytes("sealed")?,
        due_at: columns.optional_time("due_at")?,
        failures: columns.count("failures")?,
    })
}

/// Keeps what a provider issued to somebody who is known by an identity; answers with the row's number, or with nothing if
/// the identity is not connected.
///
/// # Errors
/// [`StoreError`] from the database.
pub fn insert(
    tx: &mut Tx<'_>,
    subject: &Subject,
    new: &NewUpstream,
    now: Timestamp,
) -> Result<Option<i64>, StoreError> {
    let values: [Value<'_>; 7] = [
        new.provider.as_str().into(),
        new.sid.as_ref().into(),
        new.sealed.as_deref().into(),
        new.due_at.into(),
        now.into(),
        (&subject.issuer).into(),
        (&subject.subject).into(),
    ];
    let sql = "INSERT INTO upstream (identity, provider, sid, sealed, due_at, failures, refreshed_at) \
               SELECT id, $1, $2, $3, $4, 0, $5 FROM identities WHERE issuer = $6 AND subject = $7 RETURNING id";
    tx.row(sql, &values, |columns| columns.of("upstream").integer("id"))
}

/// Whether it is still there: not if the provider said meanwhile that the person logged out.
///
/// # Errors
/// [`StoreError`] from the database.
pub fn is_there(tx: &mut Tx<'_>, id: i64) -> Result<bool, StoreError> {
    let sql = "SELECT id FROM upstream WHERE id = $1";
    let found = tx.row(sql, &[id.into()], |columns| columns.of("upstream").integer("id"))?;
    Ok(found.is_some())
}

/// Binds it to the session that the login opened.
///
/// # Errors
/// [`StoreError`] from the database.
pub fn bind(tx: &mut Tx<'_>, id: i64, session: SessionId) -> Result<bool, StoreError> {
    let sql = "UPDATE upstream SET session = $1 WHERE id = $2 AND session IS NULL";
    tx.execute(sql, &[session.into(), id.into()]).map(is_one)
}

/// What belongs to a session.
///
/// # Errors
/// [`StoreError`] from the database.
pub fn of_session(tx: &mut Tx<'_>, session: SessionId) -> Result<Option<Upstream>, StoreError> {
    let sql = concat!("SELECT ", columns!(), joined!(), "WHERE p.session = $1");
    tx.row(sql, &[session.into()], upstream)
}

/// Up to `limit` whose tokens shall be renewed now, longest due first.
///
/// # Errors
/// [`StoreError`] from the database.
pub fn due(tx: &mut Tx<'_>, now: Timestamp, limit: u32) -> Result<Vec<Upstream>, StoreError> {
    let sql = concat!(
        "SELECT ",
        columns!(),
        joined!(),
        "WHERE p.due_at <= $1 AND p.session IS NOT NULL ORDER BY p.due_at LIMIT $2"
    );
    tx.rows(sql, &[now.into(), limit.into()], upstream)
}

/// Takes one to renew it: for one caller, until `until`.
///
/// # Errors
/// [`StoreError`] from the database.
pub fn claim(tx: &mut Tx<'_>, id: i64, due_at: Timestamp, until: Timestamp) -> Result<bool, StoreError> {
    let sql = "UPDATE upstream SET due_at = $1 WHERE id = $2 AND due_at = $3";
    tx.execute(sql, &[until.into(), id.into(), due_at.into()]).map(is_one)
}

/// Replaces the tokens by newer ones; false if the session is over.
///
/// # Errors
/// [`StoreError`] from the database.
pub fn renew(
    tx: &mut Tx<'_>,
    id: i64,
    sealed: &[u8],
    due_at: Option<Timestamp>,
    now: Timestamp,
) -> Result<bool, StoreError> {
    let sql = "UPDATE upstream SET sealed = $1, due_at = $2, failures = 0, refreshed_at = $3 WHERE id = $4";
    let values = [sealed.into(), due_at.into(), now.into(), id.into()];
    tx.execute(sql, &values).map(is_one)
}

/// Notes that they could not be renewed: the next try comes at `due_at`, or never.
///
/// # Errors
/// [`StoreError`] from the database.
pub fn note_failure(tx: &mut Tx<'_>, id: i64, due_at: Option<Timestamp>) -> Result<bool, StoreError> {
    let sql = "UPDATE upstream SET due_at = $1, failures = failures + 1 WHERE id = $2";
    tx.execute(sql, &[due_at.into(), id.into()]).map(is_one)
}

/// The sessions that a provider says are over, and their owners: by its own session, by the person, or by both. A session of
/// which the provider never said to which of its own it belongs counts as meant when the person is.
///
/// # Errors
/// [`StoreError`] from the database.
pub fn meant(tx: &mut Tx<'_>, notice: &LogoutNotice) -> Result<Vec<(SessionId, UserId)>, StoreError> {
    let read = |columns: &mut Columns<'_>| {
        columns.of("upstream");
        let session = columns.integer("session").map(SessionId::from_row)?;
        Ok((session, columns.parsed("user_id", |text| text.parse().ok())?))
    };
    let (issuer, sid) = ((&notice.issuer).into(), notice.session.as_ref().into());
    let Some(subject) = &notice.subject else {
        let sql = concat!(
            "SELECT p.session, u.id AS user_id",
            joined!(),
            "WHERE p.sid = $1 AND i.issuer = $2 AND p.session IS NOT NULL"
        );
        return tx.rows(sql, &[sid, issuer], read);
    };
    let sql = concat!(
        "SELECT p.session, u.id AS user_id",
        joined!(),
        "WHERE i.issuer = $1 AND i.subject = $2 AND p.session IS NOT NULL \
         AND ($3 IS NULL OR p.sid IS NULL OR p.sid = $3)"
    );
    tx.rows(sql, &[issuer, subject.into(), sid], read)
}

/// Forgets logins whose second step is not done and that a provider says are over.
///
/// # Errors
/// [`StoreError`] from the database.
pub fn forget_unfinished(tx: &mut Tx<'_>, notice: &LogoutNotice) -> Result<u64, StoreError> {
    let (issuer, sid) = ((&notice.issuer).into(), notice.session.as_ref().into());
    let Some(subject) = &notice.subject else {
        let sql = "DELETE FROM upstream WHERE sid = $1 AND session IS NULL \
                   AND identity IN (SELECT id FROM identities WHERE issuer = $2)";
        return tx.execute(sql, &[sid, issuer]);
    };
    let sql = "DELETE FROM upstream WHERE session IS NULL \
               AND identity IN (SELECT id FROM identities WHERE issuer = $1 AND subject = $2) \
               AND ($3 IS NULL OR sid IS NULL OR sid = $3)";
    tx.execute(sql, &[issuer, subject.into(), sid])
}

/// Forgets up to `limit` logins from before `since` whose second step never came; answers with how many.
///
/// # Errors
/// [`StoreError`] from the database.
pub fn purge(tx: &mut Tx<'_>, since: Timestamp, limit: u32) -> Result<u64, StoreError> {
    let sql = "DELETE FROM upstream WHERE id IN \
               (SELECT id FROM upstream WHERE session IS NULL AND refreshed_at <= $1 ORDER BY refreshed_at LIMIT $2)";
    tx.execute(sql, &[since.into(), limit.into()])
}
