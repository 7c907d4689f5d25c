//! `Type=notify`, the watchdog, and a socket that is handed over.

use std::net::{SocketAddr, TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use rusqlite::Connection;
use rustix::process::Signal;

use super::kit::Supervised;
use crate::cli::kit::Home;
use crate::support::Client;

fn address_in(status: &str) -> SocketAddr {
    let (_, address) = status.rsplit_once(" on ").expect("an address");
    address.parse().expect("an address")
}

#[test]
fn readiness_is_told_when_the_server_answers_and_the_end_when_it_comes() {
    let home = Home::with_people();
    let mut service = Supervised::start(&home, &[]);
    service.expect("READY=1", 1);
    let status = service.expect("STATUS=serving http://localhost:", 1);
    assert_eq!(Client::new(address_in(&status)).get("/readyz").status, 200);
    let (code, heard) = service.stop();
    assert_eq!(code, Some(0));
    let first = |line: &str| heard.iter().position(|heard| heard == line);
    assert!(first("READY=1") < first("STOPPING=1"), "{heard:?}");
    assert!(!heard.iter().any(|line| line.starts_with("WATCHDOG")), "nobody watches");
}

#[test]
fn a_server_that_cannot_start_tells_no_readiness() {
    let home = Home::with_people();
    std::fs::write(home.database(), "no database").expect("written");
    let mut service = Supervised::start(&home, &[]);
    service.expect_log("is damaged or no SQLite database");
    assert_eq!(service.count("READY=1"), 0);
}

#[test]
fn signs_of_life_stop_while_the_database_cannot_be_written() {
    let home = Home::with_people();
    let mut service = Supervised::start(&home, &[("WATCHDOG_USEC", "600000")]);
    service.expect("WATCHDOG=1", 3);
    let holder = Connection::open(home.database()).expect("the database");
    holder.execute_batch("BEGIN IMMEDIATE").expect("held");
    service.expect_log("no sign of life");
    let silent_from = service.count("WATCHDOG=1");
    service.listen_for(Duration::from_millis(900));
    assert!(
        service.count("WATCHDOG=1") <= silent_from + 1,
        "one may have been on its way"
    );
    holder.execute_batch("ROLLBACK").expect("let go");
    let heard = service.count("WATCHDOG=1");
    service.expect("WATCHDOG=1", heard + 3);
    assert_eq!(service.stop().0, Some(0));
}

#[test]
fn a_hangup_is_told_as_a_reload() {
    let home = Home::with_people();
    let mut service = Supervised::start(&home, &[]);
    service.expect("READY=1", 1);
    service.signal(Signal::HUP);
    service.expect("RELOADING=1", 1);
    let moment = service.expect("MONOTONIC_USEC=", 1);
    assert!(
        moment.trim_start_matches("MONOTONIC_USEC=").parse::<u64>().is_ok(),
        "{moment}"
    );
    service.expect("READY=1", 2);
    assert_eq!(service.stop().0, Some(0));
}

/// Listens on a port and starts the server when somebody connects, as systemd does.
struct Activated(Child);

impl Drop for Activated {
    fn drop(&mut self) {
        // The server has taken the place of the program that listened first: same process.
        let _ended = self.0.kill();
        let _status = self.0.wait();
    }
}

#[test]
#[ignore = "needs systemd-socket-activate: run make test"]
fn a_socket_that_is_handed_over_is_served() {
    let home = Home::with_people();
    let address = TcpListener::bind("127.0.0.1:0")
        .and_then(|free| free.local_addr())
        .expect("a free port");
    let mut activate = Command::new("systemd-socket-activate");
    activate
        .args(["--listen", &address.to_string(), env!("CARGO_BIN_EXE_librechat-auth")])
        .args(["serve", "--port", "1", "--data"])
        .arg(home.data())
        .current_dir(home.dir.path())
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    let _activated = Activated(activate.spawn().expect("it starts"));
    let end = Instant::now() + Duration::from_secs(20);
    while TcpStream::connect(address).is_err() {
        assert!(Instant::now() < end, "nobody listens");
        std::thread::yield_now();
    }
    // Port 1, which is configured, could not be had; what was handed over is used instead.
    assert_eq!(Client::new(address).get("/readyz").status, 200);
}
