//! One-time links as use cases make them, and what ends them all.

use std::time::Duration;

use crate::app::App;
use crate::domain::account::{Account, AccountKey};
use crate::domain::proof::{Proof, Purpose};
use crate::domain::secret::Token;
use crate::store::{StoreError, Tx, proofs};

impl App {
    /// A link's token, and what the store keeps of it. Nothing is stored yet.
    pub(super) fn new_proof(&self, purpose: Purpose, account: &Account, detail: &str) -> (Token, Proof) {
        self.new_proof_for(purpose, account, detail, purpose.lifetime())
    }

    /// The same with another life than the purpose's own.
    pub(super) fn new_proof_for(
        &self,
        purpose: Purpose,
        account: &Account,
        detail: &str,
        life: Duration,
    ) -> (Token, Proof) {
        let (token, now) = (self.new_token(), self.now());
        let proof = Proof {
            digest: token.digest(),
            purpose,
            account: account.key,
            address: account.email.clone(),
            detail: detail.to_owned(),
            created_at: now,
            expires_at: now.after(life),
        };
        (token, proof)
    }
}

/// Withdraws every link that was made for another password or address than the account has from now on.
pub(super) fn withdraw_links(tx: &mut Tx<'_>, account: AccountKey) -> Result<(), StoreError> {
    proofs::revoke(tx, account, Purpose::VerifyEmail)?;
    proofs::revoke(tx, account, Purpose::ResetPassword)?;
    proofs::revoke(tx, account, Purpose::Recover)?;
    // Half of a change that was confirmed must not count for a later one either.
    proofs::forget(tx, account, Purpose::LeaveAddress)?;
    proofs::forget(tx, account, Purpose::JoinAddress)?;
    Ok(())
}
