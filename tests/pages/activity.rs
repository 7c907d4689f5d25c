//! `/account/activity`: what the owner of an account is told.

use librechat_auth::app::audit::Actor;
use librechat_auth::domain::account::Role;
use serde_json::json;

use crate::support::{Answer, PASSWORD, Person, Site, credentials, minutes};

/// What the page tells, one line for each row, tags removed.
fn rows(page: &Answer) -> Vec<String> {
    let list = page.text().split("<ol class=\"activity\">").nth(1).unwrap_or_default();
    let list = list.split("</ol>").next().unwrap_or_default();
    let rows = list
        .split("<li class=\"notable\">")
        .flat_map(|part| part.split("<li>\n"));
    rows.map(words).filter(|row| !row.is_empty()).collect()
}

fn words(html: &str) -> String {
    let text = html
        .split('<')
        .map(|part| part.split_once('>').map_or(part, |(_, text)| text));
    text.collect::<Vec<_>>()
        .join(" ")
        .split_whitespace()
        .collect::<Vec<_>>()
        .join(" ")
}

fn fail(site: &Site, name: &str) {
    let body = json!({ "email": format!("{name}@example.org"), "password": "a wrong guess" });
    assert_eq!(site.client().post("/api/auth/login", &body).status, 400);
}

fn rows_of(person: &Person) -> Vec<String> {
    rows(&person.client.get("/account/activity"))
}

#[test]
fn sign_ins_are_told_with_method_device_address_and_time() {
    let site = Site::start();
    let ada = site.user("ada");
    let told = rows_of(&ada);
    let signed_in = "Signed in Password Firefox on Linux 127.0.0.1 14 November 2023, 22:13 UTC";
    assert_eq!(told[0], signed_in);
    assert!(told.last().unwrap().starts_with("Account created"), "{told:?}");
    assert!(ada.client.get("/").says("href=\"/account/activity\""));
}

#[test]
fn failed_sign_ins_are_told_together() {
    let site = Site::start();
    let ada = site.user("ada");
    for _ in 0..5 {
        fail(&site, "ada");
        site.clock.advance(minutes(1));
    }
    fail(&site, "nobody");
    let told = rows_of(&ada);
    assert_eq!(
        told[0],
        "5 failed sign-ins Firefox on Linux 127.0.0.1 between 14 November 2023, 22:13 UTC and \
         14 November 2023, 22:17 UTC"
    );
    let french = rows(&ada.client.get("/account/activity?lang=fr"));
    assert!(french[0].starts_with("5 connexions échouées"), "{french:?}");
}

#[test]
fn nobody_reads_what_happened_to_others() {
    let site = Site::start();
    let bob = site.user("bob");
    let before = rows_of(&bob);
    let ada = site.user("ada");
    fail(&site, "ada");
    assert_eq!(rows_of(&bob), before);
    assert_eq!(site.client().get("/account/activity").location(), (303, "/login"));
    assert!(rows_of(&ada)[0].starts_with("Failed sign-in"));
}

#[test]
fn what_admins_and_the_console_do_is_told_as_theirs() {
    let site = Site::start();
    let ada = site.user("ada");
    let account = ada.account(&site);
    site.run(site.app.set_role(&account, Role::Admin, &Actor::Console))
        .unwrap();
    let told = rows_of(&ada);
    assert!(
        told[0].starts_with("Role changed by the person who runs this server"),
        "{told:?}"
    );
}

#[test]
fn changes_by_the_owner_are_told_with_the_device() {
    let site = Site::start();
    let ada = site.user("ada");
    ada.client.submit("/", "/account/name", &[("name", "Ada King")]);
    let fields = [
        ("current_password", PASSWORD),
        ("password", "eleven wooden ladders"),
        ("confirm_password", "eleven wooden ladders"),
    ];
    assert_eq!(ada.client.submit("/", "/account/password", &fields).status, 303);
    let told = rows_of(&ada);
    assert!(
        told[0].starts_with("Password changed Firefox on Linux 127.0.0.1"),
        "{told:?}"
    );
    assert!(
        told[1].starts_with("Name changed Firefox on Linux 127.0.0.1"),
        "{told:?}"
    );
}

#[test]
fn a_long_story_is_told_page_by_page() {
    let site = Site::start();
    let ada = site.user("ada");
    for _ in 0..60 {
        site.clock.advance(minutes(1));
        site.client().post("/api/auth/login", &credentials("ada"));
    }
    let first = ada.client.get("/account/activity");
    assert_eq!(rows(&first).len(), 50);
    let older = first.text().split("rel=\"next\" href=\"").nth(1).unwrap();
    let second = ada.client.get(older.split('"').next().unwrap());
    let (one, two) = (rows(&first), rows(&second));
    assert!(one.iter().all(|row| !two.contains(row)));
    assert!(two.last().unwrap().starts_with("Account created"));
    assert!(!second.says("rel=\"next\"") && second.says("href=\"/account/activity\">Newest"));
    for query in ["", "x", "1", "1.x", "-1.-1.-1"] {
        assert_eq!(
            rows(&ada.client.get(&format!("/account/activity?before={query}"))),
            one,
            "{query}"
        );
    }
    assert!(
        ada.client
            .get("/account/activity?before=0.0")
            .says("Nothing was recorded here.")
    );
}

#[test]
fn a_night_of_guesses_leaves_the_rest_readable() {
    let site = Site::start();
    let ada = site.user("ada");
    for _ in 0..120 {
        fail(&site, "ada");
    }
    let told = rows_of(&ada);
    assert!(told[0].starts_with("120 failed sign-ins"), "{told:?}");
    assert!(told.len() < 5 && told.last().unwrap().starts_with("Account created"));
}

#[test]
fn a_device_that_calls_itself_markup_is_text() {
    let site = Site::start();
    let ada = site.user("ada");
    let evil = site.client();
    let answer = evil
        .request("POST", "/api/auth/login")
        .header("user-agent", "<img src=x onerror=alert(1)>")
        .json(&credentials("ada"))
        .send();
    assert_eq!(answer.status, 200);
    assert!(!ada.client.get("/account/activity").says("<img"));
}
