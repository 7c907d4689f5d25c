//! `recover`: the last admin is never locked out from a console.

use librechat_auth::domain::moderation::violation::Violation;
use serde_json::json;

use super::record::Record;
use crate::cli::kit::{Home, PASSWORD};
use crate::cli::server::Server;

#[test]
fn the_only_admin_needs_no_name_and_gets_everything_back() {
    let home = Home::with_people();
    let ada = home.account("ada@example.org").expect("there")["id"]
        .as_str()
        .expect("an id")
        .to_owned();
    let record = Record::of(&home);
    let bans = record.violation(Violation::NonBrowser, Some(&ada), "203.0.113.7");
    drop(record);
    assert_eq!(bans.len(), 2);
    home.run(&["ban-user", "ada@example.org", "1d", "--yes"]).done();
    home.run(&["disable-user", "ada@example.org", "--yes"]).done();
    home.run(&["ban-ip", "198.51.100.1"]).done();
    let recovered = home.json(&["recover", "--new-password"]);
    assert_eq!(
        (&recovered["email"], &recovered["enabled"]),
        (&json!("ada@example.org"), &json!(true))
    );
    assert_eq!(recovered["lifted"].as_array().map(Vec::len), Some(3));
    let left = home.json(&["bans", "list"]);
    assert_eq!(left.as_array().map(Vec::len), Some(1), "{left}");
    let server = Server::start(&home);
    let password = recovered["password"].as_str().expect("shown");
    assert_ne!(server.log_in("ada", PASSWORD).status, 200);
    assert_eq!(server.log_in("ada", password).status, 200);
}

#[test]
fn somebody_named_becomes_admin_when_asked_and_keeps_the_password() {
    let home = Home::with_people();
    let server = Server::start(&home);
    home.run(&["ban-user", "bob@example.org", "1d"]).done();
    let recovered = home.json(&["recover", "bob@example.org", "--admin"]);
    assert_eq!(
        (&recovered["role"], &recovered["promoted"]),
        (&json!("ADMIN"), &json!(true))
    );
    assert_eq!(recovered["password"], json!(null));
    let start = std::time::Instant::now();
    while server.log_in("bob", PASSWORD).status != 200 {
        assert!(start.elapsed() < std::time::Duration::from_secs(3));
    }
}

#[test]
fn failed_passwords_are_forgotten() {
    let home = Home::with_people();
    let settings = "LOGIN_MAX=1000\nLIBRECHAT_AUTH_LIMITS_ACCOUNT_MAX=2\n";
    std::fs::write(home.dir.path().join(".env"), settings).expect("written");
    let server = Server::start(&home);
    for _ in 0..2 {
        assert_ne!(server.log_in("ada", "a wrong password").status, 200);
    }
    assert_eq!(server.log_in("ada", PASSWORD).status, 429);
    home.run(&["recover"]).done();
    assert_eq!(server.log_in("ada", PASSWORD).status, 200);
}

#[test]
fn without_a_name_several_admins_or_none_are_an_error_that_says_so() {
    let home = Home::with_people();
    home.create("cyd", &["--role", "ADMIN"]);
    home.run(&["recover"]).refused(2, "ada@example.org, cyd@example.org");
    home.run(&["recover", "nobody@example.org"])
        .refused(1, "User not found!");
    let empty = Home::new();
    empty.create("bob", &[]);
    empty.run(&["recover"]).refused(2, "--admin");
}
