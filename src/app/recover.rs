//! The way back in for whoever is locked out of their own server and has a shell on it: a link that sets a new password,
//! see [`crate::domain::reset`], or a password at once. Bans stay unless somebody asks for their end. The other admins are
//! told.

use std::collections::BTreeSet;
use std::net::IpAddr;
use std::time::Duration;

use crate::app::audit::Actor;
use crate::app::second_factor::allowance;
use crate::app::unban::Whose;
use crate::app::{App, Failure, guess};
use crate::domain::account::{Account, Role};
use crate::domain::audit::EventKind;
use crate::domain::moderation::ban::Ban;
use crate::domain::moderation::network::Network;
use crate::domain::moderation::subject::Subject;
use crate::domain::outbox::Envelope;
use crate::domain::proof::{Proof, Purpose};
use crate::domain::reset::BY_CONSOLE;
use crate::domain::secret::Secret;
use crate::mail::Letter;
use crate::store::{accounts, audit, outbox, proofs};

/// Addresses of good logins from this long ago count as the account's own.
const OWN_FOR: Duration = Duration::from_hours(30 * 24);

/// Events of the account that are looked at for its addresses.
const MOST_EVENTS: u32 = 500;

/// How the account's owner gets in.
#[derive(Clone, Debug)]
pub enum Way {
    /// By a link that sets a new password.
    Link,
    /// With this password; every session ends.
    Password(Secret),
}

/// What is asked for besides unlocking the account.
#[derive(Clone, Debug)]
pub struct Recovery {
    /// How its owner gets in.
    pub way: Way,
    /// Make the account an admin.
    pub admin: bool,
    /// Lift its bans and those of its addresses.
    pub lift_bans: bool,
    /// Take its second factor away; every session ends.
    pub second_factor: bool,
}

/// What was in the way, and what is.
#[derive(Clone, Debug, Default)]
pub struct Recovered {
    /// The account was disabled.
    pub enabled: bool,
    /// The account was no admin.
    pub promoted: bool,
    /// The account had a second factor, and has none any more.
    pub second_factor: bool,
    /// Bans of the account, of the addresses banned with it, and of those it logged in from.
    pub lifted: Vec<Ban>,
    /// The same, if nobody asked for their end.
    pub standing: Vec<Ban>,
    /// The link, which is not kept.
    pub link: Option<Secret>,
}

impl App {
    /// Unlocks an account, forgets failed passwords and codes, and does what is asked for. Every other admin gets a letter.
    ///
    /// # Errors
    /// [`crate::domain::refusal::Refusal::Invalid`] if the password breaks a rule, or a fault. What was done until then
    /// stays done.
    pub async fn recover(&self, account: &Account, recovery: Recovery) -> Result<Recovered, Failure> {
        let mut recovered = Recovered::default();
        let proof = match recovery.way {
            Way::Link => {
                let (token, proof) = self.new_proof(Purpose::Recover, account, BY_CONSOLE);
                recovered.link = Some(Secret::new(self.link(&format!("/recover?token={}", token.reveal()))));
                Some(proof)
            }
            Way::Password(password) => {
                self.reset_password(account, password, &Actor::Console).await?;
                None
            }
        };
        recovered.enabled = self.unlock(account).await?;
        if recovery.admin && !account.role.is_admin() {
            self.set_role(account, Role::Admin, &Actor::Console).await?;
            recovered.promoted = true;
        }
        if recovery.second_factor && account.two_factor_at.is_some() {
            self.reset_second_factor(account, &Actor::Console).await?;
            recovered.second_factor = true;
        }
        let own = self.own_subjects(account).await?;
        if recovery.lift_bans {
            for subject in own {
                recovered
                    .lifted
                    .extend(self.unban(Whose::Of(subject), &Actor::Console).await?);
            }
        } else {
            let whose: Vec<Whose> = own.into_iter().map(Whose::Of).collect();
            recovered.standing = self.bans_in_force().await?;
            recovered.standing.retain(|ban| whose.iter().any(|whose| whose.is(ban)));
        }
        self.write_recovery(account, proof).await?;
        Ok(recovered)
    }

    /// Enables the account and gives it time again; true if it was locked.
    async fn unlock(&self, account: &Account) -> Result<bool, Failure> {
        if account.is_disabled() {
            self.set_disabled(account, false, &Actor::Console).await?;
        }
        if account.is_over(self.now()) {
            self.set_valid_until(account, None, &Actor::Console).await?;
        }
        Ok(account.is_locked(self.now()))
    }

    /// The link, the end of what failed passwords did, the lines in the audit log and the letters, all at once.
    async fn write_recovery(&self, account: &Account, proof: Option<Proof>) -> Result<(), Failure> {
        let admins = self.store.read(accounts::admins).await?;
        let told = Letter::Recovered {
            who: account.email.as_str(),
            by_console: true,
        };
        let others = admins.iter().filter(|admin| admin.key != account.key);
        let letters: Vec<Envelope> = others.filter_map(|admin| self.envelope_for(admin, &told)).collect();
        let event = self.console_event(EventKind::AccountRecovered, account.id, "");
        let made = self.console_event(EventKind::RecoveryLinkMade, account.id, "");
        let (now, steady, account) = (self.now(), self.steady_now(), account.clone());
        self.store
            .write(move |tx| {
                if let Some(proof) = &proof {
                    proofs::put(tx, proof)?;
                    audit::append(tx, &made)?;
                }
                guess::forgive(tx, &account, now)?;
                allowance::forgive(tx, account.id, steady)?;
                letters.iter().try_for_each(|letter| outbox::add(tx, letter))?;
                audit::append(tx, &event)
            })
            .await?;
        Ok(())
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
