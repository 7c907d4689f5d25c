//! Commands beside the running server: they count from the very next request on.

use rustix::process::Signal;

use super::kit::{Home, PASSWORD};
use super::server::{Server, seen_by};

const SHUT: [bool; 3] = [false; 3];
const OPEN: [bool; 3] = [true; 3];

#[test]
fn a_disabled_account_is_refused_at_every_door_until_it_is_enabled() {
    let home = Home::with_people();
    let server = Server::start(&home);
    let (ada, bob) = (server.person("ada"), server.person("bob"));
    assert_eq!(bob.open_doors(), OPEN);
    home.run(&["disable-user", "bob@example.org"]).done();
    assert_eq!(bob.open_doors(), SHUT);
    assert_ne!(server.log_in("bob", PASSWORD).status, 200);
    assert_eq!(ada.open_doors(), OPEN);
    home.run(&["enable-user", "bob@example.org"]).done();
    assert_eq!(bob.open_doors(), SHUT);
    assert_eq!(server.log_in("bob", PASSWORD).status, 200);
}

#[test]
fn a_role_is_new_on_the_next_request() {
    let home = Home::with_people();
    let server = Server::start(&home);
    let bob = server.person("bob");
    assert_eq!(seen_by(&bob).expect("let in")["role"], "USER");
    home.run(&["set-role", "bob@example.org", "ADMIN"]).done();
    assert_eq!(seen_by(&bob).expect("let in")["role"], "ADMIN");
    home.run(&["set-role", "bob@example.org", "USER"]).done();
    assert_eq!(seen_by(&bob).expect("let in")["role"], "USER");
}

#[test]
fn a_reset_password_ends_sessions_and_replaces_the_old_one() {
    let home = Home::with_people();
    let server = Server::start(&home);
    let bob = server.person("bob");
    let new = home.json(&["reset-password", "bob@example.org", "--generate-password"]);
    assert_eq!(bob.open_doors(), SHUT);
    assert_ne!(server.log_in("bob", PASSWORD).status, 200);
    let generated = new["password"].as_str().expect("shown");
    assert_eq!(server.log_in("bob", generated).status, 200);
    let (code, log) = server.stop(Signal::TERM);
    assert_eq!(code, Some(0));
    assert!(!log.contains(PASSWORD) && !log.contains(generated), "{log}");
}

#[test]
fn a_deleted_account_is_gone_with_its_sessions() {
    let home = Home::with_people();
    let server = Server::start(&home);
    let bob = server.person("bob");
    home.run(&["delete-user", "bob@example.org", "--yes"]).done();
    assert_eq!(bob.open_doors(), SHUT);
    assert_ne!(server.log_in("bob", PASSWORD).status, 200);
}

#[test]
fn a_new_account_can_log_in_at_once_and_is_counted() {
    let home = Home::with_people();
    let server = Server::start(&home);
    home.create("cyd", &[]);
    server.person("cyd");
    server.person("cyd");
    let stats = home.json(&["user-stats"]);
    let cyd = &stats[2];
    assert_eq!((&cyd["sessions"], &cyd["login_count"]), (&2.into(), &2.into()));
    assert!(cyd["last_login_at"].is_string());
}

#[test]
fn an_account_with_an_unproved_address_cannot_log_in() {
    let home = Home::with_people();
    home.create("cyd", &["--email-verified=false"]);
    let server = Server::start(&home);
    assert_eq!(server.log_in("cyd", PASSWORD).status, 422);
}

#[test]
fn terms_are_asked_for_again() {
    let home = Home::with_people();
    let server = Server::start(&home);
    let bob = server.person("bob");
    assert_eq!(bob.api("POST", "/api/user/terms/accept").status, 200);
    assert_eq!(bob.api("GET", "/api/user/terms").json()["termsAccepted"], true);
    assert_eq!(home.json(&["reset-terms", "--yes"])["updated"], 1);
    assert_eq!(bob.api("GET", "/api/user/terms").json()["termsAccepted"], false);
}

#[test]
fn a_new_set_up_link_replaces_the_old_one_and_names_the_flags_of_the_server() {
    let home = Home::new();
    let server = Server::start(&home);
    let path = |link: &str| link[link.find("/setup").expect("a link")..].to_owned();
    let old = path(server.link.as_deref().expect("no admin yet"));
    assert_eq!(server.client().get(&old).status, 200);
    let port = server.address.port().to_string();
    let printed = home.run(&["setup-link", "--port", &port]);
    let new = printed.done().trim_end();
    assert!(
        new.starts_with(&format!("http://localhost:{port}/setup?token=")),
        "{new}"
    );
    assert_eq!(server.client().get(&old).status, 403);
    assert_eq!(server.client().get(&path(new)).status, 200);
    home.create("ada", &["--role", "ADMIN"]);
    assert_eq!(server.client().get(&path(new)).status, 404);
}

#[test]
fn a_snapshot_is_taken_from_the_running_server_and_restored_after_it() {
    let home = Home::with_people();
    let server = Server::start(&home);
    server.person("bob");
    let saved = home.json(&["db", "snapshot"]);
    let file = saved["file"].as_str().expect("a path").to_owned();
    assert!(file.starts_with(&format!("{}.", home.database().display())) && file.ends_with(".snapshot"));
    assert!(saved["bytes"].as_u64().expect("a number") > 4096);
    home.create("cyd", &[]);
    home.run(&["db", "restore", &file, "--yes"])
        .refused(1, "already running");
    assert!(home.account("cyd@example.org").is_some());
    assert_eq!(server.stop(Signal::TERM).0, Some(0));
    home.run(&["db", "restore", &file]).refused(2, "--yes");
    let restored = home.json(&["db", "restore", &file, "--yes"]);
    assert_eq!(restored["restored"], file.as_str());
    assert!(restored["version"].as_u64().expect("a number") >= 1);
    assert!(std::path::Path::new(restored["kept"].as_str().expect("kept")).exists());
    assert!(home.account("cyd@example.org").is_none() && home.account("bob@example.org").is_some());
    let server = Server::start(&home);
    assert_eq!(server.log_in("bob", PASSWORD).status, 200);
}
