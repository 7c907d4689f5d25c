//! The table `audit`: what happened. It is only ever added to, and cut at its old end.

use crate::domain::activity::Place;
use crate::domain::audit::{Event, EventKind};
use crate::domain::ids::UserId;
use crate::domain::time::Timestamp;

use super::sql::{Columns, Value};
use super::{StoreError, Tx};

fn event(columns: &mut Columns<'_>) -> Result<Event, StoreError> {
    Ok(numbered(columns)?.1)
}

fn numbered(columns: &mut Columns<'_>) -> Result<(i64, Event), StoreError> {
    let id = columns.of("audit").integer("id")?;
    let event = Event {
        at: columns.time("at")?,
        kind: columns.parsed("kind", EventKind::from_key)?,
        subject: columns
            .optional_text("subject")?
            .map(|text| text.parse().map_err(|_| columns.corrupt("subject")))
            .transpose()?,
        actor: columns.text("actor")?,
        address: columns.text("address")?,
        user_agent: columns.text("user_agent")?,
        detail: columns.text("detail")?,
    };
    Ok((id, event))
}

/// Adds an event.
///
/// # Errors
/// [`StoreError`] from the database.
pub fn append(tx: &mut Tx<'_>, event: &Event) -> Result<(), StoreError> {
    let subject = event.subject.map(|id| id.to_string());
    let values: [Value<'_>; 7] = [
        event.at.into(),
        event.kind.key().into(),
        subject.as_deref().into(),
        (&event.actor).into(),
        (&event.address).into(),
        (&event.user_agent).into(),
        (&event.detail).into(),
    ];
    let sql = "INSERT INTO audit (at, kind, subject, actor, address, user_agent, detail) \
               VALUES ($1, $2, $3, $4, $5, $6, $7)";
    tx.execute(sql, &values).map(drop)
}

/// The last `limit` events about an account, newest first.
///
/// # Errors
/// [`StoreError`] from the database.
pub fn recent(tx: &mut Tx<'_>, subject: UserId, limit: u32) -> Result<Vec<Event>, StoreError> {
    let sql = "SELECT id, at, kind, subject, actor, address, user_agent, detail FROM audit WHERE subject = $1 \
               ORDER BY at DESC, id DESC LIMIT $2";
    tx.rows(sql, &[(&subject.to_string()).into(), limit.into()], event)
}

/// Events about an account, newest first, by pages: up to `limit` of those older than `before`, each with its place.
///
/// # Errors
/// [`StoreError`] from the database.
pub fn page(
    tx: &mut Tx<'_>,
    subject: UserId,
    before: Option<Place>,
    limit: u32,
) -> Result<Vec<(Place, Event)>, StoreError> {
    let sql = "SELECT id, at, kind, subject, actor, address, user_agent, detail FROM audit \
               WHERE subject = $1 AND (at, id) < ($2, $3) ORDER BY at DESC, id DESC LIMIT $4";
    let before = before.unwrap_or(Place::END);
    let subject = subject.to_string();
    let values = [(&subject).into(), before.at.into(), before.id.into(), limit.into()];
    tx.rows(sql, &values, |columns| {
        let (id, event) = numbered(columns)?;
        Ok((Place { at: event.at, id }, event))
    })
}

/// How many events of that kind and detail there have been about an account since that moment.
///
/// # Errors
/// [`StoreError`] from the database.
pub fn count_since(
    tx: &mut Tx<'_>,
    subject: UserId,
    kind: EventKind,
    detail: &str,
    since: Timestamp,
) -> Result<i64, StoreError> {
    let sql = "SELECT count(*) FROM audit WHERE subject = $1 AND at > $2 AND kind = $3 AND detail = $4";
    let subject = subject.to_string();
    tx.number(
        sql,
        &[(&subject).into(), since.into(), kind.key().into(), detail.into()],
    )
}

/// Events of three kinds, oldest first, by pages: those after row `after`, each with its row number.
///
/// # Errors
/// [`StoreError`] from the database.
pub fn of_kinds(
    tx: &mut Tx<'_>,
    kinds: [EventKind; 3],
    after: i64,
    limit: u32,
) -> Result<Vec<(i64, Event)>, StoreError> {
    let sql = "SELECT id, at, kind, subject, actor, address, user_agent, detail FROM audit \
               WHERE id > $1 AND kind IN ($2, $3, $4) ORDER BY id LIMIT $5";
    let [one, two, three] = kinds.map(EventKind::key);
    let values = [after.into(), one.into(), two.into(), three.into(), limit.into()];
    tx.rows(sql, &values, numbered)
}

/// The last row from before a moment, found by halves: rows are in the order of time, but for clocks that were set back.
///
/// # Errors
/// [`StoreError`] from the database.
pub fn row_before(tx: &mut Tx<'_>, moment: Timestamp) -> Result<i64, StoreError> {
    let (mut low, mut high) = (0, tx.number("SELECT coalesce(max(id), 0) FROM audit", &[])?);
    while low < high {
        let middle = low + (high - low + 1) / 2;
        let sql = "SELECT id, at FROM audit WHERE id >= $1 ORDER BY id LIMIT 1";
        let at = tx.row(sql, &[middle.into()], |columns| {
            columns.of("audit").integer("id")?;
            columns.time("at")
        })?;
        if at.is_some_and(|at| at < moment) {
            low = middle;
        } else {
            high = middle - 1;
        }
    }
    Ok(low)
}

/// Removes events from before `end`, looking at the oldest `limit` only; answers with how many.
///
/// # Errors
/// [`StoreError`] from the database.
pub fn purge_before(tx: &mut Tx<'_>, end: Timestamp, limit: u32) -> Result<u64, StoreError> {
    let sql = "DELETE FROM audit WHERE id IN (SELECT id FROM audit ORDER BY id LIMIT $1) AND at < $2";
    tx.execute(sql, &[limit.into(), end.into()])
}
