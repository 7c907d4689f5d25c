//! The table `refusals`: why a request was refused, by the number that its sender was given. Short-lived.

use crate::domain::moderation::refused::Refused;

use super::sql::{Columns, Value};
use super::{StoreError, Tx};

fn refused(columns: &mut Columns<'_>) -> Result<Refused, StoreError> {
    columns.of("refusals").integer("id")?;
    Ok(Refused {
        reference: columns.text("reference")?,
        at: columns.time("at")?,
        status: columns.read("status", |value| match value {
            Value::Integer(number) => u16::try_from(number).ok(),
            Value::Null | Value::Text(_) | Value::Bytes(_) => None,
        })?,
        cause: columns.text("cause")?,
        route: columns.text("route")?,
        address: columns.text("address")?,
        derived: columns.text("derived")?,
        user: columns
            .optional_text("user_id")?
            .map(|text| text.parse().map_err(|_| columns.corrupt("user_id")))
            .transpose()?,
    })
}

/// Adds refusals; one whose reference is taken is left out.
///
/// # Errors
/// [`StoreError`] from the database.
pub fn append(tx: &mut Tx<'_>, all: &[Refused]) -> Result<(), StoreError> {
    let sql = "INSERT INTO refusals (reference, at, status, cause, route, address, derived, user_id) \
               VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (reference) DO NOTHING";
    for one in all {
        let user = one.user.map(|id| id.to_string());
        let values: [Value<'_>; 8] = [
            (&one.reference).into(),
            one.at.into(),
            i64::from(one.status).into(),
            (&one.cause).into(),
            (&one.route).into(),
            (&one.address).into(),
            (&one.derived).into(),
            user.as_deref().into(),
        ];
        tx.execute(sql, &values)?;
    }
    Ok(())
}

/// The refusal of that reference.
///
/// # Errors
/// [`StoreError`] from the database.
pub fn by_reference(tx: &mut Tx<'_>, reference: &str) -> Result<Option<Refused>, StoreError> {
    let sql =
        "SELECT id, reference, at, status, cause, route, address, derived, user_id FROM refusals WHERE reference = $1";
    tx.row(sql, &[reference.into()], refused)
}

/// Removes all but the newest `keep`.
///
/// # Errors
/// [`StoreError`] from the database.
pub fn keep_newest(tx: &mut Tx<'_>, keep: u32) -> Result<u64, StoreError> {
    let sql = "DELETE FROM refusals WHERE id <= (SELECT max(id) FROM refusals) - $1";
    tx.execute(sql, &[keep.into()])
}
