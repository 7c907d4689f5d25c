//! "This was not me": the link in letters about sign-ins and changes. Whoever has it ends every session of the account and
//! makes its password useless; it gives nobody a way in.
//!
//! ```text
//!   letter ── link (30 days) ── page ── button ──► sessions, devices and password gone ── reset link, or an admin ──► in
//! ```

use crate::app::{App, Failure};
use crate::domain::account::Account;
use crate::domain::audit::EventKind;
use crate::domain::proof::{Proof, Purpose};
use crate::domain::secret::Token;
use crate::domain::session::Origin;
use crate::store::{accounts, audit, proofs, sessions};

/// What comes next for the owner.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Disowned {
    /// A reset link was mailed.
    Mailed,
    /// Somebody who runs the server has to help.
    Ask,
}

impl App {
    #[expect(dead_code, reason = "letters are about to offer it")]
    /// What a letter needs to offer "this was not me": the link, and what is stored with [`proofs::put`] in the
    /// transaction that causes the letter.
    pub(super) fn new_disown(&self, account: &Account) -> (Proof, String) {
        let (token, proof) = self.new_proof(Purpose::Disown, account, "");
        let link = self.link(&format!("/not-me?token={}", token.reveal()));
        (proof, link)
    }

    /// Whether a link can be used now.
    ///
    /// # Errors
    /// Only a fault.
    pub async fn can_disown(&self, token: &Token) -> Result<bool, Failure> {
        let (digest, now) = (token.digest(), self.now());
        let found = self
            .store
            .read(|tx| proofs::find(tx, digest, Purpose::Disown, now))
            .await?;
        Ok(found.is_some())
    }

    /// Ends what somebody else may have begun; `None` if the link is wrong, used or too old.
    ///
    /// # Errors
    /// Only a fault.
    pub async fn disown(&self, token: &Token, origin: &Origin) -> Result<Option<Disowned>, Failure> {
        let (digest, now) = (token.digest(), self.now());
        let event = self.event(EventKind::Disowned, None, origin, "");
        let done = self
            .store
            .write(move |tx| {
                let Some(proof) = proofs::consume(tx, digest, Purpose::Disown, now)? else {
                    return Ok(None);
                };
                let Some((account, _)) = accounts::credentials_by_key(tx, proof.account)? else {
                    return Ok(None);
                };
                sessions::delete_others(tx, account.key, None)?;
                accounts::clear_password(tx, account.key, now)?;
                accounts::forget_devices(tx, account.key)?;
                let event = event.clone().about(account.id);
                audit::append(tx, &event)?;
                Ok(Some(Disowned::Ask))
            })
            .await?;
        Ok(done)
    }
}
