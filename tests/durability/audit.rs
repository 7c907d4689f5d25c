//! The audit log of a server that is killed while it writes: the chain is whole each time, and leads on from every head that
//! somebody has seen.

use std::fmt::Write as _;
use std::fs;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

use serde_json::{Value, json};

use super::Server;
use crate::cli::kit::Home;

const ROUNDS: u64 = 16;
const CLIENTS: usize = 6;

/// Changes one account again and again, until the server is gone: three lines of the log in each transaction.
fn work(address: &str, key: &str, name: &str, answered: impl Fn()) {
    for turn in 0.. {
        let body = json!({ "name": format!("{name} {turn}"), "groups": [format!("{name}.{turn}")] });
        let answer = ureq::patch(address).header("x-api-key", key).send_json(&body);
        if answer.is_err() {
            return;
        }
        answered();
    }
}

/// What the log says of itself, compared with every head that was kept.
fn verified(home: &Home, heads: &str) -> Value {
    let file = home.dir.path().join("heads");
    fs::write(&file, heads).expect("written");
    let told = home.json(&["audit", "verify", "--head", &file.display().to_string()]);
    assert_eq!(told["whole"], true, "{told}");
    assert_eq!(told["heads_compared"], heads.lines().count(), "{told}");
    told
}

#[test]
fn a_server_that_is_killed_while_it_writes_leaves_the_audit_log_whole() {
    let home = Home::new();
    home.create("root", &["--role", "ADMIN"]);
    let made = home.run(&[
        "api-keys",
        "create",
        "root@example.org",
        "nas",
        "--scope",
        "admin_write",
    ]);
    let key = made.done().lines().last().expect("a key");
    let people: Vec<String> = (0..CLIENTS)
        .map(|number| home.create(&format!("person{number}"), &[]))
        .collect();
    let mut heads = home.run(&["audit", "head"]).done().to_owned();
    let mut rows = verified(&home, &heads)["rows"].as_u64().expect("a number");
    for round in 0..ROUNDS {
        let server = Server::start(&home.data());
        let url = server.url.clone();
        let (server, count) = (Mutex::new(Some(server)), AtomicU64::new(0));
        // Another number of answers each round, so that the kill falls between other steps; somebody keeps the head before.
        let target = 2 + round * 7 % 23;
        let seen = Mutex::new(String::new());
        let answered = || {
            let reached = count.fetch_add(1, Ordering::SeqCst) + 1;
            if reached == target / 2 {
                let head = home.run(&["audit", "head"]);
                seen.lock().expect("not poisoned").push_str(head.done());
            }
            if reached == target {
                server.lock().expect("not poisoned").take().expect("killed once").kill();
            }
        };
        std::thread::scope(|scope| {
            for person in &people {
                let (answered, address) = (&answered, format!("{url}/api/admin/users/{person}"));
                scope.spawn(move || work(&address, key, &format!("round{round}"), answered));
            }
        });
        assert!(
            server.lock().expect("not poisoned").is_none(),
            "round {round}: every answer was a refusal"
        );
        heads.push_str(&seen.into_inner().expect("not poisoned"));
        let now = verified(&home, &heads)["rows"].as_u64().expect("a number");
        let least = rows + 2 * count.load(Ordering::SeqCst);
        assert!(now >= least, "round {round}: {now} rows, and {least} were acknowledged");
        rows = now;
        heads.write_str(home.run(&["audit", "head"]).done()).expect("text");
    }
}
