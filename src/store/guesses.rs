//! The table `guesses`: failed passwords per account, so that a restart forgives nobody. Rows are few: one for each account
//! that was tried within the last window.

use crate::domain::account_key::GuessKey;
use crate::domain::guesses::Guesses;
use crate::domain::time::Timestamp;

use super::{StoreError, Tx};

/// What was noted under this key, whether or not its window is over.
///
/// # Errors
/// [`StoreError`] from the database.
pub fn find(tx: &mut Tx<'_>, key: GuessKey) -> Result<Option<Guesses>, StoreError> {
    let sql = "SELECT started_at, failures FROM guesses WHERE key = $1";
    tx.row(sql, &[(&key).into()], |columns| {
        let started_at = columns.of("guesses").time("started_at")?;
        let failures = columns.integer("failures")?;
        Ok(Guesses {
            started_at,
            failures: u32::try_from(failures).map_err(|_| columns.corrupt("failures"))?,
        })
    })
}

/// Notes how it stands.
///
/// # Errors
/// [`StoreError`] from the database.
pub fn put(tx: &mut Tx<'_>, key: GuessKey, guesses: Guesses) -> Result<(), StoreError> {
    let sql = "INSERT INTO guesses (key, started_at, failures) VALUES ($1, $2, $3) \
               ON CONFLICT (key) DO UPDATE SET started_at = excluded.started_at, failures = excluded.failures";
    tx.execute(
        sql,
        &[(&key).into(), guesses.started_at.into(), guesses.failures.into()],
    )
    .map(drop)
}

/// Lets windows that start in the future start at `now`: they were noted before the clock was set back. Answers with how
/// many there were.
///
/// # Errors
/// [`StoreError`] from the database.
pub fn start_no_later(tx: &mut Tx<'_>, now: Timestamp) -> Result<u64, StoreError> {
    tx.execute(
        "UPDATE guesses SET started_at = $1 WHERE started_at > $1",
        &[now.into()],
    )
}

/// Removes up to `limit` windows that started at `over` or before, oldest first; answers with how many.
///
/// # Errors
/// [`StoreError`] from the database.
pub fn purge(tx: &mut Tx<'_>, over: Timestamp, limit: u32) -> Result<u64, StoreError> {
    let sql = "DELETE FROM guesses WHERE key IN \
               (SELECT key FROM guesses WHERE started_at <= $1 ORDER BY started_at LIMIT $2)";
    tx.execute(sql, &[over.into(), limit.into()])
}
