//! Setting a second factor up, or a new one beside the old, for somebody signed in. A secret is pending until a code of it
//! was right: nobody is locked out by a QR code that was never scanned.

use crate::app::alert::Deed;
use crate::app::quota::Quota;
use crate::app::second_factor::change::Change;
use crate::app::second_factor::examine::Factor;
use crate::app::second_factor::pairing::{Pairing, Trial};
use crate::app::{App, Failure};
use crate::domain::audit::EventKind;
use crate::domain::refusal::Refusal;
use crate::domain::second_factor::{Act, Answer, BackupCode, Trouble};
use crate::domain::secret::TokenDigest;
use crate::domain::session::Identity;
use crate::store::{StoreError, Tx, accounts, audit, backup_codes, second_factors, sessions, trusted_devices};

/// What [`App::begin_enrolment`] made.
pub struct Enrolment {
    /// For the authenticator.
    pub pairing: Pairing,
    /// Codes that count once the secret is confirmed.
    pub codes: Vec<BackupCode>,
}

impl App {
    /// A new secret, pending, with ten backup codes. Whoever has a second factor already has to prove it first.
    ///
    /// # Errors
    /// [`Trouble::AnswerMissing`], [`Trouble::Wrong`], [`Refusal::TooMany`], or a fault.
    pub async fn begin_enrolment(&self, change: Change<'_>, quota: &mut Quota) -> Result<Enrolment, Failure> {
        let account = &change.who.account;
        let (sealed, pairing) = self.new_pairing(account);
        let (codes, stored) = self.new_backup_codes(account.id);
        let (key, by) = (account.key, begun_by(change.who));
        let put = move |tx: &mut Tx<'_>| {
            second_factors::put_pending(tx, key, &sealed, by)?;
            backup_codes::put_pending(tx, key, &stored)
        };
        self.change_second_factor(Act::Enable, change, quota, put).await?;
        Ok(Enrolment { pairing, codes })
    }

    /// The secret that this very session has begun with and not confirmed yet, to be shown again.
    ///
    /// # Errors
    /// [`Trouble::Unreadable`], or a fault.
    pub async fn pending_enrolment(&self, who: &Identity) -> Result<Option<Pairing>, Failure> {
        self.pending_pairing(&who.account, begun_by(who)).await
    }

    /// Tries an answer, which changes nothing: a code of the pending secret if there is one, or else what the active one
    /// accepts, which is used up by that.
    ///
    /// # Errors
    /// [`Trouble::NotInitiated`], [`Trouble::Wrong`], [`Refusal::TooMany`], or a fault.
    pub async fn verify_enrolment(&self, change: Change<'_>, quota: &mut Quota) -> Result<(), Failure> {
        let account = &change.who.account;
        let is_backup = matches!(change.answer, Some(Answer::Backup(_)));
        let is_pending = self.pending_secret(account, None).await?.is_some();
        if is_pending && !is_backup {
            // A code of a pending secret opens nothing yet, and LibreChat's client confirms with the same one.
            let trial = trial(change.who, Act::Verify);
            return self.try_pending(trial, change.answer).await.map(drop);
        }
        if !is_pending && account.two_factor_at.is_none() {
            return Err(Refusal::SecondFactor(Trouble::NotInitiated(Act::Verify)).into());
        }
        self.change_second_factor(Act::Verify, change, quota, |_| Ok(())).await
    }

    /// Makes the pending secret the one that counts. Every other session ends, and every device is asked again. With
    /// `fresh_codes` the codes that were made at the beginning are replaced, and the new ones returned.
    ///
    /// # Errors
    /// [`Trouble::NotInitiated`], [`Trouble::Wrong`], or a fault.
    pub async fn confirm_enrolment(
        &self,
        change: Change<'_>,
        fresh_codes: bool,
    ) -> Result<Option<Vec<BackupCode>>, Failure> {
        let Change { who, answer, origin } = change;
        let account = &who.account;
        let tried = self.try_pending(trial(who, Act::Confirm), answer).await?;
        let (codes, stored) = fresh_codes.then(|| self.new_backup_codes(account.id)).unzip();
        let event = self.event(EventKind::TwoFactorEnabled, Some(account.id), origin, "");
        let alert = self.alert(account, Deed::TwoFactorEnabled, origin);
        let (key, keep, now) = (account.key, who.session.id, self.now());
        let activated = self
            .store
            .write(move |tx| {
                if !second_factors::activate(tx, key, &tried.sealed, tried.step)? {
                    return Ok(false);
                }
                if let Some(stored) = &stored {
                    backup_codes::put_pending(tx, key, stored)?;
                }
                backup_codes::activate(tx, key, now)?;
                accounts::set_two_factor(tx, key, Some(now))?;
                sessions::delete_others(tx, key, Some(keep))?;
                sessions::strengthen(tx, keep, Factor::Code.key())?;
                trusted_devices::revoke_all(tx, key)?;
                audit::append(tx, &event)?;
                alert.put(tx)?;
                Ok::<_, StoreError>(true)
            })
            .await?;
        if activated {
            Ok(codes)
        } else {
            Err(Refusal::SecondFactor(Trouble::NotInitiated(Act::Confirm)).into())
        }
    }
}

/// A pending secret may be confirmed from any session: whoever knows a code of it has scanned it.
fn trial(who: &Identity, act: Act) -> Trial<'_> {
    Trial {
        account: &who.account,
        by: None,
        act,
        explain: who.account.role.is_admin(),
    }
}

/// Under which name a session begins an enrolment.
fn begun_by(who: &Identity) -> TokenDigest {
    TokenDigest::of(format!("session {}", who.session.id).as_bytes())
}
