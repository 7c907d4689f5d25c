//! What an admin does with other people's identities.

use std::time::Duration;

use super::connections::remove;
use crate::app::alert::{Deed, from_admin};
use crate::app::audit::Actor;
use crate::app::{App, Failure};
use crate::domain::account::Account;
use crate::domain::audit::{Event, EventKind};
use crate::domain::email::Email;
use crate::domain::federation::connection::{Connection, Subject};
use crate::domain::federation::expectation::{Expectation, LONGEST, NewExpectation, Prospect, Sign};
use crate::domain::federation::provider::ProviderId;
use crate::domain::federation::trouble::Trouble;
use crate::domain::field::{Issue, Rule};
use crate::domain::refusal::Refusal;
use crate::store::identities::{self, Described, Owned};
use crate::store::{accounts, audit, expectations, sessions};

/// Somebody whom an admin expects.
#[derive(Clone, Debug)]
pub struct Expected {
    /// From which provider.
    pub provider: ProviderId,
    /// Who they are here: an account, or the address of one that is made for them.
    pub who: Result<Account, Email>,
    /// By what they are recognised.
    pub sign: Sign,
    /// How long.
    pub lifetime: Duration,
}

impl App {
    /// The issuer of a provider's identities, as it says it itself; `None` if it stands for many.
    ///
    /// # Errors
    /// If it does not answer.
    pub async fn issuer_of(&self, provider: &ProviderId) -> Result<Option<String>, Trouble> {
        match self.providers.find(provider.as_str()) {
            Some(provider) => self.providers.issuer(provider, self.moment()).await,
            None => Ok(None),
        }
    }

    /// A page of all identities and their accounts, after the given row.
    ///
    /// # Errors
    /// Only a fault.
    pub async fn identities_after(&self, after: i64, limit: u32) -> Result<Vec<Owned>, Failure> {
        Ok(self.store.scan(move |tx| identities::page(tx, after, limit)).await?)
    }

    /// Connects an identity to an account; its owner gets a letter.
    ///
    /// # Errors
    /// [`Refusal::Invalid`] if it is connected to somebody; [`Refusal::NotFound`] if the account is gone; a fault.
    pub async fn link_identity(
        &self,
        account: &Account,
        provider: &ProviderId,
        subject: Subject,
        by: &Actor,
    ) -> Result<Connection, Failure> {
        let event = self.event_of(EventKind::IdentityConnected, Some(account.id), by, provider.as_str());
        let alert = self.alert(
            account,
            Deed::ProviderConnected(&self.provider_name(provider)),
            &from_admin(by),
        );
        let (key, now, provider) = (account.key, self.now(), provider.clone());
        let linked = self
            .store
            .write(move |tx| {
                if accounts::credentials_by_key(tx, key)?.is_none() {
                    return Ok(Err(Refusal::NotFound));
                }
                if identities::find(tx, &subject)?.is_some() {
                    return Ok(Err(taken()));
                }
                let described = Described {
                    provider: &provider,
                    email: None,
                    name: None,
                };
                identities::insert(tx, key, &subject, &described, now)?;
                alert.put(tx)?;
                audit::append(tx, &event)?;
                let found = identities::find(tx, &subject)?;
                Ok(found.map(|(connection, _)| connection).ok_or(Refusal::NotFound))
            })
            .await?;
        Ok(linked?)
    }

    /// Disconnects an identity of an account, whatever is left. Every session ends; the owner gets a letter.
    ///
    /// # Errors
    /// [`Refusal::NotFound`] if it is not connected any more, or a fault.
    pub async fn unlink_identity(&self, account: &Account, gone: &Connection, by: &Actor) -> Result<(), Failure> {
        let provider = gone.provider.clone();
        let event = self.event_of(EventKind::IdentityDisconnected, Some(account.id), by, provider.as_str());
        let alert = self.alert(
            account,
            Deed::ProviderDisconnected(&self.provider_name(&provider)),
            &from_admin(by),
        );
        let (gone, now) = (gone.clone(), self.now());
        let is_gone = self
            .store
            .write(move |tx| {
                if !remove(tx, &gone, now)? {
                    return Ok(false);
                }
                sessions::delete_others(tx, gone.account, None)?;
                alert.put(tx)?;
                audit::append(tx, &event)?;
                Ok(true)
            })
            .await?;
        if is_gone { Ok(()) } else { Err(Refusal::NotFound.into()) }
    }

    /// Expects somebody: the next person whom the provider vouches for with that sign gets the account, once, whether or not
    /// strangers may sign up.
    ///
    /// # Errors
    /// [`Refusal::Invalid`] if the identity is connected to somebody already, or a fault.
    pub async fn expect_identity(&self, expected: Expected, by: &Actor) -> Result<Expectation, Failure> {
        let now = self.now();
        let subject = expected.who.as_ref().ok().map(|account| account.id);
        let new = NewExpectation {
            provider: expected.provider,
            sign: expected.sign,
            prospect: match expected.who {
                Ok(account) => Prospect::Account(account.key),
                Err(email) => Prospect::Address(email),
            },
            by: by.key(),
            created_at: now,
            expires_at: now.after(expected.lifetime.min(LONGEST)),
        };
        let event = self.event_of(EventKind::IdentityExpected, subject, by, new.provider.as_str());
        let made = self
            .store
            .write(move |tx| {
                if let Sign::Subject(subject) = &new.sign
                    && identities::find(tx, subject)?.is_some()
                {
                    return Ok(Err(taken()));
                }
                let id = expectations::insert(tx, &new)?;
                audit::append(tx, &numbered(&event, id))?;
                let all = expectations::list(tx, now)?;
                Ok(all.into_iter().find(|one| one.id == id).ok_or(Refusal::NotFound))
            })
            .await?;
        Ok(made?)
    }

    /// Everybody who is expected, the soonest end first.
    ///
    /// # Errors
    /// Only a fault.
    pub async fn expectations(&self) -> Result<Vec<Expectation>, Failure> {
        let now = self.now();
        Ok(self.store.scan(move |tx| expectations::list(tx, now)).await?)
    }

    /// The next `limit` of those who are expected, below the number `before`, the newest first.
    ///
    /// # Errors
    /// Only a fault.
    pub async fn expectations_before(&self, before: Option<i64>, limit: u32) -> Result<Vec<Expectation>, Failure> {
        let (now, before) = (self.now(), before.unwrap_or(i64::MAX));
        Ok(self
            .store
            .scan(move |tx| expectations::page(tx, now, before, limit))
            .await?)
    }

    /// Expects somebody no more.
    ///
    /// # Errors
    /// [`Refusal::NotFound`] if they came, or are not expected any more; or a fault.
    pub async fn withdraw_expectation(&self, id: i64, by: &Actor) -> Result<Expectation, Failure> {
        let all = self.expectations().await?;
        let found = all.into_iter().find(|one| one.id == id).ok_or(Refusal::NotFound)?;
        let provider = found.terms.provider.as_str();
        let event = self.event_of(EventKind::ExpectationWithdrawn, found.user, by, provider);
        let withdrawn = self
            .store
            .write(move |tx| {
                let withdrawn = expectations::remove(tx, id)?;
                if withdrawn {
                    audit::append(tx, &numbered(&event, id))?;
                }
                Ok(withdrawn)
            })
            .await?;
        if withdrawn {
            Ok(found)
        } else {
            Err(Refusal::NotFound.into())
        }
    }
}

fn numbered(event: &Event, id: i64) -> Event {
    let detail = format!("{}: expectation:{id}", event.detail);
    event.clone().remarked(detail)
}

fn taken() -> Refusal {
    Refusal::Invalid(vec![Issue::new("subject", Rule::Taken)])
}
