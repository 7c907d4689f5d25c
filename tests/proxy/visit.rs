//! Requests written out, so that they can come from anywhere, through anything.

use std::net::SocketAddr;

use crate::peers::{connect, exchange};
use crate::support::{Site, credentials};

/// A request with these headers and, if there is one, this JSON body.
pub fn request(method: &str, path: &str, headers: &[(&str, &str)], body: &str) -> String {
    let headers = headers
        .iter()
        .fold(String::new(), |all, (name, value)| format!("{all}{name}: {value}\r\n"));
    format!(
        "{method} {path} HTTP/1.1\r\nhost: auth.example.org\r\nconnection: close\r\n{headers}content-type: \
         application/json\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    )
}

/// The login of `name` with everybody's password.
pub fn login(name: &str, headers: &[(&str, &str)]) -> String {
    request("POST", "/api/auth/login", headers, &credentials(name).to_string())
}

/// The status of an answer; 0 if there was none.
pub fn status(answer: &str) -> u16 {
    let status = answer.split(' ').nth(1).and_then(|status| status.parse().ok());
    status.unwrap_or(0)
}

/// Logs in from the address `from` by `to`.
pub fn log_in_from(from: &str, to: SocketAddr, name: &str, headers: &[(&str, &str)]) -> u16 {
    status(&exchange(connect(from, to), login(name, headers).as_bytes()))
}

/// The address of the newest event about somebody, and the one in the session list, which must be the same.
pub fn seen_as(site: &Site, name: &str) -> String {
    let account = site.account(name).expect("an account");
    let address = site.events_about(&account)[0].address.clone();
    let listed = site.run(site.app.sessions_of(account.key)).expect("sessions");
    assert!(
        listed.iter().any(|session| session.origin.address == address),
        "{address}"
    );
    address
}
