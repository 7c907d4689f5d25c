//! The audit log as a chain on a real database file: whoever touches it is found.

use std::fs;
use std::io::Write as _;
use std::thread;
use std::time::Instant;

use librechat_auth::domain::audit::{Event, EventKind};
use librechat_auth::domain::audit_chain::{Break, Mark, Whole};
use librechat_auth::store::faults::Faults;
use librechat_auth::store::{Store, accounts, audit};
use rusqlite::Connection;

use super::kit::{House, START, at, options, person, user_id, wait};

pub fn event(seconds: i64, kind: EventKind, who: Option<&str>) -> Event {
    Event {
        at: at(seconds),
        kind,
        subject: who.map(user_id),
        actor: String::new(),
        address: format!("192.0.2.{seconds}"),
        user_agent: "Browser of somebody".to_owned(),
        reference: String::new(),
        detail: String::new(),
    }
}

/// A house with six events about ada, bob and nobody known.
pub fn eventful() -> House {
    let house = House::new();
    house.write(|tx| {
        accounts::insert(tx, &person("ada"))?;
        accounts::insert(tx, &person("bob"))?;
        for (second, who) in (1..).zip([Some("ada"), None, Some("bob"), Some("ada"), None, Some("bob")]) {
            audit::append(tx, &event(second, EventKind::LoginRefused, who))?;
        }
        Ok(())
    });
    house
}

pub fn verify_against(store: &Store, kept: Vec<Mark>) -> Result<Whole, Break> {
    wait(store.scan(|tx| audit::walk(tx, kept))).expect("readable")
}

pub fn verify(house: &House) -> Result<Whole, Break> {
    verify_against(&house.store, Vec::new())
}

pub fn head(house: &House) -> Mark {
    house.read(audit::head).expect("there are events")
}

/// Somebody who has the file, a program for SQLite, and no keys.
fn tamper(house: &House, sql: &str) {
    let connection = Connection::open(house.path()).expect("a database");
    connection
        .execute_batch("DROP TRIGGER audit_never_changes; DROP TRIGGER audit_is_cut_at_its_old_end;")
        .expect("no triggers");
    connection.execute_batch(sql).expect("tampered with");
}

fn found_after(sql: &str) -> Result<Whole, Break> {
    let house = eventful();
    tamper(&house, sql);
    verify(&house)
}

#[test]
fn a_log_that_nobody_touched_is_whole() {
    let whole = verify(&eventful()).expect("whole");
    assert_eq!((whole.rows, whole.first, whole.last), (6, 1, 6));
    assert_eq!(verify(&House::new()).expect("whole").rows, 0);
}

#[test]
fn rows_that_are_gone_are_named_wherever_they_were() {
    assert_eq!(
        found_after("DELETE FROM audit WHERE id = 3"),
        Err(Break::Gone { first: 3, last: 3 })
    );
    assert_eq!(
        found_after("DELETE FROM audit WHERE id >= 5"),
        Err(Break::Gone { first: 5, last: 6 })
    );
    assert_eq!(
        found_after("DELETE FROM audit WHERE id <= 2"),
        Err(Break::Gone { first: 1, last: 2 })
    );
    assert_eq!(found_after("DELETE FROM audit"), Err(Break::Gone { first: 1, last: 6 }));
}

#[test]
fn whoever_cuts_the_new_end_cannot_sign_the_head() {
    let cut = "DELETE FROM audit WHERE id >= 5; \
               UPDATE audit_marks SET seq = 4, digest = (SELECT digest FROM audit WHERE id = 4) WHERE name = 'head'";
    assert_eq!(found_after(cut), Err(Break::HeadForged));
    assert_eq!(
        found_after("DELETE FROM audit WHERE id >= 5; DELETE FROM audit_marks"),
        Err(Break::NoHead)
    );
}

#[test]
fn whoever_cuts_the_old_end_cannot_sign_the_anchor() {
    let cut = "INSERT INTO audit_marks SELECT 'anchor', 2, digest, at, zeroblob(32) FROM audit WHERE id = 2; \
               DELETE FROM audit WHERE id <= 2";
    assert_eq!(found_after(cut), Err(Break::AnchorForged));
    // The signature of a head is none of an anchor.
    let cut = "INSERT INTO audit_marks SELECT 'anchor', seq, digest, at, mac FROM audit_marks; DELETE FROM audit";
    assert_eq!(found_after(cut), Err(Break::AnchorForged));
}

#[test]
fn every_column_of_a_row_is_covered() {
    for change in [
        "at = at + 1",
        "kind = 'login_succeeded'",
        "subject = 'x'",
        "subject = NULL",
        "actor = 'console'",
        "reference = 'K7QW-3M9P'",
        "detail = 'x'",
        "origin_key = origin_key + 1",
        "origin = zeroblob(9)",
        "origin_key = NULL, origin = NULL",
        "remark_key = 1, remark = x'00'",
        "digest = zeroblob(32)",
        "digest = x'00'",
        "origin = NULL",
    ] {
        let found = found_after(&format!("UPDATE audit SET {change} WHERE id = 4"));
        assert_eq!(found, Err(Break::Altered { seq: 4 }), "{change}");
    }
}

#[test]
fn rows_that_changed_places_are_named() {
    let swap = "UPDATE audit SET id = -2 WHERE id = 2; UPDATE audit SET id = 2 WHERE id = 3; \
                UPDATE audit SET id = 3 WHERE id = -2";
    assert_eq!(found_after(swap), Err(Break::Altered { seq: 2 }));
}

#[test]
fn a_row_that_was_put_in_is_named() {
    let copy = |seq: i64| {
        format!(
            "INSERT INTO audit SELECT {seq}, at, kind, subject, actor, reference, detail, origin_key, origin, remark_key, \
             remark, digest FROM audit WHERE id = 2"
        )
    };
    assert_eq!(found_after(&copy(7)), Err(Break::Altered { seq: 7 }));
    assert_eq!(found_after(&copy(0)), Err(Break::Altered { seq: 0 }));
    let between = format!("UPDATE audit SET id = id + 1 WHERE id = 6; {}", copy(6));
    assert_eq!(found_after(&between), Err(Break::Altered { seq: 6 }));
}

#[test]
fn a_changed_byte_in_the_file_is_found() {
    let house = eventful();
    house.store.close();
    let mut bytes = fs::read(house.path()).expect("readable");
    let kind = b"login_refused";
    let places: Vec<usize> = (0..bytes.len() - kind.len())
        .filter(|at| bytes[*at..].starts_with(kind))
        .collect();
    assert_eq!(places.len(), 6, "one for each row");
    bytes[places[2]] = b'L';
    fs::write(house.path(), bytes).expect("writable");
    let again = Store::open(&options(house.path()), START).expect("opened");
    assert!(matches!(verify_against(&again, Vec::new()), Err(Break::Altered { .. })));
}

#[test]
fn what_happens_after_somebody_touched_the_log_covers_nothing_up() {
    let later = |house: &House| {
        house.write(|tx| audit::append(tx, &event(9, EventKind::LoginSucceeded, Some("ada"))));
        verify(house)
    };
    // The new end is gone: what is added leaves a gap.
    let house = eventful();
    tamper(&house, "DELETE FROM audit WHERE id >= 5");
    assert_eq!(later(&house), Err(Break::Gone { first: 5, last: 6 }));
    // The head was set back, too: nobody signs what follows from it.
    let house = eventful();
    tamper(
        &house,
        "DELETE FROM audit WHERE id >= 5; \
         UPDATE audit_marks SET seq = 4, digest = (SELECT digest FROM audit WHERE id = 4) WHERE name = 'head'",
    );
    assert_eq!(later(&house), Err(Break::Altered { seq: 5 }));
    // There is no head.
    let house = eventful();
    tamper(&house, "DELETE FROM audit WHERE id >= 5; DELETE FROM audit_marks");
    assert_eq!(later(&house), Err(Break::Altered { seq: 5 }));
    // Everything is gone.
    let house = eventful();
    tamper(&house, "DELETE FROM audit");
    assert_eq!(later(&house), Err(Break::Gone { first: 1, last: 6 }));
    // A row stands where the next one belongs: people still get in, and it is found.
    let house = eventful();
    tamper(
        &house,
        "INSERT INTO audit SELECT 7, at, kind, subject, actor, reference, detail, origin_key, origin, remark_key, remark, \
         digest FROM audit WHERE id = 2",
    );
    assert_eq!(later(&house), Err(Break::Altered { seq: 7 }));
}

#[test]
fn an_older_copy_of_the_file_is_found_by_a_head_that_was_kept() {
    let house = eventful();
    let older = house.dir.path().join("older.db");
    house.store.snapshot(&older).expect("a copy");
    house.write(|tx| audit::append(tx, &event(7, EventKind::Banned, Some("bob"))));
    let kept = head(&house);
    let again = Store::open(&options(older), START).expect("opened");
    assert!(
        verify_against(&again, Vec::new()).is_ok(),
        "by itself an older copy is whole"
    );
    assert_eq!(
        verify_against(&again, vec![kept.clone()]),
        Err(Break::RolledBack { kept: 7, last: 6 })
    );
    // Also once as much has happened again.
    wait(again.write(|tx| audit::append(tx, &event(8, EventKind::LoginSucceeded, Some("ada"))))).expect("written");
    assert_eq!(verify_against(&again, vec![kept]), Err(Break::OtherHistory { seq: 7 }));
}

#[test]
fn a_head_of_another_server_proves_nothing() {
    let house = eventful();
    let mut kept = head(&house);
    assert_eq!(
        verify_against(&house.store, vec![kept.clone()])
            .expect("whole")
            .compared,
        1
    );
    kept.at = at(99);
    assert_eq!(
        verify_against(&house.store, vec![kept]),
        Err(Break::KeptForged { seq: 6 })
    );
}

#[test]
fn the_table_itself_refuses_to_be_changed_and_cut() {
    let house = eventful();
    let connection = Connection::open(house.path()).expect("a database");
    let refusal = |sql: &str| connection.execute_batch(sql).expect_err("refused").to_string();
    assert!(refusal("UPDATE audit SET detail = 'x' WHERE id = 2").contains("only added to"));
    assert!(refusal("DELETE FROM audit WHERE id = 2").contains("only cut at its old end"));
    assert!(refusal("DELETE FROM audit").contains("only cut at its old end"));
}

#[test]
fn retention_moves_the_anchor_and_the_rest_stays_whole() {
    let house = eventful();
    let first = head(&house);
    assert_eq!(house.write(|tx| audit::purge_before(tx, at(3), at(9), 100)), 2);
    let whole = verify(&house).expect("whole");
    assert_eq!((whole.rows, whole.first, whole.last), (4, 3, 6));
    // Everything may be over, and the log goes on where it ended.
    assert_eq!(house.write(|tx| audit::purge_before(tx, at(99), at(99), 100)), 4);
    assert_eq!(verify(&house).expect("whole").rows, 0);
    house.write(|tx| audit::append(tx, &event(7, EventKind::SetUp, None)));
    let whole = verify_against(&house.store, vec![first]).expect("whole");
    assert_eq!((whole.rows, whole.first, whole.compared), (1, 7, 1));
    tamper(&house, "DELETE FROM audit WHERE id = 7");
    assert_eq!(verify(&house), Err(Break::Gone { first: 7, last: 7 }));
}

#[test]
fn a_wrong_clock_neither_keeps_the_log_for_ever_nor_empties_it() {
    let house = House::new();
    house.write(|tx| {
        for seconds in [1, 9_000, 2, 50] {
            audit::append(tx, &event(seconds, EventKind::LoginRefused, None))?;
        }
        Ok(())
    });
    // The second row claims to be from the future; it goes with its neighbours.
    assert_eq!(house.write(|tx| audit::purge_before(tx, at(10), at(60), 100)), 3);
    assert_eq!(verify(&house).expect("whole").first, 4);
    let house = House::new();
    house.write(|tx| audit::append(tx, &event(9_000, EventKind::LoginRefused, None)));
    assert_eq!(house.write(|tx| audit::purge_before(tx, at(10), at(60), 100)), 0);
}

#[test]
fn programs_that_write_at_the_same_time_make_one_chain() {
    let house = House::new();
    let path = house.path();
    thread::scope(|scope| {
        for writer in 0..4 {
            let path = path.clone();
            scope.spawn(move || {
                let store = Store::open(&options(path), START).expect("another program");
                for turn in 0..25 {
                    let who = if turn % 2 == 0 { None } else { Some("ada") };
                    wait(store.write(move |tx| audit::append(tx, &event(writer, EventKind::LoginRefused, who))))
                        .expect("written");
                }
            });
        }
    });
    let whole = verify(&house).expect("whole");
    assert_eq!((whole.rows, whole.last), (100, 100));
}

#[test]
fn a_write_that_is_undone_leaves_no_link() {
    let faults = Faults::armed();
    let house = House::with(|_| {}, &faults);
    house.write(|tx| audit::append(tx, &event(1, EventKind::SetUp, None)));
    for statement in 1..6 {
        faults.fail_statement(statement);
        let refused = wait(
            house
                .store
                .write(|tx| audit::append(tx, &event(2, EventKind::LoginRefused, Some("ada")))),
        );
        assert!(refused.is_err() || statement > 1);
    }
    faults.fail_commit(1);
    let refused = wait(
        house
            .store
            .write(|tx| audit::append(tx, &event(3, EventKind::LoginRefused, Some("ada")))),
    );
    assert!(refused.is_err());
    faults.fail_statement(0);
    house.write(|tx| audit::append(tx, &event(4, EventKind::LoginRefused, Some("ada"))));
    assert!(verify(&house).is_ok());
}

/// Rows that are written in one transaction, as under load.
const BATCH: i64 = 64;
const BATCHES: i64 = 100;

#[test]
#[ignore = "measures what the chain costs: cargo test --release -- --ignored --nocapture what_a_row"]
fn what_a_row_of_the_chain_costs_beside_a_plain_one() {
    let house = House::new();
    let plain = Connection::open(house.path()).expect("a database");
    let sql = "INSERT INTO audit_unchained (at, kind, subject, actor, address, user_agent, detail) \
               VALUES ($1, 'login_refused', $2, '', '192.0.2.7', 'Browser of somebody', '')";
    let ada = user_id("ada").to_string();
    let begun = Instant::now();
    for batch in 0..BATCHES {
        plain.execute_batch("BEGIN IMMEDIATE").expect("a transaction");
        for row in 0..BATCH {
            let mut insert = plain.prepare_cached(sql).expect("a statement");
            insert.execute((batch * BATCH + row, &ada)).expect("a row");
        }
        plain.execute_batch("COMMIT").expect("committed");
    }
    let before = begun.elapsed();
    let begun = Instant::now();
    for batch in 0..BATCHES {
        house.write(move |tx| {
            (0..BATCH).try_for_each(|row| {
                let seconds = batch * BATCH + row;
                audit::append(tx, &event(seconds, EventKind::LoginRefused, Some("ada")))
            })
        });
    }
    let after = begun.elapsed();
    let rows = u32::try_from(BATCH * BATCHES).expect("few");
    let told = format!(
        "a plain row {:?}, a chained and sealed one {:?}: {:.1} times\n",
        before / rows,
        after / rows,
        after.as_secs_f64() / before.as_secs_f64()
    );
    std::io::stderr().write_all(told.as_bytes()).expect("told");
    assert!(verify(&house).is_ok());
}
