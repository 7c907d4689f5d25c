//! Commands about many accounts at once.

use super::kit::Home;

#[test]
fn lists_are_of_those_who_match() {
    let home = Home::with_people();
    home.populate(1500);
    home.run(&["groups", "add", "bob@example.org", "family"]).done();
    let listed = |flags: &[&str]| -> usize {
        let arguments = [&["list-users"], flags].concat();
        home.json(&arguments).as_array().expect("an array").len()
    };
    assert_eq!(listed(&["--search", "bob"]), 1);
    assert_eq!(listed(&["--role", "admin"]), 1);
    assert_eq!(listed(&["--group", "family", "--state", "active"]), 1);
    assert_eq!(listed(&["--login-after", "2020-01-01"]), 0);
    assert_eq!(listed(&[]), 1502);
    home.run(&["list-users", "--state", "asleep"]).refused(2, "--state");
}

#[test]
fn many_are_changed_and_the_last_admin_is_not() {
    let home = Home::with_people();
    home.create("cyd", &[]);
    home.run(&["change-users", "disable", "--search", "example"])
        .refused(2, "--yes");
    let told = home.json(&["change-users", "disable", "--search", "example", "--yes"]);
    assert_eq!(
        (&told["done"], &told["skipped"][0]["reason"]),
        (&2.into(), &"last_admin".into())
    );
    let ended = home.run(&["change-users", "enable", "bob@example.org", "ada@example.org", "--yes"]);
    assert!(ended.done().contains("1 changed") && ended.out.contains("1 left as before: nothing to change"));
    home.run(&[
        "change-users",
        "set_role",
        "bob@example.org",
        "--to",
        "Team lead",
        "--yes",
    ])
    .done();
    assert_eq!(home.account("bob@example.org").expect("there")["role"], "Team lead");
    home.run(&["change-users", "delete", "--yes"]).refused(2, "--everybody");
    home.run(&["change-users", "set_role", "--everybody", "--yes"])
        .refused(2, "--to");
    let gone = home.json(&["change-users", "delete", "--everybody", "--yes"]);
    assert_eq!(gone["done"], 2);
}

#[test]
fn a_file_says_what_it_would_do_and_does_it_once() {
    let home = Home::with_people();
    home.populate(1200);
    let file = home.dir.path().join("people.csv");
    let exported = home.run(&["export-users"]);
    std::fs::write(&file, exported.done()).expect("written");
    let path = file.to_str().expect("text");
    let same = home.json(&["import-users", path, "--yes"]);
    assert_eq!((&same["unchanged"], &same["changed"]), (&1202.into(), &0.into()));
    std::fs::write(&file, "email,groups\nbob@example.org,family\nnew@example.org,\n").expect("written");
    home.run(&["import-users", path]).refused(2, "--yes");
    let dry = home.json(&["import-users", path, "--dry-run"]);
    assert_eq!((&dry["new"], &dry["changed"]), (&1.into(), &1.into()));
    assert!(home.account("new@example.org").is_none());
    let done = home.run(&["import-users", path, "--yes"]);
    assert!(done.done().contains("1 new, 1 changed") && done.err.contains("groups \"\" -> \"family\""));
    let again = home.json(&["import-users", path, "--yes"]);
    assert_eq!(again["unchanged"], 2);
    std::fs::write(&file, "email\nnobody\n").expect("written");
    let refused = home.run(&["import-users", path, "--yes"]);
    assert_eq!(refused.code, Some(1));
    assert!(
        refused.err.contains("2: refused: \"nobody\" is no address"),
        "{refused:?}"
    );
}
