//! Pages of a sorted list, in both directions: cut out of rows that are all here, or read in the order of the list until the
//! page is full, or long enough was looked.

use crate::domain::list::{Found, Place, Start, Total};

use super::{StoreError, Tx};

/// How many rows a page may walk over.
const WALK: u32 = 5_000;

/// How many rows are read at first; four times as many each time the page is not full.
const FIRST_STEP: u32 = 250;

/// Some rows in a row.
pub(super) struct Portion<R> {
    /// Those that match.
    pub(super) rows: Vec<R>,
    /// How far it was looked; `None` if there was nothing.
    pub(super) last: Option<Place>,
    /// Whether there is nothing behind.
    pub(super) is_end: bool,
}

/// A list that has an order, as it was asked for.
pub(super) trait List {
    /// What is in it.
    type Row;

    /// Whether every row is meant.
    fn is_whole(&self) -> bool;

    /// Whether the greatest comes first.
    fn is_descending(&self) -> bool;

    /// Where a row stands.
    fn place(&self, row: &Self::Row) -> Place;

    /// Looks at `steps` rows behind a place, or at the beginning, in one direction or the other.
    fn read(
        &self,
        tx: &mut Tx<'_>,
        is_descending: bool,
        from: Option<&Place>,
        steps: u32,
    ) -> Result<Portion<Self::Row>, StoreError>;
}

/// The page of a list that is all here.
pub(super) fn page_of<L: List>(list: &L, mut rows: Vec<L::Row>, start: &Start, limit: usize) -> Found<L::Row> {
    let total = Total::Exactly(rows.len() as u64);
    rows.sort_by_cached_key(|row| list.place(row));
    if list.is_descending() {
        rows.reverse();
    }
    let is_before = |row: &L::Row, place: &Place| {
        let own = list.place(row);
        if list.is_descending() {
            own > *place
        } else {
            own < *place
        }
    };
    let (from, to) = match start {
        Start::Beginning => (0, limit),
        Start::After(place) => {
            let from = rows.partition_point(|row| is_before(row, place) || list.place(row) == *place);
            (from, from.saturating_add(limit))
        }
        Start::Before(place) => {
            let to = rows.partition_point(|row| is_before(row, place));
            (to.saturating_sub(limit), to)
        }
        Start::End => (rows.len().saturating_sub(limit), rows.len()),
    };
    let to = to.min(rows.len());
    let next = (to < rows.len()).then(|| to.checked_sub(1)).flatten();
    let found = Found {
        previous: (from > 0).then(|| rows.get(from)).flatten().map(|row| list.place(row)),
        next: next.and_then(|at| rows.get(at)).map(|row| list.place(row)),
        rows: Vec::new(),
        total,
        is_cut_short: false,
    };
    let rows = rows.drain(from.min(to)..to).collect();
    Found { rows, ..found }
}

/// The page of a list that is read in its order.
pub(super) fn walk<L: List>(
    tx: &mut Tx<'_>,
    list: &L,
    start: &Start,
    limit: usize,
) -> Result<Found<L::Row>, StoreError> {
    let (is_backwards, mut from) = match start {
        Start::Beginning => (false, None),
        Start::After(place) => (false, Some(place.clone())),
        Start::Before(place) => (true, Some(place.clone())),
        Start::End => (true, None),
    };
    let is_descending = list.is_descending() != is_backwards;
    let full = u32::try_from(limit).unwrap_or(u32::MAX).saturating_add(1);
    let mut step = if list.is_whole() { full } else { FIRST_STEP };
    let (mut rows, mut walked, mut is_end) = (Vec::new(), 0, false);
    while rows.len() <= limit && walked < WALK && !is_end {
        let read = list.read(tx, is_descending, from.as_ref(), step)?;
        is_end = read.is_end;
        walked += step;
        from = read.last.or(from);
        rows.extend(read.rows);
        step = step.saturating_mul(4).min(WALK.saturating_sub(walked));
    }
    let is_cut_short = rows.len() <= limit && !is_end;
    let has_more = rows.len() > limit;
    rows.truncate(limit);
    // Where the page ends, or how far the looking went.
    let end = match (has_more, is_cut_short) {
        (true, _) => rows.last().map(|row| list.place(row)),
        (false, true) => from,
        (false, false) => None,
    };
    let begin = match start {
        Start::After(place) | Start::Before(place) => {
            Some(rows.first().map_or_else(|| place.clone(), |row| list.place(row)))
        }
        Start::Beginning | Start::End => None,
    };
    let total = Total::AtLeast(rows.len() as u64);
    let (previous, next) = if is_backwards { (end, begin) } else { (begin, end) };
    if is_backwards {
        rows.reverse();
    }
    Ok(Found {
        rows,
        previous,
        next,
        total,
        is_cut_short,
    })
}
