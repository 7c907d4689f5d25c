//! The configuration of somebody who configured nothing.

use std::num::NonZero;
use std::path::PathBuf;
use std::time::Duration;

use super::{
    Accounts, Config, Cookies, Limit, Limits, Log, LogFormat, Password, SameSite, Secrets, Server, Sessions, Site,
    StoreOptions, Synchronous,
};

impl Config {
    /// Every setting at its default.
    #[must_use]
    pub fn defaults(data_dir: PathBuf, secrets: Secrets) -> Self {
        let cores = std::thread::available_parallelism().map_or(1, NonZero::get);
        Self {
            data_dir,
            server: Server {
                host: "127.0.0.1".into(),
                port: 3081,
                public_url: None,
                client_url: None,
                trust_proxy: 0,
                workers: cores,
                no_index: true,
                shutdown_timeout: Duration::from_secs(30),
            },
            site: Site {
                title: "LibreChat".into(),
                accent: "#1a6b54".into(),
                help_url: "https://librechat.ai".into(),
                privacy_policy: None,
                terms_of_service: None,
                turnstile: None,
                social_logins: ["google", "facebook", "openid", "github", "discord", "saml"]
                    .map(Into::into)
                    .to_vec(),
            },
            secrets,
            accounts: Accounts {
                registration: false,
                registration_is_fixed: false,
                allowed_domains: vec![],
                email_login: true,
                email_login_override: false,
                unverified_login: false,
                deletion: true,
            },
            password: Password {
                min_length: 8,
                memory_kib: 19456,
                iterations: 2,
                parallelism: 1,
                threads: cores,
                queue: 64,
            },
            session: Sessions {
                access_lifetime: Duration::from_mins(15),
                lifetime: Duration::from_hours(7 * 24),
                idle: Duration::from_hours(7 * 24),
                refresh_grace: Duration::from_secs(30),
            },
            cookies: Cookies {
                secure: None,
                same_site: SameSite::Strict,
            },
            limits: Limits {
                login: Limit {
                    max: Some(7),
                    window_minutes: 5.0,
                },
                register: Limit {
                    max: Some(5),
                    window_minutes: 60.0,
                },
            },
            store: StoreOptions {
                synchronous: Synchronous::Full,
                mmap_bytes: 1 << 30,
                queue: 1024,
                snapshots: 5,
            },
            log: Log {
                filter: "info".into(),
                format: LogFormat::Text,
            },
        }
    }
}
