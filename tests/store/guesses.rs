//! Failed passwords: noted once per account, restarted when the clock was set back, and forgotten in slices.

use librechat_auth::domain::account_key::GuessKey;
use librechat_auth::domain::guesses::Guesses;
use librechat_auth::store::guesses;

use super::kit::{House, at, email};

fn key(name: &str) -> GuessKey {
    GuessKey::account(&email(name))
}

fn seen(started: i64, failures: u32) -> Guesses {
    Guesses {
        started_at: at(started),
        failures,
    }
}

#[test]
fn the_last_note_about_a_key_is_what_is_found() {
    let house = House::new();
    assert_eq!(house.read(|tx| guesses::find(tx, key("ada"))), None);
    house.write(|tx| guesses::put(tx, key("ada"), seen(0, 1)));
    house.write(|tx| guesses::put(tx, key("ada"), seen(5, u32::MAX)));
    house.write(|tx| guesses::put(tx, key("bob"), seen(6, 2)));
    assert_eq!(house.read(|tx| guesses::find(tx, key("ada"))), Some(seen(5, u32::MAX)));
    assert_eq!(house.read(|tx| guesses::find(tx, key("bob"))), Some(seen(6, 2)));
}

#[test]
fn only_windows_that_start_later_start_now() {
    let house = House::new();
    house.write(|tx| guesses::put(tx, key("ada"), seen(50, 3)));
    house.write(|tx| guesses::put(tx, key("bob"), seen(70, 4)));
    assert_eq!(house.write(|tx| guesses::start_no_later(tx, at(60))), 1);
    assert_eq!(house.read(|tx| guesses::find(tx, key("ada"))), Some(seen(50, 3)));
    assert_eq!(house.read(|tx| guesses::find(tx, key("bob"))), Some(seen(60, 4)));
}

#[test]
fn the_purge_takes_windows_that_are_over_oldest_first_in_slices() {
    let house = House::new();
    for (name, started) in [("ada", 0), ("bob", 1), ("eve", 2), ("kim", 3)] {
        house.write(move |tx| guesses::put(tx, key(name), seen(started, 1)));
    }
    let purge = |over| house.write(move |tx| guesses::purge(tx, at(over), 2));
    assert_eq!(purge(-1), 0);
    assert_eq!(purge(0), 1);
    assert_eq!(house.read(|tx| guesses::find(tx, key("ada"))), None);
    assert_eq!((purge(1000), purge(1000), purge(1000)), (2, 1, 0));
}
