//! Opening and migrating: what is made, what is refused, and what the operator is told.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use librechat_auth::domain::time::Timestamp;
use librechat_auth::store::faults::Faults;
use librechat_auth::store::migrate::{MIGRATIONS, Migration};
use librechat_auth::store::{OpenError, ServeLock, Store, accounts};
use rusqlite::Connection;

use super::kit::{House, START, at, options, person, wait};

/// The version of the real schema.
const NOW: i64 = MIGRATIONS[MIGRATIONS.len() - 1].version;

const EXTRA: Migration = Migration {
    version: NOW + 1,
    name: "extra",
    sql: "CREATE TABLE extra (id INTEGER PRIMARY KEY) STRICT;",
};
const BROKEN: Migration = Migration {
    version: NOW + 2,
    name: "broken",
    sql: "CREATE TABLE more (id INTEGER PRIMARY KEY) STRICT; CREATE TABLE users (id INTEGER);",
};

fn with(more: &[Migration]) -> Vec<Migration> {
    [MIGRATIONS, more].concat()
}

fn open(path: &Path, migrations: &[Migration], now: Timestamp) -> Result<Store, OpenError> {
    Store::open_with(&options(path.to_owned()), now, migrations, &Faults::default())
}

fn refusal(path: &Path, migrations: &[Migration]) -> OpenError {
    match open(path, migrations, START) {
        Ok(_) => panic!("opened {}", path.display()),
        Err(error) => error,
    }
}

/// A closed database with one account.
fn inhabited() -> House {
    let house = House::new();
    house.write(|tx| accounts::insert(tx, &person("ada")));
    house.store.close();
    house
}

fn snapshots(house: &House) -> Vec<PathBuf> {
    let entries = fs::read_dir(house.dir.path()).expect("a directory");
    let files = entries.map(|entry| entry.expect("an entry").path());
    let mut found: Vec<_> = files
        .filter(|file| file.extension().is_some_and(|end| end == "snapshot"))
        .collect();
    found.sort();
    found
}

fn tables(path: &Path) -> Vec<String> {
    let connection = Connection::open(path).expect("a database");
    let mut names = connection
        .prepare("SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name")
        .expect("a statement");
    let names = names.query_map([], |row| row.get(0)).expect("rows");
    names.collect::<Result<_, _>>().expect("names")
}

#[test]
fn a_new_database_is_readable_by_its_owner_only() {
    let house = House::new();
    house.write(|tx| accounts::insert(tx, &person("ada")));
    for ending in ["", "-wal", "-shm"] {
        let file = fs::metadata(format!("{}{ending}", house.path().display())).expect("a file");
        assert_eq!(file.permissions().mode() & 0o777, 0o600, "{ending}");
    }
}

#[test]
fn opening_again_changes_nothing_and_saves_nothing() {
    let house = inhabited();
    let store = open(&house.path(), MIGRATIONS, at(60)).expect("the same schema");
    assert_eq!(wait(store.read(accounts::count)), Ok(1));
    assert!(snapshots(&house).is_empty());
}

#[test]
fn programs_that_start_together_make_one_database() {
    let dir = tempfile::tempdir().expect("a directory");
    let path = dir.path().join("librechat-auth.db");
    std::thread::scope(|scope| {
        let starts: Vec<_> = (0..6)
            .map(|_| scope.spawn(|| open(&path, &with(&[EXTRA]), START).map(drop)))
            .collect();
        for start in starts {
            start.join().expect("no panic").expect("opened");
        }
    });
}

#[test]
fn a_migration_keeps_the_data_and_saves_the_state_before_it() {
    let house = inhabited();
    let store = open(&house.path(), &with(&[EXTRA]), START).expect("migrated");
    assert_eq!(wait(store.read(accounts::count)), Ok(1));
    assert!(tables(&house.path()).contains(&"extra".to_owned()));
    let saved = house.dir.path().join(format!(
        "librechat-auth.db.before-{:04}-20231114T221320Z.snapshot",
        NOW + 1
    ));
    assert_eq!(snapshots(&house), std::slice::from_ref(&saved));
    assert_eq!(
        fs::metadata(&saved).expect("a file").permissions().mode() & 0o777,
        0o600
    );
    assert!(!tables(&saved).contains(&"extra".to_owned()));
    let people: i64 = Connection::open(&saved)
        .and_then(|copy| copy.query_row("SELECT count(*) FROM users", [], |row| row.get(0)))
        .expect("a count");
    assert_eq!(people, 1);
}

#[test]
fn a_migration_that_fails_leaves_the_database_as_it_was() {
    let house = inhabited();
    let error = refusal(&house.path(), &with(&[EXTRA, BROKEN])).to_string();
    assert!(error.contains(&format!("{:04} (broken)", NOW + 2)), "{error}");
    let left = tables(&house.path());
    assert!(
        !left.contains(&"extra".to_owned()) && !left.contains(&"more".to_owned()),
        "{left:?}"
    );
    assert!(open(&house.path(), MIGRATIONS, START).is_ok());
}

#[test]
fn only_the_newest_snapshots_are_kept() {
    let house = inhabited();
    let mut migrations = with(&[]);
    for version in NOW + 1..=NOW + 5 {
        migrations.push(Migration {
            version,
            name: "nothing",
            sql: "SELECT 1;",
        });
        drop(open(&house.path(), &migrations, at(version)).expect("migrated"));
    }
    let kept: Vec<_> = snapshots(&house)
        .iter()
        .map(|file| file.display().to_string())
        .collect();
    assert_eq!(kept.len(), 3);
    for (file, version) in kept.iter().zip(NOW + 3..) {
        assert!(file.contains(&format!("before-{version:04}")), "{file}");
    }
}

#[test]
fn no_migration_happens_under_a_running_server_of_an_older_version() {
    let house = inhabited();
    let lock = ServeLock::acquire(house.dir.path()).expect("free");
    // The lock is this process's own: as when the server itself migrates at its start.
    assert!(open(&house.path(), &with(&[EXTRA]), START).is_ok());
    fs::write(house.dir.path().join("serve.lock"), "1\n").expect("another process's number");
    let more = Migration {
        version: NOW + 2,
        ..EXTRA
    };
    let error = refusal(&house.path(), &with(&[EXTRA, more]));
    assert!(matches!(error, OpenError::Served { pid: Some(1), .. }), "{error:?}");
    drop(lock);
}

#[test]
fn a_newer_database_is_refused_with_the_command_that_goes_back() {
    let house = inhabited();
    drop(open(&house.path(), &with(&[EXTRA]), START).expect("migrated"));
    let error = refusal(&house.path(), MIGRATIONS);
    let OpenError::Newer { database, program, .. } = &error else {
        panic!("{error:?}")
    };
    assert_eq!((*database, *program), (NOW + 1, NOW));
    let text = error.to_string();
    assert!(text.contains("`librechat-auth db restore "), "{text}");
    assert!(
        text.contains(&format!(
            "librechat-auth.db.before-{:04}-20231114T221320Z.snapshot`",
            NOW + 1
        )),
        "{text}"
    );
}

#[test]
fn a_newer_database_without_a_snapshot_is_refused_too() {
    let house = inhabited();
    drop(open(&house.path(), &with(&[EXTRA]), START).expect("migrated"));
    fs::remove_file(&snapshots(&house)[0]).expect("removed");
    let text = refusal(&house.path(), MIGRATIONS).to_string();
    assert!(text.contains("`librechat-auth db restore <snapshot>`"), "{text}");
}

#[test]
fn a_changed_migration_is_named() {
    let house = inhabited();
    let changed = Migration {
        sql: "SELECT 1;",
        ..MIGRATIONS[0]
    };
    let changed = [&[changed], &MIGRATIONS[1..]].concat();
    let text = refusal(&house.path(), &changed).to_string();
    assert!(text.contains("migration 0001 (accounts_and_sessions)"), "{text}");
}

#[test]
fn the_database_of_another_program_is_left_alone() {
    let dir = tempfile::tempdir().expect("a directory");
    let path = dir.path().join("other.db");
    Connection::open(&path)
        .and_then(|other| other.execute_batch("CREATE TABLE bookmarks (url TEXT)"))
        .expect("made");
    assert!(matches!(refusal(&path, MIGRATIONS), OpenError::Foreign(_)));
    assert_eq!(tables(&path), ["bookmarks"]);
}

#[test]
fn a_file_that_is_no_database_is_damaged() {
    let dir = tempfile::tempdir().expect("a directory");
    let path = dir.path().join("librechat-auth.db");
    fs::write(
        &path,
        "not a database, but long enough to have a header of a hundred bytes. ".repeat(100),
    )
    .expect("made");
    assert!(matches!(refusal(&path, MIGRATIONS), OpenError::Damaged(_)));
}

#[test]
fn a_missing_directory_or_a_directory_in_the_way_is_not_writable() {
    let dir = tempfile::tempdir().expect("a directory");
    for path in [dir.path().join("missing/librechat-auth.db"), dir.path().to_owned()] {
        let error = refusal(&path, MIGRATIONS);
        assert!(matches!(error, OpenError::NotWritable { .. }), "{error:?}");
        assert!(
            error.to_string().contains("permissions of the data directory"),
            "{error}"
        );
    }
}
