//! Static files: named by their content, compressed, cached for good.

use std::io::Read as _;

use crate::support::{Answer, Client, Site};

/// The address of the file that a page refers to.
fn address(client: &Client, start: &str, end: &str) -> String {
    let page = client.get("/login");
    let found = page
        .text()
        .split('"')
        .find(|part| part.starts_with(start) && part.ends_with(end));
    found.unwrap_or_else(|| panic!("no {start}…{end}")).to_owned()
}

fn encoded(client: &Client, path: &str, accept: &str) -> Answer {
    client.request("GET", path).header("accept-encoding", accept).send()
}

#[test]
fn every_file_that_pages_refer_to_is_there() {
    let site = Site::start();
    let client = site.client();
    let page = client.get("/login");
    let mut count = 0;
    for path in page.text().split('"').filter(|part| part.starts_with("/static/")) {
        let answer = client.get(path);
        assert_eq!(answer.status, 200, "{path}");
        assert_eq!(
            answer.header("cache-control"),
            Some("public, max-age=31536000, immutable")
        );
        assert_eq!(answer.header("x-content-type-options"), Some("nosniff"));
        assert_eq!(answer.header("vary"), Some("Accept-Encoding"));
        assert!(!answer.body.is_empty());
        count += 1;
    }
    assert_eq!(count, 4);
}

#[test]
fn files_come_compressed_to_those_who_take_it() {
    let site = Site::start();
    let client = site.client();
    let css = address(&client, "/static/app-", ".css");
    let plain = encoded(&client, &css, "identity");
    assert_eq!(plain.header("content-encoding"), None);
    assert_eq!(plain.header("content-type"), Some("text/css; charset=utf-8"));
    let gzip_bytes = encoded(&client, &css, "br, gzip, deflate");
    assert_eq!(gzip_bytes.header("content-encoding"), Some("gzip"));
    let mut text = Vec::new();
    flate2::read::GzDecoder::new(gzip_bytes.body.as_slice())
        .read_to_end(&mut text)
        .unwrap();
    assert_eq!(text, plain.body);
}

#[test]
fn a_known_file_is_not_sent_again() {
    let site = Site::start();
    let client = site.client();
    let js = address(&client, "/static/app-", ".js");
    let first = client.get(&js);
    let tag = first.header("etag").unwrap();
    let again = client.request("GET", &js).header("if-none-match", tag).send();
    assert_eq!((again.status, again.body.len()), (304, 0));
    let other = client.request("GET", &js).header("if-none-match", "\"x\"").send();
    assert_eq!(other.status, 200);
    assert_eq!(client.request("HEAD", &js).send().status, 200);
}

#[test]
fn nothing_else_is_served() {
    let site = Site::start();
    let client = site.client();
    for path in [
        "/static/app.css",
        "/static/",
        "/static",
        "/static/app-000000000000.css",
        "/static/..%2fCargo.toml",
        "/static/%2e%2e/app.css",
        "/static/%00",
        "/static/%ff",
    ] {
        assert_eq!(client.get(path).status, 404, "{path}");
    }
}

#[test]
fn the_accent_is_the_configured_one() {
    let site = Site::with(|config| config.site.accent = "#123456".to_owned());
    let client = site.client();
    let theme = address(&client, "/static/theme-", ".css");
    assert!(encoded(&client, &theme, "identity").says("#123456"));
    let other = Site::start();
    assert_ne!(
        address(&other.client(), "/static/theme-", ".css"),
        theme,
        "another content, another name"
    );
}
