//! Deleting accounts, and bringing them back.
//!
//! ```text
//!   there ── deleted ──► trash (accounts.keep_deleted) ── time over ──► gone for good
//!     ▲                    │
//!     └──── restored ──────┘  unless somebody has the address or an identity now
//! ```
//!
//! The way is the same whether an admin or the owner deletes: whoever gets hold of somebody's session could otherwise
//! destroy what nobody can bring back.

use crate::app::audit::Actor;
use crate::app::{App, Failure, protect};
use crate::domain::account::{Account, AccountKey};
use crate::domain::audit::EventKind;
use crate::domain::email::Email;
use crate::domain::ids::UserId;
use crate::domain::refusal::Refusal;
use crate::domain::time::Timestamp;
use crate::domain::trash::Deleted;
use crate::store::{StoreError, Tx, accounts, audit, trash};

/// Accounts removed for good in one transaction: pictures make them large.
const STEP: u32 = 50;

/// How an account is taken away.
#[derive(Clone, Debug)]
pub(super) struct Burial {
    by: String,
    at: Timestamp,
    is_kept: bool,
}

impl Burial {
    /// Takes the account away; false if it was gone.
    pub(super) fn of(&self, tx: &mut Tx<'_>, key: AccountKey, id: UserId) -> Result<bool, StoreError> {
        if self.is_kept {
            trash::put(tx, key, id, &self.by, self.at)
        } else {
            accounts::delete(tx, key)
        }
    }
}

/// How a restoration ended.
enum Outcome {
    Back(Box<Account>),
    Refused(Refusal),
}

impl App {
    /// Takes an account away on the word of `by`, as the audit log names them.
    pub(super) fn burial(&self, by: String) -> Burial {
        Burial {
            by,
            at: self.now(),
            is_kept: !self.config.accounts.keep_deleted.is_zero(),
        }
    }

    /// Until when an account that is deleted now can be restored; `None` if it cannot.
    #[must_use]
    pub fn restorable_until(&self) -> Option<Timestamp> {
        let keep = self.config.accounts.keep_deleted;
        (!keep.is_zero()).then(|| self.now().after(keep))
    }

    /// Until when a deleted account can be restored.
    #[must_use]
    pub fn kept_until(&self, deleted: &Deleted) -> Timestamp {
        deleted.deleted_at.after(self.config.accounts.keep_deleted)
    }

    /// Deletes an account: sessions, keys and links are gone at once, the rest can be restored for a while. Says until
    /// when. The audit log keeps its id.
    ///
    /// # Errors
    /// [`Refusal::NotFound`] if it is gone already, [`Refusal::LastAdmin`], [`Refusal::OwnAccount`], or a fault.
    pub async fn delete_user(&self, account: &Account, by: &Actor) -> Result<Option<Timestamp>, Failure> {
        let (key, id) = (account.key, account.id);
        let burial = self.burial(by.key());
        let until = burial
            .is_kept
            .then(|| burial.at.after(self.config.accounts.keep_deleted));
        let event = self.event_of(EventKind::AccountDeleted, Some(id), by, "");
        let guard = protect::Guard::of(by);
        let deleted = self
            .store
            .write(move |tx| {
                if let Some(refusal) = guard.against_loss(tx, key)? {
                    return Ok(Err(refusal));
                }
                if !burial.of(tx, key, id)? {
                    return Ok(Err(Refusal::NotFound));
                }
                audit::append(tx, &event)?;
                Ok(Ok(()))
            })
            .await?;
        deleted.map_err(Failure::Refused)?;
        Ok(until)
    }

    /// Brings a deleted account back, with its password, second factor, groups, picture and identities. It has no session
    /// and no API key.
    ///
    /// # Errors
    /// [`Refusal::NotFound`] if it is gone for good, [`Refusal::Taken`] if somebody has its address or an identity now, or a
    /// fault.
    pub async fn restore_user(&self, id: UserId, by: &Actor) -> Result<Account, Failure> {
        let event = self.event_of(EventKind::AccountRestored, Some(id), by, "");
        let over = self.now().before(self.config.accounts.keep_deleted);
        let outcome = self
            .store
            .write(move |tx| {
                let found = trash::find(tx, id)?;
                if found.is_none_or(|found| found.deleted_at <= over) {
                    return Ok(Outcome::Refused(Refusal::NotFound));
                }
                if let Some(taken) = trash::taken(tx, id)? {
                    return Ok(Outcome::Refused(Refusal::Taken(taken)));
                }
                trash::restore(tx, id)?;
                audit::append(tx, &event)?;
                Ok(match accounts::by_id(tx, id)? {
                    Some(account) => Outcome::Back(Box::new(account)),
                    None => Outcome::Refused(Refusal::NotFound),
                })
            })
            .await?;
        match outcome {
            Outcome::Back(account) => Ok(*account),
            Outcome::Refused(refusal) => Err(refusal.into()),
        }
    }

    /// Removes a deleted account for good, before its time.
    ///
    /// # Errors
    /// [`Refusal::NotFound`] if it is not among the deleted ones, or a fault.
    pub async fn erase_user(&self, id: UserId, by: &Actor) -> Result<(), Failure> {
        let event = self.event_of(EventKind::AccountErased, Some(id), by, "");
        let erased = self
            .store
            .write(move |tx| {
                let erased = trash::erase(tx, id)?;
                if erased {
                    audit::append(tx, &event)?;
                }
                Ok(erased)
            })
            .await?;
        if erased { Ok(()) } else { Err(Refusal::NotFound.into()) }
    }

    /// The next `limit` deleted accounts after that one, those deleted last first.
    ///
    /// # Errors
    /// Only a fault.
    pub async fn deleted_after(&self, after: Option<(Timestamp, UserId)>, limit: u32) -> Result<Vec<Deleted>, Failure> {
        let over = self.now().before(self.config.accounts.keep_deleted);
        let mut page = self.store.scan(move |tx| trash::page(tx, after, limit)).await?;
        page.retain(|deleted| deleted.deleted_at > over);
        Ok(page)
    }

    /// The deleted accounts with this address, or with this id if the text is one: those that can be restored, deleted
    /// last first.
    ///
    /// # Errors
    /// Only a fault.
    pub async fn find_deleted(&self, text: &str) -> Result<Vec<Deleted>, Failure> {
        let over = self.now().before(self.config.accounts.keep_deleted);
        let mut found = if let Ok(id) = text.parse::<UserId>() {
            self.store.read(|tx| trash::find(tx, id)).await?.into_iter().collect()
        } else if let Ok(email) = Email::parse(text.trim()) {
            self.store.read(|tx| trash::with_email(tx, &email)).await?
        } else {
            Vec::new()
        };
        found.retain(|deleted| deleted.deleted_at > over);
        Ok(found)
    }

    /// Removes deleted accounts for good whose time is over; returns how many.
    ///
    /// # Errors
    /// Only a fault.
    pub async fn purge_deleted(&self) -> Result<u64, Failure> {
        let over = self.now().before(self.config.accounts.keep_deleted);
        let event = self.event(EventKind::AccountErased, None, "", "time_over");
        self.in_steps(STEP, move |tx| {
            let due = trash::due(tx, over, STEP)?;
            for id in &due {
                trash::erase(tx, *id)?;
                audit::append(tx, &event.clone().about(*id))?;
            }
            Ok(due.len() as u64)
        })
        .await
    }
}
