//! Pages of long lists, newest first. What no index knows is looked for row by row, and a page ends after so many rows, whether
//! it is full or not.

/// Rows that one page looks at, at most.
const MOST_ROWS: u32 = 200_000;

/// A page of something.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page<T> {
    /// Newest first.
    pub rows: Vec<T>,
    /// Before which row the next page begins, if there may be one.
    pub next: Option<i64>,
}

/// Collects a page out of rows that come newest first, in portions.
pub(super) struct Collector<T> {
    pub(super) rows: Vec<T>,
    limit: usize,
    seen: u32,
}

impl<T> Collector<T> {
    pub(super) fn new(limit: u32) -> Self {
        Self {
            rows: Vec::new(),
            limit: usize::try_from(limit).unwrap_or(usize::MAX),
            seen: 0,
        }
    }

    /// Takes what is wanted; where the next page begins once this one is full or enough was looked at.
    pub(super) fn take(&mut self, portion: Vec<T>, id: impl Fn(&T) -> i64, wanted: impl Fn(&T) -> bool) -> Option<i64> {
        for row in portion {
            self.seen = self.seen.saturating_add(1);
            let place = id(&row);
            if wanted(&row) {
                if self.rows.len() == self.limit {
                    return self.rows.last().map(&id);
                }
                self.rows.push(row);
            }
            if self.seen >= MOST_ROWS {
                return Some(place);
            }
        }
        None
    }

    pub(super) fn page(self, next: Option<i64>) -> Page<T> {
        Page { rows: self.rows, next }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_ends_when_it_is_full_and_says_where_the_next_one_begins() {
        let mut page = Collector::new(2);
        assert_eq!(page.take(vec![9, 8, 7], |row| *row, |row| row % 2 == 1), None);
        assert_eq!(page.take(vec![6], |row| *row, |_| false), None);
        assert_eq!(page.take(vec![5, 4], |row| *row, |_| true), Some(7));
        assert_eq!(page.rows, [9, 7]);
    }
}
