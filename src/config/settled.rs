//! What each setting is once all sources have spoken, and the typed [`Config`] made from it.

use std::collections::BTreeMap;
use std::num::NonZero;
use std::path::PathBuf;
use std::time::Duration;

use url::Url;

use super::data_dir::SETTINGS_FILE;
use super::machine;
use super::problem::{Findings, Place};
use super::reading::read;
use super::setting::{Kind, SETTINGS, Setting};
use super::tables;
use super::value::{Given, Raw, Value, counted, masked};
use super::{
    Accounts, Config, Cookies, ForwardedHeader, Limit, Limits, Password, SameSite, Secrets, Server, Sessions, Site,
    StoreOptions, Synchronous, TwoFactor, Written,
};
use crate::domain::account::Role;
use crate::domain::moderation::network::Network;
use crate::domain::moderation::points::Points;
use crate::domain::registration;
use crate::domain::secret::Secret;

/// A share of a large machine is more than sessions need: room for some three million.
const MOST_FOR_SESSIONS: usize = 1 << 30;

/// One setting after all sources have spoken.
#[derive(Clone, Debug)]
pub struct Origin {
    /// Which.
    pub setting: &'static Setting,
    /// What it is.
    pub value: Value,
    /// What was written, by the source that decided.
    pub given: Given,
    /// Weaker sources that said something, strongest first.
    pub overrode: Vec<Overridden>,
}

impl Origin {
    /// Whether nobody said anything.
    #[must_use]
    pub fn is_default(&self) -> bool {
        self.given.place.source == "default"
    }

    /// Whether the operator wrote it, so that what pages keep does not count.
    #[must_use]
    pub fn is_fixed(&self) -> bool {
        !self.is_default() && !self.given.place.source.ends_with(SETTINGS_FILE)
    }
}

/// What a weaker source said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Overridden {
    /// Where.
    pub place: Place,
    /// What, masked if it is a secret.
    pub shown: String,
}

/// All settings, by their path.
#[derive(Clone, Debug)]
pub struct Settled(BTreeMap<&'static str, Origin>);

impl Settled {
    /// Lets the sources speak, weakest first; what cannot be read is reported and leaves the weaker value.
    #[must_use]
    pub fn new(entries: &[(&'static Setting, Given)], findings: &mut Findings) -> Self {
        let mut settled = Self::defaults();
        for (setting, given) in entries {
            if let Kind::Tables(columns) = setting.kind {
                if let Some(value) = tables::read_all(setting, columns, given, findings) {
                    settled.speak(setting, given, value);
                }
                continue;
            }
            match read(setting, &given.raw) {
                Err(message) => findings.error(&given.place, &given.name, message),
                Ok(reading) => {
                    if let Some(warning) = reading.warning {
                        findings.warning(&given.place, &given.name, warning);
                    }
                    if let Some(value) = reading.value {
                        settled.speak(setting, given, value);
                    }
                }
            }
        }
        settled.inherit();
        settled
    }

    fn defaults() -> Self {
        let default = |setting: &'static Setting| {
            let given = Given {
                place: Place::new("default"),
                name: setting.key.to_owned(),
                raw: Raw::Text(setting.default.to_owned()),
            };
            let value = read(setting, &given.raw).ok().and_then(|reading| reading.value);
            Origin {
                setting,
                value: value.unwrap_or_else(|| absent(setting)),
                given,
                overrode: Vec::new(),
            }
        };
        Self(SETTINGS.iter().map(|setting| (setting.key, default(setting))).collect())
    }

    /// Lets a stronger source say what a setting is.
    pub fn speak(&mut self, setting: &'static Setting, given: &Given, value: Value) {
        if let Some(origin) = self.0.get_mut(setting.key) {
            let text = origin.given.raw.text();
            let shown = match setting.kind {
                Kind::Secret { .. } => masked(&text),
                Kind::Tables(_) => counted(origin.value.tables().len()),
                _ => text,
            };
            let place = origin.given.place.clone();
            origin.overrode.insert(0, Overridden { place, shown });
            origin.given = given.clone();
            origin.value = value;
        }
    }

    /// The setting with this path.
    ///
    /// # Panics
    /// If the table has no such path.
    #[must_use]
    pub fn origin(&self, key: &str) -> &Origin {
        self.0.get(key).expect("the table of settings has this path")
    }

    fn origins(&self) -> Vec<Origin> {
        SETTINGS
            .iter()
            .filter_map(|setting| self.0.get(setting.key).cloned())
            .collect()
    }

    /// All settings in the order of the table.
    #[must_use]
    pub fn into_origins(mut self) -> Vec<Origin> {
        SETTINGS
            .iter()
            .filter_map(|setting| self.0.remove(setting.key))
            .collect()
    }

    /// Whether the operator wrote it, so that a page that keeps it in the data directory would be overruled.
    fn is_fixed(&self, key: &str) -> bool {
        self.origin(key).is_fixed()
    }

    /// What the setting with this path is.
    pub(super) fn value(&self, key: &str) -> &Value {
        &self.origin(key).value
    }

    /// A flag.
    #[must_use]
    pub fn flag(&self, key: &str) -> bool {
        self.value(key).flag()
    }

    /// A text.
    #[must_use]
    pub fn text(&self, key: &str) -> String {
        self.value(key).text()
    }

    /// A number of the type it is needed in.
    ///
    /// # Panics
    /// If the table allows larger numbers than the type holds.
    #[must_use]
    pub fn number<N: TryFrom<u64>>(&self, key: &str) -> N {
        self.value(key).number()
    }

    /// A duration.
    #[must_use]
    pub fn span(&self, key: &str) -> Duration {
        self.value(key).span()
    }

    /// Points.
    #[must_use]
    pub fn points(&self, key: &str) -> Points {
        self.value(key).points()
    }

    /// Addresses and networks.
    #[must_use]
    pub fn networks(&self, key: &str) -> Vec<Network> {
        self.value(key).networks()
    }

    /// An address.
    #[must_use]
    pub fn url(&self, key: &str) -> Option<Url> {
        self.value(key).url()
    }

    /// A secret, if there is one.
    #[must_use]
    pub fn secret(&self, key: &str) -> Option<Secret> {
        self.value(key).secret()
    }

    /// On, off or automatic.
    #[must_use]
    pub fn tristate(&self, key: &str) -> Option<bool> {
        self.value(key).tristate()
    }

    /// Texts.
    #[must_use]
    pub fn list(&self, key: &str) -> Vec<String> {
        self.value(key).list()
    }

    /// How often, in which window.
    pub(super) fn limit(&self, max: &str, window: &str) -> Limit {
        let (max, window_minutes) = (self.value(max).max(), self.value(window).minutes());
        Limit { max, window_minutes }
    }

    fn threads(&self, key: &str) -> usize {
        match self.number(key) {
            0 => std::thread::available_parallelism().map_or(1, NonZero::get),
            threads => threads,
        }
    }

    fn session_bytes(&self) -> usize {
        match self.number("store.session_bytes") {
            0 => usize::try_from(machine::memory() / 32)
                .unwrap_or(usize::MAX)
                .min(MOST_FOR_SESSIONS),
            bytes => bytes,
        }
    }

    /// The secrets, unless one that is used is missing.
    #[must_use]
    pub fn secrets(&self) -> Option<Secrets> {
        Some(Secrets {
            jwt: self.secret("secrets.jwt")?,
            jwt_refresh: self.secret("secrets.jwt_refresh")?,
            creds_key: self.secret("secrets.creds_key")?,
        })
    }

    /// The typed configuration.
    #[must_use]
    pub fn config(&self, data_dir: PathBuf, secrets: Secrets) -> Config {
        Config {
            backups: self.backups(&data_dir),
            written: Written::default(),
            origins: self.origins(),
            data_dir,
            server: self.server(),
            site: self.site(),
            secrets,
            accounts: self.accounts(),
            login: self.login(),
            password: self.password(),
            session: self.session(),
            cookies: self.cookies(),
            limits: self.limits(),
            messages: self.messages(),
            mail: self.mail(),
            two_factor: self.two_factor(),
            access: self.access(),
            federation: self.federation(),
            outgoing: self.outgoing(),
            moderation: self.moderation(),
            audit: self.audit(),
            store: self.store(),
            log: self.log(),
            metrics: self.metrics(),
            telemetry: self.telemetry(),
        }
    }

    /// Who may have an account.
    #[must_use]
    pub fn registration(&self) -> registration::Policy {
        self.accounts().policy(self.mail().is_configured())
    }

    fn server(&self) -> Server {
        Server {
            host: self.text("server.host"),
            port: self.number("server.port"),
            public_url: self.url("server.public_url"),
            client_url: self.url("server.client_url"),
            trust_proxy: self.number("server.trust_proxy"),
            trusted_proxies: self.networks("server.trusted_proxies"),
            forwarded_header: match self.text("server.forwarded_header").as_str() {
                "forwarded" => ForwardedHeader::Forwarded,
                "x-real-ip" => ForwardedHeader::XRealIp,
                _ => ForwardedHeader::XForwardedFor,
            },
            proxy_protocol: self.flag("server.proxy_protocol"),
            tls: self.tls(),
            workers: self.threads("server.workers"),
            no_index: self.flag("server.no_index"),
            shutdown_timeout: self.span("server.shutdown_timeout"),
        }
    }

    fn site(&self) -> Site {
        Site {
            title: self.text("site.title"),
            accent: self.text("site.accent"),
            help_url: self.text("site.help_url"),
            privacy_policy: self.value("site.privacy_policy").object(),
            terms_of_service: self.value("site.terms_of_service").object(),
            turnstile: self.value("site.turnstile").object(),
            social_logins: self.list("site.social_logins"),
        }
    }

    fn accounts(&self) -> Accounts {
        Accounts {
            registration: self.flag("accounts.registration"),
            registration_is_fixed: self.is_fixed("accounts.registration"),
            allowed_domains: self
                .list("accounts.allowed_domains")
                .iter()
                .map(|domain| domain.to_lowercase())
                .collect(),
            email_login: self.flag("accounts.email_login"),
            email_login_override: self.flag("accounts.email_login_override"),
            unverified_login: self.flag("accounts.unverified_login"),
            deletion: self.flag("accounts.deletion"),
            keep_deleted: self.span("accounts.keep_deleted"),
            expiry_warning: self.span("accounts.expiry_warning"),
            approval: self.flag("accounts.approval"),
            invitations: self.flag("accounts.invitations"),
            password_reset: self.flag("accounts.password_reset"),
            email_change: self.flag("accounts.email_change"),
        }
    }

    fn limits(&self) -> Limits {
        Limits {
            login: self.limit("limits.login_max", "limits.login_window"),
            account: self.limit("limits.account_max", "limits.account_window"),
            register: self.limit("limits.register_max", "limits.register_window"),
            reset_password: self.limit("limits.reset_password_max", "limits.reset_password_window"),
            reset_password_submission: self.limit(
                "limits.reset_password_submission_max",
                "limits.reset_password_submission_window",
            ),
            verify_email: self.limit("limits.verify_email_max", "limits.verify_email_window"),
            verify_email_submission: self.limit(
                "limits.verify_email_submission_max",
                "limits.verify_email_submission_window",
            ),
            two_factor: self.limit("limits.two_factor_max", "limits.two_factor_window"),
            two_factor_settings: self.limit("limits.two_factor_settings_max", "limits.two_factor_settings_window"),
            email_change: self.limit("limits.email_change_max", "limits.email_change_window"),
        }
    }

    fn two_factor(&self) -> TwoFactor {
        TwoFactor {
            enforce: self.flag("two_factor.enforce"),
            // A name that is no role was reported when the settings were looked at.
            required_roles: self
                .list("two_factor.required_roles")
                .iter()
                .filter_map(|name| Role::parse(name).ok())
                .collect(),
            grace: self.span("two_factor.grace"),
            trust_device: self.span("two_factor.trust_device"),
        }
    }

    fn password(&self) -> Password {
        Password {
            min_length: self.number("password.min_length"),
            memory_kib: self.number("password.memory_kib"),
            iterations: self.number("password.iterations"),
            parallelism: self.number("password.parallelism"),
            threads: self.threads("password.threads"),
            queue: self.number("password.queue"),
        }
    }

    fn session(&self) -> Sessions {
        // The `exp` claim counts whole seconds.
        let access_lifetime = Duration::from_secs(self.span("session.access_lifetime").as_secs());
        Sessions {
            access_lifetime,
            lifetime: self.span("session.lifetime"),
            idle: self.span("session.idle"),
            refresh_grace: self.span("session.refresh_grace"),
        }
    }

    fn cookies(&self) -> Cookies {
        Cookies {
            secure: self.tristate("cookies.secure"),
            same_site: match self.text("cookies.same_site").as_str() {
                "none" => SameSite::None,
                "lax" => SameSite::Lax,
                _ => SameSite::Strict,
            },
            domain: super::cookie_domain::written(self).filter(|name| !name.is_empty()),
        }
    }

    fn store(&self) -> StoreOptions {
        StoreOptions {
            synchronous: match self.text("store.synchronous").as_str() {
                "normal" => Synchronous::Normal,
                _ => Synchronous::Full,
            },
            mmap_bytes: self.number("store.mmap_bytes"),
            session_bytes: self.session_bytes(),
            queue: self.number("store.queue"),
            snapshots: self.number("store.snapshots"),
        }
    }
}

impl Config {
    /// Every setting at its default.
    #[must_use]
    pub fn defaults(data_dir: PathBuf, secrets: Secrets) -> Self {
        Settled::defaults().config(data_dir, secrets)
    }
}

/// The value of a setting that has none.
pub(super) fn absent(setting: &Setting) -> Value {
    match setting.kind {
        Kind::Flag | Kind::LenientFlag => Value::Flag(false),
        Kind::Tristate => Value::Tristate(None),
        Kind::Text | Kind::Issuer | Kind::Colour | Kind::Filter | Kind::TimeOfDay | Kind::Choice(_) => {
            Value::Text(String::new())
        }
        Kind::Number { .. } => Value::Number(0),
        Kind::Max => Value::Max(None),
        Kind::Minutes => Value::Minutes(0.0),
        Kind::Span { .. } | Kind::SpanOrZero { .. } => Value::Span(Duration::ZERO),
        Kind::Points { .. } => Value::Points(Points::ZERO),
        Kind::Url => Value::Url(None),
        Kind::Secret { .. } => Value::Secret(None),
        Kind::List => Value::List(Vec::new()),
        Kind::Networks | Kind::Proxies => Value::Networks(Vec::new()),
        Kind::Object => Value::Object(None),
        Kind::Tables(_) => Value::Tables(Vec::new()),
    }
}
