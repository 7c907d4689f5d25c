//! What reads and scans promise.

use std::panic::{AssertUnwindSafe, catch_unwind};

use librechat_auth::store::faults::Faults;
use librechat_auth::store::{StoreError, accounts};

use super::kit::{House, person, wait};

#[test]
fn a_read_sees_one_moment() {
    let house = House::new();
    let seen = house.read(|tx| {
        let before = accounts::count(tx)?;
        house.write(|tx| accounts::insert(tx, &person("ada")));
        Ok((before, accounts::count(tx)?))
    });
    assert_eq!(seen, (0, 0));
    assert_eq!(house.read(accounts::count), 1);
}

#[test]
fn a_read_cannot_write() {
    let house = House::new();
    let refused = wait(house.store.read(|tx| accounts::insert(tx, &person("ada"))));
    assert!(matches!(refused, Err(StoreError::Other(_))), "{refused:?}");
}

#[test]
fn a_read_that_panics_leaves_its_connection_usable() {
    let house = House::with(|options| options.readers = 1, &Faults::default());
    let read = || wait(house.store.read(|_| -> Result<(), StoreError> { panic!("on purpose") }));
    assert!(catch_unwind(AssertUnwindSafe(read)).is_err());
    house.write(|tx| accounts::insert(tx, &person("ada")));
    assert_eq!(house.read(accounts::count), 1);
}

#[test]
fn more_readers_than_connections_take_turns() {
    let house = House::with(|options| options.readers = 1, &Faults::default());
    std::thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| (0..50).for_each(|_| assert_eq!(house.read(accounts::count), 0)));
        }
    });
}

#[test]
fn scans_run_with_and_without_a_runtime() {
    let house = House::new();
    let store = house.store.clone();
    assert_eq!(wait(store.scan(accounts::count)), Ok(0));
    let runtime = tokio::runtime::Builder::new_current_thread()
        .build()
        .expect("a runtime");
    let many = runtime.block_on(async {
        let scans: Vec<_> = (0..20).map(|_| tokio::spawn(scan(house.store.clone()))).collect();
        let mut outcomes = Vec::new();
        for scan in scans {
            outcomes.push(scan.await.expect("no panic"));
        }
        outcomes
    });
    assert!(many.iter().all(|outcome| *outcome == Ok(0)));
}

async fn scan(store: librechat_auth::store::Store) -> Result<i64, StoreError> {
    store.scan(accounts::count).await
}

#[test]
fn a_scan_that_panics_is_an_error_for_its_caller_only() {
    let house = House::new();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .build()
        .expect("a runtime");
    let outcome = runtime.block_on(house.store.scan(|_| -> Result<(), StoreError> { panic!("on purpose") }));
    assert_eq!(outcome, Err(StoreError::Other("a scan panicked".to_owned())));
    assert_eq!(runtime.block_on(house.store.scan(accounts::count)), Ok(0));
}

#[test]
fn a_failing_statement_is_an_error_and_not_an_absence() {
    let faults = Faults::armed();
    let house = House::with(|_| {}, &faults);
    faults.fail_statement(1);
    let outcome = wait(house.store.read(|tx| accounts::by_username(tx, "ada")));
    assert_eq!(
        outcome,
        Err(StoreError::Other("injected failure of a statement".to_owned()))
    );
    assert_eq!(wait(house.store.read(|tx| accounts::by_username(tx, "ada"))), Ok(None));
}
