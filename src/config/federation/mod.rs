//! Other providers: `[openid]` with LibreChat's `OPENID_*`, the list `[[openid.providers]]` of more such, `[social.google]` and
//! its like, and how requests to them leave this machine.

mod described;
mod review;
pub(super) mod rows;
mod rules;
pub mod social;

use std::path::PathBuf;
use std::time::Duration;

use url::Url;

use super::settled::Settled;
use crate::domain::federation::decision::Doors;
use crate::domain::federation::issuer::Issuer;
use crate::domain::federation::provider::{Icon, ProviderId};
use crate::domain::federation::vouched::ClaimNames;
use crate::domain::secret::Secret;

pub use review::review;
pub use rows::OPENID;
pub use rules::RuleBook;

pub use social::SocialProvider;

use described::Described;
use social::Section;

/// Logging in with other providers.
#[derive(Clone, Debug)]
pub struct Federation {
    /// `ALLOW_SOCIAL_LOGIN`.
    pub enabled: bool,
    /// `OpenID` providers that can be used, `[openid]` first.
    pub openid: Vec<OpenId>,
    /// Providers that LibreChat knows by name and that can be used.
    pub social: Vec<SocialProvider>,
    /// What follows from the claims of each.
    pub rules: RuleBook,
}

/// An `OpenID` provider.
#[derive(Clone, Debug)]
pub struct OpenId {
    /// Its name in addresses.
    pub id: ProviderId,
    /// What the button says; `None` for the name of the protocol.
    pub label: Option<String>,
    /// The picture on our own button.
    pub icon: Icon,
    /// A picture for LibreChat's client.
    pub image_url: Option<String>,
    /// Who it is.
    pub issuer: Issuer,
    /// Our name there.
    pub client_id: String,
    /// Our secret there; `None` for a client without one.
    pub client_secret: Option<Secret>,
    /// What is asked for.
    pub scope: String,
    /// What it may be used for.
    pub doors: Doors,
    /// Whether it may lie in a private network or on this machine.
    pub allow_private: bool,
    /// Whether its addresses count as proved where it does not say.
    pub trust_email: bool,
    /// How far its clock may be off.
    pub clock_tolerance: Duration,
    /// `OPENID_AUDIENCE`: the first is asked for.
    pub audience: Vec<String>,
    /// From which claims address and names are read.
    pub claims: ClaimNames,
    /// How long its keys are kept before they are asked for again.
    pub keys_kept: Duration,
    /// Where groups that the provider keeps back are asked for, if any rule needs them.
    pub graph: Option<Url>,
    /// `OPENID_AVATAR_AUTHORIZED_ORIGINS`: where pictures are asked for with the access token, beside its own origins.
    pub avatar_origins: Vec<String>,
    /// What sessions there and here have to do with each other.
    pub ties: Ties,
}

/// What a session at the provider and ours have to do with each other.
#[derive(Clone, Debug)]
pub struct Ties {
    /// What the provider is asked to do when people are sent there.
    pub prompt: Option<String>,
    /// Whether the login page sends people straight there.
    pub auto_redirect: bool,
    /// Whether whoever logs out here is sent there to log out, too.
    pub end_session: bool,
    /// Where they come back to; `None` for the login page of LibreChat's client.
    pub return_to: Option<String>,
    /// How long the address for that may become, in bytes.
    pub longest_url: usize,
    /// Which of the provider's tokens are kept.
    pub keeping: Keeping,
    /// How old they may become before they are renewed.
    pub max_age: Duration,
    /// The audience that is asked for then.
    pub refresh_audience: Option<String>,
}

/// Which of a provider's tokens are kept, and what for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Keeping {
    /// What is needed to log out there, if that.
    #[default]
    Little,
    /// All, and they are renewed.
    All,
    /// All; a session here ends once the provider refuses to renew them.
    Strict,
}

impl Default for Ties {
    fn default() -> Self {
        Self {
            prompt: None,
            auto_redirect: false,
            end_session: false,
            return_to: None,
            longest_url: 2000,
            keeping: Keeping::Little,
            max_age: Duration::from_mins(15),
            refresh_audience: None,
        }
    }
}

/// How requests to other servers leave this machine.
#[derive(Clone, Debug)]
pub struct Outgoing {
    /// A proxy for requests to public servers.
    pub proxy: Option<Secret>,
    /// Names and networks that are reached without it.
    pub no_proxy: String,
    /// More certificate authorities that are believed, in PEM.
    pub ca_file: Option<PathBuf>,
    /// How long one request may take, its answer included.
    pub timeout: Duration,
}

impl Settled {
    /// Logging in with other providers.
    #[must_use]
    pub fn federation(&self) -> Federation {
        let rules = self.rule_book();
        let mut openid: Vec<OpenId> = Described::all(self).filter_map(Described::provider).collect();
        for provider in &mut openid {
            let needs_groups = rules.of(&provider.id).places().any(|place| place.path == "groups");
            provider.graph = provider.graph.take().filter(|_| needs_groups);
        }
        Federation {
            enabled: self.flag("accounts.social_login"),
            openid,
            social: Section::all(self).filter_map(Section::provider).collect(),
            rules,
        }
    }

    /// How requests leave this machine. LibreChat's `PROXY` is stronger than the usual name.
    #[must_use]
    pub fn outgoing(&self) -> Outgoing {
        let file = self.text("outgoing.ca_file").trim().to_owned();
        Outgoing {
            proxy: self
                .secret("outgoing.proxy")
                .or_else(|| self.secret("outgoing.https_proxy")),
            no_proxy: self.list("outgoing.no_proxy").join(","),
            ca_file: (!file.is_empty()).then(|| PathBuf::from(file)),
            timeout: self.span("outgoing.timeout"),
        }
    }
}

/// The address of a proxy, as people write it: without a scheme it is http.
#[must_use]
pub fn proxy_url(text: &str) -> Option<Url> {
    let text = text.trim();
    let whole = if text.contains("://") {
        text.to_owned()
    } else {
        format!("http://{text}")
    };
    let url = Url::parse(&whole).ok()?;
    let is_known = matches!(url.scheme(), "http" | "https");
    (is_known && url.host_str().is_some_and(|host| !host.is_empty())).then_some(url)
}
