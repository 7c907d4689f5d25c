//! `POST /api/auth/2fa/verify-temp`: the code at login.

use serde_json::json;

use super::kit::{enrolled, first_step, second_step};
use crate::support::{Site, credentials};

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
fn the_code_completes_the_login() {
    let site = Site::start();
    let ada = enrolled(&site, "ada");
    let client = site.client();
    let ticket = first_step(&client, "ada");
    let answer = second_step(&client, &ticket, "token", &ada.authenticator.now(&site));
    assert_eq!(answer.status, 200, "{answer:?}");
    let body = answer.json();
    assert_eq!(body["user"]["twoFactorEnabled"], true);
    let names: Vec<String> = answer.cookies().into_iter().map(|cookie| cookie.name).collect();
    assert_eq!(
        names,
        [
            "refreshToken",
            "token_provider",
            "librechat_auth",
            "librechat_auth_device"
        ]
    );
    assert_eq!(client.get("/").status, 200);
    assert!(client.post("/api/auth/refresh", &json!({})).json()["token"].is_string());
}

#[test]
fn a_backup_code_completes_the_login_once() {
    let site = Site::start();
    let ada = enrolled(&site, "ada");
    let log_in = || {
        let client = site.client();
        let ticket = first_step(&client, "ada");
        second_step(&client, &ticket, "backupCode", &ada.codes[3])
    };
    assert_eq!(log_in().status, 200);
    assert_eq!(log_in().message(), (401, "Invalid 2FA code or backup code".to_owned()));
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
        assert_eq!(refused.message(), (401, "Invalid 2FA code or backup code".to_owned()));
        assert_eq!(refused.cookies(), []);
    }
    let events = site.events_about(&ada.person.account(&site));
    assert_eq!(events[0].kind.key(), "second_factor_refused");
    let right = second_step(&client, &ticket, "token", &ada.authenticator.now(&site));
    assert_eq!(right.status, 200, "the ticket is good until it is used: {right:?}");
}
