//! Numbers of requests: where they come from and where they go.

use std::collections::BTreeSet;

use crate::support::{Site, raw};

const GIVEN: &str = "0b7e4c2e-1f5b-4a57-b9a3-1c5d8e1f2a3b";

fn behind_a_proxy() -> Site {
    Site::with(|config| config.server.trusted_proxies = vec!["127.0.0.1/32".parse().expect("a network")])
}

fn number(site: &Site, given: &str) -> String {
    let client = site.client();
    let answer = client.request("GET", "/health").header("x-request-id", given).send();
    answer.header("x-request-id").expect("a number").to_owned()
}

#[test]
fn every_answer_has_a_number_of_its_own() {
    let site = Site::start();
    let client = site.client();
    let paths = [
        "/login",
        "/health",
        "/nowhere",
        "/api/user",
        "/api/config",
        "/static/nothing",
        "/forward-auth/nginx",
    ];
    let numbers: BTreeSet<String> = paths
        .iter()
        .map(|path| client.get(path).header("x-request-id").expect("a number").to_owned())
        .collect();
    assert_eq!(numbers.len(), paths.len());
    assert!(numbers.iter().all(|number| number.len() == 16));
}

#[test]
fn the_number_of_a_trusted_proxy_is_taken_over() {
    assert_eq!(number(&behind_a_proxy(), GIVEN), GIVEN);
}

#[test]
fn nobody_else_chooses_a_number() {
    assert_ne!(number(&Site::start(), GIVEN), GIVEN);
}

#[test]
fn a_number_that_could_be_mistaken_for_something_else_is_not_taken_over() {
    let site = behind_a_proxy();
    for bad in [
        "short",
        "with a space",
        "event=\"ban\"",
        &"x".repeat(65),
        "a\u{e9}bcdefgh",
        "<b>12345678</b>",
    ] {
        let given = format!("GET /health HTTP/1.1\r\nHost: a\r\nX-Request-Id: {bad}\r\nConnection: close\r\n\r\n");
        let answer = raw(&site, given.as_bytes());
        let line = answer.text.lines().find_map(|line| line.strip_prefix("x-request-id: "));
        let number = line.expect("a number");
        assert!(number != bad && number.len() == 16, "{bad}: {number}");
    }
}
