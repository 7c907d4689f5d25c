//! Setting a forgotten password: the link is used up and the password replaced, or neither.

use crate::domain::reset::Redeemed;
use crate::domain::time::Timestamp;

use super::{StoreError, Tx, accounts, proofs};

/// Uses the link up, sets the password and counts the address as proved; false, and no change, if the link was used in the
/// meantime.
///
/// # Errors
/// [`StoreError`] from the database.
pub fn redeem(tx: &mut Tx<'_>, redeemed: &Redeemed, hash: &str, now: Timestamp) -> Result<bool, StoreError> {
    let used = proofs::consume(tx, redeemed.digest(), redeemed.purpose(), now)?;
    if used.is_none_or(|proof| proof.account != redeemed.account()) {
        return Ok(false);
    }
    accounts::set_password(tx, redeemed.account(), hash, now)?;
    accounts::set_email_verified(tx, redeemed.account(), now)
}
