//! `bans`, `ban-user`, `ban-ip`, `unban`, `violations` and `moderation status`, without a server.

use librechat_auth::domain::moderation::violation::Violation;
use serde_json::json;

use super::record::Record;
use crate::cli::kit::Home;

const KEYS: &[&str] = &[
    "by",
    "cause",
    "email",
    "ends_at",
    "interval",
    "lifted_at",
    "network",
    "note",
    "points",
    "reference",
    "started_at",
    "state",
    "user",
];

#[test]
fn ban_user_takes_librechats_milliseconds_and_says_that_it_worked() {
    let home = Home::with_people();
    let ended = home.run(&["ban-user", "bob@example.org", "7200000"]);
    let out = ended.done();
    assert!(out.starts_with("Found user: bob@example.org\n"), "{out}");
    assert!(out.contains("bob@example.org is banned until ") && out.contains("logged out everywhere"));
    let bans = home.json(&["bans", "list"]);
    assert_eq!(bans[0].as_object().expect("an object").keys().collect::<Vec<_>>(), KEYS);
    assert_eq!(
        (&bans[0]["email"], &bans[0]["cause"], &bans[0]["by"], &bans[0]["state"]),
        (
            &json!("bob@example.org"),
            &json!("manual"),
            &json!("console"),
            &json!("in force")
        )
    );
}

#[test]
fn durations_have_units_and_slips_are_refused() {
    let home = Home::with_people();
    for bad in ["120", "soon", "0", "-5m"] {
        home.run(&["ban-user", "--", "bob@example.org", bad])
            .refused(2, "Invalid duration!");
    }
    home.run(&["ban-user", "bob@example.org"]).refused(2, "DURATION");
    home.run(&["ban-user", "nobody@example.org", "2h"])
        .refused(1, "User not found!");
    assert_eq!(home.json(&["bans", "list"]), json!([]));
}

#[test]
fn the_last_admin_is_banned_only_after_a_question() {
    let home = Home::with_people();
    home.run(&["ban-user", "ada@example.org", "2h"]).refused(2, "--yes");
    home.run(&["ban-user", "ada@example.org", "2h", "--yes"]).done();
}

#[test]
fn this_machine_and_exempt_networks_are_refused_with_the_reason() {
    let home = Home::with_people();
    for loopback in ["127.0.0.1", "::1", "0.0.0.0/0", "::ffff:127.0.0.1"] {
        home.run(&["ban-ip", loopback]).refused(1, "this machine is in it");
    }
    std::fs::write(
        home.dir.path().join(".env"),
        "LIBRECHAT_AUTH_EXEMPT_NETWORKS=192.168.0.0/16\n",
    )
    .expect("written");
    home.run(&["bans", "add", "192.168.7.7"])
        .refused(1, "moderation.exempt");
    home.run(&["ban-ip", "not-an-address"]).refused(2, "203.0.113.0/24");
    home.run(&["bans", "add", "203.0.113.0/99"]).refused(1, "is no network");
}

#[test]
fn unbanning_an_address_lifts_every_network_around_it_and_leaves_the_others() {
    let home = Home::with_people();
    for network in [
        "203.0.113.0/24",
        "203.0.113.7",
        "203.0.112.0/20",
        "203.0.113.8",
        "198.51.100.1",
    ] {
        home.run(&["ban-ip", network, "2h", "--note", "a test"]).done();
    }
    let lifted = home.json(&["unban", "203.0.113.7"]);
    assert_eq!(lifted["lifted"].as_array().expect("a list").len(), 3);
    let left = home.json(&["bans", "list"]);
    let left: Vec<_> = left
        .as_array()
        .expect("a list")
        .iter()
        .map(|ban| &ban["network"])
        .collect();
    assert_eq!(left, ["203.0.113.8", "198.51.100.1"]);
    home.run(&["unban", "--all"]).refused(2, "--yes");
    assert_eq!(
        home.json(&["unban", "--all", "--yes"])["lifted"]
            .as_array()
            .map(Vec::len),
        Some(2)
    );
    let all = home.json(&["bans", "list", "--all"]);
    assert!(
        all.as_array()
            .expect("a list")
            .iter()
            .all(|ban| ban["state"] == "lifted")
    );
}

#[test]
fn a_ban_is_lifted_by_its_number_as_people_type_it() {
    let home = Home::with_people();
    let ban = home.json(&["bans", "add", "bob@example.org", "--note", "spam"]);
    let reference = ban["reference"].as_str().expect("a number");
    assert_eq!((&ban["ends_at"], &ban["note"]), (&json!(null), &json!("spam")));
    let typed = reference.replace('-', "").to_lowercase();
    home.run(&["bans", "remove", &typed]).done();
    assert_eq!(home.json(&["bans", "list"]), json!([]));
    home.run(&["unban", "bob@example.org"]).done();
    home.run(&["unban", "ZZZZ-ZZZZ"]).refused(1, "there is no ban");
    home.run(&["unban", "nobody@example.org"]).refused(1, "User not found!");
    home.run(&["unban"]).refused(2, "USER|ADDRESS|NETWORK|REF");
}

#[test]
fn show_gives_the_violations_that_added_up_and_the_sum() {
    let home = Home::with_people();
    let record = Record::of(&home);
    record.violations(19, Violation::Message, None, "203.0.113.7");
    record.violations(3, Violation::Logins, None, "203.0.113.7");
    let bans = record.violation(Violation::Message, None, "203.0.113.7");
    drop(record);
    let shown = home.json(&["bans", "show", &bans[0].reference]);
    let ones = ["1"; 20].join(" + ");
    assert_eq!(shown["arithmetic"], format!("{ones} = 20"));
    assert_eq!((&shown["crossed"], &shown["complete"]), (&json!(20), &json!(true)));
    let events = shown["violations"].as_array().expect("a list");
    assert!(events.len() == 20 && events.iter().all(|event| event["kind"] == "message_limit"));
    let text = home.run(&["bans", "show", &bans[0].reference]);
    assert!(
        text.done().contains(&format!("message_limit: {ones} = 20, crossed 20")),
        "{text:?}"
    );
    assert!(
        text.out
            .contains(&format!("ends     {}", bans[0].ends_at.expect("an end")))
    );
}

#[test]
fn an_address_taken_along_is_explained_by_its_user_and_named_when_the_user_is_unbanned() {
    let home = Home::with_people();
    let bob = home.account("bob@example.org").expect("there")["id"]
        .as_str()
        .expect("an id")
        .to_owned();
    let record = Record::of(&home);
    record.violation(Violation::NonBrowser, Some(&bob), "203.0.113.1");
    record.violations(19, Violation::Message, Some(&bob), "203.0.113.2");
    let bans = record.violation(Violation::Message, Some(&bob), "203.0.113.3");
    drop(record);
    assert_eq!(bans.len(), 2);
    let (user, address) = (&bans[0].reference, &bans[1].reference);
    let shown = home.json(&["bans", "show", address]);
    assert_eq!(
        (&shown["network"], &shown["together"]),
        (&json!("203.0.113.3"), &json!([user]))
    );
    assert_eq!(shown["violations"].as_array().map(Vec::len), Some(20));
    let unbanned = home.json(&["unban", "bob@example.org"]);
    let still = unbanned["still_banned"].as_array().expect("a list");
    assert!(still.contains(&json!(address)), "{unbanned}");
}

#[test]
fn unbanning_forgets_the_score_so_that_the_next_violation_is_the_first() {
    let home = Home::with_people();
    let record = Record::of(&home);
    record.violations(19, Violation::Logins, None, "203.0.113.7");
    home.run(&["unban", "203.0.113.7"]).done();
    assert!(record.violations(19, Violation::Logins, None, "203.0.113.7").is_empty());
    assert_eq!(record.violation(Violation::Logins, None, "203.0.113.7").len(), 1);
}

#[test]
fn violations_are_filtered_and_the_last_ones_are_shown() {
    let home = Home::with_people();
    let bob = home.account("bob@example.org").expect("there")["id"]
        .as_str()
        .expect("an id")
        .to_owned();
    let record = Record::of(&home);
    record.violations(3, Violation::Logins, None, "203.0.113.7");
    record.violations(2, Violation::Message, Some(&bob), "203.0.114.8");
    record.violation(Violation::Fork, None, "2001:db8::5");
    drop(record);
    let count = |flags: &[&str]| {
        let arguments = [&["violations", "list"], flags].concat();
        home.json(&arguments).as_array().expect("a list").len()
    };
    assert_eq!(count(&[]), 6);
    assert_eq!(count(&["--user", "bob@example.org"]), 2);
    assert_eq!(count(&["--address", "203.0.113.7"]), 3);
    assert_eq!(count(&["--address", "203.0.0.0/16"]), 5);
    assert_eq!(count(&["--address", "2001:db8::ffff"]), 1);
    assert_eq!(count(&["--kind", "message_limit"]), 2);
    assert_eq!(count(&["--kind", "logins", "--user", "bob@example.org"]), 0);
    assert_eq!(count(&["--since", "1s"]), 0);
    assert_eq!(
        home.json(&["violations", "list", "--limit", "1"])[0]["kind"],
        "fork_limit"
    );
    let text = home.run(&["violations", "list", "--limit", "2"]);
    assert_eq!(text.done().lines().count(), 3);
    assert!(text.err.contains("4 older ones are left out"), "{text:?}");
    home.run(&["violations", "list", "--kind", "typo"]).refused(2, "logins");
}

#[test]
fn status_says_the_policy_in_plain_words() {
    let home = Home::with_people();
    home.run(&["ban-ip", "203.0.113.7"]).done();
    let text = home.run(&["moderation", "status"]);
    assert!(text.done().starts_with("Moderation is on.\n"), "{text:?}");
    assert!(
        text.out
            .contains("bans each time it reaches a multiple of 20; a ban lasts 2h.")
    );
    let status = home.json(&["moderation", "status"]);
    assert_eq!((&status["mode"], &status["interval"]), (&json!("enforce"), &json!(20)));
    assert_eq!(status["bans"], json!({ "users": 0, "addresses": 1, "by_hand": 1 }));
}

#[test]
fn nothing_is_made_in_a_folder_named_by_mistake() {
    let home = Home::new();
    for command in [
        ["bans", "list"],
        ["moderation", "status"],
        ["violations", "list"],
        ["why", "K7QW-3M9P"],
    ] {
        home.run(&command).refused(1, "there is no database");
    }
    assert!(!home.data().exists());
}
