//! Saving a running database, and putting a saved one back.

use std::fs;
use std::path::{Path, PathBuf};

use librechat_auth::store::migrate::MIGRATIONS;
use librechat_auth::store::{RestoreError, Restored, ServeLock, Store, accounts, restore};
use rusqlite::Connection;

use super::kit::{House, START, at, options, person, wait};

/// A closed database with ada and bob, and a snapshot from before bob came.
fn with_snapshot() -> (House, PathBuf) {
    let house = House::new();
    house.write(|tx| accounts::insert(tx, &person("ada")));
    let saved = house.dir.path().join("saved.snapshot");
    house.store.snapshot(&saved).expect("a snapshot");
    house.write(|tx| accounts::insert(tx, &person("bob")));
    house.store.close();
    let House { store, dir } = house;
    drop(store);
    let store = Store::open(&options(dir.path().join("unused.db")), START).expect("a stand-in");
    (House { store, dir }, saved)
}

fn people(path: &Path) -> i64 {
    let store = Store::open(&options(path.to_owned()), START).expect("a database");
    wait(store.read(accounts::count)).expect("a count")
}

#[test]
fn a_snapshot_of_the_running_store_is_one_complete_file() {
    let house = House::new();
    house.write(|tx| (0..300).try_for_each(|n| accounts::insert(tx, &person(&format!("p{n}"))).map(drop)));
    let saved = house.dir.path().join("saved.snapshot");
    house.store.snapshot(&saved).expect("a snapshot");
    let lonely = house.dir.path().join("lonely");
    fs::create_dir(&lonely).expect("a directory");
    fs::copy(&saved, lonely.join("librechat-auth.db")).expect("copied");
    assert_eq!(people(&lonely.join("librechat-auth.db")), 300);
    let strays = fs::read_dir(house.dir.path()).expect("a directory").flatten();
    let strays = strays.filter(|entry| entry.file_name().to_string_lossy().starts_with("saved.snapshot"));
    assert_eq!(strays.count(), 1);
}

#[test]
fn a_snapshot_never_overwrites_a_file() {
    let house = House::new();
    let taken = house.dir.path().join("taken");
    fs::write(&taken, "precious").expect("made");
    let error = house.store.snapshot(&taken).expect_err("refused").to_string();
    assert!(error.contains("taken") && error.contains("the file exists"), "{error}");
    assert_eq!(fs::read_to_string(&taken).expect("still there"), "precious");
}

#[test]
fn a_restored_snapshot_replaces_the_database_and_keeps_it_aside() {
    let (house, saved) = with_snapshot();
    let kept = house.dir.path().join("librechat-auth.db.replaced-20231114T221330Z");
    assert_eq!(
        restore(&house.path(), &saved, at(10)).expect("restored"),
        Restored {
            kept: Some(kept.clone()),
            version: MIGRATIONS[MIGRATIONS.len() - 1].version,
        }
    );
    assert_eq!(people(&house.path()), 1);
    assert_eq!(people(&kept), 2);
    assert!(saved.exists());
}

#[test]
fn what_a_killed_server_left_in_its_log_is_kept_with_the_replaced_database() {
    let (house, saved) = with_snapshot();
    let path = house.path();
    let killed = Connection::open(&path).expect("a connection");
    killed
        .execute_batch("PRAGMA journal_mode = WAL; PRAGMA wal_autocheckpoint = 0; DELETE FROM users;")
        .expect("a change in the log");
    let copies: Vec<_> = ["", "-wal"]
        .map(|end| (end, fs::read(format!("{}{end}", path.display()))))
        .into();
    drop(killed);
    for (end, bytes) in copies {
        fs::write(format!("{}{end}", path.display()), bytes.expect("a file")).expect("written");
    }
    let restored = restore(&path, &saved, at(10)).expect("restored");
    assert_eq!(people(&path), 1);
    assert_eq!(people(&restored.kept.expect("kept")), 0);
}

#[test]
fn a_snapshot_is_restored_where_no_database_is_left() {
    let (house, saved) = with_snapshot();
    fs::remove_file(house.path()).expect("removed");
    assert_eq!(restore(&house.path(), &saved, at(10)).expect("restored").kept, None);
    assert_eq!(people(&house.path()), 1);
}

#[test]
fn a_damaged_database_can_be_replaced() {
    let (house, saved) = with_snapshot();
    fs::write(house.path(), "rubbish ".repeat(1000)).expect("damaged");
    let restored = restore(&house.path(), &saved, at(10)).expect("restored");
    assert_eq!(people(&house.path()), 1);
    let kept = fs::read_to_string(restored.kept.expect("kept")).expect("rubbish");
    assert!(kept.starts_with("rubbish"));
}

#[test]
fn nothing_is_restored_under_a_running_server() {
    let (house, saved) = with_snapshot();
    let _server = ServeLock::acquire(house.dir.path()).expect("free");
    let refused = restore(&house.path(), &saved, at(10)).expect_err("refused");
    assert!(matches!(refused, RestoreError::Locked(_)), "{refused:?}");
    assert_eq!(people(&house.path()), 2);
}

#[test]
fn nothing_is_restored_under_another_program() {
    let (house, saved) = with_snapshot();
    let other = Store::open(&options(house.path()), START).expect("another program");
    assert_eq!(wait(other.read(accounts::count)), Ok(2));
    let refused = restore(&house.path(), &saved, at(10)).expect_err("refused");
    assert!(matches!(refused, RestoreError::InUse(_)), "{refused:?}");
    assert_eq!(wait(other.read(accounts::count)), Ok(2));
}

#[test]
fn nothing_is_restored_from_a_file_that_is_not_ours_or_not_sound() {
    let (house, saved) = with_snapshot();
    let missing = house.dir.path().join("missing");
    let rubbish = house.dir.path().join("rubbish");
    fs::write(&rubbish, "rubbish ".repeat(1000)).expect("made");
    let foreign = house.dir.path().join("foreign");
    Connection::open(&foreign)
        .and_then(|other| other.execute_batch("CREATE TABLE bookmarks (url TEXT)"))
        .expect("made");
    let torn = house.dir.path().join("torn");
    let mut bytes = fs::read(&saved).expect("a snapshot");
    bytes.truncate(bytes.len() / 2);
    fs::write(&torn, bytes).expect("made");
    for bad in [missing, rubbish, foreign, torn] {
        let refused = restore(&house.path(), &bad, at(10)).expect_err("refused");
        assert!(
            matches!(&refused, RestoreError::BadSnapshot { path, .. } if *path == bad),
            "{refused:?}"
        );
    }
    assert_eq!(people(&house.path()), 2);
    assert!(!house.dir.path().join("librechat-auth.db.restoring").exists());
}
