//! `audit`: the log is searched, written out and verified.

use std::fs;

use rusqlite::Connection;
use rustix::process::Signal;
use serde_json::Value as Json;

use super::kit::Home;
use super::server::Server;

fn kinds(listed: &Json) -> Vec<&str> {
    let rows = listed.as_array().expect("an array").iter();
    rows.map(|row| row["kind"].as_str().expect("a kind")).collect()
}

/// A home where ada was made, then bob, and bob was locked.
fn home() -> Home {
    let home = Home::with_people();
    assert_eq!(home.run(&["disable-user", "bob@example.org", "--yes"]).code, Some(0));
    home
}

fn tamper(home: &Home, sql: &str) {
    let connection = Connection::open(home.database()).expect("a database");
    connection
        .execute_batch("DROP TRIGGER audit_never_changes; DROP TRIGGER audit_is_cut_at_its_old_end;")
        .expect("no triggers");
    connection.execute_batch(sql).expect("tampered with");
}

#[test]
fn the_log_is_listed_with_the_newest_last() {
    let home = home();
    let all = home.json(&["audit", "list"]);
    assert_eq!(kinds(&all), ["account_created", "account_created", "account_disabled"]);
    assert_eq!((&all[2]["id"], &all[2]["actor"]), (&3.into(), &"console".into()));
    let last = home.run(&["audit", "list", "--limit", "1"]);
    assert_eq!(last.out.lines().count(), 2, "{last:?}");
    assert!(last.out.contains("bob@example.org"), "{last:?}");
    assert!(last.err.contains("--limit"), "{last:?}");
}

#[test]
fn the_log_is_searched() {
    let home = home();
    let found = |arguments: &[&str]| {
        home.json(&[&["audit", "list"], arguments].concat())
            .as_array()
            .map(Vec::len)
    };
    assert_eq!(found(&["--user", "bob@example.org"]), Some(2));
    assert_eq!(
        found(&["--user", "ada@example.org", "--kind", "account_disabled"]),
        Some(0)
    );
    assert_eq!(found(&["--actor", "console"]), Some(3));
    assert_eq!(found(&["--actor", "ada@example.org"]), Some(0));
    assert_eq!(found(&["--kind", "account_disabled"]), Some(1));
    assert_eq!(found(&["--address", "192.0.2.0/24"]), Some(0));
    assert_eq!(found(&["--reference", "k7qw3m9p"]), Some(0));
    assert_eq!(found(&["--since", "1h"]), Some(3));
    assert_eq!(
        found(&["--until", "2026-01-01T00:00:00Z", "--since", "2025-12-31"]),
        Some(0)
    );
}

#[test]
fn what_makes_no_sense_is_refused_with_what_would() {
    let home = home();
    for (arguments, hint) in [
        (["--kind", "x"], "login_refused"),
        (["--since", "yesterday"], "2026-11-26T15:00:00Z"),
        (["--reference", "x"], "K7QW-3M9P"),
        (["--address", "x"], "x"),
    ] {
        let refused = home.run(&[["audit", "list"], arguments].concat());
        assert_eq!(refused.code, Some(2), "{refused:?}");
        assert!(refused.err.contains(hint), "{refused:?}");
    }
    assert_eq!(home.run(&["audit", "list", "--user", "eve@example.org"]).code, Some(1));
}

#[test]
fn somebody_who_was_deleted_still_has_a_timeline() {
    let home = home();
    let bob = home.account("bob@example.org").expect("there")["id"]
        .as_str()
        .expect("an id")
        .to_owned();
    assert_eq!(home.run(&["delete-user", &bob, "--yes"]).code, Some(0));
    let told = home.json(&["audit", "list", "--user", &bob]);
    assert_eq!(kinds(&told), ["account_created", "account_disabled", "account_deleted"]);
    assert_eq!(home.run(&["audit", "verify"]).code, Some(0));
}

#[test]
fn an_export_is_a_file_for_its_owner_and_is_in_the_log_itself() {
    use std::os::unix::fs::PermissionsExt as _;
    let home = home();
    let csv = home.run(&["audit", "export"]);
    assert_eq!(csv.code, Some(0), "{csv:?}");
    assert!(csv.out.starts_with("\"id\",\"at\",\"kind\""), "{csv:?}");
    assert_eq!(csv.out.matches("\r\n").count(), 5, "a title and four rows: {csv:?}");
    let file = home.dir.path().join("audit.jsonl");
    let path = file.to_str().expect("text");
    let written = home.run(&[
        "audit",
        "export",
        "--format",
        "jsonl",
        "--out",
        path,
        "--kind",
        "audit_exported",
    ]);
    assert_eq!((written.code, written.out.as_str()), (Some(0), ""));
    let lines: Vec<Json> = fs::read_to_string(&file)
        .expect("written")
        .lines()
        .map(|line| serde_json::from_str(line).expect("JSON"))
        .collect();
    assert_eq!(
        lines.iter().map(|line| line["detail"].as_str()).collect::<Vec<_>>(),
        [Some("csv"), Some("jsonl")]
    );
    assert_eq!(fs::metadata(&file).expect("a file").permissions().mode() & 0o777, 0o600);
    // Nothing is written over.
    assert_eq!(home.run(&["audit", "export", "--out", path]).code, Some(1));
}

#[test]
fn a_whole_log_says_so() {
    let home = home();
    let verified = home.run(&["audit", "verify"]);
    assert_eq!(verified.code, Some(0), "{verified:?}");
    assert!(verified.out.contains("3 rows, from 1 to 3"), "{verified:?}");
    assert!(verified.out.contains("--head FILE"), "{verified:?}");
    assert_eq!(home.json(&["audit", "verify"])["whole"], true);
}

#[test]
fn the_first_broken_row_is_named_and_the_exit_code_is_one() {
    let home = home();
    tamper(&home, "UPDATE audit SET actor = 'nobody' WHERE id = 2");
    let broken = home.run(&["audit", "verify"]);
    assert_eq!(broken.code, Some(1), "{broken:?}");
    assert!(broken.err.contains("row 2 "), "{broken:?}");
    let broken = home.run(&["audit", "verify", "--json"]);
    assert_eq!(broken.code, Some(1), "{broken:?}");
    let object: Json = serde_json::from_str(&broken.out).expect("JSON");
    assert_eq!((&object["problem"], &object["row"]), (&"altered".into(), &2.into()));
}

#[test]
fn a_head_that_was_kept_finds_an_older_copy() {
    let home = home();
    let saved = home.dir.path().join("older.db");
    let path = saved.to_str().expect("text");
    assert_eq!(home.run(&["db", "snapshot", path]).code, Some(0));
    assert_eq!(home.run(&["enable-user", "bob@example.org"]).code, Some(0));
    let head = home.run(&["audit", "head"]);
    assert_eq!(head.code, Some(0), "{head:?}");
    let kept = home.dir.path().join("mails.txt");
    fs::write(&kept, format!("Subject: today\n\n> {}", head.out)).expect("written");
    let compare = ["audit", "verify", "--head", kept.to_str().expect("text")];
    let fits = home.run(&compare);
    assert_eq!(fits.code, Some(0), "{fits:?}");
    assert!(fits.out.contains("that fit: 1"), "{fits:?}");
    assert_eq!(home.run(&["db", "restore", path, "--yes"]).code, Some(0));
    let older = home.run(&compare);
    assert_eq!(older.code, Some(1), "{older:?}");
    assert!(older.err.contains("row 4"), "{older:?}");
    // The same from standard input.
    let older = home.run_with(&["audit", "verify", "--head", "-"], &head.out);
    assert_eq!(older.code, Some(1), "{older:?}");
    fs::write(&kept, "nothing").expect("written");
    assert!(home.run(&compare).err.contains("no head"));
}

#[test]
fn other_settings_at_a_start_are_in_the_log_by_name() {
    let home = home();
    let settings = home.dir.path().join("librechat-auth.toml");
    Server::start(&home).stop(Signal::TERM);
    fs::write(&settings, "[moderation]\ninterval = 30\n[site]\ntitle = \"Home\"\n").expect("written");
    Server::start(&home).stop(Signal::TERM);
    Server::start(&home).stop(Signal::TERM);
    let changed = home.json(&["audit", "list", "--kind", "settings_changed"]);
    let details: Vec<_> = changed
        .as_array()
        .expect("an array")
        .iter()
        .map(|row| &row["detail"])
        .collect();
    assert_eq!(details, ["moderation.interval, site.title"]);
}

#[test]
fn an_older_database_that_was_put_in_place_is_in_the_log_from_the_next_start_on() {
    let home = home();
    let saved = home.dir.path().join("older.db");
    let path = saved.to_str().expect("text");
    assert_eq!(home.run(&["db", "snapshot", path]).code, Some(0));
    assert_eq!(home.run(&["db", "restore", path, "--yes"]).code, Some(0));
    Server::start(&home).stop(Signal::TERM);
    Server::start(&home).stop(Signal::TERM);
    let restored = home.json(&["audit", "list", "--kind", "restored"]);
    let rows = restored.as_array().expect("an array");
    assert_eq!(rows.len(), 1, "{restored}");
    assert_eq!(
        (&rows[0]["detail"], &rows[0]["actor"]),
        (&"db_restore".into(), &"console".into())
    );
    assert_eq!(home.run(&["audit", "verify"]).code, Some(0));
}
