//! What the audit log says of people: sealed for them, gone with them, and found by whoever may look.

use std::fs;
use std::path::Path;
use std::sync::Arc;

use librechat_auth::app::clock::SystemEntropy;
use librechat_auth::crypto::vault::AuditVault;
use librechat_auth::domain::audit::{ERASED, Event, EventKind, UNREADABLE};
use librechat_auth::domain::audit_chain::Break;
use librechat_auth::domain::secret::Secret;
use librechat_auth::store::audit::Filter;
use librechat_auth::store::faults::Faults;
use librechat_auth::store::migrate::MIGRATIONS;
use librechat_auth::store::{Options, Store, StoreError, accounts, audit};
use rusqlite::{Connection, params};

use super::audit::{event, eventful, head, verify_against};
use super::kit::{House, START, at, options, person, user_id, wait};

#[test]
fn what_tells_of_people_is_not_in_the_file() {
    let house = House::new();
    house.write(|tx| {
        accounts::insert(tx, &person("ada"))?;
        let made = Event {
            detail: "laptop of ada".to_owned(),
            ..event(77, EventKind::ApiKeyMade, Some("ada"))
        };
        audit::append(tx, &made)?;
        audit::append(tx, &event(78, EventKind::LoginRefused, None))
    });
    let told = house.read(|tx| audit::recent(tx, user_id("ada"), 9));
    assert_eq!(
        (
            told[0].address.as_str(),
            told[0].user_agent.as_str(),
            told[0].detail.as_str()
        ),
        ("192.0.2.77", "Browser of somebody", "laptop of ada")
    );
    house.store.close();
    for secret in ["192.0.2.77", "192.0.2.78", "Browser of somebody", "laptop of ada"] {
        assert!(!is_in_file(&house.path(), secret.as_bytes()), "{secret}");
    }
}

fn is_in_file(path: &Path, wanted: &[u8]) -> bool {
    let bytes = fs::read(path).expect("readable");
    bytes.windows(wanted.len()).any(|window| window == wanted)
}

#[test]
fn deleting_somebody_destroys_their_key_and_the_log_stays_whole() {
    let house = eventful();
    let key: Vec<u8> = Connection::open(house.path())
        .and_then(|file| {
            let sql = "SELECT sealed FROM audit_keys WHERE owner = $1";
            file.query_row(sql, params![user_id("ada").to_string()], |row| row.get(0))
        })
        .expect("ada has a key");
    let kept = head(&house);
    house.write(|tx| {
        let ada = accounts::by_id(tx, user_id("ada"))?.expect("there");
        accounts::delete(tx, ada.key)?;
        // What is recorded of the deletion itself tells nothing of the person either.
        audit::append(tx, &event(8, EventKind::AccountDeleted, Some("ada")))
    });
    let told = house.read(|tx| audit::recent(tx, user_id("ada"), 9));
    assert_eq!(told.len(), 3);
    for event in told {
        assert_eq!((event.address.as_str(), event.user_agent.as_str()), (ERASED, ""));
    }
    let bob = house.read(|tx| audit::recent(tx, user_id("bob"), 9));
    assert_eq!(bob[0].address, "192.0.2.6");
    assert_eq!(verify_against(&house.store, vec![kept]).expect("whole").rows, 7);
    house.store.close();
    assert!(!is_in_file(&house.path(), &key), "the key is gone from the file itself");
}

#[test]
fn an_admins_address_is_the_admins_and_not_that_of_whom_they_deal_with() {
    let house = House::new();
    house.write(|tx| {
        accounts::insert(tx, &person("ada"))?;
        accounts::insert(tx, &person("bob"))?;
        let by_ada = Event {
            actor: user_id("ada").to_string(),
            ..event(1, EventKind::AccountDeleted, Some("bob"))
        };
        audit::append(tx, &by_ada)?;
        let bob = accounts::by_id(tx, user_id("bob"))?.expect("there");
        accounts::delete(tx, bob.key).map(drop)
    });
    assert_eq!(
        house.read(|tx| audit::recent(tx, user_id("bob"), 9))[0].address,
        "192.0.2.1"
    );
}

#[test]
fn what_is_about_nobody_known_is_sealed_for_its_day_and_goes_with_it() {
    let house = eventful();
    let days = || -> i64 {
        Connection::open(house.path())
            .and_then(|file| {
                let sql = "SELECT count(*) FROM audit_keys WHERE owner LIKE 'day:%'";
                file.query_row(sql, [], |row| row.get(0))
            })
            .expect("counted")
    };
    assert_eq!(days(), 1);
    let tomorrow = 24 * 3600;
    house.write(move |tx| audit::purge_before(tx, at(tomorrow), at(tomorrow + 9), 100));
    assert_eq!(days(), 0);
}

#[test]
fn another_servers_keys_neither_read_nor_stop_the_log() {
    let house = eventful();
    house.store.close();
    let strange = AuditVault::new(&Secret::new("d".repeat(64)), Arc::new(SystemEntropy));
    let other = Options {
        vault: Some(Arc::new(strange)),
        ..options(house.path())
    };
    let store = Store::open(&other, START).expect("opened");
    wait(store.write(|tx| audit::append(tx, &event(9, EventKind::LoginSucceeded, Some("ada")))))
        .expect("people get in");
    let told = wait(store.read(|tx| audit::recent(tx, user_id("ada"), 9))).expect("readable");
    assert_eq!(told[0].address, "192.0.2.9");
    assert_eq!(told[1].address, UNREADABLE);
    assert_eq!(verify_against(&store, Vec::new()), Err(Break::Altered { seq: 7 }));
}

#[test]
fn a_store_without_keys_writes_no_log() {
    let house = House::with(|options| options.vault = None, &Faults::default());
    let refused = wait(
        house
            .store
            .write(|tx| audit::append(tx, &event(1, EventKind::SetUp, None))),
    );
    assert!(matches!(refused, Err(StoreError::Other(_))), "{refused:?}");
}

#[test]
fn events_are_picked_by_person_actor_kind_reference_and_time() {
    let house = House::new();
    house.write(|tx| {
        let ada = user_id("ada").to_string();
        audit::append(tx, &event(1, EventKind::LoginSucceeded, Some("ada")))?;
        let by_ada = |seconds, kind, who| Event {
            actor: ada.clone(),
            ..event(seconds, kind, who)
        };
        audit::append(tx, &by_ada(2, EventKind::RoleChanged, Some("bob")))?;
        let banned = Event {
            reference: "K7QW-3M9P".to_owned(),
            actor: "console".to_owned(),
            ..event(3, EventKind::Banned, Some("bob"))
        };
        audit::append(tx, &banned)
    });
    let picked = |filter: Filter| -> Vec<i64> {
        let newest = house.read(|tx| audit::newest(tx, &filter, i64::MAX, 9));
        let mut oldest: Vec<i64> = house
            .read(|tx| audit::oldest(tx, &filter, 0, 9))
            .iter()
            .map(|(id, _)| *id)
            .collect();
        let newest: Vec<i64> = newest.iter().map(|(id, _)| *id).collect();
        oldest.reverse();
        assert_eq!(newest, oldest, "{filter:?}");
        newest
    };
    let any = Filter::default;
    let actor = |name: String| Filter {
        actor: Some(name),
        ..any()
    };
    assert_eq!(picked(any()), [3, 2, 1]);
    let ada = Filter {
        person: Some(user_id("ada")),
        ..any()
    };
    assert_eq!(picked(ada), [2, 1]);
    assert_eq!(picked(actor(user_id("ada").to_string())), [2, 1]);
    assert_eq!(picked(actor("console".to_owned())), [3]);
    let kind = Filter {
        kind: Some(EventKind::RoleChanged),
        ..any()
    };
    assert_eq!(picked(kind), [2]);
    let reference = Filter {
        reference: Some("K7QW-3M9P".to_owned()),
        ..any()
    };
    assert_eq!(picked(reference), [3]);
    let time = Filter {
        since: Some(at(2)),
        until: Some(at(3)),
        ..any()
    };
    assert_eq!(picked(time), [2]);
}

#[test]
fn what_was_written_before_is_sealed_and_chained_at_the_next_start() {
    let dir = tempfile::tempdir().expect("a directory");
    let path = dir.path().join("librechat-auth.db");
    let before: Vec<_> = MIGRATIONS
        .iter()
        .take_while(|migration| migration.name != "audit_chain")
        .copied()
        .collect();
    let old = Store::open_with(&options(path.clone()), START, &before, &Faults::default()).expect("an older schema");
    wait(old.write(|tx| accounts::insert(tx, &person("ada")).map(drop))).expect("written");
    old.close();
    let connection = Connection::open(&path).expect("a database");
    for (seconds, who) in [(1, Some("ada")), (2, None), (3, Some("gone")), (3, Some("ada"))] {
        connection
            .execute(
                "INSERT INTO audit (at, kind, subject, actor, address, user_agent, detail) \
                 VALUES ($1, 'login_refused', $2, '', '198.51.100.9', 'Old browser', 'bad_credentials')",
                params![at(seconds).millis(), who.map(|who| user_id(who).to_string())],
            )
            .expect("an old row");
    }
    drop(connection);
    // Whoever opens it without keys, as `upgrade` does on its copy, leaves the rows for who has them.
    let without = Options {
        vault: None,
        ..options(path.clone())
    };
    Store::open(&without, START).expect("migrated").close();
    let store = Store::open(&options(path.clone()), START).expect("adopted");
    assert_eq!(verify_against(&store, Vec::new()).expect("whole").rows, 4);
    let told = wait(store.read(|tx| audit::recent(tx, user_id("ada"), 9))).expect("readable");
    assert_eq!(told.len(), 2);
    assert_eq!(
        (
            told[0].address.as_str(),
            told[0].user_agent.as_str(),
            told[0].detail.as_str()
        ),
        ("198.51.100.9", "Old browser", "bad_credentials")
    );
    // Somebody who was gone before: readable until retention takes it.
    let gone = wait(store.read(|tx| audit::recent(tx, user_id("gone"), 9))).expect("readable");
    assert_eq!(gone[0].address, "198.51.100.9");
    store.close();
    assert!(!is_in_file(&path, b"198.51.100.9"));
    let again = Store::open(&options(path), START).expect("opened again");
    assert_eq!(verify_against(&again, Vec::new()).expect("whole").rows, 4);
}
