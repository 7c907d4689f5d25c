//! The way back in for whoever is locked out of their own server and has a shell on it.

use std::collections::BTreeSet;
use std::net::IpAddr;
use std::time::Duration;

use crate::app::unban::Whose;
use crate::app::{App, Failure, guess};
use crate::domain::account::{Account, Role};
use crate::domain::audit::EventKind;
use crate::domain::moderation::ban::Ban;
use crate::domain::moderation::network::Network;
use crate::domain::moderation::subject::Subject;
use crate::domain::secret::Secret;
use crate::store::audit;

/// Addresses of good logins from this long ago count as the account's own.
const OWN_FOR: Duration = Duration::from_hours(30 * 24);

/// Events of the account that are looked at for its addresses.
const MOST_EVENTS: u32 = 500;

/// What is asked for besides unlocking the account and lifting its bans.
#[derive(Clone, Debug, Default)]
pub struct Recovery {
    /// Make the account an admin.
    pub admin: bool,
    /// Set this password; every session ends.
    pub password: Option<Secret>,
}

/// What was in the way.
#[derive(Clone, Debug, Default)]
pub struct Recovered {
    /// The account was disabled.
    pub enabled: bool,
    /// The account was no admin.
    pub promoted: bool,
    /// Bans of the account, of the addresses banned with it, and of those it logged in from.
    pub lifted: Vec<Ban>,
}

impl App {
    /// Unlocks an account, lifts its bans and those of its addresses, forgets failed passwords, and sets what is asked for.
    ///
    /// # Errors
    /// [`crate::domain::refusal::Refusal::Invalid`] if the password breaks a rule, or a fault. What was done until then
    /// stays done.
    pub async fn recover(&self, account: &Account, recovery: Recovery) -> Result<Recovered, Failure> {
        let mut recovered = Recovered::default();
        if let Some(password) = recovery.password {
            self.reset_password(account, password).await?;
        }
        if account.is_disabled() {
            self.set_disabled(account, false).await?;
            recovered.enabled = true;
        }
        if recovery.admin && !account.role.is_admin() {
            self.set_role(account, Role::Admin).await?;
            recovered.promoted = true;
        }
        for subject in self.own_subjects(account).await? {
            recovered.lifted.extend(self.unban(Whose::Of(subject)).await?);
        }
        let event = self.console_event(EventKind::AccountRecovered, account.id, "");
        let (now, unlocked) = (self.now(), account.clone());
        self.store
            .write(move |tx| {
                guess::forgive(tx, &unlocked, now)?;
                audit::append(tx, &event)
            })
            .await?;
        Ok(recovered)
    }

    /// The account, the addresses that were banned with it, and those it logged in from lately.
    async fn own_subjects(&self, account: &Account) -> Result<Vec<Subject>, Failure> {
        let user = Subject::User(account.id);
        let mut networks: BTreeSet<Subject> = BTreeSet::new();
        for ban in self.standing(user).await?.bans {
            networks.extend(self.banned_together(&ban).await?.iter().map(|other| other.subject));
        }
        let now = self.now();
        for event in self.recent_events(account.id, MOST_EVENTS).await? {
            if event.kind == EventKind::LoginSucceeded && now.since(event.at) < OWN_FOR {
                let address = event.address.parse::<IpAddr>().ok();
                networks.extend(address.map(|address| Subject::Network(Network::of_client(address))));
            }
        }
        Ok(std::iter::once(user).chain(networks).collect())
    }
}
