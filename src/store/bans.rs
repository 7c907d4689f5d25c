//! The table `bans`. Every change raises a revision in `facts`, by which a running server notices what another process did.

use crate::domain::moderation::ban::Ban;
use crate::domain::moderation::points::Points;
use crate::domain::moderation::subject::Subject;
use crate::domain::time::Timestamp;

use super::accounts::is_one;
use super::sql::{Columns, Value};
use super::{StoreError, Tx};

const REVISION: &str = "bans_revision";

macro_rules! columns {
    () => {
        "id, reference, subject, cause, points, interval, made_by, note, started_at, ends_at, lifted_at, shadow_at"
    };
}

fn ban(columns: &mut Columns<'_>) -> Result<Ban, StoreError> {
    let id = columns.of("bans").integer("id")?;
    Ok(Ban {
        id,
        reference: columns.text("reference")?,
        subject: columns.parsed("subject", |text| text.parse().ok())?,
        cause: columns.text("cause")?,
        points: Points::from_thousandths(columns.integer("points")?),
        interval: Points::from_thousandths(columns.integer("interval")?),
        by: columns.text("made_by")?,
        note: columns.text("note")?,
        started_at: columns.time("started_at")?,
        ends_at: columns.optional_time("ends_at")?,
        lifted_at: columns.optional_time("lifted_at")?,
        shadow: columns.optional_time("shadow_at")?.is_some(),
    })
}

/// Adds a ban; its `id` is given by the database.
///
/// # Errors
/// [`StoreError`] from the database.
pub fn insert(tx: &mut Tx<'_>, ban: &Ban) -> Result<(), StoreError> {
    let optional = |time: Option<Timestamp>| time.map_or(Value::Null, Value::from);
    let subject = ban.subject.to_string();
    let values: [Value<'_>; 10] = [
        (&ban.reference).into(),
        (&subject).into(),
        (&ban.cause).into(),
        ban.points.thousandths().into(),
        ban.interval.thousandths().into(),
        (&ban.by).into(),
        (&ban.note).into(),
        ban.started_at.into(),
        optional(ban.ends_at),
        optional(ban.shadow.then_some(ban.started_at)),
    ];
    let sql = "INSERT INTO bans (reference, subject, cause, points, interval, made_by, note, started_at, ends_at, shadow_at) \
               VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)";
    tx.execute(sql, &values)?;
    raise_revision(tx)
}

/// Every ban that is in force.
///
/// # Errors
/// [`StoreError`] from the database.
pub fn in_force(tx: &mut Tx<'_>, now: Timestamp) -> Result<Vec<Ban>, StoreError> {
    let endless = concat!(
        "SELECT ",
        columns!(),
        " FROM bans WHERE lifted_at IS NULL AND shadow_at IS NULL AND ends_at IS NULL"
    );
    let ending = concat!(
        "SELECT ",
        columns!(),
        " FROM bans WHERE lifted_at IS NULL AND shadow_at IS NULL AND ends_at > $1"
    );
    let mut found = tx.rows(endless, &[], ban)?;
    found.extend(tx.rows(ending, &[now.into()], ban)?);
    Ok(found)
}

/// Bans of every kind, newest first, by pages: those with a smaller id than `before`.
///
/// # Errors
/// [`StoreError`] from the database.
pub fn history(tx: &mut Tx<'_>, before: i64, limit: u32) -> Result<Vec<Ban>, StoreError> {
    let sql = concat!(
        "SELECT ",
        columns!(),
        " FROM bans WHERE id < $1 ORDER BY id DESC LIMIT $2"
    );
    tx.rows(sql, &[before.into(), limit.into()], ban)
}

/// Every ban that a subject ever had, newest first.
///
/// # Errors
/// [`StoreError`] from the database.
pub fn of_subject(tx: &mut Tx<'_>, subject: Subject) -> Result<Vec<Ban>, StoreError> {
    let sql = concat!(
        "SELECT ",
        columns!(),
        " FROM bans WHERE subject = $1 ORDER BY started_at DESC, id DESC"
    );
    tx.rows(sql, &[(&subject.to_string()).into()], ban)
}

/// The ban of that reference.
///
/// # Errors
/// [`StoreError`] from the database.
pub fn by_reference(tx: &mut Tx<'_>, reference: &str) -> Result<Option<Ban>, StoreError> {
    let sql = concat!("SELECT ", columns!(), " FROM bans WHERE reference = $1");
    tx.row(sql, &[reference.into()], ban)
}

/// Lifts a ban; false if it was lifted before.
///
/// # Errors
/// [`StoreError`] from the database.
pub fn lift(tx: &mut Tx<'_>, id: i64, now: Timestamp) -> Result<bool, StoreError> {
    let sql = "UPDATE bans SET lifted_at = $1 WHERE id = $2 AND lifted_at IS NULL";
    let lifted = is_one(tx.execute(sql, &[now.into(), id.into()])?);
    raise_revision(tx)?;
    Ok(lifted)
}

/// A number that grows with every change of the table.
///
/// # Errors
/// [`StoreError`] from the database.
pub fn revision(tx: &mut Tx<'_>) -> Result<i64, StoreError> {
    let found = tx.row(
        "SELECT value FROM facts WHERE key = $1",
        &[REVISION.into()],
        |columns| columns.of("facts").parsed("value", |text| text.parse().ok()),
    )?;
    Ok(found.unwrap_or(0))
}

fn raise_revision(tx: &mut Tx<'_>) -> Result<(), StoreError> {
    let next = (revision(tx)? + 1).to_string();
    let sql = "INSERT INTO facts (key, value) VALUES ($1, $2) ON CONFLICT (key) DO UPDATE SET value = excluded.value";
    tx.execute(sql, &[REVISION.into(), (&next).into()]).map(drop)
}
