//! Temporary access: an admin says until when somebody may come in. After that moment nothing opens the account; every door
//! asks [`Account::is_locked`], so nobody has to be quick with anything.

use crate::app::audit::Actor;
use crate::app::protect::Guard;
use crate::app::{App, Failure};
use crate::domain::account::Account;
use crate::domain::audit::EventKind;
use crate::domain::refusal::Refusal;
use crate::domain::time::Timestamp;
use crate::mail::Letter;
use crate::store::{StoreError, Tx, accounts, audit, expiry, outbox, sessions};

/// Accounts looked at in one transaction.
const STEP: u32 = 100;

impl App {
    /// Sets, moves or takes away (`None`) the end of an account's time.
    ///
    /// # Errors
    /// [`Refusal::NotFound`] if the account is gone, [`Refusal::LastAdmin`], [`Refusal::OwnAccount`], or a fault.
    pub async fn set_valid_until(
        &self,
        account: &Account,
        until: Option<Timestamp>,
        by: &Actor,
    ) -> Result<(), Failure> {
        let (key, now) = (account.key, self.now());
        let event = self.event_of(EventKind::ExpirySet, Some(account.id), by, &told(until));
        let guard = Guard::of(by);
        let set = self
            .store
            .write(move |tx| {
                if until.is_some()
                    && let Some(refusal) = guard.against_loss(tx, key)?
                {
                    return Ok(Err(refusal));
                }
                let Some((before, _)) = accounts::credentials_by_key(tx, key)? else {
                    return Ok(Err(Refusal::NotFound));
                };
                move_end(tx, &before, until, now)?;
                audit::append(tx, &event)?;
                Ok(Ok(()))
            })
            .await?;
        set.map_err(Failure::Refused)
    }

    /// Ends the sessions of accounts whose time is over: they open nothing any more, and must not be listed or come back.
    /// Returns of how many accounts.
    ///
    /// # Errors
    /// Only a fault.
    pub async fn end_overdue(&self) -> Result<u64, Failure> {
        let now = self.now();
        let event = self.event(EventKind::AccountEnded, None, "", "");
        self.in_steps(STEP, move |tx| {
            let over = expiry::overdue(tx, now, STEP)?;
            for account in &over {
                sessions::delete_others(tx, account.key, None)?;
                audit::append(tx, &event.clone().about(account.id))?;
            }
            Ok(over.len() as u64)
        })
        .await
    }

    /// Tells people once that their time will soon be over; returns how many. Does nothing while no mail can be sent.
    ///
    /// # Errors
    /// Only a fault.
    pub async fn warn_of_ends(&self) -> Result<u64, Failure> {
        let ahead = self.config.accounts.expiry_warning;
        if ahead.is_zero() || !self.mail_is_configured() {
            return Ok(0);
        }
        let now = self.now();
        let mut told = 0;
        loop {
            let ending = self
                .store
                .scan(move |tx| expiry::ending(tx, now, now.after(ahead), STEP))
                .await?;
            if ending.is_empty() {
                return Ok(told);
            }
            for account in ending {
                told += u64::from(self.warn(&account, now).await?);
            }
        }
    }

    async fn warn(&self, account: &Account, now: Timestamp) -> Result<bool, Failure> {
        let Some(until) = account.valid_until else {
            return Ok(false);
        };
        let letter = self.envelope_for(account, &Letter::AccessEnds { until });
        let key = account.key;
        Ok(self
            .store
            .write(move |tx| {
                let is_first = expiry::note_end_told(tx, key, until, now)?;
                if is_first {
                    letter.iter().try_for_each(|letter| outbox::add(tx, letter))?;
                }
                Ok(is_first)
            })
            .await?)
    }
}

/// What the audit log says of the end of somebody's time.
pub(super) fn told(until: Option<Timestamp>) -> String {
    until.map_or_else(|| "never".to_owned(), |until| until.to_string())
}

/// Sets the end of an account's time, as the account stands in this transaction.
pub(super) fn move_end(
    tx: &mut Tx<'_>,
    account: &Account,
    until: Option<Timestamp>,
    now: Timestamp,
) -> Result<(), StoreError> {
    if account.is_over(now) {
        // Sessions that ended with the time must not live again with a new one.
        sessions::delete_others(tx, account.key, None)?;
    }
    expiry::set_valid_until(tx, account.key, until).map(drop)
}
