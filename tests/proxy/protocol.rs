//! The PROXY protocol against the real server, byte by byte.

use std::io::{Read as _, Write as _};
use std::net::{Shutdown, TcpStream};

use librechat_auth::config::Config;
use librechat_auth::domain::account::Role;

use super::visit::{login, request, seen_as, status};
use crate::peers::{connect, exchange};
use crate::support::Site;

const V1: &[u8] = b"PROXY TCP4 192.0.2.1 10.0.0.1 4660 443\r\n";
const SIGNATURE: &[u8] = b"\r\n\r\n\0\r\nQUIT\n";

fn v2(command: u8, family: u8, rest: &[u8]) -> Vec<u8> {
    let length = u16::try_from(rest.len()).unwrap().to_be_bytes();
    [SIGNATURE, &[command, family], &length, rest].concat()
}

fn ipv6() -> Vec<u8> {
    let source = [0x20, 0x01, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 7];
    [source.as_slice(), &[0; 16], &[0x12, 0x34, 1, 0xbb]].concat()
}

fn site_with(change: impl FnOnce(&mut Config)) -> Site {
    let site = Site::with(|config| {
        config.server.proxy_protocol = true;
        config.server.trusted_proxies = vec!["127.0.0.1".parse().unwrap(), "10.0.0.0/8".parse().unwrap()];
        change(config);
    });
    site.create("ada", Role::User);
    site
}

fn site() -> Site {
    site_with(|_| {})
}

/// What a connection from the trusted proxy is answered.
fn sent(site: &Site, bytes: &[u8]) -> String {
    exchange(connect("127.0.0.1", site.address), bytes)
}

fn logged_in(site: &Site, header: &[u8], headers: &[(&str, &str)]) -> String {
    let answer = sent(site, &[header, login("ada", headers).as_bytes()].concat());
    assert_eq!(status(&answer), 200, "{answer}");
    seen_as(site, "ada")
}

const FORWARDED: [(&str, &str); 1] = [("x-forwarded-for", "6.6.6.6, 192.0.2.9")];

#[test]
fn both_versions_say_who_the_client_is_and_headers_do_not() {
    let site = site();
    assert_eq!(logged_in(&site, V1, &FORWARDED), "192.0.2.1");
    assert_eq!(logged_in(&site, &v2(0x21, 0x21, &ipv6()), &FORWARDED), "2001:db8::7");
    let mapped = b"PROXY TCP6 ::ffff:192.0.2.5 ::1 4660 443\r\n";
    assert_eq!(logged_in(&site, mapped, &[]), "192.0.2.5");
}

#[test]
fn a_proxy_that_speaks_for_itself_or_for_nobody_is_the_client() {
    let site = site();
    for header in [
        v2(0x20, 0, &[]),
        b"PROXY UNKNOWN\r\n".to_vec(),
        v2(0x21, 0x31, &[b'a'; 216]),
    ] {
        assert_eq!(logged_in(&site, &header, &FORWARDED), "127.0.0.1");
    }
}

#[test]
fn a_header_that_names_another_trusted_proxy_lets_its_list_count() {
    let site = site();
    let inner = b"PROXY TCP4 10.0.0.9 10.0.0.1 4660 443\r\n";
    assert_eq!(logged_in(&site, inner, &FORWARDED), "192.0.2.9");
}

#[test]
fn a_header_may_come_in_pieces() {
    let site = site();
    for header in [V1.to_vec(), v2(0x21, 0x21, &ipv6())] {
        let mut stream = connect("127.0.0.1", site.address);
        stream.set_nodelay(true).unwrap();
        for byte in [header.as_slice(), b"GET /livez HTTP/1.1\r\n"].concat() {
            stream.write_all(&[byte]).unwrap();
        }
        let answer = exchange(stream, b"host: a\r\nconnection: close\r\n\r\n");
        assert_eq!(status(&answer), 200, "{answer}");
    }
}

#[test]
fn every_request_of_a_connection_is_its_clients() {
    let site = site_with(|config| {
        config.limits.login.max = Some(2);
    });
    let one = login("nobody", &[]).replace("connection: close\r\n", "");
    let bytes = [V1, one.as_bytes(), one.as_bytes(), login("nobody", &[]).as_bytes()].concat();
    let answers = sent(&site, &bytes);
    let statuses: Vec<_> = answers.matches("HTTP/1.1 ").count().to_string().chars().collect();
    assert_eq!(statuses, ['3'], "{answers}");
    assert!(answers.contains("HTTP/1.1 429"), "{answers}");
    let other = b"PROXY TCP4 192.0.2.2 10.0.0.1 4660 443\r\n";
    assert_eq!(logged_in(&site, other, &[]), "192.0.2.2");
}

#[test]
fn a_client_that_has_said_everything_is_still_answered() {
    let site = site();
    let mut stream = connect("127.0.0.1", site.address);
    stream
        .write_all(&[V1, request("GET", "/login", &[], "").as_bytes()].concat())
        .unwrap();
    stream.shutdown(Shutdown::Write).unwrap();
    assert_eq!(status(&exchange(stream, b"")), 200);
}

#[test]
fn connections_of_others_are_closed_without_an_answer() {
    let site = site();
    let bytes = [V1, login("ada", &[]).as_bytes()].concat();
    assert_eq!(exchange(connect("127.0.0.9", site.address), &bytes), "");
    assert_eq!(status(&sent(&site, &bytes)), 200, "the trusted one is answered");
}

#[test]
fn what_begins_otherwise_is_closed_and_harms_nobody() {
    let site = site();
    let damaged = {
        let mut summed = v2(0x21, 0x21, &[ipv6(), vec![3, 0, 4, 1, 2, 3, 4]].concat());
        summed[20] ^= 1;
        summed
    };
    for header in [
        b"".to_vec(),
        b"PROXY TCP4 192.0.2.1\r\n".to_vec(),
        [b"PROXY ".as_slice(), &[b'x'; 300]].concat(),
        v2(0x11, 0x11, &[0; 12]),
        v2(0x21, 0x11, &[0; 11]),
        v2(0x21, 0x00, &[0; 600]),
        damaged,
        [0; 600].to_vec(),
    ] {
        let answer = sent(
            &site,
            &[header.as_slice(), request("GET", "/livez", &[], "").as_bytes()].concat(),
        );
        assert_eq!(answer, "", "{header:x?}");
    }
    assert_eq!(logged_in(&site, V1, &[]), "192.0.2.1");
}

#[test]
fn a_header_that_does_not_come_holds_up_nobody() {
    let site = site();
    let waiting: Vec<TcpStream> = (0..50)
        .map(|_| {
            let mut stream = connect("127.0.0.1", site.address);
            stream.write_all(b"PROXY TCP4 192.").unwrap();
            stream
        })
        .collect();
    assert_eq!(logged_in(&site, V1, &[]), "192.0.2.1");
    drop(waiting);
}

#[test]
fn stopping_finishes_with_connections_that_are_idle() {
    let site = site();
    let mut stream = connect("127.0.0.1", site.address);
    let asked = request("GET", "/livez", &[], "").replace("connection: close\r\n", "");
    stream.write_all(&[V1, asked.as_bytes()].concat()).unwrap();
    let mut first = [0; 12];
    stream.read_exact(&mut first).unwrap();
    assert_eq!(&first, b"HTTP/1.1 200");
    drop(site);
    let mut rest = Vec::new();
    stream.read_to_end(&mut rest).expect("closed in an orderly way");
}
