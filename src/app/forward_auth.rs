//! May this request pass to another program, and in whose name? A proxy asks, for every request.
//!
//! The rules decide first without anybody: what everybody may open, or nobody, needs no session. Otherwise the session and
//! its owner are read, as everywhere on each request, so that whoever is locked out, demoted or banned is out at once.

use std::borrow::Cow;
use std::sync::Arc;
use std::time::Duration;

use crate::app::{App, Failure};
use crate::config::RemoteUser;
use crate::crypto::passport::{Passport, PublicKey};
use crate::domain::access::{self, Asked, Decision, Verdict, Who};
use crate::domain::api_key::Need;
use crate::domain::door::Scope;
use crate::domain::group::GroupName;
use crate::domain::guest;
use crate::domain::refusal::Refusal;
use crate::domain::session::Identity;

/// How long a token for another program is good. It is made anew for each request, and clocks differ.
const PASSPORT_LIFE: Duration = Duration::from_mins(1);

/// What a request carries that may open a door.
#[derive(Clone, Copy, Debug, Default)]
pub struct Keys<'k> {
    /// Values of the pages' cookie; a browser that was somewhere before may send several.
    pub pages: &'k [&'k str],
    /// Values of the cookies that open other programs and nothing else.
    pub doors: &'k [&'k str],
    /// The access token of the `Authorization` header.
    pub bearer: Option<&'k str>,
    /// An API key.
    pub api_key: Option<&'k str>,
    /// Whether the request comes from where guests do.
    pub is_guest: bool,
}

/// What is to happen with a request.
#[derive(Debug)]
pub enum Passage {
    /// It passes, in nobody's name.
    Open,
    /// It passes in somebody's name.
    As(Passenger),
    /// Somebody has to sign in first.
    LogIn,
    /// Whoever is signed in has to prove a second factor first.
    SecondFactor(Arc<Identity>),
    /// It does not pass; whoever is signed in may be told so.
    Denied(Option<Arc<Identity>>),
}

/// In whose name a request passes.
#[derive(Debug)]
pub struct Passenger {
    /// Who.
    pub identity: Arc<Identity>,
    /// A token that says so, if other programs want one.
    pub passport: Option<String>,
}

impl Passenger {
    /// What other programs take for the name of the account.
    #[must_use]
    pub fn remote_user(&self, wanted: RemoteUser) -> Cow<'_, str> {
        match wanted {
            _ if self.identity.is_guest() => guest::NAME.into(),
            RemoteUser::Email => self.identity.account.email.as_str().into(),
            RemoteUser::Id => self.identity.account.id.to_string().into(),
        }
    }
}

impl App {
    /// Whether a request may pass.
    ///
    /// # Errors
    /// [`Refusal::Banned`] for a user who is banned, [`Refusal::Busy`], or a fault.
    pub async fn may_pass(&self, asked: &Asked, keys: Keys<'_>) -> Result<Passage, Failure> {
        let outcome = self.judge_passage(asked, keys).await;
        self.meters.decision(&outcome);
        outcome
    }

    async fn judge_passage(&self, asked: &Asked, keys: Keys<'_>) -> Result<Passage, Failure> {
        let rules = &self.config.access.rules;
        match access::decide(rules, asked, None).verdict {
            Verdict::Bypass => return Ok(Passage::Open),
            // Whoever asks: a rule for some people would have wanted to know who it is.
            Verdict::Deny => return Ok(Passage::Denied(None)),
            Verdict::LogIn | Verdict::Allow | Verdict::SecondFactor => {}
        }
        let Some(identity) = self.holder(asked, keys).await? else {
            return Ok(Passage::LogIn);
        };
        let decision = access::decide(rules, asked, Some(&who(&identity)));
        Ok(self.passage(asked, decision, identity))
    }

    fn passage(&self, asked: &Asked, decision: Decision, identity: Arc<Identity>) -> Passage {
        match decision.verdict {
            Verdict::Bypass => Passage::Open,
            Verdict::Allow => {
                let passport = self.passport(asked, &identity);
                Passage::As(Passenger { identity, passport })
            }
            Verdict::LogIn => Passage::LogIn,
            // Whoever signs in may be somebody who passes.
            Verdict::SecondFactor | Verdict::Deny if identity.is_guest() => Passage::LogIn,
            Verdict::SecondFactor => Passage::SecondFactor(identity),
            Verdict::Deny => Passage::Denied(Some(identity)),
        }
    }

    /// Whose keys these are. Keys that open nothing are no keys: they may belong to the other program. What a browser brings is
    /// looked at right here, the rest in a place of its own, lest every question takes as much memory.
    async fn holder(&self, asked: &Asked, keys: Keys<'_>) -> Result<Option<Arc<Identity>>, Failure> {
        for cookie in keys.pages {
            if let Some(identity) = counted(self.identify_page(cookie).await)? {
                return Ok(Some(identity));
            }
        }
        let scope = Scope::of(&asked.host, self.config.cookies.domain.as_deref());
        for cookie in keys.doors {
            if let Some(identity) = counted(self.identify_door(cookie, &scope).await)? {
                return Ok(Some(identity));
            }
        }
        if let Some(text) = keys.api_key {
            let need = Need::Door(&asked.host);
            return match Box::pin(self.identify_key(text, need, &asked.limit_key())).await {
                Err(Failure::Refused(Refusal::BadApiKey)) => Ok(None),
                outcome => outcome.map(Some),
            };
        }
        let held = match keys.bearer {
            Some(token) => counted(self.identify_bearer(token).await.map(Some))?,
            None => None,
        };
        match held {
            None if keys.is_guest => Box::pin(self.guest()).await,
            held => Ok(held),
        }
    }

    fn passport(&self, asked: &Asked, identity: &Identity) -> Option<String> {
        self.config.access.jwt_header.as_ref()?;
        let (account, now) = (&identity.account, self.now());
        let issuer = self.link("");
        Some(self.passports.issue(&Passport {
            issuer: &issuer,
            audience: asked.host.name(),
            subject: account.id.to_string(),
            email: account.email.as_str(),
            email_verified: account.email_verified,
            name: &account.name,
            role: account.role.as_str(),
            groups: account.groups.iter().map(GroupName::as_str).collect(),
            issued_at: now,
            expires_at: now.after(PASSPORT_LIFE),
        }))
    }

    /// The key with which other programs check the tokens that they get.
    #[must_use]
    pub fn passport_key(&self) -> &PublicKey {
        self.passports.public_key()
    }
}

/// A key that is over or wrong is no key.
fn counted(found: Result<Option<Arc<Identity>>, Failure>) -> Result<Option<Arc<Identity>>, Failure> {
    match found {
        // The login page leads to the set-up. Its ticket is nothing for other programs to see.
        Err(Failure::Refused(Refusal::BadAccessToken(_) | Refusal::SessionOver | Refusal::EnrolmentDue(_))) => Ok(None),
        other => other,
    }
}

/// Somebody as rules see them.
#[must_use]
pub fn who(identity: &Identity) -> Who<'_> {
    let account = &identity.account;
    Who {
        id: account.id,
        email: account.email.as_str(),
        role: &account.role,
        groups: &account.groups,
        second_factor: identity.session.has_second_factor(),
    }
}
