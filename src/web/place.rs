//! Where this server is, as its visitors see it. One `public_url` decides links, `Secure`, `Path` and allowed origins; no
//! link is ever built from a request's headers.

use url::Url;
use url::form_urlencoded::byte_serialize;

use crate::config::{Config, Cookies};
use crate::domain::access::Host;
use crate::domain::elsewhere::{Elsewhere, Hosts};
use crate::domain::redirect::LocalPath;

/// The outside address and what follows from it.
#[derive(Clone, Debug)]
pub struct Place {
    /// `public_url` without trailing slash; `http://localhost:<port>` if nobody said.
    pub url: String,
    /// Where LibreChat's client is, without trailing slash: the same unless somebody said otherwise.
    pub client: String,
    /// Its path without trailing slash: empty, or such as `/auth`.
    pub base: String,
    /// Whether cookies are `Secure`.
    pub secure: bool,
    /// Attributes that were configured.
    pub cookies: Cookies,
    /// Whether `X-Robots-Tag: noindex` is sent.
    pub no_index: bool,
    /// Other hosts that people may be sent to.
    pub hosts: Hosts,
    origins: Vec<String>,
    configured: bool,
}

impl Place {
    /// From the settings, and the port that is really listened on.
    #[must_use]
    pub fn new(config: &Config, port: u16) -> Self {
        let server = &config.server;
        let url: String = server.public_url.as_ref().map_or_else(
            || format!("{}://localhost:{port}", server.scheme()),
            |url| trimmed(url.as_str()),
        );
        let base = server
            .public_url
            .as_ref()
            .map(|url| trimmed(url.path()))
            .unwrap_or_default();
        let https = server.scheme() == "https";
        let named = server.public_url.iter().chain(&server.client_url);
        Self {
            client: server
                .client_url
                .as_ref()
                .map_or_else(|| url.clone(), |client| trimmed(client.as_str())),
            url,
            base,
            secure: config.cookies.secure.unwrap_or(https),
            cookies: config.cookies.clone(),
            no_index: server.no_index,
            hosts: Hosts::new(&config.access.rules, config.cookies.domain.as_deref(), https),
            origins: named.map(origin).collect(),
            configured: server.public_url.is_some(),
        }
    }

    /// Scheme, host and port, without a path.
    #[must_use]
    pub fn origin(&self) -> String {
        self.url
            .strip_suffix(self.base.as_str())
            .unwrap_or(&self.url)
            .to_owned()
    }

    /// A link to a page of this server; `path` starts with a slash.
    #[must_use]
    pub fn link(&self, path: &str) -> String {
        format!("{}{path}", self.url)
    }

    /// Where `rd` leads, as a path of ours: a page of this very origin, or the page that sends on to a listed host.
    #[must_use]
    pub fn way_to(&self, rd: &str) -> Option<LocalPath> {
        let found = Elsewhere::read(rd)?;
        if found.origin() == self.origin() {
            return LocalPath::parse(found.path());
        }
        let target = Elsewhere::parse(rd, &self.hosts)?;
        let rd: String = byte_serialize(target.as_str().as_bytes()).collect();
        LocalPath::parse(&format!("{}/enter?rd={rd}", self.base))
    }

    /// Whether browsers that come from `host` have a cookie of ours that opens it: it is our own, or on the shared domain.
    #[must_use]
    pub fn shares_cookies_with(&self, host: &Host) -> bool {
        let is_shared = self
            .cookies
            .domain
            .as_deref()
            .is_some_and(|domain| host.is_within(domain));
        let ours = Elsewhere::read(&self.url);
        // With a path in our address the login cookie stays below it.
        let is_ours = self.base.is_empty() && ours.is_some_and(|ours| ours.host().name() == host.name());
        is_shared || is_ours
    }

    /// Whether a page of `origin` (the header's value) may post here. Without a configured address, a page that came from
    /// the very host it posts to may.
    #[must_use]
    pub fn allows(&self, origin: &str, host: Option<&str>) -> bool {
        if self.origins.iter().any(|allowed| allowed == origin) {
            return true;
        }
        let authority = origin.split_once("://").map(|(_, authority)| authority);
        !self.configured && authority.is_some() && authority == host
    }
}

fn trimmed(text: &str) -> String {
    text.trim_end_matches('/').to_owned()
}

fn origin(url: &Url) -> String {
    url.origin().ascii_serialization()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Secrets;
    use crate::domain::secret::Secret;

    fn place(public_url: Option<&str>) -> Place {
        let secrets = Secrets {
            jwt: Secret::new("j"),
            jwt_refresh: Secret::new("r"),
            creds_key: Secret::new("c"),
        };
        let mut config = Config::defaults("data".into(), secrets);
        config.server.public_url = public_url.map(|url| url.parse().expect("valid"));
        config.server.client_url = Some("https://chat.example.org/c".parse().expect("valid"));
        Place::new(&config, 3081)
    }

    #[test]
    fn the_public_address_decides_links_path_and_secure() {
        let place = place(Some("https://home.example.org/auth/"));
        assert_eq!(place.link("/setup"), "https://home.example.org/auth/setup");
        assert_eq!((place.base.as_str(), place.secure), ("/auth", true));
    }

    #[test]
    fn only_the_named_origins_may_post() {
        let place = place(Some("https://home.example.org"));
        assert!(place.allows("https://home.example.org", Some("home.example.org")));
        assert!(place.allows("https://chat.example.org", Some("home.example.org")));
        for bad in [
            "http://home.example.org",
            "https://home.example.org:8443",
            "https://home.example.org.evil",
            "null",
            "",
        ] {
            assert!(!place.allows(bad, Some("home.example.org")), "{bad}");
        }
        assert!(!place.allows("http://192.168.1.5:3081", Some("192.168.1.5:3081")));
    }

    #[test]
    fn without_an_address_the_host_itself_may_post() {
        let place = place(None);
        assert_eq!(place.link("/"), "http://localhost:3081/");
        assert!(place.allows("http://192.168.1.5:3081", Some("192.168.1.5:3081")));
        assert!(!place.allows("http://evil.example", Some("192.168.1.5:3081")));
        assert!(!place.allows("null", None));
    }
}
