//! What the owner of an account may do with it: look, rename, change the password, end sessions, accept terms, delete.

use crate::app::alert::Deed;
use crate::app::protect::Guard;
use crate::app::quota::Quota;
use crate::app::second_factor::change::Change;
use crate::app::{App, Failure, one_time, owner};
use crate::domain::account::{Account, AccountKey};
use crate::domain::audit::{EventKind, Notice};
use crate::domain::field::{Issue, Rule};
use crate::domain::ids::SessionId;
use crate::domain::name;
use crate::domain::refusal::Refusal;
use crate::domain::second_factor::Act;
use crate::domain::secret::Secret;
use crate::domain::session::{Identity, Origin, Session};
use crate::domain::time::Timestamp;
use crate::mail::Letter;
use crate::store::{Tx, accounts, audit, notices, outbox, sessions, trusted_devices};

/// What somebody typed to change a password.
#[derive(Clone, Debug)]
pub struct PasswordChange {
    /// The password until now.
    pub current: Secret,
    /// The new one.
    pub new: Secret,
    /// The new one again.
    pub confirm: Secret,
}

impl App {
    /// The live sessions of an account, newest first.
    ///
    /// # Errors
    /// Only a fault.
    pub async fn sessions_of(&self, account: AccountKey) -> Result<Vec<Session>, Failure> {
        let now = self.now();
        let idle = self.config.session.idle;
        let all = self.store.read(|tx| sessions::list(tx, account)).await?;
        Ok(all.into_iter().filter(|session| session.is_live(now, idle)).collect())
    }

    /// What the account's owner should be told.
    ///
    /// # Errors
    /// Only a fault.
    pub async fn notices_of(&self, account: AccountKey) -> Result<Vec<Notice>, Failure> {
        Ok(self.store.read(|tx| notices::list(tx, account)).await?)
    }

    /// Takes a notice away after it was read.
    ///
    /// # Errors
    /// Only a fault; a notice that is not there is no error.
    pub async fn dismiss_notice(&self, account: AccountKey, id: i64) -> Result<(), Failure> {
        self.store.write(move |tx| notices::dismiss(tx, account, id)).await?;
        Ok(())
    }

    /// Changes the display name.
    ///
    /// # Errors
    /// [`Refusal::Invalid`], or a fault.
    pub async fn rename(&self, who: &Identity, new: String) -> Result<(), Failure> {
        let new = name::parse_display_name(&new).map_err(Refusal::Invalid)?;
        let now = self.now();
        let key = who.account.key;
        let event = self.event(EventKind::NameChanged, Some(who.account.id), &who.session.origin, "");
        self.store
            .write(move |tx| {
                accounts::set_name(tx, key, &new, now)?;
                audit::append(tx, &event)
            })
            .await?;
        Ok(())
    }

    /// Changes the password, or sets the first one, and ends every session but this one. The owner gets a letter; says
    /// whether there is one.
    ///
    /// # Errors
    /// [`Refusal::Invalid`] naming the field, [`Refusal::TooMany`], [`Refusal::Busy`], or a fault.
    pub async fn change_password(
        &self,
        who: &Identity,
        form: PasswordChange,
        origin: &Origin,
    ) -> Result<bool, Failure> {
        let Account { email, name, key, .. } = &who.account;
        let live = self.live();
        let known = [email.as_str(), name.as_str(), live.site.title.as_str()];
        let mut issues = self.password_issues("password", &form.new, &known);
        if form.new != form.confirm {
            issues.push(Issue::new("confirm_password", Rule::Mismatch));
        }
        if !issues.is_empty() {
            return Err(Refusal::Invalid(issues).into());
        }
        let verified = self.prove_owner(who, form.current, "current_password", origin).await?;
        let hash = self.hasher.hash(form.new, &origin.address).await?;
        let (key, keep, now) = (*key, who.session.id, self.now());
        let event = self.event(EventKind::PasswordChanged, Some(who.account.id), origin, "");
        let alert = self.alert(&who.account, Deed::PasswordChanged, origin);
        let is_told = alert.is_sent();
        let changed = self
            .store
            .write(move |tx| {
                let current = accounts::credentials_by_key(tx, key)?;
                if current.is_none_or(|(_, stored)| stored != verified) {
                    return Ok(false);
                }
                accounts::set_password(tx, key, &hash, now)?;
                sessions::delete_others(tx, key, Some(keep))?;
                alert.put(tx)?;
                one_time::withdraw_links(tx, key)?;
                trusted_devices::revoke_all(tx, key)?;
                audit::append(tx, &event)?;
                Ok(true)
            })
            .await?;
        if changed {
            Ok(is_told)
        } else {
            Err(owner::wrong_password("current_password"))
        }
    }

    /// Deletes an account on its owner's word, as an admin would, and writes its owner a letter. Pages ask for a proof with `password`, see [`App::confirm_owner`]; LibreChat's
    /// API asks for none. Whoever has a second factor has to answer with it.
    ///
    /// # Errors
    /// [`Refusal::DeletionOff`], [`Refusal::LastAdmin`], [`Refusal::Invalid`], [`Refusal::TooMany`],
    /// [`Refusal::SecondFactor`], or a fault.
    pub async fn delete_self(&self, change: Change<'_>, password: Option<Secret>) -> Result<(), Failure> {
        let (who, origin) = (change.who, change.origin);
        let Account { key, id, ref role, .. } = who.account;
        if !self.config.accounts.deletion && !role.is_admin() {
            return Err(Refusal::DeletionOff.into());
        }
        if let Some(password) = password {
            self.confirm_owner(who, password, origin).await?;
        }
        let event = self.event(EventKind::AccountDeleted, Some(id), origin, "self");
        let burial = self.burial(String::new());
        let until = self.restorable_until();
        let told = who.account.email_verified.then_some(Letter::AccountDeleted { until });
        let letter = told.and_then(|told| self.envelope_for(&who.account, &told));
        let delete = move |tx: &mut Tx<'_>| {
            if Guard::Owner.against_loss(tx, key)?.is_some() {
                return Ok(false);
            }
            burial.of(tx, key, id)?;
            letter.iter().try_for_each(|letter| outbox::add(tx, letter))?;
            audit::append(tx, &event)?;
            Ok(true)
        };
        let quota = &mut Quota::default();
        if self.change_second_factor(Act::Delete, change, quota, delete).await? {
            Ok(())
        } else {
            Err(Refusal::LastAdmin.into())
        }
    }

    /// Ends one session of the account; `false` if there is none of that number.
    ///
    /// # Errors
    /// Only a fault.
    pub async fn end_session(&self, who: &Identity, id: SessionId, origin: &Origin) -> Result<bool, Failure> {
        let key = who.account.key;
        let event = self.event(EventKind::SessionEnded, Some(who.account.id), origin, "by_owner");
        let ended = self
            .store
            .write(move |tx| {
                if sessions::find(tx, id)?.is_none_or(|session| session.account != key) {
                    return Ok(false);
                }
                sessions::delete(tx, id)?;
                audit::append(tx, &event)?;
                Ok(true)
            })
            .await?;
        Ok(ended)
    }

    /// Ends every session of the account but this one; returns how many.
    ///
    /// # Errors
    /// Only a fault.
    pub async fn end_other_sessions(&self, who: &Identity, origin: &Origin) -> Result<u64, Failure> {
        let (key, keep) = (who.account.key, who.session.id);
        let event = self.event(EventKind::SessionEnded, Some(who.account.id), origin, "all_others");
        let ended = self
            .store
            .write(move |tx| {
                audit::append(tx, &event)?;
                sessions::delete_others(tx, key, Some(keep))
            })
            .await?;
        Ok(ended)
    }

    /// Records that the terms of service were accepted; the first time is kept.
    ///
    /// # Errors
    /// Only a fault.
    pub async fn accept_terms(&self, account: AccountKey) -> Result<Timestamp, Failure> {
        let now = self.now();
        Ok(self
            .store
            .write(move |tx| accounts::accept_terms(tx, account, now))
            .await?)
    }
}
