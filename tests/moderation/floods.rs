//! Strangers who log in far too often are banned by their address, at every door, and nobody else is.

use librechat_auth::domain::moderation::points::Points;
use librechat_auth::domain::moderation::subject::Subject;

use super::kit::{BANNED, CONTACT, MALLORY, NEIGHBOUR, Visitor, at, every_route, is_api, is_open, score, strict};
use crate::support::{Person, Site, days, just_under, minutes, registration, seconds};

fn flooded(site: &Site) -> Visitor {
    let mallory = Visitor::at(site, MALLORY);
    mallory.flood(20);
    mallory
}

#[test]
fn the_twentieth_login_too_many_bans_the_address() {
    let site = strict();
    let mallory = Visitor::at(&site, MALLORY);
    mallory.flood(19);
    assert!(!mallory.is_banned());
    assert_eq!(mallory.guess("nobody").status, 429, "the last one is told of the limit");
    assert!(mallory.is_banned());
    let bans = site.run(site.app.bans_in_force()).expect("bans");
    let [ban] = bans.as_slice() else {
        panic!("one ban: {bans:?}");
    };
    assert_eq!((ban.subject, ban.points), (at(MALLORY), Points::whole(20)));
    assert_eq!((ban.cause.as_str(), ban.by.as_str()), ("logins", "moderation"));
}

#[test]
fn registrations_count_as_logins_do() {
    let site = strict();
    let mallory = Visitor::at(&site, MALLORY);
    for n in 0..21 {
        mallory.post("/api/auth/register", &registration(&format!("bot{n}")));
    }
    assert!(mallory.is_banned());
}

#[test]
fn kinds_are_counted_apart() {
    let site = strict();
    let mallory = Visitor::at(&site, MALLORY);
    mallory.flood(19);
    for n in 0..20 {
        mallory.post("/api/auth/register", &registration(&format!("bot{n}")));
    }
    assert!(!mallory.is_banned(), "nineteen of each cross nothing");
}

#[test]
fn every_door_is_shut_to_a_banned_address_and_says_why() {
    let site = strict();
    let mallory = flooded(&site);
    let ban = site.run(site.app.bans_in_force()).expect("bans").remove(0);
    for (method, path) in every_route() {
        let answer = mallory.send(method, &path);
        if is_open(&path) {
            assert_ne!(answer.status, 403, "{method} {path}");
        } else if is_api(&path) {
            assert_eq!(answer.message(), (403, BANNED.to_owned()), "{method} {path}");
            assert_eq!(answer.header("x-reference"), Some(ban.reference.as_str()), "{path}");
        } else {
            assert_eq!(answer.status, 403, "{method} {path}");
            assert_eq!(answer.header("x-reference"), Some(ban.reference.as_str()), "{path}");
            if path.starts_with("/forward-auth/") {
                // Read by a proxy, which shows a page of its own.
                continue;
            }
            for words in ["2023-11-15T00:13:20", ban.reference.as_str(), CONTACT] {
                assert!(answer.says(words), "{method} {path}: {words} is missing");
            }
        }
    }
}

#[test]
fn even_the_right_keys_do_not_open_from_a_banned_address() {
    let site = strict();
    let ada = site.user("ada");
    flooded(&site);
    let here = Visitor {
        client: ada.client.clone(),
        address: MALLORY.to_owned(),
    };
    assert_eq!(
        here.bearer("GET", "/api/user", &ada.token).message(),
        (403, BANNED.to_owned())
    );
    let refreshed = here.post("/api/auth/refresh", &serde_json::json!({}));
    assert_eq!(refreshed.message(), (403, BANNED.to_owned()));
    assert_eq!(here.send("GET", "/").status, 403);
    assert_eq!(ada.open_doors(), [true; 3], "from elsewhere they do");
}

#[test]
fn everybody_else_is_unaffected() {
    let site = strict();
    flooded(&site);
    assert!(!Visitor::at(&site, NEIGHBOUR).is_banned());
    Person::register(&site, "ada");
    assert_eq!(Visitor::at(&site, NEIGHBOUR).log_in("ada").status, 200);
    assert_eq!(score(&site, at(NEIGHBOUR)), Points::ZERO);
}

#[test]
fn a_household_with_ipv6_is_banned_together_and_the_next_one_is_not() {
    let site = strict();
    for n in 0..=20 {
        Visitor::at(&site, &format!("2001:db8:1:2::{n:x}")).guess("nobody");
    }
    assert!(Visitor::at(&site, "2001:db8:1:2:ffff::1").is_banned());
    assert!(!Visitor::at(&site, "2001:db8:1:3::1").is_banned());
}

#[test]
fn a_mapped_address_is_banned_with_the_ipv4_one() {
    let site = strict();
    Visitor::at(&site, "::ffff:203.0.113.7").flood(20);
    assert!(Visitor::at(&site, MALLORY).is_banned());
}

#[test]
fn invented_forwarded_addresses_ban_nobody_else() {
    let site = strict();
    let mallory = Visitor::at(&site, &format!("{NEIGHBOUR}, {MALLORY}"));
    mallory.flood(20);
    assert!(Visitor::at(&site, MALLORY).is_banned());
    assert!(!Visitor::at(&site, NEIGHBOUR).is_banned());
}

#[test]
fn a_ban_ends_by_itself_to_the_second() {
    let site = strict();
    let mallory = flooded(&site);
    site.clock.advance(just_under(minutes(120)));
    assert!(mallory.is_banned());
    site.clock.advance(seconds(1));
    assert!(!mallory.is_banned());
    assert_eq!(mallory.guess("nobody").status, 400, "the limit has forgotten, too");
}

#[test]
fn a_week_of_floods_bans_twelve_times_a_day_and_the_history_keeps_all() {
    let site = strict();
    let mallory = Visitor::at(&site, MALLORY);
    for _ in 0..3 {
        mallory.flood(20);
        assert!(mallory.is_banned());
        site.clock.advance(minutes(120));
        assert!(!mallory.is_banned());
        site.clock.advance(days(2));
    }
    let history = site.run(site.app.ban_history(i64::MAX, 10)).expect("history");
    let points: Vec<_> = history.iter().map(|ban| ban.points).collect();
    assert_eq!(points, [Points::whole(20); 3], "a score that faded starts again");
}

#[test]
fn what_a_banned_address_goes_on_sending_costs_it_nothing_more() {
    let site = strict();
    let mallory = flooded(&site);
    for _ in 0..30 {
        mallory.guess("nobody");
    }
    let Subject::Network(_) = at(MALLORY) else {
        unreachable!()
    };
    assert_eq!(score(&site, at(MALLORY)), Points::whole(20));
    assert_eq!(site.run(site.app.ban_history(i64::MAX, 10)).expect("history").len(), 1);
}

#[test]
fn below_a_public_path_the_doors_are_shut_and_the_probes_open_as_well() {
    let site = super::kit::strict_with(|config| {
        config.server.public_url = Some("https://home.example.org/auth".parse().expect("a URL"));
    });
    let mallory = flooded(&site);
    assert_eq!(
        mallory.send("GET", "/auth/api/config").message(),
        (403, BANNED.to_owned())
    );
    assert!(mallory.send("GET", "/auth/login").says(CONTACT));
    assert_eq!(mallory.send("GET", "/auth/health").status, 200);
    assert_eq!(mallory.send("GET", "/auth/login/static/").status, 403);
}
