//! Who has to have a second factor, and from when on.

use crate::app::admit::{Challenge, PASSWORD, Seen};
use crate::app::audit::Actor;
use crate::app::manage::there;
use crate::app::{App, Failure};
use crate::domain::account::Account;
use crate::domain::audit::EventKind;
use crate::domain::refusal::Refusal;
use crate::domain::second_factor::Duty;
use crate::domain::session::Identity;
use crate::domain::ticket::TicketKind;
use crate::domain::time::Timestamp;
use crate::store::{accounts, demands};

/// Providers whose passwords are checked here; others have a second factor of their own.
const WITH_PASSWORD: [&str; 3] = ["local", "ldap", ""];

impl App {
    /// Whether an account has to set up a second factor.
    #[must_use]
    pub fn duty_of(&self, account: &Account) -> Duty {
        self.duty_at(account, self.now())
    }

    fn duty_at(&self, account: &Account, now: Timestamp) -> Duty {
        let is_required = self.needs_second_factor(account);
        Duty::of(account, is_required, self.config.two_factor.grace, now)
    }

    /// Whether an account must have a second factor, whether or not it has one.
    pub(super) fn needs_second_factor(&self, account: &Account) -> bool {
        let rules = &self.config.two_factor;
        let has_password = WITH_PASSWORD.contains(&account.provider.as_str());
        let by_rule = (rules.enforce && has_password) || rules.required_roles.contains(&account.role);
        by_rule || account.two_factor_demanded_at.is_some()
    }

    /// Demands a second factor of an account on an admin's word, or demands none any more; what the settings require stays.
    ///
    /// # Errors
    /// [`Refusal::NotFound`] if the account is gone, or it is so already; a fault.
    pub async fn demand_second_factor(&self, account: &Account, is_demanded: bool, by: &Actor) -> Result<(), Failure> {
        let kind = if is_demanded {
            EventKind::TwoFactorDemanded
        } else {
            EventKind::TwoFactorWaived
        };
        let now = self.now();
        self.manage(account, (kind, ""), by, move |tx, key| {
            Ok(there(if is_demanded {
                demands::put(tx, key, now)?
            } else {
                demands::remove(tx, key)?
            }))
        })
        .await
    }

    /// Whether a password opens an account that has no second factor, although every password needs one: somebody else
    /// vouches for the account, and is to be asked.
    pub(in crate::app) fn escapes_enforcement(&self, account: &Account, method: &str) -> bool {
        let is_federated = !WITH_PASSWORD.contains(&account.provider.as_str());
        self.config.two_factor.enforce && is_federated && method == PASSWORD && account.two_factor_at.is_none()
    }

    /// Since when an account has to have a second factor and has none, after a login at `now`.
    pub(in crate::app) fn duty_since(&self, account: &Account, now: Timestamp) -> Option<Timestamp> {
        let owes = self.needs_second_factor(account) && account.two_factor_at.is_none();
        owes.then(|| account.two_factor_required_at.unwrap_or(now))
    }

    /// Notes at a renewal what a login would note: the grace period counts for sessions too that were there before.
    pub(in crate::app) async fn note_duty(&self, account: &Account) -> Result<(), Failure> {
        let since = self.duty_since(account, self.now());
        if since != account.two_factor_required_at {
            let key = account.key;
            self.store
                .write(move |tx| accounts::set_two_factor_required(tx, key, since))
                .await?;
        }
        Ok(())
    }

    /// Lets somebody pass who does not have to set up a second factor first.
    ///
    /// # Errors
    /// [`Refusal::EnrolmentDue`] with a ticket for that; a fault.
    pub(in crate::app) async fn admit_enrolled(&self, who: &Identity, now: Timestamp) -> Result<(), Failure> {
        match self.duty_at(&who.account, now) {
            Duty::None | Duty::Until(_) => Ok(()),
            Duty::Due => {
                let challenge = self.enrolment_challenge(who).await?;
                Err(Refusal::EnrolmentDue(challenge.ticket).into())
            }
        }
    }

    /// A ticket to set up a second factor, for somebody whose session is good otherwise.
    pub(in crate::app) async fn enrolment_challenge(&self, who: &Identity) -> Result<Challenge, Failure> {
        let key = who.account.key;
        let found = self.store.read(|tx| accounts::credentials_by_key(tx, key)).await?;
        let (account, hash) = found.ok_or(Refusal::SessionOver)?;
        let seen = Seen::of(&account, hash);
        Ok(self.new_challenge(TicketKind::SetUp, &seen, &who.session.method, None))
    }
}
