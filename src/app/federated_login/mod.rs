//! A login with another provider.
//!
//! ```text
//!   depart: an attempt is stored, the browser gets its cookie and is sent to the provider
//!      └──► arrive: the attempt is used up (state, browser and provider fit, once)
//!             └──► the provider's answer becomes a person whom it vouches for, or a trouble with a plain verdict
//!                    └──► settle: known by issuer and subject, new, or turned away, in one write
//!                           └──► the same door as every other login
//! ```
//!
//! Whoever is turned away is told why by a [`Denial`]; the log has the verdict.

mod connect;
pub(in crate::app) mod connections;
mod expected;
mod flight;
pub mod manage;
mod pasted;
pub mod rekey;
mod setback;
mod settle;
pub mod sign_out;
mod standing;
pub mod states;
mod trial;
mod upstream;
pub mod watch;

use crate::app::App;
use crate::app::admit::{Entry, Proven};
use crate::app::quota::Quota;
use crate::domain::audit::EventKind;
use crate::domain::federation::attempt::{self, Attempt, Connects, Intent};
use crate::domain::federation::decision::Doors;
use crate::domain::federation::denial::Denial;
use crate::domain::federation::flight::Stage;
use crate::domain::federation::provider::{Icon, ProviderId};
use crate::domain::federation::social::Social;
use crate::domain::federation::trouble::Trouble;
use crate::domain::redirect::LocalPath;
use crate::domain::secret::{Secret, Token};
use crate::domain::session::{Identity, Origin};
use crate::providers::{self, Answer, Moment, Provider, Redeemed};
use crate::store::{attempts, audit};

use setback::troubled;

pub use connect::Offered;
pub use setback::{Denied, Setback};
pub use trial::Trial;

/// A button on the login page.
#[derive(Clone, Copy, Debug)]
pub struct Button<'b> {
    /// The provider's name in addresses.
    pub id: &'b ProviderId,
    /// What the button says; `None` for the name of the protocol.
    pub label: Option<&'b str>,
    /// The picture on it.
    pub icon: Icon,
}

/// Somebody is sent to a provider.
#[derive(Clone, Debug)]
pub struct Departure {
    /// Where to.
    pub url: String,
    /// What the browser keeps.
    pub cookie: AttemptCookie,
}

/// What a browser keeps while its owner is at a provider.
#[derive(Clone, Debug)]
pub struct AttemptCookie {
    /// What tells it apart from those of other tabs.
    pub label: String,
    /// The proof that this browser began the attempt.
    pub value: Secret,
}

/// What somebody comes back with, unchecked.
#[derive(Clone, Debug)]
pub struct Homecoming {
    /// The `state`.
    pub state: Option<String>,
    /// The code.
    pub code: Option<String>,
    /// The error.
    pub error: Option<String>,
    /// What is said of the error.
    pub error_description: Option<String>,
    /// The issuer (RFC 9207).
    pub issuer: Option<String>,
    /// What the provider says of the person on the way back.
    pub profile: Option<String>,
    /// The cookie of the attempt with this `state`.
    pub cookie: Option<String>,
    /// What the browser kept of an earlier login.
    pub device: Option<Secret>,
    /// What the browser kept to be trusted.
    pub trust: Option<Secret>,
}

impl Homecoming {
    /// What tells the cookie of the attempt apart; `None` if the `state` cannot be one of ours.
    #[must_use]
    pub fn label_of(state: &str) -> Option<String> {
        Token::parse(state).map(|state| attempt::label(&state))
    }

    /// How far the login has come.
    fn stage(&self) -> Stage {
        match self.answer() {
            Some(Answer::Code(_)) => Stage::Answer,
            Some(Answer::Error { .. }) | None => Stage::Return,
        }
    }

    fn answer(&self) -> Option<Answer> {
        match (&self.error, &self.code) {
            (Some(error), _) => Some(Answer::Error {
                error: error.clone(),
                description: self.error_description.clone().unwrap_or_default(),
            }),
            (None, Some(code)) if !code.is_empty() => Some(Answer::Code(code.clone())),
            (None, _) => None,
        }
    }
}

/// How a way back ended well.
#[derive(Clone, Debug)]
pub enum Arrived {
    /// Somebody has come in, as far as their second factor lets them.
    Entered {
        /// What they may do.
        entry: Entry,
        /// Where they wanted to go.
        target: Option<LocalPath>,
    },
    /// Somebody who was signed in has connected the provider to their account.
    Connected(ProviderId),
    /// Somebody who was signed in has proved again who they are, and wanted to go on there.
    Proved(Option<LocalPath>),
}

/// Errors by which providers say that the person said no.
const CANCELLED: &[&str] = &["access_denied", "user_cancelled_authorize", "user_cancelled_login"];

impl App {
    /// The providers with which people log in, in the order of their buttons.
    pub fn login_buttons(&self) -> impl Iterator<Item = Button<'_>> {
        self.providers
            .all()
            .iter()
            .filter(|provider| provider.doors.login)
            .filter(|provider| self.config.site.social_logins.iter().any(|word| word == provider.word))
            .map(button)
    }

    /// The providers that people connect to their accounts, in the order of their buttons.
    pub fn connect_buttons(&self) -> impl Iterator<Item = Button<'_>> {
        let open = self.providers.all().iter().filter(|provider| provider.doors.connect);
        open.map(button)
    }

    /// Whether people log in with providers at all.
    #[must_use]
    pub fn has_providers(&self) -> bool {
        self.login_buttons().next().is_some()
    }

    /// What the provider of that name is called on buttons.
    #[must_use]
    pub fn button_of(&self, id: &str) -> Option<Button<'_>> {
        self.providers.find(id).map(button)
    }

    /// What the provider of that name is called in a sentence.
    pub(in crate::app) fn provider_name(&self, id: &ProviderId) -> String {
        let label = self
            .providers
            .find(id.as_str())
            .and_then(|provider| provider.label.clone());
        label.unwrap_or_else(|| match id.as_str() {
            "openid" => "OpenID".to_owned(),
            other => Social::from_key(other).map_or(other, |social| social.name()).to_owned(),
        })
    }

    /// Whether whoever has an identity there can log in with it.
    #[must_use]
    pub fn is_way_in(&self, id: &ProviderId) -> bool {
        self.providers
            .find(id.as_str())
            .is_some_and(|provider| provider.doors.login)
    }

    /// Sends somebody to a provider: to log in or, if they are signed in, to connect it to their account or to prove again who
    /// they are.
    ///
    /// # Errors
    /// [`Denial::NoProvider`], [`Denial::LoginOff`], [`Denial::ConnectOff`], [`Denial::ProviderDown`], [`Denial::TooMany`],
    /// or a fault.
    pub async fn depart(
        &self,
        provider: &str,
        target: Option<LocalPath>,
        connects: Option<(&Identity, Intent)>,
        quota: &Quota,
    ) -> Result<Departure, Setback> {
        quota.check()?;
        let provider = self.providers.find(provider).ok_or(Denial::NoProvider)?;
        may_begin(&provider.doors, connects.map(|(_, intent)| intent))?;
        let (state, browser) = (self.new_token(), self.new_token());
        let secrets = secrets(&state, &browser);
        let callback = self.callback(&provider.id);
        let underway = self.underway(&provider.id, Stage::Departure);
        let url = self
            .providers
            .authorization(provider, &secrets, &callback, self.moment())
            .await
            .map_err(|trouble| troubled(&provider.id, &trouble));
        let url = self.landed(underway, url)?;
        let attempt = Attempt {
            state: state.digest(),
            browser: browser.digest(),
            provider: provider.id.clone(),
            target,
            connects: connects.map(|(who, intent)| Connects {
                account: who.account.key,
                session: who.session.id,
                intent,
            }),
            expires_at: self.now().after(attempt::LIFETIME),
        };
        self.store.write(move |tx| attempts::put(tx, &attempt)).await?;
        Ok(Departure {
            url,
            cookie: AttemptCookie {
                label: attempt::label(&state),
                value: Secret::new(browser.reveal()),
            },
        })
    }

    /// Brings somebody home. `who` is the session that their browser has now.
    ///
    /// # Errors
    /// [`Setback`].
    pub async fn arrive(
        &self,
        provider: &str,
        homecoming: &Homecoming,
        who: Option<&Identity>,
        origin: Origin,
    ) -> Result<Arrived, Setback> {
        let provider = self.providers.find(provider).ok_or(Denial::NoProvider)?;
        let outcome = self.received(provider, homecoming, who, origin).await;
        self.meters.arrival(&provider.id, &outcome);
        outcome
    }

    async fn received(
        &self,
        provider: &Provider,
        homecoming: &Homecoming,
        who: Option<&Identity>,
        origin: Origin,
    ) -> Result<Arrived, Setback> {
        let (attempt, secrets) = self.attempt_of(provider, homecoming).await?;
        let connecting = attempt.connects;
        let who = who.filter(|who| connecting.is_some_and(|connects| connects.are_of(who)));
        let mut underway = self.underway(&provider.id, homecoming.stage());
        let number = underway.reference();
        let redeemed = self.redeemed(provider, homecoming, &secrets, (&origin, &number)).await;
        if let Ok(redeemed) = &redeemed {
            self.vouched_for(&mut underway, &redeemed.vouched);
        }
        let outcome = match (connecting, who, redeemed) {
            (_, _, Err(setback)) => Err(setback),
            (Some(connects), Some(who), Ok(redeemed)) => match connects.intent {
                Intent::Connect => self.connect(provider, redeemed.vouched, who, &origin).await,
                Intent::Prove => {
                    let proved = self.prove_again(provider, redeemed.vouched, who).await;
                    proved.map(|()| Arrived::Proved(attempt.target))
                }
            },
            // Another session than the one that they left with, or none.
            (Some(_), None, Ok(_)) => Err(Denial::AttemptOver.into()),
            (None, _, Ok(redeemed)) => {
                let entry = self.log_in(provider, redeemed, homecoming, (origin, &number)).await;
                entry.map(|entry| Arrived::Entered {
                    entry,
                    target: attempt.target,
                })
            }
        };
        self.landed(underway, outcome).map_err(|setback| match setback {
            Setback::Denied(denied) => Setback::Denied(Denied {
                was_connecting: connecting.is_some(),
                ..denied
            }),
            failed @ Setback::Failed(_) => failed,
        })
    }

    /// The attempt that somebody comes back from, used up.
    async fn attempt_of(
        &self,
        provider: &Provider,
        homecoming: &Homecoming,
    ) -> Result<(Attempt, providers::Secrets), Setback> {
        let token = |text: &Option<String>| text.as_deref().and_then(Token::parse);
        let (Some(state), Some(browser)) = (token(&homecoming.state), token(&homecoming.cookie)) else {
            return Err(Denial::AttemptOver.into());
        };
        let secrets = secrets(&state, &browser);
        let (state, browser) = (state.digest(), browser.digest());
        let (id, now) = (provider.id.clone(), self.now());
        let consumed = self
            .store
            .write(move |tx| attempts::consume(tx, state, browser, &id, now))
            .await?;
        Ok((consumed.ok_or(Denial::AttemptOver)?, secrets))
    }

    /// Whom the provider vouches for.
    async fn redeemed(
        &self,
        provider: &Provider,
        homecoming: &Homecoming,
        secrets: &providers::Secrets,
        from: (&Origin, &str),
    ) -> Result<Redeemed, Setback> {
        let answer = homecoming.answer().ok_or(Denial::BadAnswer)?;
        if let Answer::Error { error, .. } = &answer
            && CANCELLED.contains(&error.as_str())
        {
            return Err(Denial::Cancelled.into());
        }
        let callback = self.callback(&provider.id);
        let arrival = providers::Arrival {
            answer: &answer,
            issuer: homecoming.issuer.as_deref(),
            secrets,
            callback: &callback,
            profile: homecoming.profile.as_deref(),
        };
        match self.providers.redeem(provider, &arrival, self.moment()).await {
            Ok(redeemed) => Ok(redeemed),
            Err(trouble) => {
                self.record_trouble(&provider.id, &trouble, from).await;
                Err(troubled(&provider.id, &trouble))
            }
        }
    }

    /// Logs somebody in whom a provider vouches for.
    async fn log_in(
        &self,
        provider: &Provider,
        redeemed: Redeemed,
        homecoming: &Homecoming,
        (origin, number): (Origin, &str),
    ) -> Result<Entry, Setback> {
        let picture = redeemed.vouched.picture.clone();
        let owner = self.settle_federated(provider, redeemed, (&origin, number)).await?;
        self.want_picture(&owner.account, &provider.id, picture);
        let known = |proof: &&Secret| self.known_device(proof, &owner.account).is_some();
        let proven = Proven {
            method: provider.id.to_string(),
            verified_hash: owner.hash,
            replacement: None,
            device: homecoming.device.as_ref().filter(known).cloned(),
            trust: homecoming.trust.clone(),
            upstream: owner.upstream,
            account: owner.account,
        };
        Ok(self.admit(proven, origin).await?)
    }

    async fn record_trouble(&self, provider: &ProviderId, trouble: &Trouble, (origin, number): (&Origin, &str)) {
        let detail = format!("{provider}: {}", trouble.key());
        let event = self
            .event(EventKind::LoginRefused, None, origin, &detail)
            .numbered(number);
        if let Err(error) = self.store.write(move |tx| audit::append(tx, &event)).await {
            tracing::warn!(%error, "a refused login could not be recorded");
        }
    }

    /// Where a provider sends people back to.
    fn callback(&self, provider: &ProviderId) -> String {
        self.link(&format!("/oauth/{provider}/callback"))
    }

    fn moment(&self) -> Moment {
        Moment {
            wall: self.now(),
            steady: self.steady_now(),
        }
    }
}

fn button(provider: &Provider) -> Button<'_> {
    Button {
        id: &provider.id,
        label: provider.label.as_deref(),
        icon: provider.icon,
    }
}

fn may_begin(doors: &Doors, intent: Option<Intent>) -> Result<(), Denial> {
    match intent {
        Some(Intent::Connect) if !doors.connect => Err(Denial::ConnectOff),
        None | Some(Intent::Prove) if !doors.login => Err(Denial::LoginOff),
        None | Some(Intent::Connect | Intent::Prove) => Ok(()),
    }
}

fn secrets(state: &Token, browser: &Token) -> providers::Secrets {
    providers::Secrets {
        state: state.reveal(),
        nonce: attempt::nonce(browser),
        verifier: attempt::verifier(browser),
    }
}
