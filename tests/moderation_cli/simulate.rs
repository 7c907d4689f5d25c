//! `moderation simulate`: what another policy would have done.

use librechat_auth::domain::moderation::violation::Violation;
use serde_json::json;

use super::record::Record;
use crate::cli::kit::Home;

fn home_with_violations() -> Home {
    let home = Home::with_people();
    let bob = home.account("bob@example.org").expect("there")["id"]
        .as_str()
        .expect("an id")
        .to_owned();
    let record = Record::of(&home);
    record.violations(12, Violation::Message, Some(&bob), "203.0.113.7");
    record.violations(21, Violation::Logins, None, "203.0.113.8");
    home
}

#[test]
fn the_present_policy_gives_the_bans_that_were_issued() {
    let home = home_with_violations();
    let trial = home.json(&["moderation", "simulate"]);
    assert_eq!((&trial["violations"], &trial["present"]), (&json!(33), &trial["tried"]));
    let issued = home.json(&["bans", "list", "--all"]);
    assert_eq!(issued.as_array().map(Vec::len), Some(1));
    for key in ["network", "cause", "points", "started_at", "ends_at"] {
        assert_eq!(trial["would_be_bans"][0][key], issued[0][key], "{key}");
    }
}

#[test]
fn a_stricter_policy_is_shown_beside_the_present_one_and_bans_nobody() {
    let home = home_with_violations();
    let before = home.json(&["bans", "list", "--all"]);
    let flags = [
        "moderation",
        "simulate",
        "--interval",
        "10",
        "--duration",
        "30m",
        "--score",
        "message_limit=2.5",
    ];
    let trial = home.json(&flags);
    assert_eq!(
        trial["present"]["result"],
        json!({ "users": 0, "addresses": 1, "bans": 1, "logged_in_afterwards": 0 })
    );
    // 12 × 2.5 crosses 10, 20 and 30, for bob and his address; 21 logins cross 10 and 20.
    assert_eq!(
        trial["tried"]["result"],
        json!({ "users": 1, "addresses": 2, "bans": 8, "logged_in_afterwards": 0 })
    );
    let first = &trial["would_be_bans"][0];
    assert_eq!(
        (&first["email"], &first["points"]),
        (&json!("bob@example.org"), &json!(10))
    );
    assert_eq!(
        (&first["while_banned"], &first["also_at_present"]),
        (&json!(false), &json!(false))
    );
    assert_eq!(trial["would_be_bans"][2]["while_banned"], true);
    assert_eq!(trial["tried"]["policy"]["scores"]["message_limit"], json!(2.5));
    assert_eq!(home.json(&["bans", "list", "--all"]), before);
    let text = home.run(&flags);
    assert!(
        text.done()
            .contains("interval                           20        10\n"),
        "{text:?}"
    );
    assert!(text.out.contains("score of message_limit              1       2.5\n"));
    assert!(text.out.contains("users banned                        0         1\n"));
}

#[test]
fn the_lines_that_make_a_policy_the_present_one_are_told_and_do() {
    let home = home_with_violations();
    let flags = ["--interval", "10", "--score-ttl", "0", "--score", "logins=2.5"];
    let flags = [&["moderation", "simulate"], flags.as_slice()].concat();
    let trial = home.json(&flags);
    let lines =
        "[moderation]\ninterval = 10\nscore_ttl = 0\n\n[moderation.scores]\nlogins = 2.5\ntwo_factor_limit = 1\n";
    assert_eq!(trial["configuration"], lines);
    assert_eq!(trial["changes"], json!({ "newly": 2, "no_longer": 0, "both": 1 }));
    std::fs::write(home.dir.path().join("librechat-auth.toml"), lines).expect("written");
    let now = home.json(&["moderation", "simulate"]);
    assert_eq!(now["present"]["policy"], trial["tried"]["policy"]);
    assert_eq!(now["configuration"], "");
}

#[test]
fn a_lenient_policy_bans_nobody_and_says_so() {
    let home = home_with_violations();
    let text = home.run(&["moderation", "simulate", "--score", "logins=0"]);
    text.done();
    assert!(text.err.contains("nobody would have been banned"), "{text:?}");
}

#[test]
fn what_is_no_policy_is_refused() {
    let home = Home::with_people();
    let refused = |flag: &str, value: &str, saying: &str| {
        home.run(&["moderation", "simulate", &format!("{flag}={value}")])
            .refused(2, saying);
    };
    refused("--score", "typo=1", "logins");
    refused("--score", "logins", "KIND=N");
    refused("--interval", "many", "points");
    refused("--score-ttl", "soon", "soon");
    refused("--days", "0", "0");
}
