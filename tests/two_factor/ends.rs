//! What a change of the second factor ends, and whom it tells.

use librechat_auth::app::audit::Actor;
use librechat_auth::domain::account::Role;
use serde_json::{Value, json};

use super::kit::{Authenticator, Enrolled, enrol, enrolled, settings};
use crate::support::{Person, Site, seconds, with_mail};

const OPEN: [bool; 3] = [true, true, true];
const SHUT: [bool; 3] = [false, false, false];

/// A site that writes letters, and somebody with a proved address.
fn mailed() -> (Site, Enrolled) {
    let site = Site::with(with_mail);
    site.create("ada", Role::User);
    let ada = enrol(&site, Person::log_in(&site, "ada"));
    (site, ada)
}

#[test]
fn setting_it_up_ends_every_other_session_copies_included() {
    let site = Site::start();
    let elsewhere = site.user("ada");
    let here = Person::log_in(&site, "ada");
    let ada = enrol(&site, here);
    assert_eq!(ada.person.open_doors(), OPEN);
    assert_eq!(elsewhere.open_doors(), SHUT);
}

#[test]
fn beginning_to_set_it_up_ends_nothing() {
    let site = Site::start();
    let elsewhere = site.user("ada");
    settings(&Person::log_in(&site, "ada"), "enable", &json!({}));
    assert_eq!(elsewhere.open_doors(), OPEN);
}

#[test]
fn taking_it_away_ends_every_other_session() {
    let site = Site::start();
    let ada = enrolled(&site, "ada");
    let client = site.client();
    let ticket = super::kit::first_step(&client, "ada");
    let answer = super::kit::second_step(&client, &ticket, "backupCode", &ada.codes[0]);
    let elsewhere = Person {
        name: "ada".to_owned(),
        client,
        token: answer.json()["token"].as_str().expect("a token").to_owned(),
    };
    assert_eq!(elsewhere.open_doors(), OPEN);
    let code = json!({ "token": ada.authenticator.now(&site) });
    assert_eq!(settings(&ada.person, "disable", &code).status, 200);
    assert_eq!(ada.person.open_doors(), OPEN);
    assert_eq!(elsewhere.open_doors(), SHUT);
}

#[test]
fn taking_it_away_at_the_console_ends_every_session() {
    let site = Site::start();
    let ada = enrolled(&site, "ada");
    site.run(
        site.app
            .reset_second_factor(&ada.person.account(&site), &Actor::Console),
    )
    .expect("reset");
    assert_eq!(ada.person.open_doors(), SHUT);
    assert_eq!(Person::log_in(&site, "ada").open_doors(), OPEN);
    let events = site.events_about(&site.account("ada").expect("there"));
    let event = events.iter().find(|event| event.kind.key() == "two_factor_disabled");
    assert_eq!(event.map(|event| event.actor.as_str()), Some("console"));
}

#[test]
fn every_change_is_told_by_mail_with_a_way_to_disown_it() {
    let (site, ada) = mailed();
    let told = |kind: &str| site.letters().iter().filter(|letter| letter.kind == kind).count();
    assert_eq!((told("two_factor_changed"), told("backup_codes_made")), (1, 0));
    let codes = |moment: &Authenticator| -> Value {
        site.clock.advance(seconds(30));
        json!({ "token": moment.now(&site) })
    };
    settings(&ada.person, "backup/regenerate", &codes(&ada.authenticator));
    assert_eq!((told("two_factor_changed"), told("backup_codes_made")), (1, 1));
    settings(&ada.person, "disable", &codes(&ada.authenticator));
    assert_eq!((told("two_factor_changed"), told("backup_codes_made")), (2, 1));
    let letter = site.letter("two_factor_changed", "ada");
    assert!(letter.text.contains("/not-me?token="), "{}", letter.text);
    assert!(letter.text.contains("127.0.0.1"), "{}", letter.text);
}

#[test]
fn what_is_refused_is_not_told() {
    let (site, ada) = mailed();
    let before = site.letters().len();
    for path in ["disable", "backup/regenerate", "enable"] {
        settings(&ada.person, path, &json!({ "token": ada.authenticator.wrong(&site) }));
    }
    assert_eq!(site.letters().len(), before);
}

#[test]
fn the_console_is_told_by_mail_too() {
    let (site, ada) = mailed();
    site.run(
        site.app
            .reset_second_factor(&ada.person.account(&site), &Actor::Console),
    )
    .expect("reset");
    let letter = site.letter("two_factor_changed", "ada");
    assert!(letter.text.contains("librechat-auth"), "{}", letter.text);
}
