//! Requests that cause letters do not wait for mail servers, and lose nothing when there is none.

use crate::support::postbox::{At, Mishap};
use crate::support::{Client, minutes, registration};

use super::kit::{ADA, with};

#[test]
fn a_silent_mail_server_delays_no_request_and_the_account_stays() {
    let (postbox, site) = with(|_| {});
    postbox.next(At::Connect, Mishap::IsSilent);
    let answer = site.client().post("/api/auth/register", &registration("ada"));
    assert_eq!(answer.status, 200, "{answer:?}");
    // The mail server has not said a word yet, and does not until the account was looked at.
    postbox.wait_for_connections(1);
    assert!(site.account("ada").is_some());
    assert_eq!(site.client().get("/login").status, 200);
    postbox.release();
    site.mail_rests();
    assert_eq!(site.outbox()[0].progress.key(), "waiting");
    assert!(site.account("ada").is_some());
    site.clock.advance(minutes(2));
    let letter = postbox.letter_to(ADA);
    assert_eq!(letter.subject(), "Verify your email");
    assert!(letter.path_to("/verify").contains("token="));
}

#[test]
fn no_header_of_a_request_gets_into_a_link() {
    let (postbox, site) = with(|config| {
        config.server.public_url = Some("https://home.example.org/auth".parse().expect("an address"));
        config.accounts.password_reset = true;
    });
    let ask = |client: &Client, path: &str, body: &serde_json::Value| {
        let answer = client
            .request("POST", path)
            .header("host", "evil.example.com")
            .header("x-forwarded-host", "evil.example.com")
            .header("x-forwarded-proto", "ftp")
            .header("forwarded", "host=evil.example.com;proto=ftp")
            .json(body)
            .send();
        assert_eq!(answer.status, 200, "{answer:?}");
    };
    ask(&site.client(), "/auth/api/auth/register", &registration("ada"));
    let body = serde_json::json!({ "email": ADA });
    let mut letters = vec![postbox.letter_to(ADA)];
    ask(&site.client(), "/auth/api/auth/requestPasswordReset", &body);
    letters.push(postbox.letter_to(ADA));
    for letter in letters {
        for link in letter.links() {
            assert!(link.starts_with("https://home.example.org/auth/"), "{link}");
        }
        for part in [letter.text(), letter.html(), letter.raw.clone()] {
            assert!(!part.contains("evil"), "{part}");
        }
    }
}

#[test]
fn an_advertisement_for_a_name_is_not_repeated_to_its_victim() {
    let (postbox, site) = with(|_| {});
    let mut form = registration("ada");
    form["name"] = "Win $1000 at https://evil.example.com".into();
    let answer = site.client().post("/api/auth/register", &form);
    assert_eq!(answer.status, 200, "{answer:?}");
    let letter = postbox.letter_to(ADA);
    assert!(letter.text().starts_with("Hello,\n"), "{}", letter.text());
    for part in [letter.text(), letter.html(), letter.raw.clone()] {
        assert!(!part.contains("evil") && !part.contains("1000"), "{part}");
    }
    assert_eq!(letter.header("to").as_deref(), Some(ADA));
}
