//! `why`: from the number on a refusal to its reason.

use std::time::{Duration, Instant};

use librechat_auth::domain::moderation::violation::Violation;
use serde_json::{Value as Json, json};

use super::record::Record;
use crate::cli::kit::Home;
use crate::cli::server::Server;

/// Asks until the server has written the refusal down.
fn why(home: &Home, reference: &str) -> Json {
    let start = Instant::now();
    loop {
        let ended = home.run(&["why", reference, "--json"]);
        if ended.code == Some(0) {
            return serde_json::from_str(&ended.out).expect("JSON");
        }
        assert!(start.elapsed() < Duration::from_secs(10), "{ended:?}");
    }
}

#[test]
fn the_number_of_a_refusal_leads_to_its_rule_address_and_standing() {
    let home = Home::with_people();
    std::fs::write(home.dir.path().join(".env"), "TRUST_PROXY=1\n").expect("written");
    let server = Server::start(&home);
    let client = server.client();
    let answer = client
        .request("POST", "/api/auth/register?token=secret")
        .header("x-forwarded-for", "203.0.113.9")
        .json(&json!({}))
        .send();
    let reference = answer.header("x-reference").expect("a number").to_owned();
    let told = why(&home, &reference);
    let refusal = &told["refusal"];
    assert_eq!(
        (&refusal["cause"], &refusal["route"], &refusal["address"]),
        (
            &json!("registration_closed"),
            &json!("POST /api/auth/register"),
            &json!("203.0.113.9")
        )
    );
    assert!(refusal["derived"].as_str().expect("words").contains("X-Forwarded-For"));
    assert!(
        refusal["advice"]
            .as_str()
            .expect("words")
            .contains("accounts.registration")
    );
    assert_eq!((&told["address"]["scores"], &told["ban"]), (&json!([]), &json!(null)));
    let text = home.run(&["why", &reference.to_lowercase()]);
    assert!(
        text.done()
            .contains("203.0.113.9 now:\n  score: nothing\n  never banned"),
        "{text:?}"
    );
    assert!(!text.out.contains("secret"));
}

#[test]
fn who_was_refused_is_told_with_sessions_and_bans() {
    let home = Home::with_people();
    let server = Server::start(&home);
    let bob = server.person("bob");
    let ban = home.json(&["ban-user", "bob@example.org", "2h"]);
    let answer = bob.api("GET", "/api/user");
    let reference = answer.header("x-reference").expect("a number");
    let user = &why(&home, reference)["user"];
    assert_eq!(
        (&user["email"], &user["sessions"]),
        (&json!("bob@example.org"), &json!(0))
    );
    assert_eq!(user["bans"][0]["reference"], ban["reference"]);
}

#[test]
fn the_number_of_a_ban_is_explained_before_anybody_was_refused_by_it() {
    let home = Home::with_people();
    let record = Record::of(&home);
    let bans = record.violation(Violation::NonBrowser, None, "203.0.113.7");
    drop(record);
    let told = home.json(&["why", &bans[0].reference]);
    assert_eq!(
        (&told["refusal"], &told["ban"]["arithmetic"]),
        (&json!(null), &json!("20 = 20"))
    );
}

#[test]
fn an_unknown_number_says_what_numbers_look_like() {
    let home = Home::with_people();
    home.run(&["why", "ZZZZ-ZZZZ"]).refused(1, "K7QW-3M9P");
    home.run(&["why", "nonsense"]).refused(1, "nothing is known");
}
