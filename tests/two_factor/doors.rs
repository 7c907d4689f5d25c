//! Every other door of the house ends at the second factor too, or asks for it itself.

use librechat_auth::app::audit::Actor;
use librechat_auth::domain::access::Effect;
use librechat_auth::domain::account::Role;
use serde_json::json;

use super::kit::{enrol, enrolled, first_step, second_step};
use crate::forward_auth::kit::{ALL, APP, ask, ask_about, guarding_with, rule};
use crate::support::{PASSWORD, Person, Site, credentials};

/// A site that guards a program behind a second factor.
fn guarding() -> Site {
    guarding_with(|config| {
        config.access.rules = vec![rule("app.example.org", &[], Effect::SecondFactor)];
    })
}

#[test]
fn a_program_behind_a_second_factor_opens_to_a_login_with_one() {
    let site = guarding();
    let ada = enrolled(&site, "ada");
    for (field, answer) in [
        ("token", ada.authenticator.now(&site)),
        ("backupCode", ada.codes[0].clone()),
    ] {
        let client = site.client();
        let ticket = first_step(&client, "ada");
        assert_eq!(
            ask_about(&client, "caddy", "GET", APP, &[]).status,
            401,
            "half a login is none"
        );
        assert_eq!(second_step(&client, &ticket, field, &answer).status, 200);
        for proxy in ALL {
            assert_eq!(ask_about(&client, proxy, "GET", APP, &[]).status, 200, "{proxy}");
        }
    }
}

#[test]
fn setting_it_up_strengthens_the_session_in_which_that_happens() {
    let site = guarding();
    let person = site.user("ada");
    assert_eq!(ask_about(&person.client, "caddy", "GET", APP, &[]).status, 403);
    let ada = enrol(&site, person);
    assert_eq!(ask_about(&ada.person.client, "caddy", "GET", APP, &[]).status, 200);
}

#[test]
fn whoever_has_to_set_one_up_opens_no_program_and_no_program_sees_the_ticket() {
    let site = guarding_with(|config| config.two_factor.required_roles = vec![Role::Admin]);
    let ada = site.user("ada");
    site.run(site.app.set_role(&ada.account(&site), Role::Admin, &Actor::Console))
        .expect("promoted");
    for proxy in ALL {
        let by_page = ask(&ada.client, proxy, APP);
        let bearer = format!("Bearer {}", ada.token);
        let by_token = ask_about(&site.client(), proxy, "GET", APP, &[("authorization", &bearer)]);
        for answer in [by_page, by_token] {
            assert!(matches!(answer.status, 302 | 401), "{proxy}: {answer:?}");
            assert!(
                !answer.says("tempToken") && !answer.says("eyJ"),
                "{proxy}: {}",
                answer.text()
            );
            assert_eq!(
                (answer.header("remote-user"), answer.cookies().len()),
                (None, 0),
                "{proxy}"
            );
        }
    }
}

#[test]
fn the_login_page_asks_for_the_code_too() {
    let site = Site::start();
    enrolled(&site, "ada");
    let client = site.client();
    let fields = [("email", "ada@example.org"), ("password", PASSWORD)];
    let answer = client.submit("/login", "/login", &fields);
    assert_eq!(answer.location(), (303, "/login/2fa"));
    assert_eq!(client.cookie("librechat_auth"), None);
    assert_eq!(client.get("/").location(), (303, "/login"));
}

#[test]
fn a_password_for_an_account_that_others_vouch_for_does_not_escape_the_rule() {
    let site = Site::with(|config| config.two_factor.enforce = true);
    Person::register(&site, "ada");
    site.sql("UPDATE users SET provider = 'google' WHERE email = 'ada@example.org'");
    let client = site.client();
    let answer = client.post("/api/auth/login", &credentials("ada"));
    let expected =
        r#"{"code":"TWO_FACTOR_FEDERATED_LOGIN_BLOCKED","message":"Sign in with your identity provider to continue."}"#;
    assert_eq!((answer.status, answer.text()), (403, expected));
    assert_eq!(answer.cookies(), []);
    let fields = [("email", "ada@example.org"), ("password", PASSWORD)];
    let page = client.submit("/login", "/login", &fields);
    assert!(
        page.status == 403 && page.says("Sign in with the other service"),
        "{}",
        page.text()
    );
    let wrong = json!({ "email": "ada@example.org", "password": "wrong password" });
    let answer = client.post("/api/auth/login", &wrong);
    assert_eq!(
        answer.message(),
        (400, "Invalid credentials".to_owned()),
        "strangers learn nothing"
    );
}
