//! Connecting a provider to an account: by somebody who is signed in and comes back to the very session they left with, or
//! by taking an offer that was made to this browser. And proving again, with what is connected, who it is.

use super::{Arrived, Button, Denied, Setback};
use crate::app::alert::Deed;
use crate::app::{App, Failure};
use crate::domain::audit::EventKind;
use crate::domain::federation::attempt::Offer;
use crate::domain::federation::decision::on_connect;
use crate::domain::federation::denial::Denial;
use crate::domain::federation::vouched::Vouched;
use crate::domain::secret::Token;
use crate::domain::session::{Identity, Origin};
use crate::domain::time::Timestamp;
use crate::providers::Provider;
use crate::store::identities::{self, Described};
use crate::store::{StoreError, Tx, attempts, audit, sessions};

/// An identity that may be connected now.
#[derive(Clone, Debug)]
pub struct Offered<'o> {
    /// The provider.
    pub button: Button<'o>,
    /// The address or name that it gives the person.
    pub called: String,
    /// Whether its owner has signed in since it was made. A session that was there before proves nothing: whoever has got
    /// hold of it could connect themselves.
    pub may_be_taken: bool,
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
        let name = self.provider_name(&provider.id);
        let alert = self.alert(&who.account, Deed::ProviderConnected(&name), origin);
        let outcome = self
            .store
            .write(move |tx| {
                let connected = identities::find(tx, &vouched.subject)?.map(|(_, account)| account.key);
                match on_connect(&vouched, key, connected, &doors) {
                    Err(denial) => return Ok(Err(denial)),
                    Ok(false) => return Ok(Ok(())),
                    Ok(true) => {}
                }
                let described = Described::of(&id, &vouched);
                identities::insert(tx, key, &vouched.subject, &described, now)?;
                alert.put(tx)?;
                audit::append(tx, &event)?;
                Ok(Ok(()))
            })
            .await?;
        outcome?;
        Ok(Arrived::Connected(provider.id.clone()))
    }

    /// Notes that somebody who is signed in has proved again who they are, by an identity of their account.
    pub(super) async fn prove_again(
        &self,
        provider: &Provider,
        vouched: Vouched,
        who: &Identity,
    ) -> Result<(), Setback> {
        let (id, key, session) = (provider.id.clone(), who.account.key, who.session.id);
        let (is_open, now) = (provider.doors.login, self.now());
        let is_theirs = self
            .store
            .write(move |tx| {
                let found = identities::find(tx, &vouched.subject)?;
                let Some((connection, _)) = found.filter(|(_, account)| is_open && account.key == key) else {
                    return Ok(false);
                };
                let described = Described::of(&id, &vouched);
                identities::note_use(tx, connection.id, &described, now)?;
                sessions::note_proof(tx, session, now)
            })
            .await?;
        if is_theirs {
            Ok(())
        } else {
            Err(Denial::OtherPerson.into())
        }
    }

    /// What is offered to somebody who is signed in, by the token that their browser kept. It is offered to whoever signed
    /// in after they came from the provider: see [`Offered::may_be_taken`].
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
            let may_be_taken = offer.is_older_than(&who.session);
            let called = offer.email.or(offer.name).unwrap_or_default();
            Some(Offered {
                button,
                called,
                may_be_taken,
            })
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
        let may_connect = accept
            && offer
                .as_ref()
                .is_some_and(|offer| open(offer) && offer.is_older_than(&who.session));
        let name = offer.as_ref().map(|offer| self.provider_name(&offer.provider));
        let alert = self.alert(
            &who.account,
            Deed::ProviderConnected(name.as_deref().unwrap_or_default()),
            origin,
        );
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
                    alert.put(tx)?;
                    audit::append(tx, &event)?;
                }
                Ok(connected)
            })
            .await?;
        Ok(connected)
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
