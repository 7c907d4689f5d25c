//! Somebody comes whom an admin expected: they get what the admin said, whether or not strangers may sign up.

use super::settle::{Case, Settled};
use crate::domain::account::{Account, Role};
use crate::domain::audit::EventKind;
use crate::domain::federation::decision::may_come;
use crate::domain::federation::denial::Denial;
use crate::domain::federation::expectation::{Expectation, Prospect};
use crate::domain::federation::vouched::Proof;
use crate::store::{StoreError, Tx, accounts, expectations, identities};

impl Case {
    /// Settles the matter if the person is expected. Nobody is who may not come in this way at all.
    pub(super) fn settle_expected(&self, tx: &mut Tx<'_>) -> Result<Option<Settled>, StoreError> {
        if self.verdict.lacks.is_some() || may_come(&self.vouched, &self.doors, &self.allowed).is_err() {
            return Ok(None);
        }
        let proved = self
            .vouched
            .email
            .as_ref()
            .filter(|_| self.vouched.proof == Proof::Proved);
        let found = expectations::find(tx, &self.provider, &self.vouched.subject, proved, self.now)?;
        let Some(expected) = found else { return Ok(None) };
        self.receive(tx, &expected).map(Some)
    }

    fn receive(&self, tx: &mut Tx<'_>, expected: &Expectation) -> Result<Settled, StoreError> {
        let holder = match &expected.terms.prospect {
            Prospect::Account(account) | Prospect::Moves { account, .. } => {
                accounts::credentials_by_key(tx, *account)?.map(|(account, _)| account)
            }
            Prospect::Address(email) => accounts::by_email(tx, email)?,
        };
        if let Some(holder) = holder.as_ref().filter(|holder| holder.is_disabled()) {
            return self.deny(tx, Denial::Locked, Some(holder.clone()));
        }
        expectations::remove(tx, expected.id)?;
        let detail = format!("expectation:{}", expected.id);
        match (&expected.terms.prospect, holder) {
            (Prospect::Moves { identity, .. }, Some(holder)) => {
                identities::rekey(tx, *identity, &self.vouched.subject, Some(&self.provider))?;
                identities::note_use(tx, *identity, &self.described(), self.now)?;
                self.note(tx, EventKind::IdentityMoved, Some(holder.id), &detail)?;
                self.owner(tx, holder.key)
            }
            (_, Some(holder)) => {
                self.note(tx, EventKind::ExpectationMet, Some(holder.id), &detail)?;
                self.join(tx, &holder)
            }
            (Prospect::Address(_), None) => self.create_expected(tx, expected, &detail),
            // Its rows go with the account.
            (Prospect::Account(_) | Prospect::Moves { .. }, None) => Ok(Settled::Denied(Denial::BadAnswer, false)),
        }
    }

    /// Connects the person to an account. If nobody ever proved its address, whoever made it may be a stranger.
    fn join(&self, tx: &mut Tx<'_>, holder: &Account) -> Result<Settled, StoreError> {
        if !holder.email_verified && holder.role == Role::User {
            self.strip(tx, holder)?;
        }
        if self.proves(holder) {
            accounts::set_email_verified(tx, holder.key, self.now)?;
        }
        identities::insert(tx, holder.key, &self.vouched.subject, &self.described(), self.now)?;
        self.owner(tx, holder.key)
    }

    fn proves(&self, holder: &Account) -> bool {
        self.vouched.proof == Proof::Proved && self.vouched.email.as_ref() == Some(&holder.email)
    }

    fn create_expected(&self, tx: &mut Tx<'_>, expected: &Expectation, detail: &str) -> Result<Settled, StoreError> {
        let Prospect::Address(email) = &expected.terms.prospect else {
            return Ok(Settled::Denied(Denial::BadAnswer, false));
        };
        let account = self.account(email.clone());
        let key = accounts::insert(tx, &account)?;
        identities::insert(tx, key, &self.vouched.subject, &self.described(), self.now)?;
        self.note(tx, EventKind::ExpectationMet, Some(account.id), detail)?;
        self.note(tx, EventKind::AccountCreated, Some(account.id), "expected")?;
        self.owner(tx, key)
    }
}
