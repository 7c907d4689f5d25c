//! A second factor that an admin demands of one account, or of many.

use librechat_auth::app::audit::Actor;
use librechat_auth::domain::account::Role;
use serde_json::{Value, json};

use super::kit::{enrolled, settings};
use super::required::{ticket_in, walk};
use crate::admin::kit::{ask, post};
use crate::admin::person::{last_event, path};
use crate::forward_auth::kit::{self, APP, guarding};
use crate::support::{Answer, Person, Site, credentials, days, seconds};

fn demand(site: &Site, name: &str) {
    let account = site.account(name).expect("there");
    site.run(site.app.demand_second_factor(&account, true, &Actor::Console))
        .expect("demanded");
}

fn bulk(root: &Person, action: &str, q: &str) -> Value {
    let body = json!({ "action": action, "matching": { "q": q } });
    let answer = ask(root, "POST", "/api/admin/users/bulk", &body);
    assert_eq!(answer.status, 200, "{answer:?}");
    answer.json()
}

fn found(root: &Person, query: &str) -> u64 {
    let found = ask(root, "GET", &format!("/api/admin/users?{query}"), &Value::Null);
    found.json()["total"].as_u64().expect("a number")
}

#[test]
fn nothing_opens_before_it_is_set_up_not_even_a_guarded_program() {
    let site = guarding();
    let ada = site.user("ada");
    assert_eq!(kit::ask(&ada.client, "nginx", APP).status, 200);
    demand(&site, "ada");
    assert_eq!(kit::ask(&ada.client, "nginx", APP).status, 401);
    let page = ada.client.copy().get("/");
    assert!(page.status != 200 && !page.says("ada@example.org"), "{}", page.text());
    let ticket = ticket_in(&ada.api("GET", "/api/user"), 403);
    ticket_in(&site.client().post("/api/auth/login", &credentials("ada")), 200);
    let client = site.client();
    let (done, ..) = walk(&site, &client, &ticket);
    assert_eq!(done.status, 200);
    assert_eq!(client.get("/").status, 200);
    assert_eq!(kit::ask(&client, "nginx", APP).status, 200);
    let token = done.json()["token"].as_str().expect("a token").to_owned();
    let refused = client
        .request("POST", "/api/auth/2fa/disable")
        .bearer(&token)
        .json(&json!({ "token": "123456" }))
        .send();
    let text = "Two-factor authentication is required and cannot be disabled";
    assert_eq!(refused.message(), (403, text.to_owned()));
}

#[test]
fn whoever_vouches_for_somebody_and_keys_of_theirs_open_nothing_either() {
    let site = Site::start();
    let ada = site.user("ada");
    let key = crate::api_keys::reading_key(&site, &ada);
    site.sql("UPDATE users SET provider = 'google' WHERE email = 'ada@example.org'");
    let by_key = || {
        let client = site.client();
        client
            .request("GET", "/api/user")
            .header("x-api-key", &key)
            .send()
            .status
    };
    assert_eq!(by_key(), 200);
    demand(&site, "ada");
    ticket_in(&ada.api("GET", "/api/user"), 403);
    assert_eq!(by_key(), 403);
}

#[test]
fn whoever_has_one_keeps_it_and_what_is_waived_can_be_taken_away() {
    let site = Site::start();
    let root = site.admin();
    let ada = enrolled(&site, "ada");
    let act = |deed: &str| ask(&root, "POST", &path(&site, "ada", &format!("/{deed}")), &json!({}));
    let done = act("require-2fa");
    assert_eq!(done.status, 200, "{done:?}");
    let told = &done.json()["user"]["twoFactor"];
    assert_eq!(
        (&told["required"], told["demandedAt"].is_string()),
        (&json!(true), true)
    );
    assert_eq!(
        ada.person.api("GET", "/api/user").status,
        200,
        "nothing changes for her"
    );
    let code = json!({ "token": ada.authenticator.now(&site) });
    assert_eq!(settings(&ada.person, "disable", &code).status, 403);
    let (id, by) = (
        ada.person.account(&site).id.to_string(),
        root.account(&site).id.to_string(),
    );
    assert_eq!(last_event(&site, &id), ("two_factor_demanded".to_owned(), by.clone()));
    assert_eq!(act("require-2fa").status, 404, "it is so already");
    assert_eq!(act("waive-2fa").json()["user"]["twoFactor"]["required"], false);
    assert_eq!(last_event(&site, &id), ("two_factor_waived".to_owned(), by));
    assert_eq!(act("waive-2fa").status, 404);
    assert_eq!(settings(&ada.person, "disable", &code).status, 200);
}

#[test]
fn what_the_settings_require_stays_when_an_admin_waives_it() {
    let site = Site::with(|config| config.two_factor.required_roles = vec![Role::Auditor]);
    site.create("ada", Role::Auditor);
    demand(&site, "ada");
    let account = site.account("ada").expect("there");
    site.run(site.app.demand_second_factor(&account, false, &Actor::Console))
        .expect("waived");
    ticket_in(&site.client().post("/api/auth/login", &credentials("ada")), 200);
}

#[test]
fn the_grace_period_counts_from_the_next_login() {
    let site = Site::with(|config| config.two_factor.grace = days(2));
    site.create("ada", Role::User);
    demand(&site, "ada");
    site.clock.advance(days(5));
    let ada = Person::log_in(&site, "ada");
    assert_eq!(ada.api("GET", "/api/user").status, 200);
    site.clock.advance(days(2));
    let late: Answer = site.client().post("/api/auth/login", &credentials("ada"));
    ticket_in(&late, 200);
}

#[test]
fn many_are_asked_at_once_and_found_by_it() {
    let site = Site::start();
    let root = site.admin();
    let (ada, bob) = (site.user("ada"), site.user("bob"));
    demand(&site, "bob");
    let asks = root
        .client
        .get("/admin/users/change?all=yes&action=require_2fa&q=example&two_factor_demanded=no");
    assert!(asks.says("This is about 2 accounts.") && asks.says("“Require a second factor no more” undoes it."));
    let told = bulk(&root, "require_2fa", "ada");
    assert_eq!((&told["done"], &told["skipped"]), (&json!(1), &json!([])), "{told}");
    ticket_in(&ada.api("GET", "/api/user"), 403);
    ticket_in(&bob.api("GET", "/api/user"), 403);
    let events = site.events_about(&ada.account(&site));
    assert_eq!(
        (events[0].kind.key(), events[0].actor.clone()),
        ("two_factor_demanded", root.account(&site).id.to_string())
    );
    let again = bulk(&root, "require_2fa", "ada bob");
    assert_eq!(again["done"], 0, "nobody is called so");
    assert_eq!(found(&root, "two_factor_demanded=yes"), 2);
    assert_eq!(found(&root, "two_factor_demanded=no"), 1);
    assert_eq!(found(&root, "two_factor_demanded=yes&two_factor=yes"), 0);
    let page = root.client.get("/admin/users?two_factor_demanded=yes");
    assert!(page.says("bob@example.org") && !page.says("root@example.org") && page.says("required</small>"));
    let told = bulk(&root, "waive_2fa", "example");
    assert_eq!(
        (
            &told["done"],
            &told["skipped"][0]["reason"],
            &told["skipped"][0]["count"]
        ),
        (&json!(2), &json!("already"), &json!(1))
    );
    assert_eq!(bob.api("GET", "/api/user").status, 200);
}

#[test]
fn an_admin_who_demands_it_of_themselves_sets_it_up_first() {
    let site = Site::start();
    let root = site.admin();
    let told = bulk(&root, "require_2fa", "root");
    assert_eq!(told["done"], 1);
    ticket_in(&root.api("GET", "/api/admin/users"), 403);
}

#[test]
fn the_page_of_a_person_says_it_and_takes_it_back() {
    let site = Site::start();
    let root = site.admin();
    site.create("ada", Role::User);
    let here = path(&site, "ada", "").replacen("/api", "", 1);
    assert!(root.client.get(&here).says("/require-2fa\""));
    let asks = root.client.get(&format!("{here}/require-2fa"));
    assert!(asks.says("before anything else") && asks.says("You can undo it here"));
    let done = post(&root, &format!("{here}/require-2fa"), &[]);
    assert_eq!(done.location(), (303, format!("{here}?done=require-2fa").as_str()));
    let page = root.client.get(done.location().1);
    assert!(page.says("is required of the account.") && page.says("required by hand since"));
    assert!(page.says("/waive-2fa\"") && !page.says("/require-2fa\""));
    let done = post(&root, &format!("{here}/waive-2fa"), &[]);
    assert_eq!(done.location(), (303, format!("{here}?done=waive-2fa").as_str()));
    assert!(!root.client.get(&here).says("required by hand since"));
}

#[test]
fn an_account_that_is_restored_still_owes_it() {
    let site = Site::start();
    let root = site.admin();
    site.create("ada", Role::User);
    demand(&site, "ada");
    let (delete, restore) = (path(&site, "ada", "/delete"), path(&site, "ada", "/restore"));
    assert_eq!(ask(&root, "POST", &delete, &json!({})).status, 200);
    site.clock.advance(seconds(60));
    assert_eq!(ask(&root, "POST", &restore, &json!({})).status, 200);
    ticket_in(&site.client().post("/api/auth/login", &credentials("ada")), 200);
}
