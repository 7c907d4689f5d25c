//! `POST /api/auth/refresh` on the wire; rotation over time is in `journeys::rotation`.

use librechat_auth::app::audit::Actor;
use serde_json::json;

use crate::support::{Answer, Client, Site, days, minutes};

fn refresh(client: &Client, path: &str) -> Answer {
    client.post(path, &json!({}))
}

/// Status and text of LibreChat's plain answers.
fn plain(answer: &Answer) -> (u16, &str) {
    assert_eq!(answer.header("content-type"), Some("text/plain; charset=utf-8"));
    (answer.status, answer.text())
}

const PATH: &str = "/api/auth/refresh";

#[test]
fn the_answer_is_that_of_a_login() {
    let site = Site::start();
    let ada = site.user("ada");
    let answer = refresh(&ada.client, PATH);
    assert_eq!(answer.status, 200);
    assert_eq!(answer.header("content-type"), Some("application/json"));
    assert_eq!(answer.header("cache-control"), Some("no-store"));
    let body = answer.json();
    assert_eq!(body["user"], ada.api("GET", "/api/user").json());
    assert_eq!(body["user"]["id"], body["user"]["_id"]);
    assert!(body["token"].is_string());
}

#[test]
fn a_body_is_optional_whatever_its_announced_type() {
    let site = Site::start();
    let ada = site.user("ada");
    let request = || ada.client.request("POST", PATH);
    assert_eq!(request().send().status, 200);
    assert_eq!(request().body("application/json", "").send().status, 200);
    assert_eq!(request().body("application/json", "{}").send().status, 200);
    assert_eq!(
        request().body("application/x-www-form-urlencoded", "").send().status,
        200
    );
}

#[test]
fn without_a_cookie_the_status_is_200_as_in_librechat() {
    let site = Site::start();
    assert_eq!(
        plain(&refresh(&site.client(), PATH)),
        (200, "Refresh token not provided")
    );
    let empty = site.client();
    empty.set_cookie("refreshToken", "");
    assert_eq!(plain(&refresh(&empty, PATH)), (200, "Refresh token not provided"));
}

#[test]
fn what_is_no_token_of_ours_is_403() {
    let site = Site::start();
    for garbage in ["x", "a.b.c", "..", "null", "%00", &"a".repeat(5000)] {
        let client = site.client();
        client.set_cookie("refreshToken", garbage);
        assert_eq!(
            plain(&refresh(&client, PATH)),
            (403, "Invalid refresh token"),
            "{garbage}"
        );
    }
}

#[test]
fn a_token_without_session_is_401_and_403_at_the_second_attempt() {
    let site = Site::start();
    let ada = site.user("ada");
    let thief = ada.client.copy();
    ada.api("POST", "/api/auth/logout");
    let over = (401, "Refresh token expired or not found for this user");
    assert_eq!(plain(&refresh(&thief, PATH)), over);
    assert_eq!(plain(&refresh(&thief, "/api/auth/refresh?retry=")), over);
    assert_eq!(
        plain(&refresh(&thief, "/api/auth/refresh?retry=true")),
        (403, "No session found")
    );
    assert_eq!(
        plain(&refresh(&thief, "/api/auth/refresh?a=b&retry=1")),
        (403, "No session found")
    );
}

#[test]
fn a_deleted_user_gets_401_and_no_redirect() {
    let site = Site::start();
    let ada = site.user("ada");
    let account = ada.account(&site);
    site.run(site.app.delete_user(&account, &Actor::Console)).unwrap();
    let answer = refresh(&ada.client, PATH);
    assert_eq!(
        plain(&answer),
        (401, "Refresh token expired or not found for this user")
    );
}

#[test]
fn a_disabled_user_gets_401_also_after_being_enabled_again() {
    let site = Site::start();
    let ada = site.user("ada");
    let account = ada.account(&site);
    site.run(site.app.set_disabled(&account, true, &Actor::Console))
        .unwrap();
    assert_eq!(refresh(&ada.client, PATH).status, 401);
    site.run(site.app.set_disabled(&account, false, &Actor::Console))
        .unwrap();
    assert_eq!(refresh(&ada.client, PATH).status, 401);
}

#[test]
fn the_session_of_a_disabled_user_does_not_act_even_if_it_is_still_there() {
    let site = Site::start();
    let ada = site.user("ada");
    site.sql("UPDATE users SET disabled_at = 1700000000000");
    assert_eq!(ada.open_doors(), [false, false, false]);
    site.clock.advance(minutes(1));
    assert_eq!(refresh(&ada.client, PATH).status, 401, "not even to rotate");
}

#[test]
fn the_end_of_the_session_does_not_move() {
    let site = Site::start();
    let ada = site.user("ada");
    let expires = |answer: &Answer| {
        let cookie = answer.cookie("refreshToken").unwrap();
        cookie.attributes.iter().find(|one| one.starts_with("Expires")).cloned()
    };
    let first = expires(&refresh(&ada.client, PATH));
    assert_eq!(first.as_deref(), Some("Expires=Tue, 21 Nov 2023 22:13:20 GMT"));
    site.clock.advance(days(3));
    assert_eq!(expires(&refresh(&ada.client, PATH)), first);
}

#[test]
fn a_refresh_is_never_limited() {
    let site = Site::start();
    let ada = site.user("ada");
    for _ in 0..30 {
        let answer = refresh(&ada.client, PATH);
        assert_eq!(answer.status, 200);
        assert_eq!(answer.header("x-ratelimit-limit"), None);
    }
}

#[test]
fn the_refresh_cookie_is_found_among_others() {
    let site = Site::start();
    let ada = site.user("ada");
    let token = ada.refresh_token();
    let answer = site
        .client()
        .request("POST", PATH)
        .header(
            "cookie",
            &format!("a=1; xrefreshToken=no; refreshToken={token}; b=\"2\""),
        )
        .send();
    assert_eq!(answer.status, 200);
}
