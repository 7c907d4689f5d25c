//! The list of everybody: filters against their meaning, pages in both directions, and how much a page may cost.

use std::collections::BTreeSet;

use librechat_auth::domain::account::{Account, NewAccount, Role};
use librechat_auth::domain::directory::{Asked, Filter, Found, Order, Sort, Start, State, Total};
use librechat_auth::domain::email::Email;
use librechat_auth::domain::group::GroupName;
use librechat_auth::domain::ids::UserId;
use librechat_auth::store::{StoreError, Tx, accounts, demands, directory, groups};
use proptest::prelude::*;

use super::kit::{House, START, at, person};

const NAMES: [&str; 5] = [
    "Ada Lovelace",
    "\u{c9}lodie Mar\u{e9}e",
    "zoe",
    "100%_\"'* Sure",
    "Grace Hopper",
];

fn newcomer(number: u32) -> NewAccount {
    let name = NAMES[number as usize % NAMES.len()];
    NewAccount {
        id: UserId::new(START, u64::from(number).to_be_bytes()),
        email: Email::from_row(format!("u{}@example.org", (number * 7919) % 100_003)),
        email_verified: !number.is_multiple_of(4),
        name: name.to_owned(),
        username: number.is_multiple_of(3).then(|| format!("nick{number}")),
        provider: if number.is_multiple_of(5) { "google" } else { "local" }.to_owned(),
        role: if number.is_multiple_of(7) {
            Role::Auditor
        } else {
            Role::User
        },
        created_at: at(i64::from(number / 3)),
        ..person("anybody")
    }
}

fn add(tx: &mut Tx<'_>, number: u32) -> Result<(), StoreError> {
    let key = accounts::insert(tx, &newcomer(number))?;
    if number.is_multiple_of(6) {
        accounts::set_disabled(tx, key, Some(at(9)))?;
    }
    if number.is_multiple_of(8) {
        accounts::set_waiting(tx, key, Some(at(9)))?;
    }
    if number.is_multiple_of(2) {
        accounts::record_login(tx, key, at(86_400 * i64::from(number % 5)))?;
    }
    if number.is_multiple_of(9) {
        accounts::set_two_factor(tx, key, Some(at(1)))?;
        demands::put(tx, key, at(1))?;
        groups::add(tx, key, "console", &GroupName::from_row("navy".to_owned()))?;
        groups::add(tx, key, "google", &GroupName::from_row("navy".to_owned()))?;
    }
    Ok(())
}

fn crowd(count: u32) -> House {
    let house = House::new();
    house.write(move |tx| (0..count).try_for_each(|number| add(tx, number)));
    house
}

fn find(house: &House, filter: &Filter, order: Order, start: &Start, limit: usize) -> Found {
    house.read(|tx| directory::find(tx, filter, order, start, limit))
}

fn asked(pairs: &[(&str, &str)]) -> Filter {
    let mut asked = Asked::default();
    for (name, value) in pairs {
        assert!(asked.set(name, value), "{name}");
    }
    asked.parse().expect("a filter")
}

fn orders() -> impl Iterator<Item = Order> {
    Sort::ALL
        .into_iter()
        .flat_map(|sort| [sort.usual(), sort.usual().reversed()])
}

/// Every row of a list, page by page.
fn leafed(house: &House, filter: &Filter, order: Order, limit: usize, backwards: bool) -> Vec<UserId> {
    let mut start = if backwards { Start::End } else { Start::Beginning };
    let mut seen = Vec::new();
    loop {
        let found = find(house, filter, order, &start, limit);
        let ids = found.rows.iter().map(|row| row.account.id);
        let next = if backwards {
            seen.extend(ids.rev());
            found.previous.map(Start::Before)
        } else {
            seen.extend(ids);
            found.next.map(Start::After)
        };
        match next {
            Some(next) => start = next,
            None => return seen,
        }
    }
}

fn everybody(house: &House) -> Vec<Account> {
    house.read(|tx| accounts::page(tx, None, 1_000_000))
}

#[test]
fn the_pages_together_are_the_whole_list_in_every_order_and_both_ways() {
    let house = crowd(101);
    for filter in [Filter::default(), asked(&[("provider", "local")])] {
        let meant: BTreeSet<UserId> = everybody(&house)
            .iter()
            .filter(|account| filter.matches(account))
            .map(|account| account.id)
            .collect();
        for order in orders() {
            let forwards = leafed(&house, &filter, order, 7, false);
            let mut backwards = leafed(&house, &filter, order, 7, true);
            backwards.reverse();
            assert_eq!(forwards, backwards, "{order}");
            assert_eq!(forwards.len(), meant.len(), "{order}");
            assert_eq!(forwards.into_iter().collect::<BTreeSet<_>>(), meant, "{order}");
        }
    }
}

#[test]
fn lists_are_in_the_order_that_they_say() {
    let house = crowd(60);
    let names = |order| -> Vec<String> {
        let found = find(&house, &Filter::default(), order, &Start::Beginning, 60);
        found.rows.into_iter().map(|row| row.account.name).collect()
    };
    let mut distinct = names(Sort::Name.usual());
    distinct.dedup();
    // Neither case nor accents count.
    assert_eq!(distinct, [NAMES[3], NAMES[0], NAMES[1], NAMES[4], NAMES[2]]);
    let logins = |order| -> Vec<_> {
        let found = find(&house, &Filter::default(), order, &Start::Beginning, 60);
        found.rows.into_iter().map(|row| row.account.last_login_at).collect()
    };
    let latest = logins(Sort::LastLogin.usual());
    assert!(latest.is_sorted_by(|one, next| one >= next) && latest[59].is_none());
}

#[test]
fn rows_that_come_and_go_shift_nobody() {
    let house = crowd(90);
    for order in orders() {
        let before: BTreeSet<UserId> = everybody(&house).iter().map(|account| account.id).collect();
        let mut start = Start::Beginning;
        let (mut seen, mut round) = (Vec::new(), 0);
        let mut gone = BTreeSet::new();
        loop {
            let found = find(&house, &Filter::default(), order, &start, 10);
            seen.extend(found.rows.iter().map(|row| row.account.id));
            let Some(next) = found.next else { break };
            // The row that the place stands for goes, and somebody comes.
            let last = found.rows.last().expect("a full page").account.clone();
            gone.insert(last.id);
            let number = 1_000 + round + 100 * u32::try_from(order.to_string().len()).expect("short");
            house.write(move |tx| accounts::delete(tx, last.key));
            house.write(move |tx| add(tx, number).or(Ok(())));
            round += 1;
            start = Start::After(next);
        }
        let distinct: BTreeSet<UserId> = seen.iter().copied().collect();
        assert_eq!(distinct.len(), seen.len(), "{order}: nobody twice");
        assert!(before.is_subset(&distinct), "{order}: nobody is missed, {gone:?}");
    }
}

#[test]
fn any_part_of_a_name_is_found_and_nothing_in_it_is_an_operator() {
    let house = crowd(40);
    let count = |q: &str| {
        let found = find(&house, &asked(&[("q", q)]), Order::default(), &Start::Beginning, 100);
        assert_eq!(found.total, Total::Exactly(found.rows.len() as u64), "{q}");
        found.rows.len()
    };
    for (q, hits) in [
        ("lovelace", 8),
        ("OVELAC", 8),
        ("ada love", 8),
        ("love ada", 8),
        ("elodie", 8),
        ("\u{c9}LODIE mar\u{e9}", 8),
        ("%_\"'*", 8),
        ("100%", 8),
        ("*", 0),
        ("_", 0),
        ("%", 0),
        ("\"", 0),
        ("'", 0),
        ("ada OR grace", 0),
        ("ada NOT grace", 0),
        ("text:ada", 0),
        ("ada*", 0),
        ("NEAR(ada)", 0),
        ("nick3", 5),
        ("ad", 8),
        ("gr", 8),
        ("u0@example.org", 1),
        ("zzz", 0),
    ] {
        assert_eq!(count(q), hits, "{q}");
    }
}

#[test]
fn a_search_follows_what_changes() {
    let house = crowd(0);
    let count = |q: &str| {
        find(&house, &asked(&[("q", q)]), Order::default(), &Start::Beginning, 9)
            .rows
            .len()
    };
    let key = house.write(|tx| accounts::insert(tx, &person("ada")));
    assert_eq!((count("ada exam"), count("countess"), count("ada example")), (1, 0, 1));
    house.write(move |tx| accounts::set_name(tx, key, "Countess", at(1)));
    assert_eq!((count("ada exam"), count("countess"), count("org ada")), (1, 1, 1));
    let other = Email::parse("lovelace@example.com").expect("an address");
    house.write(move |tx| accounts::set_email(tx, key, &other, at(2)));
    assert_eq!((count("ada@"), count("lovelace@example.com")), (0, 1));
    house.write(move |tx| accounts::delete(tx, key));
    assert_eq!((count("countess"), count("lovelace")), (0, 0));
    let again = house.write(|tx| accounts::insert(tx, &person("bob")));
    assert_eq!(again, key, "the row number comes again");
    assert_eq!((count("countess"), count("bob")), (0, 1));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn a_filter_finds_whom_it_means(
        q in prop::sample::select(vec!["", "ad", "ada", "elo mar", "nick1", "example"]),
        role in prop::sample::select(vec!["", "USER", "AUDITOR"]),
        state in prop::sample::select(vec!["", "active", "disabled", "waiting", "unverified"]),
        provider in prop::sample::select(vec!["", "google"]),
        group in prop::sample::select(vec!["", "navy", "army"]),
        two_factor in prop::sample::select(vec!["", "yes", "no"]),
        two_factor_demanded in prop::sample::select(vec!["", "yes", "no"]),
        login_after in prop::sample::select(vec!["", "2023-11-16"]),
        login_before in prop::sample::select(vec!["", "2023-11-17"]),
    ) {
        thread_local! {
            static HOUSE: House = crowd(180);
        }
        let filter = asked(&[
            ("q", q),
            ("role", role),
            ("state", state),
            ("provider", provider),
            ("group", group),
            ("two_factor", two_factor),
            ("two_factor_demanded", two_factor_demanded),
            ("login_after", login_after),
            ("login_before", login_before),
        ]);
        HOUSE.with(|house| {
            let found = find(house, &filter, Order::default(), &Start::Beginning, 1_000);
            let mut ids: Vec<_> = found.rows.iter().map(|row| row.account.key).collect();
            ids.sort_unstable();
            let meant: Vec<_> = everybody(house)
                .iter()
                .filter(|account| filter.matches(account))
                // Words of two letters alone find beginnings only.
                .filter(|account| q != "ad" || account.name.starts_with("Ada"))
                .map(|account| account.key)
                .collect();
            prop_assert_eq!(ids, meant);
            Ok(())
        })?;
    }
}

#[test]
fn a_page_costs_a_bounded_number_of_rows_and_can_go_on() {
    let house = House::new();
    // Those who match are many, and all of them at the far end.
    house.write(|tx| {
        (0..24_000u32).try_for_each(|number| {
            let account = NewAccount {
                role: Role::Custom(if number < 10_500 { "old" } else { "new" }.to_owned()),
                provider: "local".to_owned(),
                email: Email::from_row(format!("u{number:05}@example.org")),
                created_at: at(i64::from(number)),
                ..newcomer(number)
            };
            let key = accounts::insert(tx, &account)?;
            if number < 10_500 {
                accounts::record_login(tx, key, at(3 * 86_400 + i64::from(number)))?;
            }
            Ok(())
        })
    });
    let filter = asked(&[("role", "old"), ("provider", "local")]);
    let first = find(&house, &filter, Order::default(), &Start::Beginning, 50);
    assert!(first.rows.is_empty() && first.is_cut_short && first.next.is_some());
    let mut start = first.next.map(Start::After);
    let (mut seen, mut pages) = (0, 0);
    while let Some(from) = start {
        let found = find(&house, &filter, Order::default(), &from, 200);
        seen += found.rows.len();
        pages += 1;
        start = found.next.map(Start::After);
    }
    assert_eq!(seen, 10_500);
    assert!(pages < 60, "{pages}");
    // Neighbours are not looked for among the others.
    let lately = asked(&[("login_after", "2023-11-17")]);
    for order in [Sort::LastLogin.usual(), Sort::LastLogin.usual().reversed()] {
        let found = find(&house, &lately, order, &Start::Beginning, 50);
        assert_eq!((found.rows.len(), found.is_cut_short), (50, false), "{order}");
        assert_eq!(leafed(&house, &lately, order, 1_000, false).len(), 10_500, "{order}");
        assert_eq!(leafed(&house, &lately, order, 1_000, true).len(), 10_500, "{order}");
    }
    let counted = find(
        &house,
        &asked(&[("role", "old")]),
        Sort::Email.usual(),
        &Start::Beginning,
        50,
    );
    assert_eq!((counted.total, counted.rows.len()), (Total::AtLeast(10_000), 50));
    let rare = find(
        &house,
        &asked(&[("state", "disabled")]),
        Order::default(),
        &Start::End,
        50,
    );
    assert_eq!((rare.total, rare.is_cut_short), (Total::Exactly(0), false));
    assert_eq!(State::ALL.len(), 4);
}

#[test]
fn librechats_pages_are_the_newest_first_from_either_end() {
    let house = crowd(31);
    let all = leafed(&house, &Filter::default(), Order::default(), 10, false);
    for (limit, offset) in [(5, 0), (5, 10), (5, 20), (5, 29), (50, 3), (5, 31), (5, 1_000)] {
        let (page, total) = house.read(|tx| directory::newest(tx, limit, offset));
        let ids: Vec<_> = page.iter().map(|account| account.id).collect();
        let wanted: Vec<_> = all
            .iter()
            .copied()
            .skip(usize::try_from(offset).expect("small"))
            .take(limit as usize)
            .collect();
        assert_eq!((ids, total), (wanted, 31), "{limit} {offset}");
    }
}
