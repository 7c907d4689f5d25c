//! Deleted accounts: what is kept of them, and that nothing was forgotten.

use std::collections::BTreeSet;

use librechat_auth::domain::group::GroupName;
use librechat_auth::domain::trash::Taken;
use librechat_auth::store::{accounts, groups, trash};
use rusqlite::Connection;

use super::kit::{House, START, at, email, person, user_id};

fn columns(connection: &Connection, table: &str) -> BTreeSet<String> {
    let mut query = connection
        .prepare("SELECT name FROM pragma_table_info(?1)")
        .expect("a query");
    let rows = query.query_map([table], |row| row.get(0)).expect("rows");
    rows.map(|name| name.expect("a name")).collect()
}

fn owned_by_accounts(connection: &Connection) -> BTreeSet<String> {
    let mut query = connection
        .prepare(
            "SELECT m.name FROM sqlite_master m JOIN pragma_foreign_key_list(m.name) f \
             WHERE m.type = 'table' AND f.\"table\" = 'users'",
        )
        .expect("a query");
    let rows = query.query_map([], |row| row.get(0)).expect("rows");
    rows.map(|name| name.expect("a name")).collect()
}

fn names<const N: usize>(list: [&str; N]) -> BTreeSet<String> {
    list.into_iter().map(str::to_owned).collect()
}

#[test]
fn every_column_of_an_account_is_kept_or_left_on_purpose() {
    let house = House::new();
    let connection = Connection::open(house.path()).expect("the database");
    let mut kept = columns(&connection, "deleted_users");
    for own in ["deleted_at", "deleted_by"] {
        assert!(kept.remove(own));
    }
    kept.insert("seq".to_owned());
    assert_eq!(
        kept,
        columns(&connection, "users"),
        "a new column has to be kept in deleted_users and store/trash.rs"
    );
    let carried: [(&str, &[&str]); 5] = [
        ("identities", &["id"]),
        ("memberships", &[]),
        (
            "second_factors",
            &["pending", "pending_by", "pending_step", "pending_nonce"],
        ),
        ("backup_codes", &[]),
        ("pictures", &[]),
    ];
    for (table, left) in carried {
        let mut kept = columns(&connection, &format!("deleted_{table}"));
        assert!(kept.remove("user_id") && kept.insert("user_seq".to_owned()));
        kept.extend(left.iter().map(|&name| name.to_owned()));
        assert_eq!(kept, columns(&connection, table), "{table}");
    }
}

#[test]
fn every_table_that_belongs_to_accounts_is_kept_or_left_on_purpose() {
    let house = House::new();
    let connection = Connection::open(house.path()).expect("the database");
    let kept = names([
        "identities",
        "memberships",
        "second_factors",
        "backup_codes",
        "pictures",
    ]);
    let left = names([
        "sessions",
        "notices",
        "proofs",
        "trusted_devices",
        "attempts",
        "offers",
        "api_keys",
        "expectations",
    ]);
    assert_eq!(
        owned_by_accounts(&connection),
        kept.union(&left).cloned().collect(),
        "whether a new table goes to the trash with its account has to be decided here and in store/trash.rs"
    );
}

#[test]
fn a_deleted_account_is_nowhere_and_comes_back_as_it_was() {
    let house = House::new();
    let key = house.write(|tx| accounts::insert(tx, &person("ada")));
    let group = GroupName::parse("family").expect("a name");
    house.write(move |tx| groups::add(tx, key, "console", &group));
    let before = house.read(|tx| accounts::credentials_by_key(tx, key)).expect("there");
    assert!(house.write(move |tx| trash::put(tx, key, user_id("ada"), "console", at(5))));
    assert!(!house.write(move |tx| trash::put(tx, key, user_id("ada"), "console", at(6))));
    assert_eq!(house.read(|tx| accounts::by_email(tx, &email("ada"))), None);
    assert_eq!(house.read(|tx| accounts::by_id(tx, user_id("ada"))), None);
    assert_eq!(house.read(|tx| accounts::by_username(tx, "ada")), None);
    assert_eq!(house.read(accounts::count), 0);
    assert_eq!(house.read(groups::all), []);
    let found = house.read(|tx| trash::find(tx, user_id("ada"))).expect("kept");
    assert_eq!((found.deleted_at, found.deleted_by.as_str()), (at(5), "console"));
    // Somebody else gets the row number.
    house.write(|tx| accounts::insert(tx, &person("bob")));
    assert!(house.write(|tx| trash::restore(tx, user_id("ada"))));
    let (mut account, hash) = house
        .read(|tx| accounts::credentials_by_email(tx, &email("ada")))
        .expect("back");
    account.key = key;
    assert_eq!((account, hash), before);
    assert!(!house.write(|tx| trash::restore(tx, user_id("ada"))), "once");
    assert_eq!(house.read(|tx| trash::page(tx, None, 9)), []);
}

#[test]
fn who_has_the_address_meanwhile_is_named() {
    let house = House::new();
    let key = house.write(|tx| accounts::insert(tx, &person("ada")));
    house.write(move |tx| trash::put(tx, key, user_id("ada"), "", START));
    assert_eq!(house.read(|tx| trash::taken(tx, user_id("ada"))), None);
    let mut other = person("bob");
    other.email = email("ada");
    house.write(move |tx| accounts::insert(tx, &other));
    assert_eq!(
        house.read(|tx| trash::taken(tx, user_id("ada"))),
        Some(Taken::Address(email("ada")))
    );
}

#[test]
fn the_trash_is_read_page_by_page_newest_first_and_emptied_oldest_first() {
    let house = House::new();
    for (second, name) in ["ada", "bob", "cyd"].into_iter().enumerate() {
        let key = house.write(move |tx| accounts::insert(tx, &person(name)));
        let when = at(i64::try_from(second).expect("small"));
        house.write(move |tx| trash::put(tx, key, user_id(name), "", when));
    }
    let first = house.read(|tx| trash::page(tx, None, 2));
    assert_eq!([first[0].id, first[1].id], [user_id("cyd"), user_id("bob")]);
    let after = (first[1].deleted_at, first[1].id);
    let rest = house.read(|tx| trash::page(tx, Some(after), 2));
    assert_eq!(rest.iter().map(|one| one.id).collect::<Vec<_>>(), [user_id("ada")]);
    assert_eq!(
        house.read(|tx| trash::due(tx, at(1), 9)),
        [user_id("ada"), user_id("bob")]
    );
    assert!(house.write(|tx| trash::erase(tx, user_id("ada"))));
    assert_eq!(house.read(|tx| trash::find(tx, user_id("ada"))), None);
    assert!(!house.write(|tx| trash::erase(tx, user_id("ada"))));
}

#[test]
fn the_audit_log_forgets_somebody_only_once_they_are_gone_for_good() {
    let house = House::new();
    let destroyed = |house: &House| -> i64 {
        let connection = Connection::open(house.path()).expect("the database");
        let sql = "SELECT coalesce(sum(destroyed), 0) FROM audit_keys";
        connection.query_row(sql, [], |row| row.get(0)).expect("a sum")
    };
    let key = house.write(|tx| accounts::insert(tx, &person("ada")));
    house.write(move |tx| trash::put(tx, key, user_id("ada"), "", START));
    house.write(|tx| trash::restore(tx, user_id("ada")));
    assert_eq!(destroyed(&house), 0);
    let back = house.read(|tx| accounts::by_id(tx, user_id("ada"))).expect("back");
    house.write(move |tx| trash::put(tx, back.key, user_id("ada"), "", START));
    house.write(|tx| trash::erase(tx, user_id("ada")));
    assert_eq!(destroyed(&house), 1);
}
