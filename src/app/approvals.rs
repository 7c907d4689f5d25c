//! New accounts that wait until an admin lets them in.
//!
//! ```text
//!   registered ── its address is proved ──► admins and applicant are told ──┬─ approved ──► may log in
//!                                                                           └─ rejected ──► gone
//! ```
//!
//! An admin can decide at any time. Nobody is told within the registration: it writes the same whoever has the address, and
//! admins hear of real addresses only.

use crate::app::audit::Actor;
use crate::app::{App, Failure};
use crate::domain::account::{Account, AccountKey};
use crate::domain::audit::{Event, EventKind};
use crate::domain::ids::UserId;
use crate::domain::outbox::Envelope;
use crate::domain::refusal::Refusal;
use crate::domain::time::Timestamp;
use crate::mail::Letter;
use crate::store::{StoreError, Tx, accounts, approvals, audit, outbox};

/// Accounts told of at a time: every admin gets a letter about each.
const AT_ONCE: u32 = 20;

/// What became of a list of accounts.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Decided {
    /// The ids of those that were decided about.
    pub done: Vec<String>,
    /// The ids of those that did not wait, or not any more.
    pub not_waiting: Vec<String>,
}

impl App {
    /// The next `limit` waiting accounts after the one that waits since then, longest first.
    ///
    /// # Errors
    /// Only a fault.
    pub async fn waiting_after(
        &self,
        after: Option<(Timestamp, AccountKey)>,
        limit: u32,
    ) -> Result<Vec<Account>, Failure> {
        Ok(self.store.scan(move |tx| approvals::page(tx, after, limit)).await?)
    }

    /// Lets a waiting account in and tells its owner.
    ///
    /// # Errors
    /// [`Refusal::NotFound`] if it does not wait, or not any more; or a fault.
    pub async fn approve(&self, account: &Account, by: &Actor) -> Result<(), Failure> {
        let letter = self.envelope_for(
            account,
            &Letter::Approved {
                link: &self.link("/login"),
            },
        );
        let event = self.event_of(EventKind::AccountApproved, Some(account.id), by, "");
        self.decide(account.key, event, letter, approvals::let_in).await
    }

    /// Deletes a waiting account and tells its owner.
    ///
    /// # Errors
    /// [`Refusal::NotFound`] if it does not wait, or not any more; or a fault.
    pub async fn reject(&self, account: &Account, by: &Actor) -> Result<(), Failure> {
        let letter = self.envelope_for(account, &Letter::Rejected);
        let event = self.event_of(EventKind::AccountRejected, Some(account.id), by, "");
        self.decide(account.key, event, letter, approvals::turn_away).await
    }

    /// Lets in or turns away everybody on a list of ids. Who does not wait, or not any more, is left alone and told.
    ///
    /// # Errors
    /// Only a fault; what was decided before it stays so.
    pub async fn decide_all(&self, ids: &[String], lets_in: bool, by: &Actor) -> Result<Decided, Failure> {
        let mut decided = Decided::default();
        for id in ids {
            let known = match id.parse::<UserId>() {
                Ok(_) => self.find_user(id).await?,
                Err(_) => None,
            };
            let outcome = match &known {
                Some(account) if lets_in => self.approve(account, by).await,
                Some(account) => self.reject(account, by).await,
                None => Err(Refusal::NotFound.into()),
            };
            match outcome {
                Ok(()) => decided.done.push(id.clone()),
                Err(Failure::Refused(_)) => decided.not_waiting.push(id.clone()),
                Err(fault) => return Err(fault),
            }
        }
        Ok(decided)
    }

    /// Two admins may decide at the same time: the first one has, and only that one is written down.
    async fn decide(
        &self,
        key: AccountKey,
        event: Event,
        letter: Option<Envelope>,
        change: fn(&mut Tx<'_>, AccountKey) -> Result<bool, StoreError>,
    ) -> Result<(), Failure> {
        let decided = self
            .store
            .write(move |tx| {
                let decided = change(tx, key)?;
                if decided {
                    audit::append(tx, &event)?;
                    letter.iter().try_for_each(|letter| outbox::add(tx, letter))?;
                }
                Ok(decided)
            })
            .await?;
        if decided { Ok(()) } else { Err(Refusal::NotFound.into()) }
    }

    /// Tells the admins of accounts that wait for them, and their owners that they do: once each, and only once the address
    /// is proved, unless people may log in without that. Does nothing while no mail can be sent.
    ///
    /// # Errors
    /// Only a fault.
    pub async fn announce_waiting(&self) -> Result<(), Failure> {
        if !self.mail_is_configured() {
            return Ok(());
        }
        let all = self.config.accounts.unverified_login;
        let untold = self.store.look(|tx| approvals::untold(tx, all, AT_ONCE)).await?;
        if untold.is_empty() {
            return Ok(());
        }
        let admins = self.store.read(accounts::admins).await?;
        let now = self.now();
        for account in untold {
            let letters = self.waiting_letters(&account, &admins);
            self.store
                .write(move |tx| {
                    if approvals::note_told(tx, account.key, now)? {
                        letters.iter().try_for_each(|letter| outbox::add(tx, letter))?;
                    }
                    Ok(())
                })
                .await?;
        }
        Ok(())
    }

    fn waiting_letters(&self, account: &Account, admins: &[Account]) -> Vec<Envelope> {
        let wanted = Letter::ApprovalWanted {
            name: &account.name,
            email: account.email.as_str(),
        };
        let to_admins = admins.iter().filter_map(|admin| self.envelope_for(admin, &wanted));
        let to_applicant = self.envelope_for(account, &Letter::WaitingForApproval);
        to_applicant.into_iter().chain(to_admins).collect()
    }
}
