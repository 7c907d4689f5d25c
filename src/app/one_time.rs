//! One-time links as use cases make them. Each is stored in the transaction that causes it.

use crate::app::App;
use crate::domain::account::Account;
use crate::domain::proof::{Proof, Purpose};
use crate::domain::secret::Token;

impl App {
    /// A new one-time token for an account, and what is stored of it.
    pub(super) fn new_proof(&self, purpose: Purpose, account: &Account, detail: &str) -> (Token, Proof) {
        let (token, now) = (self.new_token(), self.now());
        let proof = Proof {
            digest: token.digest(),
            purpose,
            account: account.key,
            address: account.email.clone(),
            detail: detail.to_owned(),
            created_at: now,
            expires_at: now.after(purpose.lifetime()),
        };
        (token, proof)
    }
}
