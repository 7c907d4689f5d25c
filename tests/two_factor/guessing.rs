//! How far somebody gets who knows the password and tries codes.

use librechat_auth::config::Limit;
use serde_json::json;

use super::kit::{Enrolled, enrolled, first_step, second_step, settings};
use crate::support::{Answer, Client, Person, Site, minutes};

/// The limit of the defaults on failures per account, one proxy in front, and no limit by address.
fn site() -> Site {
    Site::with(|config| {
        config.server.trust_proxy = 1;
        config.limits.account = Limit {
            max: Some(20),
            window_minutes: 15.0,
        };
    })
}

/// A login from the address with this number, both steps.
fn log_in_from(client: &Client, address: usize, field: &str, answer: &str) -> Answer {
    answer_from(client, address, &first_step(client, "ada"), field, answer)
}

/// The second step alone.
fn answer_from(client: &Client, address: usize, ticket: &str, field: &str, answer: &str) -> Answer {
    let body = json!({ "tempToken": ticket, field: answer });
    let request = client.request("POST", "/api/auth/2fa/verify-temp").json(&body);
    let address = format!("198.51.{}.{}", address / 250, address % 250 + 1);
    request.header("x-forwarded-for", &address).send()
}

/// Strangers use up what may be tried.
fn exhaust(site: &Site, ada: &Enrolled) {
    let wrong = ada.authenticator.wrong(site);
    for address in 0..10 {
        assert_eq!(log_in_from(&site.client(), address, "token", &wrong).status, 401);
    }
}

#[test]
fn of_a_thousand_codes_over_tickets_addresses_and_logins_ten_are_looked_at() {
    let site = site();
    let ada = enrolled(&site, "ada");
    let wrong = ada.authenticator.wrong(&site);
    let mut statuses = Vec::new();
    for login in 0..20 {
        let client = site.client();
        let ticket = first_step(&client, "ada");
        for guess in 0..50 {
            let (field, answer) = if guess % 2 == 0 {
                ("token", wrong.as_str())
            } else {
                ("backupCode", "00000000")
            };
            statuses.push(answer_from(&client, login * 50 + guess, &ticket, field, answer).status);
        }
    }
    let looked_at = statuses.iter().filter(|status| **status == 401).count();
    let refused = statuses.iter().filter(|status| **status == 429).count();
    assert_eq!((looked_at, refused), (10, 990));
    let text = "Too many verification attempts, please try again after 60 minutes.";
    let right = log_in_from(&site.client(), 2000, "token", &ada.authenticator.now(&site));
    assert_eq!(
        right.message(),
        (429, text.to_owned()),
        "the right code is not looked at either"
    );
    let backup = log_in_from(&site.client(), 2001, "backupCode", &ada.codes[0]);
    assert_eq!(backup.status, 429);
}

#[test]
fn the_right_password_and_a_restart_forgive_nothing() {
    let site = site();
    let ada = enrolled(&site, "ada");
    exhaust(&site, &ada);
    let site = site.restarted();
    first_step(&site.client(), "ada");
    let answer = log_in_from(&site.client(), 99, "token", &ada.authenticator.now(&site));
    assert_eq!((answer.status, answer.header("retry-after")), (429, Some("3600")));
    site.clock.advance(minutes(59));
    assert_eq!(site.run(site.app.purge_guesses()).expect("purged"), 0);
    assert_eq!(
        log_in_from(&site.client(), 99, "token", &ada.authenticator.now(&site)).status,
        429
    );
    site.clock.advance(minutes(1));
    assert_eq!(
        log_in_from(&site.client(), 99, "token", &ada.authenticator.now(&site)).status,
        200
    );
}

#[test]
fn a_parallel_flood_gets_no_further_than_one_after_another() {
    let site = site();
    let ada = enrolled(&site, "ada");
    let wrong = ada.authenticator.wrong(&site);
    let tickets: Vec<String> = (0..40).map(|_| first_step(&site.client(), "ada")).collect();
    let statuses: Vec<u16> = std::thread::scope(|scope| {
        let all: Vec<_> = tickets
            .iter()
            .map(|ticket| scope.spawn(|| second_step(&site.client(), ticket, "token", &wrong).status))
            .collect();
        all.into_iter().map(|one| one.join().expect("an answer")).collect()
    });
    let looked_at = statuses.iter().filter(|status| **status == 401).count();
    assert_eq!(looked_at, 10, "{statuses:?}");
}

#[test]
fn whoever_knows_the_password_cannot_lock_the_owner_out_of_a_known_device() {
    let site = site();
    let ada = enrolled(&site, "ada");
    let home = ada.person.client.copy();
    exhaust(&site, &ada);
    assert_eq!(
        log_in_from(&site.client(), 50, "token", &ada.authenticator.now(&site)).status,
        429
    );
    let answer = log_in_from(&home, 51, "token", &ada.authenticator.now(&site));
    assert_eq!(answer.status, 200, "{answer:?}");
}

#[test]
fn librechats_limit_by_account_counts_a_known_device_apart() {
    let site = Site::with(|config| {
        config.server.trust_proxy = 1;
        config.limits.two_factor = Limit {
            max: Some(7),
            window_minutes: 5.0,
        };
    });
    let ada = enrolled(&site, "ada");
    let home = ada.person.client.copy();
    let wrong = ada.authenticator.wrong(&site);
    for address in 0..7 {
        assert_eq!(log_in_from(&site.client(), address, "token", &wrong).status, 401);
    }
    let code = ada.authenticator.now(&site);
    assert_eq!(log_in_from(&site.client(), 50, "token", &code).status, 429);
    assert_eq!(log_in_from(&home, 51, "token", &code).status, 200);
}

#[test]
fn a_known_device_has_five_tries_of_its_own() {
    let site = site();
    let ada = enrolled(&site, "ada");
    let home = ada.person.client.copy();
    exhaust(&site, &ada);
    let wrong = ada.authenticator.wrong(&site);
    for _ in 0..5 {
        assert_eq!(log_in_from(&home, 51, "token", &wrong).status, 401);
    }
    assert_eq!(
        log_in_from(&home, 51, "token", &ada.authenticator.now(&site)).status,
        429
    );
}

#[test]
fn a_stolen_session_has_five_tries_over_all_routes_and_locks_nobody_out() {
    let site = site();
    let ada = enrolled(&site, "ada");
    let wrong = json!({ "token": ada.authenticator.wrong(&site) });
    let delete = |body| {
        let request = ada.person.client.request("DELETE", "/api/user/delete");
        request.bearer(&ada.person.token).json(body).send()
    };
    for path in ["enable", "disable", "backup/regenerate"] {
        assert_eq!(settings(&ada.person, path, &wrong).status, 401, "{path}");
    }
    assert_eq!(settings(&ada.person, "verify", &wrong).status, 400);
    assert_eq!(delete(&wrong).status, 401);
    let right = json!({ "token": ada.authenticator.now(&site) });
    for path in ["enable", "verify", "disable", "backup/regenerate"] {
        let answer = settings(&ada.person, path, &right);
        assert_eq!(answer.json()["code"], "TWO_FACTOR_RATE_LIMITED", "{path}");
    }
    assert_eq!(delete(&right).status, 429);
    assert_eq!(
        log_in_from(&site.client(), 1, "token", &ada.authenticator.now(&site)).status,
        200
    );
}

#[test]
fn failures_of_one_account_are_not_anothers() {
    let site = site();
    let ada = enrolled(&site, "ada");
    exhaust(&site, &ada);
    Person::register(&site, "bob");
    let bob = enrolled_now(&site);
    let client = site.client();
    let answer = second_step(
        &client,
        &first_step(&client, "bob"),
        "token",
        &bob.authenticator.now(&site),
    );
    assert_eq!(answer.status, 200);
}

fn enrolled_now(site: &Site) -> Enrolled {
    super::kit::enrol(site, Person::log_in(site, "bob"))
}

#[test]
fn every_answer_says_what_is_left_to_try() {
    let site = site();
    let ada = enrolled(&site, "ada");
    let wrong = ada.authenticator.wrong(&site);
    for left in ["9", "8", "7"] {
        let answer = log_in_from(&site.client(), 1, "token", &wrong);
        assert_eq!(answer.header("x-ratelimit-limit"), Some("10"));
        assert_eq!(answer.header("x-ratelimit-remaining"), Some(left));
    }
}
