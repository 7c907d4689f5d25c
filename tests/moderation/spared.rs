//! Whom no score can ban.

use librechat_auth::app::audit::Actor;
use librechat_auth::domain::moderation::ban::{Spared, Unbannable};
use librechat_auth::domain::moderation::points::Points;
use librechat_auth::domain::moderation::subject::Subject;
use serde_json::json;

use super::kit::{MALLORY, NEIGHBOUR, Visitor, at, misbehave, reported_to, score, strict, strict_with};
use crate::support::{Person, days, just_under, minutes};

#[test]
fn this_machine_is_never_banned() {
    let site = strict();
    for loopback in ["127.0.0.1", "127.8.9.10", "::1", "::ffff:127.0.0.1"] {
        let visitor = Visitor::at(&site, loopback);
        for _ in 0..65 {
            visitor.guess("nobody");
        }
        assert!(!visitor.is_banned(), "{loopback}");
    }
    assert_eq!(site.run(site.app.bans_in_force()).expect("bans"), []);
}

#[test]
fn a_trusted_proxy_is_never_banned_and_the_visitors_behind_it_are() {
    let site = strict_with(|config| {
        config.server.trust_proxy = 0;
        config.server.trusted_proxies = ["127.0.0.1", NEIGHBOUR]
            .map(|one| one.parse().expect("a network"))
            .to_vec();
    });
    let behind = Visitor::at(&site, &format!("{MALLORY}, {NEIGHBOUR}"));
    behind.flood(20);
    assert!(behind.is_banned());
    let proxy = Visitor::at(&site, NEIGHBOUR);
    proxy.flood(45);
    assert!(
        !proxy.is_banned(),
        "its own requests, as with a proxy that passes no address on"
    );
    let reported = misbehave(&site, None, Some(NEIGHBOUR), 20);
    assert_eq!((reported.spared, reported.bans.len()), (Some(Spared::TrustedProxy), 0));
    let by_hand = site
        .run(site.app.add_ban(at(NEIGHBOUR), None, "", &Actor::Console))
        .expect("no fault");
    assert_eq!(by_hand, Err(Unbannable::Spared(Spared::TrustedProxy)));
}

#[test]
fn an_exempt_network_is_never_banned_however_high_its_score() {
    let site = strict_with(|config| {
        config.moderation.policy.exempt = vec!["203.0.113.0/24".parse().expect("a network")];
    });
    let mallory = Visitor::at(&site, MALLORY);
    mallory.flood(60);
    assert!(!mallory.is_banned());
    assert_eq!(
        score(&site, at(MALLORY)),
        Points::whole(60),
        "it is counted all the same"
    );
    let reported = misbehave(&site, None, Some(MALLORY), 20);
    assert_eq!((reported.spared, reported.bans.len()), (Some(Spared::Exempt), 0));
}

#[test]
fn a_user_at_an_exempt_address_is_banned_without_it() {
    let site = reported_to(|config| {
        config.moderation.policy.exempt = vec![MALLORY.parse().expect("a network")];
    });
    let ada = site.user("ada");
    let id = ada.account(&site).id;
    let reported = misbehave(&site, Some(id), Some(MALLORY), 20);
    let subjects: Vec<_> = reported.bans.iter().map(|ban| ban.subject).collect();
    assert_eq!(subjects, [Subject::User(id)]);
    assert!(!Visitor::at(&site, MALLORY).is_banned());
}

#[test]
fn no_hand_bans_this_machine_or_what_contains_it() {
    let site = strict();
    for network in ["127.0.0.1", "127.0.0.0/8", "::1", "0.0.0.0/0", "::/0"] {
        let subject = Subject::Network(network.parse().expect("a network"));
        let added = site
            .run(site.app.add_ban(subject, None, "", &Actor::Console))
            .expect("no fault");
        assert_eq!(added, Err(Unbannable::Spared(Spared::Loopback)), "{network}");
    }
}

#[test]
fn an_address_of_a_good_login_is_spared_once_and_banned_the_second_time() {
    let site = strict();
    Person::register(&site, "ada");
    let office = Visitor::at(&site, MALLORY);
    assert_eq!(office.log_in("ada").status, 200);
    for n in 1..=39 {
        assert_eq!(office.guess("ada").status, 429);
        assert!(!office.is_banned(), "throttled at {n}, not banned");
    }
    assert_eq!(office.guess("ada").status, 429);
    assert!(office.is_banned());
}

#[test]
fn a_good_login_speaks_for_its_address_for_a_day() {
    let site = reported_to(|_| {});
    Person::register(&site, "ada");
    let office = Visitor::at(&site, MALLORY);
    assert_eq!(office.log_in("ada").status, 200);
    site.clock.advance(just_under(days(1)));
    assert_eq!(
        misbehave(&site, None, Some(MALLORY), 20).spared,
        Some(Spared::GoodLogin)
    );
    site.clock.advance(minutes(61));
    assert_eq!(misbehave(&site, None, Some(MALLORY), 20).spared, None);
    assert!(office.is_banned());
}

#[test]
fn a_refused_login_speaks_for_nobody() {
    let site = strict();
    Person::register(&site, "ada");
    let mallory = Visitor::at(&site, MALLORY);
    assert_eq!(mallory.guess("ada").status, 400);
    for _ in 0..20 {
        assert_eq!(mallory.log_in("ada").status, 429);
    }
    assert!(mallory.is_banned());
}

#[test]
fn a_missing_or_expired_credential_scores_nothing() {
    let site = reported_to(|_| {});
    let ada = site.user("ada");
    let old = ada.token.clone();
    site.clock.advance(days(30));
    let visitor = Visitor::at(&site, MALLORY);
    for _ in 0..25 {
        assert_eq!(visitor.send("GET", "/api/user").status, 401);
        assert_eq!(visitor.bearer("GET", "/api/user", &old).status, 401);
        assert_eq!(visitor.bearer("GET", "/api/user", "garbage").status, 401);
        visitor.post("/api/auth/refresh", &json!({}));
        assert_eq!(visitor.send("GET", "/").status, 303);
    }
    assert_eq!(score(&site, at(MALLORY)), Points::ZERO);
    assert!(!visitor.is_banned());
}

#[test]
fn a_wrong_password_below_the_limit_scores_nothing() {
    let site = reported_to(|_| {});
    let visitor = Visitor::at(&site, NEIGHBOUR);
    for _ in 0..3 {
        assert_eq!(visitor.guess("nobody").status, 400);
    }
    assert_eq!(score(&site, at(NEIGHBOUR)), Points::ZERO);
}
