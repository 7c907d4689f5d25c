//! Connecting a provider to an account: by somebody who is signed in and comes back to the very session they left with, or
//! by taking an offer that was made to this browser. And disconnecting it, unless nothing else would be left to log in with.

use super::{Arrived, Button, Denied, Setback, standing};
use crate::app::{App, Failure};
use crate::domain::audit::EventKind;
use crate::domain::email::Email;
use crate::domain::federation::attempt::Offer;
use crate::domain::federation::connection::Connection;
use crate::domain::federation::decision::on_connect;
use crate::domain::federation::denial::Denial;
use crate::domain::federation::vouched::Vouched;
use crate::domain::refusal::Refusal;
use crate::domain::secret::Token;
use crate::domain::session::{Identity, Origin};
use crate::domain::time::Timestamp;
use crate::providers::Provider;
use crate::store::identities::{self, Described};
use crate::store::{StoreError, Tx, accounts, attempts, audit};

/// An identity that may be connected now.
#[derive(Clone, Debug)]
pub struct Offered<'o> {
    /// The provider.
    pub button: Button<'o>,
    /// The address or name that it gives the person.
    pub called: String,
}

impl App {
    /// Connects what a provider vouched for to the account of somebody who was signed in when they left.
    pub(super) async fn connect(
        &self,
        provider: &Provider,
        vouched: Vouched,
        who: &Identity,
        origin: &Origin,
    ) -> Result<Arrived, Setback> {
        if let Some(lack) = self.config.federation.rules.of(&provider.id).judge(&vouched.said).lacks {
            return Err(Denied::because(Denial::RoleMissing, lack.to_string()));
        }
        let detail = provider.id.to_string();
        let event = self.event(EventKind::IdentityConnected, Some(who.account.id), origin, &detail);
        let (id, doors) = (provider.id.clone(), provider.doors.clone());
        let (key, now) = (who.account.key, self.now());
        let outcome = self
            .store
            .write(move |tx| {
                let connected = identities::find(tx, &vouched.subject)?.map(|(_, account)| account.key);
                match on_connect(&vouched, key, connected, &doors) {
                    Err(denial) => return Ok(Err(denial)),
                    Ok(false) => return Ok(Ok(())),
                    Ok(true) => {}
                }
                let described = Described {
                    provider: &id,
                    email: vouched.email.as_ref().map(Email::as_str),
                    name: vouched.name.as_deref(),
                };
                identities::insert(tx, key, &vouched.subject, &described, now)?;
                audit::append(tx, &event)?;
                Ok(Ok(()))
            })
            .await?;
        outcome?;
        Ok(Arrived::Connected(provider.id.clone()))
    }

    /// What is offered to somebody who is signed in, by the token that their browser kept.
    ///
    /// # Errors
    /// Only a fault.
    pub async fn offer_to(&self, who: &Identity, kept: &str) -> Result<Option<Offered<'_>>, Failure> {
        let Some(browser) = Token::parse(kept).map(|token| token.digest()) else {
            return Ok(None);
        };
        let (key, now) = (who.account.key, self.now());
        let offer = self
            .store
            .read(|tx| attempts::find_offer(tx, browser, key, now))
            .await?;
        Ok(offer.and_then(|offer| {
            let button = self.button_of(offer.provider.as_str())?;
            let called = offer.email.or(offer.name).unwrap_or_default();
            Some(Offered { button, called })
        }))
    }

    /// Takes what was offered, or turns it down. Answers whether the identity is connected now.
    ///
    /// # Errors
    /// Only a fault; an offer that is over or was taken connects nothing.
    pub async fn take_offer(&self, who: &Identity, kept: &str, accept: bool, origin: &Origin) -> Result<bool, Failure> {
        let Some(browser) = Token::parse(kept).map(|token| token.digest()) else {
            return Ok(false);
        };
        let (key, now) = (who.account.key, self.now());
        let event = self.event(EventKind::IdentityConnected, Some(who.account.id), origin, "");
        let open = |offer: &Offer| {
            let provider = self.providers.find(offer.provider.as_str());
            provider.is_some_and(|provider| provider.doors.connect)
        };
        let offer = self
            .store
            .read(|tx| attempts::find_offer(tx, browser, key, now))
            .await?;
        let may_connect = accept && offer.as_ref().is_some_and(open);
        let connected = self
            .store
            .write(move |tx| {
                let Some(offer) = attempts::take_offer(tx, browser, key, now)? else {
                    return Ok(false);
                };
                if !may_connect {
                    return Ok(false);
                }
                let mut event = event.clone();
                event.detail = offer.provider.to_string();
                let connected = insert(tx, &offer, now)?;
                if connected {
                    audit::append(tx, &event)?;
                }
                Ok(connected)
            })
            .await?;
        Ok(connected)
    }

    /// The identities of an account.
    ///
    /// # Errors
    /// Only a fault.
    pub async fn connections(&self, who: &Identity) -> Result<Vec<Connection>, Failure> {
        let key = who.account.key;
        Ok(self.store.read(|tx| identities::list(tx, key)).await?)
    }

    /// Disconnects an identity, unless its owner could not log in any more.
    ///
    /// # Errors
    /// [`Refusal::LastWayIn`], [`Refusal::NotFound`], or a fault.
    pub async fn disconnect(&self, who: &Identity, id: i64, origin: &Origin) -> Result<(), Failure> {
        let (key, now) = (who.account.key, self.now());
        let event = self.event(EventKind::IdentityDisconnected, Some(who.account.id), origin, "");
        let outcome = self
            .store
            .write(move |tx| {
                let all = identities::list(tx, key)?;
                let Some(found) = all.iter().find(|connection| connection.id == id) else {
                    return Ok(Err(Refusal::NotFound));
                };
                let has_password = accounts::credentials_by_key(tx, key)?.is_some_and(|(_, hash)| hash.is_some());
                if !has_password && all.len() == 1 {
                    return Ok(Err(Refusal::LastWayIn));
                }
                let mut event = event.clone();
                event.detail = found.provider.to_string();
                identities::delete(tx, key, id)?;
                if !all
                    .iter()
                    .any(|other| other.id != id && other.provider == found.provider)
                {
                    standing::withdraw(tx, key, &found.provider, now)?;
                }
                // An offer made before must not bring it back.
                attempts::withdraw_offers(tx, key)?;
                audit::append(tx, &event)?;
                Ok(Ok(()))
            })
            .await?;
        Ok(outcome?)
    }
}

/// Connects what was offered, unless somebody else has it by now.
fn insert(tx: &mut Tx<'_>, offer: &Offer, now: Timestamp) -> Result<bool, StoreError> {
    if let Some((_, account)) = identities::find(tx, &offer.subject)? {
        return Ok(account.key == offer.account);
    }
    let described = Described {
        provider: &offer.provider,
        email: offer.email.as_deref(),
        name: offer.name.as_deref(),
    };
    identities::insert(tx, offer.account, &offer.subject, &described, now)?;
    Ok(true)
}
