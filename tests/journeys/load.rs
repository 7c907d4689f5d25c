//! More than the server can do: it says so, stays alive, and works again afterwards.

use std::io::Write as _;
use std::net::TcpStream;
use std::thread;

use serde_json::json;

use crate::support::{Answer, Person, Site, credentials};

fn at_once(site: &Site, count: usize, body: &str) -> Vec<Answer> {
    thread::scope(|scope| {
        let all: Vec<_> = (0..count)
            .map(|_| {
                let client = site.client();
                scope.spawn(move || {
                    client
                        .request("POST", "/api/auth/login")
                        .body("application/json", body)
                        .send()
                })
            })
            .collect();
        all.into_iter().map(|one| one.join().unwrap()).collect()
    })
}

/// One hashing thread and room for two more, so that a few logins are a crowd.
fn small() -> Site {
    Site::with(|config| {
        config.password.threads = 1;
        config.password.queue = 2;
    })
}

#[test]
fn too_many_logins_at_once_are_told_to_come_back() {
    let site = small();
    let answers = at_once(&site, 60, &credentials("nobody").to_string());
    let busy: Vec<_> = answers.iter().filter(|answer| answer.status == 503).collect();
    assert!(!busy.is_empty(), "nobody was turned away");
    for answer in &busy {
        let text = "The server is busy, please try again in a moment.";
        assert_eq!(answer.message(), (503, text.to_owned()));
        assert_eq!(answer.header("retry-after"), Some("2"));
    }
    assert!(answers.iter().all(|answer| [400, 503].contains(&answer.status)));
    Person::register(&site, "ada");
    assert_eq!(Person::log_in(&site, "ada").open_doors(), [true, true, true]);
}

#[test]
fn who_is_logged_in_notices_nothing_of_a_crowd() {
    let site = small();
    let ada = site.user("ada");
    thread::scope(|scope| {
        let crowd = scope.spawn(|| at_once(&site, 40, &credentials("nobody").to_string()));
        while !crowd.is_finished() {
            assert_eq!(ada.open_doors(), [true, true, true]);
        }
    });
}

#[test]
fn long_passwords_cost_nothing() {
    let site = small();
    let long = json!({ "email": "ada@example.org", "password": "x".repeat(60_000) }).to_string();
    for answer in at_once(&site, 30, &long) {
        assert_eq!(answer.status, 400, "{}", answer.text());
        assert!(!answer.says("xxxx"));
    }
}

#[test]
fn visitors_who_hang_up_leave_nothing_behind() {
    let site = small();
    let body = credentials("nobody").to_string();
    for cut in [0, body.len()] {
        for _ in 0..20 {
            let mut stream = TcpStream::connect(site.address).unwrap();
            let head = format!(
                "POST /api/auth/login HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n",
                body.len()
            );
            stream.write_all(head.as_bytes()).unwrap();
            stream.write_all(&body.as_bytes()[..cut]).unwrap();
        }
    }
    assert_eq!(site.client().get("/health").status, 200);
    let ada = site.user("ada");
    assert_eq!(ada.open_doors(), [true, true, true]);
}
