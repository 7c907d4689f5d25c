//! The table `flights`: how logins with other providers ended. Failures are few, the newest ones; successes are one an identity.

use crate::domain::federation::connection::Subject;
use crate::domain::federation::flight::{Flight, Kind, MOST_FAILURES, Stage};
use crate::domain::federation::provider::ProviderId;
use crate::domain::time::Timestamp;

use super::sql::{Columns, Value};
use super::{StoreError, Tx};

fn flight(columns: &mut Columns<'_>) -> Result<(i64, Flight), StoreError> {
    let id = columns.of("flights").integer("id")?;
    let flight = Flight {
        reference: columns.text("reference")?,
        at: columns.time("at")?,
        provider: columns.parsed("provider", |text| ProviderId::parse(text).ok())?,
        kind: columns.parsed("kind", Kind::from_key)?,
        stage: columns.parsed("stage", Stage::from_key)?,
        cause: columns.text("cause")?,
        verdict: columns.text("verdict")?,
        subject: columns
            .optional_text("issuer")?
            .zip(columns.optional_text("subject")?)
            .map(|(issuer, subject)| Subject { issuer, subject }),
        claims: columns.optional_text("claims")?,
    };
    Ok((id, flight))
}

/// Adds logins, and removes what they make superfluous.
///
/// # Errors
/// [`StoreError`] from the database.
pub fn append(tx: &mut Tx<'_>, all: &[Flight]) -> Result<(), StoreError> {
    for one in all {
        insert(tx, one)?;
    }
    for kind in [Kind::Refused, Kind::Failed] {
        let sql = "DELETE FROM flights WHERE kind = $1 AND id <= \
                   (SELECT id FROM flights WHERE kind = $1 ORDER BY id DESC LIMIT 1 OFFSET $2)";
        tx.execute(sql, &[kind.key().into(), MOST_FAILURES.into()])?;
    }
    Ok(())
}

fn insert(tx: &mut Tx<'_>, one: &Flight) -> Result<(), StoreError> {
    let (issuer, subject) = match &one.subject {
        Some(Subject { issuer, subject }) => (Some(issuer.as_str()), Some(subject.as_str())),
        None => (None, None),
    };
    if one.kind == Kind::Success {
        let sql = "DELETE FROM flights WHERE kind = 'success' AND issuer = $1 AND subject = $2";
        tx.execute(sql, &[issuer.into(), subject.into()])?;
    }
    let values: [Value<'_>; 10] = [
        (&one.reference).into(),
        one.at.into(),
        one.provider.as_str().into(),
        one.kind.key().into(),
        one.stage.key().into(),
        (&one.cause).into(),
        (&one.verdict).into(),
        issuer.into(),
        subject.into(),
        one.claims.as_deref().into(),
    ];
    let sql = "INSERT INTO flights (reference, at, provider, kind, stage, cause, verdict, issuer, subject, claims) \
               VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) ON CONFLICT (reference) DO NOTHING";
    tx.execute(sql, &values).map(drop)
}

/// The login of that number.
///
/// # Errors
/// [`StoreError`] from the database.
pub fn by_reference(tx: &mut Tx<'_>, reference: &str) -> Result<Option<Flight>, StoreError> {
    let sql = "SELECT id, reference, at, provider, kind, stage, cause, verdict, issuer, subject, claims FROM flights \
               WHERE reference = $1";
    let found = tx.row(sql, &[reference.into()], flight)?;
    Ok(found.map(|(_, flight)| flight))
}

/// Up to `limit` logins before the row `before`, newest first, each with its row.
///
/// # Errors
/// [`StoreError`] from the database.
pub fn page(tx: &mut Tx<'_>, before: i64, limit: u32) -> Result<Vec<(i64, Flight)>, StoreError> {
    let sql = "SELECT id, reference, at, provider, kind, stage, cause, verdict, issuer, subject, claims FROM flights \
               WHERE id < $1 ORDER BY id DESC LIMIT $2";
    tx.rows(sql, &[before.into(), limit.into()], flight)
}

/// Removes up to `limit` logins of before `at`, and as many successes of identities that are connected no more.
///
/// # Errors
/// [`StoreError`] from the database.
pub fn purge(tx: &mut Tx<'_>, at: Timestamp, limit: u32) -> Result<u64, StoreError> {
    let sql = "DELETE FROM flights WHERE id IN (SELECT id FROM flights WHERE at < $1 ORDER BY at LIMIT $2)";
    let old = tx.execute(sql, &[at.into(), limit.into()])?;
    let sql = "DELETE FROM flights WHERE id IN (SELECT f.id FROM flights f WHERE f.kind = 'success' AND NOT EXISTS \
               (SELECT 1 FROM identities i WHERE i.issuer = f.issuer AND i.subject = f.subject) LIMIT $1)";
    Ok(old + tx.execute(sql, &[limit.into()])?)
}
