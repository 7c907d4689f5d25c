//! `groups`: who is in which.

use super::kit::Home;

#[test]
fn somebody_is_put_into_a_group_and_taken_out_again() {
    let home = Home::new();
    home.run(&["create-user", "ada@example.org", "--generate-password"])
        .done();
    assert_eq!(home.run(&["groups", "list"]).done(), "No groups.\n");
    assert_eq!(
        home.run(&["groups", "add", "ada@example.org", "family"]).done(),
        "✔ ada@example.org is in family\n"
    );
    assert!(
        home.run(&["groups", "add", "ada@example.org", "family"])
            .done()
            .contains("already")
    );
    assert!(home.run(&["groups", "list"]).done().ends_with("family\t1\n"));
    let json = home.json(&["groups", "list", "ada@example.org"]);
    assert_eq!(json, serde_json::json!([{ "group": "family", "source": "console" }]));
    assert!(
        home.run(&["groups", "remove", "ada@example.org", "family"])
            .done()
            .contains("not in family")
    );
    assert_eq!(home.run(&["groups", "list", "ada@example.org"]).done(), "No groups.\n");
}

#[test]
fn a_name_that_no_header_can_carry_is_refused() {
    let home = Home::new();
    let ended = home.run(&["groups", "add", "ada@example.org", "a,b"]);
    assert_eq!(ended.code, Some(2), "{ended:?}");
    assert!(ended.err.contains("a group's name"), "{ended:?}");
}
