//! `sessions`: who is signed in where.

use rusqlite::{Connection, params};

use super::kit::Home;

/// Somebody signs in from there, a moment ago.
fn sign_in(home: &Home, name: &str, id: i64, address: &str) {
    let database = Connection::open(home.database()).expect("the database");
    let sql = "INSERT INTO sessions (id, user_seq, refresh, rotated_at, page, method, user_agent, address, created_at, \
               last_used_at, expires_at) \
               SELECT ?1, seq, zeroblob(32), now, zeroblob(32), 'password', 'curl/8.14.1', ?2, now, now, now + 86400000 \
               FROM users, (SELECT unixepoch() * 1000 AS now) WHERE email = ?3";
    let email = format!("{name}@example.org");
    let added = database.execute(sql, params![id, address, email]).expect("a session");
    assert_eq!(added, 1);
}

fn home() -> Home {
    let home = Home::with_people();
    sign_in(&home, "ada", 1, "203.0.113.7");
    sign_in(&home, "bob", 2, "203.0.113.8");
    sign_in(&home, "bob", 3, "198.51.100.1");
    home
}

#[test]
fn sessions_are_listed_and_filtered() {
    let home = home();
    let ended = home.run(&["sessions", "list", "--user", "ada"]);
    let rows: Vec<Vec<&str>> = ended.done().lines().map(|line| line.split('\t').collect()).collect();
    assert_eq!(rows[0].join(","), "ID,Email,Device,Address,Method,Signed in,Last used");
    assert_eq!(
        rows[1][..5],
        ["1", "ada@example.org", "curl", "203.0.113.7", "password"]
    );
    let count = |flags: &[&str]| {
        let found = home.json(&[&["sessions", "list"], flags].concat());
        found.as_array().expect("an array").len()
    };
    assert_eq!(count(&[]), 3);
    assert_eq!(count(&["--address", "203.0.113.0/24"]), 2);
    assert_eq!(count(&["--device", "curl", "--here", "--way", "password"]), 3);
    assert_eq!(count(&["--used-before", "2020-01-01"]), 0);
    home.run(&["sessions", "list", "--address", "nowhere"])
        .refused(2, "--address");
}

#[test]
fn sessions_end_by_number_by_filter_and_all_and_the_log_knows() {
    let home = home();
    home.run(&["sessions", "end"]).refused(2, "--everybody");
    home.run(&["sessions", "end", "1", "--everybody", "--yes"])
        .refused(2, "one way");
    home.run(&["sessions", "end", "1"]).refused(2, "--yes");
    home.run(&["sessions", "end", "77", "--yes"])
        .refused(1, "no such session");
    assert!(
        home.run(&["sessions", "end", "1", "--yes"])
            .done()
            .contains("1 session ended")
    );
    let told = home.json(&["sessions", "end", "--user", "bob", "--address", "198.51.100.1", "--yes"]);
    assert_eq!(told["ended"], 1);
    assert_eq!(home.json(&["sessions", "end", "--everybody", "--yes"])["ended"], 1);
    assert_eq!(home.json(&["sessions", "list"]).as_array().map(Vec::len), Some(0));
    let log = home.json(&["audit", "list", "--kind", "session_ended"]);
    let log = log.as_array().expect("an array");
    assert!(
        log.len() == 3 && log.iter().all(|line| line["actor"] == "console"),
        "{log:?}"
    );
}
