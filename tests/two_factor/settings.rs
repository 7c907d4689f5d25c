//! `/api/auth/2fa/*` of somebody signed in: setting up, changing, taking away.

use librechat_auth::config::Limit;
use serde_json::{Value, json};

use super::kit::{Authenticator, Enrolled, enrol, enrolled, first_step, second_step, settings, texts};
use crate::support::{Answer, Person, Site, minutes, seconds};

fn refused(answer: &Answer, status: u16, text: &str) {
    assert_eq!(answer.message(), (status, text.to_owned()));
    let body = answer.json();
    let fields = body.as_object().expect("an object");
    assert_eq!(fields.len(), 1, "{body}");
}

/// 200 without a body.
fn is_done(answer: &Answer) {
    assert_eq!((answer.status, answer.text()), (200, ""));
}

fn code(ada: &Enrolled, site: &Site) -> Value {
    json!({ "token": ada.authenticator.now(site) })
}

#[test]
fn enabling_answers_with_a_uri_and_ten_codes() {
    let site = Site::with(|config| config.site.title = "Home & Away".to_owned());
    let ada = site.user("ada");
    let answer = settings(&ada, "enable", &json!({}));
    assert_eq!(answer.status, 200);
    assert!(
        answer.text().starts_with(r#"{"otpauthUrl":"otpauth://totp/"#),
        "{answer:?}"
    );
    let body = answer.json();
    let uri = body["otpauthUrl"].as_str().expect("a URI");
    let (before, rest) = uri.split_once("secret=").expect("a secret");
    assert_eq!(before, "otpauth://totp/Home%20%26%20Away:ada@example.org?");
    let (secret, after) = rest.split_once('&').expect("more follows");
    assert_eq!(after, "issuer=Home%20%26%20Away");
    assert_eq!(secret.len(), 32, "160 bits: {secret}");
    let codes = texts(&body["backupCodes"]);
    assert_eq!(codes.len(), 10);
    for code in &codes {
        assert!(
            code.len() == 8 && code.chars().all(|c| matches!(c, '0'..='9' | 'a'..='f')),
            "{code}"
        );
    }
}

#[test]
fn older_clients_enable_with_get_and_newer_ones_with_an_empty_body() {
    let site = Site::start();
    let ada = site.user("ada");
    assert_eq!(
        ada.api("GET", "/api/auth/2fa/enable")
            .json()
            .as_object()
            .map(serde_json::Map::len),
        Some(2)
    );
    let empty = ada.client.request("POST", "/api/auth/2fa/enable").bearer(&ada.token);
    assert_eq!(empty.body("application/json", "").send().status, 200);
}

#[test]
fn nothing_changes_until_a_code_is_confirmed() {
    let site = Site::start();
    let ada = site.user("ada");
    settings(&ada, "enable", &json!({}));
    refused(
        &settings(&ada, "confirm", &json!({ "token": "000000" })),
        400,
        "Invalid token.",
    );
    refused(&settings(&ada, "confirm", &json!({})), 400, "Invalid token.");
    assert_eq!(ada.api("GET", "/api/user").json()["twoFactorEnabled"], false);
    assert_eq!(Person::log_in(&site, "ada").api("GET", "/api/user").status, 200);
}

#[test]
fn verifying_and_confirming_take_the_same_code_and_answer_with_nothing() {
    let site = Site::start();
    let ada = site.user("ada");
    let body = settings(&ada, "enable", &json!({})).json();
    let authenticator = Authenticator::scan(body["otpauthUrl"].as_str().expect("a URI"));
    let code = json!({ "token": authenticator.now(&site) });
    is_done(&settings(&ada, "verify", &code));
    is_done(&settings(&ada, "verify", &code));
    is_done(&settings(&ada, "confirm", &code));
    assert!(ada.account(&site).two_factor_at.is_some());
}

#[test]
fn without_an_enrolment_there_is_nothing_to_verify_or_confirm() {
    let site = Site::start();
    let ada = site.user("ada");
    for path in ["verify", "confirm"] {
        refused(
            &settings(&ada, path, &json!({ "token": "123456" })),
            400,
            "2FA not initiated",
        );
    }
    settings(&ada, "enable", &json!({}));
    let wrong = "Invalid token or backup code.";
    refused(&settings(&ada, "verify", &json!({ "token": "000000" })), 400, wrong);
    refused(
        &settings(&ada, "verify", &json!({ "backupCode": "00000000" })),
        400,
        wrong,
    );
    refused(&settings(&ada, "verify", &json!({})), 400, wrong);
}

#[test]
fn pending_backup_codes_open_nothing() {
    let site = Site::start();
    let ada = site.user("ada");
    let codes = texts(&settings(&ada, "enable", &json!({})).json()["backupCodes"]);
    let answer = settings(&ada, "verify", &json!({ "backupCode": codes[0] }));
    refused(&answer, 400, "Invalid token or backup code.");
}

#[test]
fn a_backup_code_that_is_verified_is_used_up() {
    let site = Site::start();
    let ada = enrolled(&site, "ada");
    let backup = json!({ "backupCode": ada.codes[0] });
    is_done(&settings(&ada.person, "verify", &backup));
    refused(
        &settings(&ada.person, "verify", &backup),
        400,
        "Invalid token or backup code.",
    );
}

#[test]
fn enrolling_again_takes_proof_and_leaves_the_old_one_on_until_confirmed() {
    let site = Site::start();
    let ada = enrolled(&site, "ada");
    let missing = "TOTP token or backup code is required to re-enroll 2FA";
    refused(&settings(&ada.person, "enable", &json!({})), 400, missing);
    let wrong = json!({ "token": ada.authenticator.wrong(&site) });
    refused(
        &settings(&ada.person, "enable", &wrong),
        401,
        "Invalid token or backup code",
    );
    let body = settings(&ada.person, "enable", &code(&ada, &site)).json();
    let newer = Authenticator::scan(body["otpauthUrl"].as_str().expect("a URI"));
    site.clock.advance(seconds(30));
    let log_in = |code: &str, backup: &str| {
        let client = site.client();
        let by_code = second_step(&client, &first_step(&client, "ada"), "token", code).status;
        let by_backup = second_step(&client, &first_step(&client, "ada"), "backupCode", backup).status;
        (by_code, by_backup)
    };
    let newer_codes = texts(&body["backupCodes"]);
    assert_eq!(log_in(&newer.now(&site), &newer_codes[0]), (401, 401));
    assert_eq!(log_in(&ada.authenticator.now(&site), &ada.codes[0]), (200, 200));
    is_done(&settings(&ada.person, "confirm", &json!({ "token": newer.now(&site) })));
    site.clock.advance(seconds(30));
    assert_eq!(log_in(&ada.authenticator.now(&site), &ada.codes[1]), (401, 401));
    assert_eq!(log_in(&newer.now(&site), &newer_codes[0]), (200, 200));
}

#[test]
fn a_backup_code_that_lets_somebody_enrol_again_is_used_up() {
    let site = Site::start();
    let ada = enrolled(&site, "ada");
    let backup = json!({ "backupCode": ada.codes[0] });
    assert_eq!(settings(&ada.person, "enable", &backup).status, 200);
    refused(
        &settings(&ada.person, "enable", &backup),
        401,
        "Invalid token or backup code",
    );
}

#[test]
fn disabling_takes_proof_and_clears_everything() {
    let site = Site::start();
    let person = site.user("ada");
    refused(
        &settings(&person, "disable", &json!({ "token": "123456" })),
        400,
        "2FA is not setup for this user",
    );
    let ada = enrol(&site, person);
    let missing = "Either token or backup code is required to disable 2FA";
    refused(&settings(&ada.person, "disable", &json!({})), 400, missing);
    let wrong = json!({ "backupCode": "00000000" });
    refused(
        &settings(&ada.person, "disable", &wrong),
        401,
        "Invalid token or backup code",
    );
    is_done(&settings(&ada.person, "disable", &code(&ada, &site)));
    assert_eq!(Person::log_in(&site, "ada").api("GET", "/api/user").status, 200);
    refused(
        &settings(&ada.person, "disable", &code(&ada, &site)),
        400,
        "2FA is not setup for this user",
    );
    let events = site.events_about(&ada.person.account(&site));
    assert!(events.iter().any(|event| event.kind.key() == "two_factor_disabled"));
}

#[test]
fn new_backup_codes_replace_the_old_ones_and_are_listed_without_giving_them_away() {
    let site = Site::start();
    let ada = enrolled(&site, "ada");
    let missing = "TOTP token or backup code is required to regenerate backup codes";
    refused(&settings(&ada.person, "backup/regenerate", &json!({})), 400, missing);
    let wrong = json!({ "backupCode": "00000000" });
    refused(
        &settings(&ada.person, "backup/regenerate", &wrong),
        401,
        "Invalid token or backup code",
    );
    let answer = settings(&ada.person, "backup/regenerate", &code(&ada, &site));
    assert_eq!(answer.status, 200);
    assert!(answer.text().starts_with(r#"{"backupCodes":[""#), "{answer:?}");
    let body = answer.json();
    let codes = texts(&body["backupCodes"]);
    let marks = body["backupCodesHash"].as_array().expect("a list");
    assert_eq!((codes.len(), marks.len()), (10, 10));
    assert!(answer.text().contains(r#"","used":false,"usedAt":null}"#), "{answer:?}");
    for (mark, code) in marks.iter().zip(&codes) {
        let hash = mark["codeHash"].as_str().expect("text");
        assert!(
            hash.len() == 64 && hash.chars().all(|c| c.is_ascii_hexdigit()),
            "{hash}"
        );
        assert_ne!(hash, super::kit::sha256(code), "anybody could search for the code");
    }
    let client = site.client();
    let log_in = |code: &str| second_step(&client, &first_step(&client, "ada"), "backupCode", code).status;
    assert_eq!((log_in(&ada.codes[0]), log_in(&codes[0])), (401, 200));
}

#[test]
fn codes_without_a_second_factor_are_made_as_in_librechat_and_open_nothing() {
    let site = Site::start();
    let ada = site.user("ada");
    let body = settings(&ada, "backup/regenerate", &json!({})).json();
    let codes = texts(&body["backupCodes"]);
    assert_eq!(codes.len(), 10);
    let ada = enrol(&site, ada);
    let client = site.client();
    let answer = second_step(&client, &first_step(&client, "ada"), "backupCode", &codes[0]);
    assert_eq!(answer.status, 401);
    assert_eq!(ada.codes.len(), 10);
}

#[test]
fn deleting_the_account_takes_the_second_factor() {
    let site = Site::start();
    let ada = enrolled(&site, "ada");
    let delete = |body: &Value| {
        let request = ada.person.client.request("DELETE", "/api/user/delete");
        request.bearer(&ada.person.token).json(body).send()
    };
    let missing = "TOTP token or backup code is required to delete account with 2FA enabled";
    refused(&delete(&json!({})), 400, missing);
    let wrong = json!({ "token": ada.authenticator.wrong(&site) });
    refused(&delete(&wrong), 401, "Invalid token or backup code");
    assert_eq!(site.user_count(), 1);
    assert_eq!(delete(&code(&ada, &site)).json(), json!({ "message": "User deleted" }));
    assert_eq!(site.user_count(), 0);
}

#[test]
fn the_settings_are_limited_by_account_with_a_code_of_their_own() {
    let site = Site::with(|config| {
        config.limits.two_factor_settings = Limit {
            max: Some(7),
            window_minutes: 5.0,
        };
    });
    let ada = site.user("ada");
    for left in ["6", "5", "4", "3", "2", "1", "0"] {
        let answer = settings(&ada, "confirm", &json!({ "token": "123456" }));
        assert_eq!(
            (answer.status, answer.header("x-ratelimit-remaining")),
            (400, Some(left))
        );
    }
    for path in ["enable", "verify", "confirm", "disable", "backup/regenerate"] {
        let answer = settings(&ada, path, &json!({}));
        let expected =
            r#"{"code":"TWO_FACTOR_RATE_LIMITED","message":"Too many verification attempts. Try again later."}"#;
        assert_eq!((answer.status, answer.text()), (429, expected), "{path}");
    }
    site.clock.advance(minutes(5));
    assert_eq!(settings(&ada, "enable", &json!({})).status, 200);
}

#[test]
fn nobody_reaches_the_settings_without_a_token_or_from_another_site() {
    let site = Site::start();
    let ada = site.user("ada");
    for path in ["enable", "verify", "confirm", "disable", "backup/regenerate"] {
        let path = format!("/api/auth/2fa/{path}");
        assert_eq!(
            site.client().post(&path, &json!({})).message(),
            (401, "No auth token".to_owned())
        );
        let request = ada.client.request("POST", &path).bearer(&ada.token).json(&json!({}));
        let answer = request.header("origin", "https://evil.example").send();
        assert_eq!(answer.json()["code"], "auth_cross_origin");
    }
}
