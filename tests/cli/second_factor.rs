//! `reset-2fa`, and what other commands say of the second factor.

use rusqlite::Connection;
use serde_json::json;

use super::kit::{Home, PASSWORD};
use super::server::Server;

/// Gives bob a second factor behind the program's back.
fn enrol(home: &Home) {
    let database = Connection::open(home.database()).expect("the database opens");
    let bob = "(SELECT seq FROM users WHERE email = 'bob@example.org')";
    for sql in [
        "UPDATE users SET two_factor_at = 5 WHERE email = 'bob@example.org'".to_owned(),
        format!("INSERT INTO second_factors (user_seq, secret, last_step) VALUES ({bob}, x'01', 0)"),
        format!(
            "INSERT INTO backup_codes (user_seq, digest, salt, place, active_at) VALUES ({bob}, zeroblob(32), x'02', 0, 5)"
        ),
    ] {
        assert_eq!(database.execute(&sql, []).expect("it works"), 1);
    }
}

fn rows(home: &Home, table: &str) -> i64 {
    let database = Connection::open(home.database()).expect("the database opens");
    let sql = format!("SELECT count(*) FROM {table}");
    database.query_row(&sql, [], |row| row.get(0)).expect("a count")
}

#[test]
fn whoever_lost_everything_logs_in_with_the_password_alone() {
    let home = Home::with_people();
    enrol(&home);
    let server = Server::start(&home);
    assert_eq!(server.log_in("bob", PASSWORD).json()["twoFAPending"], true);
    let ended = home.run(&["reset-2fa", "bob@example.org", "--yes"]);
    let said = "✔ bob@example.org has no second factor any more and is logged out everywhere\n";
    assert_eq!(ended.done(), said);
    assert!(server.log_in("bob", PASSWORD).json()["token"].is_string());
    assert_eq!((rows(&home, "second_factors"), rows(&home, "backup_codes")), (0, 0));
    let again = home.run(&["reset-2fa", "bob@example.org", "--yes"]);
    assert_eq!(again.done(), "✔ bob@example.org has no second factor\n");
}

#[test]
fn it_asks_first() {
    let home = Home::with_people();
    enrol(&home);
    home.run(&["reset-2fa", "bob@example.org"]).refused(2, "--yes");
    home.run(&["reset-2fa", "nobody@example.org", "--yes"])
        .refused(1, "User not found!");
    assert_eq!(rows(&home, "second_factors"), 1);
}

#[test]
fn programs_read_whether_anything_was_removed_and_that_it_is_gone() {
    let home = Home::with_people();
    enrol(&home);
    let account = |key: &str| home.account("bob@example.org").expect("listed")[key].clone();
    assert_eq!(account("two_factor_at"), "1970-01-01T00:00:00.005Z");
    let removed = home.json(&["reset-2fa", "bob@example.org", "--yes"]);
    assert_eq!(
        (&removed["removed"], &removed["two_factor_at"]),
        (&json!(true), &json!(null))
    );
    assert_eq!(account("two_factor_at"), json!(null));
    let again = home.json(&["reset-2fa", "bob@example.org", "--yes"]);
    assert_eq!(again["removed"], false);
}

#[test]
fn somebody_who_has_to_have_one_is_asked_at_the_next_login() {
    let home = Home::with_people();
    std::fs::write(home.dir.path().join(".env"), "ENFORCE_TWO_FACTOR_AUTHENTICATION=true\n").expect("written");
    enrol(&home);
    let ended = home.run(&["reset-2fa", "bob@example.org", "--yes"]);
    ended.done();
    assert!(ended.err.contains("the next login will ask to set one up"), "{ended:?}");
    let server = Server::start(&home);
    let answer = server.log_in("bob", PASSWORD).json();
    assert_eq!(answer["code"], "TWO_FACTOR_ENROLLMENT_REQUIRED");
}

#[test]
fn the_list_has_a_column_for_it() {
    let home = Home::with_people();
    enrol(&home);
    let ended = home.run(&["list-users"]);
    let lines: Vec<Vec<&str>> = ended.done().lines().map(|line| line.split('\t').collect()).collect();
    let column = lines[0].iter().position(|title| *title == "2FA").expect("a column");
    assert_eq!((lines[1][column], lines[2][column]), ("-", "yes"));
}

#[test]
fn recovering_leaves_it_alone_unless_asked() {
    let home = Home::with_people();
    enrol(&home);
    let recovered = home.run(&["recover", "bob@example.org"]);
    recovered.done();
    assert!(recovered.err.contains("--reset-2fa"), "{recovered:?}");
    assert_eq!(rows(&home, "second_factors"), 1);
    let recovered = home.json(&["recover", "bob@example.org", "--reset-2fa"]);
    assert_eq!(
        (&recovered["second_factor_removed"], &recovered["two_factor_at"]),
        (&json!(true), &json!(null))
    );
    assert_eq!(rows(&home, "second_factors"), 0);
    let again = home.json(&["recover", "bob@example.org", "--reset-2fa"]);
    assert_eq!(again["second_factor_removed"], false);
}

#[test]
fn one_is_required_of_an_account_and_no_more() {
    let home = Home::with_people();
    let server = Server::start(&home);
    let bob = server.person("bob");
    let ended = home.run(&["require-2fa", "bob@example.org"]);
    assert!(ended.done().contains("required of bob@example.org") && ended.out.contains("before anything else"));
    assert_eq!(bob.api("GET", "/api/user").status, 403);
    assert_eq!(server.log_in("bob", PASSWORD).json()["twoFASetupRequired"], true);
    let again = home.json(&["require-2fa", "bob@example.org"]);
    assert!(again["two_factor_demanded_at"].is_string());
    let listed = home.json(&["list-users", "--two-factor-demanded", "yes"]);
    assert_eq!(
        (listed.as_array().map(Vec::len), &listed[0]["email"]),
        (Some(1), &json!("bob@example.org"))
    );
    assert_eq!(
        home.json(&["waive-2fa", "bob@example.org"])["two_factor_demanded_at"],
        json!(null)
    );
    assert!(server.log_in("bob", PASSWORD).json()["token"].is_string());
    let log = home.json(&["audit", "list", "--user", "bob@example.org"]);
    let kinds: Vec<&str> = log
        .as_array()
        .expect("lines")
        .iter()
        .filter_map(|line| line["kind"].as_str().filter(|kind| kind.starts_with("two_factor_")))
        .collect();
    assert_eq!(kinds, ["two_factor_demanded", "two_factor_waived"]);
    let many = home.json(&["change-users", "require_2fa", "--everybody", "--yes"]);
    assert_eq!(many["done"], 2);
    home.run(&["require-2fa", "nobody@example.org"])
        .refused(1, "User not found!");
}
