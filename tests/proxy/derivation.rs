//! Whatever a client sends: the address that is found is the one that the proxies wrote.

use std::net::{IpAddr, Ipv4Addr};

use actix_web::http::header::{HeaderMap, HeaderName, HeaderValue};
use librechat_auth::config::{Config, ForwardedHeader, Secrets, Server};
use librechat_auth::domain::secret::Secret;
use librechat_auth::domain::time::Timestamp;
use librechat_auth::web::client::Proxies;
use proptest::prelude::*;

fn settings(change: impl FnOnce(&mut Server)) -> Server {
    let secrets = Secrets {
        jwt: Secret::new("j"),
        jwt_refresh: Secret::new("r"),
        creds_key: Secret::new("c"),
    };
    let mut server = Config::defaults("data".into(), secrets).server;
    change(&mut server);
    server
}

/// What is derived from header lines that came from 10.0.0.1.
fn derived(server: &Server, name: &'static str, lines: &[&str]) -> IpAddr {
    let mut headers = HeaderMap::new();
    for line in lines {
        // A server never sees what is no header value.
        if let Ok(value) = HeaderValue::from_bytes(line.as_bytes()) {
            headers.append(HeaderName::from_static(name), value);
        }
    }
    let peer = IpAddr::V4(Ipv4Addr::new(10, 0, 0, 1));
    Proxies::new(server)
        .derive(peer, &headers, || Timestamp::from_seconds(0))
        .address
}

/// What a client may send: any text, and more often than chance would, what the grammars are made of.
fn sent() -> impl Strategy<Value = String> {
    let piece = prop::sample::select(vec![
        ",",
        ";",
        "\"",
        "\\",
        "=",
        "for",
        "for=",
        "for=6.6.6.6",
        "6.6.6.6",
        "10.0.0.7",
        "unknown",
        "[",
        "]",
        ":",
        " ",
        "_x",
        "::1",
        "\u{fc}",
        "by=",
        "host=\"",
    ]);
    prop_oneof![
        "\\PC{0,60}",
        prop::collection::vec(piece, 0..12).prop_map(|pieces| pieces.concat())
    ]
}

/// A client outside, then proxies in 10.0.0.0/8 that passed its request on; the last of them is the peer.
fn chain() -> impl Strategy<Value = Vec<IpAddr>> {
    let proxies = prop::collection::vec(any::<[u8; 3]>(), 0..3);
    (any::<IpAddr>(), proxies).prop_filter_map("the client is no proxy", |(client, proxies)| {
        let client = client.to_canonical();
        let is_inside = matches!(client, IpAddr::V4(v4) if v4.octets()[0] == 10);
        let proxies = proxies.iter().map(|&[b, c, d]| IpAddr::V4(Ipv4Addr::new(10, b, c, d)));
        (!is_inside).then(|| std::iter::once(client).chain(proxies).collect())
    })
}

fn element(address: &IpAddr) -> String {
    match address {
        IpAddr::V4(v4) => format!("for={v4};proto=https"),
        IpAddr::V6(v6) => format!("proto=https;for=\"[{v6}]:443\""),
    }
}

proptest! {
    #[test]
    fn what_a_client_sends_before_the_proxies_entries_changes_nothing(spoofed in sent(), chain in chain()) {
        let hops = u8::try_from(chain.len()).expect("few");
        let counted = settings(|server| server.trust_proxy = hops);
        let listed = settings(|server| server.trusted_proxies = vec!["10.0.0.0/8".parse().expect("a network")]);
        let plain: Vec<_> = chain.iter().map(IpAddr::to_string).collect();
        let elements: Vec<_> = chain.iter().map(element).collect();
        for (header, name, honest) in [
            (ForwardedHeader::XForwardedFor, "x-forwarded-for", plain.join(", ")),
            (ForwardedHeader::Forwarded, "forwarded", elements.join(", ")),
        ] {
            let appended = format!("{spoofed}, {honest}");
            prop_assume!(HeaderValue::from_bytes(appended.as_bytes()).is_ok());
            for server in [&counted, &listed] {
                let server = Server { forwarded_header: header, ..server.clone() };
                prop_assert_eq!(derived(&server, name, &[&appended]), chain[0], "{}", appended);
                prop_assert_eq!(derived(&server, name, &[&spoofed, &honest]), chain[0], "{}", appended);
            }
        }
    }

    #[test]
    fn a_peer_that_nobody_trusts_is_the_client_whatever_it_sends(spoofed in sent(), name in prop::sample::select(
        vec!["x-forwarded-for", "forwarded", "x-real-ip"]
    )) {
        let nobody = settings(|_| {});
        let others = settings(|server| server.trusted_proxies = vec!["10.0.0.2".parse().expect("a network")]);
        for server in [nobody, others] {
            prop_assert_eq!(derived(&server, name, &[&spoofed]).to_string(), "10.0.0.1");
        }
    }
}
