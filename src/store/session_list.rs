//! Finding sessions in the table `sessions`: filters, two orders, pages in both directions.
//!
//! As in the list of accounts, what is rare is looked up and sorted here, and what is not is walked over in the order of the
//! list. Rows are judged by the session alone as far as that goes: owners are read for those that are left.

use crate::domain::account::AccountKey;
use crate::domain::directory::Sort::Created;
use crate::domain::ids::SessionId;
use crate::domain::list::{Place, SortKey, Start, Total};
use crate::domain::moderation::network::Network;
use crate::domain::session::{Identity, Session};
use crate::domain::session_list::{Filter, Found, Order, Present, Sort};
use crate::domain::time::Timestamp;

use super::list::{self, List, Portion};
use super::sessions::{columns, identity, session};
use super::sql::Value;
use super::{StoreError, Tx, accounts, sessions, words};

/// What matches more often than this is not counted further.
const COUNTED: i64 = 10_000;

/// What matches more often than this is not looked up.
const RARE: i64 = 2_000;

/// Words that lead to more accounts than this lead nowhere.
const MOST_OWNERS: u32 = 500;

/// Follows every character of an address or a method.
const BEHIND: char = '\u{7f}';

macro_rules! by_use {
    ($than:literal, $bound:literal, $direction:literal) => {
        concat!(
            "SELECT ",
            columns!(),
            " FROM sessions s WHERE (s.last_used_at, s.id) ",
            $than,
            " ($1, $2) AND s.last_used_at ",
            $bound,
            " $3 ORDER BY s.last_used_at",
            $direction,
            ", s.id",
            $direction,
            " LIMIT $4"
        )
    };
}

macro_rules! by_login {
    ($than:literal, $direction:literal) => {
        concat!(
            "SELECT ",
            columns!(),
            " FROM sessions s WHERE s.id ",
            $than,
            " $1 ORDER BY s.id",
            $direction,
            " LIMIT $2"
        )
    };
}

macro_rules! where_ {
    ($condition:literal, $limit:literal) => {
        (
            concat!(
                "SELECT count(*) FROM (SELECT 1 FROM sessions s WHERE ",
                $condition,
                " LIMIT ",
                $limit,
                ") AS found"
            ),
            concat!(
                "SELECT ",
                columns!(),
                " FROM sessions s WHERE ",
                $condition,
                " LIMIT ",
                $limit
            ),
        )
    };
}

const USED: (&str, &str) = where_!(
    "s.last_used_at >= $1 AND s.last_used_at < $2 AND s.expires_at > $3",
    "$4"
);
const ADDRESS: (&str, &str) = where_!("s.address >= $1 AND s.address < $2", "$3");
const METHOD: (&str, &str) = where_!("s.method >= $1 AND s.method < $2", "$3");

/// The list, as it was asked for.
struct Sessions<'f> {
    filter: &'f Filter,
    order: Order,
    present: Present,
}

impl Sessions<'_> {
    /// Those that match, with their owners.
    fn judged(&self, tx: &mut Tx<'_>, rows: Vec<Session>) -> Result<Vec<Identity>, StoreError> {
        let mut found = Vec::new();
        for row in rows {
            if self.filter.takes(&row, self.present) {
                let known = identity(tx, row.id)?;
                found.extend(known.filter(|known| self.filter.matches(known, self.present)));
            }
        }
        Ok(found)
    }

    fn in_order(
        &self,
        tx: &mut Tx<'_>,
        is_descending: bool,
        from: Option<&Place>,
        steps: u32,
    ) -> Result<Vec<Session>, StoreError> {
        let (first, end) = self.filter.used_between(self.present);
        let outermost = |number: i64| Value::Integer(number);
        let row = from.map(|place| outermost(place.row));
        match (self.order.sort, is_descending) {
            (Sort::Started, false) => {
                let values = [row.unwrap_or(outermost(i64::MIN)), steps.into()];
                tx.rows(by_login!(">", ""), &values, session)
            }
            (Sort::Started, true) => {
                let values = [row.unwrap_or(outermost(i64::MAX)), steps.into()];
                tx.rows(by_login!("<", " DESC"), &values, session)
            }
            (Sort::Used, false) => {
                let (used, row) = used_and_row(from, (first, i64::MIN));
                tx.rows(by_use!(">", "<", ""), &[used, row, end.into(), steps.into()], session)
            }
            (Sort::Used, true) => {
                let (used, row) = used_and_row(from, (end, i64::MIN));
                tx.rows(
                    by_use!("<", ">=", " DESC"),
                    &[used, row, first.into(), steps.into()],
                    session,
                )
            }
        }
    }
}

fn used_and_row(from: Option<&Place>, outermost: (Timestamp, i64)) -> (Value<'static>, Value<'static>) {
    match from {
        Some(Place {
            key: SortKey::Number(used),
            row,
        }) => (Value::Integer(*used), Value::Integer(*row)),
        Some(_) | None => (outermost.0.into(), Value::Integer(outermost.1)),
    }
}

impl List for Sessions<'_> {
    type Row = Identity;

    fn is_whole(&self) -> bool {
        self.filter.is_empty()
    }

    fn is_descending(&self) -> bool {
        self.order.is_descending
    }

    fn place(&self, row: &Identity) -> Place {
        self.order.sort.place_of(&row.session)
    }

    fn read(
        &self,
        tx: &mut Tx<'_>,
        is_descending: bool,
        from: Option<&Place>,
        steps: u32,
    ) -> Result<Portion<Identity>, StoreError> {
        let rows = self.in_order(tx, is_descending, from, steps)?;
        let is_end = rows.len() < steps as usize;
        let last = rows.last().map(|row| self.order.sort.place_of(row));
        Ok(Portion {
            rows: self.judged(tx, rows)?,
            last,
            is_end,
        })
    }
}

/// One thing that is asked for and has an index.
enum Lead {
    Range((&'static str, &'static str), [String; 2]),
    Used(Timestamp, Timestamp),
    Owners(Vec<AccountKey>),
}

impl Lead {
    fn all(tx: &mut Tx<'_>, list: &Sessions<'_>) -> Result<Vec<Self>, StoreError> {
        let filter = list.filter;
        let (first, end) = filter.used_between(list.present);
        let mut leads = vec![Self::Used(first, end)];
        if let Some(beginning) = filter.network.and_then(beginning) {
            leads.push(Self::beginning(ADDRESS, beginning));
        }
        if let Some(way) = &filter.way {
            leads.push(Self::beginning(METHOD, way.clone()));
        }
        if let Some(id) = filter.user {
            let owner = accounts::by_id(tx, id)?;
            leads.push(Self::Owners(owner.iter().map(|owner| owner.key).collect()));
        } else if !filter.words.is_empty() {
            let trail = words::follow(tx, &filter.words, MOST_OWNERS + 1)?;
            if trail.count <= i64::from(MOST_OWNERS) {
                let owners = words::rows(tx, &filter.words, (&trail, MOST_OWNERS + 1), Created)?.into_iter();
                let owners = owners.filter(|owner| filter.takes_owner(&owner.account));
                leads.push(Self::Owners(owners.map(|owner| owner.account.key).collect()));
            }
        }
        Ok(leads)
    }

    fn beginning(statements: (&'static str, &'static str), text: String) -> Self {
        let end = format!("{text}{BEHIND}");
        Self::Range(statements, [text, end])
    }

    /// How many rows it leads to, up to one more than is counted.
    fn count(&self, tx: &mut Tx<'_>, now: Timestamp) -> Result<i64, StoreError> {
        let limit = Value::Integer(COUNTED + 1);
        match self {
            Self::Range((count, _), [from, end]) => tx.number(count, &[from.into(), end.into(), limit]),
            Self::Used(from, end) => tx.number(USED.0, &[(*from).into(), (*end).into(), now.into(), limit]),
            Self::Owners(owners) => {
                let mut count = 0;
                for owner in owners {
                    count += tx.number("SELECT count(*) FROM sessions WHERE user_seq = $1", &[(*owner).into()])?;
                }
                Ok(count)
            }
        }
    }

    fn rows(&self, tx: &mut Tx<'_>, now: Timestamp) -> Result<Vec<Session>, StoreError> {
        let limit = Value::Integer(RARE);
        match self {
            Self::Range((_, rows), [from, end]) => tx.rows(rows, &[from.into(), end.into(), limit], session),
            Self::Used(from, end) => {
                let values = [(*from).into(), (*end).into(), now.into(), limit];
                tx.rows(USED.1, &values, session)
            }
            Self::Owners(owners) => {
                let mut rows = Vec::new();
                for owner in owners {
                    rows.extend(sessions::list(tx, *owner)?);
                }
                Ok(rows)
            }
        }
    }
}

/// What the addresses of a network begin with, as text; `None` if that is nothing.
fn beginning(network: Network) -> Option<String> {
    let text = network.to_string();
    let (base, _) = text.split_once('/').unwrap_or((&text, ""));
    let prefix = usize::from(network.prefix());
    if let Some(parts) = base.contains('.').then(|| base.split('.')) {
        let whole: Vec<&str> = parts.take(prefix / 8).collect();
        return match whole.len() {
            0 => None,
            4 => Some(base.to_owned()),
            _ => Some(format!("{}.", whole.join("."))),
        };
    }
    // What stands behind a group of zeros may be written in several ways.
    let whole: Vec<&str> = base
        .split(':')
        .take(prefix / 16)
        .take_while(|group| !group.is_empty() && *group != "0")
        .collect();
    (!whole.is_empty()).then(|| format!("{}:", whole.join(":")))
}

/// A page of those that match. Reads up to some ten thousand rows: for scans.
///
/// # Errors
/// [`StoreError`] from the database.
pub fn find(
    tx: &mut Tx<'_>,
    (filter, order): (&Filter, Order),
    present: Present,
    start: &Start,
    limit: usize,
) -> Result<Found, StoreError> {
    let list = Sessions { filter, order, present };
    let mut fewest: Option<(i64, Lead)> = None;
    for lead in Lead::all(tx, &list)? {
        let count = lead.count(tx, present.now)?;
        // Of two that lead to as many the later one says more: the first leads to all that count.
        if fewest.as_ref().is_none_or(|(least, _)| count <= *least) {
            fewest = Some((count, lead));
        }
    }
    let Some((count, lead)) = fewest else {
        return walk(tx, (filter, order), present, start, limit);
    };
    if count <= RARE {
        let rows = lead.rows(tx, present.now)?;
        let rows = list.judged(tx, rows)?;
        return Ok(list::page_of(&list, rows, start, limit));
    }
    let found = walk(tx, (filter, order), present, start, limit)?;
    // All that was asked for is that, and it was counted.
    let is_counted = filter.is_empty() || (filter.criteria() == 1 && says_all(&lead, filter));
    Ok(match u64::try_from(count.min(COUNTED)) {
        Ok(counted) if is_counted && count <= COUNTED => Found {
            total: Total::Exactly(counted),
            ..found
        },
        Ok(counted) if is_counted => Found {
            total: Total::AtLeast(counted),
            ..found
        },
        _ => found,
    })
}

/// A page that is read in the order of the list.
pub(super) fn walk(
    tx: &mut Tx<'_>,
    (filter, order): (&Filter, Order),
    present: Present,
    start: &Start,
    limit: usize,
) -> Result<Found, StoreError> {
    list::walk(tx, &Sessions { filter, order, present }, start, limit)
}

/// Whether a lead leads to what was asked for and nothing else, if nothing else was asked for.
fn says_all(lead: &Lead, filter: &Filter) -> bool {
    match lead {
        Lead::Used(..) => filter.is_here || filter.used_after.is_some() || filter.used_before.is_some(),
        // Some of them may be over.
        Lead::Range(..) | Lead::Owners(_) => false,
    }
}

/// The next of those that match, in the order of their logins, and where to go on: `steps` rows are looked at, up to `last`.
///
/// # Errors
/// [`StoreError`] from the database.
pub fn next(
    tx: &mut Tx<'_>,
    filter: &Filter,
    present: Present,
    (after, last): (Option<SessionId>, SessionId),
    steps: u32,
) -> Result<(Vec<Identity>, Option<SessionId>), StoreError> {
    let order = Order {
        sort: Sort::Started,
        is_descending: false,
    };
    let whole = Sessions { filter, order, present };
    let from = after.map(|id| Place {
        key: SortKey::Number(0),
        row: id.number(),
    });
    let mut rows = whole.in_order(tx, false, from.as_ref(), steps)?;
    let is_full = rows.len() == steps as usize;
    rows.retain(|row| row.id <= last);
    let next = rows.last().map(|row| row.id).filter(|id| is_full && *id < last);
    Ok((whole.judged(tx, rows)?, next))
}

/// How many sessions count.
///
/// # Errors
/// [`StoreError`] from the database.
pub fn count(tx: &mut Tx<'_>, present: Present) -> Result<u64, StoreError> {
    let (from, _) = Filter::default().used_between(present);
    let sql = "SELECT count(*) FROM sessions WHERE last_used_at >= $1 AND expires_at > $2";
    let count = tx.number(sql, &[from.into(), present.now.into()])?;
    Ok(u64::try_from(count).unwrap_or(0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_beginning_of_a_network_is_that_of_all_its_addresses() {
        for (network, expected) in [
            ("203.0.113.7", Some("203.0.113.7")),
            ("203.0.113.0/24", Some("203.0.113.")),
            ("203.0.112.0/23", Some("203.0.")),
            ("10.0.0.0/7", None),
            ("2001:db8::/32", Some("2001:db8:")),
            ("2001:db8:0:1::/64", Some("2001:db8:")),
            ("2001:db8:1:2::/64", Some("2001:db8:1:2:")),
            ("::1/128", None),
            ("fc00::/7", None),
        ] {
            let network: Network = network.parse().expect("a network");
            assert_eq!(beginning(network).as_deref(), expected, "{network}");
        }
    }
}
