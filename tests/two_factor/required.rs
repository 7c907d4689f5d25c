//! Where a second factor is required: set up before anything else, after a grace period if there is one.

use std::time::Duration;

use librechat_auth::app::audit::Actor;
use librechat_auth::domain::account::Role;
use librechat_auth::domain::secret::Secret;
use serde_json::{Value, json};

use super::kit::{Authenticator, Enrolled, enrol, first_step, second_step, settings, texts};
use crate::moderation::kit::every_route;
use crate::support::{Answer, Client, PASSWORD, Person, Site, credentials, days, just_under, minutes, seconds};

const REQUIRED: &str = "TWO_FACTOR_ENROLLMENT_REQUIRED";

fn enforced() -> Site {
    Site::with(|config| config.two_factor.enforce = true)
}

/// A site where admins need a second factor, after so long.
fn for_admins(grace: Duration) -> Site {
    Site::with(move |config| {
        config.two_factor.required_roles = vec![Role::Admin];
        config.two_factor.grace = grace;
    })
}

/// The ticket in an answer that asks to set a second factor up, which it is to the byte.
pub fn ticket_in(answer: &Answer, status: u16) -> String {
    let body = answer.json();
    let ticket = body["tempToken"]
        .as_str()
        .unwrap_or_else(|| panic!("no ticket: {answer:?}"));
    let expected =
        format!(r#"{{"code":"{REQUIRED}","twoFAPending":true,"twoFASetupRequired":true,"tempToken":"{ticket}"}}"#);
    assert_eq!((answer.status, answer.text()), (status, expected.as_str()));
    ticket.to_owned()
}

fn set_up(client: &Client, step: &str, body: &Value) -> Answer {
    client.post(&format!("/api/auth/2fa/setup{step}"), body)
}

fn text_of(answer: &Answer, field: &str) -> String {
    let body = answer.json();
    body[field]
        .as_str()
        .unwrap_or_else(|| panic!("no {field}: {answer:?}"))
        .to_owned()
}

/// Walks through the whole set-up.
pub fn walk(site: &Site, client: &Client, ticket: &str) -> (Answer, Authenticator, Vec<String>) {
    let begun = set_up(client, "", &json!({ "tempToken": ticket }));
    let authenticator = Authenticator::scan(&text_of(&begun, "otpauthUrl"));
    let code = authenticator.now(site);
    let confirmed = set_up(client, "/confirm", &json!({ "tempToken": ticket, "token": code }));
    let codes = texts(&confirmed.json()["backupCodes"]);
    let acknowledge = json!({ "acknowledgementToken": text_of(&confirmed, "acknowledgementToken") });
    let acknowledged = set_up(client, "/acknowledge", &acknowledge);
    let finalize = json!({ "finalizationToken": text_of(&acknowledged, "finalizationToken") });
    let done = set_up(client, "/finalize", &finalize);
    site.clock.advance(seconds(30));
    (done, authenticator, codes)
}

#[test]
fn a_login_leads_to_the_set_up_and_from_there_in() {
    let site = enforced();
    Person::register(&site, "ada");
    let client = site.client();
    let answer = client.post("/api/auth/login", &credentials("ada"));
    let ticket = ticket_in(&answer, 200);
    assert_eq!(answer.cookies(), []);
    let (done, authenticator, codes) = walk(&site, &client, &ticket);
    assert_eq!(done.status, 200);
    assert_eq!(done.json()["user"]["twoFactorEnabled"], true);
    assert!(done.cookie("refreshToken").is_some());
    assert_eq!(client.get("/").status, 200);
    let token = text_of(&done, "token");
    let user = client.request("GET", "/api/user").bearer(&token).send();
    assert_eq!(user.status, 200);
    let by_code = second_step(
        &site.client(),
        &first_step(&site.client(), "ada"),
        "token",
        &authenticator.now(&site),
    );
    let by_backup = second_step(
        &site.client(),
        &first_step(&site.client(), "ada"),
        "backupCode",
        &codes[0],
    );
    assert_eq!((by_code.status, by_backup.status), (200, 200));
}

#[test]
fn nothing_counts_before_the_last_step() {
    let site = enforced();
    Person::register(&site, "ada");
    let client = site.client();
    let ticket = first_step(&client, "ada");
    let begun = set_up(&client, "", &json!({ "tempToken": ticket }));
    let authenticator = Authenticator::scan(&text_of(&begun, "otpauthUrl"));
    let code = json!({ "tempToken": ticket, "token": authenticator.now(&site) });
    let confirmed = set_up(&client, "/confirm", &code);
    let fields: Vec<String> = confirmed
        .json()
        .as_object()
        .expect("an object")
        .keys()
        .cloned()
        .collect();
    assert_eq!(fields, ["acknowledgementToken", "backupCodes"]);
    let acknowledge = json!({ "acknowledgementToken": text_of(&confirmed, "acknowledgementToken") });
    assert_eq!(set_up(&client, "/acknowledge", &acknowledge).status, 200);
    assert_eq!(site.account("ada").expect("there").two_factor_at, None);
    ticket_in(&site.client().post("/api/auth/login", &credentials("ada")), 200);
}

#[test]
fn the_code_of_the_set_up_cannot_be_the_next_login() {
    let site = enforced();
    Person::register(&site, "ada");
    let client = site.client();
    let before = site.app.now();
    let (_, authenticator, _) = walk(&site, &client, &first_step(&client, "ada"));
    let answer = second_step(&client, &first_step(&client, "ada"), "token", &authenticator.at(before));
    assert_eq!(answer.status, 401);
}

#[test]
fn what_is_wrong_is_said_as_librechat_says_it() {
    let site = enforced();
    Person::register(&site, "ada");
    let client = site.client();
    let ticket = first_step(&client, "ada");
    let said = |step: &str, body: Value| set_up(&client, step, &body).message();
    let bad = |what: &str| (401, format!("Invalid or expired two-factor {what} token"));
    for body in [json!({}), json!({ "tempToken": "x" })] {
        assert_eq!(said("", body.clone()), bad("setup"));
        assert_eq!(said("/confirm", body), bad("setup"));
    }
    assert_eq!(
        said("/acknowledge", json!({ "acknowledgementToken": ticket })),
        bad("acknowledgement")
    );
    assert_eq!(said("/finalize", json!({})), bad("finalization"));
    let code = json!({ "tempToken": ticket, "token": "123456" });
    assert_eq!(
        said("/confirm", code.clone()),
        (400, "2FA setup not initiated".to_owned())
    );
    set_up(&client, "", &json!({ "tempToken": ticket }));
    assert_eq!(said("/confirm", code), (400, "Invalid token".to_owned()));
    assert_eq!(
        said("/confirm", json!({ "tempToken": ticket })),
        (400, "Invalid token".to_owned())
    );
    site.clock.advance(minutes(10));
    assert_eq!(said("", json!({ "tempToken": ticket })), bad("setup"));
}

#[test]
fn a_new_password_ends_the_set_up() {
    let site = enforced();
    Person::register(&site, "ada");
    let client = site.client();
    let ticket = first_step(&client, "ada");
    set_up(&client, "", &json!({ "tempToken": ticket }));
    let new = Secret::new("eleven wooden ladders");
    let account = site.account("ada").expect("there");
    site.run(site.app.reset_password(&account, new, &Actor::Console))
        .expect("reset");
    let answer = set_up(&client, "", &json!({ "tempToken": ticket }));
    let text = "Password was reset during setup, please sign in again";
    assert_eq!(answer.message(), (401, text.to_owned()));
}

#[test]
fn where_nothing_is_required_there_is_no_set_up() {
    let site = for_admins(Duration::ZERO);
    site.create("ada", Role::Admin);
    let client = site.client();
    let ticket = first_step(&client, "ada");
    let account = site.account("ada").expect("there");
    site.run(site.app.set_role(&account, Role::User, &Actor::Console))
        .expect("demoted");
    let answer = set_up(&client, "", &json!({ "tempToken": ticket }));
    assert_eq!(
        answer.message(),
        (403, "Two-factor authentication setup is not required".to_owned())
    );
}

/// Somebody whose session was there before the rule was.
fn caught_by_the_rule() -> (Site, Person) {
    let site = for_admins(Duration::ZERO);
    let ada = site.user("ada");
    site.run(site.app.set_role(&ada.account(&site), Role::Admin, &Actor::Console))
        .expect("promoted");
    (site, ada)
}

#[test]
fn every_route_that_takes_a_token_but_logout_asks_to_set_up_first() {
    let (site, ada) = caught_by_the_rule();
    let mut asked = 0;
    for (method, path) in every_route().into_iter().filter(|(_, path)| path.starts_with("/api/")) {
        let request = |bearer: Option<&str>| {
            let client = site.client();
            let mut request = client.request(method, &path);
            if let Some(token) = bearer {
                request = request.bearer(token);
            }
            if method == "GET" {
                request.send()
            } else {
                request.json(&json!({})).send()
            }
        };
        let takes_a_token = request(None).status == 401 && request(None).json()["message"] == "No auth token";
        if takes_a_token && path != "/api/auth/logout" {
            ticket_in(&request(Some(&ada.token)), 403);
            asked += 1;
        }
    }
    assert!(asked >= 11, "{asked} routes take a token");
    assert_eq!(ada.api("POST", "/api/auth/logout").status, 200);
}

#[test]
fn a_session_from_before_cannot_be_renewed_and_leads_to_the_set_up() {
    let (site, ada) = caught_by_the_rule();
    let thief = ada.client.copy();
    let answer = ada.client.post("/api/auth/refresh", &json!({}));
    let ticket = ticket_in(&answer, 200);
    assert!(answer.cookie("refreshToken").is_some_and(|cookie| cookie.removes()));
    let again = thief.post("/api/auth/refresh", &json!({}));
    assert_eq!(again.status, 401, "the session is gone: {again:?}");
    let (done, ..) = walk(&site, &ada.client, &ticket);
    assert_eq!(done.status, 200);
}

#[test]
fn a_token_from_before_leads_to_the_set_up_which_ends_every_other_session() {
    let (site, ada) = caught_by_the_rule();
    let other = ada.client.copy();
    let ticket = ticket_in(&ada.api("GET", "/api/user"), 403);
    let client = site.client();
    let (done, ..) = walk(&site, &client, &ticket);
    assert_eq!(done.status, 200);
    assert_eq!(ada.open_doors(), [false; 3]);
    assert_eq!(other.post("/api/auth/refresh", &json!({})).status, 401);
    assert_eq!(client.get("/").status, 200);
}

#[test]
fn a_page_is_not_shown_before_the_set_up() {
    let (_site, ada) = caught_by_the_rule();
    let answer = ada.client.get("/");
    assert!(!answer.says("ada@example.org"), "{}", answer.text());
    assert_ne!(answer.status, 200);
}

#[test]
fn the_rule_is_for_its_roles_only() {
    let site = for_admins(Duration::ZERO);
    assert_eq!(site.user("ada").api("GET", "/api/user").status, 200);
    site.create("root", Role::Admin);
    ticket_in(&site.client().post("/api/auth/login", &credentials("root")), 200);
}

#[test]
fn everybody_with_a_password_is_meant_wherever_it_is_checked() {
    let site = enforced();
    Person::register(&site, "ada");
    for provider in ["local", "ldap", ""] {
        site.sql(&format!(
            "UPDATE users SET provider = '{provider}' WHERE email = 'ada@example.org'"
        ));
        ticket_in(&site.client().post("/api/auth/login", &credentials("ada")), 200);
    }
}

#[test]
fn the_grace_period_counts_from_the_first_login_at_which_the_rule_held() {
    let site = for_admins(days(7));
    site.create("root", Role::Admin);
    site.clock.advance(days(30));
    let mut root = Person::log_in(&site, "root");
    site.clock.advance(days(3));
    assert_eq!(Person::log_in(&site, "root").api("GET", "/api/user").status, 200);
    root.refresh();
    site.clock.advance(just_under(days(4)));
    let late = Person::log_in(&site, "root");
    assert_eq!(late.api("GET", "/api/user").status, 200);
    site.clock.advance(seconds(1));
    ticket_in(&late.api("GET", "/api/user"), 403);
    ticket_in(&site.client().post("/api/auth/login", &credentials("root")), 200);
}

#[test]
fn a_session_that_was_there_before_gets_the_grace_period_from_its_next_renewal_on() {
    let site = for_admins(days(2));
    let mut ada = site.user("ada");
    site.run(site.app.set_role(&ada.account(&site), Role::Admin, &Actor::Console))
        .expect("promoted");
    site.clock.advance(minutes(10));
    assert_eq!(ada.refresh().status, 200);
    site.clock.advance(just_under(days(2)));
    assert_eq!(ada.refresh().status, 200);
    site.clock.advance(seconds(1));
    ticket_in(&ada.client.post("/api/auth/refresh", &json!({})), 200);
}

#[test]
fn who_sets_it_up_within_the_grace_period_is_never_asked() {
    let site = for_admins(days(7));
    site.create("root", Role::Admin);
    let root = enrol(&site, Person::log_in(&site, "root"));
    site.clock.advance(days(8));
    let client = site.client();
    let answer = second_step(
        &client,
        &first_step(&client, "root"),
        "token",
        &root.authenticator.now(&site),
    );
    assert_eq!(answer.status, 200);
}

#[test]
fn a_rule_that_held_before_and_not_meanwhile_starts_anew() {
    let site = for_admins(days(7));
    site.create("root", Role::Admin);
    site.create("other", Role::Admin);
    Person::log_in(&site, "root");
    let account = site.account("root").expect("there");
    site.run(site.app.set_role(&account, Role::User, &Actor::Console))
        .expect("demoted");
    site.clock.advance(days(5));
    Person::log_in(&site, "root");
    site.run(site.app.set_role(&account, Role::Admin, &Actor::Console))
        .expect("promoted");
    site.clock.advance(days(5));
    assert_eq!(Person::log_in(&site, "root").api("GET", "/api/user").status, 200);
}

#[test]
fn what_is_required_cannot_be_taken_away() {
    let site = for_admins(days(7));
    site.create("root", Role::Admin);
    let Enrolled {
        person, authenticator, ..
    } = enrol(&site, Person::log_in(&site, "root"));
    let code = json!({ "token": authenticator.now(&site) });
    let refused = (
        403,
        "Two-factor authentication is required and cannot be disabled".to_owned(),
    );
    assert_eq!(settings(&person, "disable", &code).message(), refused);
    assert_eq!(
        settings(&person, "backup/regenerate", &code).status,
        200,
        "the code was not used up"
    );
}

#[test]
fn the_client_is_told_that_everybody_needs_one() {
    let site = enforced();
    assert_eq!(
        site.client().get("/api/config").json()["twoFactorAuthenticationRequired"],
        true
    );
}

#[test]
fn a_wrong_password_leads_nowhere() {
    let site = enforced();
    Person::register(&site, "ada");
    let body = json!({ "email": "ada@example.org", "password": format!("{PASSWORD}x") });
    assert_eq!(site.client().post("/api/auth/login", &body).status, 400);
}
