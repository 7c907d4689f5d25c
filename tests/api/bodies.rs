//! Bodies that no form of ours sends, to every route that reads one: a clear refusal, and nothing changes.

use crate::support::{Person, Site, raw, with_mail};

const API: &[(&str, &str)] = &[
    ("POST", "/api/auth/register"),
    ("POST", "/api/auth/login"),
    ("POST", "/api/auth/refresh"),
    ("POST", "/api/auth/logout"),
    ("POST", "/api/user/terms/accept"),
    ("DELETE", "/api/user/delete"),
    ("POST", "/api/auth/requestPasswordReset"),
    ("POST", "/api/auth/resetPassword"),
    ("POST", "/api/user/verify"),
    ("POST", "/api/user/verify/resend"),
    ("POST", "/api/user/email/change"),
    ("POST", "/api/user/email/verify"),
];

const PAGES: &[(&str, &str)] = &[
    ("POST", "/login"),
    ("POST", "/register"),
    ("POST", "/setup"),
    ("POST", "/recover"),
    ("POST", "/logout"),
    ("POST", "/forgot-password"),
    ("POST", "/reset-password"),
    ("POST", "/verify"),
    ("POST", "/verify/change"),
    ("POST", "/verify/resend"),
    ("POST", "/account/name"),
    ("POST", "/account/email"),
    ("POST", "/account/password"),
    ("POST", "/account/delete"),
    ("POST", "/account/notices"),
    ("POST", "/sessions/end"),
    ("POST", "/sessions/end-others"),
];

/// A site where every route does something.
fn site() -> Site {
    Site::with(|config| {
        with_mail(config);
        config.accounts.password_reset = true;
        config.accounts.unverified_login = true;
    })
}

const JSON: &str = "application/json";
const FORM: &str = "application/x-www-form-urlencoded";

/// A name, a content type, the bytes, the status.
fn bad_bodies() -> Vec<(&'static str, &'static str, Vec<u8>, u16)> {
    let text = |text: &str| text.as_bytes().to_vec();
    vec![
        ("null", JSON, text("null"), 400),
        ("array", JSON, text("[]"), 400),
        ("array of values", JSON, text(r#"["ada@example.org","x"]"#), 400),
        ("text", JSON, text(r#""{}""#), 400),
        ("number", JSON, text("1"), 400),
        ("blank", JSON, text(" "), 400),
        (
            "wrong types",
            JSON,
            text(r#"{"csrf":1,"email":2,"password":[],"name":{},"id":true}"#),
            400,
        ),
        ("unknown field", JSON, text(r#"{"isAdmin":true}"#), 400),
        (
            "duplicate keys",
            JSON,
            text(r#"{"csrf":"a","csrf":"b","email":"a","email":"b","token":"","token":""}"#),
            400,
        ),
        ("unfinished", JSON, text(r#"{"email":"ada@exa"#), 400),
        ("two values", JSON, text("{}{}"), 400),
        ("10,000 deep", JSON, "[".repeat(10_000).into_bytes(), 400),
        (
            "10,000 deep inside",
            JSON,
            format!("{{\"email\":{}", "[".repeat(10_000)).into_bytes(),
            400,
        ),
        ("10,000 objects deep", JSON, "{\"a\":".repeat(10_000).into_bytes(), 400),
        ("no UTF-8", JSON, b"{\"email\":\"\xff\xfe\"}".to_vec(), 400),
        ("half a surrogate pair", JSON, text(r#"{"email":"\ud800"}"#), 400),
        ("zeros", JSON, vec![0; 64], 400),
        ("garbled form", FORM, b"%%%&=&a[b]=c&\xff=%ff".to_vec(), 400),
        ("form with brackets", FORM, text("email[$gt]=&password[$gt]="), 400),
        (
            "form with a field twice",
            FORM,
            text("csrf=a&csrf=b&email=a&email=b&token=&token="),
            400,
        ),
        ("plain text", "text/plain", text("{}"), 415),
        ("XML", "application/xml", text("<a/>"), 415),
        ("files", "multipart/form-data; boundary=x", text("--x--"), 415),
        ("no type", "", text("{}"), 415),
        ("just too large", JSON, vec![b' '; 65_537], 413),
    ]
}

/// Asks with every key that Ada has.
fn ask(ada: &Person, method: &str, path: &str, content_type: &str, bytes: Vec<u8>) -> crate::support::Answer {
    let request = ada.client.request(method, path).bearer(&ada.token);
    request.body(content_type, bytes).send()
}

fn assert_nothing_changed(site: &Site, ada: &Person) {
    assert_eq!(site.user_count(), 1);
    assert_eq!(ada.open_doors(), [true, true, true]);
    let account = ada.account(site);
    assert_eq!(
        (account.name.as_str(), account.terms_accepted_at),
        ("ada example", None)
    );
}

#[test]
fn the_api_refuses_every_bad_body_with_a_message() {
    let site = site();
    let ada = site.user("ada");
    for (method, path) in API {
        for (name, content_type, bytes, status) in bad_bodies() {
            let answer = ask(&ada, method, path, content_type, bytes);
            let (got, message) = answer.message();
            assert_eq!(got, status, "{path}, {name}: {message}");
            assert!(!message.is_empty(), "{path}, {name}");
            assert_eq!(answer.cookies(), [], "{path}, {name}");
        }
    }
    assert_nothing_changed(&site, &ada);
}

#[test]
fn malformed_json_is_refused_in_librechats_words() {
    let site = site();
    let client = site.client();
    let answer = client.request("POST", "/api/auth/login").body(JSON, "{").send();
    let expected = serde_json::json!({
        "error": "Invalid JSON format",
        "message": "The request body contains malformed JSON",
    });
    assert_eq!((answer.status, answer.json()), (400, expected));
}

#[test]
fn the_pages_refuse_every_bad_body_with_a_page() {
    let site = site();
    let ada = site.user("ada");
    for (method, path) in PAGES {
        for (name, content_type, bytes, status) in bad_bodies() {
            let answer = ask(&ada, method, path, content_type, bytes);
            assert_eq!(answer.status, status, "{path}, {name}");
            assert_eq!(
                answer.header("content-type"),
                Some("text/html; charset=utf-8"),
                "{path}, {name}"
            );
            assert!(answer.says("That did not work"), "{path}, {name}");
        }
    }
    assert_nothing_changed(&site, &ada);
}

#[test]
fn no_body_at_all_does_no_harm() {
    let site = site();
    let expected = [400, 400, 200, 401, 401, 401, 400, 400, 400, 400, 401, 400];
    for ((method, path), status) in API.iter().zip(expected) {
        let answer = site.client().request(method, path).send();
        assert_eq!(answer.status, status, "{path}");
    }
    for (method, path) in PAGES {
        let answer = site.client().request(method, path).send();
        assert!([303, 400, 403].contains(&answer.status), "{path}: {}", answer.status);
    }
    assert_eq!(site.user_count(), 0);
}

#[test]
fn a_body_with_a_question_is_ignored() {
    let site = site();
    let ada = site.user("ada");
    for path in ["/api/user", "/api/user/terms", "/api/config", "/api/roles/USER"] {
        for (name, content_type, bytes, _) in bad_bodies() {
            if bytes.len() <= 65_536 {
                assert_eq!(
                    ask(&ada, "GET", path, content_type, bytes).status,
                    200,
                    "{path}, {name}"
                );
            }
        }
    }
}

#[test]
fn three_megabytes_are_refused_before_they_are_read() {
    let site = site();
    let ada = site.user("ada");
    for (method, path) in API.iter().chain(PAGES) {
        let mut bytes = format!(
            "{method} {path} HTTP/1.1\r\nhost: {}\r\nauthorization: Bearer {}\r\nconnection: close\r\n\
             content-type: application/json\r\ncontent-length: 3000000\r\n\r\n",
            site.address, ada.token
        )
        .into_bytes();
        // The rest never comes: whoever waited for it would wait until the connection breaks.
        bytes.extend([b' '; 1000]);
        let answer = raw(&site, &bytes);
        assert_eq!(answer.status, 413, "{path}: {}", answer.text);
    }
    assert_eq!(site.client().get("/health").status, 200);
}

#[test]
fn a_body_of_unknown_length_is_cut_off_too() {
    let site = site();
    let mut bytes = format!(
        "POST /api/auth/login HTTP/1.1\r\nhost: {}\r\nconnection: close\r\n\
         content-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n",
        site.address
    )
    .into_bytes();
    for _ in 0..20 {
        bytes.extend(b"2000\r\n");
        bytes.extend([b' '; 0x2000]);
        bytes.extend(b"\r\n");
    }
    bytes.extend(b"0\r\n\r\n");
    let answer = raw(&site, &bytes);
    assert!([0, 413].contains(&answer.status), "{}", answer.text);
    assert_eq!(site.client().get("/health").status, 200);
}

#[test]
fn what_is_no_http_gets_400_and_the_server_lives() {
    let site = site();
    for bytes in [
        b"garbage\r\n\r\n".as_slice(),
        b"GET / HTTP/9.9\r\n\r\n",
        b"GET /\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
        b"GET / HTTP/1.1\r\nhost: a\r\nno colon\r\n\r\n",
        b"POST /login HTTP/1.1\r\nhost: a\r\ncontent-length: -1\r\n\r\n",
        b"POST /login HTTP/1.1\r\nhost: a\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\nab",
        b"POST /login HTTP/1.1\r\nhost: a\r\ncontent-length: 4\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n",
    ] {
        let answer = raw(&site, bytes);
        assert!([0, 400].contains(&answer.status), "{bytes:?}: {}", answer.text);
    }
    assert_eq!(site.client().get("/health").status, 200);
}
