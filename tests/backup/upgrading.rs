//! Another version of the program: tried on a copy first, and undone if need be. An older schema stands in for an older
//! program, and a script for a newer one.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;

use librechat_auth::store::migrate::MIGRATIONS;
use rusqlite::Connection;
use rustix::process::Signal;
use sha2::{Digest as _, Sha256};

use super::{contents, names};
use crate::cli::kit::{Home, PASSWORD};
use crate::cli::server::Server;

const LATEST: i64 = MIGRATIONS[MIGRATIONS.len() - 1].version;

/// A database as the first version of the program left it, with one account.
fn of_the_first_schema(home: &Home) {
    fs::create_dir_all(home.data()).expect("made");
    let database = Connection::open(home.database()).expect("made");
    let first = &MIGRATIONS[0];
    let book = "CREATE TABLE schema_migrations (version INTEGER PRIMARY KEY, name TEXT NOT NULL, checksum BLOB NOT NULL, \
                applied_at INTEGER NOT NULL) STRICT";
    database.execute_batch(book).expect("a book");
    database.execute_batch(first.sql).expect("the first schema");
    let checksum: [u8; 32] = Sha256::digest(first.sql).into();
    let sql = "INSERT INTO schema_migrations VALUES (1, ?1, ?2, 0)";
    database.execute(sql, (first.name, checksum)).expect("noted");
    let sql = "INSERT INTO facts VALUES ('served_by', '0.0.1')";
    database.execute(sql, []).expect("noted");
    home.populate(1);
}

fn schema(home: &Home) -> i64 {
    let database = Connection::open(home.database()).expect("the database");
    let sql = "SELECT max(version) FROM schema_migrations";
    database.query_row(sql, [], |row| row.get(0)).expect("a version")
}

/// A program that answers as this shell script does.
fn program(home: &Home, script: &str) -> String {
    let file = home.dir.path().join("other");
    fs::write(&file, format!("#!/bin/sh\n{script}\n")).expect("written");
    fs::set_permissions(&file, fs::Permissions::from_mode(0o755)).expect("executable");
    file.display().to_string()
}

#[test]
fn a_new_version_is_tried_on_a_copy_and_changes_nothing() {
    let home = Home::new();
    of_the_first_schema(&home);
    let before = contents(&home.data());
    let checked = home.json(&["upgrade", "--check", env!("CARGO_BIN_EXE_librechat-auth")]);
    assert_eq!(
        (checked["from"].as_i64(), checked["to"].as_i64()),
        (Some(1), Some(LATEST))
    );
    let applied = checked["applied"].as_array().expect("a list");
    assert_eq!(applied.len(), MIGRATIONS.len() - 1, "{checked}");
    assert_eq!(applied[0], "0002 moderation");
    assert_eq!(schema(&home), 1);
    let after = contents(&home.data());
    assert_eq!(before.get("librechat-auth.db"), after.get("librechat-auth.db"));
    assert!(
        !names(&home.data())
            .iter()
            .any(|name| name.starts_with(".librechat-auth-"))
    );
    home.run(&["upgrade"]).refused(2, "--check");
}

#[test]
fn a_version_that_cannot_take_over_says_why() {
    let home = Home::with_people();
    let server = Server::start(&home);
    let check = |script: &str| home.run(&["upgrade", "--check", &program(&home, script)]);
    check("echo something else").refused(1, "is not this program");
    let failing =
        "case $1 in --version) echo librechat-auth 9.9.9;; *) echo 'Error: migration 0099 fails' >&2; exit 1;; esac";
    check(failing).refused(1, "could not take over the database: migration 0099 fails");
    let picky = r#"case "$1 $2" in
        "--version "*) echo librechat-auth 9.9.9 ;;
        "db check-copy") echo '{"version":"9.9.9","from":1,"to":1,"applied":[],"millis":1}' ;;
        *) echo '{"ok":false,"errors":[{"source":"librechat-auth.toml","line":1,"key":"new.setting","message":"is missing"}],"warnings":[]}'; exit 1 ;;
    esac"#;
    check(picky).refused(1, "new.setting: is missing");
    home.run(&["upgrade", "--check", "/nowhere/at/all"])
        .refused(1, "cannot be run");
    home.run(&["upgrade", "--check"]).done();
    assert_eq!(server.log_in("bob", PASSWORD).status, 200);
    assert_eq!(server.stop(Signal::TERM).0, Some(0));
}

#[test]
fn a_rollback_goes_back_before_the_migration_and_names_the_version_for_it() {
    let home = Home::new();
    of_the_first_schema(&home);
    home.run(&["list-users"]).done();
    assert_eq!(schema(&home), LATEST);
    home.create("late", &[]);
    let server = Server::start(&home);
    home.run(&["rollback", "--yes"]).refused(1, "already running");
    assert_eq!(server.stop(Signal::TERM).0, Some(0));
    home.run(&["rollback"]).refused(2, "--yes");
    let ended = home.run(&["rollback", "--yes"]);
    let said = ended.done();
    assert!(said.contains("Went back to schema 1"), "{said}");
    assert!(
        said.contains("put version 0.0.1 in place before you start the server"),
        "{said}"
    );
    assert_eq!(schema(&home), 1);
    assert!(home.account("late@example.org").is_none());
}

#[test]
fn there_is_no_way_back_where_nothing_was_migrated() {
    let home = Home::with_people();
    home.run(&["rollback", "--yes"])
        .refused(1, "no snapshot from before a migration");
}
