//! The keys with which a browser opens other programs, and nothing else: for which hosts one is good, and the code with which
//! it comes to a host that shares no cookies with ours.

use std::time::Duration;

use crate::domain::access::{Asked, Host, Scheme};
use crate::domain::elsewhere::Elsewhere;
use crate::domain::ids::SessionId;
use crate::domain::time::Timestamp;

/// What we answer ourselves on every guarded host: the way back from the login.
pub const CALLBACK: &str = "/.librechat-auth/callback";

/// The folder of [`CALLBACK`]: no program ever sees a request for it.
pub const FOLDER: &str = "/.librechat-auth/";

/// How long a browser may take from the login to the other host.
pub const CODE_LIFE: Duration = Duration::from_mins(1);

/// How long somebody may take to log in.
pub const WAY_LIFE: Duration = Duration::from_mins(30);

/// For which hosts a key is good.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Scope {
    /// A domain and all hosts below.
    Domain(String),
    /// One host, whatever the port: browsers do not tell cookies by ports.
    Host(String),
}

impl Scope {
    /// The one whose keys open `host`, where `domain` is shared.
    #[must_use]
    pub fn of(host: &Host, domain: Option<&str>) -> Self {
        match domain.filter(|domain| host.is_within(domain)) {
            Some(domain) => Self::Domain(domain.to_owned()),
            None => Self::Host(host.name().to_owned()),
        }
    }

    /// As it is signed: no host is spelt like a domain.
    #[must_use]
    pub fn spelt(&self) -> String {
        match self {
            Self::Domain(name) => format!("domain {name}"),
            Self::Host(name) => format!("host {name}"),
        }
    }
}

/// What a code says, once it is known to be ours.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Errand {
    /// Whose login it passes on.
    pub session: SessionId,
    /// Until when.
    pub expires_at: Timestamp,
    /// What the browser has to show that it set out: the digest of what it keeps, in base64url.
    pub way: String,
    /// The page that was wanted, on the only host that takes the code.
    pub target: Elsewhere,
}

impl Errand {
    /// One field a line; none of them can hold a line break.
    #[must_use]
    pub fn written(&self) -> String {
        let Self {
            session,
            expires_at,
            way,
            target,
        } = self;
        format!("{session}\n{}\n{way}\n{target}", expires_at.millis())
    }

    /// Reads what [`Errand::written`] wrote.
    #[must_use]
    pub fn read(text: &str) -> Option<Self> {
        let mut lines = text.split('\n');
        let errand = Self {
            session: lines.next()?.parse().ok()?,
            expires_at: Timestamp::from_millis(lines.next()?.parse().ok()?),
            way: lines.next()?.to_owned(),
            target: Elsewhere::read(lines.next()?)?,
        };
        lines.next().is_none().then_some(errand)
    }

    /// Whether the code is for the host, port and scheme that it came to.
    #[must_use]
    pub fn is_for(&self, asked: &Asked) -> bool {
        let place =
            |scheme: Scheme, host: &Host| (scheme, host.name().to_owned(), host.port().unwrap_or(usual(scheme)));
        place(self.target.scheme(), self.target.host()) == place(asked.scheme, &asked.host)
    }
}

/// The port that nobody writes.
const fn usual(scheme: Scheme) -> u16 {
    match scheme {
        Scheme::Http => 80,
        Scheme::Https => 443,
    }
}

#[cfg(test)]
mod tests {
    use std::net::{IpAddr, Ipv4Addr};

    use super::*;

    fn host(text: &str) -> Host {
        Host::parse(text).expect("a host")
    }

    #[test]
    fn a_shared_domain_covers_what_is_below_and_every_other_host_is_alone() {
        let domain = Some("example.org");
        for (name, spelt) in [
            ("example.org", "domain example.org"),
            ("app.example.org:8443", "domain example.org"),
            ("badexample.org", "host badexample.org"),
            ("app.other.net:8443", "host app.other.net"),
        ] {
            assert_eq!(Scope::of(&host(name), domain).spelt(), spelt, "{name}");
        }
        assert_eq!(
            Scope::of(&host("app.example.org"), None).spelt(),
            "host app.example.org"
        );
    }

    fn errand(target: &str) -> Errand {
        Errand {
            session: SessionId::new(Timestamp::from_seconds(4_000_000_000), 7),
            expires_at: Timestamp::from_seconds(4_000_000_060),
            way: "abc".to_owned(),
            target: Elsewhere::read(target).expect("an address"),
        }
    }

    #[test]
    fn an_errand_is_read_as_it_was_written() {
        let errand = errand("https://app.other.net/a?b=c#d");
        let written = errand.written();
        assert_eq!(Errand::read(&written), Some(errand));
        for broken in [
            String::new(),
            written.replace("https", "javascript"),
            format!("{written}\n"),
            written.replacen('\n', "", 1),
        ] {
            assert_eq!(Errand::read(&broken), None, "{broken:?}");
        }
    }

    #[test]
    fn a_code_is_for_one_scheme_host_and_port() {
        let address = IpAddr::V4(Ipv4Addr::LOCALHOST);
        let asked = |url: &str| Asked::from_url(url, None, address).expect("a question");
        let code = errand("https://app.other.net:443/x");
        assert!(code.is_for(&asked("https://app.other.net/")) && code.is_for(&asked("https://app.other.net:443/")));
        for other in [
            "http://app.other.net/",
            "http://app.other.net:443/",
            "https://app.other.net:8443/",
            "https://other.net/",
            "https://x.app.other.net/",
        ] {
            assert!(!code.is_for(&asked(other)), "{other}");
        }
    }
}
