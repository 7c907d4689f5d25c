//! The list of sessions: filters against their meaning, and pages in both directions.

use std::collections::BTreeSet;
use std::time::Duration;

use librechat_auth::domain::ids::SessionId;
use librechat_auth::domain::list::{Sorting as _, Start, Total};
use librechat_auth::domain::session::{Identity, Origin, Session};
use librechat_auth::domain::session_list::{Asked, Filter, Found, Order, Present, Sort};
use librechat_auth::store::{StoreError, Tx, accounts, session_list, sessions};
use proptest::prelude::*;

use super::kit::{House, at, person, session};

const DAY: i64 = 86_400;

/// When all of these tests look.
fn present() -> Present {
    Present {
        now: at(10 * DAY),
        idle: Duration::from_hours(24 * 8),
    }
}

const PEOPLE: [&str; 4] = ["ada", "adam", "bob", "eve"];

const AGENTS: [&str; 3] = [
    "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) Version/18.5 Safari/605.1.15",
    "curl/8.14.1",
];

const ADDRESSES: [&str; 5] = [
    "203.0.113.7",
    "203.0.113.70",
    "203.0.12.7",
    "2001:db8::1",
    "2001:db8:0:1::9",
];

const METHODS: [&str; 3] = ["password", "password+code", "google"];

fn opened(number: i64, people: &[librechat_auth::domain::account::AccountKey]) -> Session {
    fn pick<T: Copy>(all: &[T], number: i64) -> T {
        all[usize::try_from(number).expect("positive") % all.len()]
    }
    Session {
        origin: Origin {
            address: pick(&ADDRESSES, number).to_owned(),
            user_agent: pick(&AGENTS, number / 5).to_owned(),
        },
        method: pick(&METHODS, number / 2).to_owned(),
        created_at: at(number),
        // Some are used within minutes, some are past their time, and many at the same moment.
        last_used_at: at(DAY * (1 + number % 10)).before(Duration::from_secs(1)),
        expires_at: if number % 11 == 0 { at(DAY) } else { at(40 * DAY) },
        ..session(number, pick(people, number / 3))
    }
}

fn fill(tx: &mut Tx<'_>, count: i64) -> Result<(), StoreError> {
    let mut keys = Vec::new();
    for name in PEOPLE {
        keys.push(accounts::insert(tx, &person(name))?);
    }
    accounts::set_disabled(tx, keys[3], Some(at(1)))?;
    (1..=count).try_for_each(|number| sessions::insert(tx, &opened(number, &keys)))
}

fn crowd(count: i64) -> House {
    let house = House::new();
    house.write(move |tx| fill(tx, count));
    house
}

fn asked(pairs: &[(&str, &str)]) -> Filter {
    let mut asked = Asked::default();
    for (name, value) in pairs {
        assert!(asked.set(name, value), "{name}");
    }
    asked.parse().expect("a filter")
}

fn find(house: &House, filter: &Filter, order: Order, start: &Start, limit: usize) -> Found {
    house.read(|tx| session_list::find(tx, (filter, order), present(), start, limit))
}

/// Every session there is that matches, looked at one by one.
fn meant(house: &House, filter: &Filter, count: i64) -> BTreeSet<SessionId> {
    let ids = (1..=count).map(SessionId::from_row);
    let known = ids.filter_map(|id| house.read(|tx| sessions::identity(tx, id)));
    known
        .filter(|known| filter.matches(known, present()))
        .map(|known| known.session.id)
        .collect()
}

fn ids(rows: &[Identity]) -> Vec<SessionId> {
    rows.iter().map(|row| row.session.id).collect()
}

/// Every row of a list, page by page.
fn leafed(house: &House, filter: &Filter, order: Order, backwards: bool) -> Vec<SessionId> {
    let mut start = if backwards { Start::End } else { Start::Beginning };
    let mut seen = Vec::new();
    loop {
        let found = find(house, filter, order, &start, 7);
        let next = if backwards {
            seen.extend(ids(&found.rows).into_iter().rev());
            found.previous.map(Start::Before)
        } else {
            seen.extend(ids(&found.rows));
            found.next.map(Start::After)
        };
        match next {
            Some(next) => start = next,
            None => return seen,
        }
    }
}

#[test]
fn the_pages_together_are_the_whole_list_in_every_order_and_both_ways() {
    // Few enough to be looked up, and so many that they are walked over.
    for count in [150, 3_200] {
        let house = crowd(count);
        let filter = if count > 150 {
            asked(&[("device", "linux")])
        } else {
            Filter::default()
        };
        let meant = meant(&house, &filter, count);
        for sort in Sort::EVERY {
            for order in [sort.usual(), sort.usual().reversed()] {
                let forwards = leafed(&house, &filter, order, false);
                let mut backwards = leafed(&house, &filter, order, true);
                backwards.reverse();
                assert_eq!(forwards, backwards, "{order}");
                assert_eq!(forwards.len(), meant.len(), "{order}");
                assert_eq!(forwards.into_iter().collect::<BTreeSet<_>>(), meant, "{order}");
            }
        }
    }
}

#[test]
fn the_list_is_in_the_order_that_it_says() {
    let house = crowd(60);
    let rows = |order| find(&house, &Filter::default(), order, &Start::Beginning, 60).rows;
    let used = rows(Order::default());
    assert!(used.is_sorted_by(|one, next| one.session.last_used_at >= next.session.last_used_at));
    let started = rows(Sort::Started.usual());
    assert!(started.is_sorted_by(|one, next| one.session.created_at >= next.session.created_at));
    assert!(
        used.iter().all(|row| row.account.name != "eve"),
        "whoever is locked out is not signed in"
    );
}

#[test]
fn all_that_match_are_walked_through_by_their_logins_up_to_a_login() {
    let house = crowd(150);
    let filter = asked(&[("way", "password")]);
    let last = SessionId::from_row(120);
    let (mut seen, mut after) = (BTreeSet::new(), None);
    loop {
        let (rows, next) = house.read(|tx| session_list::next(tx, &filter, present(), (after, last), 9));
        seen.extend(ids(&rows));
        let Some(next) = next else { break };
        after = Some(next);
    }
    let mut meant = meant(&house, &filter, 150);
    meant.retain(|id| *id <= last);
    assert_eq!(seen, meant);
}

#[test]
fn counting_knows_what_is_over() {
    let house = crowd(150);
    let counted = house.read(|tx| session_list::count(tx, present()));
    let live = (1..=150).map(SessionId::from_row);
    let live = live.filter_map(|id| house.read(|tx| sessions::find(tx, id)));
    let live = live
        .filter(|session| session.is_live(present().now, present().idle))
        .count();
    assert_eq!(counted, live as u64);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn a_filter_finds_what_it_means(
        q in prop::sample::select(vec!["", "ada", "ada exam", "bob", "eve", "zzz"]),
        address in prop::sample::select(vec![
            "", "203.0.113.7", "203.0.113.0/24", "203.0.0.0/15", "0.0.0.0/0", "2001:db8::1/64", "2001:db8::/32", "::/0",
        ]),
        way in prop::sample::select(vec!["", "password", "google", "code"]),
        device in prop::sample::select(vec!["", "firefox", "safari macos", "curl/8", "opera"]),
        used_after in prop::sample::select(vec!["", "2023-11-19"]),
        used_before in prop::sample::select(vec!["", "2023-11-22"]),
        here in prop::sample::select(vec!["", "yes"]),
    ) {
        thread_local! {
            static HOUSE: House = crowd(180);
        }
        let filter = asked(&[
            ("q", q),
            ("address", address),
            ("way", way),
            ("device", device),
            ("used_after", used_after),
            ("used_before", used_before),
            ("here", here),
        ]);
        HOUSE.with(|house| {
            let found = find(house, &filter, Order::default(), &Start::Beginning, 1_000);
            let meant = meant(house, &filter, 180);
            prop_assert_eq!(found.total, Total::Exactly(meant.len() as u64));
            prop_assert_eq!(ids(&found.rows).into_iter().collect::<BTreeSet<_>>(), meant);
            Ok(())
        })?;
    }
}
