//! The table `outbox`: letters on their way, each claimed by one sender at a time.

use crate::domain::outbox::Envelope;

use super::sql::Value;
use super::{StoreError, Tx};

/// Queues a letter, due at once.
///
/// # Errors
/// [`StoreError`] from the database.
pub fn add(tx: &mut Tx<'_>, envelope: &Envelope) -> Result<(), StoreError> {
    let values: [Value<'_>; 6] = [
        (&envelope.name).into(),
        envelope.kind.into(),
        envelope.address.as_str().into(),
        Value::Bytes(&envelope.sealed),
        envelope.created_at.into(),
        envelope.give_up_at.into(),
    ];
    let sql = "INSERT INTO outbox (name, kind, address, sealed, created_at, give_up_at, due_at) \
               VALUES ($1, $2, $3, $4, $5, $6, $5)";
    tx.execute(sql, &values).map(drop)
}
