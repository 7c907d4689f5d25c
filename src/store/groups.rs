//! The table `memberships`: who is in which group, and who says so. The names are kept with the account as well, so that
//! a request that reads the account has read its groups.

use crate::domain::account::AccountKey;
use crate::domain::group::GroupName;

use super::accounts::is_one;
use super::sql::Value;
use super::{StoreError, Tx};

/// What separates names where they are kept together; no name contains it.
const SEPARATOR: char = '\n';

/// The names of a list kept together.
pub(super) fn split(text: &str) -> Vec<GroupName> {
    let names = text.split(SEPARATOR).filter(|name| !name.is_empty());
    names.map(|name| GroupName::from_row(name.to_owned())).collect()
}

/// The names of a list as they are kept together.
pub(super) fn joined(names: &[GroupName]) -> String {
    let names: Vec<&str> = names.iter().map(GroupName::as_str).collect();
    names.join(&SEPARATOR.to_string())
}

/// Puts an account into a group; false if `source` said so already.
///
/// # Errors
/// [`StoreError`] from the database.
pub fn add(tx: &mut Tx<'_>, account: AccountKey, source: &str, name: &GroupName) -> Result<bool, StoreError> {
    let sql = "INSERT INTO memberships (user_seq, source, name) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING";
    let is_new = tx
        .execute(sql, &[account.into(), source.into(), name.as_str().into()])
        .map(is_one)?;
    keep_together(tx, account)?;
    Ok(is_new)
}

/// Takes an account out of a group, as far as `source` put it there; false if it did not.
///
/// # Errors
/// [`StoreError`] from the database.
pub fn remove(tx: &mut Tx<'_>, account: AccountKey, source: &str, name: &GroupName) -> Result<bool, StoreError> {
    let sql = "DELETE FROM memberships WHERE user_seq = $1 AND source = $2 AND name = $3";
    let was_there = tx
        .execute(sql, &[account.into(), source.into(), name.as_str().into()])
        .map(is_one)?;
    keep_together(tx, account)?;
    Ok(was_there)
}

/// Makes `names` the groups that `source` puts an account into, and leaves what others say; true if that changes anything.
///
/// # Errors
/// [`StoreError`] from the database.
pub fn replace(tx: &mut Tx<'_>, account: AccountKey, source: &str, names: &[GroupName]) -> Result<bool, StoreError> {
    let before = of(tx, account)?;
    let mut mine: Vec<&GroupName> = before
        .iter()
        .filter(|(by, _)| by == source)
        .map(|(_, name)| name)
        .collect();
    let mut wanted: Vec<&GroupName> = names.iter().collect();
    mine.sort_unstable();
    wanted.sort_unstable();
    wanted.dedup();
    if mine == wanted {
        return Ok(false);
    }
    let values: [Value<'_>; 2] = [account.into(), source.into()];
    tx.execute("DELETE FROM memberships WHERE user_seq = $1 AND source = $2", &values)?;
    for name in wanted {
        let sql = "INSERT INTO memberships (user_seq, source, name) VALUES ($1, $2, $3)";
        tx.execute(sql, &[account.into(), source.into(), name.as_str().into()])?;
    }
    keep_together(tx, account)?;
    Ok(true)
}

/// The groups of an account and who says so, by name.
///
/// # Errors
/// [`StoreError`] from the database.
pub fn of(tx: &mut Tx<'_>, account: AccountKey) -> Result<Vec<(String, GroupName)>, StoreError> {
    let sql = "SELECT source, name FROM memberships WHERE user_seq = $1 ORDER BY name, source";
    tx.rows(sql, &[account.into()], |columns| {
        columns.of("memberships");
        Ok((columns.text("source")?, columns.text("name").map(GroupName::from_row)?))
    })
}

/// Every group there is and how many accounts are in it. Walks through the table.
///
/// # Errors
/// [`StoreError`] from the database.
pub fn all(tx: &mut Tx<'_>) -> Result<Vec<(GroupName, i64)>, StoreError> {
    let sql = "SELECT name, COUNT(DISTINCT user_seq) AS members FROM memberships GROUP BY name ORDER BY name";
    tx.rows(sql, &[], |columns| {
        columns.of("memberships");
        Ok((
            columns.text("name").map(GroupName::from_row)?,
            columns.integer("members")?,
        ))
    })
}

fn keep_together(tx: &mut Tx<'_>, account: AccountKey) -> Result<(), StoreError> {
    let mut names: Vec<String> = of(tx, account)?.into_iter().map(|(_, name)| name.to_string()).collect();
    names.dedup();
    let together = names.join(&SEPARATOR.to_string());
    let sql = "UPDATE users SET group_names = $1 WHERE seq = $2";
    tx.execute(sql, &[(&together).into(), account.into()]).map(drop)
}
