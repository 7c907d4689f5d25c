//! The five providers that LibreChat knows by name: `[social.google]` and so on, with LibreChat's variables. All of them have
//! the same settings but for what one of them alone needs.

use std::fs::File;
use std::io::Read as _;

use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair};
use rustls::pki_types::PrivatePkcs8KeyDer;
use rustls::pki_types::pem::PemObject as _;

use crate::config::setting::{Kind, Setting};
use crate::config::settled::{Origin, Settled};
use crate::domain::federation::decision::Doors;
use crate::domain::federation::social::{Proves, Social};
use crate::domain::secret::Secret;

/// A provider that can be used.
#[derive(Clone, Debug)]
pub struct SocialProvider {
    /// Which.
    pub social: Social,
    /// Our name there.
    pub client_id: String,
    /// How we prove to it who we are.
    pub credential: Credential,
    /// What it may be used for.
    pub doors: Doors,
    /// Whether its addresses count as proved where it does not say.
    pub trust_email: bool,
    /// A GitHub Enterprise server instead of github.com.
    pub enterprise: Option<Enterprise>,
    /// Whether it may lie in a private network or on this machine.
    pub allow_private: bool,
    /// What addresses start with, and what they start with instead. No setting fills it: tests lead requests to a
    /// counterpart with it.
    pub detours: Vec<(String, String)>,
}

/// How we prove to a provider who we are.
#[derive(Clone, Debug)]
pub enum Credential {
    /// With a secret.
    Secret(Secret),
    /// With tokens that a key of ours signs.
    Key(SigningKey),
}

/// A key that signs who we are, and what belongs to it.
#[derive(Clone, Debug)]
pub struct SigningKey {
    /// Whose key it is.
    pub team_id: String,
    /// Its name.
    pub key_id: String,
    /// The key: P-256 in PKCS #8, as PEM.
    pub pem: Secret,
}

/// A GitHub Enterprise server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Enterprise {
    /// Its address, without a slash at the end.
    pub base_url: String,
    /// What we call ourselves when we ask it.
    pub user_agent: Option<String>,
}

/// No key is as long as this.
const MOST_BYTES: u64 = 64 * 1024;

const SECRET: Kind = Kind::Secret { hex: None };

/// What the sections start with in `librechat-auth.toml`.
const SECTIONS: &str = "social";

struct Row {
    leaf: &'static str,
    /// In the environment: after the provider's prefix, or with our own before it.
    env: Env,
    kind: Kind,
    default: &'static str,
    doc: &'static str,
    /// Whose setting it is.
    of: fn(Social) -> bool,
}

enum Env {
    /// `GOOGLE_…`
    LibreChat(&'static str),
    /// `LIBRECHAT_AUTH_GOOGLE_…`
    Ours(&'static str),
}

const fn all(_: Social) -> bool {
    true
}

fn with_secret(social: Social) -> bool {
    social.proves() == Proves::BySecret
}

fn with_key(social: Social) -> bool {
    social.proves() == Proves::ByKey
}

fn github(social: Social) -> bool {
    social == Social::GitHub
}

fn facebook(social: Social) -> bool {
    social == Social::Facebook
}

const fn row(leaf: &'static str, env: Env, kind: Kind, default: &'static str, doc: &'static str) -> Row {
    Row {
        leaf,
        env,
        kind,
        default,
        doc,
        of: all,
    }
}

const fn only(of: fn(Social) -> bool, row: Row) -> Row {
    Row { of, ..row }
}

use Env::{LibreChat, Ours};

#[rustfmt::skip]
const ROWS: &[Row] = &[
    row("client_id", LibreChat("CLIENT_ID"), Kind::Text, "",
        "Our name there."),
    only(with_secret, row("client_secret", LibreChat("CLIENT_SECRET"), SECRET, "",
        "Our secret there.")),
    only(with_key, row("team_id", LibreChat("TEAM_ID"), Kind::Text, "",
        "Whose key it is: ten letters and digits.")),
    only(with_key, row("key_id", LibreChat("KEY_ID"), Kind::Text, "",
        "The name of the key.")),
    only(with_key, row("private_key_path", LibreChat("PRIVATE_KEY_PATH"), Kind::Text, "",
        "The file with the key, AuthKey_….p8.")),
    row("callback_url", LibreChat("CALLBACK_URL"), Kind::Text, "",
        "Where the provider sends people back to; it is always this path here."),
    row("login", Ours("LOGIN"), Kind::Flag, "true",
        "Whether people log in this way."),
    row("sign_up", Ours("SIGN_UP"), Kind::Tristate, "auto",
        "Whether whoever logs in this way for the first time gets an account; auto is what accounts.social_registration says."),
    row("connect", Ours("CONNECT"), Kind::Flag, "true",
        "Whether people who are signed in connect it to their account."),
    row("domains", Ours("DOMAINS"), Kind::List, "",
        "E-mail domains that may come in this way, beside accounts.allowed_domains; empty allows all."),
    only(facebook, row("trust_email", Ours("TRUST_EMAIL"), Kind::Flag, "false",
        "Whether its e-mail addresses count as proved although it never says so.")),
    only(github, row("enterprise_base_url", LibreChat("ENTERPRISE_BASE_URL"), Kind::Issuer, "",
        "A GitHub Enterprise server instead of github.com.")),
    only(github, row("enterprise_user_agent", LibreChat("ENTERPRISE_USER_AGENT"), Kind::Text, "",
        "What we call ourselves when we ask that server; librechat-auth and its version unless set.")),
    only(github, row("allow_private", Ours("ALLOW_PRIVATE"), Kind::Flag, "false",
        "Whether that server may be on this machine or in a private network, there also by http.")),
];

/// The settings of all sections.
pub(super) fn settings() -> impl Iterator<Item = Setting> {
    Social::ALL.iter().flat_map(|social| {
        let rows = ROWS.iter().filter(|row| (row.of)(*social));
        rows.map(|row| setting(*social, row))
    })
}

fn setting(social: Social, row: &Row) -> Setting {
    let env = match row.env {
        LibreChat(name) => format!("{}_{name}", social.prefix()),
        Ours(name) => format!("LIBRECHAT_AUTH_{}_{name}", social.prefix()),
    };
    let default = match row.leaf {
        "callback_url" => callback(social).leak(),
        _ => row.default,
    };
    Setting {
        key: format!("{SECTIONS}.{}.{}", social.key(), row.leaf).leak(),
        env: env.leak(),
        alias: None,
        kind: row.kind,
        default,
        doc: row.doc,
    }
}

/// Where people always come back to.
pub(super) fn callback(social: Social) -> String {
    format!("/oauth/{}/callback", social.key())
}

/// One of the sections as it is written.
#[derive(Clone, Copy)]
pub(super) struct Section<'s> {
    pub(super) social: Social,
    settled: &'s Settled,
}

impl<'s> Section<'s> {
    pub(super) fn all(settled: &'s Settled) -> impl Iterator<Item = Self> {
        Social::ALL.iter().map(move |social| Self {
            social: *social,
            settled,
        })
    }

    fn key(self, leaf: &str) -> String {
        format!("{SECTIONS}.{}.{leaf}", self.social.key())
    }

    /// What decided a setting.
    pub(super) fn origin(self, leaf: &str) -> &'s Origin {
        self.settled.origin(&self.key(leaf))
    }

    /// A text, trimmed; `None` if it is empty.
    pub(super) fn text(self, leaf: &str) -> Option<String> {
        let text = self.settled.text(&self.key(leaf));
        let text = text.trim();
        (!text.is_empty()).then(|| text.to_owned())
    }

    /// What is surely meant to be used: its name, or what proves it.
    pub(super) fn written(self) -> Option<&'s Origin> {
        let leaves: &[&str] = match self.social.proves() {
            Proves::BySecret => &["client_id", "client_secret"],
            Proves::ByKey => &["client_id", "team_id", "key_id", "private_key_path"],
        };
        leaves
            .iter()
            .map(|leaf| self.origin(leaf))
            .find(|origin| !origin.value.text().trim().is_empty() || origin.value.secret().is_some())
    }

    /// What it lacks to be used.
    pub(super) fn missing(self) -> Vec<String> {
        let mut missing: Vec<String> = Vec::new();
        if self.text("client_id").is_none() {
            missing.push("client_id".to_owned());
        }
        if let Err(lacks) = self.credential() {
            missing.extend(lacks);
        }
        if self.enterprise_is_refused() {
            missing.push("an enterprise_base_url with https, or allow_private".to_owned());
        }
        missing
    }

    fn credential(self) -> Result<Credential, Vec<String>> {
        match self.social.proves() {
            Proves::BySecret => match self.settled.secret(&self.key("client_secret")) {
                Some(secret) if !secret.expose().trim().is_empty() => {
                    Ok(Credential::Secret(Secret::new(secret.expose().trim())))
                }
                _ => Err(vec!["client_secret".to_owned()]),
            },
            Proves::ByKey => self.signing_key().map(Credential::Key),
        }
    }

    fn signing_key(self) -> Result<SigningKey, Vec<String>> {
        let (team_id, key_id) = (self.text("team_id"), self.text("key_id"));
        let pem = match self.text("private_key_path") {
            Some(path) => signing_pem(&path).map_err(|reason| format!("private_key_path ({reason})")),
            None => Err("private_key_path".to_owned()),
        };
        match (team_id, key_id, pem) {
            (Some(team_id), Some(key_id), Ok(pem)) => Ok(SigningKey { team_id, key_id, pem }),
            (team_id, key_id, pem) => {
                let absent = |value: Option<String>, name: &str| value.is_none().then(|| name.to_owned());
                let names = [absent(team_id, "team_id"), absent(key_id, "key_id"), pem.err()];
                Err(names.into_iter().flatten().collect())
            }
        }
    }

    fn enterprise(self) -> Option<Enterprise> {
        if self.social != Social::GitHub {
            return None;
        }
        let base_url = self.text("enterprise_base_url")?;
        Some(Enterprise {
            base_url: base_url.trim_end_matches('/').to_owned(),
            user_agent: self.text("enterprise_user_agent"),
        })
    }

    /// Whether it is to be asked by http, and may not be.
    fn enterprise_is_refused(self) -> bool {
        let plain = |server: Enterprise| !server.base_url.starts_with("https://");
        self.enterprise().is_some_and(plain) && !self.may_be_private()
    }

    fn may_be_private(self) -> bool {
        self.enterprise().is_some() && self.settled.flag(&self.key("allow_private"))
    }

    /// The provider, if it can be used.
    pub(super) fn provider(self) -> Option<SocialProvider> {
        if self.enterprise_is_refused() {
            return None;
        }
        Some(SocialProvider {
            social: self.social,
            client_id: self.text("client_id")?,
            credential: self.credential().ok()?,
            doors: self.doors(),
            trust_email: self.social == Social::Facebook && self.settled.flag(&self.key("trust_email")),
            enterprise: self.enterprise(),
            allow_private: self.may_be_private(),
            detours: Vec::new(),
        })
    }

    fn doors(self) -> Doors {
        let flag = |leaf: &str| self.settled.flag(&self.key(leaf));
        let sign_up = self.origin("sign_up").value.tristate();
        let domains = self.origin("domains").value.list();
        Doors {
            login: flag("login"),
            sign_up: sign_up.unwrap_or_else(|| self.settled.flag("accounts.social_registration")),
            connect: flag("connect"),
            domains: domains.iter().map(|domain| domain.to_lowercase()).collect(),
        }
    }
}

/// The key in the file, if it is one that can sign.
fn signing_pem(path: &str) -> Result<Secret, String> {
    let mut text = String::new();
    File::open(path)
        .and_then(|file| file.take(MOST_BYTES).read_to_string(&mut text))
        .map_err(|error| format!("the file {path} cannot be read: {error}"))?;
    let pem = Secret::new(text);
    let is_good = PrivatePkcs8KeyDer::from_pem_slice(pem.expose().as_bytes())
        .is_ok_and(|der| EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, der.secret_pkcs8_der()).is_ok());
    if is_good {
        Ok(pem)
    } else {
        Err(format!("the file {path} has no private key of the kind P-256 in PEM"))
    }
}
