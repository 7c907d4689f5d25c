//! The table `second_factors`: sealed secrets of authenticators, the active one and the one that is pending. Whatever is
//! used once is a comparison and a change in one statement.

use crate::domain::account::AccountKey;
use crate::domain::second_factor::Step;
use crate::domain::secret::TokenDigest;

use super::accounts::is_one;
use super::sql::{Columns, Value};
use super::{StoreError, Tx};

/// What an account has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SecondFactor {
    /// The sealed secret whose codes count.
    pub secret: Option<Vec<u8>>,
    /// The sealed secret that waits for its first code.
    pub pending: Option<Vec<u8>>,
    /// Who began with that.
    pub pending_by: Option<TokenDigest>,
}

fn second_factor(columns: &mut Columns<'_>) -> Result<SecondFactor, StoreError> {
    columns.of("second_factors").integer("user_seq")?;
    Ok(SecondFactor {
        secret: columns.optional_bytes("secret")?,
        pending: columns.optional_bytes("pending")?,
        pending_by: columns.optional_digest("pending_by")?,
    })
}

/// What this account has, if anything.
///
/// # Errors
/// [`StoreError`] from the database.
pub fn find(tx: &mut Tx<'_>, account: AccountKey) -> Result<Option<SecondFactor>, StoreError> {
    let sql = "SELECT user_seq, secret, pending, pending_by FROM second_factors WHERE user_seq = $1";
    tx.row(sql, &[account.into()], second_factor)
}

/// Lets a secret wait for its first code, in place of one that waited before.
///
/// # Errors
/// [`StoreError::Conflict`] if the account is gone.
pub fn put_pending(tx: &mut Tx<'_>, account: AccountKey, sealed: &[u8], by: TokenDigest) -> Result<(), StoreError> {
    let sql = "INSERT INTO second_factors (user_seq, last_step, pending, pending_by) VALUES ($1, 0, $2, $3) \
               ON CONFLICT (user_seq) DO UPDATE SET pending = excluded.pending, pending_by = excluded.pending_by, \
               pending_step = NULL, pending_nonce = NULL";
    tx.execute(sql, &[account.into(), sealed.into(), (&by).into()])
        .map(drop)
}

/// Notes that a code of the pending secret was right, and which ticket leads on; false if another secret is pending.
///
/// # Errors
/// [`StoreError`] from the database.
pub fn confirm_pending(
    tx: &mut Tx<'_>,
    account: AccountKey,
    sealed: &[u8],
    step: Step,
    next: TokenDigest,
) -> Result<bool, StoreError> {
    let sql = "UPDATE second_factors SET pending_step = $1, pending_nonce = $2 WHERE user_seq = $3 AND pending = $4";
    let values = [step.number().into(), (&next).into(), account.into(), sealed.into()];
    tx.execute(sql, &values).map(is_one)
}

/// Replaces the ticket that leads on; false unless `from` is the one that does.
///
/// # Errors
/// [`StoreError`] from the database.
pub fn pass_on(tx: &mut Tx<'_>, account: AccountKey, from: TokenDigest, to: TokenDigest) -> Result<bool, StoreError> {
    let sql = "UPDATE second_factors SET pending_nonce = $1 WHERE user_seq = $2 AND pending_nonce = $3";
    tx.execute(sql, &[(&to).into(), account.into(), (&from).into()])
        .map(is_one)
}

/// Makes the pending secret the active one; the code that confirmed it counts as used. False if another one is pending.
///
/// # Errors
/// [`StoreError`] from the database.
pub fn activate(tx: &mut Tx<'_>, account: AccountKey, sealed: &[u8], step: Step) -> Result<bool, StoreError> {
    let sql = "UPDATE second_factors SET secret = pending, last_step = $1, pending = NULL, pending_by = NULL, \
               pending_step = NULL, pending_nonce = NULL WHERE user_seq = $2 AND pending = $3";
    let values = [step.number().into(), account.into(), sealed.into()];
    tx.execute(sql, &values).map(is_one)
}

/// The same for a secret that was confirmed before, with the ticket that leads on.
///
/// # Errors
/// [`StoreError`] from the database.
pub fn finalize(tx: &mut Tx<'_>, account: AccountKey, ticket: TokenDigest) -> Result<bool, StoreError> {
    let sql = "UPDATE second_factors SET secret = pending, last_step = pending_step, pending = NULL, \
               pending_by = NULL, pending_step = NULL, pending_nonce = NULL \
               WHERE user_seq = $1 AND pending_nonce = $2 AND pending IS NOT NULL AND pending_step IS NOT NULL";
    tx.execute(sql, &[account.into(), (&ticket).into()]).map(is_one)
}

/// Accepts a code of the active secret: once, and none of an earlier step afterwards. What was accepted at a step after
/// `sane` was so before the clock was set back, and does not count.
///
/// # Errors
/// [`StoreError`] from the database.
pub fn accept(tx: &mut Tx<'_>, account: AccountKey, sealed: &[u8], step: Step, sane: Step) -> Result<bool, StoreError> {
    let sql = "UPDATE second_factors SET last_step = $1 \
               WHERE user_seq = $2 AND secret = $3 AND (last_step < $1 OR last_step > $4)";
    let values: [Value<'_>; 4] = [
        step.number().into(),
        account.into(),
        sealed.into(),
        sane.number().into(),
    ];
    tx.execute(sql, &values).map(is_one)
}

/// Forgets both secrets; false if there were none.
///
/// # Errors
/// [`StoreError`] from the database.
pub fn remove(tx: &mut Tx<'_>, account: AccountKey) -> Result<bool, StoreError> {
    tx.execute("DELETE FROM second_factors WHERE user_seq = $1", &[account.into()])
        .map(is_one)
}
