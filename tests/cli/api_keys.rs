//! `api-keys`: keys for programs, made at the console.

use super::kit::Home;

#[test]
fn a_key_is_made_listed_without_its_text_and_taken_back() {
    let home = Home::new();
    home.run(&["create-user", "ada@example.org", "--generate-password"])
        .done();
    let list = ["api-keys", "list", "ada@example.org"];
    assert_eq!(home.run(&list).done(), "No API keys.\n");
    let make = [
        "api-keys",
        "create",
        "ada@example.org",
        "nas",
        "--scope",
        "api_read",
        "--host",
        "nas.lan",
    ];
    let printed = home.run(&make).done().to_owned();
    let key = printed.lines().last().expect("the key");
    assert!(key.starts_with("lca_") && key.len() == 51, "{printed}");
    let shown = home.run(&list).done().to_owned();
    assert!(
        shown.contains("nas\tapi_read\tuntil ") && !shown.contains(key),
        "{shown}"
    );
    let json = home.json(&list);
    assert_eq!(json[0]["hosts"], serde_json::json!(["nas.lan"]));
    let number = json[0]["number"].to_string();
    home.run(&["api-keys", "revoke", "ada@example.org", &number]).done();
    assert_eq!(home.run(&list).done(), "No API keys.\n");
    let again = home.run(&["api-keys", "revoke", "ada@example.org", &number]);
    assert_eq!(again.code, Some(1), "{again:?}");
}

#[test]
fn what_makes_no_key_is_refused() {
    let home = Home::new();
    for wrong in [
        ["--scope", "admin"],
        ["--host", "https://a.example"],
        ["--days", "99999"],
    ] {
        let ended = home.run(&[&["api-keys", "create", "ada@example.org", "nas"][..], &wrong].concat());
        assert_eq!(ended.code, Some(2), "{ended:?}");
    }
}
