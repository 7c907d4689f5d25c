//! The five providers that LibreChat knows by name, one file each. Google and Apple speak OpenID Connect with a few manners of
//! their own; GitHub, Discord and Facebook give a code and then answer questions about the person.

mod apple;
mod discord;
mod facebook;
mod github;
mod google;
mod questions;

use std::time::Duration;

use super::Way;
use super::openid::{Manner, OpenIdProvider};
use crate::config::federation::social::{Credential, SocialProvider};
use crate::config::{OpenId, Ties};
use crate::domain::federation::issuer::Issuer;
use crate::domain::federation::provider::ProviderId;
use crate::domain::federation::social::Social;
use crate::domain::federation::vouched::ClaimNames;

pub(super) use questions::QuestionedProvider;
use questions::Questions;

/// How a provider is talked to.
enum Dialect {
    /// By OpenID Connect, with these manners.
    OpenId(&'static OpenIdDialect),
    /// By questions after a code was redeemed.
    Questions(&'static Questions),
}

/// What of a provider that speaks OpenID Connect is not in its description.
struct OpenIdDialect {
    /// What is asked for.
    scope: &'static str,
    /// The claim with the user name.
    username: Option<&'static str>,
    /// What it does in its own way.
    manner: Manner,
}

/// One line for each. A provider that is not here does not compile.
const fn dialect(social: Social) -> Dialect {
    match social {
        Social::Google => Dialect::OpenId(&google::GOOGLE),
        Social::Facebook => Dialect::Questions(&facebook::FACEBOOK),
        Social::GitHub => Dialect::Questions(&github::GITHUB),
        Social::Discord => Dialect::Questions(&discord::DISCORD),
        Social::Apple => Dialect::OpenId(&apple::APPLE),
    }
}

/// Prepares a provider.
pub(super) fn prepare(id: &ProviderId, settings: &SocialProvider) -> Way {
    match dialect(settings.social) {
        Dialect::OpenId(dialect) => Way::OpenId(Box::new(speaks_openid(id, settings, dialect))),
        Dialect::Questions(questions) => {
            Way::Questioned(Box::new(QuestionedProvider::new(settings.clone(), questions)))
        }
    }
}

fn speaks_openid(id: &ProviderId, settings: &SocialProvider, dialect: &'static OpenIdDialect) -> OpenIdProvider {
    let (secret, key) = match &settings.credential {
        Credential::Secret(secret) => (Some(secret.clone()), None),
        Credential::Key(key) => (None, Some(key.clone())),
    };
    let openid = OpenId {
        id: id.clone(),
        label: None,
        icon: settings.social.icon(),
        image_url: None,
        issuer: Issuer::new(&led(settings.social.issuer(), &settings.detours)),
        client_id: settings.client_id.clone(),
        client_secret: secret,
        scope: dialect.scope.to_owned(),
        doors: settings.doors.clone(),
        allow_private: settings.allow_private,
        trust_email: settings.trust_email,
        clock_tolerance: CLOCK_TOLERANCE,
        audience: Vec::new(),
        claims: ClaimNames {
            username: dialect.username.map(str::to_owned),
            ..ClaimNames::default()
        },
        keys_kept: KEYS_KEPT,
        graph: None,
        avatar_origins: Vec::new(),
        ties: Ties::default(),
    };
    OpenIdProvider::with_manner(openid, &dialect.manner, key)
}

/// As for `[openid]` where nothing is said.
const CLOCK_TOLERANCE: Duration = Duration::from_mins(5);
const KEYS_KEPT: Duration = Duration::from_mins(10);

/// An address, led elsewhere if it starts with what a detour is for.
fn led(address: &str, detours: &[(String, String)]) -> String {
    let found = detours
        .iter()
        .find_map(|(from, to)| Some((to, address.strip_prefix(from.as_str())?)));
    found.map_or_else(|| address.to_owned(), |(to, rest)| format!("{to}{rest}"))
}
