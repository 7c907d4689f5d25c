//! Links to a new password that an admin makes: shown, or mailed to the owner.

use librechat_auth::app::audit::Actor;
use librechat_auth::domain::account::Role;
use serde_json::{Value, json};

use super::kit::{ask, post};
use super::person::path;
use crate::support::{Answer, Person, Site, days, with_mail};

fn page(site: &Site, name: &str, rest: &str) -> String {
    path(site, name, rest).replacen("/api", "", 1)
}

fn make(site: &Site, admin: &Person, body: &Value) -> Answer {
    ask(admin, "POST", &path(site, "ada", "/reset-link"), body)
}

/// The detail of the newest line about ada, which is about a link, and who made it.
fn noted(site: &Site) -> (String, String) {
    let events = site.events_about(&site.account("ada").expect("there"));
    let last = events.first().expect("a line");
    assert_eq!(last.kind.key(), "reset_link_made");
    (last.detail.clone(), last.actor.clone())
}

#[test]
fn a_mailed_link_is_in_the_language_of_its_owner_and_nobody_else_sees_it() {
    let site = Site::with(with_mail);
    let root = site.admin();
    let by = root.account(&site).id.to_string();
    site.create("ada", Role::User);
    site.sql("UPDATE users SET lang = 'fr' WHERE email = 'ada@example.org'");
    let made = make(&site, &root, &json!({ "valid": "2h", "mail": true }));
    assert_eq!(made.status, 201, "{made:?}");
    assert_eq!(
        made.json(),
        json!({ "link": null, "mailed": true, "validSeconds": 7200 })
    );
    assert_eq!(noted(&site), ("mailed".to_owned(), by.clone()));
    let letter = site.letter("reset_by_admin", "ada");
    assert!(letter.html.contains("lang=\"fr\"") && letter.text.contains("administrateur"));
    assert!(letter.text.contains("15 novembre 2023 à 00:13 UTC"), "{}", letter.text);
    assert_eq!(site.client().get(&letter.path()).status, 200);
    let shown = make(&site, &root, &json!({ "mail": false }));
    assert_eq!((shown.status, &shown.json()["mailed"]), (201, &json!(false)));
    assert_eq!(noted(&site), ("shown".to_owned(), by));
    assert_ne!(
        site.client().get(&letter.path()).status,
        200,
        "the newer link takes its place"
    );
    assert_eq!(site.letters_of("reset_by_admin").len(), 1);
}

#[test]
fn the_page_offers_both_ways_and_shows_no_link_that_is_mailed() {
    let site = Site::with(with_mail);
    let root = site.admin();
    site.create("ada", Role::User);
    let (here, reset) = (page(&site, "ada", ""), page(&site, "ada", "/reset-link"));
    let asks = root.client.get(&reset);
    assert!(asks.says("value=\"show\" selected") && asks.says("value=\"mail\""));
    let wrong = post(&root, &reset, &[("valid", "8d"), ("way", "mail")]);
    assert_eq!((wrong.status, wrong.says("value=\"mail\" selected")), (400, true));
    let done = post(&root, &reset, &[("valid", ""), ("way", "mail")]);
    assert_eq!(
        done.location(),
        (303, format!("{here}?done=reset-link-mailed").as_str())
    );
    let told = root.client.get(done.location().1);
    assert!(told.says("on its way") && !told.says("/reset-password?"));
    assert_eq!(
        site.client().get(&site.letter("reset_by_admin", "ada").path()).status,
        200
    );
    let shown = post(&root, &reset, &[("valid", ""), ("way", "show")]);
    assert!(shown.says("/reset-password?"));
}

#[test]
fn without_mail_the_page_says_why_a_link_is_only_shown() {
    let site = Site::start();
    let root = site.admin();
    site.create("ada", Role::User);
    let reset = page(&site, "ada", "/reset-link");
    let asks = root.client.get(&reset);
    assert!(asks.says("mail is not configured") && !asks.says("name=\"way\""));
    let refused = post(&root, &reset, &[("valid", ""), ("way", "mail")]);
    assert_eq!((refused.status, refused.says("role=\"alert\"")), (400, true));
    let refused = make(&site, &root, &json!({ "mail": true }));
    assert_eq!((refused.status, refused.text().contains("mail")), (400, true));
    assert!(post(&root, &reset, &[("valid", "")]).says("/reset-password?"));
}

#[test]
fn nobody_who_is_locked_out_gets_a_letter() {
    let site = Site::with(with_mail);
    site.create("root", Role::Admin);
    let ada = site.create("ada", Role::User);
    let bob = site.create("bob", Role::User);
    site.run(site.app.set_disabled(&ada, true, &Actor::Console))
        .expect("locked");
    let end = site.app.now().after(days(1));
    site.run(site.app.set_valid_until(&bob, Some(end), &Actor::Console))
        .expect("limited");
    site.clock.advance(days(2));
    let root = Person::log_in(&site, "root");
    for name in ["ada", "bob"] {
        let body = json!({ "mail": true });
        let refused = ask(&root, "POST", &path(&site, name, "/reset-link"), &body);
        assert_eq!(refused.status, 404, "{name}");
        let asks = root.client.get(&page(&site, name, "/reset-link"));
        assert!(
            asks.says("a letter would lead nowhere") && !asks.says("name=\"way\""),
            "{name}"
        );
    }
    assert_eq!(site.letters_of("reset_by_admin").len(), 0);
}
