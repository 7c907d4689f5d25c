//! Bans beside the running server: it knows within moments, and sessions end on the very next request.

use std::time::{Duration, Instant};

use crate::cli::kit::{Home, PASSWORD};
use crate::cli::server::Server;

/// A server behind a proxy, so that visitors have addresses of their own.
fn behind_a_proxy(settings: &str) -> Home {
    let home = Home::with_people();
    std::fs::write(
        home.dir.path().join(".env"),
        format!("TRUST_PROXY=1\nLOGIN_MAX=1000000\n{settings}"),
    )
    .expect("written");
    home
}

/// The status that a visitor gets.
fn status(server: &Server, address: &str) -> u16 {
    let client = server.client();
    client
        .request("GET", "/api/config")
        .header("x-forwarded-for", address)
        .send()
        .status
}

/// Asks until the answer is this, for two seconds.
fn soon(server: &Server, address: &str, wanted: u16) -> bool {
    let start = Instant::now();
    while start.elapsed() < Duration::from_secs(2) {
        if status(server, address) == wanted {
            return true;
        }
        std::thread::yield_now();
    }
    false
}

#[test]
fn ban_ip_and_unban_count_within_two_seconds() {
    let home = behind_a_proxy("");
    let server = Server::start(&home);
    assert_eq!(status(&server, "203.0.113.7"), 200);
    home.run(&["ban-ip", "203.0.113.0/24", "1h"]).done();
    assert!(soon(&server, "203.0.113.7", 403));
    assert_eq!(status(&server, "203.0.114.7"), 200);
    home.run(&["unban", "203.0.113.7"]).done();
    assert!(soon(&server, "203.0.113.7", 200));
}

#[test]
fn ban_user_ends_sessions_on_the_next_request_in_every_mode() {
    for settings in ["", "BAN_VIOLATIONS=false\n", "LIBRECHAT_AUTH_MODERATION_MODE=shadow\n"] {
        let home = behind_a_proxy(settings);
        let server = Server::start(&home);
        let bob = server.person("bob");
        home.run(&["ban-user", "bob@example.org", "1h"]).done();
        assert_eq!(bob.open_doors(), [false; 3], "{settings}");
        let start = Instant::now();
        while server.log_in("bob", PASSWORD).status != 403 {
            assert!(start.elapsed() < Duration::from_secs(3), "{settings}");
        }
        home.run(&["unban", "bob@example.org"]).done();
        let start = Instant::now();
        while server.log_in("bob", PASSWORD).status != 200 {
            assert!(start.elapsed() < Duration::from_secs(3), "{settings}");
        }
    }
}
