//! The table `audit_keys`: under what personal data in the audit log is sealed. There is one key for each person and, for
//! what is about nobody known, one for each day. Deleting an account destroys its key: a trigger does that, so that no way
//! of deleting accounts forgets it.

use crate::domain::time::Timestamp;
use crate::domain::vault::Vault;
use crate::store::sql::Columns;
use crate::store::{StoreError, Tx};

/// What the owner of a day's key begins with.
const DAY: &str = "day:";

/// A key as it is kept.
pub(super) struct Kept {
    pub(super) id: i64,
    sealed: Vec<u8>,
}

/// Whether nothing is left of a key.
pub(super) fn is_destroyed(sealed: &[u8]) -> bool {
    sealed.iter().all(|byte| *byte == 0)
}

/// Whose key it is that seals what is about nobody known.
pub(super) fn day(at: Timestamp) -> String {
    format!("{DAY}{}", at.day())
}

/// Seals something for `owner`, under a new key if there is none that opens. Answers with the number of the key and the
/// sealed bytes: none if the key was destroyed.
pub(super) fn seal(
    tx: &mut Tx<'_>,
    vault: &dyn Vault,
    owner: &str,
    place: &str,
    plain: &[u8],
) -> Result<(i64, Vec<u8>), StoreError> {
    if let Some(key) = newest(tx, owner)? {
        if is_destroyed(&key.sealed) {
            return Ok((key.id, Vec::new()));
        }
        if let Some(sealed) = vault.seal(owner, &key.sealed, place, plain) {
            return Ok((key.id, sealed));
        }
    }
    let key = insert(tx, owner, vault.new_key(owner))?;
    let sealed = vault.seal(owner, &key.sealed, place, plain);
    let sealed = sealed.ok_or_else(|| StoreError::Other("a new key does not seal".to_owned()))?;
    Ok((key.id, sealed))
}

fn newest(tx: &mut Tx<'_>, owner: &str) -> Result<Option<Kept>, StoreError> {
    let sql = "SELECT id, sealed FROM audit_keys WHERE owner = $1 ORDER BY id DESC LIMIT 1";
    tx.row(sql, &[owner.into()], |columns: &mut Columns<'_>| {
        Ok(Kept {
            id: columns.of("audit_keys").integer("id")?,
            sealed: columns.bytes("sealed", |bytes| Some(bytes.to_vec()))?,
        })
    })
}

fn insert(tx: &mut Tx<'_>, owner: &str, sealed: Vec<u8>) -> Result<Kept, StoreError> {
    let sql = "INSERT INTO audit_keys (owner, sealed, destroyed) VALUES ($1, $2, 0) RETURNING id";
    let id = tx.number(sql, &[owner.into(), sealed.as_slice().into()])?;
    Ok(Kept { id, sealed })
}

/// Destroys and forgets the keys of the days before `end`, and forgets the destroyed ones of people of whom no row is left.
pub(super) fn purge(tx: &mut Tx<'_>, end: Timestamp, limit: u32) -> Result<(), StoreError> {
    let first_kept = day(end);
    let sql = "UPDATE audit_keys SET sealed = zeroblob(length(sealed)), destroyed = 1 \
               WHERE owner >= 'day:' AND owner < $1 AND destroyed = 0";
    tx.execute(sql, &[(&first_kept).into()])?;
    let sql = "DELETE FROM audit_keys WHERE id IN (SELECT k.id FROM audit_keys k WHERE k.destroyed = 1 \
               AND NOT EXISTS (SELECT 1 FROM audit a WHERE a.subject = k.owner) LIMIT $1)";
    tx.execute(sql, &[limit.into()]).map(drop)
}
