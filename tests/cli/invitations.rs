//! `invite-user` and `invitations`: what they print, and what a link is worth then.

use serde_json::{Value as Json, json};

use super::kit::Home;
use super::server::Server;
use crate::support::registration;

const URL: &[&str] = &["--public-url", "https://login.example.org"];

fn invite(home: &Home, arguments: &[&str]) -> Json {
    home.json(&[&["invite-user"], arguments, URL].concat())
}

fn token(made: &Json) -> &str {
    let link = made["link"].as_str().expect("a link");
    link.split_once("?token=").expect("a token").1
}

fn register(server: &Server, name: &str, made: &Json) -> u16 {
    let mut body = registration(name);
    body["token"] = json!(token(made));
    server.client().post("/api/auth/register", &body).status
}

#[test]
fn the_link_is_always_printed_and_works_at_once() {
    let home = Home::with_people();
    let server = Server::start(&home);
    let ended = home.run(&[
        "invite-user",
        "Cyd@Example.org",
        "--public-url",
        "https://login.example.org",
    ]);
    let printed = ended.done();
    let mut lines = printed.lines();
    assert_eq!(lines.next(), Some("The invitation is made: hand over this link."));
    let link = lines.next().expect("a link");
    assert!(
        link.starts_with("https://login.example.org/register?token="),
        "{printed}"
    );
    assert!(printed.contains("Nothing is mailed to cyd@example.org: mail is not configured."));
    assert!(
        printed.contains("for cyd@example.org: one account, role USER, until 20"),
        "{printed}"
    );
    let path = link.trim_start_matches("https://login.example.org");
    assert!(server.client().get(path).says("cyd@example.org"));
    let made = json!({ "link": link });
    assert_eq!(register(&server, "eve", &made), 400);
    assert_eq!(register(&server, "cyd", &made), 200);
    assert_eq!(server.log_in("cyd", super::kit::PASSWORD).status, 200);
}

#[test]
fn an_open_link_has_its_terms_and_a_list_says_what_became_of_it() {
    let home = Home::with_people();
    let server = Server::start(&home);
    let made = invite(
        &home,
        &[
            "--open",
            "--uses",
            "2",
            "--expires",
            "12h",
            "--domain",
            "Example.org",
            "--role",
            "Family",
            "--note",
            "choir",
        ],
    );
    assert_eq!(
        (&made["uses"], &made["used"], &made["state"], &made["email"]),
        (&json!(2), &json!(0), &json!("open"), &Json::Null)
    );
    assert_eq!(
        (&made["domains"], &made["role"], &made["note"]),
        (&json!(["example.org"]), &json!("Family"), &json!("choir"))
    );
    assert_eq!((&made["by"], &made["mailed"]), (&json!("console"), &json!(false)));
    assert_eq!(register(&server, "cyd", &made), 200);
    assert_eq!(home.account("cyd@example.org").expect("made")["role"], "Family");
    let id = made["id"].to_string();
    let shown = home.json(&["invitations", "show", &id]);
    assert_eq!(
        (&shown["used"], &shown["guests"][0]["email"]),
        (&json!(1), &json!("cyd@example.org"))
    );
    assert!(shown.get("link").is_none(), "a link is shown once");
    let text = home.run(&["invitations", "show", &id]);
    assert!(text.done().contains("cyd@example.org came at "), "{text:?}");
    let ended = home.run(&["invitations", "revoke", &id]);
    assert!(
        ended
            .done()
            .contains("is taken back; the one account made with it stays"),
        "{ended:?}"
    );
    assert_eq!(register(&server, "eve", &made), 400);
    home.run(&["invitations", "revoke", &id])
        .refused(1, "was taken back before");
    assert_eq!(home.json(&["invitations", "list"]), json!([]));
    let all = home.json(&["invitations", "list", "--all"]);
    assert_eq!(
        (&all[0]["state"], all.as_array().map(Vec::len)),
        (&json!("revoked"), Some(1))
    );
    home.run(&["delete-user", "cyd@example.org", "--yes"]).done();
    let gone = home.run(&["invitations", "show", &id]);
    assert!(gone.done().contains("the account is gone"), "{gone:?}");
}

#[test]
fn the_list_for_people_is_a_line_for_each_link() {
    let home = Home::with_people();
    assert_eq!(home.run(&["invitations", "list"]).err, "Nobody is invited.\n");
    invite(&home, &["cyd@example.org"]);
    invite(&home, &["--open", "--uses", "unlimited", "--note", "tab\there"]);
    let ended = home.run(&["invitations", "list"]);
    let lines: Vec<&str> = ended.done().lines().collect();
    assert_eq!(lines[0], "ID\tFor\tRole\tUsed\tState\tExpires\tBy\tNote");
    assert!(lines[1].starts_with("2\tanybody\tUSER\t0 of ∞\topen\t20"), "{ended:?}");
    assert!(lines[1].ends_with("\tconsole\ttab\u{fffd}here"), "{ended:?}");
    assert!(
        lines[2].starts_with("1\tcyd@example.org\tUSER\t0 of 1\topen\t"),
        "{ended:?}"
    );
}

#[test]
fn mistakes_are_refused_in_librechats_words_where_it_has_some() {
    let home = Home::with_people();
    let invite = |arguments: &[&str]| home.run(&[&["invite-user"], arguments].concat());
    invite(&["ada"]).refused(1, "Error: Invalid email address!");
    invite(&["ADA@example.org"]).refused(1, "Error: A user with that email already exists!");
    invite(&[]).refused(2, "--open");
    for arguments in [
        &["cyd@example.org", "--open"][..],
        &["cyd@example.org", "--uses", "2"],
        &["cyd@example.org", "--domain", "example.org"],
        &["cyd@example.org", "--expires", "7"],
        &["cyd@example.org", "--expires", "2y"],
        &["cyd@example.org", "--role", "<b>"],
        &["cyd@example.org", "--role", "ADMIN"],
        &["cyd@example.org", "--lang", "tlh"],
        &["--open", "--uses", "0"],
        &["--open", "--domain", "example"],
        &["--open", "--admin", "--uses", "2"],
        &["--open", "--qr", "--json"],
    ] {
        let ended = invite(arguments);
        assert_eq!(
            (ended.code, ended.out.as_str()),
            (Some(2), ""),
            "{arguments:?}: {ended:?}"
        );
    }
    home.run(&["invitations", "show", "7"])
        .refused(1, "there is no invitation 7");
    home.run(&["invitations", "revoke", "7"])
        .refused(1, "there is no invitation 7");
    assert_eq!(home.json(&["invitations", "list", "--all"]), json!([]));
}

#[test]
fn an_invitation_outside_the_allowed_domains_is_refused() {
    let home = Home::with_people();
    std::fs::write(
        home.dir.path().join(".env"),
        "LIBRECHAT_AUTH_ALLOWED_DOMAINS=example.org\n",
    )
    .expect("written");
    home.run(&["invite-user", "cyd@elsewhere.org"])
        .refused(1, "accounts.allowed_domains");
    invite(&home, &["cyd@example.org"]);
}

#[test]
fn an_admin_can_be_invited_here_and_only_on_purpose() {
    let home = Home::with_people();
    let server = Server::start(&home);
    let made = invite(&home, &["cyd@example.org", "--admin"]);
    assert_eq!((&made["role"], &made["uses"]), (&json!("ADMIN"), &json!(1)));
    assert_eq!(register(&server, "cyd", &made), 200);
    assert_eq!(home.account("cyd@example.org").expect("made")["role"], "ADMIN");
}

#[test]
fn a_code_for_the_camera_is_drawn_on_request() {
    let home = Home::with_people();
    let arguments = [&["invite-user", "--open", "--qr"], URL].concat();
    let ended = home.run(&arguments);
    let drawn: Vec<&str> = ended.done().lines().filter(|line| line.contains(['█', '▀'])).collect();
    assert!(drawn.len() > 15, "{ended:?}");
    let width = drawn[0].chars().count();
    assert!(
        drawn
            .iter()
            .all(|line| line.chars().count() == width && !line.contains('\u{1b}'))
    );
    assert!(width <= 2 * drawn.len(), "it is a square: {width} by {}", drawn.len());
}

#[test]
fn without_an_address_of_the_server_the_link_is_said_to_work_here_only() {
    let home = Home::with_people();
    let ended = home.run(&["invite-user", "--open", "--port", "4711"]);
    assert!(
        ended.done().contains("\nhttp://localhost:4711/register?token="),
        "{ended:?}"
    );
    assert!(ended.err.contains("works on this machine only"), "{ended:?}");
    assert_eq!(home.run(&[&["invite-user", "--open"], URL].concat()).err, "");
}

#[test]
fn mail_goes_into_the_outbox_and_the_script_says_what_librechats_says() {
    let home = Home::with_people();
    let settings = "EMAIL_HOST=127.0.0.1\nEMAIL_PORT=9\nEMAIL_ENCRYPTION=none\nEMAIL_FROM=login@example.org\n";
    std::fs::write(home.dir.path().join(".env"), settings).expect("written");
    let waiting = || {
        let database = rusqlite::Connection::open(home.database()).expect("opens");
        let count: i64 = database
            .query_row("SELECT count(*) FROM outbox WHERE kind = 'invitation'", [], |row| {
                row.get(0)
            })
            .expect("a count");
        count
    };
    let ended = home.run(&[&["invite-user", "cyd@example.org"], URL].concat());
    assert!(
        ended
            .done()
            .starts_with("Invitation sent successfully!\nhttps://login.example.org/"),
        "{ended:?}"
    );
    assert_eq!(waiting(), 1);
    let made = invite(&home, &["dan@example.org", "--no-mail"]);
    assert_eq!((&made["mailed"], waiting()), (&json!(false), 1));
}

#[test]
fn an_invitation_needs_a_database_that_is_there() {
    let home = Home::new();
    home.run(&["invite-user", "cyd@example.org"])
        .refused(1, "there is no database");
}

#[test]
fn groups_are_given_and_a_link_is_sent_again() {
    let home = Home::with_people();
    let server = Server::start(&home);
    let made = invite(&home, &["cyd@example.org", "--group", "choir", "--group", "parents"]);
    assert_eq!(made["groups"], json!(["choir", "parents"]));
    let id = made["id"].to_string();
    let again = home.json(&[&["invitations", "resend", id.as_str(), "--expires", "2d"], URL].concat());
    assert_eq!((&again["id"], &again["groups"]), (&made["id"], &made["groups"]));
    assert_eq!(register(&server, "cyd", &made), 400, "the old link is dead");
    assert_eq!(register(&server, "cyd", &again), 200);
    let groups = home.json(&["groups", "list", "cyd@example.org"]);
    assert_eq!(groups.as_array().map(Vec::len), Some(2));
    home.run(&["invitations", "resend", &id]).refused(1, "used up");
    home.run(&["invite-user", "eve@example.org", "--group", "a,b"])
        .refused(2, "group");
}

#[test]
fn a_file_of_addresses_gets_a_link_and_an_outcome_each() {
    let home = Home::with_people();
    let file = home.dir.path().join("choir.txt");
    std::fs::write(&file, "cyd@example.org\nnobody\n\nada@example.org, eve@example.org\n").expect("written");
    let ended = home.run(&["invite-user", "--from-file", file.to_str().expect("a path"), "--json"]);
    let outcomes: Json = serde_json::from_str(&ended.out).expect("JSON");
    let errors: Vec<_> = outcomes
        .as_array()
        .expect("a list")
        .iter()
        .map(|one| &one["error"])
        .collect();
    assert_eq!(
        errors,
        [&Json::Null, &json!("no_address"), &json!("taken"), &Json::Null]
    );
    assert!(
        ended.code == Some(1) && ended.err.contains("not invited: 2 of 4"),
        "{ended:?}"
    );
    let open = home.json(&["invitations", "list"]);
    assert_eq!(open.as_array().map(Vec::len), Some(2));
    home.run_with(&["invite-user", "--from-file", "-"], "")
        .refused(1, "between 1 and 200");
}
