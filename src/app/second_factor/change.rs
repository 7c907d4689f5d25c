//! What somebody signed in does with their second factor: each change takes an answer, in the same transaction.

use crate::app::alert::{Deed, from_admin};
use crate::app::audit::Actor;
use crate::app::manage::there;
use crate::app::quota::Quota;
use crate::app::second_factor::allowance;
use crate::app::second_factor::examine::Settled;
use crate::app::{App, Failure};
use crate::domain::account::{Account, AccountKey};
use crate::domain::audit::EventKind;
use crate::domain::hex::hex;
use crate::domain::refusal::Refusal;
use crate::domain::second_factor::{Act, Answer, BackupCode, Duty, Trouble};
use crate::domain::session::{Identity, Origin};
use crate::domain::time::Timestamp;
use crate::store::backup_codes::StoredCode;
use crate::store::{StoreError, Tx, accounts, audit, backup_codes, second_factors, sessions, trusted_devices};

/// Who wants something changed, and their answer.
pub struct Change<'a> {
    /// Who.
    pub who: &'a Identity,
    /// Their answer; `None` if nothing was typed.
    pub answer: Option<Answer>,
    /// Device and address.
    pub origin: &'a Origin,
}

/// How an account's second factor stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Status {
    /// Since when it has one.
    pub enabled_at: Option<Timestamp>,
    /// Backup codes that were not used yet.
    pub codes_left: usize,
    /// Whether it has to set one up.
    pub duty: Duty,
    /// Whether it must not be taken away.
    pub is_mandatory: bool,
}

/// A backup code as its owner may see it afterwards.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CodeMark {
    /// A name for it, from which the code cannot be found.
    pub name: String,
    /// When it was used.
    pub used_at: Option<Timestamp>,
}

/// What [`App::regenerate_backup_codes`] made.
pub struct Regenerated {
    /// The codes, shown this once.
    pub codes: Vec<BackupCode>,
    /// Their names.
    pub marks: Vec<CodeMark>,
}

impl App {
    /// How an account's second factor stands.
    ///
    /// # Errors
    /// Only a fault.
    pub async fn second_factor_status(&self, account: &Account) -> Result<Status, Failure> {
        let key = account.key;
        let codes = self.store.read(|tx| backup_codes::list(tx, key)).await?;
        Ok(Status {
            enabled_at: account.two_factor_at,
            codes_left: codes.iter().filter(|code| code.used_at.is_none()).count(),
            duty: self.duty_of(account),
            is_mandatory: self.needs_second_factor(account),
        })
    }

    /// Takes the second factor away. Every other session ends.
    ///
    /// # Errors
    /// [`Trouble::NotSetUp`], [`Trouble::Mandatory`], [`Trouble::AnswerMissing`], [`Trouble::Wrong`],
    /// [`Refusal::TooMany`], or a fault.
    pub async fn disable_second_factor(&self, change: Change<'_>, quota: &mut Quota) -> Result<(), Failure> {
        let account = &change.who.account;
        if account.two_factor_at.is_none() {
            return Err(Refusal::SecondFactor(Trouble::NotSetUp).into());
        }
        if self.needs_second_factor(account) {
            return Err(Refusal::SecondFactor(Trouble::Mandatory).into());
        }
        let subject = Some(account.id);
        let event = self.event(EventKind::TwoFactorDisabled, subject, change.origin, "");
        let alert = self.alert(account, Deed::TwoFactorDisabled, change.origin);
        let (key, keep) = (account.key, change.who.session.id);
        let take_away = move |tx: &mut Tx<'_>| {
            remove(tx, key)?;
            sessions::delete_others(tx, key, Some(keep))?;
            alert.put(tx)?;
            audit::append(tx, &event)
        };
        self.change_second_factor(Act::Disable, change, quota, take_away).await
    }

    /// Replaces the backup codes. As in LibreChat this works without a second factor too, where they open nothing.
    ///
    /// # Errors
    /// [`Trouble::AnswerMissing`], [`Trouble::Wrong`], [`Refusal::TooMany`], or a fault.
    pub async fn regenerate_backup_codes(&self, change: Change<'_>, quota: &mut Quota) -> Result<Regenerated, Failure> {
        let account = &change.who.account;
        let (codes, stored) = self.new_backup_codes(account.id);
        let marks = stored.iter().map(|code| self.mark(code)).collect();
        let subject = Some(account.id);
        let event = self.event(EventKind::BackupCodesMade, subject, change.origin, "");
        let alert = account
            .two_factor_at
            .map(|_| self.alert(account, Deed::BackupCodesMade, change.origin));
        let (key, now) = (account.key, self.now());
        let replace = move |tx: &mut Tx<'_>| {
            backup_codes::put(tx, key, &stored, now)?;
            if let Some(alert) = &alert {
                alert.put(tx)?;
            }
            audit::append(tx, &event)
        };
        self.change_second_factor(Act::Regenerate, change, quota, replace)
            .await?;
        Ok(Regenerated { codes, marks })
    }

    /// A name for a stored code. It is computed from the salt alone: nobody can search for the code with it.
    fn mark(&self, code: &StoredCode) -> CodeMark {
        let name = self.signer.mac("backup code name", &[&code.salt]);
        CodeMark {
            name: hex(&name),
            used_at: code.used_at,
        }
    }

    /// Takes an account's second factor away on an admin's word. Every session ends.
    ///
    /// # Errors
    /// [`Refusal::NotFound`] if the account is gone, or a fault.
    pub async fn reset_second_factor(&self, account: &Account, by: &Actor) -> Result<(), Failure> {
        let alert = self.alert(account, Deed::TwoFactorDisabled, &from_admin(by));
        let (id, now) = (account.id, self.steady_now());
        self.manage(account, (EventKind::TwoFactorDisabled, "reset"), by, move |tx, key| {
            let is_there = accounts::set_two_factor(tx, key, None)?;
            if is_there {
                remove(tx, key)?;
                sessions::delete_others(tx, key, None)?;
                allowance::forgive(tx, id, now)?;
                alert.put(tx)?;
            }
            Ok(there(is_there))
        })
        .await
    }

    /// Lets `apply` happen if the answer counts, or if there is no second factor to answer with.
    pub(in crate::app) async fn change_second_factor<T, F>(
        &self,
        act: Act,
        change: Change<'_>,
        quota: &mut Quota,
        apply: F,
    ) -> Result<T, Failure>
    where
        F: Fn(&mut Tx<'_>) -> Result<T, StoreError> + Send + 'static,
        T: Send + 'static,
    {
        let account = &change.who.account;
        let (key, enabled_at) = (account.key, account.two_factor_at);
        let examined = match (enabled_at, &change.answer) {
            // Without a second factor there is nothing that an answer could be right for.
            (None, _) if act == Act::Verify => {
                return Err(Refusal::SecondFactor(Trouble::Wrong { act, seconds_off: None }).into());
            }
            (None, _) => None,
            (Some(_), None) => return Err(Refusal::SecondFactor(Trouble::AnswerMissing(act)).into()),
            (Some(_), Some(answer)) => Some(self.examine_answer(account, answer, change.origin).await?),
        };
        let explanation = examined.as_ref().and_then(|examined| examined.seconds_off);
        let allowance = self.owner_allowance(account.id);
        let settled = self
            .store
            .write(move |tx| {
                let current = accounts::credentials_by_key(tx, key)?;
                if current.is_none_or(|(account, _)| account.two_factor_at != enabled_at) {
                    return Ok(None);
                }
                let settled = match &examined {
                    Some(examined) => examined.settle(tx, &allowance)?,
                    None => Settled::Passed,
                };
                Ok(Some(match settled {
                    Settled::Passed => Ok(apply(tx)?),
                    refused @ (Settled::Wrong(_) | Settled::TooMany(..)) => Err(refused),
                }))
            })
            .await?;
        let outcome = settled.ok_or(Refusal::SecondFactor(Trouble::Changed))?;
        outcome.map_err(|refused| {
            let seconds_off = explanation.filter(|_| account.role.is_admin());
            self.refuse_answer(refused, act, seconds_off, quota)
        })
    }
}

/// Forgets everything about an account's second factor.
pub(in crate::app) fn remove(tx: &mut Tx<'_>, key: AccountKey) -> Result<(), StoreError> {
    second_factors::remove(tx, key)?;
    backup_codes::remove(tx, key)?;
    trusted_devices::revoke_all(tx, key)?;
    accounts::set_two_factor(tx, key, None).map(drop)
}
