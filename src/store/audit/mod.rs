//! The table `audit`: what happened. It is only ever added to, and cut at its old end; each row is chained to the one before
//! (see [`audit_chain`](crate::domain::audit_chain)). What tells of people is sealed under their keys and read back from
//! there; once a key is destroyed it reads [`ERASED`].

mod chain;
mod keys;

use crate::domain::activity::Place;
use crate::domain::audit::{ERASED, Event, EventKind, UNREADABLE};
use crate::domain::ids::UserId;
use crate::domain::time::Timestamp;
use crate::domain::vault::Vault;

use super::sql::Columns;
use super::{StoreError, Tx};

pub(super) use chain::{adopt, has_unchained};
pub use chain::{append, head, purge_before, walk};

/// The columns that make an event, and the keys that open it.
macro_rules! events {
    ($rest:literal) => {
        concat!(
            "SELECT a.id, a.at, a.kind, a.subject, a.actor, a.reference, a.detail, \
             a.origin, o.owner, o.sealed, a.remark, r.owner, r.sealed FROM audit a \
             LEFT JOIN audit_keys o ON o.id = a.origin_key LEFT JOIN audit_keys r ON r.id = a.remark_key ",
            $rest
        )
    };
}

/// Which events are looked for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    /// About this account, or by its owner.
    pub person: Option<UserId>,
    /// Done by: an id, `console`, or whatever else the log calls an actor; whoever did it themselves counts too.
    pub actor: Option<String>,
    /// Of this kind.
    pub kind: Option<EventKind>,
    /// With this reference number.
    pub reference: Option<String>,
    /// Not before.
    pub since: Option<Timestamp>,
    /// Before.
    pub until: Option<Timestamp>,
}

/// What became of something sealed.
enum Opened {
    /// Nothing was sealed.
    Nothing,
    /// This.
    Plain(String),
    /// The key was destroyed.
    Erased,
    /// The key is another server's.
    Unreadable,
}

impl Opened {
    fn or(self, nothing: String) -> String {
        match self {
            Self::Nothing => nothing,
            Self::Plain(text) => text,
            Self::Erased => ERASED.to_owned(),
            Self::Unreadable => UNREADABLE.to_owned(),
        }
    }
}

fn event(columns: &mut Columns<'_>, vault: Option<&dyn Vault>) -> Result<Event, StoreError> {
    Ok(numbered(columns, vault)?.1)
}

fn numbered(columns: &mut Columns<'_>, vault: Option<&dyn Vault>) -> Result<(i64, Event), StoreError> {
    let id = columns.of("audit").integer("id")?;
    let at = columns.time("at")?;
    let kind = columns.parsed("kind", EventKind::from_key)?;
    let subject = columns
        .optional_text("subject")?
        .map(|text| text.parse().map_err(|_| columns.corrupt("subject")))
        .transpose()?;
    let actor = columns.text("actor")?;
    let reference = columns.optional_text("reference")?.unwrap_or_default();
    let detail = columns.text("detail")?;
    let origin = opened(columns, vault, &chain::place("origin", id))?.or(String::new());
    let (address, user_agent) = origin.split_once('\n').unwrap_or((&origin, ""));
    let event = Event {
        at,
        kind,
        subject,
        actor,
        address: address.to_owned(),
        user_agent: user_agent.to_owned(),
        reference,
        detail: opened(columns, vault, &chain::place("remark", id))?.or(detail),
    };
    Ok((id, event))
}

fn opened(columns: &mut Columns<'_>, vault: Option<&dyn Vault>, place: &str) -> Result<Opened, StoreError> {
    let sealed = columns.optional_bytes("sealed")?;
    let owner = columns.optional_text("owner")?;
    let key = columns.optional_bytes("key")?;
    let Some(sealed) = sealed else {
        return Ok(Opened::Nothing);
    };
    let (Some(owner), Some(key)) = (owner, key) else {
        return Ok(Opened::Erased);
    };
    if sealed.is_empty() || keys::is_destroyed(&key) {
        return Ok(Opened::Erased);
    }
    let plain = vault.and_then(|vault| vault.open(&owner, &key, place, &sealed));
    let text = plain.and_then(|plain| String::from_utf8(plain.to_vec()).ok());
    Ok(text.map_or(Opened::Unreadable, Opened::Plain))
}

/// The last `limit` events about an account, newest first.
///
/// # Errors
/// [`StoreError`] from the database.
pub fn recent(tx: &mut Tx<'_>, subject: UserId, limit: u32) -> Result<Vec<Event>, StoreError> {
    let sql = events!("WHERE a.subject = $1 ORDER BY a.at DESC, a.id DESC LIMIT $2");
    let vault = tx.vault();
    tx.rows(sql, &[(&subject.to_string()).into(), limit.into()], |columns| {
        event(columns, vault)
    })
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
    let sql = events!("WHERE a.subject = $1 AND (a.at, a.id) < ($2, $3) ORDER BY a.at DESC, a.id DESC LIMIT $4");
    let before = before.unwrap_or(Place::END);
    let subject = subject.to_string();
    let values = [(&subject).into(), before.at.into(), before.id.into(), limit.into()];
    let vault = tx.vault();
    tx.rows(sql, &values, |columns| {
        let (id, event) = numbered(columns, vault)?;
        Ok((Place { at: event.at, id }, event))
    })
}

/// How many events of that kind and detail there have been about an account since that moment. The kind must be one whose
/// detail is not sealed.
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
    debug_assert!(!kind.tells_of_people(), "{kind:?}");
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
    let sql = events!("WHERE a.id > $1 AND a.kind IN ($2, $3, $4) ORDER BY a.id LIMIT $5");
    let [one, two, three] = kinds.map(EventKind::key);
    let values = [after.into(), one.into(), two.into(), three.into(), limit.into()];
    let vault = tx.vault();
    tx.rows(sql, &values, |columns| numbered(columns, vault))
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

/// Events that `filter` picks, newest first, by pages: up to `limit` of those with a smaller row number than `before`.
///
/// # Errors
/// [`StoreError`] from the database.
pub fn newest(tx: &mut Tx<'_>, filter: &Filter, before: i64, limit: u32) -> Result<Vec<(i64, Event)>, StoreError> {
    let sql = events!(
        "WHERE a.id < $1 AND ($2 IS NULL OR a.subject = $2 OR a.actor = $2) \
         AND ($3 IS NULL OR a.actor = $3 OR (a.actor = '' AND a.subject = $3)) AND ($4 IS NULL OR a.kind = $4) \
         AND ($5 IS NULL OR a.reference = $5) AND ($6 IS NULL OR a.at >= $6) AND ($7 IS NULL OR a.at < $7) \
         ORDER BY a.id DESC LIMIT $8"
    );
    picked(tx, sql, filter, before, limit)
}

/// The same, oldest first: those with a larger row number than `after`.
///
/// # Errors
/// [`StoreError`] from the database.
pub fn oldest(tx: &mut Tx<'_>, filter: &Filter, after: i64, limit: u32) -> Result<Vec<(i64, Event)>, StoreError> {
    let sql = events!(
        "WHERE a.id > $1 AND ($2 IS NULL OR a.subject = $2 OR a.actor = $2) \
         AND ($3 IS NULL OR a.actor = $3 OR (a.actor = '' AND a.subject = $3)) AND ($4 IS NULL OR a.kind = $4) \
         AND ($5 IS NULL OR a.reference = $5) AND ($6 IS NULL OR a.at >= $6) AND ($7 IS NULL OR a.at < $7) \
         ORDER BY a.id LIMIT $8"
    );
    picked(tx, sql, filter, after, limit)
}

fn picked(
    tx: &mut Tx<'_>,
    sql: &'static str,
    filter: &Filter,
    from: i64,
    limit: u32,
) -> Result<Vec<(i64, Event)>, StoreError> {
    let person = filter.person.map(|id| id.to_string());
    let values = [
        from.into(),
        person.as_deref().into(),
        filter.actor.as_deref().into(),
        filter.kind.map(EventKind::key).into(),
        filter.reference.as_deref().into(),
        filter.since.into(),
        filter.until.into(),
        limit.into(),
    ];
    let vault = tx.vault();
    tx.rows(sql, &values, |columns| numbered(columns, vault))
}
