//! Sessions that are kept in memory are never older than the database, whoever changes it.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use librechat_auth::domain::account::{AccountKey, Role};
use librechat_auth::domain::ids::SessionId;
use librechat_auth::domain::session::Identity;
use librechat_auth::store::faults::Faults;
use librechat_auth::store::migrate::MIGRATIONS;
use librechat_auth::store::{Store, accounts, sessions};
use proptest::prelude::*;
use rusqlite::Connection;

use super::kit::{House, START, at, options, person, session, wait};

const FIRST: SessionId = SessionId::from_row(1);

/// Somebody with two sessions, 1 and 2.
fn settle(house: &House, name: &str) -> AccountKey {
    let new = person(name);
    house.write(move |tx| {
        let key = accounts::insert(tx, &new)?;
        for id in [1, 2] {
            sessions::insert(tx, &session(id, key))?;
        }
        Ok(key)
    })
}

fn held(house: &House, id: SessionId) -> Option<Identity> {
    wait(house.store.identity(id))
        .expect("an answer")
        .map(Arc::unwrap_or_clone)
}

fn queried(house: &House, id: SessionId) -> Option<Identity> {
    house.read(|tx| sessions::identity(tx, id))
}

fn another_program(house: &House, sql: &str) {
    let shell = Connection::open(house.path()).expect("the database");
    shell.execute_batch(sql).expect("a statement that works");
}

#[test]
fn what_was_read_once_is_answered_without_the_database() {
    let faults = Faults::armed();
    let house = House::with(|_| {}, &faults);
    settle(&house, "ada");
    let first = held(&house, FIRST);
    assert!(first.is_some());
    faults.fail_statement(1);
    assert_eq!(held(&house, FIRST), first);
    wait(house.store.identity(SessionId::from_row(2))).expect_err("what was never read needs the database");
}

#[test]
fn what_is_not_there_is_asked_for_each_time() {
    let house = House::new();
    let key = settle(&house, "ada");
    let third = SessionId::from_row(3);
    assert_eq!(held(&house, third), None);
    house.write(move |tx| sessions::insert(tx, &session(3, key)));
    assert!(held(&house, third).is_some());
}

#[test]
fn own_writes_are_seen_by_the_next_question() {
    let house = House::new();
    let key = settle(&house, "ada");
    assert_eq!(held(&house, FIRST).unwrap().session.last_used_at, START);
    house.write(|tx| sessions::touch(tx, &[(FIRST, at(5))]));
    assert_eq!(held(&house, FIRST).unwrap().session.last_used_at, at(5));
    house.write(move |tx| accounts::set_role(tx, key, &Role::Admin, at(6)));
    assert_eq!(held(&house, FIRST).unwrap().account.role, Role::Admin);
    house.write(|tx| sessions::delete(tx, FIRST));
    assert_eq!(held(&house, FIRST), None);
    let second = SessionId::from_row(2);
    assert!(held(&house, second).is_some());
    house.write(move |tx| accounts::delete(tx, key));
    assert_eq!(held(&house, second), None, "goes with its owner");
}

#[test]
fn own_writes_about_others_leave_what_is_kept() {
    let faults = Faults::armed();
    let house = House::with(|_| {}, &faults);
    settle(&house, "ada");
    let first = held(&house, FIRST);
    let bob = person("bob");
    house.write(move |tx| accounts::insert(tx, &bob));
    house.write(|tx| sessions::touch(tx, &[(SessionId::from_row(2), at(1))]));
    faults.fail_statement(1);
    assert_eq!(held(&house, FIRST), first, "without a query");
}

#[test]
fn what_others_write_is_seen_by_the_next_question() {
    let house = House::new();
    settle(&house, "ada");
    assert!(held(&house, FIRST).is_some());
    another_program(&house, "UPDATE users SET role = 'ADMIN'");
    assert_eq!(held(&house, FIRST).unwrap().account.role, Role::Admin);
    another_program(&house, "DELETE FROM sessions");
    assert_eq!(held(&house, FIRST), None);
}

#[test]
fn another_store_on_the_same_file_is_another_program() {
    let house = House::new();
    let key = settle(&house, "ada");
    let other = Store::open_with(&options(house.path()), START, MIGRATIONS, &Faults::default()).expect("it opens");
    assert!(held(&house, FIRST).is_some());
    wait(other.write(move |tx| accounts::set_role(tx, key, &Role::Admin, at(1)))).expect("a write");
    assert_eq!(held(&house, FIRST).unwrap().account.role, Role::Admin);
    drop(other);
    another_program(&house, "DELETE FROM sessions");
    assert_eq!(held(&house, FIRST), None);
}

#[test]
fn a_write_that_fails_changes_nothing_that_is_kept() {
    let faults = Faults::armed();
    let house = House::with(|_| {}, &faults);
    let key = settle(&house, "ada");
    let before = held(&house, FIRST);
    faults.fail_commits(&[1, 2]);
    let promote = house
        .store
        .write(move |tx| accounts::set_role(tx, key, &Role::Admin, at(1)));
    wait(promote).expect_err("no commit");
    assert_eq!(held(&house, FIRST), before);
    assert_eq!(queried(&house, FIRST), before);
}

#[test]
fn nobody_reads_less_than_was_promised_to_anybody() {
    let house = Arc::new(House::new());
    let key = settle(&house, "ada");
    let done = Arc::new(AtomicBool::new(false));
    let reader = {
        let (house, done) = (Arc::clone(&house), Arc::clone(&done));
        thread::spawn(move || {
            let mut seen = START;
            while !done.load(Ordering::SeqCst) {
                let now = held(&house, FIRST).expect("a session").account.updated_at;
                assert!(now >= seen, "time went back");
                seen = now;
            }
        })
    };
    for turn in 1..400 {
        if turn % 8 == 0 {
            let now = at(turn).millis();
            another_program(&house, &format!("UPDATE users SET updated_at = {now}"));
        } else {
            house.write(move |tx| accounts::set_role(tx, key, &Role::User, at(turn)));
        }
        assert_eq!(held(&house, FIRST).unwrap().account.updated_at, at(turn));
    }
    done.store(true, Ordering::SeqCst);
    reader.join().expect("a reader that saw time go on");
}

/// So many people, each with a session of the same number.
fn settle_many(house: &House, count: i64) -> Vec<AccountKey> {
    house.write(move |tx| {
        (1..=count)
            .map(|number| {
                let key = accounts::insert(tx, &person(&format!("person{number}")))?;
                sessions::insert(tx, &session(number, key)).map(|()| key)
            })
            .collect()
    })
}

#[test]
fn thousands_are_kept_and_answered_without_the_database() {
    let faults = Faults::armed();
    let house = House::with(|_| {}, &faults);
    let everybody = || (1..=10_000).map(SessionId::from_row);
    settle_many(&house, 10_000);
    let first: Vec<_> = everybody().map(|id| held(&house, id)).collect();
    assert!(first.iter().all(Option::is_some));
    assert_eq!(first[41], queried(&house, SessionId::from_row(42)));
    faults.fail_statement(1);
    for (id, known) in everybody().zip(&first) {
        assert_eq!(held(&house, id), *known, "without a query");
    }
}

#[test]
fn a_change_of_one_among_thousands_is_seen_and_costs_the_others_nothing() {
    let faults = Faults::armed();
    let house = House::with(|_| {}, &faults);
    let everybody = || (1..=10_000).map(SessionId::from_row);
    let keys = settle_many(&house, 10_000);
    for id in everybody() {
        held(&house, id);
    }
    let (old, new) = (keys[2], keys[9_998]);
    house.write(move |tx| accounts::set_role(tx, old, &Role::Admin, at(6)));
    house.write(move |tx| accounts::set_role(tx, new, &Role::Admin, at(6)));
    let changed = [SessionId::from_row(3), SessionId::from_row(9_999)];
    for id in changed {
        assert_eq!(held(&house, id).unwrap().account.role, Role::Admin);
    }
    faults.fail_statement(1);
    for id in everybody().filter(|id| !changed.contains(id)) {
        assert_eq!(held(&house, id).unwrap().account.role, Role::User, "without a query");
    }
}

#[test]
fn one_write_about_many_is_seen_and_costs_the_others_nothing() {
    let faults = Faults::armed();
    let house = House::with(|_| {}, &faults);
    let keys = settle_many(&house, 1_000);
    let everybody = || (1..=1_000).map(SessionId::from_row);
    for id in everybody() {
        held(&house, id);
    }
    // As when many log in at the same time.
    let some: Vec<_> = keys[..64].to_vec();
    house.write(move |tx| {
        let mut promote = |key: &AccountKey| accounts::set_role(tx, *key, &Role::Admin, at(6));
        some.iter().try_for_each(|key| promote(key).map(drop))
    });
    for id in everybody().take(64) {
        assert_eq!(held(&house, id).unwrap().account.role, Role::Admin);
    }
    faults.fail_statement(1);
    for id in everybody().skip(64) {
        assert_eq!(held(&house, id).unwrap().account.role, Role::User, "without a query");
    }
}

#[test]
fn one_write_about_very_many_is_seen() {
    let house = House::new();
    settle_many(&house, 5_000);
    let everybody = || (1..=5_000).map(SessionId::from_row);
    for id in everybody() {
        held(&house, id);
    }
    let uses: Vec<_> = everybody().map(|id| (id, at(7))).collect();
    house.write(move |tx| sessions::touch(tx, &uses));
    for id in everybody() {
        assert_eq!(held(&house, id).unwrap().session.last_used_at, at(7));
    }
}

#[test]
fn with_little_memory_the_oldest_are_asked_for_anew_and_with_none_everybody() {
    for bytes in [0, 512 << 10] {
        let house = House::with(|options| options.session_bytes = bytes, &Faults::default());
        let keys = settle_many(&house, 3_000);
        for round in 1..4_i64 {
            for number in 1..=3_000 {
                let id = SessionId::from_row(number);
                assert_eq!(held(&house, id), queried(&house, id));
            }
            let (first, last) = (keys[0], keys[2_999]);
            house.write(move |tx| accounts::set_role(tx, first, &Role::Admin, at(round)));
            house.write(move |tx| accounts::set_role(tx, last, &Role::Admin, at(round)));
        }
    }
}

#[derive(Clone, Copy, Debug)]
enum Step {
    Ask(i64),
    Touch(i64),
    Promote,
    End(i64),
    Begin(i64),
    NothingOfTheirs,
    OthersEnd(i64),
    OthersPromote,
}

fn step() -> impl Strategy<Value = Step> {
    let id = 1..4_i64;
    prop_oneof![
        4 => id.clone().prop_map(Step::Ask),
        1 => id.clone().prop_map(Step::Touch),
        1 => Just(Step::Promote),
        1 => id.clone().prop_map(Step::End),
        2 => id.clone().prop_map(Step::Begin),
        1 => Just(Step::NothingOfTheirs),
        1 => id.prop_map(Step::OthersEnd),
        1 => Just(Step::OthersPromote),
    ]
}

fn take(house: &House, key: AccountKey, turn: i64, step: Step) {
    match step {
        Step::Ask(_) => {}
        Step::Touch(id) => house.write(move |tx| sessions::touch(tx, &[(SessionId::from_row(id), at(turn))])),
        Step::Promote => drop(house.write(move |tx| accounts::set_role(tx, key, &Role::Admin, at(turn)))),
        Step::End(id) => drop(house.write(move |tx| sessions::delete(tx, SessionId::from_row(id)))),
        Step::Begin(id) => house.write(move |tx| {
            sessions::delete(tx, SessionId::from_row(id))?;
            sessions::insert(tx, &session(id, key))
        }),
        Step::NothingOfTheirs => drop(house.write(move |tx| accounts::set_lang(tx, key, "en"))),
        Step::OthersEnd(id) => another_program(house, &format!("DELETE FROM sessions WHERE id = {id}")),
        Step::OthersPromote => another_program(house, "UPDATE users SET login_count = login_count + 1"),
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn memory_and_database_agree_after_any_steps(steps in prop::collection::vec(step(), 1..40)) {
        let house = House::new();
        let key = settle(&house, "ada");
        for (turn, step) in (1..).zip(steps) {
            take(&house, key, turn, step);
            let asked = if let Step::Ask(id) = step { vec![id] } else { vec![1, 2, 3] };
            for id in asked {
                let id = SessionId::from_row(id);
                prop_assert_eq!(held(&house, id), queried(&house, id));
            }
        }
    }
}
