//! A user whose violations other programs report: banned with all sessions, told so, and nobody learns of it by guessing.

use std::collections::BTreeSet;

use librechat_auth::domain::audit::EventKind;
use librechat_auth::domain::moderation::subject::Subject;
use serde_json::json;

use super::kit::{BANNED, CONTACT, MALLORY, NEIGHBOUR, Visitor, reported_to, tell};
use crate::support::{Person, Site, minutes};

fn crossed(site: &Site, person: &Person) {
    let body = json!({ "type": "non_browser", "user": format!("{}@example.org", person.name), "address": MALLORY });
    let answer = tell(site, &body);
    assert_eq!(answer.status, 200, "{answer:?}");
    assert_eq!(answer.json()["points"], "20");
    assert_eq!(
        answer.json()["bans"].as_array().expect("bans").len(),
        2,
        "user and address"
    );
}

#[test]
fn a_reported_user_is_out_on_the_next_request() {
    let site = reported_to(|_| {});
    let (ada, bob) = (site.user("ada"), site.user("bob"));
    crossed(&site, &ada);
    let [bearer, refresh, pages] = ada.open_doors();
    assert!(!bearer && !refresh && !pages);
    assert_eq!(bob.open_doors(), [true; 3]);
    let events = site.events_about(&ada.account(&site));
    assert_eq!(events[0].kind, EventKind::Banned);
}

#[test]
fn every_device_of_a_banned_user_is_out() {
    let site = reported_to(|_| {});
    let first = site.user("ada");
    let second = Person::log_in(&site, "ada");
    crossed(&site, &first);
    assert_eq!(first.open_doors(), [false; 3]);
    assert_eq!(second.open_doors(), [false; 3]);
}

#[test]
fn with_the_right_password_a_banned_user_is_told_so() {
    let site = reported_to(|_| {});
    let ada = site.user("ada");
    crossed(&site, &ada);
    let elsewhere = Visitor::at(&site, NEIGHBOUR);
    assert_eq!(elsewhere.log_in("ada").message(), (403, BANNED.to_owned()));
    let fields = [("email", "ada@example.org"), ("password", crate::support::PASSWORD)];
    let page = site.client().submit("/login", "/login", &fields);
    assert_eq!(page.status, 403);
    assert!(page.says(CONTACT) && page.says("2023-11-15T00:13:20"));
}

#[test]
fn with_a_wrong_password_nobody_learns_of_a_ban() {
    let site = reported_to(|_| {});
    let ada = site.user("ada");
    site.user("bob");
    let elsewhere = Visitor::at(&site, NEIGHBOUR);
    crossed(&site, &ada);
    let [banned, free, unknown] = ["ada", "bob", "nobody"].map(|name| {
        let answer = elsewhere.guess(name);
        let headers: BTreeSet<_> = answer.headers.keys().map(ToString::to_string).collect();
        (answer.message(), headers)
    });
    assert_eq!(banned, free);
    assert_eq!(banned, unknown);
}

#[test]
fn registering_the_address_of_a_banned_user_tells_nothing() {
    let site = reported_to(|_| {});
    let ada = site.user("ada");
    site.user("bob");
    crossed(&site, &ada);
    let elsewhere = Visitor::at(&site, NEIGHBOUR);
    let [banned, free] = ["ada", "bob"].map(|name| {
        elsewhere
            .post("/api/auth/register", &crate::support::registration(name))
            .message()
    });
    assert_eq!(banned, free);
}

#[test]
fn a_users_ban_ends_by_itself_and_the_password_still_works() {
    let site = reported_to(|_| {});
    let ada = site.user("ada");
    crossed(&site, &ada);
    site.clock.advance(minutes(120));
    assert_eq!(ada.open_doors(), [false; 3], "the sessions are gone for good");
    assert_eq!(Visitor::at(&site, MALLORY).log_in("ada").status, 200);
}

#[test]
fn a_violation_of_a_user_without_an_address_bans_the_user_only() {
    let site = reported_to(|_| {});
    let ada = site.user("ada");
    let answer = tell(&site, &json!({ "type": "non_browser", "user": "ada@example.org" }));
    let bans = answer.json()["bans"].clone();
    let subject = Subject::User(ada.account(&site).id).to_string();
    assert_eq!(bans.as_array().map(Vec::len), Some(1));
    assert_eq!(bans[0]["subject"], subject);
    assert_eq!(ada.open_doors(), [false; 3]);
}

#[test]
fn an_address_that_crosses_takes_no_user_along() {
    let site = reported_to(|_| {});
    let (ada, bob) = (site.user("ada"), site.user("bob"));
    for person in [&ada, &bob] {
        let body =
            json!({ "type": "message_limit", "user": format!("{}@example.org", person.name), "address": MALLORY });
        for _ in 0..10 {
            assert_eq!(tell(&site, &body).status, 200);
        }
    }
    assert!(Visitor::at(&site, MALLORY).is_banned(), "ten and ten");
    assert_eq!([ada.open_doors(), bob.open_doors()], [[true; 3]; 2]);
}

#[test]
fn two_people_behind_one_address_do_not_ban_each_other_at_low_counts() {
    let site = reported_to(|_| {});
    let office = Visitor::at(&site, MALLORY);
    let (ada, bob) = (site.user("ada"), site.user("bob"));
    assert_eq!(office.log_in("bob").status, 200);
    crossed_alone(&site, &ada);
    assert!(!office.is_banned(), "bob has logged in well from there");
    assert_eq!(bob.open_doors(), [true; 3]);
    assert_eq!(ada.open_doors(), [false; 3]);
}

fn crossed_alone(site: &Site, person: &Person) {
    let body = json!({ "type": "non_browser", "user": format!("{}@example.org", person.name), "address": MALLORY });
    let answer = tell(site, &body);
    assert_eq!(answer.json()["addressSpared"], "good_login");
    assert_eq!(answer.json()["bans"].as_array().map(Vec::len), Some(1));
}
