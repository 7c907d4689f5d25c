//! Adding to the chain, cutting it at its old end, and walking along it. Whoever adds holds the write lock, so that the head
//! is nobody else's meanwhile.

use rusqlite::Connection;

use crate::domain::audit::{Event, EventKind};
use crate::domain::audit_chain::{Break, End, Link, Mark, NOTHING, Row, Sealed, Walk, Whole};
use crate::domain::ids::UserId;
use crate::domain::time::Timestamp;
use crate::domain::vault::Vault;
use crate::store::sql::{Columns, Value};
use crate::store::{StoreError, Tx, tallies};

use super::keys;

/// Rows read at a time.
const PAGE: u32 = 1000;

/// What a row is chained to if the head before it was not signed here: such a chain is never whole again, so that nobody
/// has a head of their own making signed by what happens next.
const UNSIGNED: Link = *b"chained to a head without signer";

/// For which place something is sealed.
pub(super) fn place(column: &str, seq: i64) -> String {
    format!("{column}/{seq}")
}

/// Adds an event.
///
/// # Errors
/// [`StoreError`] from the database, or if the store was opened without the keys of the server.
pub fn append(tx: &mut Tx<'_>, event: &Event) -> Result<(), StoreError> {
    let vault = vault(tx)?;
    let about = event
        .subject
        .map_or_else(|| keys::day(event.at), |subject| subject.to_string());
    let from = match event.actor.parse::<UserId>() {
        Ok(actor) => actor.to_string(),
        Err(_) => about.clone(),
    };
    chain(tx, vault, event, (&from, &about))?;
    tallies::count(tx, event)
}

fn vault<'a>(tx: &Tx<'a>) -> Result<&'a dyn Vault, StoreError> {
    tx.vault()
        .ok_or_else(|| StoreError::Other("the audit log is written with the keys of the server only".to_owned()))
}

/// Chains an event; address and device are sealed for the first owner, a remark about people for the second.
fn chain(tx: &mut Tx<'_>, vault: &dyn Vault, event: &Event, owners: (&str, &str)) -> Result<(), StoreError> {
    let head = mark(tx, End::Head)?;
    let (seq, before) = match &head {
        Some(head) if head.is_signed(End::Head, vault) => (head.seq, head.link),
        Some(head) => (head.seq, UNSIGNED),
        None => first_after(tx, vault)?,
    };
    let seq = seq.saturating_add(1);
    match write(tx, vault, (seq, &before), event, owners) {
        // Somebody put a row behind the head; what happened now is recorded all the same.
        Err(StoreError::Conflict(_)) => {
            let last = tx.number("SELECT coalesce(max(id), 0) FROM audit", &[])?;
            write(tx, vault, (last.saturating_add(1), &before), event, owners)
        }
        outcome => outcome,
    }
}

/// Where a chain without a head goes on: at its beginning, or behind what retention left of it.
fn first_after(tx: &mut Tx<'_>, vault: &dyn Vault) -> Result<(i64, Link), StoreError> {
    let rows = tx.number("SELECT coalesce(max(id), 0) FROM audit", &[])?;
    match mark(tx, End::Anchor)? {
        None if rows == 0 => Ok((0, NOTHING)),
        Some(anchor) if rows == 0 && anchor.is_signed(End::Anchor, vault) => Ok((anchor.seq, anchor.link)),
        anchor => Ok((rows.max(anchor.map_or(0, |anchor| anchor.seq)), UNSIGNED)),
    }
}

fn write(
    tx: &mut Tx<'_>,
    vault: &dyn Vault,
    (seq, before): (i64, &Link),
    event: &Event,
    (from, about): (&str, &str),
) -> Result<(), StoreError> {
    let mut sealed = |column: &str, owner: &str, plain: &str| -> Result<Option<Sealed>, StoreError> {
        if plain.is_empty() {
            return Ok(None);
        }
        let (key, bytes) = keys::seal(tx, vault, owner, &place(column, seq), plain.as_bytes())?;
        Ok(Some(Sealed { key, bytes }))
    };
    let origin = if event.user_agent.is_empty() {
        event.address.clone()
    } else {
        format!("{}\n{}", event.address, event.user_agent)
    };
    let (detail, remark) = if event.kind.tells_of_people() {
        ("", event.detail.as_str())
    } else {
        (event.detail.as_str(), "")
    };
    let row = Row {
        seq,
        at: event.at,
        kind: event.kind.key().to_owned(),
        subject: event.subject.map(|id| id.to_string()),
        actor: event.actor.clone(),
        reference: Some(event.reference.clone()).filter(|reference| !reference.is_empty()),
        detail: detail.to_owned(),
        origin: sealed("origin", from, &origin)?,
        remark: sealed("remark", about, remark)?,
    };
    let link = row.link(before);
    insert(tx, &row, &link)?;
    put_mark(tx, End::Head, &Mark::sign(End::Head, seq, link, event.at, vault))
}

fn insert(tx: &mut Tx<'_>, row: &Row, link: &Link) -> Result<(), StoreError> {
    let sql = "INSERT INTO audit (id, at, kind, subject, actor, reference, detail, origin_key, origin, remark_key, remark, \
               digest) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)";
    let values: [Value<'_>; 12] = [
        row.seq.into(),
        row.at.into(),
        (&row.kind).into(),
        row.subject.as_deref().into(),
        (&row.actor).into(),
        row.reference.as_deref().into(),
        (&row.detail).into(),
        row.origin.as_ref().map(|sealed| sealed.key).into(),
        row.origin.as_ref().map(|sealed| sealed.bytes.as_slice()).into(),
        row.remark.as_ref().map(|sealed| sealed.key).into(),
        row.remark.as_ref().map(|sealed| sealed.bytes.as_slice()).into(),
        link.as_slice().into(),
    ];
    tx.execute(sql, &values).map(drop)
}

/// The signed head; `None` before the first event.
///
/// # Errors
/// [`StoreError`] from the database.
pub fn head(tx: &mut Tx<'_>) -> Result<Option<Mark>, StoreError> {
    mark(tx, End::Head)
}

fn mark(tx: &mut Tx<'_>, end: End) -> Result<Option<Mark>, StoreError> {
    let sql = "SELECT seq, digest, at, mac FROM audit_marks WHERE name = $1";
    tx.row(sql, &[end.key().into()], |columns| {
        Ok(Mark {
            seq: columns.of("audit_marks").integer("seq")?,
            link: columns.bytes("digest", |bytes| bytes.try_into().ok())?,
            at: columns.time("at")?,
            mac: columns.bytes("mac", |bytes| bytes.try_into().ok())?,
        })
    })
}

fn put_mark(tx: &mut Tx<'_>, end: End, mark: &Mark) -> Result<(), StoreError> {
    let sql = "INSERT INTO audit_marks (name, seq, digest, at, mac) VALUES ($1, $2, $3, $4, $5) \
               ON CONFLICT (name) DO UPDATE SET seq = excluded.seq, digest = excluded.digest, at = excluded.at, \
               mac = excluded.mac";
    let values = [
        end.key().into(),
        mark.seq.into(),
        mark.link.as_slice().into(),
        mark.at.into(),
        mark.mac.as_slice().into(),
    ];
    tx.execute(sql, &values).map(drop)
}

fn row(columns: &mut Columns<'_>) -> Result<(Row, Link), StoreError> {
    let seq = columns.of("audit").integer("id")?;
    let (at, kind) = (columns.time("at")?, columns.text("kind")?);
    let (subject, actor) = (columns.optional_text("subject")?, columns.text("actor")?);
    let (reference, detail) = (columns.optional_text("reference")?, columns.text("detail")?);
    let row = Row {
        seq,
        at,
        kind,
        subject,
        actor,
        reference,
        detail,
        origin: sealed(columns, "origin")?,
        remark: sealed(columns, "remark")?,
    };
    let link = columns.bytes("digest", |bytes| bytes.try_into().ok())?;
    Ok((row, link))
}

fn sealed(columns: &mut Columns<'_>, column: &'static str) -> Result<Option<Sealed>, StoreError> {
    let (key, bytes) = (columns.optional_integer(column)?, columns.optional_bytes(column)?);
    match (key, bytes) {
        (None, None) => Ok(None),
        (Some(key), Some(bytes)) => Ok(Some(Sealed { key, bytes })),
        (None, Some(_)) | (Some(_), None) => Err(columns.corrupt(column)),
    }
}

fn rows_after(tx: &mut Tx<'_>, after: i64, limit: u32) -> Result<Vec<(Row, Link)>, StoreError> {
    let sql = "SELECT id, at, kind, subject, actor, reference, detail, origin_key, origin, remark_key, remark, digest \
               FROM audit WHERE id > $1 ORDER BY id LIMIT $2";
    tx.rows(sql, &[after.into(), limit.into()], row)
}

/// Verifies the whole chain, also against heads that were kept elsewhere.
///
/// # Errors
/// [`StoreError`] from the database; what is wrong with the chain is `Ok(Err(…))`.
pub fn walk(tx: &mut Tx<'_>, kept: Vec<Mark>) -> Result<Result<Whole, Break>, StoreError> {
    let vault = vault(tx)?;
    let anchor = match mark(tx, End::Anchor) {
        Err(StoreError::Corrupt { .. }) => return Ok(Err(Break::AnchorForged)),
        anchor => anchor?,
    };
    let mut walk = match Walk::begin(anchor.as_ref(), kept, vault) {
        Ok(walk) => walk,
        Err(found) => return Ok(Err(found)),
    };
    let mut after = i64::MIN;
    loop {
        let page = match rows_after(tx, after, PAGE) {
            Err(StoreError::Corrupt { row, .. }) => return Ok(Err(unreadable(tx, walk, after, row))),
            page => page?,
        };
        let Some((last, _)) = page.last() else { break };
        after = last.seq;
        if let Err(found) = page.iter().try_for_each(|(row, link)| walk.step(row, link)) {
            return Ok(Err(found));
        }
    }
    Ok(match mark(tx, End::Head) {
        Err(StoreError::Corrupt { .. }) => Err(Break::HeadForged),
        head => walk.end(head?.as_ref(), vault),
    })
}

/// A row has something in it that no row has. The rows before it on its page may have a break of their own.
fn unreadable(tx: &mut Tx<'_>, mut walk: Walk, mut after: i64, row: i64) -> Break {
    while let Ok(page) = rows_after(tx, after, 1) {
        let Some((good, link)) = page.first().filter(|(good, _)| good.seq < row) else {
            break;
        };
        after = good.seq;
        if let Err(found) = walk.step(good, link) {
            return found;
        }
    }
    Break::Altered { seq: row }
}

/// Cuts off events from before `end`, looking at the oldest `limit` only; answers with how many. A row that claims to be
/// from the future goes with those around it, lest one wrong clock keeps everything for ever.
///
/// # Errors
/// [`StoreError`] from the database.
pub fn purge_before(tx: &mut Tx<'_>, end: Timestamp, now: Timestamp, limit: u32) -> Result<u64, StoreError> {
    let vault = vault(tx)?;
    let mut cut = None;
    for (row, link) in rows_after(tx, i64::MIN, limit)? {
        if row.at < end {
            cut = Some((row.seq, link));
        } else if row.at <= now {
            break;
        }
    }
    let removed = match cut {
        Some((seq, link)) => {
            put_mark(tx, End::Anchor, &Mark::sign(End::Anchor, seq, link, now, vault))?;
            tx.execute("DELETE FROM audit WHERE id <= $1", &[seq.into()])?
        }
        None => 0,
    };
    keys::purge(tx, end, limit)?;
    Ok(removed)
}

/// Chains what was written before there was a chain, sealed for its owners; for those who are gone, for the day. Answers with
/// how many rows there were.
pub(in crate::store) fn adopt(tx: &mut Tx<'_>) -> Result<u64, StoreError> {
    let Some(vault) = tx.vault() else { return Ok(0) };
    let sql = "SELECT id, at, kind, subject, actor, address, user_agent, detail FROM audit_unchained \
               WHERE id > $1 ORDER BY id LIMIT $2";
    let (mut after, mut adopted) = (i64::MIN, 0);
    loop {
        let page = tx.rows(sql, &[after.into(), PAGE.into()], unchained)?;
        let Some((last, _)) = page.last() else { break };
        after = *last;
        for (_, event) in &page {
            let day = keys::day(event.at);
            let about = match event.subject {
                Some(subject) if is_there(tx, subject)? => subject.to_string(),
                Some(_) | None => day.clone(),
            };
            let from = match event.actor.parse::<UserId>() {
                Ok(actor) if is_there(tx, actor)? => actor.to_string(),
                Ok(_) => day,
                Err(_) => about.clone(),
            };
            chain(tx, vault, event, (&from, &about))?;
            adopted += 1;
        }
    }
    if adopted > 0 {
        tx.execute("DELETE FROM audit_unchained", &[])?;
    }
    Ok(adopted)
}

/// Whether there are events from before there was a chain.
pub(in crate::store) fn has_unchained(connection: &Connection) -> rusqlite::Result<bool> {
    let table = "SELECT EXISTS (SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = 'audit_unchained')";
    let is_there: bool = connection.query_row(table, [], |row| row.get(0))?;
    let rows = "SELECT EXISTS (SELECT 1 FROM audit_unchained)";
    Ok(is_there && connection.query_row(rows, [], |row| row.get(0))?)
}

fn is_there(tx: &mut Tx<'_>, person: UserId) -> Result<bool, StoreError> {
    let sql = "SELECT count(*) FROM users WHERE id = $1";
    Ok(tx.number(sql, &[(&person.to_string()).into()])? > 0)
}

fn unchained(columns: &mut Columns<'_>) -> Result<(i64, Event), StoreError> {
    let id = columns.of("audit_unchained").integer("id")?;
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
        reference: String::new(),
        detail: columns.text("detail")?,
    };
    Ok((id, event))
}
