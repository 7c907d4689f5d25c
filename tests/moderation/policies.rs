//! What the settings of moderation change, and what time does to scores and bans.

use std::time::Duration;

use librechat_auth::app::audit::Actor;
use librechat_auth::domain::moderation::points::Points;
use librechat_auth::domain::moderation::policy::Mode;
use librechat_auth::domain::moderation::subject::Subject;
use librechat_auth::domain::moderation::violation::Violation;
use serde_json::json;

use super::kit::{MALLORY, Visitor, at, misbehave, reported_to, score, strict_with, tell};
use crate::support::{days, just_under, minutes, seconds};

#[test]
fn shadow_mode_records_whom_it_would_have_banned_and_bans_nobody() {
    let site = strict_with(|config| config.moderation.policy.mode = Mode::Shadow);
    let ada = site.user("ada");
    let mallory = Visitor::at(&site, MALLORY);
    mallory.flood(40);
    assert!(!mallory.is_banned());
    let told = tell(&site, &json!({ "type": "non_browser", "user": "ada@example.org" })).json();
    assert_eq!(told["bans"][0]["shadow"], true);
    assert_eq!(ada.open_doors(), [true; 3]);
    let history = site.run(site.app.ban_history(i64::MAX, 10)).expect("history");
    assert_eq!(history.len(), 3, "two of the address, one of ada");
    assert!(history.iter().all(|ban| ban.shadow));
    assert_eq!(site.run(site.app.bans_in_force()).expect("bans"), []);
}

#[test]
fn switched_off_moderation_counts_and_bans_nobody() {
    let site = strict_with(|config| config.moderation.policy.mode = Mode::Off);
    let mallory = Visitor::at(&site, MALLORY);
    mallory.flood(25);
    assert!(!mallory.is_banned());
    assert_eq!(score(&site, at(MALLORY)), Points::whole(25));
    assert_eq!(site.run(site.app.ban_history(i64::MAX, 10)).expect("history"), []);
}

#[test]
fn a_ban_by_hand_counts_even_when_moderation_is_off() {
    let site = reported_to(|config| config.moderation.policy.mode = Mode::Off);
    let ada = site.user("ada");
    let subject = Subject::User(ada.account(&site).id);
    site.run(site.app.add_ban(subject, None, "", &Actor::Console))
        .expect("no fault")
        .expect("banned");
    assert_eq!(Visitor::at(&site, MALLORY).log_in("ada").status, 403);
}

#[test]
fn without_a_duration_sessions_end_and_no_ban_is_kept() {
    let site = reported_to(|config| config.moderation.policy.duration = Duration::ZERO);
    let ada = site.user("ada");
    let reported = misbehave(&site, Some(ada.account(&site).id), Some(MALLORY), 20);
    assert_eq!(reported.bans, []);
    assert_eq!(ada.open_doors(), [false; 3]);
    let visitor = Visitor::at(&site, MALLORY);
    assert!(!visitor.is_banned());
    assert_eq!(visitor.log_in("ada").status, 200);
    assert_eq!(site.run(site.app.ban_history(i64::MAX, 10)).expect("history"), []);
}

#[test]
fn a_score_fades_after_a_quiet_hour_and_not_before() {
    let site = reported_to(|_| {});
    misbehave(&site, None, Some(MALLORY), 19);
    site.clock.advance(just_under(minutes(60)));
    assert_eq!(score(&site, at(MALLORY)), Points::whole(19));
    site.clock.advance(seconds(1));
    assert_eq!(score(&site, at(MALLORY)), Points::ZERO);
    assert_eq!(misbehave(&site, None, Some(MALLORY), 19).bans, []);
    assert_eq!(misbehave(&site, None, Some(MALLORY), 1).bans.len(), 1);
}

#[test]
fn each_violation_starts_the_quiet_hour_again() {
    let site = reported_to(|_| {});
    for _ in 0..19 {
        misbehave(&site, None, Some(MALLORY), 1);
        site.clock.advance(minutes(59));
    }
    assert_eq!(misbehave(&site, None, Some(MALLORY), 1).bans.len(), 1);
}

#[test]
fn scores_last_as_long_as_the_setting_says() {
    let site = reported_to(|config| config.moderation.policy.score_lifetime = None);
    misbehave(&site, None, Some(MALLORY), 19);
    site.clock.advance(days(365));
    assert_eq!(misbehave(&site, None, Some(MALLORY), 1).bans.len(), 1);
}

#[test]
fn the_next_ban_comes_at_the_next_multiple() {
    let site = reported_to(|config| config.moderation.policy.score_lifetime = None);
    assert_eq!(misbehave(&site, None, Some(MALLORY), 20).bans.len(), 1);
    site.clock.advance(days(1));
    assert_eq!(misbehave(&site, None, Some(MALLORY), 19).bans, []);
    let again = misbehave(&site, None, Some(MALLORY), 1).bans;
    assert_eq!(
        again.iter().map(|ban| ban.points).collect::<Vec<_>>(),
        [Points::whole(40)]
    );
}

#[test]
fn parts_of_a_point_add_up_exactly() {
    let site = reported_to(|config| {
        let policy = &mut config.moderation.policy;
        policy.scores.insert(Violation::Message, Points::from_thousandths(100));
        policy.interval = Points::whole(1);
    });
    assert_eq!(misbehave(&site, None, Some(MALLORY), 9).bans, []);
    assert_eq!(
        misbehave(&site, None, Some(MALLORY), 1).bans.len(),
        1,
        "ten tenths are one"
    );
}

#[test]
fn a_longer_ban_is_not_shortened_by_a_new_one() {
    let site = reported_to(|_| {});
    let a_week = Some(days(7));
    site.run(site.app.add_ban(at(MALLORY), a_week, "", &Actor::Console))
        .expect("no fault")
        .expect("banned");
    misbehave(&site, None, Some(MALLORY), 20);
    site.clock.advance(just_under(days(7)));
    let visitor = Visitor::at(&site, MALLORY);
    assert!(visitor.is_banned());
    site.clock.advance(seconds(1));
    assert!(!visitor.is_banned());
}
