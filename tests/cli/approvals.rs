//! `approvals` and `config policy`: who waits, who may come in, and why.

use serde_json::json;

use super::kit::{Home, PASSWORD};
use super::server::Server;
use crate::support::registration;

fn asking(settings: &str) -> (Home, Server) {
    let home = Home::with_people();
    let settings = format!("ALLOW_REGISTRATION=true\nLIBRECHAT_AUTH_APPROVAL=true\n{settings}");
    std::fs::write(home.dir.path().join(".env"), settings).expect("written");
    let server = Server::start(&home);
    for name in ["cyd", "dan", "eve"] {
        let answer = server.client().post("/api/auth/register", &registration(name));
        assert_eq!(answer.status, 200);
    }
    (home, server)
}

#[test]
fn who_waits_is_let_in_or_turned_away() {
    let (home, server) = asking("");
    let list = home.json(&["approvals", "list"]);
    let names: Vec<_> = list
        .as_array()
        .expect("a list")
        .iter()
        .map(|one| &one["email"])
        .collect();
    assert_eq!(names, ["cyd@example.org", "dan@example.org", "eve@example.org"]);
    assert!(list[0]["waiting_since"].is_string());
    let text = home.run(&["approvals", "list"]);
    assert!(
        text.done()
            .starts_with("Email\tName\tWaiting since\tAddress proved\ncyd@example.org\t"),
        "{text:?}"
    );
    assert_eq!(server.log_in("cyd", PASSWORD).status, 409);

    let ended = home.run(&["approvals", "approve", "CYD@example.org"]);
    assert_eq!(ended.done(), "✔ cyd@example.org may log in now\n");
    assert_eq!(server.log_in("cyd", PASSWORD).status, 200);
    home.run(&["approvals", "approve", "cyd@example.org"])
        .refused(1, "was decided before");

    home.run(&["approvals", "reject", "dan@example.org"])
        .refused(2, "--yes");
    let rejected = home.json(&["approvals", "reject", "dan@example.org", "--yes"]);
    assert_eq!(rejected["rejected"], true);
    assert!(home.account("dan@example.org").is_none());

    let approved = home.json(&["approvals", "approve", "--all"]);
    assert_eq!(approved, json!({ "approved": ["eve@example.org"] }));
    assert_eq!(server.log_in("eve", PASSWORD).status, 200);
    assert_eq!(home.run(&["approvals", "list"]).err, "Nobody is waiting.\n");
    assert_eq!(home.json(&["approvals", "approve", "--all"]), json!({ "approved": [] }));
}

#[test]
fn only_who_waits_can_be_let_in_or_turned_away() {
    let home = Home::with_people();
    for verb in ["approve", "reject"] {
        let extra: &[&str] = if verb == "reject" { &["--yes"] } else { &[] };
        home.run(&[&["approvals", verb, "bob@example.org"], extra].concat())
            .refused(1, "does not wait");
        home.run(&[&["approvals", verb, "nobody@example.org"], extra].concat())
            .refused(1, "User not found!");
    }
    assert!(home.account("bob@example.org").is_some());
    assert_eq!(home.run(&["approvals", "approve"]).code, Some(2));
    assert_eq!(
        home.run(&["approvals", "approve", "--all", "bob@example.org"]).code,
        Some(2)
    );
}

#[test]
fn the_state_of_an_account_says_that_it_waits() {
    let (home, _server) = asking("");
    let ended = home.run(&["list-users"]);
    let line = ended
        .done()
        .lines()
        .find(|line| line.contains("cyd@example.org"))
        .expect("listed")
        .to_owned();
    assert!(line.contains("\twaiting\t"), "{line}");
}

#[test]
fn the_policy_is_one_plain_sentence_wherever_one_looks() {
    let (home, server) = asking("LIBRECHAT_AUTH_ALLOWED_DOMAINS=example.org\n");
    let sentence = "Strangers may register with an address at example.org and then wait for an admin; invitations work and \
                    spare the waiting.";
    let ended = home.run(&["config", "policy"]);
    let logins = "Whoever has an account may log in, whatever the domain of its address.";
    assert!(
        ended.done().starts_with(&format!("{sentence}\n{logins}\n\n")),
        "{ended:?}"
    );
    let object = home.json(&["config", "policy"]);
    assert_eq!(
        (&object["sentence"], &object["approval"]),
        (&json!(sentence), &json!(true))
    );
    assert!(home.run(&["config", "check"]).done().contains(sentence));
    assert_eq!(home.json(&["config", "check"])["registration"], sentence);
    drop(server);
    std::fs::write(home.dir.path().join(".env"), "PORT=many\n").expect("written");
    home.run(&["config", "policy"]).refused(1, "config check");
    let checked = home.run(&["config", "check", "--json"]);
    assert!(checked.out.contains("\"registration\":null"), "{checked:?}");
}

#[test]
fn the_policy_is_the_one_in_force_and_says_who_says_so() {
    let home = Home::new();
    let lines = || -> Vec<String> {
        let ended = home.run(&["config", "policy"]);
        ended.done().lines().map(str::to_owned).collect()
    };
    let before = lines();
    assert_eq!(before[0], "Only invited people may register.");
    assert!(
        before.contains(&"accounts.registration = false (default)".to_owned()),
        "{before:?}"
    );
    assert!(!home.database().exists(), "looking makes no database");

    home.create("ada", &["--role", "ADMIN"]);
    home.run(&["settings", "set", "accounts.registration", "true"]).done();
    home.run(&["settings", "set", "accounts.allowed_domains", "example.org"])
        .done();
    let changed = lines();
    assert_eq!(
        changed[0],
        "Strangers may register with an address at example.org; invitations work."
    );
    let is_told = |start: &str, end: &str| {
        let told = lines();
        let is_that = |line: &String| line.starts_with(start) && line.ends_with(end);
        assert!(told.iter().any(is_that), "{start} … {end}: {told:?}");
    };
    is_told("accounts.registration = true (changed ", " by console)");
    is_told("accounts.allowed_domains = example.org (changed ", " by console)");
    is_told("accounts.approval = false (default)", "");
    let object = home.json(&["config", "policy"]);
    assert_eq!(
        (&object["registration"], &object["allowed_domains"]),
        (&json!(true), &json!(["example.org"]))
    );
    let switches = object["settings"].as_array().expect("a list");
    let open = switches.iter().find(|one| one["key"] == "accounts.registration");
    assert_eq!(open.expect("listed")["value"], "true");

    std::fs::write(home.dir.path().join(".env"), "ALLOW_REGISTRATION=false\n").expect("written");
    assert_eq!(
        lines()[0],
        "Only invited people may register with an address at example.org."
    );
    is_told("accounts.registration = false (", " by console)");
    is_told("accounts.registration = false (.env:1), instead of true (changed ", "");
}

#[test]
fn a_list_of_domains_that_keeps_nobody_out_is_a_warning() {
    let home = Home::new();
    let check = |settings: &str| {
        std::fs::write(home.dir.path().join(".env"), settings).expect("written");
        home.run(&["config", "check"]).out
    };
    let listed = "ALLOW_REGISTRATION=true\nLIBRECHAT_AUTH_ALLOWED_DOMAINS=example.org\n";
    let mail = "EMAIL_HOST=127.0.0.1\nEMAIL_ENCRYPTION=none\nEMAIL_FROM=login@example.org\n";
    let warns = "keeps nobody out";
    assert!(check(listed).contains(warns));
    assert!(check(&format!("{listed}{mail}ALLOW_UNVERIFIED_EMAIL_LOGIN=true\n")).contains(warns));
    assert!(!check(&format!("{listed}{mail}")).contains(warns));
    assert!(!check(&format!("{listed}LIBRECHAT_AUTH_APPROVAL=true\n")).contains(warns));
    assert!(!check("LIBRECHAT_AUTH_ALLOWED_DOMAINS=example.org\n").contains(warns));
}
