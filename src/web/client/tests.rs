//! Who is believed, and how far.

use std::cell::Cell;

use super::*;
use crate::config::{Config, Secrets};
use crate::domain::secret::Secret;

fn ip(text: &str) -> IpAddr {
    text.parse().expect("an address")
}

fn proxies(hops: u8, listed: &[&str], header: ForwardedHeader) -> Proxies {
    let secrets = Secrets {
        jwt: Secret::new("j"),
        jwt_refresh: Secret::new("r"),
        creds_key: Secret::new("c"),
    };
    let mut config = Config::defaults("data".into(), secrets);
    let network = |text: &&str| text.parse().expect("a network");
    config.server.trust_proxy = hops;
    config.server.trusted_proxies = listed.iter().map(network).collect();
    config.server.forwarded_header = header;
    Proxies::new(&config.server)
}

fn headers(lines: &[(&'static str, &str)]) -> HeaderMap {
    let mut headers = HeaderMap::new();
    for (name, value) in lines {
        let value = HeaderValue::from_bytes(value.as_bytes()).expect("a value");
        headers.append(HeaderName::from_static(name), value);
    }
    headers
}

fn derive(proxies: &Proxies, peer: &str, lines: &[(&'static str, &str)]) -> String {
    let derived = proxies.derive(ip(peer), &headers(lines), || Timestamp::from_seconds(1));
    format!("{} by {}", derived.address, derived.by)
}

/// With `X-Forwarded-For` lines, and as many hops.
fn counted(lines: &[&str], hops: u8) -> String {
    let lines: Vec<_> = lines.iter().map(|&line| ("x-forwarded-for", line)).collect();
    let derived = proxies(hops, &[], ForwardedHeader::XForwardedFor)
        .derive(ip("10.0.0.1"), &headers(&lines), || Timestamp::from_seconds(1));
    derived.address.to_string()
}

/// With `X-Forwarded-For` lines from 10.0.0.1, and proxies listed.
fn listed(lines: &[&str], networks: &[&str]) -> String {
    let lines: Vec<_> = lines.iter().map(|&line| ("x-forwarded-for", line)).collect();
    derive(
        &proxies(0, networks, ForwardedHeader::XForwardedFor),
        "10.0.0.1",
        &lines,
    )
}

#[test]
fn without_trusted_proxies_the_header_is_ignored() {
    assert_eq!(counted(&["192.0.2.1"], 0), "10.0.0.1");
    assert_eq!(listed(&["192.0.2.1"], &[]), "10.0.0.1 by connection");
}

#[test]
fn a_peer_that_is_not_listed_is_not_believed_even_on_loopback() {
    assert_eq!(
        listed(&["192.0.2.1"], &["10.0.0.2", "192.0.2.0/24"]),
        "10.0.0.1 by connection"
    );
    let proxies = proxies(0, &["10.0.0.1"], ForwardedHeader::XForwardedFor);
    let header = [("x-forwarded-for", "192.0.2.1")];
    assert_eq!(derive(&proxies, "127.0.0.1", &header), "127.0.0.1 by connection");
    assert_eq!(derive(&proxies, "::1", &header), "::1 by connection");
}

#[test]
fn the_walk_ends_at_the_first_address_that_is_not_listed() {
    let networks = &["10.0.0.0/8", "2001:db8::/32"];
    for (line, expected) in [
        ("192.0.2.1", "192.0.2.1"),
        ("6.6.6.6, 192.0.2.1", "192.0.2.1"),
        ("6.6.6.6, 10.9.9.9, 192.0.2.1", "192.0.2.1"),
        ("6.6.6.6, 192.0.2.1, 10.0.0.7, 2001:db8::5", "192.0.2.1"),
        ("6.6.6.6, 192.0.2.1, ::ffff:10.0.0.7", "192.0.2.1"),
        ("10.0.0.9, 10.0.0.8", "10.0.0.9"),
        ("6.6.6.6, unknown, 10.0.0.8", "10.0.0.8"),
        ("6.6.6.6, \u{fc}, 192.0.2.1", "192.0.2.1"),
    ] {
        assert_eq!(
            listed(&[line], networks),
            format!("{expected} by X-Forwarded-For"),
            "{line}"
        );
    }
    assert_eq!(listed(&["unknown"], networks), "10.0.0.1 by connection");
    assert_eq!(
        listed(&["6.6.6.6, 192.0.2.1", "10.0.0.7"], networks),
        "192.0.2.1 by X-Forwarded-For"
    );
}

#[test]
fn only_the_configured_header_is_read() {
    let spoofed = [
        ("forwarded", "for=6.6.6.6"),
        ("x-real-ip", "6.6.6.6"),
        ("x-forwarded-for", "6.6.6.6"),
    ];
    for (header, own) in [
        (ForwardedHeader::XForwardedFor, ("x-forwarded-for", "192.0.2.1")),
        (ForwardedHeader::Forwarded, ("forwarded", "for=192.0.2.1")),
        (ForwardedHeader::XRealIp, ("x-real-ip", "192.0.2.1")),
    ] {
        for proxies in [proxies(0, &["10.0.0.1"], header), proxies(1, &[], header)] {
            let mut lines: Vec<_> = spoofed.into_iter().filter(|(name, _)| *name != own.0).collect();
            assert_eq!(
                derive(&proxies, "10.0.0.1", &lines),
                "10.0.0.1 by connection",
                "{header:?}"
            );
            lines.push(own);
            assert_eq!(
                derive(&proxies, "10.0.0.1", &lines),
                format!("192.0.2.1 by {}", written(header))
            );
        }
    }
}

#[test]
fn forwarded_is_walked_like_the_other_list() {
    let proxies = proxies(0, &["10.0.0.0/8"], ForwardedHeader::Forwarded);
    for (line, expected) in [
        ("for=6.6.6.6, for=192.0.2.1, for=10.0.0.7", "192.0.2.1 by Forwarded"),
        (
            "for=6.6.6.6, for=\"[2001:db8::7]:4711\";proto=https",
            "2001:db8::7 by Forwarded",
        ),
        ("for=6.6.6.6, for=_hidden, for=10.0.0.7", "10.0.0.7 by Forwarded"),
        ("for=6.6.6.6, for=unknown", "10.0.0.1 by connection"),
        ("for=6.6.6.6;x=\", for=192.0.2.1", "192.0.2.1 by Forwarded"),
    ] {
        assert_eq!(derive(&proxies, "10.0.0.1", &[("forwarded", line)]), expected, "{line}");
    }
}

#[test]
fn a_list_in_x_real_ip_is_no_address_and_of_several_lines_the_last_counts() {
    let proxies = proxies(0, &["10.0.0.1"], ForwardedHeader::XRealIp);
    let by = |lines: &[(&'static str, &str)]| derive(&proxies, "10.0.0.1", lines);
    assert_eq!(by(&[("x-real-ip", "6.6.6.6, 192.0.2.1")]), "10.0.0.1 by connection");
    assert_eq!(
        by(&[("x-real-ip", "6.6.6.6"), ("x-real-ip", "192.0.2.1")]),
        "192.0.2.1 by X-Real-IP"
    );
}

#[test]
fn an_ipv4_peer_seen_as_ipv6_is_the_same_proxy() {
    let proxies = proxies(0, &["10.0.0.1"], ForwardedHeader::XForwardedFor);
    let derived = proxies.derive(
        ip("::ffff:10.0.0.1"),
        &headers(&[("x-forwarded-for", "::ffff:192.0.2.1")]),
        || Timestamp::from_seconds(1),
    );
    assert_eq!((derived.address, derived.peer), (ip("192.0.2.1"), ip("10.0.0.1")));
}

#[test]
fn the_clock_is_read_only_when_something_was_ignored() {
    let read = Cell::new(0);
    let proxies = proxies(0, &["10.0.0.1"], ForwardedHeader::XForwardedFor);
    let ask = |peer: &str, lines: &[(&'static str, &str)]| {
        let now = || {
            read.set(read.get() + 1);
            Timestamp::from_seconds(1)
        };
        let _ = proxies.derive(ip(peer), &headers(lines), now);
        read.get()
    };
    assert_eq!(ask("192.0.2.1", &[]), 0);
    assert_eq!(
        ask(
            "10.0.0.1",
            &[("x-forwarded-for", "192.0.2.1"), ("forwarded", "for=6.6.6.6")]
        ),
        0
    );
    assert_eq!(ask("192.0.2.1", &[("x-real-ip", "6.6.6.6")]), 1);
}

#[test]
fn entries_count_from_the_right() {
    let header = &["6.6.6.6, 192.0.2.1, 192.0.2.2"];
    assert_eq!(counted(header, 1), "192.0.2.2");
    assert_eq!(counted(header, 2), "192.0.2.1");
}

#[test]
fn with_fewer_entries_than_hops_the_leftmost_is_the_client() {
    assert_eq!(counted(&["192.0.2.1, 192.0.2.2"], 9), "192.0.2.1");
    assert_eq!(counted(&[], 1), "10.0.0.1");
    assert_eq!(counted(&[""], 1), "10.0.0.1");
}

#[test]
fn several_header_lines_are_one_list() {
    let header = &["6.6.6.6, 192.0.2.1", "192.0.2.2"];
    assert_eq!(counted(header, 1), "192.0.2.2");
    assert_eq!(counted(header, 2), "192.0.2.1");
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
        assert_eq!(counted(&[garbage], 1), "10.0.0.1", "{garbage:?}");
        let header = format!("192.0.2.9, {garbage}, 192.0.2.2");
        assert_eq!(counted(&[&header], 3), "192.0.2.2", "{garbage:?}");
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
        ("::ffff:192.0.2.1", "192.0.2.1"),
        ("[::ffff:c000:201]:80", "192.0.2.1"),
    ] {
        assert_eq!(counted(&[entry], 1), expected, "{entry:?}");
    }
}
