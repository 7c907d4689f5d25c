//! Finding people in the table `users`: any part of a name, filters, four orders, pages in both directions.
//!
//! ```text
//!   what is asked for is rare    its rows are looked up, filtered and sorted here: the page and the count are exact
//!   it is not                    the list is walked in its order until the page is full, or long enough
//! ```
//!
//! Either way a page reads a bounded number of rows, however many accounts there are.

use crate::domain::account::{Account, AccountKey};
use crate::domain::directory::{Filter, Found, Listed, Order, Place, Sort, SortKey, Start, State, Total};

use super::accounts::{self, account, columns};
use super::list::{self, List, Portion};
use super::sql::{Columns, Value};
use super::words::{self, Trail};
use super::{StoreError, Tx};

/// What matches more often than this is not looked up, and not counted further.
pub const RARE: u32 = 10_000;

/// Greater than every text that is stored.
const LAST_TEXT: &str = "\u{10ffff}\u{10ffff}\u{10ffff}";

/// What a row is sorted by if not by its name. The name is worked out anew wherever it is read, which costs more than all the
/// rest of the row.
macro_rules! unnamed {
    () => {
        ", '' AS sort_name"
    };
}
pub(super) use unnamed;

/// With the name that a row is sorted by.
macro_rules! named {
    () => {
        ", u.sort_name"
    };
}
pub(super) use named;

macro_rules! in_order {
    ($key:literal, $name:expr, $than:literal, $direction:literal) => {
        concat!(
            "SELECT ",
            columns!(),
            $name,
            " FROM users u WHERE (",
            $key,
            ", u.seq) ",
            $than,
            " ($1, $2) ORDER BY ",
            $key,
            $direction,
            ", u.seq",
            $direction,
            " LIMIT $3"
        )
    };
}

/// How many there are, the rows, and the rows with their names.
type Statements = (&'static str, &'static str, &'static str);

macro_rules! rows_where {
    ($name:expr, $condition:literal, $limit:literal) => {
        concat!(
            "SELECT ",
            columns!(),
            $name,
            " FROM users u WHERE ",
            $condition,
            " LIMIT ",
            $limit
        )
    };
}

macro_rules! where_ {
    ($condition:literal, $limit:literal) => {
        (
            concat!(
                "SELECT count(*) FROM (SELECT 1 FROM users u WHERE ",
                $condition,
                " LIMIT ",
                $limit,
                ") AS found"
            ),
            rows_where!(unnamed!(), $condition, $limit),
            rows_where!(named!(), $condition, $limit),
        )
    };
}

macro_rules! in_group {
    ($name:expr) => {
        concat!(
            "SELECT ",
            columns!(),
            $name,
            " FROM users u WHERE u.seq IN (SELECT m.user_seq FROM memberships m WHERE m.name = $1 LIMIT $2)"
        )
    };
}

const ALL: Statements = where_!("u.seq > $1", "$2");
const ROLE: Statements = where_!("u.role = $1", "$2");
const PROVIDER: Statements = where_!("u.provider = $1", "$2");
const DISABLED: Statements = where_!("u.disabled_at IS NOT NULL", "$1");
const WAITING: Statements = where_!("u.waiting_since IS NOT NULL", "$1");
const UNVERIFIED: Statements = where_!("u.email_verified_at IS NULL", "$1");
const WITH_SECOND_FACTOR: Statements = where_!("u.two_factor_at IS NOT NULL", "$1");
const WITHOUT_SECOND_FACTOR: Statements = where_!("u.two_factor_at IS NULL", "$1");
const WITH_DEMAND: Statements = where_!("u.two_factor_demanded_at IS NOT NULL", "$1");
const LOGIN_BETWEEN: Statements = where_!("u.sort_login >= $1 AND u.sort_login < $2", "$3");
const GROUP: Statements = (
    "SELECT count(*) FROM (SELECT 1 FROM memberships m WHERE m.name = $1 LIMIT $2) AS found",
    in_group!(unnamed!()),
    in_group!(named!()),
);

pub(super) fn listed(columns: &mut Columns<'_>) -> Result<Listed, StoreError> {
    Ok(Listed {
        account: account(columns)?,
        sort_name: columns.text("sort_name")?,
    })
}

/// One thing that is asked for and has an index.
enum Lead<'f> {
    Words(&'f [String], Trail),
    Plain(Statements, Vec<Value<'f>>),
}

impl<'f> Lead<'f> {
    fn all(tx: &mut Tx<'_>, filter: &'f Filter) -> Result<Vec<Self>, StoreError> {
        let limit = Value::from(RARE + 1);
        let mut leads = vec![Self::Plain(ALL, vec![Value::Integer(i64::MIN), limit])];
        if !filter.words.is_empty() {
            leads.push(Self::Words(&filter.words, words::follow(tx, &filter.words, RARE + 1)?));
        }
        if let Some(role) = &filter.role {
            leads.push(Self::Plain(ROLE, vec![role.as_str().into(), limit]));
        }
        if let Some(provider) = &filter.provider {
            leads.push(Self::Plain(PROVIDER, vec![provider.into(), limit]));
        }
        if let Some(group) = &filter.group {
            leads.push(Self::Plain(GROUP, vec![group.as_str().into(), limit]));
        }
        match filter.state {
            Some(State::Disabled) => leads.push(Self::Plain(DISABLED, vec![limit])),
            Some(State::Waiting) => leads.push(Self::Plain(WAITING, vec![limit])),
            Some(State::Unverified) => leads.push(Self::Plain(UNVERIFIED, vec![limit])),
            Some(State::Active) | None => {}
        }
        match filter.two_factor {
            Some(true) => leads.push(Self::Plain(WITH_SECOND_FACTOR, vec![limit])),
            Some(false) => leads.push(Self::Plain(WITHOUT_SECOND_FACTOR, vec![limit])),
            None => {}
        }
        if filter.two_factor_demanded == Some(true) {
            leads.push(Self::Plain(WITH_DEMAND, vec![limit]));
        }
        if filter.login_after.is_some() || filter.login_before.is_some() {
            let from = filter.login_after.map_or(Value::Integer(0), Value::from);
            let end = filter.login_before.map_or(Value::Integer(i64::MAX), Value::from);
            leads.push(Self::Plain(LOGIN_BETWEEN, vec![from, end, limit]));
        }
        Ok(leads)
    }

    /// How many rows it leads to, up to one more than is rare.
    fn count(&self, tx: &mut Tx<'_>) -> Result<i64, StoreError> {
        match self {
            Self::Words(_, trail) => Ok(trail.count),
            Self::Plain((count, ..), values) => tx.number(count, values),
        }
    }

    /// What it leads to; with names if the list is sorted by them.
    fn rows(&self, tx: &mut Tx<'_>, sort: Sort) -> Result<Vec<Listed>, StoreError> {
        match self {
            Self::Words(words, trail) => words::rows(tx, words, (trail, RARE + 1), sort),
            Self::Plain((_, _, rows), values) if sort == Sort::Name => tx.rows(rows, values, listed),
            Self::Plain((_, rows, _), values) => tx.rows(rows, values, listed),
        }
    }
}

/// The list, as it was asked for.
struct Users<'f> {
    filter: &'f Filter,
    order: Order,
}

impl Users<'_> {
    /// Where those who match begin, if they are neighbours: a list by last login that is asked for some of them.
    fn first(&self, is_descending: bool) -> Option<Place> {
        let bound = if is_descending {
            self.filter.login_before
        } else {
            self.filter.login_after
        };
        let bound = bound.filter(|_| self.order.sort == Sort::LastLogin)?;
        Some(Place {
            key: SortKey::Number(bound.millis()),
            row: i64::MIN,
        })
    }

    /// Whether those who match end before this row.
    fn is_beyond(&self, is_descending: bool, row: &Listed) -> bool {
        let at = row.account.last_login_at;
        self.order.sort == Sort::LastLogin
            && if is_descending {
                self.filter
                    .login_after
                    .is_some_and(|from| at.is_none_or(|at| at < from))
            } else {
                self.filter
                    .login_before
                    .is_some_and(|end| at.is_some_and(|at| at >= end))
            }
    }
}

impl List for Users<'_> {
    type Row = Listed;

    fn is_whole(&self) -> bool {
        self.filter.is_empty()
    }

    fn is_descending(&self) -> bool {
        self.order.is_descending
    }

    fn place(&self, row: &Listed) -> Place {
        row.place(self.order.sort)
    }

    fn read(
        &self,
        tx: &mut Tx<'_>,
        is_descending: bool,
        from: Option<&Place>,
        steps: u32,
    ) -> Result<Portion<Listed>, StoreError> {
        let order = Order {
            is_descending,
            ..self.order
        };
        let first = self.first(is_descending);
        let mut rows = in_order(tx, order, from.or(first.as_ref()), steps)?;
        let last = rows.last().map(|row| self.place(row));
        let is_end = rows.len() < steps as usize || rows.last().is_some_and(|row| self.is_beyond(is_descending, row));
        rows.retain(|row| self.filter.matches(&row.account));
        Ok(Portion { rows, last, is_end })
    }
}

/// A page of those who match. Reads up to some ten thousand rows: for scans.
///
/// # Errors
/// [`StoreError`] from the database.
pub fn find(tx: &mut Tx<'_>, filter: &Filter, order: Order, start: &Start, limit: usize) -> Result<Found, StoreError> {
    let list = Users { filter, order };
    if filter.is_empty() {
        let total = Total::Exactly(u64::try_from(accounts::count(tx)?).unwrap_or(0));
        return list::walk(tx, &list, start, limit).map(|found| Found { total, ..found });
    }
    let mut fewest: Option<(i64, Lead<'_>)> = None;
    for lead in Lead::all(tx, filter)? {
        let count = lead.count(tx)?;
        // Of two that lead to as many the later one says more: the first leads to everybody.
        if fewest.as_ref().is_none_or(|(least, _)| count <= *least) {
            fewest = Some((count, lead));
        }
    }
    match fewest {
        Some((count, lead)) if count <= i64::from(RARE) => {
            let mut rows = lead.rows(tx, order.sort)?;
            rows.retain(|row| filter.matches(&row.account));
            Ok(list::page_of(&list, rows, start, limit))
        }
        // All that was asked for is that, and it was counted.
        Some((_, lead)) if filter.criteria() == 1 && !is_everybody(&lead) => {
            let total = Total::AtLeast(RARE.into());
            list::walk(tx, &list, start, limit).map(|found| Found { total, ..found })
        }
        Some(_) | None => list::walk(tx, &list, start, limit),
    }
}

fn is_everybody(lead: &Lead<'_>) -> bool {
    matches!(lead, Lead::Plain((count, ..), _) if *count == ALL.0)
}

fn in_order(tx: &mut Tx<'_>, order: Order, from: Option<&Place>, limit: u32) -> Result<Vec<Listed>, StoreError> {
    let sql = match (order.sort, order.is_descending) {
        (Sort::Created, false) => in_order!("u.created_at", unnamed!(), ">", ""),
        (Sort::Created, true) => in_order!("u.created_at", unnamed!(), "<", " DESC"),
        (Sort::LastLogin, false) => in_order!("u.sort_login", unnamed!(), ">", ""),
        (Sort::LastLogin, true) => in_order!("u.sort_login", unnamed!(), "<", " DESC"),
        (Sort::Email, false) => in_order!("u.email", unnamed!(), ">", ""),
        (Sort::Email, true) => in_order!("u.email", unnamed!(), "<", " DESC"),
        (Sort::Name, false) => in_order!("u.sort_name", named!(), ">", ""),
        (Sort::Name, true) => in_order!("u.sort_name", named!(), "<", " DESC"),
    };
    let is_number = matches!(order.sort, Sort::Created | Sort::LastLogin);
    let (key, row) = match (from, order.is_descending) {
        (Some(Place { key, row }), _) => (
            match key {
                SortKey::Number(number) => Value::Integer(*number),
                SortKey::Text(text) => Value::Text(text),
            },
            *row,
        ),
        (None, false) if is_number => (Value::Integer(i64::MIN), i64::MIN),
        (None, true) if is_number => (Value::Integer(i64::MAX), i64::MAX),
        (None, false) => (Value::Text(""), i64::MIN),
        (None, true) => (Value::Text(LAST_TEXT), i64::MAX),
    };
    tx.rows(sql, &[key, row.into(), limit.into()], listed)
}

/// The next of those who match, oldest row first, and where to go on: `steps` rows are looked at. For changes and exports
/// of many: accounts that stop matching meanwhile do not shift the others.
///
/// # Errors
/// [`StoreError`] from the database.
pub fn next(
    tx: &mut Tx<'_>,
    filter: &Filter,
    after: Option<AccountKey>,
    steps: u32,
) -> Result<(Vec<Account>, Option<AccountKey>), StoreError> {
    let mut read = accounts::page(tx, after, steps)?;
    let is_end = read.len() < steps as usize;
    let last = read.last().map(|account| account.key).filter(|_| !is_end);
    read.retain(|account| filter.matches(account));
    Ok((read, last))
}

/// Accounts, the newest first, without the first `offset` ones: LibreChat's way to page.
///
/// # Errors
/// [`StoreError`] from the database.
pub fn newest(tx: &mut Tx<'_>, limit: u32, offset: u64) -> Result<(Vec<Account>, u64), StoreError> {
    let total = u64::try_from(accounts::count(tx)?).unwrap_or(0);
    let Some(rest) = total.checked_sub(offset).filter(|rest| *rest > 0) else {
        return Ok((Vec::new(), total));
    };
    let limit = u64::from(limit).min(rest);
    // What stands in the second half is nearer from the other end.
    let is_far = offset > total / 2;
    let (sql, skipped) = if is_far {
        (
            concat!(
                "SELECT ",
                columns!(),
                " FROM users u WHERE u.seq IN (SELECT seq FROM users ORDER BY created_at, seq LIMIT $1 OFFSET $2) \
                 ORDER BY u.created_at DESC, u.seq DESC"
            ),
            rest - limit,
        )
    } else {
        (
            concat!(
                "SELECT ",
                columns!(),
                " FROM users u WHERE u.seq IN (SELECT seq FROM users ORDER BY created_at DESC, seq DESC \
                 LIMIT $1 OFFSET $2) ORDER BY u.created_at DESC, u.seq DESC"
            ),
            offset,
        )
    };
    let number = |count: u64| Value::Integer(i64::try_from(count).unwrap_or(i64::MAX));
    Ok((tx.rows(sql, &[number(limit), number(skipped)], account)?, total))
}

macro_rules! beginning {
    ($name:expr, $column:literal, $order:literal) => {
        concat!(
            "SELECT ",
            columns!(),
            $name,
            " FROM users u WHERE ",
            $column,
            " >= $1 AND ",
            $column,
            " < $2 ORDER BY ",
            $order,
            " LIMIT $3"
        )
    };
}

macro_rules! beginnings {
    ($name:expr) => {
        [
            beginning!($name, "u.sort_name", "u.sort_name, u.seq"),
            beginning!($name, "u.email", "u.email"),
            beginning!($name, "u.username", "u.username"),
        ]
    };
}

/// Those whose name, address or user name begins with a text, each with up to `limit` of a kind, for a list sorted like that.
///
/// # Errors
/// [`StoreError`] from the database.
pub fn beginning_with(tx: &mut Tx<'_>, folded: &str, sort: Sort, limit: u32) -> Result<Vec<Listed>, StoreError> {
    let end = format!("{folded}{LAST_TEXT}");
    let mut found: Vec<Listed> = Vec::new();
    for sql in if sort == Sort::Name {
        beginnings!(named!())
    } else {
        beginnings!(unnamed!())
    } {
        found.extend(tx.rows(sql, &[folded.into(), (&end).into(), limit.into()], listed)?);
    }
    found.sort_by_cached_key(|row| row.place(sort));
    found.dedup_by_key(|row| row.account.key);
    Ok(found)
}

/// How many rows [`beginning_with`] reads at most; those that begin like that twice count twice.
///
/// # Errors
/// [`StoreError`] from the database.
pub(super) fn count_beginning_with(tx: &mut Tx<'_>, folded: &str, limit: u32) -> Result<i64, StoreError> {
    let end = format!("{folded}{LAST_TEXT}");
    let mut count = 0;
    for sql in [
        "SELECT count(*) FROM (SELECT 1 FROM users u WHERE u.sort_name >= $1 AND u.sort_name < $2 LIMIT $3) AS found",
        "SELECT count(*) FROM (SELECT 1 FROM users u WHERE u.email >= $1 AND u.email < $2 LIMIT $3) AS found",
        "SELECT count(*) FROM (SELECT 1 FROM users u WHERE u.username >= $1 AND u.username < $2 LIMIT $3) AS found",
    ] {
        count += tx.number(sql, &[folded.into(), (&end).into(), limit.into()])?;
    }
    Ok(count)
}
