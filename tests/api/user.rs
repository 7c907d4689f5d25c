//! `/api/user`.

use librechat_auth::app::audit::Actor;
use serde_json::{Value, json};

use crate::support::{Answer, Person, START, Site, just_under, minutes, seconds};

fn with_authorization(site: &Site, value: &str) -> Answer {
    site.client()
        .request("GET", "/api/user")
        .header("authorization", value)
        .send()
}

#[test]
fn the_account_is_shown_with_the_public_fields_only() {
    let site = Site::start();
    let ada = site.user("ada");
    let body = ada.api("GET", "/api/user").json();
    let mut fields: Vec<_> = body.as_object().unwrap().keys().cloned().collect();
    fields.sort();
    let expected = [
        "_id",
        "avatar",
        "createdAt",
        "email",
        "emailVerified",
        "id",
        "name",
        "plugins",
        "provider",
        "role",
        "termsAccepted",
        "twoFactorEnabled",
        "updatedAt",
        "username",
    ];
    assert_eq!(fields, expected);
    assert_eq!(body["email"], "ada@example.org");
}

#[test]
fn without_an_access_token_it_is_401() {
    let site = Site::start();
    let ada = site.user("ada");
    let refused = (401, "No auth token".to_owned());
    assert_eq!(site.client().get("/api/user").message(), refused);
    assert_eq!(
        ada.client.get("/api/user").message(),
        refused,
        "cookies do not count here"
    );
    for value in ["Bearer", "Bearer ", "Basic YTpi", ada.token.as_str()] {
        assert_eq!(with_authorization(&site, value).message(), refused, "{value}");
    }
}

#[test]
fn the_scheme_may_be_written_in_any_case() {
    let site = Site::start();
    let ada = site.user("ada");
    for scheme in ["Bearer", "bearer", "BEARER"] {
        assert_eq!(
            with_authorization(&site, &format!("{scheme} {}", ada.token)).status,
            200
        );
    }
}

#[test]
fn an_expired_token_is_401_so_that_the_client_refreshes() {
    let site = Site::start();
    let ada = site.user("ada");
    site.clock.advance(just_under(minutes(15)));
    assert_eq!(ada.api("GET", "/api/user").status, 200);
    site.clock.advance(seconds(1));
    assert_eq!(ada.api("GET", "/api/user").message(), (401, "jwt expired".to_owned()));
}

#[test]
fn the_token_of_a_deleted_user_is_401_in_json() {
    let site = Site::start();
    let ada = site.user("ada");
    site.run(site.app.delete_user(&ada.account(&site), &Actor::Console))
        .unwrap();
    assert_eq!(ada.api("GET", "/api/user").message(), (401, "Unauthorized".to_owned()));
}

#[test]
fn terms_are_accepted_once_and_the_first_time_is_kept() {
    let site = Site::start();
    let ada = site.user("ada");
    let terms = || ada.api("GET", "/api/user/terms").json();
    assert_eq!(terms(), json!({ "termsAccepted": false, "termsAcceptedAt": null }));
    site.clock.advance(minutes(1));
    let first = START.after(minutes(1)).to_string();
    let accepted = json!({ "message": "Terms accepted successfully", "termsAcceptedAt": first });
    assert_eq!(ada.api("POST", "/api/user/terms/accept").json(), accepted);
    site.clock.advance(minutes(1));
    assert_eq!(ada.api("POST", "/api/user/terms/accept").json(), accepted);
    assert_eq!(terms(), json!({ "termsAccepted": true, "termsAcceptedAt": first }));
    assert_eq!(ada.api("GET", "/api/user").json()["termsAccepted"], true);
}

#[test]
fn terms_are_for_people_who_are_logged_in() {
    let site = Site::start();
    assert_eq!(site.client().get("/api/user/terms").status, 401);
    assert_eq!(site.client().post("/api/user/terms/accept", &json!({})).status, 401);
}

#[test]
fn deleting_the_account_removes_it_with_every_session() {
    let site = Site::start();
    let ada = site.user("ada");
    let elsewhere = Person::log_in(&site, "ada");
    let account = ada.account(&site);
    let answer = ada.api("DELETE", "/api/user/delete");
    assert_eq!(answer.status, 200);
    assert_eq!(answer.json(), json!({ "message": "User deleted" }));
    assert!(answer.cookie("refreshToken").unwrap().removes());
    assert_eq!(site.user_count(), 0);
    assert_eq!(elsewhere.open_doors(), [false, false, false]);
    assert_eq!(site.events_about(&account)[0].kind.key(), "account_deleted");
}

#[test]
fn an_address_is_free_again_after_the_account_was_deleted() {
    let site = Site::start();
    let ada = site.user("ada");
    let first = ada.account(&site).id;
    ada.api("DELETE", "/api/user/delete");
    let again = site.user("ada");
    assert_ne!(again.account(&site).id, first);
    assert_eq!(
        ada.api("GET", "/api/user").status,
        401,
        "the old token is not the new account's"
    );
}

#[test]
fn what_librechats_client_sends_for_the_second_factor_is_accepted() {
    let site = Site::start();
    for (name, body) in [
        ("ada", json!({ "token": "123456" })),
        ("bob", json!({ "backupCode": "ab" })),
        ("eve", json!({})),
    ] {
        let person = site.user(name);
        let request = person
            .client
            .request("DELETE", "/api/user/delete")
            .bearer(&person.token);
        assert_eq!(request.json(&body).send().status, 200, "{body}");
    }
}

#[test]
fn deletion_can_be_switched_off_for_all_but_admins() {
    let site = Site::with(|config| config.accounts.deletion = false);
    let ada = site.user("ada");
    let refused = (403, "You do not have permission to delete this account".to_owned());
    assert_eq!(ada.api("DELETE", "/api/user/delete").message(), refused);
    assert_eq!(ada.api("GET", "/api/user").status, 200);
    site.create("second", librechat_auth::domain::account::Role::Admin);
    assert_eq!(site.admin().api("DELETE", "/api/user/delete").status, 200);
}

#[test]
fn the_last_admin_cannot_delete_the_account() {
    let site = Site::start();
    let admin = site.admin();
    let (status, message) = admin.api("DELETE", "/api/user/delete").message();
    assert_eq!(status, 403);
    assert!(message.contains("make somebody else admin first"), "{message}");
    assert_eq!(admin.api("GET", "/api/user").status, 200);
}

#[test]
fn a_page_of_another_site_cannot_delete_an_account() {
    let site = Site::start();
    let ada = site.user("ada");
    let request = ada.client.request("DELETE", "/api/user/delete").bearer(&ada.token);
    let answer = request.header("sec-fetch-site", "cross-site").send();
    assert_eq!(answer.json()["code"], Value::from("auth_cross_origin"));
    assert_eq!(site.user_count(), 1);
}
