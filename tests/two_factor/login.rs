//! `POST /api/auth/2fa/verify-temp`: the code at login.

use librechat_auth::app::audit::Actor;
use librechat_auth::config::Limit;
use librechat_auth::domain::secret::Secret;
use serde_json::json;

use super::kit::{WRONG_AT_LOGIN, enrolled, first_step, second_step, settings};
use crate::support::{Site, credentials, just_under, minutes, seconds};

const BAD_TICKET: &str = "Invalid or expired temporary token";

#[test]
fn a_login_asks_for_the_code_and_gives_no_cookie() {
    let site = Site::start();
    enrolled(&site, "ada");
    let answer = site.client().post("/api/auth/login", &credentials("ada"));
    let body = answer.json();
    let ticket = body["tempToken"].as_str().expect("a ticket");
    assert_eq!(
        (answer.status, answer.text()),
        (
            200,
            format!(r#"{{"twoFAPending":true,"tempToken":"{ticket}"}}"#).as_str()
        )
    );
    assert_eq!(answer.cookies(), []);
}

#[test]
fn a_wrong_password_is_answered_as_without_a_second_factor() {
    let site = Site::start();
    enrolled(&site, "ada");
    let body = json!({ "email": "ada@example.org", "password": "wrong password" });
    let answer = site.client().post("/api/auth/login", &body);
    assert_eq!(answer.message(), (400, "Invalid credentials".to_owned()));
}

#[test]
fn the_code_completes_the_login() {
    let site = Site::start();
    let ada = enrolled(&site, "ada");
    let client = site.client();
    let ticket = first_step(&client, "ada");
    let answer = second_step(&client, &ticket, "token", &ada.authenticator.now(&site));
    assert_eq!(answer.status, 200, "{answer:?}");
    let body = answer.json();
    let fields: Vec<&str> = body
        .as_object()
        .expect("an object")
        .keys()
        .map(String::as_str)
        .collect();
    assert_eq!(fields, ["token", "user"]);
    assert_eq!(body["user"]["twoFactorEnabled"], true);
    let names: Vec<String> = answer.cookies().into_iter().map(|cookie| cookie.name).collect();
    let expected = [
        "refreshToken",
        "token_provider",
        "librechat_auth",
        "librechat_auth_device",
    ];
    assert_eq!(names, expected);
    assert_eq!(client.get("/").status, 200);
    let renewed = client.post("/api/auth/refresh", &json!({})).json();
    assert_eq!(renewed["user"], body["user"]);
}

#[test]
fn the_audit_log_says_with_what_somebody_came_in() {
    let site = Site::start();
    let ada = enrolled(&site, "ada");
    for (field, answer) in [
        ("token", ada.authenticator.now(&site)),
        ("backupCode", ada.codes[0].clone()),
    ] {
        let client = site.client();
        let ticket = first_step(&client, "ada");
        assert_eq!(second_step(&client, &ticket, field, &answer).status, 200);
    }
    let events = site.events_about(&ada.person.account(&site));
    let told: Vec<_> = events
        .iter()
        .filter(|event| ["login_succeeded", "backup_code_used"].contains(&event.kind.key()))
        .map(|event| (event.kind.key(), event.detail.as_str()))
        .take(3)
        .collect();
    let expected = [
        ("login_succeeded", "password+backup_code"),
        ("backup_code_used", ""),
        ("login_succeeded", "password+code"),
    ];
    assert_eq!(told, expected);
}

#[test]
fn a_backup_code_completes_the_login_once_however_it_is_typed() {
    let site = Site::start();
    let ada = enrolled(&site, "ada");
    let log_in = |code: &str| {
        let client = site.client();
        let ticket = first_step(&client, "ada");
        second_step(&client, &ticket, "backupCode", code)
    };
    let typed = format!(" {}-{} ", ada.codes[3][..4].to_uppercase(), &ada.codes[3][4..]);
    assert_eq!(log_in(&typed).status, 200);
    assert_eq!(log_in(&ada.codes[3]).message(), (401, WRONG_AT_LOGIN.to_owned()));
    assert_eq!(log_in(&ada.codes[4]).status, 200);
}

#[test]
fn a_wrong_code_is_refused_and_in_the_audit_log() {
    let site = Site::start();
    let ada = enrolled(&site, "ada");
    let client = site.client();
    let ticket = first_step(&client, "ada");
    let wrong = ada.authenticator.wrong(&site);
    for (field, answer) in [("token", wrong.as_str()), ("token", "12"), ("backupCode", "00000000")] {
        let refused = second_step(&client, &ticket, field, answer);
        assert_eq!(refused.message(), (401, WRONG_AT_LOGIN.to_owned()));
        assert_eq!(refused.cookies(), []);
    }
    let events = site.events_about(&ada.person.account(&site));
    assert_eq!(events[0].kind.key(), "second_factor_refused");
    let right = second_step(&client, &ticket, "token", &ada.authenticator.now(&site));
    assert_eq!(right.status, 200, "the ticket is good until it is used: {right:?}");
}

#[test]
fn a_code_decides_if_a_backup_code_came_too() {
    let site = Site::start();
    let ada = enrolled(&site, "ada");
    let client = site.client();
    let ticket = first_step(&client, "ada");
    let ask = |token: &str| {
        let body = json!({ "tempToken": ticket, "token": token, "backupCode": ada.codes[0] });
        client.post("/api/auth/2fa/verify-temp", &body)
    };
    let wrong = ask(&ada.authenticator.wrong(&site));
    assert_eq!(wrong.message(), (401, WRONG_AT_LOGIN.to_owned()));
    assert_eq!(ask(&ada.authenticator.now(&site)).status, 200);
    let again = first_step(&client, "ada");
    assert_eq!(second_step(&client, &again, "backupCode", &ada.codes[0]).status, 200);
}

#[test]
fn what_is_missing_is_said_as_librechat_says_it() {
    let site = Site::start();
    let ada = enrolled(&site, "ada");
    let client = site.client();
    let post = |body| client.post("/api/auth/2fa/verify-temp", &body).message();
    let code = ada.authenticator.now(&site);
    let missing = (400, "Missing temporary token".to_owned());
    for body in [
        json!({}),
        json!({ "token": code }),
        json!({ "tempToken": null, "token": code }),
    ] {
        assert_eq!(post(body), missing);
    }
    assert_eq!(
        post(json!({ "tempToken": "x", "token": code })),
        (401, BAD_TICKET.to_owned())
    );
    let ticket = first_step(&client, "ada");
    for body in [
        json!({ "tempToken": ticket }),
        json!({ "tempToken": ticket, "token": "" }),
        json!({ "tempToken": ticket, "token": 123_456 }),
    ] {
        assert_eq!(post(body), (401, WRONG_AT_LOGIN.to_owned()));
    }
    assert_eq!(post(json!({ "tempToken": ticket, "role": "ADMIN" })).0, 400);
}

#[test]
fn a_ticket_is_good_for_five_minutes() {
    let site = Site::start();
    let ada = enrolled(&site, "ada");
    let (in_time, too_late) = (first_step(&site.client(), "ada"), first_step(&site.client(), "ada"));
    site.clock.advance(just_under(minutes(5)));
    let answer = second_step(&site.client(), &in_time, "token", &ada.authenticator.now(&site));
    assert_eq!(answer.status, 200);
    site.clock.advance(seconds(1));
    let answer = second_step(&site.client(), &too_late, "backupCode", &ada.codes[0]);
    assert_eq!(answer.message(), (401, BAD_TICKET.to_owned()));
}

#[test]
fn a_ticket_is_used_up_by_success_also_after_a_restart() {
    let site = Site::start();
    let ada = enrolled(&site, "ada");
    let ticket = first_step(&site.client(), "ada");
    let code = ada.authenticator.now(&site);
    assert_eq!(second_step(&site.client(), &ticket, "token", &code).status, 200);
    let site = site.restarted();
    let again = second_step(&site.client(), &ticket, "backupCode", &ada.codes[0]);
    assert_eq!(again.message(), (401, BAD_TICKET.to_owned()));
    let fresh = first_step(&site.client(), "ada");
    let unused = second_step(&site.client(), &fresh, "backupCode", &ada.codes[0]);
    assert_eq!(unused.status, 200, "a refused ticket uses no code up");
}

#[test]
fn a_ticket_dies_with_the_credentials_it_was_made_for() {
    let site = Site::start();
    let ada = enrolled(&site, "ada");
    let answer_to = |ticket: &str| second_step(&site.client(), ticket, "backupCode", &ada.codes[0]).message();
    let bad = (401, BAD_TICKET.to_owned());

    let ticket = first_step(&site.client(), "ada");
    let account = ada.person.account(&site);
    site.run(site.app.set_disabled(&account, true, &Actor::Console))
        .expect("disabled");
    assert_eq!(answer_to(&ticket), bad, "the account is disabled");
    site.run(site.app.set_disabled(&account, false, &Actor::Console))
        .expect("enabled");

    let ticket = first_step(&site.client(), "ada");
    let new = Secret::new("eleven wooden ladders");
    site.run(site.app.reset_password(&account, new, &Actor::Console))
        .expect("reset");
    assert_eq!(answer_to(&ticket), bad, "the password is another");

    let ticket = second_ticket(&site);
    site.run(site.app.reset_second_factor(&account, &Actor::Console))
        .expect("reset");
    let off = (400, "2FA is not enabled for this user".to_owned());
    assert_eq!(answer_to(&ticket), off, "there is no second factor any more");

    site.run(site.app.delete_user(&account, &Actor::Console))
        .expect("deleted");
    assert_eq!(answer_to(&ticket), bad, "the account is gone");
}

fn second_ticket(site: &Site) -> String {
    let body = json!({ "email": "ada@example.org", "password": "eleven wooden ladders" });
    let answer = site.client().post("/api/auth/login", &body).json();
    answer["tempToken"].as_str().expect("a ticket").to_owned()
}

#[test]
fn a_page_of_another_site_cannot_complete_a_login() {
    let site = Site::start();
    let ada = enrolled(&site, "ada");
    let client = site.client();
    let body = json!({ "tempToken": first_step(&client, "ada"), "token": ada.authenticator.now(&site) });
    let ask = |name, value| {
        let request = client.request("POST", "/api/auth/2fa/verify-temp").json(&body);
        request.header(name, value).send()
    };
    for (name, value) in [("origin", "https://evil.example"), ("sec-fetch-site", "cross-site")] {
        let answer = ask(name, value);
        assert_eq!(answer.status, 403);
        assert_eq!(answer.json()["code"], "auth_cross_origin");
    }
    assert_eq!(ask("sec-fetch-site", "same-origin").status, 200);
}

fn limited() -> Site {
    Site::with(|config| {
        config.server.trust_proxy = 1;
        config.limits.two_factor = Limit {
            max: Some(3),
            window_minutes: 5.0,
        };
    })
}

#[test]
fn codes_are_limited_by_address_whatever_the_ticket() {
    let site = limited();
    enrolled(&site, "ada");
    let client = site.client();
    for left in ["2", "1", "0"] {
        let answer = second_step(&client, "nonsense", "token", "123456");
        assert_eq!(
            (answer.status, answer.header("x-ratelimit-remaining")),
            (401, Some(left))
        );
    }
    let text = "Too many verification attempts, please try again after 5 minutes.";
    let refused = second_step(&client, &first_step(&client, "ada"), "token", "123456");
    assert_eq!(refused.message(), (429, text.to_owned()));
    assert_eq!(refused.header("retry-after"), Some("300"));
}

#[test]
fn codes_are_limited_by_account_whatever_the_address() {
    let site = limited();
    let ada = enrolled(&site, "ada");
    let from = |address: u32, code: &str| {
        let body = json!({ "tempToken": first_step(&site.client(), "ada"), "token": code });
        let client = site.client();
        let request = client.request("POST", "/api/auth/2fa/verify-temp").json(&body);
        request
            .header("x-forwarded-for", &format!("198.51.100.{address}"))
            .send()
    };
    let wrong = ada.authenticator.wrong(&site);
    for address in 1..4 {
        assert_eq!(from(address, &wrong).status, 401);
    }
    assert_eq!(from(4, &ada.authenticator.now(&site)).status, 429);
    site.clock.advance(minutes(5));
    assert_eq!(from(5, &ada.authenticator.now(&site)).status, 200);
}

#[test]
fn the_user_says_whether_there_is_a_second_factor() {
    let site = Site::start();
    let person = site.user("ada");
    assert_eq!(person.api("GET", "/api/user").json()["twoFactorEnabled"], false);
    let ada = super::kit::enrol(&site, person);
    assert_eq!(ada.person.api("GET", "/api/user").json()["twoFactorEnabled"], true);
    let code = json!({ "token": ada.authenticator.now(&site) });
    assert_eq!(settings(&ada.person, "disable", &code).status, 200);
    assert_eq!(ada.person.api("GET", "/api/user").json()["twoFactorEnabled"], false);
}
