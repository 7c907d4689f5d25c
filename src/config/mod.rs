//! Where settings come from and what they mean: sources in order of strength → [`Config`], typed, immutable, passed.

mod access;
mod audit;
mod backup;
mod cookie_domain;
mod data_dir;
mod dotenv;
pub mod federation;
mod files;
mod guests;
mod inputs;
pub mod live;
mod load;
mod machine;
mod mail;
mod messages;
mod mistakes;
mod moderation;
mod network;
mod observe;
pub mod problem;
mod proxies;
mod quantity;
mod reading;
pub mod setting;
mod settled;
mod sources;
pub mod tables;
mod tls;
mod typed;
mod unbuilt;
pub mod value;

use std::path::PathBuf;
use std::time::Duration;

use url::Url;

use crate::domain::access::Rule;
use crate::domain::account::Role;
use crate::domain::moderation::network::Network;
use crate::domain::moderation::policy::Policy;
use crate::domain::registration;
use crate::domain::secret::Secret;

pub use audit::{Audit, HeadTo};
pub use backup::{Backups, Written, spelt_secrets};
pub use data_dir::{DataDirError, create as create_data_dir, write_setting};
pub use federation::{Federation, Keeping, OPENID, OpenId, Outgoing, RuleBook, SocialProvider, Ties};
pub use files::yaml;
pub use guests::Login;
pub use inputs::Inputs;
pub use load::{Loaded, load, prepare};
pub use messages::Messages;
pub use moderation::lines as moderation_lines;
pub use observe::{Log, LogFormat, LogRequests, Metrics, Telemetry};
pub use problem::{Place, Problem};
pub use reading::span_of;
pub use settled::{Origin, Overridden};
pub use tls::Tls;

/// Everything the program needs to know, typed. Built once at the start.
#[derive(Clone, Debug)]
pub struct Config {
    /// Where the database and the secrets live.
    pub data_dir: PathBuf,
    /// Addresses and proxies.
    pub server: Server,
    /// Title, colours and links of the pages.
    pub site: Site,
    /// Signing and encryption keys.
    pub secrets: Secrets,
    /// Who may register and log in.
    pub accounts: Accounts,
    /// Whether people have to log in.
    pub login: Login,
    /// Password rules and hashing cost.
    pub password: Password,
    /// Lifetimes.
    pub session: Sessions,
    /// Cookie attributes.
    pub cookies: Cookies,
    /// Rate limits.
    pub limits: Limits,
    /// Limits on messages to guarded programs.
    pub messages: Messages,
    /// How mail is sent.
    pub mail: Mail,
    /// Who needs a second factor, and where it is not asked for.
    pub two_factor: TwoFactor,
    /// Who may open which page of other programs.
    pub access: Access,
    /// Logging in with other providers.
    pub federation: Federation,
    /// How requests to other servers leave this machine.
    pub outgoing: Outgoing,
    /// Violations and bans.
    pub moderation: Moderation,
    /// The audit log.
    pub audit: Audit,
    /// The database.
    pub store: StoreOptions,
    /// Backups that the server makes by itself.
    pub backups: Backups,
    /// What is logged and how.
    pub log: Log,
    /// Who may read the metrics.
    pub metrics: Metrics,
    /// Who gets traces; `None` if nobody does.
    pub telemetry: Option<Telemetry>,
    /// Where the settings were written.
    pub written: Written,
    /// Every setting with what decided it, in the order of the table.
    pub origins: Vec<Origin>,
}

/// Addresses and proxies.
#[derive(Clone, Debug)]
pub struct Server {
    /// Name or address to listen on (`HOST`).
    pub host: String,
    /// Port to listen on; 0 takes a free one (`PORT`).
    pub port: u16,
    /// The address people use, as configured (`DOMAIN_SERVER`); `None` when nobody said.
    pub public_url: Option<Url>,
    /// Where LibreChat's client runs if it is elsewhere (`DOMAIN_CLIENT`): one more allowed `Origin`.
    pub client_url: Option<Url>,
    /// How many proxies in front say whose request they pass on, wherever they are (`TRUST_PROXY`); 0 if none is believed
    /// without being listed.
    pub trust_proxy: u8,
    /// The proxies that are believed; IPv4 networks are never written as IPv6 ones.
    pub trusted_proxies: Vec<Network>,
    /// Where proxies say whose request they pass on.
    pub forwarded_header: ForwardedHeader,
    /// Whether connections start with a PROXY protocol header.
    pub proxy_protocol: bool,
    /// Certificate and key, if the server itself speaks https.
    pub tls: Option<Tls>,
    /// Threads that answer requests.
    pub workers: usize,
    /// Whether answers say `X-Robots-Tag: noindex` (`NO_INDEX`).
    pub no_index: bool,
    /// How long requests in flight may take to finish at shutdown.
    pub shutdown_timeout: Duration,
}

impl Server {
    /// How people reach it: `https` if the public address says so, or without one, if the server speaks it itself.
    #[must_use]
    pub fn scheme(&self) -> &str {
        match &self.public_url {
            Some(url) => url.scheme(),
            None if self.tls.is_some() => "https",
            None => "http",
        }
    }
}

/// The header in which proxies say whose request they pass on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ForwardedHeader {
    /// `X-Forwarded-For`: a list to which each proxy appends.
    XForwardedFor,
    /// `Forwarded` (RFC 7239): the same with a grammar.
    Forwarded,
    /// `X-Real-IP`: one address.
    XRealIp,
}

/// Title, colours and links of the pages and of `/api/config`.
#[derive(Clone, Debug)]
pub struct Site {
    /// `APP_TITLE`.
    pub title: String,
    /// Accent colour of the pages, `#rrggbb`.
    pub accent: String,
    /// `HELP_AND_FAQ_URL`.
    pub help_url: String,
    /// `interface.privacyPolicy` of `librechat.yaml`, passed on to the client as it is.
    pub privacy_policy: Option<serde_json::Value>,
    /// `interface.termsOfService` of `librechat.yaml`, passed on to the client as it is.
    pub terms_of_service: Option<serde_json::Value>,
    /// `turnstile` of `librechat.yaml`, passed on to the client as it is.
    pub turnstile: Option<serde_json::Value>,
    /// `registration.socialLogins`: which buttons there are, and their order.
    pub social_logins: Vec<String>,
}

/// Keys. Generated into the data directory when nobody set them.
#[derive(Clone, Debug)]
pub struct Secrets {
    /// `JWT_SECRET`: signs access tokens; used as UTF-8 text.
    pub jwt: Secret,
    /// `JWT_REFRESH_SECRET`: signs refresh tokens.
    pub jwt_refresh: Secret,
    /// `CREDS_KEY`: 64 hexadecimal digits, encrypts second-factor secrets.
    pub creds_key: Secret,
}

/// Who may register and log in.
#[expect(clippy::struct_excessive_bools, reason = "each is one of LibreChat's switches")]
#[derive(Clone, Debug)]
pub struct Accounts {
    /// `ALLOW_REGISTRATION`.
    pub registration: bool,
    /// Whether `registration` was set outside the data directory, so that the set-up page cannot change it.
    pub registration_is_fixed: bool,
    /// `registration.allowedDomains`, lower-cased; empty allows all.
    pub allowed_domains: Vec<String>,
    /// `ALLOW_EMAIL_LOGIN`.
    pub email_login: bool,
    /// `ALLOW_EMAIL_LOGIN_OVERRIDE`: the API still lets people in while the form is hidden.
    pub email_login_override: bool,
    /// `ALLOW_UNVERIFIED_EMAIL_LOGIN`.
    pub unverified_login: bool,
    /// `ALLOW_ACCOUNT_DELETION`.
    pub deletion: bool,
    /// How long a deleted account can be restored; zero removes it at once.
    pub keep_deleted: Duration,
    /// How long before the end of their access people are told; zero tells nobody.
    pub expiry_warning: Duration,
    /// Whether new accounts wait for an admin.
    pub approval: bool,
    /// Whether invitation links work.
    pub invitations: bool,
    /// `ALLOW_PASSWORD_RESET`.
    pub password_reset: bool,
    /// `ALLOW_EMAIL_CHANGE`.
    pub email_change: bool,
}

impl Accounts {
    /// Who may have an account, all switches taken together; `mail` says whether any can be sent.
    #[must_use]
    pub fn policy(&self, mail: bool) -> registration::Policy {
        registration::Policy {
            registration: self.registration,
            domains: self.allowed_domains.clone(),
            invitations: self.invitations,
            approval: self.approval,
            proof: mail && !self.unverified_login,
            password_login: self.email_login,
        }
    }
}

/// Password rules and hashing cost.
#[derive(Clone, Debug)]
pub struct Password {
    /// `MIN_PASSWORD_LENGTH`, in characters.
    pub min_length: usize,
    /// argon2id memory in KiB; at least 19456.
    pub memory_kib: u32,
    /// argon2id passes; at least 2.
    pub iterations: u32,
    /// argon2id lanes; at least 1.
    pub parallelism: u32,
    /// Threads that hash.
    pub threads: usize,
    /// Waiting hashes beyond which the answer is 503.
    pub queue: usize,
}

/// Lifetimes.
#[derive(Clone, Debug)]
pub struct Sessions {
    /// `SESSION_EXPIRY`: lifetime of an access token; whole seconds.
    pub access_lifetime: Duration,
    /// `REFRESH_TOKEN_EXPIRY`: the absolute end of a session after login.
    pub lifetime: Duration,
    /// How long a session may stay unused.
    pub idle: Duration,
    /// How long a replaced refresh token still gets its successor.
    pub refresh_grace: Duration,
}

/// `SameSite` of LibreChat's cookie pair.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SameSite {
    /// LibreChat's default.
    Strict,
    /// Sent on top-level navigations too.
    Lax,
    /// Sent everywhere; needs Secure.
    None,
}

/// Cookie attributes.
#[derive(Clone, Debug)]
pub struct Cookies {
    /// `SESSION_COOKIE_SECURE`; `None` follows the scheme of `public_url`.
    pub secure: Option<bool>,
    /// `COOKIE_SAME_SITE`.
    pub same_site: SameSite,
    /// `COOKIE_DOMAIN`: the domain that shares the key to other programs, without a dot in front.
    pub domain: Option<String>,
}

/// A fixed-window limit.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Limit {
    /// Requests per window; `None` is unlimited.
    pub max: Option<u32>,
    /// Window in minutes, as LibreChat counts it and prints it.
    pub window_minutes: f64,
}

impl Limit {
    /// The window's length. One that is no length of time never ends: a mistake must not lift the limit.
    #[must_use]
    pub fn window(&self) -> Duration {
        Duration::try_from_secs_f64(self.window_minutes * 60.0).unwrap_or(Duration::MAX)
    }
}

/// Rate limits (contract §1.5).
#[derive(Clone, Debug)]
pub struct Limits {
    /// `LOGIN_MAX` / `LOGIN_WINDOW`.
    pub login: Limit,
    /// Wrong passwords on one account, from wherever.
    pub account: Limit,
    /// `REGISTER_MAX` / `REGISTER_WINDOW`.
    pub register: Limit,
    /// `RESET_PASSWORD_MAX` / `RESET_PASSWORD_WINDOW`.
    pub reset_password: Limit,
    /// `RESET_PASSWORD_SUBMISSION_MAX` / `RESET_PASSWORD_SUBMISSION_WINDOW`.
    pub reset_password_submission: Limit,
    /// `VERIFY_EMAIL_MAX` / `VERIFY_EMAIL_WINDOW`.
    pub verify_email: Limit,
    /// `VERIFY_EMAIL_SUBMISSION_MAX` / `VERIFY_EMAIL_SUBMISSION_WINDOW`.
    pub verify_email_submission: Limit,
    /// `TWO_FACTOR_TEMP_MAX` / `TWO_FACTOR_TEMP_WINDOW`: by address, and by account.
    pub two_factor: Limit,
    /// Codes of somebody signed in, by account.
    pub two_factor_settings: Limit,
    /// `EMAIL_CHANGE_MAX` / `EMAIL_CHANGE_WINDOW`, by account.
    pub email_change: Limit,
}

/// How mail is sent.
#[derive(Clone, Debug)]
pub struct Mail {
    /// The way to the mail server; `None` when mail is not configured.
    pub transport: Option<Transport>,
    /// `EMAIL_FROM`.
    pub from: String,
    /// `EMAIL_FROM_NAME`; the site's title unless set.
    pub from_name: String,
    /// How long the server may take for one step.
    pub timeout: Duration,
    /// How long a mail that cannot be delivered is tried again.
    pub retry_for: Duration,
    /// How long the outbox remembers what was sent.
    pub keep: Duration,
}

impl Mail {
    /// Whether mail can be sent.
    #[must_use]
    pub fn is_configured(&self) -> bool {
        self.transport.is_some()
    }
}

/// The way to the mail server.
#[derive(Clone, Debug)]
pub enum Transport {
    /// SMTP (RFC 5321).
    Smtp(Smtp),
    /// Mailgun's HTTP API.
    Mailgun {
        /// `MAILGUN_API_KEY`.
        api_key: Secret,
        /// `MAILGUN_DOMAIN`.
        domain: String,
        /// `MAILGUN_HOST`.
        host: Url,
    },
}

/// An SMTP server and how to talk to it.
#[derive(Clone, Debug)]
pub struct Smtp {
    /// Its name or address.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// How the connection is protected.
    pub encryption: Encryption,
    /// The name its certificate must have.
    pub certificate_name: String,
    /// Whether any certificate will do.
    pub allow_selfsigned: bool,
    /// Name and password; `None` if the server asks for none.
    pub credentials: Option<(String, Secret)>,
}

/// How an SMTP connection is protected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Encryption {
    /// TLS from the first byte (RFC 8314).
    Tls,
    /// STARTTLS (RFC 3207); without it no mail is sent.
    StartTls,
    /// Nothing.
    None,
}

/// Who needs a second factor, and where it is not asked for.
#[derive(Clone, Debug)]
pub struct TwoFactor {
    /// `ENFORCE_TWO_FACTOR_AUTHENTICATION`: everybody with a password.
    pub enforce: bool,
    /// Roles that need one.
    pub required_roles: Vec<Role>,
    /// How long somebody who needs one may still log in without.
    pub grace: Duration,
    /// How long a trusted device is not asked; zero offers no trust.
    pub trust_device: Duration,
}

/// Who may open which page of other programs, and what those are told of people.
#[derive(Clone, Debug)]
pub struct Access {
    /// The rules, in order.
    pub rules: Vec<Rule>,
    /// What is sent as `Remote-User`.
    pub remote_user: RemoteUser,
    /// The header with a signed token, lower-cased; `None` sends none.
    pub jwt_header: Option<String>,
}

/// What other programs get as `Remote-User`. User names are not among it: anybody may take one that somebody has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RemoteUser {
    /// The e-mail address.
    Email,
    /// The id.
    Id,
}

/// Violations and bans.
#[derive(Clone, Debug)]
pub struct Moderation {
    /// What violations cost and when they become a ban (`BAN_*`, `VIOLATION_SCORE_TTL`, `*_SCORE`).
    pub policy: Policy,
    /// Whom a banned person may ask; shown on the ban page.
    pub contact: Option<String>,
    /// With which other programs report violations.
    pub api_secret: Option<Secret>,
}

/// When a commit counts as done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Synchronous {
    /// After the disk said so: survives power loss.
    Full,
    /// After the system has it: survives a crash of the program.
    Normal,
}

/// The database.
#[derive(Clone, Debug)]
pub struct StoreOptions {
    /// SQLite's `synchronous`.
    pub synchronous: Synchronous,
    /// Upper bound of memory-mapped reading, in bytes.
    pub mmap_bytes: u64,
    /// How much memory may hold sessions, in bytes.
    pub session_bytes: usize,
    /// Writes that may wait before the answer is 503.
    pub queue: usize,
    /// How many snapshots taken before migrations are kept.
    pub snapshots: usize,
}
