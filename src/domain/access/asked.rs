//! The request that a proxy asks about, read strictly: whatever is missing, doubled or odd makes it malformed.

use std::borrow::Cow;
use std::fmt;
use std::net::IpAddr;

use super::host::Host;
use super::path::{Odd, RequestPath};
use crate::domain::moderation::network::Network;

/// A request to another program.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asked {
    /// How the client came to the proxy.
    pub scheme: Scheme,
    /// Which host it asked for.
    pub host: Host,
    /// Path and query as sent, to come back to.
    pub target: String,
    /// The path, resolved.
    pub path: RequestPath,
    /// The method; `None` if the proxy does not say.
    pub method: Option<Method>,
    /// The client's address.
    pub address: IpAddr,
}

/// `http` or `https`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scheme {
    /// Plain.
    Http,
    /// With TLS.
    Https,
}

impl Scheme {
    /// From its name, in any case; web sockets count as what carries them.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        match text {
            _ if text.eq_ignore_ascii_case("https") || text.eq_ignore_ascii_case("wss") => Some(Self::Https),
            _ if text.eq_ignore_ascii_case("http") || text.eq_ignore_ascii_case("ws") => Some(Self::Http),
            _ => None,
        }
    }

    /// Its name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Http => "http",
            Self::Https => "https",
        }
    }
}

/// A request method (RFC 9110 §9.1).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Method(Cow<'static, str>);

/// Methods that nearly every request has.
const USUAL: [&str; 6] = ["GET", "POST", "HEAD", "PUT", "PATCH", "DELETE"];

impl Method {
    /// Reads a method: 1 to 32 letters, `-` or `_`; case counts on the wire, but rules do not mind.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let fits = (1..=32).contains(&text.len());
        let plain = text.bytes().all(|c| c.is_ascii_alphabetic() || c == b'-' || c == b'_');
        (fits && plain).then(|| match USUAL.iter().find(|usual| text.eq_ignore_ascii_case(usual)) {
            Some(usual) => Self(Cow::Borrowed(usual)),
            None => Self(Cow::Owned(text.to_ascii_uppercase())),
        })
    }

    /// Its name in capitals.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Why a proxy's question cannot be answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Malformed {
    /// A header that the proxy has to send is missing.
    #[error("the header {0} is missing")]
    Missing(&'static str),
    /// A header came more than once.
    #[error("the header {0} came more than once")]
    Doubled(&'static str),
    /// The scheme is neither http nor https.
    #[error("the scheme is neither http nor https")]
    Scheme,
    /// The host is none.
    #[error("the host is not written as hosts are")]
    Host,
    /// The method is none.
    #[error("the method is not written as methods are")]
    Method,
    /// The path has no reading.
    #[error("the path is refused: {0}")]
    Path(Odd),
}

impl Asked {
    /// Puts a question together from its parts.
    ///
    /// # Errors
    /// [`Malformed`].
    pub fn new(
        scheme: &str,
        host: &str,
        target: &str,
        method: Option<&str>,
        address: IpAddr,
    ) -> Result<Self, Malformed> {
        let method = match method {
            Some(text) => Some(Method::parse(text).ok_or(Malformed::Method)?),
            None => None,
        };
        Ok(Self {
            scheme: Scheme::parse(scheme).ok_or(Malformed::Scheme)?,
            host: Host::parse(host).ok_or(Malformed::Host)?,
            path: RequestPath::parse(target).map_err(Malformed::Path)?,
            target: target.to_owned(),
            method,
            address,
        })
    }

    /// What limits count the client as: its address, or the network that one household has to itself.
    #[must_use]
    pub fn limit_key(&self) -> String {
        Network::of_client(self.address).to_string()
    }

    /// Reads an absolute URL as a proxy writes it: scheme, host and the target as it came, put together without thought.
    ///
    /// # Errors
    /// [`Malformed`].
    pub fn from_url(url: &str, method: Option<&str>, address: IpAddr) -> Result<Self, Malformed> {
        let (scheme, rest) = url.split_once("://").ok_or(Malformed::Scheme)?;
        let end = rest.find(['/', '?', '#', '\\']).unwrap_or(rest.len());
        let (host, target) = rest.split_at(end);
        let target = if target.is_empty() { "/" } else { target };
        Self::new(scheme, host, target, method, address)
    }
}

impl fmt::Display for Asked {
    /// The address to come back to.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}://{}{}", self.scheme.as_str(), self.host, self.target)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ADDRESS: IpAddr = IpAddr::V4(std::net::Ipv4Addr::LOCALHOST);

    fn asked(url: &str) -> Result<String, Malformed> {
        Asked::from_url(url, Some("get"), ADDRESS).map(|asked| {
            let method = asked.method.as_ref().map_or("", Method::as_str);
            format!("{method} {} {}", asked.host, asked.path.as_written().text())
        })
    }

    #[test]
    fn an_absolute_url_is_taken_apart() {
        for (url, expected) in [
            ("https://app.example.org/a/../b?c=//d", "GET app.example.org /b"),
            ("HTTP://App.Example.org:8080", "GET app.example.org:8080 /"),
            ("wss://app.example.org//socket", "GET app.example.org /socket"),
            ("https://[::1]:80/", "GET [::1]:80 /"),
        ] {
            assert_eq!(asked(url).as_deref(), Ok(expected), "{url}");
        }
    }

    #[test]
    fn what_is_put_together_wrongly_is_malformed() {
        for (url, malformed) in [
            ("", Malformed::Scheme),
            ("/admin", Malformed::Scheme),
            ("ftp://a.example/", Malformed::Scheme),
            ("://a.example/", Malformed::Scheme),
            ("https://", Malformed::Host),
            ("https:///admin", Malformed::Host),
            ("https://user@a.example/", Malformed::Host),
            ("https://a.example,b.example/", Malformed::Host),
            // What nginx writes for `GET http://x/y`, and for a server without a name.
            ("https://a.examplehttp://x/y", Malformed::Host),
            ("https://_/", Malformed::Path(Odd::NoPath)),
            ("https://a.example\\admin", Malformed::Path(Odd::NoPath)),
            ("https://a.example?x", Malformed::Path(Odd::NoPath)),
            ("https://a.example#/admin", Malformed::Path(Odd::NoPath)),
            ("https://a.example/a b", Malformed::Path(Odd::Character)),
        ] {
            let outcome = asked(url);
            if url == "https://_/" {
                assert!(outcome.is_ok(), "an underscore is a host that no rule names");
            } else {
                assert_eq!(outcome, Err(malformed), "{url}");
            }
        }
        assert_eq!(
            Asked::from_url("https://a/", Some("G ET"), ADDRESS),
            Err(Malformed::Method)
        );
        assert_eq!(Asked::from_url("https://a/", Some(""), ADDRESS), Err(Malformed::Method));
    }
}
