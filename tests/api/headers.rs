//! Headers that no browser sends: they count as absent or wrong, and nothing breaks.

use serde_json::json;

use crate::support::{Line, Site, raw};

/// A request with one more header line, given as bytes.
fn with_header(site: &Site, request: &str, name: &str, value: &[u8]) -> Line {
    let mut bytes = format!(
        "{request} HTTP/1.1\r\nhost: {}\r\nconnection: close\r\n{name}: ",
        site.address
    )
    .into_bytes();
    bytes.extend_from_slice(value);
    bytes.extend(b"\r\ncontent-length: 0\r\n\r\n");
    raw(site, &bytes)
}

const REQUESTS: [(&str, u16); 6] = [
    ("GET /login", 200),
    ("GET /", 303),
    ("GET /api/config", 200),
    ("GET /api/user", 401),
    ("POST /api/auth/login", 400),
    ("GET /nowhere", 404),
];

#[test]
fn garbage_in_a_header_is_like_no_header() {
    let site = Site::with(|config| config.server.trust_proxy = 1);
    let long = "a=b; ".repeat(2000);
    for name in [
        "cookie",
        "authorization",
        "accept-language",
        "user-agent",
        "x-forwarded-for",
        "if-none-match",
        "x-anything",
    ] {
        for value in [
            b"\xff\xfe".as_slice(),
            b"",
            b";;;===,,,",
            b"\"",
            "é".as_bytes(),
            long.as_bytes(),
        ] {
            for (request, status) in REQUESTS {
                let answer = with_header(&site, request, name, value);
                assert_eq!(answer.status, status, "{request} with {name}: {:?}", &answer.text);
            }
        }
    }
    assert_eq!(site.client().get("/health").status, 200);
}

#[test]
fn garbage_in_the_headers_of_the_origin_check_is_another_site() {
    let site = Site::start();
    for name in ["origin", "sec-fetch-site"] {
        for value in [
            b"\xff".as_slice(),
            b"",
            b"null",
            "é".as_bytes(),
            b"same-origin, same-origin",
        ] {
            let answer = with_header(&site, "POST /api/auth/login", name, value);
            assert_eq!(answer.status, 403, "{name}: {}", answer.text);
        }
    }
}

#[test]
fn endless_headers_are_cut_off() {
    let site = Site::start();
    let answer = with_header(&site, "GET /login", "cookie", &vec![b'a'; 1_000_000]);
    assert!([0, 400, 431].contains(&answer.status), "{}", answer.status);
    let many = "x: y\r\n".repeat(1000);
    let answer = raw(
        &site,
        format!("GET /login HTTP/1.1\r\nhost: x\r\n{many}\r\n").as_bytes(),
    );
    assert!([0, 400, 431].contains(&answer.status), "{}", answer.status);
    assert_eq!(site.client().get("/health").status, 200);
}

#[test]
fn a_hostile_origin_is_shown_as_text() {
    let site = Site::start();
    let client = site.client();
    let request = client
        .request("POST", "/login")
        .header("origin", "http://<img src=x onerror=alert(1)>");
    let answer = request.send();
    assert_eq!(answer.status, 403);
    assert!(answer.says("onerror") && !answer.says("<img"));
}

#[test]
fn of_two_cookies_of_a_name_the_first_counts() {
    let site = Site::start();
    let ada = site.user("ada");
    let token = ada.refresh_token();
    let refresh = |cookies: &str| {
        let client = site.client();
        client
            .request("POST", "/api/auth/refresh")
            .header("cookie", cookies)
            .json(&json!({}))
            .send()
            .status
    };
    assert_eq!(refresh(&format!("refreshToken={token}; refreshToken=planted")), 200);
    assert_eq!(refresh(&format!("refreshToken=planted; refreshToken={token}")), 403);
}

#[test]
fn a_target_of_any_length_and_spelling_is_answered() {
    let site = Site::start();
    for path in [
        "/login?redirect_to=%",
        "/login?lang=%ff",
        "/api/auth/refresh?retry=%ff",
        "/%",
        "/%zz",
        "/a%00b",
        "/\u{7f}",
    ] {
        let answer = raw(
            &site,
            format!("GET {path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n").as_bytes(),
        );
        assert!([200, 400, 404].contains(&answer.status), "{path}: {}", answer.text);
    }
    let long = format!(
        "GET /login?{} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n",
        "a".repeat(70_000)
    );
    let answer = raw(&site, long.as_bytes());
    assert!([0, 200, 400, 414].contains(&answer.status), "{}", answer.status);
    assert_eq!(site.client().get("/health").status, 200);
}
