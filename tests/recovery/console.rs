//! `reset-link` and `set-email`: the built program, beside the server and without it.

use serde_json::{Value as Json, json};
use url::Url;

use super::NEW;
use crate::cli::kit::{Home, PASSWORD};
use crate::cli::server::Server;

fn redeem(server: &Server, link: &str, password: &str) -> u16 {
    let link = Url::parse(link).expect("a link");
    let value = |name: &str| {
        let found = link.query_pairs().find(|(key, _)| key == name);
        found.expect("in the link").1.into_owned()
    };
    let body = json!({ "userId": value("userId"), "token": value("token"), "password": password });
    server.client().post("/api/auth/resetPassword", &body).status
}

#[test]
fn a_printed_link_works_once_beside_the_server_without_mail_and_with_the_switch_off() {
    let home = Home::with_people();
    let server = Server::start(&home);
    let bob = server.person("bob");
    let made = home.run(&["reset-link", "bob@example.org"]);
    assert_eq!(made.code, Some(0), "{made:?}");
    let link = made.out.trim_end();
    assert!(
        link.starts_with("http://localhost:3081/reset-password?token="),
        "{link}"
    );
    assert!(
        made.err.contains("bob@example.org") && made.err.contains("15m"),
        "{}",
        made.err
    );
    assert_eq!(bob.open_doors(), [true; 3], "making it ends nothing");
    assert_eq!(redeem(&server, link, NEW), 200);
    assert_eq!(bob.open_doors(), [false; 3]);
    assert_eq!(redeem(&server, link, "another fine secret"), 403);
    assert_eq!(server.log_in("bob", NEW).status, 200);
    assert_ne!(server.log_in("bob", PASSWORD).status, 200);
}

#[test]
fn a_link_made_while_the_server_is_down_works_when_it_is_up() {
    let home = Home::with_people();
    let made = home.json(&["reset-link", "bob@example.org", "--valid", "2h"]);
    assert_eq!(
        (&made["email"], &made["valid_seconds"]),
        (&json!("bob@example.org"), &json!(7200))
    );
    let server = Server::start(&home);
    assert_eq!(redeem(&server, made["link"].as_str().expect("text"), NEW), 200);
}

#[test]
fn the_newest_link_is_the_only_one() {
    let home = Home::with_people();
    let link = || {
        home.json(&["reset-link", "bob@example.org"])["link"]
            .as_str()
            .expect("text")
            .to_owned()
    };
    let (first, second) = (link(), link());
    let server = Server::start(&home);
    assert_eq!(redeem(&server, &first, NEW), 403);
    assert_eq!(redeem(&server, &second, NEW), 200);
}

#[test]
fn the_link_names_the_address_of_the_site_and_can_be_drawn() {
    let home = Home::with_people();
    let flags = [
        "reset-link",
        "bob@example.org",
        "--public-url",
        "https://login.example.org/auth",
        "--qr",
    ];
    let made = home.run(&flags);
    let mut lines = made.out.lines();
    let link = lines.next().expect("a line");
    assert!(
        link.starts_with("https://login.example.org/auth/reset-password?token="),
        "{link}"
    );
    assert!(lines.count() > 20, "a drawing");
}

#[test]
fn a_link_is_mailed_and_not_printed_where_mail_is_configured() {
    let home = Home::with_people();
    home.run(&["reset-link", "bob@example.org", "--mail"])
        .refused(1, "mail is not configured");
    let settings = "EMAIL_FROM=login@example.org\nEMAIL_HOST=127.0.0.1\nEMAIL_PORT=9\n";
    std::fs::write(home.dir.path().join(".env"), settings).expect("written");
    let made = home.json(&["reset-link", "bob@example.org", "--mail"]);
    assert_eq!((&made["link"], &made["mailed"]), (&Json::Null, &json!(true)));
    let letters = home.json(&["mail", "outbox"]);
    assert_eq!(
        (&letters[0]["kind"], &letters[0]["address"]),
        (&json!("reset_by_admin"), &json!("bob@example.org"))
    );
    let said = home.run(&["reset-link", "bob@example.org", "--mail"]);
    assert!(said.done().contains("mails the link to bob@example.org") && !said.out.contains("token="));
    let log = home.json(&["audit", "list", "--kind", "reset_link_made"]);
    assert_eq!(log[0]["detail"], "mailed");
    home.run(&["reset-link", "bob@example.org", "--mail", "--qr"])
        .refused(2, "--qr");
}

#[test]
fn what_makes_no_sense_is_refused() {
    let home = Home::with_people();
    for (arguments, code, words) in [
        (vec!["reset-link", "nobody@example.org"], 1, "User not found!"),
        (vec!["reset-link", "bob@example.org", "--valid", "8d"], 2, "7d at most"),
        (vec!["reset-link", "bob@example.org", "--valid", "soon"], 2, "soon"),
        (vec!["reset-link"], 2, "name an account"),
        (vec!["set-email", "bob@example.org", "nobody"], 1, "email"),
        (
            vec!["set-email", "bob@example.org", "ada@example.org"],
            1,
            "already exists",
        ),
        (
            vec!["set-email", "nobody@example.org", "eve@example.org"],
            1,
            "User not found!",
        ),
        (vec!["set-email", "bob@example.org"], 2, "NEW"),
    ] {
        let ended = home.run(&arguments);
        assert_eq!(ended.code, Some(code), "{arguments:?}: {ended:?}");
        assert!(ended.err.contains(words), "{arguments:?}: {}", ended.err);
        assert_eq!(ended.out, "", "{arguments:?}");
    }
    home.run(&["disable-user", "bob@example.org", "--yes"]).done();
    let locked = home.run(&["reset-link", "bob@example.org"]);
    assert_eq!(locked.code, Some(1));
    assert!(locked.err.contains("enable-user"), "{}", locked.err);
}

#[test]
fn an_address_set_by_an_admin_counts_at_once() {
    let home = Home::with_people();
    let server = Server::start(&home);
    let bob = server.person("bob");
    let changed: Json = home.json(&["set-email", "bob@example.org", "Robert@example.org"]);
    assert_eq!(
        (&changed["email"], &changed["email_verified"]),
        (&json!("robert@example.org"), &json!(true))
    );
    assert_eq!(bob.open_doors(), [false; 3]);
    assert_eq!(server.log_in("robert", PASSWORD).status, 200);
    assert_ne!(server.log_in("bob", PASSWORD).status, 200);
}
