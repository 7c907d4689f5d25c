//! A login with e-mail and password.
//!
//! The account and its hash are read, and how often it was tried; the password is verified off-thread, against a dummy if
//! there is no hash, with no transaction open; then either `App::admit` decides what comes next, or one write records the
//! refusal. Unknown address, wrong password and disabled account take the same way and get the same answer.

use crate::app::admit::{Entry, PASSWORD, Proven};
use crate::app::guess::Tally;
use crate::app::quota::Quota;
use crate::app::{App, Failure, event_log};
use crate::cache::limits::Taken;
use crate::crypto::hasher::Verdict;
use crate::domain::account::Account;
use crate::domain::account_key::GuessKey;
use crate::domain::audit::{Event, EventKind};
use crate::domain::email::Email;
use crate::domain::refusal::Refusal;
use crate::domain::secret::Secret;
use crate::domain::session::Origin;
use crate::store::{Tx, accounts, audit};

/// What somebody typed, and from where.
#[derive(Clone, Debug)]
pub struct Attempt {
    /// The address.
    pub email: Email,
    /// The password, unchecked.
    pub password: Secret,
    /// What the browser kept of an earlier login, unchecked.
    pub device: Option<Secret>,
    /// What the browser kept to be trusted, unchecked.
    pub trust: Option<Secret>,
    /// Device and address.
    pub origin: Origin,
}

/// The door through which a login comes; LibreChat lets the switch for e-mail login be overridden for its API only.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Door {
    /// The HTTP API.
    Api,
    /// The login page.
    Page,
}

impl App {
    /// Whether a door is open for logins with e-mail and password.
    ///
    /// # Errors
    /// [`Refusal::EmailLoginOff`] (LibreChat answers 403).
    pub fn admit_email_login(&self, door: Door, origin: &Origin) -> Result<(), Refusal> {
        let accounts = &self.config.accounts;
        if accounts.email_login {
            return Ok(());
        }
        if accounts.email_login_override && door == Door::Api {
            tracing::info!(address = %origin.address, "login by e-mail although it is switched off (override)");
            return Ok(());
        }
        Err(Refusal::EmailLoginOff)
    }

    /// Logs somebody in, as far as a password can. `quota` comes back as the stricter of what the address and what the account
    /// has left.
    ///
    /// # Errors
    /// [`Refusal::BadCredentials`], [`Refusal::AccountWaiting`], [`Refusal::EmailNotVerified`], [`Refusal::TooMany`],
    /// [`Refusal::Busy`], or a fault.
    pub async fn login(&self, attempt: Attempt, quota: &mut Quota) -> Result<Entry, Failure> {
        self.login_of(attempt, quota, |_| true).await
    }

    /// The same for somebody who wants to administer. Whoever may not learns that only with the right password.
    ///
    /// # Errors
    /// As [`App::login`], or [`Refusal::Forbidden`].
    pub async fn login_to_administer(&self, attempt: Attempt, quota: &mut Quota) -> Result<Entry, Failure> {
        self.login_of(attempt, quota, |account| account.role.may_read_admin())
            .await
    }

    async fn login_of(
        &self,
        attempt: Attempt,
        quota: &mut Quota,
        is_meant: fn(&Account) -> bool,
    ) -> Result<Entry, Failure> {
        let outcome = self.judge_login(attempt, quota, is_meant).await;
        self.meters.login(PASSWORD, &outcome);
        outcome
    }

    async fn judge_login(
        &self,
        attempt: Attempt,
        quota: &mut Quota,
        is_meant: fn(&Account) -> bool,
    ) -> Result<Entry, Failure> {
        let guess = self.begin_guess(GuessKey::account(&attempt.email));
        let look = |tx: &mut Tx<'_>| Ok((accounts::credentials_by_email(tx, &attempt.email)?, guess.look(tx)?));
        let (found, seen) = self.store.read(look).await?;
        let (account, stored) = found.map_or((None, None), |(account, hash)| (Some(account), hash));
        let device = self.device_of(&attempt, account.as_ref());
        let guess = self.admit_guess(guess, seen, device, quota).await?;
        let verdict = self
            .hasher
            .verify(attempt.password.clone(), stored.clone(), &attempt.origin.address)
            .await?;
        let admitted = account.filter(|account| verdict != Verdict::Wrong && !account.is_disabled());
        let Some(account) = admitted else {
            self.meet(quota, self.refuse_login(attempt, guess.tally()).await?);
            return Err(Refusal::BadCredentials.into());
        };
        self.may_enter(&account, PASSWORD)?;
        if !is_meant(&account) {
            return Err(Refusal::Forbidden.into());
        }
        let account = self.proved_if_legacy(account).await?;
        let replacement = match verdict {
            Verdict::RightButOutdated => Some(self.hasher.hash(attempt.password, &attempt.origin.address).await?),
            Verdict::Right | Verdict::Wrong => None,
        };
        let proven = Proven {
            upstream: None,
            account,
            method: PASSWORD.to_owned(),
            verified_hash: stored,
            replacement,
            device: attempt.device,
            trust: attempt.trust,
        };
        self.admit(proven, attempt.origin).await
    }

    /// The device that an attempt comes from, if the account knows it.
    fn device_of(&self, attempt: &Attempt, account: Option<&Account>) -> Option<GuessKey> {
        self.known_device(attempt.device.as_ref()?, account?)
    }

    /// Records a refused login: one durable write, whatever the reason, so that the time tells nothing. Answers with what
    /// is left to guess.
    async fn refuse_login(&self, attempt: Attempt, tally: Tally) -> Result<Option<Taken>, Failure> {
        let event = self.event(EventKind::LoginRefused, None, &attempt.origin, "bad_credentials");
        let (email, now) = (attempt.email, self.steady_now());
        let address = attempt.origin.address.parse();
        let left = self
            .store
            .write(move |tx| {
                let subject = accounts::by_email(tx, &email)?.map(|account| account.id);
                let event = Event {
                    subject,
                    ..event.clone()
                };
                audit::append(tx, &event)?;
                tally.note_failure(tx, now)
            })
            .await?;
        if let Ok(address) = address {
            event_log::login_refused(address);
        }
        Ok(left)
    }
}
