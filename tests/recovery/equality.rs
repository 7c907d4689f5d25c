//! Nobody learns from an answer, or from the time it takes, whether an address has an account (threat 21).

use std::time::{Duration, Instant};

use librechat_auth::app::audit::Actor;
use librechat_auth::app::moderation::Report;
use librechat_auth::config::Limit;
use librechat_auth::domain::account::Role;
use librechat_auth::domain::moderation::points::Points;
use librechat_auth::domain::moderation::violation::Violation;
use serde_json::{Value, json};

use crate::support::statistics::{Comparison, Shuffle};
use crate::support::{Answer, PASSWORD, Site, registration, with_mail};

const SAMPLES: usize = 500;

/// How often a measurement may be repeated: something else may have needed the machine.
const ATTEMPTS: u64 = 3;

/// What an address can be.
const STANDINGS: [&str; 6] = ["unknown", "known", "locked", "unproved", "without-password", "banned"];

fn site() -> Site {
    let site = Site::with(|config| {
        with_mail(config);
        config.accounts.password_reset = true;
        // Wrong passwords are counted, as they are everywhere, and never too many.
        config.limits.account = Limit {
            max: Some(1_000_000),
            window_minutes: 15.0,
        };
        config.moderation.policy.interval = Points::whole(1);
    });
    site.create("known", Role::User);
    let locked = site.create("locked", Role::User);
    site.run(site.app.set_disabled(&locked, true, &Actor::Console))
        .expect("locked");
    site.create_unverified("unproved");
    let bare = site.create("without-password", Role::User);
    site.sql(&format!(
        "UPDATE users SET password = NULL WHERE seq = {}",
        bare.key.number()
    ));
    let banned = site.create("banned", Role::User);
    let report = Report {
        kind: Violation::NonBrowser,
        user: Some(banned.id),
        address: None,
        source: "test",
        detail: String::new(),
    };
    site.run(site.app.report(report)).expect("banned");
    site
}

fn address(standing: &str) -> String {
    format!("{standing}@example.org")
}

/// What a client sees, without what differs for every answer.
fn shown(answer: &Answer) -> (u16, Vec<(String, String)>, String) {
    let differs = ["date", "x-reference", "x-request-id", "x-ratelimit-remaining"];
    let headers = answer
        .headers
        .iter()
        .filter(|(name, _)| !differs.contains(&name.as_str()));
    let mut headers: Vec<_> = headers
        .map(|(name, value)| (name.to_string(), value.to_str().expect("ASCII").to_owned()))
        .collect();
    headers.sort();
    (answer.status, headers, answer.text().to_owned())
}

/// Asks for every standing in turn, each round in another order, and compares what is seen and how long it takes with the
/// first standing.
fn assert_nobody_can_tell(standings: &[&str], ask: impl Fn(&str, usize) -> Answer) {
    let mut found = Vec::new();
    for attempt in 0..ATTEMPTS {
        let times = measure(standings, attempt, &ask);
        found = (1..standings.len())
            .map(|at| (standings[at], Comparison::of(&times[0], &times[at])))
            .filter(|(_, comparison)| comparison.differs())
            .collect();
        if found.is_empty() {
            return;
        }
    }
    panic!("{} takes another time than {found:?}", standings[0]);
}

fn measure(standings: &[&str], attempt: u64, ask: &impl Fn(&str, usize) -> Answer) -> Vec<Vec<Duration>> {
    let mut shuffle = Shuffle::new(attempt);
    let mut times = vec![Vec::new(); standings.len()];
    let mut expected = None;
    for round in 0..SAMPLES {
        for at in shuffle.order(standings.len()) {
            let round = round + SAMPLES * usize::try_from(attempt).expect("few");
            let start = Instant::now();
            let answer = ask(standings[at], round);
            times[at].push(start.elapsed());
            let seen = shown(&answer);
            let expected = expected.get_or_insert_with(|| seen.clone());
            assert_eq!(seen, *expected, "{}", standings[at]);
        }
    }
    times
}

fn posts<'s>(
    site: &'s Site,
    path: &'s str,
    body: impl Fn(&str, usize) -> Value + 's,
) -> impl Fn(&str, usize) -> Answer + 's {
    let client = site.client();
    move |standing, round| client.post(path, &body(standing, round))
}

#[test]
fn asking_for_a_reset_link_tells_nothing() {
    let site = site();
    let ask = posts(
        &site,
        "/api/auth/requestPasswordReset",
        |standing, _| json!({ "email": address(standing) }),
    );
    assert_nobody_can_tell(&STANDINGS, ask);
    assert!(!site.letters_of("reset_password").is_empty(), "somebody got one");
}

#[test]
fn asking_for_a_verification_link_tells_nothing() {
    let site = site();
    let ask = posts(
        &site,
        "/api/user/verify/resend",
        |standing, _| json!({ "email": address(standing) }),
    );
    assert_nobody_can_tell(&STANDINGS, ask);
    let letters = site.letters_of("verify_address");
    assert!(!letters.is_empty() && letters.iter().all(|letter| letter.to == address("unproved")));
}

#[test]
#[ignore = "slow: run make test"]
fn a_wrong_password_tells_nothing() {
    let site = site();
    let ask = posts(
        &site,
        "/api/auth/login",
        |standing, _| json!({ "email": address(standing), "password": "a wrong password" }),
    );
    assert_nobody_can_tell(&STANDINGS, ask);
}

#[test]
#[ignore = "slow: run make test"]
fn registering_tells_nothing() {
    let site = site();
    let ask = posts(&site, "/api/auth/register", |standing, round| {
        let name = if standing == "unknown" {
            format!("new{round}")
        } else {
            standing.to_owned()
        };
        let mut body = registration(&name);
        body["name"] = json!("Somebody");
        body["username"] = json!("somebody");
        body["password"] = json!(PASSWORD);
        body
    });
    assert_nobody_can_tell(&["unknown", "known", "unproved"], ask);
}

#[test]
fn the_measurement_finds_a_sleep_of_five_milliseconds() {
    let site = site();
    let client = site.client();
    let ask = |standing: &str, _: usize| {
        if standing == "known" {
            std::thread::sleep(Duration::from_millis(5));
        }
        client.post("/api/auth/requestPasswordReset", &json!({ "email": address(standing) }))
    };
    let times = measure(&["unknown", "known"], 0, &ask);
    assert!(Comparison::of(&times[0], &times[1]).differs());
}
