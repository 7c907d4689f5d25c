//! Where a person may be sent on another host: a page of a program that the access rules name, and nothing that a browser
//! could read as another host.

use std::fmt;

use url::Url;

use crate::domain::access::{Effect, Host, HostPattern, Rule, Scheme};

/// Longest accepted target, in bytes.
const MAX_BYTES: usize = 2048;

/// The hosts that people may be sent to.
#[derive(Clone, Debug, Default)]
pub struct Hosts {
    patterns: Vec<HostPattern>,
    domain: Option<String>,
    only_https: bool,
}

impl Hosts {
    /// Those that a rule lets somebody into, and all of `domain`. From a page with https nobody is sent to one without.
    #[must_use]
    pub fn new(rules: &[Rule], domain: Option<&str>, only_https: bool) -> Self {
        let open = rules.iter().filter(|rule| rule.effect != Effect::Deny);
        Self {
            patterns: open.flat_map(|rule| rule.hosts.iter().cloned()).collect(),
            domain: domain.map(str::to_owned),
            only_https,
        }
    }

    /// Whether a host is among them.
    #[must_use]
    pub fn contain(&self, host: &Host) -> bool {
        self.patterns.iter().any(|pattern| pattern.fits(host))
            || self.domain.as_deref().is_some_and(|domain| host.is_within(domain))
    }
}

/// An absolute address on one of those hosts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Elsewhere {
    url: String,
    scheme: Scheme,
    host: Host,
}

impl Elsewhere {
    /// Reads a target that came from outside. `None` for everything that is not plainly `http://` or `https://`, one of
    /// `hosts`, perhaps a port, and a path: no user name, no blank, no backslash, nothing beyond ASCII.
    #[must_use]
    pub fn parse(text: &str, hosts: &Hosts) -> Option<Self> {
        let found = Self::read(text)?;
        let is_safe = found.scheme == Scheme::Https || !hosts.only_https;
        (is_safe && hosts.contain(&found.host)).then_some(found)
    }

    /// Reads an absolute address without asking which host it is.
    #[must_use]
    pub fn read(text: &str) -> Option<Self> {
        let is_plain = |c: u8| c.is_ascii_graphic() && c != b'\\';
        if text.len() > MAX_BYTES || !text.bytes().all(is_plain) {
            return None;
        }
        let (scheme, rest) = text.split_once("://")?;
        let scheme = match scheme {
            _ if scheme.eq_ignore_ascii_case("https") => Scheme::Https,
            _ if scheme.eq_ignore_ascii_case("http") => Scheme::Http,
            _ => return None,
        };
        let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
        let (authority, tail) = rest.split_at(end);
        let host = Host::parse(authority)?;
        // As the browser will read it: the host must still be the one that was looked at.
        let url = Url::parse(&format!("{}://{host}{tail}", scheme.as_str())).ok()?;
        let same = url.host_str() == Some(host.name()) && url.username().is_empty() && url.password().is_none();
        same.then(|| Self {
            url: url.into(),
            scheme,
            host,
        })
    }

    /// The address, for a `Location` header or a link.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.url
    }

    /// The host.
    #[must_use]
    pub const fn host(&self) -> &Host {
        &self.host
    }

    /// How it is reached.
    #[must_use]
    pub const fn scheme(&self) -> Scheme {
        self.scheme
    }

    /// Scheme, host and port, without a path.
    #[must_use]
    pub fn origin(&self) -> String {
        format!("{}://{}", self.scheme.as_str(), self.host)
    }

    /// Path, query and fragment.
    #[must_use]
    pub fn path(&self) -> &str {
        let after = self.url.find("://").map_or(0, |at| at + 3);
        let rest = &self.url[after..];
        rest.find('/').map_or("/", |at| &rest[at..])
    }
}

impl fmt::Display for Elsewhere {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.url)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hosts(only_https: bool) -> Hosts {
        let pattern = |text: &str| HostPattern::parse(text).expect("a pattern");
        let rule = Rule {
            hosts: [
                "good.example",
                "*.apps.example",
                "nas.lan:8080",
                "10.0.0.5",
                "[2001:db8::1]",
            ]
            .map(pattern)
            .to_vec(),
            ..Rule::of(Effect::Allow)
        };
        let closed = Rule {
            hosts: vec![pattern("closed.example")],
            ..Rule::of(Effect::Deny)
        };
        Hosts::new(&[rule, closed], Some("home.example"), only_https)
    }

    fn parsed(text: &str) -> Option<String> {
        Elsewhere::parse(text, &hosts(false)).map(|found| found.to_string())
    }

    #[test]
    fn listed_hosts_are_kept_with_path_query_and_fragment() {
        for (text, expected) in [
            ("https://good.example", "https://good.example/"),
            (
                "https://good.example/a/b?c=d&e=//f#g",
                "https://good.example/a/b?c=d&e=//f#g",
            ),
            ("HTTPS://GOOD.example/A", "https://good.example/A"),
            ("https://good.example:8443/a", "https://good.example:8443/a"),
            ("https://good.example:443/a", "https://good.example/a"),
            ("https://good.example./a", "https://good.example/a"),
            ("https://good.example?x", "https://good.example/?x"),
            (
                "https://good.example//evil.example",
                "https://good.example//evil.example",
            ),
            ("https://good.example/%5cevil", "https://good.example/%5cevil"),
            (
                "https://good.example/@evil.example",
                "https://good.example/@evil.example",
            ),
            ("https://a.apps.example/x", "https://a.apps.example/x"),
            ("https://b.a.apps.example/", "https://b.a.apps.example/"),
            ("https://home.example/", "https://home.example/"),
            ("https://x.y.home.example/", "https://x.y.home.example/"),
            ("http://nas.lan:8080/", "http://nas.lan:8080/"),
            ("http://10.0.0.5/x", "http://10.0.0.5/x"),
            ("http://[2001:DB8::1]:81/x", "http://[2001:db8::1]:81/x"),
        ] {
            assert_eq!(parsed(text).as_deref(), Some(expected), "{text}");
        }
    }

    const EVIL: &[&str] = &[
        "",
        "/",
        "/path",
        "good.example",
        "good.example/path",
        "//good.example",
        "//evil.example",
        "///good.example",
        "/\\good.example",
        "\\\\good.example",
        "https:good.example",
        "https:/good.example",
        "https:///good.example",
        "https:////good.example",
        "https:\\\\good.example",
        "https:/\\good.example",
        "https://",
        "https:///",
        "https://?good.example",
        "https://#good.example",
        "https://evil.example",
        "https://evil.example/good.example",
        "https://evil.example?good.example",
        "https://evil.example#good.example",
        "https://evil.example#@good.example",
        "https://good.example@evil.example",
        "https://good.example:443@evil.example",
        "https://user@good.example",
        "https://user:pw@good.example",
        "https://@good.example",
        "https://good.example.evil.example",
        "https://evilgood.example",
        "https://good.example%2eevil.example",
        "https://good.example%00.evil.example",
        "https://good.example%40evil.example",
        "https://good.example\\@evil.example",
        "https://good.example\\.evil.example",
        "https://good.example;evil.example",
        "https://good.example,evil.example",
        "https://good.example&evil.example",
        "https://good.example .evil.example",
        "https://good.example\t.evil.example",
        "https://good.example\n.evil.example",
        "https://good.example/\r\nSet-Cookie: a=b",
        " https://good.example",
        "https://good.example ",
        "\u{0}https://good.example",
        "\thttps://good.example",
        "ht\ntps://good.example",
        "https://g\u{f6}od.example",
        "https://good\u{3002}example",
        "https://good\u{ff0e}example",
        "https://\u{ff47}ood.example",
        "https://good.example\u{2044}evil",
        "https://good..example",
        "https://good.example..",
        "https://.good.example",
        "https://good.example:",
        "https://good.example:0",
        "https://good.example:65536",
        "https://good.example:443:443",
        "https://good.example:80x",
        "https://[good.example]",
        "https://[2001:db8::2]",
        "https://167772165/",
        "https://0xa.0.0.5/",
        "https://10.5/",
        "https://10.0.0.5.evil.example/",
        "http://nas.lan/",
        "http://nas.lan:8081/",
        "https://apps.example/",
        "https://badapps.example/",
        "https://badhome.example/",
        "https://home.example.evil.example/",
        "https://closed.example/",
        "javascript:alert(1)",
        "javascript://good.example/%0aalert(1)",
        "JaVaScRiPt://good.example/%0aalert(1)",
        "data:text/html,x",
        "data://good.example/x",
        "vbscript://good.example",
        "file://good.example/etc/passwd",
        "ftp://good.example",
        "ws://good.example",
        "wss://good.example",
        "blob:https://good.example/x",
        "view-source:https://good.example",
        "intent://good.example#Intent;scheme=https;end",
        "mailto:a@good.example",
        "http+unix://good.example",
        "https ://good.example",
        "https://good.example\u{0}",
    ];

    #[test]
    fn whatever_could_lead_elsewhere_is_refused() {
        for text in EVIL {
            assert_eq!(parsed(text), None, "{text:?}");
        }
        assert!(Elsewhere::parse(&format!("https://good.example/{}", "a".repeat(2048)), &hosts(false)).is_none());
    }

    #[test]
    fn nobody_is_sent_from_https_to_http() {
        assert!(Elsewhere::parse("http://good.example/", &hosts(true)).is_none());
        assert!(Elsewhere::parse("https://good.example/", &hosts(true)).is_some());
    }

    #[test]
    fn without_rules_and_domain_there_is_nowhere_to_go() {
        assert!(Elsewhere::parse("https://good.example/", &Hosts::default()).is_none());
    }

    #[test]
    fn a_target_can_be_taken_apart() {
        let found = Elsewhere::read("https://Good.example:8443/a?b#c").expect("an address");
        assert_eq!(
            (found.origin().as_str(), found.path()),
            ("https://good.example:8443", "/a?b#c")
        );
        assert_eq!(
            Elsewhere::read("http://a")
                .map(|found| found.path().to_owned())
                .as_deref(),
            Some("/")
        );
    }
}
