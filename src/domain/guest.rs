//! Guests: people who use a server without a login, from networks that are trusted.
//!
//! All guests are one account that nobody can log in to, with one session. Whether a request is a guest's is decided anew
//! each time, so nothing that a guest holds opens a door elsewhere.

use std::net::IpAddr;

use crate::domain::moderation::network::Network;

/// The provider of the account that guests share.
pub const PROVIDER: &str = "guest";
/// How its session began.
pub const METHOD: &str = "guest";
/// Its address: no mail ever reaches `.invalid` (RFC 2606 §2).
pub const EMAIL: &str = "guest@guest.invalid";
/// Its name, and what other programs get as `Remote-User`.
pub const NAME: &str = "guest";

/// Ends of names that nobody can register (RFC 6761, RFC 6762, RFC 8375, and what home routers use).
const PRIVATE_ENDS: [&str; 6] = ["localhost", "local", "lan", "internal", "home.arpa", "test"];

/// Networks that belong to a house.
const PRIVATE: [&str; 8] = [
    "127.0.0.0/8",
    "10.0.0.0/8",
    "172.16.0.0/12",
    "192.168.0.0/16",
    "169.254.0.0/16",
    "::1/128",
    "fc00::/7",
    "fe80::/10",
];

/// Why somebody is no guest although there may be guests.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unwelcome {
    /// They come from elsewhere.
    Network,
    /// Somebody passes the request on who is not believed, or does not say whose it is.
    Relayed,
    /// They asked for a host that is not known to be ours: a page of a stranger may be behind it (DNS rebinding).
    Host,
}

/// Whether an address belongs to a house or to this machine.
#[must_use]
pub fn is_private_address(address: IpAddr) -> bool {
    let address = address.to_canonical();
    PRIVATE
        .iter()
        .filter_map(|text| text.parse::<Network>().ok())
        .any(|network| network.contains(address))
}

/// Whether nobody else can have this name: an address of a house, a name without a dot, or one that cannot be registered.
#[must_use]
pub fn is_private_name(host: &str) -> bool {
    match as_address(host) {
        Some(address) => is_private_address(address),
        None => cannot_be_registered(host),
    }
}

/// Whether a page of a stranger can make a browser call us by this name: not by an address, and not by a name that nobody
/// can register.
#[must_use]
pub fn is_beyond_rebinding(host: &str) -> bool {
    as_address(host).is_some() || cannot_be_registered(host)
}

fn as_address(host: &str) -> Option<IpAddr> {
    host.trim_start_matches('[').trim_end_matches(']').parse().ok()
}

fn cannot_be_registered(host: &str) -> bool {
    let host = host.trim_end_matches('.').to_ascii_lowercase();
    let ends = |end: &str| host == end || host.strip_suffix(end).is_some_and(|rest| rest.ends_with('.'));
    !host.is_empty() && (!host.contains('.') || PRIVATE_ENDS.into_iter().any(ends))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn private_names_are_told_from_public_ones() {
        for host in [
            "localhost",
            "LOCALHOST.",
            "nas",
            "nas.lan",
            "auth.home.arpa",
            "chat.internal",
            "pi.local",
            "192.168.1.5",
            "10.1.2.3",
            "[::1]",
            "[fd00::1]",
            "127.0.0.1",
        ] {
            assert!(is_private_name(host), "{host}");
        }
        for host in [
            "example.org",
            "local.example.org",
            "notlan.com",
            "evil-local.com",
            "203.0.113.7",
            "[2001:db8::1]",
            "172.32.0.1",
            "home.arpa.example",
            "",
        ] {
            assert!(!is_private_name(host), "{host}");
        }
    }

    #[test]
    fn only_names_that_can_be_registered_can_be_rebound() {
        assert!(is_beyond_rebinding("203.0.113.7") && is_beyond_rebinding("[2001:db8::1]"));
        assert!(is_beyond_rebinding("nas") && is_beyond_rebinding("nas.lan"));
        assert!(
            !is_beyond_rebinding("evil.example") && !is_beyond_rebinding("") && !is_beyond_rebinding("lan.evil.com")
        );
    }

    #[test]
    fn an_ipv4_address_in_ipv6_form_is_the_ipv4_one() {
        let private = |text: &str| is_private_address(text.parse().expect("an address"));
        assert!(private("::ffff:192.168.1.1") && private("fe80::1"));
        assert!(!private("::ffff:203.0.113.7") && !private("2001:db8::1") && !private("0.0.0.0"));
    }
}
