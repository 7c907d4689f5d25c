//! The table `tallies`: how often something happened in an hour, raised in the transaction in which it is recorded.

use crate::domain::audit::Event;
use crate::domain::tally::{Hourly, Tally, hour_of};
use crate::domain::time::Timestamp;

use super::{StoreError, Tx};

/// Counts one more.
///
/// # Errors
/// [`StoreError`] from the database.
pub fn bump(tx: &mut Tx<'_>, tally: Tally, at: Timestamp) -> Result<(), StoreError> {
    let sql = "INSERT INTO tallies (hour, kind, count) VALUES ($1, $2, 1) \
               ON CONFLICT (hour, kind) DO UPDATE SET count = tallies.count + 1";
    tx.execute(sql, &[hour_of(at).into(), tally.key().into()]).map(drop)
}

/// Counts an event, if it is one of those that are counted.
///
/// # Errors
/// [`StoreError`] from the database.
pub fn count(tx: &mut Tx<'_>, event: &Event) -> Result<(), StoreError> {
    Tally::of(event.kind).map_or(Ok(()), |tally| bump(tx, tally, event.at))
}

/// The numbers from this hour on, so many hours together.
///
/// # Errors
/// [`StoreError`] from the database.
pub fn since(tx: &mut Tx<'_>, hour: i64, step: i64) -> Result<Vec<Hourly>, StoreError> {
    let sql = "SELECT hour / $1 * $1 AS hour, kind, sum(count) AS count FROM tallies WHERE hour >= $2 \
               GROUP BY hour / $1, kind";
    tx.rows(sql, &[step.into(), hour.into()], |columns| {
        Ok(Hourly {
            hour: columns.of("tallies").integer("hour")?,
            tally: columns.parsed("kind", Tally::from_key)?,
            count: u64::try_from(columns.integer("count")?).unwrap_or(0),
        })
    })
}

/// Removes the numbers of hours before `end`, at most `limit`.
///
/// # Errors
/// [`StoreError`] from the database.
pub fn purge(tx: &mut Tx<'_>, end: Timestamp, limit: u32) -> Result<u64, StoreError> {
    let sql = "DELETE FROM tallies WHERE (hour, kind) IN (SELECT hour, kind FROM tallies WHERE hour < $1 LIMIT $2)";
    tx.execute(sql, &[hour_of(end).into(), limit.into()])
}
