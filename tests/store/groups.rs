//! Memberships: several sources speak, each for itself, and the account knows the sum.

use librechat_auth::domain::account::AccountKey;
use librechat_auth::domain::group::GroupName;
use librechat_auth::store::{accounts, groups};

use super::kit::{House, email, person};

fn name(text: &str) -> GroupName {
    GroupName::parse(text).expect("a name")
}

fn ada(house: &House) -> AccountKey {
    house.write(|tx| accounts::insert(tx, &person("ada")))
}

fn known(house: &House) -> Vec<String> {
    let ada = house
        .read(|tx| accounts::by_email(tx, &email("ada")))
        .expect("inserted");
    ada.groups.iter().map(ToString::to_string).collect()
}

#[test]
fn an_account_knows_its_groups_by_name() {
    let house = House::new();
    let key = ada(&house);
    assert_eq!(known(&house), [""; 0]);
    for group in ["parents", "family"] {
        assert!(house.write(move |tx| groups::add(tx, key, "console", &name(group))));
        assert!(!house.write(move |tx| groups::add(tx, key, "console", &name(group))));
    }
    assert_eq!(known(&house), ["family", "parents"]);
    assert!(house.write(move |tx| groups::remove(tx, key, "console", &name("parents"))));
    assert!(!house.write(move |tx| groups::remove(tx, key, "console", &name("parents"))));
    assert_eq!(known(&house), ["family"]);
}

#[test]
fn what_one_source_takes_back_another_may_still_say() {
    let house = House::new();
    let key = ada(&house);
    house.write(move |tx| groups::add(tx, key, "console", &name("family")));
    assert!(house.write(move |tx| groups::replace(tx, key, "oidc", &[name("staff"), name("family"), name("staff")])));
    assert_eq!(known(&house), ["family", "staff"]);
    assert!(!house.write(move |tx| groups::replace(tx, key, "oidc", &[name("family"), name("staff")])));
    assert!(house.write(move |tx| groups::replace(tx, key, "oidc", &[])));
    assert_eq!(known(&house), ["family"]);
    assert_eq!(
        house.read(|tx| groups::of(tx, key)),
        [("console".to_owned(), name("family"))]
    );
}

#[test]
fn groups_are_counted_and_go_with_their_accounts() {
    let house = House::new();
    let key = ada(&house);
    let bob = house.write(|tx| accounts::insert(tx, &person("bob")));
    house.write(move |tx| groups::replace(tx, key, "a", &[name("family"), name("staff")]));
    house.write(move |tx| groups::replace(tx, key, "b", &[name("family")]));
    house.write(move |tx| groups::replace(tx, bob, "a", &[name("family")]));
    assert_eq!(house.read(groups::all), [(name("family"), 2), (name("staff"), 1)]);
    house.write(move |tx| accounts::delete(tx, key));
    assert_eq!(house.read(groups::all), [(name("family"), 1)]);
}
