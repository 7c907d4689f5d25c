//! Hosts as requests name them, and the patterns of rules.

use std::fmt;
use std::net::Ipv6Addr;

/// Longest name of a host (RFC 1035 §2.3.4).
const MAX_NAME: usize = 253;

/// A host: a name or an address, lower-cased, and the port if one was written.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Host {
    name: String,
    port: Option<u16>,
}

impl Host {
    /// Reads the value of a `Host` header (RFC 9110 §7.2). `None` for anything that is not plainly a host: user names,
    /// paths, blanks, characters beyond ASCII, empty labels.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (name, port) = split_port(text)?;
        let port = match port {
            Some(digits) => Some(port_number(digits)?),
            None => None,
        };
        let name = match name.strip_prefix('[') {
            Some(rest) => format!("[{}]", rest.strip_suffix(']')?.parse::<Ipv6Addr>().ok()?),
            None => plain_name(name)?,
        };
        Some(Self { name, port })
    }

    /// The name or address, without the port.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The port, if one was written.
    #[must_use]
    pub const fn port(&self) -> Option<u16> {
        self.port
    }

    /// Whether the name is `domain` or ends with it after a dot.
    #[must_use]
    pub fn is_within(&self, domain: &str) -> bool {
        self.name == domain || is_below(&self.name, domain)
    }
}

impl fmt::Display for Host {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.port {
            Some(port) => write!(f, "{}:{port}", self.name),
            None => f.write_str(&self.name),
        }
    }
}

/// What a rule says of hosts: a name, or `*.` and a domain; with a port, or any.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HostPattern {
    below: bool,
    host: Host,
}

/// The text is no pattern for hosts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a host such as app.example.org, *.example.org or nas.lan:8080, without https:// and without a path")]
pub struct BadHost;

impl HostPattern {
    /// Reads a pattern. International names may be written as they are.
    ///
    /// # Errors
    /// [`BadHost`].
    pub fn parse(text: &str) -> Result<Self, BadHost> {
        let (below, rest) = match text.strip_prefix("*.") {
            Some(rest) => (true, rest),
            None => (false, text),
        };
        let ascii = if rest.is_ascii() {
            rest.to_owned()
        } else {
            in_ascii(rest).ok_or(BadHost)?
        };
        let host = Host::parse(&ascii).ok_or(BadHost)?;
        if below && host.name.starts_with('[') {
            return Err(BadHost);
        }
        Ok(Self { below, host })
    }

    /// Whether a host fits. A pattern without a port fits every port.
    #[must_use]
    pub fn fits(&self, host: &Host) -> bool {
        let name = if self.below {
            is_below(&host.name, &self.host.name)
        } else {
            host.name == self.host.name
        };
        name && self.host.port.is_none_or(|port| host.port == Some(port))
    }

    /// The host, if the pattern names exactly one.
    #[must_use]
    pub fn exact(&self) -> Option<&Host> {
        (!self.below).then_some(&self.host)
    }

    /// The name, or the domain below which it fits.
    #[must_use]
    pub fn domain(&self) -> &str {
        &self.host.name
    }
}

impl fmt::Display for HostPattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", if self.below { "*." } else { "" }, self.host)
    }
}

fn is_below(name: &str, domain: &str) -> bool {
    name.strip_suffix(domain).is_some_and(|rest| rest.ends_with('.'))
}

/// The name and the digits after the last colon that is outside brackets.
fn split_port(text: &str) -> Option<(&str, Option<&str>)> {
    if text.starts_with('[') {
        let end = text.find(']')? + 1;
        let (name, rest) = text.split_at(end);
        return match rest {
            "" => Some((name, None)),
            rest => Some((name, Some(rest.strip_prefix(':')?))),
        };
    }
    Some(match text.split_once(':') {
        Some((name, digits)) => (name, Some(digits)),
        None => (text, None),
    })
}

fn port_number(digits: &str) -> Option<u16> {
    let plain = (1..=5).contains(&digits.len()) && digits.bytes().all(|digit| digit.is_ascii_digit());
    digits.parse().ok().filter(|port| plain && *port > 0)
}

fn plain_name(name: &str) -> Option<String> {
    let name = name.strip_suffix('.').unwrap_or(name);
    let is_label = |label: &str| {
        (1..=63).contains(&label.len())
            && label
                .bytes()
                .all(|c| c.is_ascii_alphanumeric() || c == b'-' || c == b'_')
    };
    let fits = (1..=MAX_NAME).contains(&name.len()) && name.split('.').all(is_label);
    fits.then(|| name.to_ascii_lowercase())
}

/// An international name as the wire has it (RFC 5891), with its port.
fn in_ascii(text: &str) -> Option<String> {
    let (name, port) = split_port(text)?;
    let url::Host::Domain(name) = url::Host::parse(name).ok()? else {
        return None;
    };
    Some(match port {
        Some(port) => format!("{name}:{port}"),
        None => name,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Option<String> {
        Host::parse(text).map(|host| host.to_string())
    }

    fn fits(pattern: &str, host: &str) -> bool {
        let pattern = HostPattern::parse(pattern).expect("a pattern");
        pattern.fits(&Host::parse(host).expect("a host"))
    }

    #[test]
    fn hosts_are_lower_cased_and_lose_the_dot_of_the_root() {
        for (text, expected) in [
            ("app.example.org", "app.example.org"),
            ("APP.Example.ORG:8443", "app.example.org:8443"),
            ("app.example.org.", "app.example.org"),
            ("app.example.org.:443", "app.example.org:443"),
            ("localhost", "localhost"),
            ("nas_1.lan", "nas_1.lan"),
            ("192.168.1.5:3081", "192.168.1.5:3081"),
            ("[2001:DB8::1]:80", "[2001:db8::1]:80"),
            ("[::1]", "[::1]"),
            ("xn--bcher-kva.example", "xn--bcher-kva.example"),
        ] {
            assert_eq!(read(text).as_deref(), Some(expected), "{text}");
        }
    }

    #[test]
    fn whatever_is_not_plainly_a_host_is_none() {
        for text in [
            "",
            ".",
            "..",
            "a..b",
            ".a",
            "a.b..",
            "a b",
            " a",
            "a/b",
            "a?b",
            "a#b",
            "a\\b",
            "user@a",
            "a:",
            "a:0",
            "a:65536",
            "a:080808",
            "a:+80",
            "a:8x",
            "a:80:80",
            "::1",
            "[::1",
            "[::1]80",
            "[::1]:",
            "[x]",
            "a,b",
            "a%2eb",
            "b\u{fc}cher.example",
            "a\u{0}",
            "a\r\nb",
            &"a".repeat(64),
            &["a"; 130].join("."),
        ] {
            assert_eq!(read(text), None, "{text:?}");
        }
    }

    #[test]
    fn a_name_fits_itself_and_a_star_what_is_below() {
        assert!(fits("app.example.org", "app.example.org") && fits("app.example.org", "APP.EXAMPLE.ORG.:8443"));
        assert!(!fits("app.example.org", "x.app.example.org") && !fits("app.example.org", "app.example.org.evil"));
        assert!(fits("*.example.org", "a.example.org") && fits("*.example.org", "b.a.example.org:80"));
        assert!(!fits("*.example.org", "example.org") && !fits("*.example.org", "badexample.org"));
        assert!(fits("nas.lan:8080", "nas.lan:8080"));
        assert!(!fits("nas.lan:8080", "nas.lan:8081") && !fits("nas.lan:8080", "nas.lan"));
        assert!(fits("b\u{fc}cher.example", "xn--bcher-kva.example") && fits("[::1]", "[0:0::1]:80"));
    }

    #[test]
    fn what_is_no_pattern_is_refused() {
        for text in [
            "",
            "*",
            "*.",
            "https://a.example",
            "a.example/x",
            "a*.example",
            "*.[::1]",
            "a b",
        ] {
            assert_eq!(HostPattern::parse(text), Err(BadHost), "{text:?}");
        }
    }
}
