//! `POST /api/auth/login`.

use librechat_auth::app::audit::Actor;
use librechat_auth::config::Limit;
use serde_json::{Value, json};

use crate::support::{Answer, PASSWORD, Person, START, Site, credentials, minutes, registration};

fn log_in(site: &Site, body: &Value) -> Answer {
    site.client().post("/api/auth/login", body)
}

#[test]
fn a_login_answers_with_a_token_and_the_public_fields_of_the_user() {
    let site = Site::start();
    Person::register(&site, "ada");
    let answer = log_in(&site, &credentials("ada"));
    assert_eq!(answer.status, 200);
    let body = answer.json();
    let fields: Vec<&str> = body.as_object().unwrap().keys().map(String::as_str).collect();
    assert_eq!(fields, ["token", "user"]);
    let id = body["user"]["id"].as_str().unwrap();
    assert!(id.len() == 24 && id.chars().all(|c| c.is_ascii_hexdigit()), "{id}");
    let now = START.to_string();
    let expected = json!({
        "_id": id,
        "id": id,
        "name": "ada example",
        "username": "ada",
        "email": "ada@example.org",
        "emailVerified": true,
        "avatar": null,
        "provider": "local",
        "role": "USER",
        "plugins": [],
        "twoFactorEnabled": false,
        "termsAccepted": false,
        "createdAt": now,
        "updatedAt": now,
    });
    assert_eq!(body["user"], expected);
}

#[test]
fn an_address_is_the_same_in_any_case() {
    let site = Site::start();
    Person::register(&site, "ada");
    let answer = log_in(&site, &json!({ "email": "ADA@Example.org", "password": PASSWORD }));
    assert_eq!(answer.status, 200);
}

#[test]
fn a_form_works_like_json() {
    let site = Site::start();
    Person::register(&site, "ada");
    let fields = [("email", "ada@example.org"), ("password", PASSWORD)];
    let answer = site.client().post_bare("/api/auth/login", &fields);
    assert_eq!(answer.status, 200);
}

#[test]
fn a_missing_empty_or_mistyped_field_is_missing_credentials() {
    let site = Site::start();
    for body in [
        json!({}),
        json!({ "email": "ada@example.org" }),
        json!({ "password": PASSWORD }),
        json!({ "email": "", "password": PASSWORD }),
        json!({ "email": "ada@example.org", "password": "" }),
        json!({ "email": 1, "password": PASSWORD }),
        json!({ "email": { "$gt": "" }, "password": { "$gt": "" } }),
        json!({ "email": null, "password": [] }),
    ] {
        let expected = (400, "Missing credentials".to_owned());
        assert_eq!(log_in(&site, &body).message(), expected, "{body}");
    }
}

#[test]
fn fields_that_break_their_rules_are_named() {
    let site = Site::start();
    let long = "x".repeat(129);
    for (email, password, expected) in [
        ("ada", PASSWORD, "email: Invalid email"),
        (" ada@example.org", PASSWORD, "email: Invalid email"),
        ("ada@localhost", PASSWORD, "email: Invalid email"),
        (
            "ada@example.org",
            long.as_str(),
            "password: String must contain at most 128 character(s)",
        ),
        ("ada@example.org", "   ", "password: Password cannot be only spaces"),
        (
            "ada",
            long.as_str(),
            "email: Invalid email password: String must contain at most 128 character(s)",
        ),
    ] {
        let body = json!({ "email": email, "password": password });
        assert_eq!(log_in(&site, &body).message(), (400, expected.to_owned()), "{body}");
    }
}

#[test]
fn a_raised_minimum_does_not_lock_out_older_passwords() {
    let site = Site::with(|config| config.password.min_length = 8);
    Person::register(&site, "ada");
    let body = json!({ "email": "ada@example.org", "password": "short" });
    assert_eq!(log_in(&site, &body).message(), (400, "Invalid credentials".to_owned()));
}

/// What a stranger can compare: everything but the clock's header.
fn shown(answer: &Answer) -> (u16, Vec<(String, String)>, Vec<u8>) {
    let headers = answer
        .headers
        .iter()
        .filter(|(name, _)| *name != "date" && *name != "x-request-id");
    let mut headers: Vec<_> = headers
        .map(|(name, value)| (name.to_string(), value.to_str().unwrap().to_owned()))
        .collect();
    headers.sort();
    (answer.status, headers, answer.body.clone())
}

#[test]
fn unknown_disabled_wrong_and_without_password_look_the_same() {
    let site = Site::start();
    Person::register(&site, "ada");
    Person::register(&site, "bob");
    let bob = site.account("bob").unwrap();
    site.run(site.app.set_disabled(&bob, true, &Actor::Console)).unwrap();
    let wrong = log_in(
        &site,
        &json!({ "email": "ada@example.org", "password": "wrong password" }),
    );
    assert_eq!(wrong.message(), (400, "Invalid credentials".to_owned()));
    let disabled = log_in(&site, &credentials("bob"));
    let disabled_wrong = log_in(
        &site,
        &json!({ "email": "bob@example.org", "password": "wrong password" }),
    );
    let unknown = log_in(&site, &credentials("nobody"));
    Person::register(&site, "eve");
    site.sql("UPDATE users SET password = NULL WHERE email = 'eve@example.org'");
    let without_password = log_in(&site, &credentials("eve"));
    for other in [disabled, disabled_wrong, unknown, without_password] {
        assert_eq!(shown(&other), shown(&wrong));
    }
}

#[test]
fn a_refused_login_sets_no_cookie_and_is_in_the_audit_log() {
    let site = Site::start();
    Person::register(&site, "ada");
    let answer = log_in(
        &site,
        &json!({ "email": "ada@example.org", "password": "wrong password" }),
    );
    assert_eq!(answer.cookies(), []);
    let events = site.events_about(&site.account("ada").unwrap());
    assert_eq!(events[0].kind.key(), "login_refused");
    assert_eq!(events[0].address, "127.0.0.1");
}

#[test]
fn login_by_email_can_be_switched_off_and_overridden_for_the_api() {
    let off = Site::with(|config| config.accounts.email_login = false);
    let refused = (403, "Email login is not allowed.".to_owned());
    assert_eq!(log_in(&off, &credentials("ada")).message(), refused);
    let overridden = Site::with(|config| {
        config.accounts.email_login = false;
        config.accounts.email_login_override = true;
    });
    Person::register(&overridden, "ada");
    assert_eq!(log_in(&overridden, &credentials("ada")).status, 200);
    assert!(!overridden.client().get("/login").says("login-email"));
}

#[test]
fn an_unproved_address_is_told_so_only_with_the_right_password() {
    let site = Site::start();
    site.create_unverified("ada");
    let right = log_in(&site, &credentials("ada"));
    assert_eq!(right.message(), (422, "Email not verified.".to_owned()));
    let wrong = log_in(
        &site,
        &json!({ "email": "ada@example.org", "password": "wrong password" }),
    );
    assert_eq!(wrong.message(), (400, "Invalid credentials".to_owned()));
    assert_eq!(
        site.client().post("/api/auth/refresh", &json!({})).text(),
        "Refresh token not provided"
    );
}

#[test]
fn an_unproved_address_may_log_in_where_the_setting_allows_it() {
    let site = Site::with(|config| config.accounts.unverified_login = true);
    site.create_unverified("ada");
    assert_eq!(log_in(&site, &credentials("ada")).status, 200);
}

fn limited() -> Site {
    Site::with(|config| {
        config.limits.login = Limit {
            max: Some(3),
            window_minutes: 5.0,
        };
    })
}

#[test]
fn every_answer_says_what_is_left_of_the_limit() {
    let site = limited();
    Person::register(&site, "ada");
    let bodies = [credentials("ada"), credentials("nobody"), json!([])];
    let end = START.after(minutes(5)).seconds().to_string();
    for (left, body) in ["2", "1", "0"].into_iter().zip(&bodies) {
        let answer = log_in(&site, body);
        assert_eq!(answer.header("x-ratelimit-limit"), Some("3"));
        assert_eq!(answer.header("x-ratelimit-remaining"), Some(left));
        assert_eq!(answer.header("x-ratelimit-reset"), Some(end.as_str()));
        assert_eq!(answer.header("retry-after"), None);
    }
}

#[test]
fn refusals_that_come_early_count_too() {
    let site = limited();
    let client = site.client();
    let ask = || client.request("POST", "/api/auth/login");
    let answers = [
        ask().header("origin", "https://evil.example").send(),
        ask().body("text/plain", "{}").send(),
        ask().body("application/json", "{").send(),
        ask().json(&credentials("nobody")).send(),
    ];
    let left = answers.map(|answer| {
        let left = answer.header("x-ratelimit-remaining").map(str::to_owned);
        (answer.status, left.unwrap_or_default())
    });
    let expected = [(403, "2"), (415, "1"), (400, "0"), (429, "0")];
    assert_eq!(left, expected.map(|(status, left)| (status, left.to_owned())));
}

#[test]
fn the_fourth_login_in_the_window_is_one_too_many_even_with_the_right_password() {
    let site = limited();
    Person::register(&site, "ada");
    for _ in 0..3 {
        assert_eq!(log_in(&site, &credentials("nobody")).status, 400);
    }
    site.clock.advance(minutes(1));
    let answer = log_in(&site, &credentials("ada"));
    let text = "Too many login attempts, please try again after 5 minutes.";
    assert_eq!(answer.message(), (429, text.to_owned()));
    assert_eq!(answer.header("retry-after"), Some("240"));
    assert_eq!(answer.header("x-ratelimit-remaining"), Some("0"));
    site.clock.advance(minutes(4));
    assert_eq!(log_in(&site, &credentials("ada")).status, 200);
}

#[test]
fn the_login_page_and_the_api_share_one_limit() {
    let site = limited();
    let fields = [("email", "nobody@example.org"), ("password", PASSWORD)];
    for _ in 0..3 {
        assert_eq!(site.client().submit("/login", "/login", &fields).status, 400);
    }
    assert_eq!(log_in(&site, &credentials("nobody")).status, 429);
}

#[test]
fn registering_does_not_log_anybody_in() {
    let site = Site::start();
    let answer = site.client().post("/api/auth/register", &registration("ada"));
    assert_eq!(answer.cookies(), []);
}
