//! The echo answers numbers that were made here, once, and nobody else.

use librechat_auth::domain::secret::Token;

use crate::support::{Site, minutes};

fn ask(site: &Site, number: &Token) -> crate::support::Answer {
    site.client()
        .get(&format!("/api/doctor/echo?nonce={}", number.reveal()))
}

fn number(site: &Site) -> Token {
    site.run(site.app.new_echo_numbers(1)).expect("made").remove(0)
}

#[test]
fn each_number_is_answered_once_within_five_minutes() {
    let site = Site::start();
    let good = number(&site);
    let answer = ask(&site, &good);
    assert_eq!(answer.status, 200);
    assert!(answer.json()["said"].as_str().expect("text").contains("127.0.0.1"));
    assert_eq!(ask(&site, &good).status, 404);
    let late = number(&site);
    site.clock.advance(minutes(5));
    assert_eq!(ask(&site, &late).status, 404);
}

#[test]
fn to_strangers_there_is_nothing() {
    let site = Site::start();
    for path in [
        "/api/doctor/echo",
        "/api/doctor/echo?nonce=",
        "/api/doctor/echo?nonce=guess",
        &format!("/api/doctor/echo?nonce={}", Token::new([7; 32]).reveal()),
    ] {
        let answer = site.client().get(path);
        assert_eq!(answer.message(), (404, "Endpoint not found".to_owned()), "{path}");
        assert_eq!(answer.cookies(), [], "{path}");
    }
}

#[test]
fn numbers_that_nobody_used_do_not_pile_up() {
    let site = Site::start();
    site.run(site.app.new_echo_numbers(50)).expect("made");
    site.clock.advance(minutes(6));
    number(&site);
    let path = site.app.config.data_dir.join("librechat-auth.db");
    let database = rusqlite::Connection::open(path).expect("the database");
    let sql = "SELECT count(*) FROM facts WHERE key LIKE 'doctor/%'";
    let kept: i64 = database.query_row(sql, [], |row| row.get(0)).expect("a count");
    assert_eq!(kept, 1);
}
