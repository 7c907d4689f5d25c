//! Is it the owner who acts? Before something that matters, whoever is signed in proves it once more: with the password, or,
//! where the account has none, by having come from a provider a moment ago, or with the second factor.
//!
//! ```text
//!   has a password            ──► the password
//!   has none, the form takes a code, and there is a second factor ──► the code
//!   has none                  ──► a login, or a proof from a connected provider, within ten minutes
//! ```

use crate::app::quota::Quota;
use crate::app::{App, Failure};
use crate::crypto::hasher::Verdict;
use crate::domain::account::{Account, AccountKey};
use crate::domain::account_key::GuessKey;
use crate::domain::audit::EventKind;
use crate::domain::field::{Issue, Rule};
use crate::domain::guest;
use crate::domain::refusal::Refusal;
use crate::domain::secret::Secret;
use crate::domain::session::{Identity, Origin};
use crate::store::{Tx, accounts, audit};

/// By what somebody who is signed in proves that they are the owner.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OwnerProof {
    /// By the password.
    Password,
    /// It has just been proved.
    Fresh,
    /// By signing in again: there is no password to ask for, and the last proof is too old.
    SignInAgain,
}

impl App {
    /// Whether the account has a password that can be asked for.
    ///
    /// # Errors
    /// Only a fault.
    pub async fn has_password(&self, account: AccountKey) -> Result<bool, Failure> {
        let found = self.store.read(|tx| accounts::credentials_by_key(tx, account)).await?;
        Ok(found.is_some_and(|(_, hash)| hash.is_some()))
    }

    /// What a form has to ask for.
    ///
    /// # Errors
    /// Only a fault.
    pub async fn owner_proof(&self, who: &Identity) -> Result<OwnerProof, Failure> {
        Ok(if self.has_password(who.account.key).await? {
            OwnerProof::Password
        } else if who.account.provider != guest::PROVIDER && who.session.is_fresh(self.now()) {
            OwnerProof::Fresh
        } else {
            OwnerProof::SignInAgain
        })
    }

    /// Asks for a proof before something for which a second factor is asked as well, where there is one: that is proof
    /// enough for an account without a password.
    ///
    /// # Errors
    /// A refusal at the field `password`: the password is wrong, or the session has to be proved anew; or a fault.
    pub async fn confirm_owner(&self, who: &Identity, password: Secret, origin: &Origin) -> Result<(), Failure> {
        if who.account.two_factor_at.is_some() && !self.has_password(who.account.key).await? {
            return Ok(());
        }
        self.prove_owner(who, password, "password", origin).await.map(drop)
    }

    /// Makes sure that it is the owner who acts; returns the stored hash that the password was checked against, or `None`
    /// for an account without one.
    ///
    /// # Errors
    /// [`Refusal::Invalid`] naming `field`, with [`Rule::SignInAgain`] where there is no password and the last proof is too
    /// old; [`Refusal::TooMany`], [`Refusal::Busy`], or a fault.
    pub(super) async fn prove_owner(
        &self,
        who: &Identity,
        password: Secret,
        field: &'static str,
        origin: &Origin,
    ) -> Result<Option<String>, Failure> {
        match self.owner_proof(who).await? {
            OwnerProof::Password => self.prove_password(who, password, field, origin).await,
            OwnerProof::Fresh => Ok(None),
            OwnerProof::SignInAgain => Err(Refusal::Invalid(vec![Issue::new(field, Rule::SignInAgain)]).into()),
        }
    }

    /// Checks the account's own password; returns the stored hash it was checked against. Whoever took over a session
    /// cannot try for long.
    async fn prove_password(
        &self,
        who: &Identity,
        password: Secret,
        field: &'static str,
        origin: &Origin,
    ) -> Result<Option<String>, Failure> {
        let Account { key, id, .. } = who.account;
        let guess = self.begin_own_guess(GuessKey::owner(id));
        let look = |tx: &mut Tx<'_>| Ok((accounts::credentials_by_key(tx, key)?, guess.look(tx)?));
        let (found, seen) = self.store.read(look).await?;
        let guess = self.admit_guess(guess, seen, None, &mut Quota::default()).await?;
        let stored = found.and_then(|(_, stored)| stored);
        match self.hasher.verify(password, stored.clone(), &origin.address).await? {
            Verdict::Right | Verdict::RightButOutdated => Ok(stored),
            Verdict::Wrong => {
                let (tally, now) = (guess.tally(), self.steady_now());
                let event = self.event(EventKind::PasswordRefused, Some(id), origin, field);
                self.store
                    .write(move |tx| {
                        audit::append(tx, &event)?;
                        tally.note_failure(tx, now)
                    })
                    .await?;
                Err(wrong_password(field))
            }
        }
    }
}

/// The refusal of a wrong password.
pub(super) fn wrong_password(field: &'static str) -> Failure {
    Refusal::Invalid(vec![Issue::new(field, Rule::WrongPassword)]).into()
}
