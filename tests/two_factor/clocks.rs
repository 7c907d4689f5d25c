//! A clock that is off is told to whoever can set it, and to nobody else.

use librechat_auth::app::Failure;
use librechat_auth::app::quota::Quota;
use librechat_auth::app::second_factor::change::Change;
use librechat_auth::domain::account::Role;
use librechat_auth::domain::refusal::Refusal;
use librechat_auth::domain::second_factor::{Act, Answer, Trouble};
use librechat_auth::domain::session::Origin;
use serde_json::json;

use super::kit::{Authenticator, enrol, enrolled, first_step, second_step, settings};
use crate::support::{Person, Site, minutes, seconds};

/// What somebody signed in is told of a code.
fn told(site: &Site, person: &Person, code: &str) -> Option<i64> {
    let who = site.run(site.app.identify_bearer(&person.token)).expect("signed in");
    let change = Change {
        who: &who,
        answer: Answer::parse(Some(code), None),
        origin: &Origin::default(),
    };
    match site.run(site.app.disable_second_factor(change, &mut Quota::default())) {
        Err(Failure::Refused(Refusal::SecondFactor(Trouble::Wrong {
            act: Act::Disable,
            seconds_off,
        }))) => seconds_off,
        other => panic!("not refused: {other:?}"),
    }
}

#[test]
fn a_signed_in_admin_is_told_how_far_off_a_clock_is() {
    let site = Site::start();
    site.create("root", Role::Admin);
    let root = enrol(&site, Person::log_in(&site, "root"));
    let now = site.app.now();
    assert_eq!(
        told(&site, &root.person, &root.authenticator.at(now.after(minutes(4)))),
        Some(240)
    );
    assert_eq!(
        told(&site, &root.person, &root.authenticator.at(now.before(minutes(10)))),
        Some(-600)
    );
    assert_eq!(
        told(&site, &root.person, &root.authenticator.at(now.after(seconds(630)))),
        None
    );
    assert_eq!(told(&site, &root.person, &root.authenticator.wrong(&site)), None);
}

#[test]
fn nobody_else_is_told() {
    let site = Site::start();
    let ada = enrolled(&site, "ada");
    let code = ada.authenticator.at(site.app.now().after(minutes(4)));
    assert_eq!(told(&site, &ada.person, &code), None);
}

#[test]
fn a_stranger_gets_the_same_answer_whether_or_not_the_code_is_right_elsewhen() {
    let site = Site::start();
    site.create("root", Role::Admin);
    let root = enrol(&site, Person::log_in(&site, "root"));
    let answer_to = |code: &str| {
        let answer = second_step(&site.client(), &first_step(&site.client(), "root"), "token", code);
        (answer.status, answer.text().to_owned())
    };
    let elsewhen = answer_to(&root.authenticator.at(site.app.now().before(minutes(5))));
    assert_eq!(elsewhen, answer_to(&root.authenticator.wrong(&site)));
}

#[test]
fn an_admin_is_told_while_setting_it_up_too() {
    let site = Site::start();
    site.create("root", Role::Admin);
    let root = Person::log_in(&site, "root");
    let body = settings(&root, "enable", &json!({})).json();
    let authenticator = Authenticator::scan(body["otpauthUrl"].as_str().expect("a URI"));
    let who = site.run(site.app.identify_bearer(&root.token)).expect("signed in");
    let code = authenticator.at(site.app.now().after(minutes(3)));
    let change = Change {
        who: &who,
        answer: Answer::parse(Some(&code), None),
        origin: &Origin::default(),
    };
    let refused = site.run(site.app.confirm_enrolment(change, false));
    let Err(Failure::Refused(refusal)) = refused else {
        panic!("not refused")
    };
    let expected = Trouble::Wrong {
        act: Act::Confirm,
        seconds_off: Some(180),
    };
    assert_eq!(refusal, Refusal::SecondFactor(expected));
}
