//! How `serve` refuses to start, and how it ends.

use std::fs;
use std::net::TcpListener;

use rusqlite::Connection;
use rustix::process::Signal;

use super::kit::{Ended, Home};
use super::server::Server;

/// Asserts one line on standard error that contains all of this, and exit code 1.
#[track_caller]
fn one_sentence(ended: &Ended, saying: &[&str]) {
    ended.refused(1, "Error: ");
    assert_eq!(ended.err.trim_end().lines().count(), 1, "{ended:?}");
    for words in saying {
        assert!(ended.err.contains(words), "{words:?} is not in {ended:?}");
    }
}

#[test]
fn a_second_server_on_the_same_data_is_refused() {
    let home = Home::with_people();
    let server = Server::start(&home);
    one_sentence(&home.serve_fails(&[]), &["already running", "stop it first"]);
    assert_eq!(server.log_in("ada", super::kit::PASSWORD).status, 200);
}

#[test]
fn a_taken_port_is_named() {
    let home = Home::with_people();
    let other = TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = other.local_addr().expect("an address").port().to_string();
    let ended = home.run(&["serve", "--port", &port]);
    one_sentence(&ended, &[&format!("127.0.0.1:{port} is already in use"), "--port"]);
    assert!(!home.data().join("librechat-auth.db-wal").exists());
}

#[test]
fn a_file_in_place_of_the_data_directory_is_named() {
    let home = Home::new();
    fs::write(home.data(), "").expect("written");
    let ended = home.serve_fails(&[]);
    ended.refused(1, "--data DIR");
    assert!(ended.err.contains(&home.data().display().to_string()), "{ended:?}");
}

#[test]
fn a_newer_database_is_refused_with_the_way_back() {
    let home = Home::with_people();
    let saved = home.dir.path().join("saved.snapshot");
    home.run(&["db".as_ref(), "snapshot".as_ref(), saved.as_os_str()])
        .done();
    Connection::open(home.database())
        .and_then(|database| {
            database.execute(
                "INSERT INTO schema_migrations (version, name, checksum, applied_at) VALUES (99, 'later', x'00', 0)",
                [],
            )
        })
        .expect("from the future");
    one_sentence(&home.serve_fails(&[]), &["99", "librechat-auth db restore"]);
    home.run(&["list-users"]).refused(1, "librechat-auth db restore");
    let restored = home.run(&["db".as_ref(), "restore".as_ref(), saved.as_os_str(), "--yes".as_ref()]);
    assert!(
        restored.done().contains("The replaced database is now "),
        "{restored:?}"
    );
    assert!(home.account("ada@example.org").is_some());
}

#[test]
fn a_damaged_database_is_said_to_be() {
    let home = Home::with_people();
    fs::write(home.database(), "rubbish ".repeat(1000)).expect("damaged");
    one_sentence(&home.serve_fails(&[]), &["damaged"]);
    home.run(&["list-users"]).refused(1, "damaged");
}

#[test]
fn nothing_is_restored_from_a_file_that_is_no_snapshot() {
    let home = Home::with_people();
    let rubbish = home.dir.path().join("rubbish");
    fs::write(&rubbish, "rubbish ".repeat(1000)).expect("written");
    for file in ["rubbish", "missing"] {
        home.run(&["db", "restore", file, "--yes"])
            .refused(1, "is no usable snapshot");
    }
    home.run(&["db", "snapshot", "rubbish"]).refused(1, "the file exists");
    assert!(home.account("ada@example.org").is_some());
}

#[test]
fn a_signal_ends_the_server_cleanly() {
    for signal in [Signal::TERM, Signal::INT] {
        let home = Home::with_people();
        let server = Server::start(&home);
        server.person("ada");
        let (code, log) = server.stop(signal);
        assert_eq!(code, Some(0), "{log}");
        assert!(!home.data().join("librechat-auth.db-wal").exists());
        assert_eq!(home.json(&["user-stats"])[0]["login_count"], 1);
    }
}
