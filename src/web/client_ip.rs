//! Whose request it is: the peer's address, or the one that trusted proxies pass on.

use std::net::{IpAddr, Ipv6Addr, SocketAddr};

/// The client's address. `hops` is how many trusted proxies stand in front and append to `X-Forwarded-For`; with 0 the
/// header is ignored.
///
/// Entries count from the right, because everything further left was said by the client (as Express does for a numeric
/// `trust proxy`). With fewer entries than hops the leftmost is taken; an entry that is no address ends the walk at the last
/// good one. IPv4 addresses mapped into IPv6 come out as IPv4.
#[must_use]
pub fn client_address<'a>(peer: IpAddr, forwarded_for: impl Iterator<Item = &'a str>, hops: u8) -> IpAddr {
    let lines: Vec<&str> = if hops == 0 { Vec::new() } else { forwarded_for.collect() };
    let entries = lines.iter().rev().flat_map(|line| line.rsplit(','));
    let addresses = entries.take(usize::from(hops)).map_while(address);
    addresses.last().unwrap_or(peer).to_canonical()
}

/// An entry: an address, bare or with a port; IPv6 with a port stands in brackets.
fn address(entry: &str) -> Option<IpAddr> {
    let entry = entry.trim();
    let bracketed = entry.strip_prefix('[').and_then(|rest| rest.strip_suffix(']'));
    match bracketed {
        Some(inner) => inner.parse::<Ipv6Addr>().ok().map(IpAddr::V6),
        None => entry
            .parse()
            .ok()
            .or_else(|| entry.parse::<SocketAddr>().ok().map(|with_port| with_port.ip())),
    }
}

/// The key under which a client is limited: its IPv4 address, or the /64 network of its IPv6 address, which one household
/// has to itself.
#[must_use]
pub fn limit_key(address: IpAddr) -> String {
    match address.to_canonical() {
        IpAddr::V4(address) => address.to_string(),
        IpAddr::V6(address) => {
            let [a, b, c, d, ..] = address.segments();
            format!("{}/64", Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ip(text: &str) -> IpAddr {
        text.parse().expect("an address")
    }

    fn client(forwarded_for: &[&str], hops: u8) -> String {
        client_address(ip("10.0.0.1"), forwarded_for.iter().copied(), hops).to_string()
    }

    #[test]
    fn without_trusted_proxies_the_header_is_ignored() {
        assert_eq!(client(&["192.0.2.1"], 0), "10.0.0.1");
    }

    #[test]
    fn entries_count_from_the_right() {
        let header = &["6.6.6.6, 192.0.2.1, 192.0.2.2"];
        assert_eq!(client(header, 1), "192.0.2.2");
        assert_eq!(client(header, 2), "192.0.2.1");
    }

    #[test]
    fn with_fewer_entries_than_hops_the_leftmost_is_the_client() {
        assert_eq!(client(&["192.0.2.1, 192.0.2.2"], 9), "192.0.2.1");
        assert_eq!(client(&[], 1), "10.0.0.1");
        assert_eq!(client(&[""], 1), "10.0.0.1");
    }

    #[test]
    fn several_header_lines_are_one_list() {
        let header = &["6.6.6.6, 192.0.2.1", "192.0.2.2"];
        assert_eq!(client(header, 1), "192.0.2.2");
        assert_eq!(client(header, 2), "192.0.2.1");
    }

    #[test]
    fn what_is_no_address_ends_the_walk_at_the_last_good_one() {
        for garbage in [
            "unknown",
            "",
            "_hidden",
            "999.0.0.1",
            "192.0.2.1.",
            "[192.0.2.9]",
            "[2001:db8::1",
            "2001:db8::1%eth0",
            "\"192.0.2.9\"",
        ] {
            assert_eq!(client(&[garbage], 1), "10.0.0.1", "{garbage:?}");
            let header = format!("192.0.2.9, {garbage}, 192.0.2.2");
            assert_eq!(client(&[&header], 3), "192.0.2.2", "{garbage:?}");
        }
    }

    #[test]
    fn ports_are_accepted_and_dropped() {
        for (entry, expected) in [
            ("192.0.2.1:8080", "192.0.2.1"),
            ("[2001:db8::1]:8080", "2001:db8::1"),
            ("[2001:db8::1]", "2001:db8::1"),
            ("2001:db8::1", "2001:db8::1"),
            ("  192.0.2.1\t", "192.0.2.1"),
        ] {
            assert_eq!(client(&[entry], 1), expected, "{entry:?}");
        }
    }

    #[test]
    fn mapped_addresses_are_the_ipv4_ones() {
        assert_eq!(client(&["::ffff:192.0.2.1"], 1), "192.0.2.1");
        assert_eq!(client(&["[::ffff:c000:201]:80"], 1), "192.0.2.1");
        let peer = client_address(ip("::ffff:192.0.2.7"), std::iter::empty(), 0);
        assert_eq!(peer.to_string(), "192.0.2.7");
    }

    #[test]
    fn ipv6_clients_are_limited_by_their_network_and_ipv4_ones_by_their_address() {
        assert_eq!(limit_key(ip("2001:db8:1:2:3:4:5:6")), "2001:db8:1:2::/64");
        assert_eq!(limit_key(ip("2001:db8:1:2:ffff::")), limit_key(ip("2001:db8:1:2::1")));
        assert_ne!(limit_key(ip("2001:db8:1:3::1")), limit_key(ip("2001:db8:1:2::1")));
        assert_eq!(limit_key(ip("192.0.2.1")), "192.0.2.1");
        assert_eq!(limit_key(ip("::ffff:192.0.2.1")), "192.0.2.1");
    }
}
