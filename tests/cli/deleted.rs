//! Deleting, restoring and temporary access, without a server.

use super::kit::Home;

#[test]
fn a_deleted_user_is_listed_and_restored_by_address() {
    let home = Home::with_people();
    let deleted = home.json(&["delete-user", "bob@example.org", "--yes"]);
    assert!(deleted["restorable_until"].is_string(), "{deleted}");
    let list = home.json(&["deleted-users"]);
    assert_eq!(list[0]["email"], "bob@example.org");
    assert_eq!(list[0]["deleted_by"], "console");
    assert_eq!(list[0]["restorable_until"], deleted["restorable_until"]);
    assert_eq!(home.account("bob@example.org"), None);
    let back = home.json(&["restore-user", "bob@example.org"]);
    assert_eq!((&back["id"], &back["restored"]), (&deleted["id"], &true.into()));
    assert_eq!(home.json(&["deleted-users"]).as_array().map(Vec::len), Some(0));
    home.run(&["restore-user", "bob@example.org"])
        .refused(1, "No deleted account");
}

#[test]
fn of_several_deleted_accounts_with_one_address_one_is_named_by_its_id() {
    let home = Home::with_people();
    let first = home.json(&["delete-user", "bob@example.org", "--yes"]);
    home.create("bob", &[]);
    home.run(&["restore-user", "bob@example.org"])
        .refused(1, "another account has the address bob@example.org now");
    home.run(&["delete-user", "bob@example.org", "--yes"]).done();
    home.run(&["restore-user", "bob@example.org"])
        .refused(1, "name one by its id");
    let id = first["id"].as_str().expect("an id");
    assert_eq!(home.json(&["restore-user", id])["id"], first["id"]);
}

#[test]
fn set_expiry_takes_days_spans_and_never() {
    let home = Home::with_people();
    let ada = home.json(&["set-expiry", "bob@example.org", "2099-12-31"]);
    assert_eq!(ada["valid_until"], "2100-01-01T00:00:00.000Z");
    let span = home.json(&["set-expiry", "bob@example.org", "30d"]);
    assert!(span["valid_until"].is_string());
    assert!(home.json(&["set-expiry", "bob@example.org", "never"])["valid_until"].is_null());
    for (when, why) in [("yesterday", "is no moment"), ("2020-01-01", "is over already")] {
        home.run(&["set-expiry", "bob@example.org", when]).refused(2, why);
    }
    home.run(&["set-expiry", "ada@example.org", "30d"]).refused(2, "--yes");
}

#[test]
fn a_deleted_account_is_erased_before_its_time_after_a_confirmation() {
    let home = Home::with_people();
    home.run(&["delete-user", "bob@example.org", "--yes"]).done();
    home.run(&["erase-user", "bob@example.org"]).refused(2, "--yes");
    assert_eq!(home.json(&["erase-user", "bob@example.org", "--yes"])["erased"], true);
    home.run(&["restore-user", "bob@example.org"])
        .refused(1, "No deleted account");
}
