//! The table `errands`: what strangers asked for and do not wait for. Rows go as soon as they are seen to.

use crate::domain::email::Email;
use crate::domain::errand::{Errand, ErrandKind};
use crate::domain::session::Origin;
use crate::domain::time::Timestamp;

use super::accounts::is_one;
use super::{StoreError, Tx};

/// Adds an errand.
///
/// # Errors
/// [`StoreError`] from the database.
pub fn add(tx: &mut Tx<'_>, errand: &Errand) -> Result<(), StoreError> {
    let sql = "INSERT INTO errands (kind, email, address, user_agent, at) VALUES ($1, $2, $3, $4, $5)";
    let values = [
        errand.kind.key().into(),
        errand.email.as_str().into(),
        (&errand.origin.address).into(),
        (&errand.origin.user_agent).into(),
        errand.at.into(),
    ];
    tx.execute(sql, &values).map(drop)
}

/// The `limit` oldest errands, each with its row number.
///
/// # Errors
/// [`StoreError`] from the database.
pub fn oldest(tx: &mut Tx<'_>, limit: u32) -> Result<Vec<(i64, Errand)>, StoreError> {
    let sql = "SELECT id, kind, email, address, user_agent, at FROM errands ORDER BY id LIMIT $1";
    tx.rows(sql, &[limit.into()], |columns| {
        let id = columns.of("errands").integer("id")?;
        let errand = Errand {
            kind: columns.parsed("kind", ErrandKind::from_key)?,
            email: columns.text("email").map(Email::from_row)?,
            origin: Origin {
                address: columns.text("address")?,
                user_agent: columns.text("user_agent")?,
            },
            at: columns.time("at")?,
        };
        Ok((id, errand))
    })
}

/// Takes an errand off the list: true for one caller.
///
/// # Errors
/// [`StoreError`] from the database.
pub fn take(tx: &mut Tx<'_>, id: i64) -> Result<bool, StoreError> {
    tx.execute("DELETE FROM errands WHERE id = $1", &[id.into()])
        .map(is_one)
}

/// Removes up to `limit` errands from before `end`, which nobody waits for any more; answers with how many.
///
/// # Errors
/// [`StoreError`] from the database.
pub fn purge_before(tx: &mut Tx<'_>, end: Timestamp, limit: u32) -> Result<u64, StoreError> {
    let sql = "DELETE FROM errands WHERE id IN (SELECT id FROM errands ORDER BY id LIMIT $1) AND at < $2";
    tx.execute(sql, &[limit.into(), end.into()])
}
