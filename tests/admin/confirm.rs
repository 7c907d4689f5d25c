//! The confirmation before changes.

use serde_json::json;

use super::kit::{ask, auditor, grow_stale};
use crate::support::{PASSWORD, Person, Site, minutes};
use crate::two_factor::kit::enrol;

const CONFIRM: &str = "/api/admin/confirm";

#[test]
fn a_confirmation_counts_for_a_quarter_of_an_hour_on_this_session_only() {
    let site = Site::start();
    let mut root = site.admin();
    grow_stale(&site, &mut root);
    let answer = ask(&root, "POST", CONFIRM, &json!({ "password": PASSWORD }));
    assert_eq!(answer.status, 200, "{answer:?}");
    assert_eq!(
        answer.json()["confirmedUntil"],
        (site.app.now().after(minutes(15))).to_string()
    );
    let who = |person: &Person| site.run(site.app.identify_bearer(&person.token)).expect("signed in");
    assert!(site.app.confirmed_until(&who(&root)).is_some());
    let elsewhere = Person::log_in(&site, "root");
    assert!(site.app.confirmed_until(&who(&elsewhere)).is_some(), "a login counts");
    site.clock.advance(minutes(15));
    assert_eq!(root.refresh().status, 200);
    assert!(site.app.confirmed_until(&who(&root)).is_none(), "its time is over");
    let kinds: Vec<_> = site
        .events_about(&root.account(&site))
        .into_iter()
        .map(|event| event.kind.key())
        .collect();
    assert!(kinds.contains(&"admin_confirmed"), "{kinds:?}");
}

#[test]
fn a_wrong_password_confirms_nothing() {
    let site = Site::start();
    let mut root = site.admin();
    grow_stale(&site, &mut root);
    for body in [json!({}), json!({ "password": "not this" }), json!({ "password": 7 })] {
        let answer = ask(&root, "POST", CONFIRM, &body);
        assert_eq!(answer.status, 400, "{body}: {answer:?}");
    }
    let who = site.run(site.app.identify_bearer(&root.token)).expect("signed in");
    assert!(site.app.confirmed_until(&who).is_none());
}

#[test]
fn only_admins_confirm() {
    let site = Site::start();
    let (ada, audrey) = (site.user("ada"), auditor(&site));
    for person in [&ada, &audrey] {
        let answer = ask(person, "POST", CONFIRM, &json!({ "password": PASSWORD }));
        assert_eq!(answer.message(), (403, "Forbidden".to_owned()));
    }
    let stranger = site.client().post(CONFIRM, &json!({ "password": PASSWORD }));
    assert_eq!(stranger.status, 401);
}

#[test]
fn with_a_second_factor_the_password_alone_confirms_nothing() {
    let site = Site::start();
    let root = enrol(&site, site.admin());
    site.clock.advance(minutes(1));
    let before = ask(&root.person, "POST", CONFIRM, &json!({ "password": PASSWORD }));
    assert_eq!(before.status, 400, "{before:?}");
    let code = root.authenticator.now(&site);
    let body = json!({ "password": PASSWORD, "token": code });
    let after = ask(&root.person, "POST", CONFIRM, &body);
    assert_eq!(after.status, 200, "{after:?}");
    assert_eq!(
        ask(&root.person, "POST", CONFIRM, &body).status,
        401,
        "a code is used once"
    );
}
