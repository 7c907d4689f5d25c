//! One provider as it is described: by the section `[openid]`, or by a table of the list `[[openid.providers]]`.

use std::fs;
use std::io::Read as _;
use std::time::Duration;

use url::{Host, Url};

use super::rows::{LIST, OPENID};
use super::{Keeping, OpenId, Ties};
use crate::config::problem::Place;
use crate::config::settled::Settled;
use crate::config::tables::Table;
use crate::config::value::Value;
use crate::domain::federation::decision::Doors;
use crate::domain::federation::issuer::Issuer;
use crate::domain::federation::provider::{Icon, ProviderId};
use crate::domain::federation::vouched::ClaimNames;
use crate::domain::secret::Secret;

/// No secret is as long as this.
const MOST_BYTES: u64 = 64 * 1024;

/// A provider as it is described.
#[derive(Clone, Copy)]
pub enum Described<'d> {
    /// By LibreChat's variables.
    Section(&'d Settled),
    /// By a table of the list.
    Table(&'d Table),
}

impl<'d> Described<'d> {
    /// Every provider that is described.
    pub fn all(settled: &'d Settled) -> impl Iterator<Item = Self> {
        let tables = settled.value(LIST).tables().iter().map(Described::Table);
        std::iter::once(Described::Section(settled)).chain(tables)
    }

    /// The value of a setting.
    pub fn value(self, leaf: &str) -> &'d Value {
        match self {
            Self::Section(settled) => settled.value(&format!("{OPENID}.{leaf}")),
            Self::Table(table) => table.value(leaf),
        }
    }

    /// A text, trimmed; `None` if it is empty.
    pub fn text(self, leaf: &str) -> Option<String> {
        let text = self.value(leaf).text();
        let text = text.trim();
        (!text.is_empty()).then(|| text.to_owned())
    }

    /// A flag.
    pub fn flag(self, leaf: &str) -> bool {
        self.value(leaf).flag()
    }

    /// Where a setting was written, or where the provider is described if it was not, and under which name.
    pub fn origin(self, leaf: &str) -> (Place, String) {
        match self {
            Self::Section(settled) => {
                let origin = settled.origin(&format!("{OPENID}.{leaf}"));
                (origin.given.place.clone(), origin.given.name.clone())
            }
            Self::Table(table) => (table.place_of(leaf).clone(), format!("{LIST}.{leaf}")),
        }
    }

    /// Its name in addresses; `None` if it has none that can be used.
    pub fn id(self) -> Option<ProviderId> {
        let name = match self {
            Self::Section(_) => Some(OPENID.to_owned()),
            Self::Table(_) => self.text("id"),
        };
        ProviderId::parse(&name?).ok()
    }

    /// Whether anybody described it: the section is always there.
    pub fn is_written(self) -> bool {
        match self {
            Self::Section(_) => self.text("issuer").or_else(|| self.text("client_id")).is_some(),
            Self::Table(_) => true,
        }
    }

    /// The secret, wherever it is; `Err` says why its file is of no use.
    pub fn secret(self) -> Result<Option<Secret>, String> {
        let trimmed = |secret: &Secret| Secret::new(secret.expose().trim());
        let file = match self {
            Self::Section(_) => None,
            Self::Table(_) => self.text("client_secret_file"),
        };
        match (self.value("client_secret").secret(), file) {
            (Some(_), Some(_)) => Err("client_secret and client_secret_file are both there; keep one of them".into()),
            (Some(secret), None) => Ok(Some(trimmed(&secret))),
            (None, Some(path)) => from_file(&path).map(Some),
            (None, None) => Ok(None),
        }
    }

    /// What it lacks to be used.
    pub fn missing(self) -> Vec<String> {
        let mut missing: Vec<String> = ["issuer", "client_id", "scope"]
            .into_iter()
            .filter(|leaf| self.text(leaf).is_none())
            .map(str::to_owned)
            .collect();
        match self.secret() {
            Ok(None) if !self.flag("use_pkce") => missing.push("client_secret".to_owned()),
            Ok(_) => {}
            Err(reason) => missing.push(format!("client_secret ({reason})")),
        }
        let is_plain = self.text("issuer").is_some_and(|issuer| issuer.starts_with("http://"));
        if is_plain && !self.flag("allow_private") {
            missing.push("an issuer with https, or allow_private".to_owned());
        }
        let scope = self.text("scope");
        if scope.is_some_and(|scope| !scope.split_whitespace().any(|word| word == "openid")) {
            missing.push("the scope openid".to_owned());
        }
        // Rules that cannot be applied let nobody in.
        let requires = !self.value("required_role").list().is_empty();
        for (is_wanted, path) in [
            (requires, "required_role_path"),
            (self.flag("role_sync"), "role_sync_claim"),
        ] {
            if is_wanted && self.text(path).is_none() {
                missing.push(path.to_owned());
            }
        }
        missing
    }

    /// The provider, if it can be used.
    pub fn provider(self) -> Option<OpenId> {
        if !self.missing().is_empty() {
            return None;
        }
        Some(OpenId {
            id: self.id()?,
            label: self.text("label"),
            icon: Icon::from_word(&self.value("icon").text()),
            image_url: self.text("image_url"),
            issuer: Issuer::new(&self.text("issuer")?),
            client_id: self.text("client_id")?,
            client_secret: self.secret().ok().flatten(),
            scope: self.text("scope")?,
            doors: self.doors(),
            allow_private: self.flag("allow_private"),
            trust_email: self.flag("trust_email"),
            clock_tolerance: Duration::from_secs(self.value("clock_tolerance").number()),
            audience: self.value("audience").list(),
            claims: ClaimNames {
                email: self.text("email_claim"),
                username: self.text("username_claim"),
                name: self.text("name_claim"),
            },
            graph: self.text("graph_url").and_then(|url| Url::parse(&url).ok()),
            keys_kept: if self.flag("jwks_cache_enabled") {
                self.value("jwks_cache_time").span()
            } else {
                Duration::ZERO
            },
            avatar_origins: self.value("avatar_origins").list(),
            ties: self.ties(),
        })
    }

    fn ties(self) -> Ties {
        Ties {
            prompt: self.text("prompt"),
            auto_redirect: self.flag("auto_redirect"),
            end_session: self.flag("end_session"),
            return_to: self.text("post_logout_redirect_uri"),
            longest_url: self.value("max_logout_url_length").number(),
            keeping: match (self.flag("strict"), self.flag("reuse_tokens")) {
                (true, _) => Keeping::Strict,
                (false, true) => Keeping::All,
                (false, false) => Keeping::Little,
            },
            max_age: self.value("reuse_max_session_age").span(),
            refresh_audience: self.text("refresh_audience"),
        }
    }

    fn doors(self) -> Doors {
        let domains = self.value("domains").list();
        Doors {
            login: self.flag("login"),
            sign_up: self.flag("sign_up"),
            connect: self.flag("connect"),
            domains: domains.iter().map(|domain| domain.to_lowercase()).collect(),
        }
    }

    /// Whether the issuer's address itself says that it is near; a name may still lead there, which is found out when it
    /// is asked.
    pub fn is_near(self) -> bool {
        let issuer = self.text("issuer").unwrap_or_default().replace("{tenantid}", "x");
        match Url::parse(&issuer).ok().as_ref().and_then(Url::host) {
            Some(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
            Some(Host::Ipv4(address)) => address.is_private() || address.is_loopback(),
            Some(Host::Ipv6(address)) => address.is_loopback() || address.is_unique_local(),
            None => false,
        }
    }
}

fn from_file(path: &str) -> Result<Secret, String> {
    let mut text = String::new();
    fs::File::open(path)
        .and_then(|file| file.take(MOST_BYTES).read_to_string(&mut text))
        .map_err(|error| format!("the file {path} cannot be read: {error}"))?;
    match text.trim() {
        "" => Err(format!("the file {path} is empty")),
        secret => Ok(Secret::new(secret)),
    }
}
