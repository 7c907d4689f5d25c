//! `recover`: the last admin is never locked out from a console.

use librechat_auth::domain::moderation::violation::Violation;
use serde_json::json;

use super::record::Record;
use crate::cli::kit::{Home, PASSWORD};
use crate::cli::server::Server;

#[test]
fn the_only_admin_needs_no_name_and_gets_everything_back() {
    let home = Home::with_people();
    let ada = home.account("ada@example.org").expect("there")["id"]
        .as_str()
        .expect("an id")
        .to_owned();
    let record = Record::of(&home);
    let bans = record.violation(Violation::NonBrowser, Some(&ada), "203.0.113.7");
    drop(record);
    assert_eq!(bans.len(), 2);
    home.run(&["ban-user", "ada@example.org", "1d", "--yes"]).done();
    home.run(&["disable-user", "ada@example.org", "--yes"]).done();
    home.run(&["ban-ip", "198.51.100.1"]).done();
    let recovered = home.json(&["recover", "--new-password", "--lift-bans"]);
    assert_eq!(
        (&recovered["email"], &recovered["enabled"]),
        (&json!("ada@example.org"), &json!(true))
    );
    assert_eq!(recovered["lifted"].as_array().map(Vec::len), Some(3));
    let left = home.json(&["bans", "list"]);
    assert_eq!(left.as_array().map(Vec::len), Some(1), "{left}");
    let server = Server::start(&home);
    let password = recovered["password"].as_str().expect("shown");
    assert_ne!(server.log_in("ada", PASSWORD).status, 200);
    assert_eq!(server.log_in("ada", password).status, 200);
}

#[test]
fn somebody_named_becomes_admin_when_asked_and_keeps_the_password() {
    let home = Home::with_people();
    let server = Server::start(&home);
    home.run(&["ban-user", "bob@example.org", "1d"]).done();
    let recovered = home.json(&["recover", "bob@example.org", "--admin", "--lift-bans"]);
    assert_eq!(
        (&recovered["role"], &recovered["promoted"]),
        (&json!("ADMIN"), &json!(true))
    );
    assert_eq!(recovered["password"], json!(null));
    let start = std::time::Instant::now();
    while server.log_in("bob", PASSWORD).status != 200 {
        assert!(start.elapsed() < std::time::Duration::from_secs(3));
    }
}

#[test]
fn bans_stay_unless_somebody_asks_for_their_end() {
    let home = Home::with_people();
    home.run(&["ban-user", "ada@example.org", "1d", "--yes"]).done();
    let recovered = home.json(&["recover"]);
    assert_eq!(recovered["lifted"], json!([]));
    assert_eq!(recovered["still_banned"].as_array().map(Vec::len), Some(1));
    assert_eq!(home.json(&["bans", "list"]).as_array().map(Vec::len), Some(1));
    let ended = home.run(&["recover", "ada@example.org"]);
    assert!(ended.done().contains("still in force: the ban "), "{ended:?}");
    assert!(ended.err.contains("--lift-bans"), "{ended:?}");
    let recovered = home.json(&["recover", "--lift-bans"]);
    assert_eq!(recovered["lifted"].as_array().map(Vec::len), Some(1));
    assert_eq!(home.json(&["bans", "list"]), json!([]));
}

#[test]
fn a_clickable_link_lets_its_holder_in_with_the_server_up_and_down() {
    let home = Home::with_people();
    let url = ["--public-url", "https://login.example.org"];
    let made_while_down = home.json(&[&["recover"], &url[..]].concat());
    let ended = home.run(&[&["recover", "bob@example.org", "--link"], &url[..]].concat());
    let link = ended.done().lines().nth(1).expect("a line").to_owned();
    assert!(
        ended.out.starts_with("✔ A way back in for bob@example.org\n"),
        "{ended:?}"
    );
    let server = Server::start(&home);
    let made_while_up = home.json(&[&["recover", "ada@example.org"], &url[..]].concat());
    assert_eq!(made_while_up["valid_seconds"], 3600);
    let path = |link: &str| {
        assert!(link.starts_with("https://login.example.org/recover?token="), "{link}");
        link.trim_start_matches("https://login.example.org").to_owned()
    };
    let client = server.client();
    let replaced = path(made_while_down["link"].as_str().expect("a link"));
    assert_eq!(client.get(&replaced).status, 400, "a newer link takes its place");
    for (name, path) in [
        ("bob", path(&link)),
        ("ada", path(made_while_up["link"].as_str().expect("a link"))),
    ] {
        let (_, token) = path.split_once("token=").expect("a token");
        let new = "nine slow tortoises";
        let fields = [("token", token), ("password", new), ("confirm_password", new)];
        assert_eq!(client.submit(&path, "/recover", &fields).status, 303, "{name}");
        assert_eq!(server.log_in(name, new).status, 200);
    }
}

#[test]
fn a_link_and_a_password_at_once_make_no_sense() {
    let home = Home::with_people();
    for arguments in [
        ["--link", "--new-password"],
        ["--qr", "--new-password"],
        ["--qr", "--json"],
    ] {
        assert_eq!(
            home.run(&[&["recover"], &arguments[..]].concat()).code,
            Some(2),
            "{arguments:?}"
        );
    }
    let drawn = home.run(&["recover", "--qr"]);
    assert!(drawn.done().contains('▀'), "{drawn:?}");
    assert!(drawn.err.contains("works on this machine only"), "{drawn:?}");
}

#[test]
fn failed_passwords_are_forgotten() {
    let home = Home::with_people();
    let settings = "LOGIN_MAX=1000\nLIBRECHAT_AUTH_LIMITS_ACCOUNT_MAX=2\n";
    std::fs::write(home.dir.path().join(".env"), settings).expect("written");
    let server = Server::start(&home);
    for _ in 0..2 {
        assert_ne!(server.log_in("ada", "a wrong password").status, 200);
    }
    assert_eq!(server.log_in("ada", PASSWORD).status, 429);
    home.run(&["recover"]).done();
    assert_eq!(server.log_in("ada", PASSWORD).status, 200);
}

#[test]
fn without_a_name_several_admins_or_none_are_an_error_that_says_so() {
    let home = Home::with_people();
    home.create("cyd", &["--role", "ADMIN"]);
    home.run(&["recover"]).refused(2, "ada@example.org, cyd@example.org");
    home.run(&["recover", "nobody@example.org"])
        .refused(1, "User not found!");
    let empty = Home::new();
    empty.create("bob", &[]);
    empty.run(&["recover"]).refused(2, "--admin");
}
