//! Behind real nginx, Caddy, Traefik, Apache and `HAProxy`. Clients come from addresses of the loopback network, all of which this machine has;
//! the proxies connect from 127.0.0.1, and only that one is trusted.

use std::net::SocketAddr;

use librechat_auth::config::{Config, ForwardedHeader, Limit};

use super::visit::{log_in_from, seen_as};
use crate::peers::{Kind, Proxy};
use crate::support::Site;

const CLIENT: &str = "127.0.0.77";
const SPOOFED: [(&str, &str); 3] = [
    ("x-forwarded-for", "6.6.6.6"),
    ("forwarded", "for=6.6.6.6"),
    ("x-real-ip", "6.6.6.6"),
];

fn behind(kind: Kind, host: &str, change: impl FnOnce(&mut Config)) -> (Site, Proxy) {
    let site = Site::with(|config| {
        config.server.trusted_proxies = vec!["127.0.0.1".parse().expect("an address")];
        config.server.proxy_protocol = kind.is_for_connections();
        change(config);
    });
    site.create("ada", librechat_auth::domain::account::Role::User);
    let proxy = Proxy::start(kind, host, site.address);
    (site, proxy)
}

fn logged_in_as_seen(kind: Kind, host: &str, from: &str, headers: &[(&str, &str)]) -> String {
    let (site, proxy) = behind(kind, host, |_| {});
    assert_eq!(log_in_from(from, proxy.address, "ada", headers), 200, "{kind:?}");
    seen_as(&site, "ada")
}

fn three_logins(config: &mut Config) {
    config.limits.login = Limit {
        max: Some(3),
        window_minutes: 5.0,
    };
}

/// Tries that fail, each with other spoofed headers.
fn tries(from: &str, to: SocketAddr, count: u8) -> Vec<u16> {
    let try_once = |at| {
        let address = format!("6.6.{at}.6");
        log_in_from(
            from,
            to,
            "nobody",
            &[("x-forwarded-for", &address), ("x-real-ip", &address)],
        )
    };
    (0..count).map(try_once).collect()
}

const ALL: [Kind; 7] = [
    Kind::Nginx,
    Kind::NginxConnections,
    Kind::Caddy,
    Kind::Traefik,
    Kind::Apache,
    Kind::Haproxy,
    Kind::HaproxyConnections,
];

#[test]
#[ignore = "needs nginx, Caddy, Traefik, Apache and HAProxy: run make test"]
fn the_client_behind_each_proxy_is_the_one_in_the_session_list_and_the_audit_log() {
    for kind in ALL {
        assert_eq!(logged_in_as_seen(kind, "127.0.0.1", CLIENT, &[]), CLIENT, "{kind:?}");
    }
}

#[test]
#[ignore = "needs nginx, Caddy, Traefik, Apache and HAProxy: run make test"]
fn what_the_client_says_of_itself_is_believed_behind_no_proxy() {
    for kind in ALL {
        assert_eq!(
            logged_in_as_seen(kind, "127.0.0.1", CLIENT, &SPOOFED),
            CLIENT,
            "{kind:?}"
        );
        let opened = [
            ("forwarded", "for=6.6.6.6;x=\""),
            ("x-forwarded-for", "6.6.6.6, unknown, \""),
        ];
        assert_eq!(
            logged_in_as_seen(kind, "127.0.0.1", CLIENT, &opened),
            CLIENT,
            "{kind:?}"
        );
    }
}

#[test]
#[ignore = "needs nginx, Caddy, Traefik, Apache and HAProxy: run make test"]
fn a_client_with_ipv6_is_seen_as_itself() {
    for kind in ALL {
        assert_eq!(logged_in_as_seen(kind, "::1", "::1", &SPOOFED), "::1", "{kind:?}");
    }
}

#[test]
#[ignore = "needs nginx, Caddy, Traefik, Apache and HAProxy: run make test"]
fn logins_are_counted_by_client_and_not_by_proxy() {
    for kind in ALL {
        let (_site, proxy) = behind(kind, "127.0.0.1", three_logins);
        assert_eq!(tries(CLIENT, proxy.address, 4), [400, 400, 400, 429], "{kind:?}");
        assert_eq!(log_in_from("127.0.0.78", proxy.address, "ada", &[]), 200, "{kind:?}");
    }
}

#[test]
#[ignore = "needs nginx, Caddy, Traefik, Apache and HAProxy: run make test"]
fn a_proxy_that_counts_as_a_hop_is_believed_from_any_address() {
    for kind in ALL.into_iter().filter(|kind| !kind.is_for_connections()) {
        let (site, proxy) = behind(kind, "127.0.0.1", |config| {
            config.server.trusted_proxies = Vec::new();
            config.server.trust_proxy = 1;
        });
        assert_eq!(log_in_from(CLIENT, proxy.address, "ada", &SPOOFED), 200);
        assert_eq!(seen_as(&site, "ada"), CLIENT, "{kind:?}");
    }
}

#[test]
#[ignore = "needs nginx, Caddy, Traefik, Apache and HAProxy: run make test"]
fn two_proxies_in_a_row_are_both_passed_over() {
    let (site, inner) = behind(Kind::Nginx, "127.0.0.1", |_| {});
    // Nginx appends what it sees: the outer proxy, which connects from 127.0.0.1 too.
    let outer = Proxy::start(Kind::Nginx, "127.0.0.1", inner.address);
    assert_eq!(log_in_from(CLIENT, outer.address, "ada", &SPOOFED), 200);
    assert_eq!(seen_as(&site, "ada"), CLIENT);
}

#[test]
#[ignore = "needs nginx, Caddy, Traefik, Apache and HAProxy: run make test"]
fn a_header_that_the_proxy_does_not_set_would_be_the_clients_word() {
    // Why exactly one header is read: nginx passes on the others as the client wrote them.
    let (site, proxy) = behind(Kind::Nginx, "127.0.0.1", |config| {
        config.server.forwarded_header = ForwardedHeader::Forwarded;
    });
    assert_eq!(log_in_from(CLIENT, proxy.address, "ada", &SPOOFED), 200);
    assert_eq!(
        seen_as(&site, "ada"),
        "6.6.6.6",
        "so the documentation says which header to configure"
    );
}

#[test]
#[ignore = "needs nginx, Caddy, Traefik, Apache and HAProxy: run make test"]
fn what_comes_past_a_proxy_protocol_proxy_is_closed() {
    let (site, _proxy) = behind(Kind::HaproxyConnections, "127.0.0.1", |_| {});
    assert_eq!(log_in_from(CLIENT, site.address, "ada", &[]), 0);
    assert_eq!(log_in_from("127.0.0.1", site.address, "ada", &[]), 0, "no header");
}
