//! What may be guessed on one account, whoever guesses and from wherever.

use std::thread;

use librechat_auth::config::Limit;
use serde_json::json;

use super::{MAX, exhaust, knock, log_in_from, minutes, said, site};
use crate::support::{Answer, PASSWORD, Person, START, Site};

const SPELLINGS: [&str; 6] = [
    "ada@example.org",
    "ADA@Example.ORG",
    "a.d.a@example.org",
    "ada+news@example.org",
    "A.da+1@example.org",
    "Ada+x+y@EXAMPLE.org",
];

/// All but what differs for each answer.
fn shown(answer: &Answer) -> (u16, Vec<(String, String)>, String) {
    let headers = answer
        .headers
        .iter()
        .filter(|(name, _)| !["date", "x-reference", "x-request-id"].contains(&name.as_str()));
    let mut headers: Vec<_> = headers
        .map(|(name, value)| (name.to_string(), value.to_str().expect("ASCII").to_owned()))
        .collect();
    headers.sort();
    (answer.status, headers, answer.text().to_owned())
}

#[test]
fn guessing_from_fifty_addresses_stops_at_the_limit_of_the_account() {
    let site = Site::with(|config| {
        config.server.trust_proxy = 1;
        config.limits.login = Limit {
            max: Some(7),
            window_minutes: 5.0,
        };
        config.limits.account = Limit {
            max: Some(MAX),
            window_minutes: 15.0,
        };
    });
    site.create("ada", librechat_auth::domain::account::Role::User);
    let guess = |address| log_in_from(&site.client(), address, "ada@example.org", "a wrong password").status;
    let statuses: Vec<u16> = (0..50).map(guess).collect();
    assert!(statuses[..20].iter().all(|status| *status == 400), "{statuses:?}");
    assert!(statuses[20..].iter().all(|status| *status == 429), "{statuses:?}");
    assert_eq!(knock(&site, "ada").status, 429);
}

#[test]
fn the_refusal_has_librechats_text_and_says_when_to_come_back() {
    let site = site();
    Person::register(&site, "ada");
    exhaust(&site, "ada");
    site.clock.advance(minutes(5));
    let answer = knock(&site, "ada");
    let text = "Too many login attempts, please try again after 15 minutes.";
    assert_eq!(answer.message(), (429, text.to_owned()));
    assert_eq!(said(&answer), [Some("20"), Some("0"), Some("600")]);
    let end = START.after(minutes(15)).seconds().to_string();
    assert_eq!(answer.header("x-ratelimit-reset"), Some(end.as_str()));
    assert_eq!(answer.cookies(), []);
}

#[test]
fn the_window_ends_on_time_and_refused_attempts_do_not_extend_it() {
    let site = site();
    Person::register(&site, "ada");
    exhaust(&site, "ada");
    for _ in 0..3 {
        site.clock.advance(minutes(4));
        assert_eq!(knock(&site, "ada").status, 429);
    }
    site.clock.advance(minutes(3));
    assert_eq!(knock(&site, "ada").status, 200);
}

#[test]
fn all_spellings_of_an_account_share_one_count() {
    let site = site();
    Person::register(&site, "ada");
    for (address, spelling) in (0..MAX).zip(SPELLINGS.iter().cycle()) {
        let answer = log_in_from(&site.client(), address, spelling, "a wrong password");
        assert_eq!(answer.status, 400, "{spelling}");
    }
    for spelling in SPELLINGS {
        assert_eq!(
            log_in_from(&site.client(), 99, spelling, PASSWORD).status,
            429,
            "{spelling}"
        );
    }
    Person::register(&site, "adam");
    assert_eq!(knock(&site, "adam").status, 200);
}

#[test]
fn the_count_does_not_tell_whether_the_account_exists() {
    let site = site();
    Person::register(&site, "ada");
    let attempts = ["", "+x", "+y"].iter().cycle().take(30);
    for (address, tag) in (0..).zip(attempts) {
        let of = |name: &str| {
            let email = format!("{name}{tag}@example.org");
            shown(&log_in_from(&site.client(), address, &email, "a wrong password"))
        };
        assert_eq!(of("ada"), of("eve"), "attempt {address}");
    }
}

#[test]
fn a_right_password_neither_counts_nor_forgives() {
    let site = site();
    Person::register(&site, "ada");
    let try_with = |password| log_in_from(&site.client(), 1, "ada@example.org", password);
    for _ in 0..MAX - 1 {
        assert_eq!(try_with("a wrong password").status, 400);
        assert_eq!(try_with(PASSWORD).status, 200);
    }
    assert_eq!(said(&try_with(PASSWORD)), [Some("20"), Some("1"), None]);
    assert_eq!(said(&try_with("a wrong password")), [Some("20"), Some("0"), None]);
    assert_eq!(try_with(PASSWORD).status, 429);
}

#[test]
fn the_page_and_the_api_share_one_count() {
    let site = site();
    Person::register(&site, "ada");
    let fields = [("email", "ada@example.org"), ("password", "a wrong password")];
    for _ in 0..MAX / 2 {
        assert_eq!(site.client().submit("/login", "/login", &fields).status, 400);
        let answer = log_in_from(&site.client(), 1, "ada@example.org", "a wrong password");
        assert_eq!(answer.status, 400);
    }
    let right = [("email", "ada@example.org"), ("password", PASSWORD)];
    let page = site.client().submit("/login", "/login", &right);
    assert_eq!(page.status, 429);
    assert_eq!(said(&page), [Some("20"), Some("0"), Some("900")]);
    assert!(page.says("15 minutes"), "{}", page.text());
    assert_eq!(knock(&site, "ada").status, 429);
}

#[test]
fn a_restart_forgives_nobody() {
    let site = site();
    Person::register(&site, "ada");
    exhaust(&site, "ada");
    site.clock.advance(minutes(10));
    let site = site.restarted();
    let answer = knock(&site, "ada");
    assert_eq!(answer.status, 429);
    assert_eq!(said(&answer), [Some("20"), Some("0"), Some("300")]);
    site.clock.advance(minutes(5));
    assert_eq!(knock(&site, "ada").status, 200);
}

#[test]
fn parallel_guesses_get_no_more_than_the_limit() {
    let site = site();
    Person::register(&site, "ada");
    let guess = |address| log_in_from(&site.client(), address, "ada@example.org", "a wrong password").status;
    let (wrong, statuses) = thread::scope(|scope| {
        let threads: Vec<_> = (0..6)
            .map(|address| scope.spawn(move || [(); 8].map(|()| guess(address))))
            .collect();
        let statuses: Vec<u16> = threads.into_iter().flat_map(|thread| thread.join().unwrap()).collect();
        (statuses.iter().filter(|status| **status == 400).count(), statuses)
    });
    assert!(wrong <= MAX as usize, "{statuses:?}");
    let known = [400, 429, 503];
    assert!(statuses.iter().all(|status| known.contains(status)), "{statuses:?}");
    // Whoever had to wait for the others gets what they left.
    let more = (0..2 * MAX).take_while(|_| guess(9) == 400).count();
    assert_eq!(wrong + more, MAX as usize);
}

#[test]
fn the_answer_speaks_of_the_stricter_limit() {
    let site = Site::with(|config| {
        config.server.trust_proxy = 1;
        config.limits.login = Limit {
            max: Some(3),
            window_minutes: 5.0,
        };
        config.limits.account = Limit {
            max: Some(4),
            window_minutes: 15.0,
        };
    });
    Person::register(&site, "ada");
    let guess = |address| log_in_from(&site.client(), address, "ada@example.org", "a wrong password");
    assert_eq!(said(&guess(1)), [Some("3"), Some("2"), None]);
    assert_eq!(said(&guess(2)), [Some("4"), Some("2"), None]);
    assert_eq!(said(&guess(3)), [Some("4"), Some("1"), None]);
    assert_eq!(said(&guess(1)), [Some("4"), Some("0"), None]);
    assert_eq!(said(&guess(1)), [Some("4"), Some("0"), Some("900")]);
    let exceeded = guess(1);
    assert_eq!(said(&exceeded), [Some("3"), Some("0"), Some("300")]);
    let other = log_in_from(&site.client(), 9, "eve@example.org", PASSWORD);
    assert_eq!(said(&other), [Some("3"), Some("2"), None]);
}

#[test]
fn without_a_limit_nothing_is_counted_and_nothing_said() {
    let site = Site::start();
    Person::register(&site, "ada");
    for _ in 0..30 {
        let answer = log_in_from(&site.client(), 1, "ada@example.org", "a wrong password");
        assert_eq!((answer.status, said(&answer)), (400, [None; 3]));
    }
    site.clock.advance(minutes(60));
    assert_eq!(site.run(site.app.purge_guesses()).unwrap(), 0);
}

#[test]
fn what_is_over_is_forgotten_and_what_counts_is_kept() {
    let site = site();
    exhaust(&site, "ada");
    exhaust(&site, "bob");
    site.clock.advance(minutes(50));
    exhaust(&site, "eve");
    site.clock.advance(minutes(10));
    assert_eq!(site.run(site.app.purge_guesses()).unwrap(), 2);
    assert_eq!(knock(&site, "eve").status, 429);
    site.clock.advance(minutes(50));
    assert_eq!(site.run(site.app.purge_guesses()).unwrap(), 1);
}

#[test]
fn whoever_took_over_a_session_cannot_guess_its_password_for_long() {
    let site = site();
    let ada = site.user("ada");
    let thief = ada.client.copy();
    let delete = |password| thief.submit("/", "/account/delete", &[("password", password)]);
    for _ in 0..5 {
        assert_eq!(delete("a wrong password").status, 400);
    }
    let answer = delete(PASSWORD);
    assert_eq!((answer.status, answer.header("retry-after")), (429, Some("900")));
    assert!(site.account("ada").is_some());
    let change = [
        ("current_password", PASSWORD),
        ("password", "nine silver spoons"),
        ("confirm_password", "nine silver spoons"),
    ];
    assert_eq!(thief.submit("/", "/account/password", &change).status, 429);
    assert_eq!(knock(&site, "ada").status, 200);
    site.clock.advance(minutes(15));
    assert_eq!(ada.client.submit("/", "/account/password", &change).status, 303);
}

#[test]
fn a_body_that_cannot_be_a_login_is_no_guess() {
    let site = site();
    Person::register(&site, "ada");
    for body in [
        json!({ "email": "ada@example.org" }),
        json!({ "email": "ada@example.org", "password": "x".repeat(200) }),
        json!({ "email": "ada@example.org", "password": " " }),
    ] {
        let answer = site.client().post("/api/auth/login", &body);
        assert_eq!((answer.status, said(&answer)), (400, [None; 3]), "{body}");
    }
}
