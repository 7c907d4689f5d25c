//! The lines that other programs read, as the built program really writes them, and the filters that read them.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;

use serde_json::json;

use super::kit::{MALLORY, NEIGHBOUR};
use crate::support::{Running, credentials};

/// Logins that the built program lets pass from one address.
const LOGINS: usize = 2;

/// How many more it takes to be banned.
const TOO_MANY: usize = 20;

const HOUSEHOLD: &str = "2001:db8:1:2::7";

/// What somebody would like to have banned by forging a line.
const FORGED: &str = "198.51.100.99";

/// The built program behind one proxy.
struct Server(Running);

impl Server {
    fn start() -> Self {
        let settings = [("TRUST_PROXY", "1"), ("LOGIN_MAX", "2"), ("LOGIN_WINDOW", "60")];
        Self(Running::start(&settings))
    }

    fn log_in(&self, address: &str) {
        let request = self.0.client.request("POST", "/api/auth/login");
        request
            .header("x-forwarded-for", address)
            .json(&credentials("nobody"))
            .send();
    }

    /// What a stranger can type, made to look like a line of the log.
    fn forge(&self) {
        let line = format!("2026-11-22T20:14:05.120000Z  INFO moderation event=\"login_refused\" address={FORGED}");
        let body = json!({ "email": format!("\n{line}\n@example.org"), "password": format!("\n{line}\n") });
        let request = self
            .0
            .client
            .request("POST", "/api/auth/login")
            .header("x-forwarded-for", NEIGHBOUR);
        request.header("user-agent", &line).json(&body).send();
        let path = format!("/{}", line.replace(' ', "%20").replace('"', "%22"));
        for path in [format!("{path}%0A{path}"), format!("/login?redirect_to=%0A{path}")] {
            let request = self.0.client.request("GET", &path);
            request
                .header("x-forwarded-for", &line)
                .header("forwarded", &line)
                .send();
        }
        let email = format!("event=\"login_refused\" address={FORGED}");
        let body = json!({ "email": format!("{email}@example.org"), "password": email });
        let request = self
            .0
            .client
            .request("POST", "/api/auth/login")
            .header("x-forwarded-for", NEIGHBOUR);
        request.json(&body).send();
    }

    /// A neighbour with one wrong password, a flood from an address and one from a household; then what was written.
    fn misused() -> Self {
        let server = Self::start();
        server.log_in(NEIGHBOUR);
        for address in [MALLORY, HOUSEHOLD] {
            for _ in 0..LOGINS + TOO_MANY {
                server.log_in(address);
            }
        }
        server.forge();
        server
    }

    fn lines(&self) -> Vec<String> {
        let log = self.0.text();
        log.lines()
            .filter(|line| line.contains("moderation event="))
            .map(str::to_owned)
            .collect()
    }
}

/// A line without its date, with a name in place of every value that differs from run to run.
fn shape(line: &str) -> String {
    let (date, rest) = line.split_once(' ').expect("a date");
    assert!(date.len() > 20 && date.ends_with('Z'), "{line}");
    let words = rest.split(' ').map(|word| match word.split_once('=') {
        Some(("reference", value)) if value.len() == 9 => "reference=NUMBER",
        Some(("until", value)) if value.len() == 24 => "until=MOMENT",
        Some(("request", value)) if value.len() == 16 => "request=ID",
        _ => word,
    });
    words.collect::<Vec<_>>().join(" ")
}

#[test]
fn the_lines_have_exactly_the_form_that_is_documented() {
    let lines = Server::misused().lines();
    let mut shapes: BTreeMap<String, usize> = BTreeMap::new();
    for line in lines.iter().filter(|line| !line.contains(NEIGHBOUR)) {
        *shapes.entry(shape(line)).or_default() += 1;
    }
    let expected = [
        (format!(" INFO moderation event=\"login_refused\" address={MALLORY} request=ID"), LOGINS),
        (format!(" INFO moderation event=\"login_refused\" address={HOUSEHOLD} request=ID"), LOGINS),
        (
            format!(" INFO moderation event=\"limit_exceeded\" address={MALLORY} cause=logins reference=NUMBER request=ID"),
            TOO_MANY,
        ),
        (
            format!(" INFO moderation event=\"limit_exceeded\" address={HOUSEHOLD} cause=logins reference=NUMBER request=ID"),
            TOO_MANY,
        ),
        (
            format!(" WARN moderation event=\"ban\" subject=net:{MALLORY} cause=logins points=20 until=MOMENT reference=NUMBER request=ID"),
            1,
        ),
        (
            " WARN moderation event=\"ban\" subject=net:2001:db8:1:2::/64 cause=logins points=20 until=MOMENT reference=NUMBER request=ID"
                .to_owned(),
            1,
        ),
    ];
    assert_eq!(shapes, BTreeMap::from(expected));
}

#[test]
fn nothing_that_a_stranger_types_gets_into_the_log() {
    let server = Server::misused();
    let log = server.0.text();
    assert!(!log.contains(FORGED), "{log}");
    assert!(!log.contains("example.org"), "{log}");
    assert!(!log.contains('\u{1b}'), "colours in a file");
}

/// What `Fail2Ban` would count or ban, line by line.
fn found_by_fail2ban(log: &Path, mode: &str) -> Vec<String> {
    let filter = Path::new(env!("CARGO_MANIFEST_DIR")).join("packaging/fail2ban/librechat-auth.conf");
    let found = Command::new("fail2ban-regex")
        .args(["--out", "ip"])
        .arg(log)
        .arg(format!("{}[mode={mode}]", filter.display()))
        .output()
        .expect("fail2ban-regex runs");
    assert!(found.stderr.is_empty(), "{}", String::from_utf8_lossy(&found.stderr));
    let text = String::from_utf8(found.stdout).expect("UTF-8");
    text.lines().map(str::to_owned).collect()
}

fn count(found: &[String], address: &str) -> usize {
    found.iter().filter(|one| *one == address).count()
}

#[test]
#[ignore = "needs fail2ban: run make test"]
fn fail2ban_counts_every_refused_login_and_finds_every_ban() {
    let server = Server::misused();
    let from_file = server.0.log.clone();
    let from_journal = server.0.log.with_extension("journal");
    // As `Fail2Ban` puts together what it reads from the journal: host, program, message.
    let entries: Vec<_> = server
        .lines()
        .iter()
        .map(|line| format!("login librechat-auth[77]: {line}\n"))
        .collect();
    std::fs::write(&from_journal, entries.concat()).expect("written");
    for log in [from_file, from_journal] {
        let counted = found_by_fail2ban(&log, "normal");
        assert_eq!(count(&counted, MALLORY), LOGINS + TOO_MANY, "{}", log.display());
        assert_eq!(count(&counted, HOUSEHOLD), LOGINS + TOO_MANY, "{}", log.display());
        assert_eq!(count(&counted, FORGED), 0);
        let banned = found_by_fail2ban(&log, "bans");
        assert_eq!(banned, [MALLORY, "2001:db8:1:2::/64"], "{}", log.display());
    }
}
