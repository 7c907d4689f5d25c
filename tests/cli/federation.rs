//! `federation` and `claims`: how logins with other providers ended, and what would come of claims.

use std::fs;

use rusqlite::{Connection, params};
use serde_json::{Value, json};

use super::kit::Home;

const SETTINGS: &str = "\
[accounts]
social_login = true

[openid]
issuer = \"https://id.example.org\"
client_id = \"auth\"
client_secret = \"hunter2\"
required_role = [\"chat\"]
required_role_path = \"groups\"
admin_role = \"bosses\"
admin_role_path = \"groups\"

[[openid.groups]]
path = \"groups\"
value = [\"/home/*\"]
prefix = \"kc:\"
";

/// A home with a provider, ada, and three recorded logins.
fn home() -> Home {
    let home = Home::new();
    fs::write(home.dir.path().join("librechat-auth.toml"), SETTINGS).expect("written");
    home.create("ada", &[]);
    let ada = json!({
        "id": { "sub": "1", "groups": ["chat", "/home/parents"] }, "userinfo": {}, "access": {},
        "vouched": { "email": "new@example.org", "proof": "proved", "open_to_many": false },
    });
    let eve = json!({
        "id": { "sub": "2", "groups": ["guest\u{1b}[2J"] }, "userinfo": {}, "access": {},
        "vouched": { "email": "eve@example.org", "proof": "proved", "open_to_many": false },
    });
    record(&home, "AAAA-2222", "success", "came in", Some(("1", &ada)));
    record(
        &home,
        "BBBB-3333",
        "refused",
        "required role absent: got [guest]",
        Some(("2", &eve)),
    );
    record(
        &home,
        "CCCC-4444",
        "failed",
        "the provider's clock is 94 s ahead of ours",
        None,
    );
    home
}

fn record(home: &Home, reference: &str, kind: &str, verdict: &str, who: Option<(&str, &Value)>) {
    let connection = Connection::open(home.database()).expect("the database opens");
    let (subject, claims) = who.map(|(subject, claims)| (subject, claims.to_string())).unzip();
    let issuer = subject.map(|_| "https://id.example.org");
    connection
        .execute(
            "INSERT INTO flights (reference, at, provider, kind, stage, cause, verdict, issuer, subject, claims) \
             VALUES (?1, 1700000000000, 'openid', ?2, 'decision', 'role_missing', ?3, ?4, ?5, ?6)",
            params![reference, kind, verdict, issuer, subject, claims],
        )
        .expect("recorded");
}

#[test]
fn the_log_lists_logins_newest_first() {
    let home = home();
    let numbers = |arguments: &[&str]| {
        let rows = home.json(&[&["federation", "log"], arguments].concat());
        let rows = rows.as_array().expect("a list").clone();
        rows.iter()
            .map(|row| row["reference"].as_str().expect("a number").to_owned())
            .collect::<Vec<_>>()
    };
    assert_eq!(numbers(&[]), ["CCCC-4444", "BBBB-3333", "AAAA-2222"]);
    assert_eq!(numbers(&["--failed"]), ["CCCC-4444", "BBBB-3333"]);
    assert_eq!(numbers(&["--limit", "1"]), ["CCCC-4444"]);
    assert_eq!(numbers(&["--provider", "office"]), [""; 0]);
    let ended = home.run(&["federation", "log"]);
    let text = ended.done();
    assert!(
        text.starts_with("Number\tTime\tProvider\tOutcome\tStage\tWho\tVerdict\n"),
        "{text}"
    );
    assert!(
        text.contains("94 s ahead of ours") && text.contains("\teve@example.org\t"),
        "{text}"
    );
    let empty = home.run(&["federation", "log", "--provider", "office"]);
    assert!(empty.err.contains("No login with another provider"), "{empty:?}");
    home.run(&["federation", "log", "--limit", "0"]).refused(2, "limit");
}

#[test]
fn one_login_is_shown_with_what_the_provider_said() {
    let home = home();
    let ended = home.run(&["federation", "show", "bbbb3333"]);
    let text = ended.done();
    assert!(text.starts_with("BBBB-3333: the login with openid refused"), "{text}");
    assert!(
        text.contains("required role absent") && text.contains("\"groups\""),
        "{text}"
    );
    assert!(!text.contains('\u{1b}'), "{text:?}");
    let shown = home.json(&["federation", "show", "BBBB-3333"]);
    assert_eq!(
        (
            &shown["outcome"],
            &shown["subject"],
            &shown["claims"]["vouched"]["email"]
        ),
        (&json!("refused"), &json!("2"), &json!("eve@example.org"))
    );
    home.run(&["federation", "show", "ZZZZ-9999"])
        .refused(1, "no login with the number");
    let why = home.run(&["why", "CCCC-4444"]);
    assert!(why.done().contains("94 s ahead of ours"), "{why:?}");
    assert_eq!(
        home.json(&["why", "CCCC-4444"])["federation"]["cause"],
        json!("role_missing")
    );
}

#[test]
fn the_rules_are_tried_on_a_past_login() {
    let home = home();
    let good = home.json(&["claims", "test", "--login", "AAAA-2222"]);
    assert_eq!(
        good,
        json!({
            "provider": "openid", "admitted": true, "way": "nobody has the address: an account would be made",
            "denial": null, "reason": null, "account": null, "role": "USER", "groups": ["kc:/home/parents"], "notes": [],
        })
    );
    let ended = home.run(&["claims", "test", "--login", "BBBB-3333"]);
    let text = ended.done();
    assert!(text.starts_with("✘ Would not be let in"), "{text}");
    assert!(
        text.contains("required role absent: got [guest") && text.contains("wanted chat"),
        "{text}"
    );
    home.run(&["claims", "test", "--login", "CCCC-4444"])
        .refused(1, "vouched for nobody");
    home.run(&["claims", "test", "--login", "AAAA-2222", "--provider", "office"])
        .refused(1, "there is openid");
    home.run(&["claims", "test"]).refused(2, "--login");
}

#[test]
fn the_rules_are_tried_on_a_file_or_on_standard_input() {
    let home = home();
    let claims =
        json!({ "sub": "7", "email": "ada@example.org", "email_verified": true, "groups": ["chat", "bosses"] });
    let ended = home.run_with(&["claims", "test", "--file", "-", "--json"], &claims.to_string());
    let said: Value = serde_json::from_str(ended.done()).expect("JSON");
    assert_eq!(
        (&said["denial"], &said["role"]),
        (&json!("account_exists"), &json!("ADMIN"))
    );
    let path = home.dir.path().join("claims.json");
    let all = json!({ "id": { "sub": "7", "email": "x@example.org" }, "access": { "groups": "chat" } });
    fs::write(&path, all.to_string()).expect("written");
    let path = path.to_str().expect("text");
    let ended = home.run(&["claims", "test", "--file", path]);
    assert!(ended.done().starts_with("✔ Would be let in"), "{ended:?}");
    home.run_with(&["claims", "test", "--file", "-"], "[1]")
        .refused(1, "has no claims");
    home.run(&["claims", "test", "--file", "nowhere.json"])
        .refused(1, "cannot read");
}
