//! `identities`: what it prints, and what it refuses.

use std::fs;

use serde_json::json;

use super::kit::Home;

const OLD: &str = "https://old.example";
const NEW: &str = "https://new.example";

/// With ada and bob, and a provider that does not answer.
fn home() -> Home {
    let home = Home::with_people();
    let config =
        "[openid]\nissuer = \"https://127.0.0.1:9\"\nclient_id = \"x\"\nclient_secret = \"y\"\nallow_private = true\n";
    fs::write(home.dir.path().join("librechat-auth.toml"), config).expect("written");
    fs::write(home.dir.path().join(".env"), "ALLOW_SOCIAL_LOGIN=true\n").expect("written");
    home
}

fn link(home: &Home, who: &str, subject: &str) {
    let email = format!("{who}@example.org");
    let made = home.json(&[
        "identities",
        "link",
        &email,
        "--provider",
        "openid",
        "--subject",
        subject,
        "--issuer",
        OLD,
    ]);
    assert_eq!(made["account"], json!(email));
}

#[test]
fn identities_are_linked_listed_and_unlinked() {
    let home = home();
    home.run(&["identities", "list"]).done();
    link(&home, "ada", "s1");
    link(&home, "bob", "s2");
    let again = [
        "identities",
        "link",
        "bob@example.org",
        "--provider",
        "openid",
        "--subject",
        "s1",
        "--issuer",
        OLD,
    ];
    home.run(&again).refused(1, "connected already");
    let unknown = [
        "identities",
        "link",
        "bob@example.org",
        "--provider",
        "nowhere",
        "--subject",
        "s9",
    ];
    home.run(&unknown).refused(1, "no provider \"nowhere\"");
    let silent = [
        "identities",
        "link",
        "bob@example.org",
        "--provider",
        "openid",
        "--subject",
        "s9",
    ];
    home.run(&silent).refused(1, "give it with --issuer");
    let all = home.json(&["identities", "list"]);
    let subjects: Vec<_> = all
        .as_array()
        .expect("a list")
        .iter()
        .map(|one| one["subject"].clone())
        .collect();
    assert_eq!(subjects, [json!("s1"), json!("s2")]);
    let theirs = home.json(&["identities", "list", "bob@example.org"]);
    let id = theirs[0]["id"].to_string();
    home.run(&["identities", "unlink", "ada@example.org", &id, "--yes"])
        .refused(1, "no such identity");
    home.run(&["identities", "unlink", "bob@example.org", &id])
        .refused(2, "--yes");
    home.run(&[
        "identities",
        "unlink",
        "bob@example.org",
        "--provider",
        "openid",
        "--yes",
    ])
    .done();
    assert_eq!(home.json(&["identities", "list", "bob@example.org"]), json!([]));
}

#[test]
fn people_are_expected_and_taken_off_the_list() {
    let home = home();
    let expected = home.json(&["identities", "expect", "cyd@example.org", "--provider", "openid"]);
    assert_eq!(
        (&expected["happens"], &expected["email"], &expected["user"]),
        (&json!("make"), &json!("cyd@example.org"), &json!(null))
    );
    let expected = home.json(&[
        "identities",
        "expect",
        "ada@example.org",
        "--provider",
        "openid",
        "--subject",
        "s1",
        "--issuer",
        OLD,
        "--expires",
        "2d",
    ]);
    assert_eq!(
        (&expected["happens"], &expected["subject"]),
        (&json!("connect"), &json!("s1"))
    );
    assert_eq!(expected["user"], home.account("ada@example.org").expect("there")["id"]);
    assert_eq!(
        home.json(&["identities", "expected"]).as_array().expect("a list").len(),
        2
    );
    let id = expected["id"].to_string();
    home.run(&["identities", "withdraw", &id]).done();
    home.run(&["identities", "withdraw", &id])
        .refused(1, "nobody is expected under number");
    assert_eq!(
        home.json(&["identities", "expected"]).as_array().expect("a list").len(),
        1
    );
    home.run(&["identities", "expect", "nonsense", "--provider", "openid"])
        .refused(1, "it is no address");
    let short = [
        "identities",
        "expect",
        "ada@example.org",
        "--provider",
        "openid",
        "--expires",
        "1s",
    ];
    home.run(&short).refused(2, "say between 1m and 366d");
}

#[test]
fn a_provider_that_has_moved_is_followed_by_a_list() {
    let home = home();
    link(&home, "ada", "s1");
    link(&home, "bob", "s2");
    let file = home.dir.path().join("map.csv");
    let rekey = |map: &str, flags: &[&str]| {
        fs::write(&file, map).expect("written");
        let path = file.to_str().expect("a path");
        let fixed = [
            "identities",
            "rekey",
            "--from-issuer",
            OLD,
            "--to-issuer",
            NEW,
            "--map",
            path,
        ];
        home.run(&[&fixed, flags].concat())
    };
    let dry = rekey("old_subject,new_subject\ns1,n1\nnobody,n9\n", &["--dry-run"]);
    let told = dry.done();
    for words in [
        "1 of 2 identities would move",
        "s1 becomes n1",
        "s2 stays: it is not in the map",
        "nobody here has",
    ] {
        assert!(told.contains(words), "{words}: {told}");
    }
    rekey("s1,n1\n", &[]).refused(2, "--yes");
    rekey("s1\n", &["--yes"]).refused(1, "line 1");
    rekey("s1,n1\ns1,n2\n", &["--yes"]).refused(1, "line 2: this old subject was there before");
    let conflict = rekey("s1,n1\ns2,n1\n", &["--yes"]);
    assert!(
        conflict.code == Some(1) && conflict.out.contains("CONFLICT"),
        "{conflict:?}"
    );
    assert!(home.run(&["identities", "list"]).done().contains(OLD));
    rekey("# moved\n\"s1\", n1\ns2,n2\n", &["--yes"]).done();
    let all = home.json(&["identities", "list"]);
    assert_eq!(
        (&all[0]["issuer"], &all[0]["subject"], &all[1]["subject"]),
        (&json!(NEW), &json!("n1"), &json!("n2"))
    );
    let same = ["identities", "rekey", "--from-issuer", OLD, "--to-issuer", OLD, "--yes"];
    home.run(&same).refused(2, "both issuers are the same");
}

#[test]
fn a_provider_that_has_moved_is_followed_by_proved_addresses() {
    let home = home();
    link(&home, "ada", "s1");
    let arguments = [
        "identities",
        "rekey",
        "--from-issuer",
        OLD,
        "--to-issuer",
        NEW,
        "--by-email",
        "--provider",
        "openid",
        "--yes",
    ];
    assert!(home.run(&arguments).done().contains("1 people are expected"));
    let expected = home.json(&["identities", "expected"]);
    assert_eq!(
        (&expected[0]["happens"], &expected[0]["email"]),
        (&json!("move"), &json!("ada@example.org"))
    );
    let nobody = [
        "identities",
        "rekey",
        "--from-issuer",
        OLD,
        "--to-issuer",
        NEW,
        "--by-email",
        "--yes",
    ];
    home.run(&nobody).refused(2, "--provider");
}
