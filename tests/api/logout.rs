//! `POST /api/auth/logout`.

use serde_json::json;

use crate::support::{Answer, Client, Person, SetCookie, Site, minutes};

fn log_out(client: &Client) -> Answer {
    client.post("/api/auth/logout", &json!({}))
}

fn removed(answer: &Answer) -> Vec<String> {
    let mut names: Vec<_> = answer
        .cookies()
        .into_iter()
        .filter(SetCookie::removes)
        .map(|cookie| cookie.name)
        .collect();
    names.sort();
    names
}

const ALL: [&str; 3] = ["librechat_auth", "refreshToken", "token_provider"];

#[test]
fn logging_out_ends_the_session_and_clears_the_cookies() {
    let site = Site::start();
    let ada = site.user("ada");
    let before = Person {
        client: ada.client.copy(),
        ..ada.clone()
    };
    let answer = ada.api("POST", "/api/auth/logout");
    assert_eq!(answer.message(), (200, "Logout successful".to_owned()));
    assert_eq!(answer.json(), json!({ "message": "Logout successful" }));
    assert_eq!(removed(&answer), ALL);
    assert_eq!(before.open_doors(), [false, false, false]);
}

#[test]
fn whichever_key_is_presented_the_others_die_with_it() {
    let site = Site::start();
    for (name, key) in [("ada", "access"), ("bob", "refreshToken"), ("eve", "librechat_auth")] {
        let person = site.user(name);
        let client = site.client();
        let request = client.request("POST", "/api/auth/logout");
        let request = match person.client.cookie(key) {
            Some(value) => request.header("cookie", &format!("{key}={value}")),
            None => request.bearer(&person.token),
        };
        assert_eq!(request.send().status, 200, "{key}");
        assert_eq!(person.open_doors(), [false, false, false], "{key}");
    }
}

#[test]
fn an_expired_access_token_is_no_obstacle_while_a_cookie_is_good() {
    let site = Site::start();
    let ada = site.user("ada");
    site.clock.advance(minutes(16));
    let thief = ada.client.copy();
    let answer = ada.api("POST", "/api/auth/logout");
    assert_eq!(answer.status, 200);
    assert_eq!(thief.post("/api/auth/refresh", &json!({})).status, 401);
}

#[test]
fn without_any_key_it_is_401_and_the_cookies_go_all_the_same() {
    let site = Site::start();
    let answer = log_out(&site.client());
    assert_eq!(answer.message(), (401, "No auth token".to_owned()));
    assert_eq!(removed(&answer), ALL);
}

#[test]
fn a_key_that_opens_nothing_is_refused_in_its_own_words() {
    let site = Site::start();
    let mut ada = site.user("ada");
    let other = site.client();
    let with = |token: &str| other.request("POST", "/api/auth/logout").bearer(token).send().message();
    assert_eq!(with("garbage"), (401, "jwt malformed".to_owned()));
    let good = std::mem::take(&mut ada.token);
    let forged = format!("{}x", &good[..good.len() - 1]);
    assert_eq!(with(&forged), (401, "invalid signature".to_owned()));
    assert_eq!(with(&good), (200, "Logout successful".to_owned()));
    assert_eq!(with(&good), (401, "Unauthorized".to_owned()));
}

#[test]
fn the_other_logins_of_the_user_stay() {
    let site = Site::start();
    let ada = site.user("ada");
    let elsewhere = Person::log_in(&site, "ada");
    // LibreChat, asked without a refresh cookie, ends whichever session of the user it finds first.
    site.client()
        .request("POST", "/api/auth/logout")
        .bearer(&ada.token)
        .send();
    assert_eq!(elsewhere.open_doors(), [true, true, true]);
}

#[test]
fn a_page_of_another_site_cannot_log_anybody_out() {
    let site = Site::start();
    let ada = site.user("ada");
    let answer = ada
        .client
        .request("POST", "/api/auth/logout")
        .header("origin", "https://evil.example")
        .send();
    assert_eq!(answer.status, 403);
    assert_eq!(answer.cookies(), []);
    assert_eq!(ada.open_doors(), [true, true, true]);
}

#[test]
fn logging_out_is_in_the_audit_log() {
    let site = Site::start();
    let ada = site.user("ada");
    ada.api("POST", "/api/auth/logout");
    let event = &site.events_about(&ada.account(&site))[0];
    assert_eq!((event.kind.key(), event.detail.as_str()), ("session_ended", "logout"));
}
