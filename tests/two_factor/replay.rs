//! A code opens once: in its window, elsewhere, and for fifty who come at the same moment.

use std::sync::Barrier;
use std::thread;

use librechat_auth::domain::time::Timestamp;
use serde_json::{Value, json};

use super::kit::{WRONG_AT_LOGIN, enrol, enrolled, first_step, second_step, settings};
use crate::support::{START, Site, minutes, seconds};

const AT_ONCE: usize = 50;

/// Runs something fifty times at the same moment and gives the statuses, sorted.
fn at_once(act: impl Fn(usize) -> u16 + Sync) -> Vec<u16> {
    let start = Barrier::new(AT_ONCE);
    let mut statuses: Vec<u16> = thread::scope(|scope| {
        let all: Vec<_> = (0..AT_ONCE)
            .map(|number| {
                let (start, act) = (&start, &act);
                scope.spawn(move || {
                    start.wait();
                    act(number)
                })
            })
            .collect();
        all.into_iter().map(|one| one.join().expect("an answer")).collect()
    });
    statuses.sort_unstable();
    statuses
}

fn one_of(winner: u16, losers: u16) -> Vec<u16> {
    let mut expected = vec![losers; AT_ONCE - 1];
    expected.push(winner);
    expected.sort_unstable();
    expected
}

#[test]
fn the_same_code_does_not_open_twice_within_its_window() {
    let site = Site::start();
    let ada = enrolled(&site, "ada");
    let code = ada.authenticator.now(&site);
    let log_in = || second_step(&site.client(), &first_step(&site.client(), "ada"), "token", &code);
    assert_eq!(log_in().status, 200);
    site.clock.advance(seconds(29));
    assert_eq!(log_in().message(), (401, WRONG_AT_LOGIN.to_owned()));
}

#[test]
fn a_code_used_at_enrolment_cannot_be_the_next_login() {
    let site = Site::start();
    let person = site.user("ada");
    let before = site.app.now();
    let ada = enrol(&site, person);
    let code = ada.authenticator.at(before);
    let answer = second_step(&site.client(), &first_step(&site.client(), "ada"), "token", &code);
    assert_eq!(answer.message(), (401, WRONG_AT_LOGIN.to_owned()));
}

#[test]
fn a_code_used_in_one_place_is_used_up_everywhere() {
    let site = Site::start();
    let ada = enrolled(&site, "ada");
    let code = ada.authenticator.now(&site);
    let body = json!({ "token": code });
    let log_in = || second_step(&site.client(), &first_step(&site.client(), "ada"), "token", &code).status;
    assert_eq!(settings(&ada.person, "verify", &body).status, 200);
    assert_eq!(log_in(), 401, "after a verification");
    for path in ["enable", "backup/regenerate", "disable"] {
        assert_eq!(settings(&ada.person, path, &body).status, 401, "{path}");
    }
    let request = ada.person.client.request("DELETE", "/api/user/delete");
    assert_eq!(request.bearer(&ada.person.token).json(&body).send().status, 401);
    site.clock.advance(seconds(30));
    let next = ada.authenticator.now(&site);
    assert_eq!(
        second_step(&site.client(), &first_step(&site.client(), "ada"), "token", &next).status,
        200
    );
    assert_eq!(settings(&ada.person, "disable", &json!({ "token": next })).status, 401);
}

#[test]
fn an_earlier_code_is_not_accepted_after_a_later_one() {
    let site = Site::start();
    let ada = enrolled(&site, "ada");
    site.clock.advance(minutes(2));
    let now = site.app.now();
    let (earlier, later) = (now.before(seconds(30)), now.after(seconds(30)));
    let log_in = |at: Timestamp| {
        let code = ada.authenticator.at(at);
        second_step(&site.client(), &first_step(&site.client(), "ada"), "token", &code).status
    };
    assert_eq!(log_in(later), 200, "a clock half a minute ahead will do");
    assert_eq!((log_in(now), log_in(earlier)), (401, 401));
}

#[test]
fn a_code_is_good_for_a_step_before_and_after_and_not_for_two() {
    let site = Site::start();
    let ada = enrolled(&site, "ada");
    let log_in = |at: Timestamp| {
        let code = ada.authenticator.at(at);
        second_step(&site.client(), &first_step(&site.client(), "ada"), "token", &code).status
    };
    site.clock.advance(minutes(5));
    let now = site.app.now();
    assert_eq!(
        (log_in(now.before(seconds(60))), log_in(now.after(seconds(60)))),
        (401, 401)
    );
    assert_eq!(log_in(now.before(seconds(30))), 200);
    assert_eq!(log_in(now), 200);
    assert_eq!(log_in(now.after(seconds(30))), 200);
}

#[test]
fn a_clock_that_was_far_ahead_locks_nobody_out_once_it_is_right() {
    let site = Site::start();
    let ada = enrolled(&site, "ada");
    let log_in = || {
        let code = ada.authenticator.now(&site);
        second_step(&site.client(), &first_step(&site.client(), "ada"), "token", &code).status
    };
    site.clock.set(Timestamp::from_seconds(2_000_000_000));
    assert_eq!(log_in(), 200);
    site.clock.set(START.after(minutes(10)));
    assert_eq!((log_in(), log_in()), (200, 401));
}

#[test]
fn of_fifty_logins_with_the_same_code_one_succeeds() {
    let site = Site::start();
    let ada = enrolled(&site, "ada");
    let code = ada.authenticator.now(&site);
    let tickets: Vec<String> = (0..AT_ONCE).map(|_| first_step(&site.client(), "ada")).collect();
    let statuses = at_once(|number| second_step(&site.client(), &tickets[number], "token", &code).status);
    assert_eq!(statuses, one_of(200, 401));
}

#[test]
fn of_fifty_logins_with_the_same_backup_code_one_succeeds() {
    let site = Site::start();
    let ada = enrolled(&site, "ada");
    let tickets: Vec<String> = (0..AT_ONCE).map(|_| first_step(&site.client(), "ada")).collect();
    let statuses = at_once(|number| second_step(&site.client(), &tickets[number], "backupCode", &ada.codes[7]).status);
    assert_eq!(statuses, one_of(200, 401));
}

#[test]
fn of_fifty_logins_with_the_same_ticket_one_succeeds() {
    let site = Site::start();
    let ada = enrolled(&site, "ada");
    let ticket = first_step(&site.client(), "ada");
    // Ten codes that are all good, so that only the ticket can refuse.
    let statuses = at_once(|number| {
        let code = &ada.codes[number % ada.codes.len()];
        second_step(&site.client(), &ticket, "backupCode", code).status
    });
    assert_eq!(statuses, one_of(200, 401));
}

#[test]
fn a_code_races_against_itself_in_different_places() {
    let site = Site::start();
    let ada = enrolled(&site, "ada");
    let code = ada.authenticator.now(&site);
    let body: Value = json!({ "token": code });
    let tickets: Vec<String> = (0..AT_ONCE).map(|_| first_step(&site.client(), "ada")).collect();
    let statuses = at_once(|number| match number % 3 {
        0 => second_step(&site.client(), &tickets[number], "token", &code).status,
        1 => settings(&ada.person, "verify", &body).status,
        _ => settings(&ada.person, "backup/regenerate", &body).status,
    });
    let passed = statuses.iter().filter(|status| **status == 200).count();
    assert_eq!(passed, 1, "{statuses:?}");
}
