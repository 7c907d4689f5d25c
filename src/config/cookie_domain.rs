//! `cookies.domain`: a domain that shares the key to other programs. What browsers would refuse, or what belongs to
//! strangers, is no such domain.

use url::{Host as UrlHost, Url};

use super::problem::Findings;
use super::settled::Settled;
use crate::domain::access::{Host, HostPattern};

const KEY: &str = "cookies.domain";

/// The name as it is on the wire, without a dot in front; empty if nobody wrote one that can be read.
pub fn written(settled: &Settled) -> Option<String> {
    let text = settled.text(KEY);
    let text = text.trim();
    name(text.strip_prefix('.').unwrap_or(text))
}

fn name(text: &str) -> Option<String> {
    let pattern = HostPattern::parse(text).ok()?;
    let host = pattern.exact().filter(|host| host.port().is_none())?;
    Some(host.name().to_owned())
}

/// Says what is wrong with it.
pub fn review(settled: &Settled, findings: &mut Findings) {
    let origin = settled.origin(KEY);
    let text = settled.text(KEY);
    if text.trim().is_empty() {
        return;
    }
    let url = settled.url("server.public_url");
    if let Some(message) = wrong(&text, written(settled).as_deref(), url.as_ref()) {
        findings.error(&origin.given.place, &origin.given.name, message);
    } else if settled.tristate("cookies.secure") != Some(false) && url.is_some_and(|url| url.scheme() == "http") {
        let message = "is shared without TLS: whoever is on the way can read the key to all programs of the domain";
        findings.warning(&origin.given.place, &origin.given.name, message);
    }
}

fn wrong(text: &str, name: Option<&str>, url: Option<&Url>) -> Option<String> {
    let Some(name) = name else {
        return Some(format!(
            "is `{text}`, which is no domain such as example.org, without https://, port and path"
        ));
    };
    if name.starts_with('[') || name.parse::<std::net::IpAddr>().is_ok() {
        return Some("is an address, and browsers share no cookies between addresses; remove the line".to_owned());
    }
    if is_public_suffix(name) {
        return Some(format!(
            "is `{name}`, below which everybody can have a name, so browsers share no cookies there; write a domain of your \
             own below it, or remove the line: each host then gets a key of its own"
        ));
    }
    let Some(url) = url else {
        return Some("needs server.public_url (DOMAIN_SERVER): a host on this domain, where people log in".to_owned());
    };
    let is_on_it = match url.host() {
        Some(UrlHost::Domain(host)) => Host::parse(host).is_some_and(|host| host.is_within(name)),
        _ => false,
    };
    (!is_on_it).then(|| {
        let host = url.host_str().unwrap_or_default();
        format!("is `{name}`, but people log in at {host} (server.public_url), which is not on it: browsers would drop the cookie")
    })
}

/// Whether strangers can have names right below it, by the list that browsers use (<https://publicsuffix.org>). A name that
/// is not on the list and has no dot, such as `lan` or `localhost`, counts as one.
fn is_public_suffix(name: &str) -> bool {
    psl::suffix_str(name).is_none_or(|suffix| suffix == name)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn says(text: &str, url: &str) -> Option<String> {
        let url = url.parse().ok();
        wrong(text, name(text.trim_start_matches('.')).as_deref(), url.as_ref())
    }

    #[test]
    fn a_domain_above_the_login_is_fine() {
        for (domain, url) in [
            ("example.org", "https://auth.example.org"),
            (".example.org", "https://auth.example.org:8443/path"),
            ("example.org", "https://example.org"),
            ("Example.ORG", "https://auth.example.org"),
            ("home.lan", "http://auth.home.lan"),
            ("me.home.arpa", "http://auth.me.home.arpa"),
            ("example.co.uk", "https://a.b.example.co.uk"),
            ("ada.github.io", "https://auth.ada.github.io"),
            ("b\u{fc}cher.example", "https://auth.xn--bcher-kva.example"),
        ] {
            assert_eq!(says(domain, url), None, "{domain} {url}");
        }
    }

    #[test]
    fn what_browsers_would_not_share_is_refused_with_the_reason() {
        for (domain, url, reason) in [
            ("org", "https://auth.example.org", "everybody can have a name"),
            ("co.uk", "https://auth.example.co.uk", "everybody can have a name"),
            ("github.io", "https://ada.github.io", "everybody can have a name"),
            ("duckdns.org", "https://ada.duckdns.org", "everybody can have a name"),
            ("localhost", "http://auth.localhost", "everybody can have a name"),
            ("lan", "http://auth.lan", "everybody can have a name"),
            ("192.168.1.5", "http://192.168.1.5", "is an address"),
            ("[::1]", "http://[::1]", "is an address"),
            ("https://example.org", "https://auth.example.org", "no domain"),
            ("example.org:443", "https://auth.example.org", "no domain"),
            ("*.example.org", "https://auth.example.org", "no domain"),
            ("example.org/x", "https://auth.example.org", "no domain"),
            ("other.net", "https://auth.example.org", "not on it"),
            ("auth.example.org", "https://example.org", "not on it"),
            ("ample.org", "https://auth.example.org", "not on it"),
            ("example.org", "https://192.168.1.5", "not on it"),
            ("example.org", "", "needs server.public_url"),
        ] {
            let said = says(domain, url).unwrap_or_default();
            assert!(said.contains(reason), "{domain} {url}: {said}");
        }
    }
}
