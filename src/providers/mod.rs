//! Who else knows people: other login servers, asked by the one guarded client, and what of their answers is believed.
//!
//! [`outgoing`] sends every request. [`openid`] is a provider that describes itself (OpenID Connect Discovery); what it
//! sends goes through [`id_token`] before anything of it counts. `social` has those that LibreChat knows by name. Nothing here knows accounts or sessions: a provider turns an
//! answer into a [`Vouched`] person or into a [`Trouble`] with a plain verdict.

mod answers;
mod code_flow;
mod collector;
pub mod discovery;
mod graph;
pub mod id_token;
pub mod keys;
pub mod openid;
pub mod outgoing;
pub mod picture;
pub mod reach;
mod shelf;
pub mod sign_out;
mod signed_secret;
mod social;

use std::future::Future;
use std::sync::Arc;

use anyhow::Context as _;

use crate::config::federation::OPENID;
use crate::config::{Config, OpenId, SocialProvider, Ties};
use crate::domain::federation::connection::Subject;
use crate::domain::federation::decision::Doors;
use crate::domain::federation::provider::{Icon, ProviderId};
use crate::domain::federation::trouble::{Trouble, quoted};
use crate::domain::federation::upstream::{LogoutNotice, Tokens};
use crate::domain::federation::vouched::{Picture, Vouched};
use crate::domain::secret::Secret;
use crate::domain::time::Timestamp;
use crate::observe::meter::Tally;
use crate::observe::request::step;

use openid::OpenIdProvider;
use outgoing::{Lookup, Outgoing};
use sign_out::Leaving;
use social::QuestionedProvider;

/// Every provider that can be used.
pub struct Providers {
    outgoing: Outgoing,
    all: Vec<Provider>,
    calls: Tally<2>,
}

/// A provider that can be used.
pub struct Provider {
    /// Its name in addresses.
    pub id: ProviderId,
    /// What the button says; `None` for the name of the protocol.
    pub label: Option<String>,
    /// The picture on the button.
    pub icon: Icon,
    /// What it may be used for.
    pub doors: Doors,
    /// LibreChat's word for it: in lists of buttons, and in accounts that came this way.
    pub word: &'static str,
    /// Whether it may lie in a private network or on this machine.
    pub allow_private: bool,
    /// What sessions there and here have to do with each other.
    pub ties: Ties,
    way: Way,
}

/// How a provider is talked to.
enum Way {
    OpenId(Box<OpenIdProvider>),
    Questioned(Box<QuestionedProvider>),
}

/// The moments by which a provider's words and our own memory are judged.
#[derive(Clone, Copy, Debug)]
pub struct Moment {
    /// By the clock on the wall, which tokens speak of.
    pub wall: Timestamp,
    /// By a clock that nobody sets.
    pub steady: Timestamp,
}

/// What belongs to one attempt and nothing else.
#[derive(Clone, Debug)]
pub struct Secrets {
    /// Comes back in the address.
    pub state: String,
    /// Comes back in the ID token.
    pub nonce: String,
    /// Proves to the provider that whoever redeems the code is who asked for it (RFC 7636).
    pub verifier: Secret,
}

/// What the provider sent the person back with.
#[derive(Clone, Debug)]
pub enum Answer {
    /// A code.
    Code(String),
    /// An error.
    Error {
        /// Its code.
        error: String,
        /// What it says more.
        description: String,
    },
}

/// What came of an answer.
#[derive(Clone, Debug)]
pub struct Redeemed {
    /// The person.
    pub vouched: Vouched,
    /// The provider's own tokens; `None` where nothing can be done with them later.
    pub tokens: Option<Tokens>,
}

impl Answer {
    /// The code.
    ///
    /// # Errors
    /// [`Trouble::SaidNo`] with the provider's words.
    fn code(&self) -> Result<&str, Trouble> {
        match self {
            Self::Code(code) => Ok(code),
            Self::Error { error, description } => Err(Trouble::SaidNo {
                error: quoted(error),
                description: quoted(description),
            }),
        }
    }
}

impl Providers {
    /// Prepares the providers of the configuration. No request is sent.
    ///
    /// # Errors
    /// If the certificates or the proxy of the configuration cannot be used.
    pub fn new(config: &Config) -> anyhow::Result<Self> {
        let system: Arc<dyn Lookup> = Arc::new(outgoing::System);
        let outgoing =
            Outgoing::new(&config.outgoing, &system).context("requests to other servers cannot be prepared")?;
        let mut all: Vec<Provider> = Vec::new();
        if config.federation.enabled {
            all.extend(config.federation.openid.iter().map(Provider::openid));
            all.extend(config.federation.social.iter().filter_map(Provider::social));
        }
        let place = |provider: &Provider| config.site.social_logins.iter().position(|word| word == provider.word);
        all.sort_by_key(|provider| place(provider).unwrap_or(usize::MAX));
        // As many outcomes as there are troubles, for every provider.
        let calls = Tally::new((all.len() + 1) * 32);
        Ok(Self { outgoing, all, calls })
    }

    /// All of them, in the order of their buttons.
    #[must_use]
    pub fn all(&self) -> &[Provider] {
        &self.all
    }

    /// What came of questions, by provider.
    #[must_use]
    pub fn calls(&self) -> &Tally<2> {
        &self.calls
    }

    /// Counts what comes of a question.
    async fn counted<T>(
        &self,
        provider: &Provider,
        question: impl Future<Output = Result<T, Trouble>>,
    ) -> Result<T, Trouble> {
        let outcome = step("provider", question).await;
        let word = outcome.as_ref().err().map_or("answered", Trouble::key);
        self.calls.of([provider.id.as_str(), word]).increase();
        outcome
    }

    /// The provider of that name.
    #[must_use]
    pub fn find(&self, id: &str) -> Option<&Provider> {
        self.all.iter().find(|provider| provider.id.as_str() == id)
    }

    /// The issuer of its identities, as it says it itself; `None` if it stands for many.
    ///
    /// # Errors
    /// If it has to be asked and does not answer.
    pub async fn issuer(&self, provider: &Provider, at: Moment) -> Result<Option<String>, Trouble> {
        match &provider.way {
            Way::OpenId(openid) => {
                let said = self.counted(provider, openid.description(&self.outgoing, at)).await?;
                Ok((!said.issuer.is_open_to_many()).then(|| said.issuer.as_str().to_owned()))
            }
            Way::Questioned(questioned) => Ok(Some(questioned.issuer())),
        }
    }

    /// Where the person is sent to log in.
    ///
    /// # Errors
    /// If the provider cannot be asked for its addresses.
    pub async fn authorization(
        &self,
        provider: &Provider,
        secrets: &Secrets,
        callback: &str,
        at: Moment,
    ) -> Result<String, Trouble> {
        match &provider.way {
            Way::OpenId(openid) => {
                self.counted(provider, openid.authorization(&self.outgoing, secrets, callback, at))
                    .await
            }
            Way::Questioned(questioned) => questioned.authorization(secrets, callback),
        }
    }

    /// Turns what came back into a person. The caller has made sure that it belongs to the attempt of these secrets, and that
    /// no attempt is redeemed twice.
    ///
    /// # Errors
    /// What is wrong with the answer.
    pub async fn redeem(&self, provider: &Provider, arrival: &Arrival<'_>, at: Moment) -> Result<Redeemed, Trouble> {
        match &provider.way {
            Way::OpenId(openid) => self.counted(provider, openid.redeem(&self.outgoing, arrival, at)).await,
            Way::Questioned(questioned) => self.counted(provider, questioned.redeem(&self.outgoing, arrival)).await,
        }
    }
}

impl Providers {
    /// Fetches the file of a picture.
    ///
    /// # Errors
    /// Why there is none.
    pub async fn picture(&self, picture: &Picture, allow_private: bool) -> Result<Vec<u8>, picture::NoPicture> {
        picture::fetch(&self.outgoing, picture, allow_private).await
    }
}

impl Provider {
    fn openid(settings: &OpenId) -> Self {
        Self {
            id: settings.id.clone(),
            label: settings.label.clone(),
            icon: settings.icon,
            doors: settings.doors.clone(),
            ties: settings.ties.clone(),
            word: OPENID,
            allow_private: settings.allow_private,
            way: Way::OpenId(Box::new(OpenIdProvider::new(settings.clone()))),
        }
    }

    fn social(settings: &SocialProvider) -> Option<Self> {
        let id = ProviderId::parse(settings.social.key()).ok()?;
        Some(Self {
            way: social::prepare(&id, settings),
            id,
            label: None,
            icon: settings.social.icon(),
            doors: settings.doors.clone(),
            ties: Ties::default(),
            word: settings.social.key(),
            allow_private: settings.allow_private,
        })
    }
}

impl Providers {
    /// Asks a provider for what every login needs, so that the first person does not wait for it.
    ///
    /// # Errors
    /// If it does not answer as it should.
    pub async fn prepare(&self, provider: &Provider, at: Moment) -> Result<(), Trouble> {
        match &provider.way {
            Way::OpenId(openid) => self.counted(provider, openid.prepare(&self.outgoing, at)).await,
            // It describes itself nowhere.
            Way::Questioned(_) => Ok(()),
        }
    }

    /// Gets newer tokens for somebody. The old refresh token may be worth nothing afterwards.
    ///
    /// # Errors
    /// [`Trouble::RefreshRefused`], [`Trouble::Unreachable`], or what is wrong with the newer ID token.
    pub async fn renew(
        &self,
        provider: &Provider,
        tokens: &Tokens,
        subject: &Subject,
        at: Moment,
    ) -> Result<Tokens, Trouble> {
        match &provider.way {
            Way::OpenId(openid) => {
                self.counted(provider, openid.renew(&self.outgoing, tokens, subject, at))
                    .await
            }
            Way::Questioned(_) => Err(Trouble::Malformed("no refresh token")),
        }
    }

    /// Where somebody is sent to log out at the provider; `None` if it has no such place.
    ///
    /// # Errors
    /// If it does not answer as it should.
    pub async fn end_session(
        &self,
        provider: &Provider,
        leaving: &Leaving<'_>,
        at: Moment,
    ) -> Result<Option<String>, Trouble> {
        match &provider.way {
            Way::OpenId(openid) => {
                self.counted(provider, openid.end_session(&self.outgoing, leaving, at))
                    .await
            }
            Way::Questioned(_) => Ok(None),
        }
    }

    /// Reads a token by which the provider says that somebody logged out.
    ///
    /// # Errors
    /// What is wrong with it.
    pub async fn logout_notice(&self, provider: &Provider, token: &str, at: Moment) -> Result<LogoutNotice, Trouble> {
        match &provider.way {
            Way::OpenId(openid) => {
                self.counted(provider, openid.logout_notice(&self.outgoing, token, at))
                    .await
            }
            Way::Questioned(_) => Err(Trouble::Malformed("a logout token, although it signs nothing")),
        }
    }
}

/// An answer with what it has to fit.
#[derive(Clone, Copy, Debug)]
pub struct Arrival<'a> {
    /// What came back.
    pub answer: &'a Answer,
    /// The issuer that the way back names (RFC 9207).
    pub issuer: Option<&'a str>,
    /// The attempt's own.
    pub secrets: &'a Secrets,
    /// Where the provider was told to send the person back to.
    pub callback: &'a str,
    /// What the provider says of the person on the way back, unchecked: Apple tells the name there.
    pub profile: Option<&'a str>,
}
