//! Whatever a request says of its host, links in letters and redirects lead to the configured address (threat 3).

use serde_json::json;

use super::{proved, site};
use crate::support::{PASSWORD, Person, Site, raw, registration, with_mail};

const HOME: &str = "https://login.example.org/auth";

fn at_home() -> Site {
    Site::with(|config| {
        with_mail(config);
        config.accounts.password_reset = true;
        config.server.public_url = Some(HOME.parse().expect("a URL"));
        config.server.trust_proxy = 1;
    })
}

/// Request lines and headers with which somebody claims to be elsewhere; `{path}` is the path.
const CLAIMS: &[(&str, &str)] = &[
    ("{path}", "host: evil.example"),
    ("{path}", "host: evil.example\r\nx-forwarded-host: evil.example"),
    (
        "{path}",
        "host: login.example.org\r\nx-forwarded-host: evil.example\r\nx-forwarded-proto: http",
    ),
    (
        "{path}",
        "host: login.example.org\r\nforwarded: for=1.2.3.4;host=evil.example;proto=http",
    ),
    (
        "{path}",
        "host: login.example.org\r\nx-original-host: evil.example\r\nx-host: evil.example",
    ),
    (
        "{path}",
        "host: login.example.org\r\nx-forwarded-server: evil.example\r\nx-forwarded-port: 666",
    ),
    (
        "{path}",
        "host: login.example.org\r\nx-forwarded-prefix: //evil.example",
    ),
    ("{path}", "host: login.example.org@evil.example"),
    ("http://evil.example{path}", "host: login.example.org"),
    ("http://evil.example{path}", "host: evil.example"),
    (
        "https://login.example.org@evil.example{path}",
        "host: login.example.org",
    ),
];

/// Posts JSON under each claim; answers that are no 400 of the HTTP parser must not name the other host.
fn post_with_every_claim(site: &Site, path: &str, body: &str) {
    for (line, headers) in CLAIMS {
        let target = line.replace("{path}", path);
        let bytes = format!(
            "POST {target} HTTP/1.1\r\n{headers}\r\nconnection: close\r\ncontent-type: application/json\r\n\
             content-length: {}\r\n\r\n{body}",
            body.len()
        );
        let answer = raw(site, bytes.as_bytes());
        assert!(
            !answer.text.contains("evil.example"),
            "{target} {headers}: {}",
            answer.text
        );
    }
}

fn assert_all_links_lead_home(site: &Site, least: usize) {
    let letters = site.letters();
    assert!(letters.len() >= least, "{} letters", letters.len());
    for letter in letters {
        assert!(!letter.text.contains("evil.example"), "{}", letter.text);
        for link in letter.text.split_whitespace().filter(|word| word.contains("://")) {
            let link = link.trim_matches(['<', '>']);
            assert!(
                link == HOME || link.starts_with(&format!("{HOME}/")),
                "{}: {link}",
                letter.kind
            );
        }
    }
}

#[test]
fn links_for_new_passwords_lead_home() {
    let site = at_home();
    proved(&site, "ada");
    post_with_every_claim(
        &site,
        "/api/auth/requestPasswordReset",
        r#"{"email":"ada@example.org"}"#,
    );
    assert_all_links_lead_home(&site, 5);
}

#[test]
fn links_that_prove_an_address_lead_home() {
    let site = at_home();
    let body = registration("ada").to_string();
    post_with_every_claim(&site, "/api/auth/register", &body);
    post_with_every_claim(&site, "/api/user/verify/resend", r#"{"email":"ada@example.org"}"#);
    assert_all_links_lead_home(&site, 6);
}

#[test]
fn links_for_another_address_lead_home() {
    let site = at_home();
    let ada = proved(&site, "ada");
    let body = json!({ "currentPassword": PASSWORD, "newEmail": "ada@new.example" }).to_string();
    for (line, headers) in CLAIMS {
        let target = line.replace("{path}", "/api/user/email/change");
        let bytes = format!(
            "POST {target} HTTP/1.1\r\n{headers}\r\nauthorization: Bearer {}\r\nconnection: close\r\n\
             content-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
            ada.token,
            body.len()
        );
        raw(&site, bytes.as_bytes());
    }
    assert_all_links_lead_home(&site, 2);
}

#[test]
fn redirects_of_the_forms_stay_on_this_site() {
    let site = site();
    let client = site.client();
    for path in ["/forgot-password", "/verify/resend"] {
        let csrf = client.get(path).csrf();
        for header in ["x-forwarded-host", "forwarded", "x-original-url", "x-rewrite-url"] {
            let answer = client
                .request("POST", path)
                .header(header, "host=evil.example")
                .form(&[("csrf", &csrf), ("email", "ada@example.org")])
                .send();
            assert_eq!(answer.location(), (303, &*format!("{path}?sent=1")), "{header}");
        }
    }
}

#[test]
fn pages_and_links_work_below_a_path() {
    let site = at_home();
    site.client().post("/api/auth/register", &registration("ada"));
    let letter = site.letter("verify_address", "ada");
    assert!(letter.path().starts_with("/auth/verify?token="));
    for path in [letter.path(), letter.path().replacen("/auth", "", 1)] {
        let page = site.client().get(&path);
        assert!(page.status == 200 && page.says("action=\"/auth/verify\""), "{path}");
    }
    let body = json!({ "email": letter.value("email"), "token": letter.value("token") });
    assert_eq!(site.client().post("/auth/api/user/verify", &body).status, 200);
    Person::log_in(&site, "ada");
}
