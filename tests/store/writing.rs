//! What writes promise: each job by itself, all of it or nothing, and no answer before the commit.

use std::fs;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::mpsc::channel;
use std::sync::{Arc, Mutex};

use librechat_auth::domain::account::{Account, AccountKey};
use librechat_auth::store::faults::Faults;
use librechat_auth::store::{Store, StoreError, Tx, accounts};
use rusqlite::Connection;

use super::kit::{Gate, House, Pending, START, email, options, person, wait};

fn insert(name: &str) -> impl Fn(&mut Tx<'_>) -> Result<AccountKey, StoreError> + Send + 'static {
    let new = person(name);
    move |tx| accounts::insert(tx, &new)
}

fn injected(what: &str) -> StoreError {
    StoreError::Other(format!("injected failure of a {what}"))
}

fn names(house: &House) -> Vec<String> {
    let all: Vec<Account> = house.read(|tx| accounts::page(tx, None, 10_000));
    let mut names: Vec<_> = all
        .iter()
        .map(|account| account.email.local_part().to_owned())
        .collect();
    names.sort();
    names
}

#[test]
fn an_error_undoes_the_whole_job() {
    let house = House::new();
    let outcome = wait(house.store.write(|tx| {
        accounts::insert(tx, &person("ada"))?;
        Err::<(), _>(StoreError::Other("changed my mind".to_owned()))
    }));
    assert_eq!(outcome, Err(StoreError::Other("changed my mind".to_owned())));
    assert_eq!(house.read(accounts::count), 0);
}

#[test]
fn a_refusal_that_must_be_remembered_is_ok() {
    let house = House::new();
    let refused: Result<(), &str> = house.write(|tx| {
        accounts::insert(tx, &person("ada"))?;
        Ok(Err("refused"))
    });
    assert_eq!(refused, Err("refused"));
    assert_eq!(house.read(accounts::count), 1);
}

#[test]
fn a_job_that_fails_or_panics_takes_nobody_along() {
    let house = House::new();
    let gate = Gate::shut(&house);
    let first = Pending::start(&house, insert("ada"));
    let failing = Pending::start(&house, |tx| {
        accounts::insert(tx, &person("eve"))?;
        accounts::insert(tx, &person("ada"))
    });
    let panicking = Pending::start(&house, |tx| -> Result<(), StoreError> {
        accounts::insert(tx, &person("mal"))?;
        panic!("on purpose")
    });
    let last = Pending::start(&house, insert("bob"));
    gate.open();
    assert!(first.outcome().is_ok());
    assert_eq!(failing.outcome(), Err(StoreError::Conflict("users.email".to_owned())));
    assert_eq!(
        panicking.outcome(),
        Err(StoreError::Other("a write panicked".to_owned()))
    );
    assert!(last.outcome().is_ok());
    assert_eq!(names(&house), ["ada", "bob"]);
}

#[test]
fn a_conflict_that_the_job_handles_does_not_undo_it() {
    let house = House::new();
    house.write(insert("ada"));
    let taken = house.write(|tx| match accounts::insert(tx, &person("ada")) {
        Err(StoreError::Conflict(_)) => accounts::insert(tx, &person("ada2")).map(|_| true),
        other => other.map(|_| false),
    });
    assert!(taken);
    assert_eq!(names(&house), ["ada", "ada2"]);
}

#[test]
fn a_lone_job_whose_commit_fails_is_undone_and_told() {
    let faults = Faults::armed();
    let house = House::with(|_| {}, &faults);
    faults.fail_commit(1);
    assert_eq!(wait(house.store.write(insert("ada"))), Err(injected("commit")));
    assert_eq!(names(&house), [""; 0]);
    house.write(insert("ada"));
}

#[test]
fn when_the_commit_of_a_batch_fails_each_job_runs_again_alone() {
    let faults = Faults::armed();
    let house = House::with(|_| {}, &faults);
    let gate = Gate::shut(&house);
    let runs = Arc::new(AtomicU32::new(0));
    let jobs = ["ada", "bob", "ada"].map(|name| {
        let (runs, new) = (Arc::clone(&runs), person(name));
        Pending::start(&house, move |tx| {
            runs.fetch_add(1, Ordering::SeqCst);
            accounts::insert(tx, &new)
        })
    });
    faults.fail_commit(1);
    gate.open();
    let outcomes = jobs.map(Pending::outcome);
    assert!(outcomes[0].is_ok() && outcomes[1].is_ok(), "{outcomes:?}");
    assert_eq!(outcomes[2], Err(StoreError::Conflict("users.email".to_owned())));
    assert_eq!(runs.load(Ordering::SeqCst), 6);
    assert_eq!(names(&house), ["ada", "bob"]);
}

#[test]
fn a_commit_that_keeps_failing_is_told_to_the_job_it_fails_for() {
    let faults = Faults::armed();
    let house = House::with(|_| {}, &faults);
    let gate = Gate::shut(&house);
    let ada = Pending::start(&house, insert("ada"));
    let bob = Pending::start(&house, insert("bob"));
    // The batch's commit fails and, when its jobs (the gate first) run alone, that of the second: ada's.
    faults.fail_commits(&[1, 3]);
    gate.open();
    assert_eq!(ada.outcome(), Err(injected("commit")));
    assert!(bob.outcome().is_ok());
    assert_eq!(names(&house), ["bob"]);
}

#[test]
fn a_failing_statement_undoes_its_job() {
    let faults = Faults::armed();
    let house = House::with(|_| {}, &faults);
    faults.fail_statement(2);
    let outcome = wait(house.store.write(|tx| {
        accounts::insert(tx, &person("ada"))?;
        accounts::insert(tx, &person("bob"))
    }));
    assert_eq!(outcome, Err(injected("statement")));
    assert_eq!(names(&house), [""; 0]);
}

#[test]
fn a_full_queue_is_busy_at_once() {
    let house = House::with(|options| options.queue = 2, &Faults::default());
    let gate = Gate::shut(&house);
    let waiting = [
        Pending::start(&house, insert("ada")),
        Pending::start(&house, insert("bob")),
    ];
    // Nobody drains the queue now, so this answers only if it does not wait.
    assert_eq!(wait(house.store.write(insert("eve"))), Err(StoreError::Busy));
    gate.open();
    assert!(waiting.map(Pending::outcome).iter().all(Result::is_ok));
    assert_eq!(names(&house), ["ada", "bob"]);
}

#[test]
fn a_caller_that_stops_waiting_does_not_stop_the_write() {
    let house = House::new();
    let gate = Gate::shut(&house);
    drop(Pending::start(&house, insert("ada")));
    gate.open();
    house.write(|_| Ok(()));
    assert_eq!(names(&house), ["ada"]);
}

#[test]
fn closing_finishes_what_is_queued_and_refuses_what_comes_later() {
    let house = House::new();
    let gate = Gate::shut(&house);
    let queued: Vec<_> = (0..100)
        .map(|n| Pending::start(&house, insert(&format!("p{n}"))))
        .collect();
    std::thread::scope(|scope| {
        let closing = scope.spawn(|| house.store.close());
        gate.open();
        closing.join().expect("no panic");
    });
    assert!(queued.into_iter().all(|write| write.outcome().is_ok()));
    assert!(!wait(house.store.ready()));
    assert_eq!(wait(house.store.write(insert("late"))), Err(StoreError::Closed));
    house.store.close();
    let log = fs::metadata(house.dir.path().join("librechat-auth.db-wal")).map_or(0, |file| file.len());
    assert_eq!(log, 0);
    assert_eq!(house.read(accounts::count), 100);
}

#[test]
fn a_job_may_hold_the_last_handle() {
    let house = House::new();
    let (entered, arrival) = channel();
    let (open, gate) = channel::<()>();
    let (held, ended) = channel::<()>();
    let kept = (house.store.clone(), Mutex::new(gate), held);
    drop(Pending::start(&house, move |tx| {
        let (_, gate, _) = &kept;
        entered.send(()).expect("the test waits");
        let _opened = gate.lock().expect("not poisoned").recv();
        accounts::insert(tx, &person("ada"))
    }));
    arrival.recv().expect("the writer takes the job");
    let path = house.path();
    let House { store, dir: _dir } = house;
    drop(store);
    drop(open);
    assert!(ended.recv().is_err());
    let again = Store::open(&options(path), START).expect("opened again");
    assert_eq!(wait(again.read(accounts::count)), Ok(1));
}

#[test]
fn an_open_store_is_ready() {
    assert!(wait(House::new().store.ready()));
}

#[test]
fn several_programs_write_to_one_database() {
    let house = House::new();
    let other = Store::open(&options(house.path()), START).expect("a second handle");
    std::thread::scope(|scope| {
        for (letter, store) in [("a", &house.store), ("b", &other)] {
            scope.spawn(move || {
                for number in 0..100 {
                    wait(store.write(insert(&format!("{letter}{number}")))).expect("its turn");
                }
            });
        }
    });
    assert_eq!(house.read(accounts::count), 200);
}

#[test]
fn a_write_waits_for_another_programs_transaction() {
    let house = House::new();
    let other = Connection::open(house.path()).expect("a second program");
    other.execute_batch("BEGIN IMMEDIATE").expect("the lock");
    let waiting = Pending::start(&house, insert("ada"));
    other.execute_batch("COMMIT").expect("the end");
    assert!(waiting.outcome().is_ok());
}

#[test]
fn a_full_disk_is_told_and_leaves_everything_acknowledged_and_nothing_else() {
    let faults = Faults::armed();
    faults.limit_pages(60);
    let house = House::with(|_| {}, &faults);
    let mut acknowledged = Vec::new();
    let refused = loop {
        let name = format!("p{:04}", acknowledged.len());
        match wait(house.store.write(insert(&name))) {
            Ok(_) => acknowledged.push(name),
            Err(error) => break error,
        }
    };
    assert_eq!(refused, StoreError::Full);
    assert!(acknowledged.len() > 20);
    assert_eq!(names(&house), acknowledged);
    let key = house
        .read(|tx| accounts::by_email(tx, &email("p0000")))
        .expect("there")
        .key;
    house.write(move |tx| accounts::delete(tx, key));
    let verdict: String = Connection::open(house.path())
        .and_then(|other| other.query_row("PRAGMA integrity_check", [], |row| row.get(0)))
        .expect("a check");
    assert_eq!(verdict, "ok");
}

#[test]
fn a_job_that_fills_the_disk_takes_nobody_along() {
    let faults = Faults::armed();
    faults.limit_pages(60);
    let house = House::with(|_| {}, &faults);
    let gate = Gate::shut(&house);
    let before = Pending::start(&house, insert("ada"));
    let greedy = Pending::start(&house, |tx| {
        (0..2000).try_for_each(|n| accounts::insert(tx, &person(&format!("p{n}"))).map(drop))
    });
    let after = Pending::start(&house, insert("bob"));
    gate.open();
    assert_eq!(greedy.outcome(), Err(StoreError::Full));
    assert!(before.outcome().is_ok() && after.outcome().is_ok());
    assert_eq!(names(&house), ["ada", "bob"]);
}
