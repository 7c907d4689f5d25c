//! The table of settings: one entry each, from which loading, explaining and the example file are derived.

use std::sync::LazyLock;
use std::time::Duration;

use super::access::RULE;
use super::federation;
use super::guests;
use super::messages;
use super::moderation::score_settings;
use super::observe;
use crate::domain::duration::LONGEST;

/// One setting: where it is written and what may be written there.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Setting {
    /// Path in `librechat-auth.toml`, such as `server.port`.
    pub key: &'static str,
    /// Name in the environment and in `.env`: LibreChat's where LibreChat has one.
    pub env: &'static str,
    /// A second name in the environment.
    pub alias: Option<&'static str>,
    /// What may be written.
    pub kind: Kind,
    /// The default, as one would write it in the environment; empty where there is none.
    pub default: &'static str,
    /// What it does, in one line.
    pub doc: &'static str,
}

/// What may be written as a setting's value.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Kind {
    /// `true` or `false`.
    Flag,
    /// As LibreChat reads `NO_INDEX`: off only if something other than `true` is written.
    LenientFlag,
    /// `true`, `false` or `auto`.
    Tristate,
    /// Any text.
    Text,
    /// `#rrggbb`.
    Colour,
    /// A `tracing` filter.
    Filter,
    /// `HH:MM`.
    TimeOfDay,
    /// A whole number within bounds.
    Number {
        /// The smallest.
        min: u64,
        /// The largest.
        max: u64,
    },
    /// A positive whole number or `unlimited`.
    Max,
    /// A positive number of minutes; durations with units are understood too.
    Minutes,
    /// A duration up to a bound.
    Span {
        /// The longest.
        max: Duration,
    },
    /// A duration up to a bound, or nothing: zero.
    SpanOrZero {
        /// The longest.
        max: Duration,
    },
    /// Points, not negative, with up to three decimal places.
    Points {
        /// Whether LibreChat calculates what is written there.
        is_calculated: bool,
    },
    /// An address starting with `http://` or `https://`.
    Url,
    /// The same, as providers call themselves: a slash at the end means nothing.
    Issuer,
    /// A text never to be shown, of so many hexadecimal digits if that is given.
    Secret {
        /// Number of digits.
        hex: Option<usize>,
    },
    /// Texts, separated by commas in the environment.
    List,
    /// Addresses and networks, separated by commas in the environment.
    Networks,
    /// The same, where an IPv6 address is one host and not its /64.
    Proxies,
    /// One of these words.
    Choice(&'static [&'static str]),
    /// A table, written as JSON in the environment.
    Object,
    /// A list of tables with these columns, written as JSON in the environment.
    Tables(&'static [Setting]),
}

impl Setting {
    /// Whether its value must never be shown.
    #[must_use]
    pub const fn is_secret(&self) -> bool {
        matches!(self.kind, Kind::Secret { .. })
    }

    /// Whether LibreChat reads the same name.
    #[must_use]
    pub fn is_known_to_librechat(&self) -> bool {
        !self.env.starts_with(OWN_PREFIX)
    }

    /// Its names in the environment.
    pub fn names(&self) -> impl Iterator<Item = &'static str> {
        std::iter::once(self.env).chain(self.alias)
    }
}

/// What the names of our own settings start with in the environment.
pub const OWN_PREFIX: &str = "LIBRECHAT_AUTH_";

/// The setting with this path in `librechat-auth.toml`.
#[must_use]
pub fn by_key(key: &str) -> Option<&'static Setting> {
    SETTINGS.iter().find(|setting| setting.key == key)
}

/// The setting with this name in the environment.
#[must_use]
pub fn by_env(name: &str) -> Option<&'static Setting> {
    SETTINGS
        .iter()
        .find(|setting| setting.names().any(|known| known == name))
}

/// The path somebody probably meant: another spelling, the right name in the wrong table, or a name of the environment.
#[must_use]
pub fn nearest_key(wrong: &str) -> Option<&'static str> {
    if let Some(setting) = by_env(wrong) {
        return Some(setting.key);
    }
    let distance = |setting: &&Setting| {
        let whole = strsim::damerau_levenshtein(setting.key, wrong);
        let leaf = strsim::damerau_levenshtein(last_part(setting.key), last_part(wrong));
        whole.min(leaf + 1)
    };
    let best = SETTINGS.iter().min_by_key(distance)?;
    let tolerated = (last_part(wrong).len() / 3).clamp(1, 3);
    (distance(&best) <= tolerated).then_some(best.key)
}

/// The name in the environment that somebody probably misspelt.
#[must_use]
pub fn nearest_env(wrong: &str) -> Option<&'static str> {
    let distance = |name: &&str| strsim::damerau_levenshtein(name, wrong);
    let best = SETTINGS.iter().flat_map(Setting::names).min_by_key(distance)?;
    let tolerated = if wrong.starts_with(OWN_PREFIX) { 6 } else { 2 };
    (distance(&best) <= tolerated && wrong.len() >= 6).then_some(best)
}

fn last_part(key: &str) -> &str {
    key.rsplit('.').next().unwrap_or(key)
}

const HOUR: Duration = Duration::from_hours(1);
const MANY: u64 = 1_000_000;

pub(super) const fn entry(
    key: &'static str,
    env: &'static str,
    kind: Kind,
    default: &'static str,
    doc: &'static str,
) -> Setting {
    Setting {
        key,
        env,
        alias: None,
        kind,
        default,
        doc,
    }
}

/// A column of a setting that is a list of tables: it has no name of its own in the environment.
#[must_use]
pub const fn column(key: &'static str, kind: Kind, default: &'static str, doc: &'static str) -> Setting {
    entry(key, "", kind, default, doc)
}

pub(super) const fn number(min: u64, max: u64) -> Kind {
    Kind::Number { min, max }
}

/// Every setting there is, in the order of `librechat-auth.toml`.
pub static SETTINGS: LazyLock<Vec<Setting>> = LazyLock::new(|| {
    let (accounts, rest) = through("accounts.", TABLE);
    let (limits, rest) = through("limits.", rest);
    let (upper, lower) = through("moderation.", rest);
    let (scores, providers) = (score_settings(), federation::rows::settings());
    let (store, secrets) = through("store.", lower);
    let (guests, messages, observe) = (guests::SETTINGS, messages::SETTINGS, observe::SETTINGS);
    [
        accounts, guests, limits, messages, upper, &scores, &providers, store, observe, secrets,
    ]
    .concat()
});

/// The settings up to the last one of a section, and those after it.
fn through(section: &str, table: &'static [Setting]) -> (&'static [Setting], &'static [Setting]) {
    let last = table.iter().rposition(|setting| setting.key.starts_with(section));
    table.split_at(last.map_or(table.len(), |last| last + 1))
}

/// Every setting but the scores, which follow from the kinds of violation, and those of providers.
#[rustfmt::skip]
const TABLE: &[Setting] = &[
    entry("data_dir", "LIBRECHAT_AUTH_DATA", Kind::Text, "data",
        "Folder of the database and the generated secrets; under systemd the unit's StateDirectory unless set here."),

    entry("server.host", "HOST", Kind::Text, "127.0.0.1",
        "Name or address to listen on; 0.0.0.0 or :: listens on all."),
    entry("server.port", "PORT", number(0, 65535), "3081",
        "Port to listen on; 0 takes a free one."),
    entry("server.public_url", "DOMAIN_SERVER", Kind::Url, "",
        "The address people type; decides links, cookie attributes and the allowed origin."),
    entry("server.client_url", "DOMAIN_CLIENT", Kind::Url, "",
        "Where LibreChat's client runs if that is another address; one more allowed origin."),
    entry("server.trust_proxy", "TRUST_PROXY", number(0, 100), "0",
        "How many proxies in front append to X-Forwarded-For; 0 ignores the header."),
    entry("server.trusted_proxies", "LIBRECHAT_AUTH_TRUSTED_PROXIES", Kind::Proxies, "",
        "Addresses and networks of the proxies that are believed when they say whose request they pass on."),
    entry("server.forwarded_header", "LIBRECHAT_AUTH_FORWARDED_HEADER",
        Kind::Choice(&["x-forwarded-for", "forwarded", "x-real-ip"]), "x-forwarded-for",
        "The header in which they say it; the others are never read."),
    entry("server.proxy_protocol", "LIBRECHAT_AUTH_PROXY_PROTOCOL", Kind::Flag, "false",
        "Whether every connection starts with a PROXY protocol header (version 1 or 2), from trusted_proxies only."),
    entry("server.tls_cert", "LIBRECHAT_AUTH_TLS_CERT", Kind::Text, "",
        "File with a certificate and those that vouch for it (PEM), for https without a proxy; read again when it changes."),
    entry("server.tls_key", "LIBRECHAT_AUTH_TLS_KEY", Kind::Text, "",
        "File with its private key (PEM)."),
    entry("server.workers", "LIBRECHAT_AUTH_WORKERS", number(0, 1024), "0",
        "Threads that answer requests; 0 is one per core."),
    entry("server.no_index", "NO_INDEX", Kind::LenientFlag, "true",
        "Ask search engines to stay away (X-Robots-Tag: noindex)."),
    entry("server.shutdown_timeout", "LIBRECHAT_AUTH_SHUTDOWN_TIMEOUT", Kind::Span { max: HOUR }, "30s",
        "How long requests in flight may take to finish when the server stops."),

    entry("site.title", "APP_TITLE", Kind::Text, "LibreChat",
        "Title of the pages."),
    entry("site.accent", "LIBRECHAT_AUTH_ACCENT", Kind::Colour, "#1a6b54",
        "Colour of buttons and links."),
    entry("site.help_url", "HELP_AND_FAQ_URL", Kind::Text, "https://librechat.ai",
        "Help link of LibreChat's client; / hides it."),
    entry("site.social_logins", "LIBRECHAT_AUTH_SOCIAL_LOGINS", Kind::List, "google,facebook,openid,github,discord,apple,saml",
        "Which provider buttons there are, and in which order; others still work by their address."),
    entry("site.privacy_policy", "LIBRECHAT_AUTH_PRIVACY_POLICY", Kind::Object, "",
        "interface.privacyPolicy of librechat.yaml: externalUrl, openNewTab."),
    entry("site.terms_of_service", "LIBRECHAT_AUTH_TERMS_OF_SERVICE", Kind::Object, "",
        "interface.termsOfService of librechat.yaml: externalUrl, openNewTab, modalAcceptance, modalTitle, modalContent."),
    entry("site.turnstile", "LIBRECHAT_AUTH_TURNSTILE", Kind::Object, "",
        "turnstile of librechat.yaml: siteKey, options; shown by LibreChat's client, checked by nobody."),

    entry("accounts.registration", "ALLOW_REGISTRATION", Kind::Flag, "false",
        "Whether anybody who reaches the server may create an account."),
    entry("accounts.allowed_domains", "LIBRECHAT_AUTH_ALLOWED_DOMAINS", Kind::List, "",
        "E-mail domains that may register; empty allows all."),
    entry("accounts.email_login", "ALLOW_EMAIL_LOGIN", Kind::Flag, "true",
        "Whether people log in with e-mail and password."),
    entry("accounts.email_login_override", "ALLOW_EMAIL_LOGIN_OVERRIDE", Kind::Flag, "false",
        "Let the API accept passwords while email_login is off."),
    entry("accounts.unverified_login", "ALLOW_UNVERIFIED_EMAIL_LOGIN", Kind::Flag, "false",
        "Whether people with an unverified e-mail address may log in."),
    entry("accounts.deletion", "ALLOW_ACCOUNT_DELETION", Kind::Flag, "true",
        "Whether people may delete their own account."),
    entry("accounts.keep_deleted", "LIBRECHAT_AUTH_KEEP_DELETED", Kind::SpanOrZero { max: LONGEST }, "7d",
        "How long a deleted account can be restored by an admin; 0 removes it at once."),
    entry("accounts.expiry_warning", "LIBRECHAT_AUTH_EXPIRY_WARNING", Kind::SpanOrZero { max: LONGEST }, "7d",
        "How long before the end of their access people get a letter about it; 0 writes none."),

    entry("accounts.approval", "LIBRECHAT_AUTH_APPROVAL", Kind::Flag, "false",
        "Whether new accounts wait until an admin lets them in; invited people do not wait."),
    entry("accounts.invitations", "LIBRECHAT_AUTH_INVITATIONS", Kind::Flag, "true",
        "Whether invitation links work, also while registration is off."),
    entry("accounts.password_reset", "ALLOW_PASSWORD_RESET", Kind::Flag, "false",
        "Whether people who forgot their password can have a link mailed; an admin can always make one."),
    entry("accounts.email_change", "ALLOW_EMAIL_CHANGE", Kind::Flag, "true",
        "Whether people may change their own e-mail address."),
    entry("accounts.social_login", "ALLOW_SOCIAL_LOGIN", Kind::Flag, "false",
        "Whether people log in with the providers configured below."),
    entry("accounts.social_registration", "ALLOW_SOCIAL_REGISTRATION", Kind::Flag, "false",
        "Whether whoever comes from Google, Facebook, GitHub, Discord or Apple for the first time gets an account."),

    entry("password.min_length", "MIN_PASSWORD_LENGTH", number(1, 128), "8",
        "Fewest characters of a new password."),
    entry("password.memory_kib", "LIBRECHAT_AUTH_PASSWORD_MEMORY_KIB", number(19_456, 4_194_304), "19456",
        "Memory of one password hash (argon2id), in KiB."),
    entry("password.iterations", "LIBRECHAT_AUTH_PASSWORD_ITERATIONS", number(2, 100), "2",
        "Passes of one password hash."),
    entry("password.parallelism", "LIBRECHAT_AUTH_PASSWORD_PARALLELISM", number(1, 64), "1",
        "Lanes of one password hash."),
    entry("password.threads", "LIBRECHAT_AUTH_PASSWORD_THREADS", number(0, 1024), "0",
        "Threads that hash passwords; 0 is one per core."),
    entry("password.queue", "LIBRECHAT_AUTH_PASSWORD_QUEUE", number(1, MANY), "64",
        "Hashes that may wait; beyond, logins are answered 503."),

    entry("session.access_lifetime", "SESSION_EXPIRY", Kind::Span { max: LONGEST }, "15m",
        "Lifetime of an access token, in whole seconds."),
    entry("session.lifetime", "REFRESH_TOKEN_EXPIRY", Kind::Span { max: LONGEST }, "7d",
        "After this time everybody logs in again."),
    entry("session.idle", "LIBRECHAT_AUTH_SESSION_IDLE", Kind::Span { max: LONGEST }, "7d",
        "A session unused for so long ends."),
    entry("session.refresh_grace", "LIBRECHAT_AUTH_REFRESH_GRACE", Kind::Span { max: HOUR }, "30s",
        "How long a replaced refresh token still gets its successor, for parallel tabs and lost answers."),

    Setting {
        alias: Some("COOKIE_SECURE"),
        ..entry("cookies.secure", "SESSION_COOKIE_SECURE", Kind::Tristate, "auto",
            "Whether cookies are Secure; auto follows public_url.")
    },
    entry("cookies.same_site", "COOKIE_SAME_SITE", Kind::Choice(&["strict", "lax", "none"]), "strict",
        "SameSite of LibreChat's cookies."),
    entry("cookies.domain", "COOKIE_DOMAIN", Kind::Text, "",
        "A domain such as example.org, all of whose hosts share the key to other programs; login cookies never do."),

    entry("limits.login_max", "LOGIN_MAX", Kind::Max, "7",
        "Logins per window and address, or unlimited."),
    entry("limits.login_window", "LOGIN_WINDOW", Kind::Minutes, "5",
        "The window, in minutes."),
    entry("limits.account_max", "LIBRECHAT_AUTH_LIMITS_ACCOUNT_MAX", Kind::Max, "20",
        "Wrong passwords per window and account, from all addresses together, or unlimited."),
    entry("limits.account_window", "LIBRECHAT_AUTH_LIMITS_ACCOUNT_WINDOW", Kind::Minutes, "15",
        "The window, in minutes."),
    entry("limits.register_max", "REGISTER_MAX", Kind::Max, "5",
        "Registrations per window and address, or unlimited."),
    entry("limits.register_window", "REGISTER_WINDOW", Kind::Minutes, "60",
        "The window, in minutes."),

    entry("limits.reset_password_max", "RESET_PASSWORD_MAX", Kind::Max, "2",
        "Requests for a reset link per window and address, or unlimited."),
    entry("limits.reset_password_window", "RESET_PASSWORD_WINDOW", Kind::Minutes, "2",
        "The window, in minutes."),
    entry("limits.reset_password_submission_max", "RESET_PASSWORD_SUBMISSION_MAX", Kind::Max, "2",
        "New passwords set by reset links per window and address; reset_password_max unless set."),
    entry("limits.reset_password_submission_window", "RESET_PASSWORD_SUBMISSION_WINDOW", Kind::Minutes, "2",
        "The window, in minutes; reset_password_window unless set."),
    entry("limits.verify_email_max", "VERIFY_EMAIL_MAX", Kind::Max, "2",
        "Requests for a verification mail per window and address, or unlimited."),
    entry("limits.verify_email_window", "VERIFY_EMAIL_WINDOW", Kind::Minutes, "2",
        "The window, in minutes."),
    entry("limits.verify_email_submission_max", "VERIFY_EMAIL_SUBMISSION_MAX", Kind::Max, "2",
        "Verification links used per window and address; verify_email_max unless set."),
    entry("limits.verify_email_submission_window", "VERIFY_EMAIL_SUBMISSION_WINDOW", Kind::Minutes, "2",
        "The window, in minutes; verify_email_window unless set."),
    entry("limits.two_factor_max", "TWO_FACTOR_TEMP_MAX", Kind::Max, "7",
        "Second-factor codes at login per window, by address and by account; login_max unless set."),
    entry("limits.two_factor_window", "TWO_FACTOR_TEMP_WINDOW", Kind::Minutes, "5",
        "The window, in minutes; login_window unless set."),
    entry("limits.two_factor_settings_max", "LIBRECHAT_AUTH_LIMITS_TWO_FACTOR_SETTINGS_MAX", Kind::Max, "7",
        "Second-factor codes of somebody signed in per window and account, or unlimited."),
    entry("limits.two_factor_settings_window", "LIBRECHAT_AUTH_LIMITS_TWO_FACTOR_SETTINGS_WINDOW", Kind::Minutes, "5",
        "The window, in minutes."),
    entry("limits.email_change_max", "EMAIL_CHANGE_MAX", Kind::Max, "3",
        "Requests to change an e-mail address per window and account, or unlimited."),
    entry("limits.email_change_window", "EMAIL_CHANGE_WINDOW", Kind::Minutes, "2",
        "The window, in minutes."),

    entry("mail.from", "EMAIL_FROM", Kind::Text, "",
        "Address that mails come from; without it no mail is sent."),
    entry("mail.from_name", "EMAIL_FROM_NAME", Kind::Text, "",
        "Name beside it; the title of the pages unless set."),
    entry("mail.service", "EMAIL_SERVICE", Kind::Text, "",
        "A well-known mail service, such as gmail; stronger than host and port."),
    entry("mail.host", "EMAIL_HOST", Kind::Text, "",
        "Name of the SMTP server."),
    entry("mail.port", "EMAIL_PORT", number(0, 65535), "0",
        "Its port; 0 is 465 with tls, 587 with starttls, 25 otherwise."),
    entry("mail.encryption", "EMAIL_ENCRYPTION", Kind::Choice(&["auto", "tls", "starttls", "none"]), "auto",
        "tls from the first byte, starttls or nothing, or none; auto is tls on port 465, none on this machine, else starttls."),
    entry("mail.encryption_hostname", "EMAIL_ENCRYPTION_HOSTNAME", Kind::Text, "",
        "Name that the server's certificate must have; the host unless set."),
    entry("mail.allow_selfsigned", "EMAIL_ALLOW_SELFSIGNED", Kind::Flag, "false",
        "Accept any certificate: whoever is in between can read the mails."),
    entry("mail.allow_plain", "LIBRECHAT_AUTH_MAIL_ALLOW_PLAIN", Kind::Flag, "false",
        "Allow encryption none to another machine: whoever is in between can read the mails."),
    entry("mail.username", "EMAIL_USERNAME", Kind::Text, "",
        "Name to log in to the SMTP server with; needs the password too."),
    entry("mail.password", "EMAIL_PASSWORD", Kind::Secret { hex: None }, "",
        "Password to log in to the SMTP server with."),
    entry("mail.mailgun_api_key", "MAILGUN_API_KEY", Kind::Secret { hex: None }, "",
        "Key of Mailgun's HTTP API; with mailgun_domain it is used instead of SMTP."),
    entry("mail.mailgun_domain", "MAILGUN_DOMAIN", Kind::Text, "",
        "Domain registered at Mailgun."),
    entry("mail.mailgun_host", "MAILGUN_HOST", Kind::Url, "https://api.mailgun.net",
        "Where Mailgun's API is; https://api.eu.mailgun.net in Europe."),
    entry("mail.timeout", "LIBRECHAT_AUTH_MAIL_TIMEOUT", Kind::Span { max: HOUR }, "20s",
        "How long the mail server may take for one step."),
    entry("mail.retry_for", "LIBRECHAT_AUTH_MAIL_RETRY_FOR", Kind::Span { max: LONGEST }, "2d",
        "How long a mail that cannot be delivered is tried again."),
    entry("mail.keep", "LIBRECHAT_AUTH_MAIL_KEEP", Kind::Span { max: LONGEST }, "30d",
        "How long the outbox remembers which mails were sent."),

    entry("two_factor.enforce", "ENFORCE_TWO_FACTOR_AUTHENTICATION", Kind::Flag, "false",
        "Whether everybody with a password must have a second factor."),
    entry("two_factor.required_roles", "LIBRECHAT_AUTH_TWO_FACTOR_REQUIRED_ROLES", Kind::List, "",
        "Roles that must have a second factor, such as ADMIN."),
    entry("two_factor.grace", "LIBRECHAT_AUTH_TWO_FACTOR_GRACE", Kind::SpanOrZero { max: LONGEST }, "0",
        "How long somebody who must have a second factor may still log in without one."),
    entry("two_factor.trust_device", "LIBRECHAT_AUTH_TWO_FACTOR_TRUST_DEVICE", Kind::SpanOrZero { max: LONGEST }, "30d",
        "How long a device that its owner trusts is not asked for a code; 0 offers no trust."),

    entry("access.rules", "LIBRECHAT_AUTH_ACCESS_RULES", Kind::Tables(RULE), "",
        "Who may open which page of other programs; the first rule that fits decides, and without one nobody may."),
    entry("access.remote_user", "LIBRECHAT_AUTH_ACCESS_REMOTE_USER", Kind::Choice(&["email", "id"]), "email",
        "What other programs get as Remote-User: the e-mail address or the id; nothing else is unique."),
    entry("access.jwt_header", "LIBRECHAT_AUTH_ACCESS_JWT_HEADER", Kind::Text, "",
        "Name of a header with a signed token for other programs, such as X-Auth-JWT; empty sends none."),

    entry("moderation.enabled", "BAN_VIOLATIONS", Kind::Flag, "true",
        "Whether violations lead to bans; they are counted either way."),
    entry("moderation.mode", "LIBRECHAT_AUTH_MODERATION_MODE", Kind::Choice(&["enforce", "shadow"]), "enforce",
        "enforce bans; shadow only records whom it would have banned."),
    entry("moderation.interval", "BAN_INTERVAL", Kind::Points { is_calculated: true }, "20",
        "Points at whose multiples a score becomes a ban; 0 bans at the first violation."),
    entry("moderation.duration", "BAN_DURATION", Kind::SpanOrZero { max: LONGEST }, "2h",
        "How long a ban lasts; 0 only ends the sessions."),
    entry("moderation.score_ttl", "VIOLATION_SCORE_TTL", Kind::SpanOrZero { max: LONGEST }, "1h",
        "How long after the last violation a score is forgotten; 0 is never."),
    entry("moderation.exempt", "LIBRECHAT_AUTH_EXEMPT_NETWORKS", Kind::Networks, "",
        "Addresses and networks that are never banned."),
    entry("moderation.contact", "LIBRECHAT_AUTH_BAN_CONTACT", Kind::Text, "",
        "Whom a banned person may ask; shown on the page that tells of the ban."),
    entry("moderation.api_secret", "LIBRECHAT_AUTH_API_SECRET", Kind::Secret { hex: None }, "",
        "With this other programs report violations; 32 characters or more; without it none can."),

    entry("audit.keep", "LIBRECHAT_AUTH_AUDIT_KEEP", Kind::Span { max: LONGEST }, "180d",
        "How long the audit log is kept; what is left stays verifiable."),
    entry("audit.head_to", "LIBRECHAT_AUTH_AUDIT_HEAD_TO", Kind::Choice(&["nowhere", "syslog", "mail"]), "nowhere",
        "Where the signed head of the audit log goes every day: nowhere, to syslog, or to the admins by mail."),
    entry("audit.syslog", "LIBRECHAT_AUTH_AUDIT_SYSLOG", Kind::Text, "/dev/log",
        "The socket of syslog on this machine."),

    entry("store.synchronous", "LIBRECHAT_AUTH_STORE_SYNCHRONOUS", Kind::Choice(&["full", "normal"]), "full",
        "full survives power loss; normal survives a crash of the program only."),
    entry("store.mmap_bytes", "LIBRECHAT_AUTH_STORE_MMAP_BYTES", number(0, 1 << 40), "1073741824",
        "How much of the database may be read through memory mapping, in bytes."),
    entry("store.session_bytes", "LIBRECHAT_AUTH_STORE_SESSION_BYTES", number(0, 1 << 40), "0",
        "How much memory may hold sessions, to check them without the database, in bytes; 0 is 1/32 of the machine's, 1 GiB at most."),
    entry("store.queue", "LIBRECHAT_AUTH_STORE_QUEUE", number(1, MANY), "1024",
        "Writes that may wait; beyond, the answer is 503."),
    entry("store.snapshots", "LIBRECHAT_AUTH_STORE_SNAPSHOTS", number(1, 1000), "5",
        "Snapshots taken before migrations that are kept."),
    entry("store.backup", "LIBRECHAT_AUTH_BACKUP", Kind::Flag, "true",
        "Whether the server saves database, keys and configuration every day by itself."),
    entry("store.backup_at", "LIBRECHAT_AUTH_BACKUP_AT", Kind::TimeOfDay, "03:30",
        "When, by UTC; a server that was off catches up."),
    entry("store.backup_keep", "LIBRECHAT_AUTH_BACKUP_KEEP", number(1, 1000), "7",
        "How many of these backups are kept."),
    entry("store.backup_dir", "LIBRECHAT_AUTH_BACKUP_DIR", Kind::Text, "",
        "Folder for them, better on another disk; backups in the data directory unless set."),
    entry("store.backup_passphrase", "LIBRECHAT_AUTH_BACKUP_PASSPHRASE", Kind::Secret { hex: None }, "",
        "Encrypts them, in the format of the program age; keep the passphrase elsewhere too."),

    entry("secrets.jwt", "JWT_SECRET", Kind::Secret { hex: None }, "",
        "Signs access tokens; generated if absent."),
    entry("secrets.jwt_refresh", "JWT_REFRESH_SECRET", Kind::Secret { hex: None }, "",
        "Signs refresh tokens; generated if absent."),
    entry("secrets.creds_key", "CREDS_KEY", Kind::Secret { hex: Some(64) }, "",
        "Encrypts second-factor secrets; 64 hexadecimal digits; generated if absent."),
    entry("secrets.creds_iv", "CREDS_IV", Kind::Secret { hex: Some(32) }, "",
        "Belongs to LibreChat's oldest encryption, 32 hexadecimal digits; not used here."),
];

#[cfg(test)]
mod tests;
