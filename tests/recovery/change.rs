//! Another e-mail address, confirmed from both mailboxes.

use std::thread;

use librechat_auth::app::audit::Actor;
use librechat_auth::config::Limit;
use serde_json::{Value, json};

use super::{NEW, events, log_in, proved, redeem, reset_letter, site};
use crate::support::{Answer, Letter, PASSWORD, Person, Site, just_under, minutes, with_mail};

const ADDRESS: &str = "ada@new.example";
const CHANGED: &str = "Email address changed successfully";

fn ask_with(person: &Person, body: &Value) -> Answer {
    let request = person.client.request("POST", "/api/user/email/change");
    request.bearer(&person.token).json(body).send()
}

fn ask(person: &Person, new: &str) -> Answer {
    ask_with(person, &json!({ "currentPassword": PASSWORD, "newEmail": new }))
}

/// Status and `code` of a refusal.
fn code(answer: &Answer) -> (u16, String) {
    let body = answer.json();
    assert!(body["message"].as_str().is_some_and(|text| !text.is_empty()), "{body}");
    (
        answer.status,
        body["code"]
            .as_str()
            .unwrap_or_else(|| panic!("no code: {body}"))
            .to_owned(),
    )
}

/// Asks, and reads both letters: that to the new address, that to the old one.
fn both_letters(site: &Site, person: &Person) -> (Letter, Letter) {
    let expected = "Verification link sent to your new email address".to_owned();
    assert_eq!(ask(person, ADDRESS).message(), (200, expected));
    let old = format!("{}@example.org", person.name);
    (site.letter("join_address", ADDRESS), site.letter("leave_address", &old))
}

fn confirm(site: &Site, letter: &Letter) -> Answer {
    let body = json!({
        "email": letter.value("email"),
        "token": letter.value("token"),
        "userId": letter.value("userId"),
    });
    site.client().post("/api/user/email/verify", &body)
}

fn bad() -> (u16, String) {
    (400, "invalid_token".to_owned())
}

fn address_of(site: &Site, person: &Person) -> String {
    let id = person
        .client
        .copy()
        .request("GET", "/api/user")
        .bearer(&person.token)
        .send();
    assert_eq!(id.status, 200, "{id:?}");
    let shown = id.json()["email"].as_str().expect("an address").to_owned();
    assert!(site.run(site.app.find_user(&shown)).expect("a look-up").is_some());
    shown
}

#[test]
fn the_address_changes_when_both_mailboxes_have_said_yes_in_any_order() {
    for new_side_first in [true, false] {
        let site = site();
        let ada = proved(&site, "ada");
        let (join, leave) = both_letters(&site, &ada);
        let (first, second) = if new_side_first {
            (&join, &leave)
        } else {
            (&leave, &join)
        };
        let (status, message) = confirm(&site, first).message();
        assert_eq!(status, 200);
        assert!(message.starts_with("Confirmed. Now open the link"), "{message}");
        assert_eq!(message.contains("old"), new_side_first, "{message}");
        assert_eq!(address_of(&site, &ada), "ada@example.org", "nothing changed yet");
        assert_eq!(confirm(&site, second).message(), (200, CHANGED.to_owned()));
        assert_eq!(address_of(&site, &ada), ADDRESS);
        assert_eq!(log_in(&site, ADDRESS, PASSWORD).status, 200);
        assert_eq!(log_in(&site, "ada@example.org", PASSWORD).status, 400);
    }
}

#[test]
fn the_links_have_librechats_shape_and_name_the_new_address() {
    let site = site();
    let ada = proved(&site, "ada");
    let (join, leave) = both_letters(&site, &ada);
    for letter in [&join, &leave] {
        assert!(
            letter.path().starts_with("/verify?type=email-change&userId="),
            "{}",
            letter.link()
        );
        assert_eq!(letter.value("email"), ADDRESS);
        assert!(!letter.subject.is_empty());
    }
    assert!(
        leave.text.contains(ADDRESS),
        "the old mailbox is told which address: {}",
        leave.text
    );
    assert_ne!(join.value("token"), leave.value("token"));
}

#[test]
fn one_mailbox_is_not_enough() {
    let site = site();
    let ada = proved(&site, "ada");
    let (join, _) = both_letters(&site, &ada);
    assert_eq!(confirm(&site, &join).status, 200);
    assert_eq!(code(&confirm(&site, &join)), bad(), "the same side twice");
    assert_eq!(address_of(&site, &ada), "ada@example.org");
}

#[test]
fn halves_of_different_wishes_make_no_whole() {
    let site = site();
    let ada = proved(&site, "ada");
    let (join, leave) = both_letters(&site, &ada);
    assert_eq!(confirm(&site, &join).status, 200);
    let (_, second_leave) = both_letters(&site, &ada);
    assert_eq!(code(&confirm(&site, &leave)), bad(), "an older link");
    assert_eq!(confirm(&site, &second_leave).status, 200);
    assert_eq!(
        address_of(&site, &ada),
        "ada@example.org",
        "the first yes was for another wish"
    );
}

#[test]
fn both_links_end_after_a_quarter_of_an_hour() {
    let site = site();
    let ada = proved(&site, "ada");
    let (join, leave) = both_letters(&site, &ada);
    site.clock.advance(just_under(minutes(15)));
    assert_eq!(confirm(&site, &join).status, 200);
    site.clock.advance(minutes(1));
    assert_eq!(code(&confirm(&site, &leave)), bad());
    let late = Person::log_in(&site, "ada");
    assert_eq!(address_of(&site, &late), "ada@example.org");
}

#[test]
fn the_other_sessions_end_and_the_old_mailbox_is_told() {
    let site = site();
    let (ada, elsewhere) = (proved(&site, "ada"), Person::log_in(&site, "ada"));
    let (join, leave) = both_letters(&site, &ada);
    confirm(&site, &join);
    assert_eq!(elsewhere.open_doors(), [true, true, true]);
    let elsewhere = Person::log_in(&site, "ada");
    confirm(&site, &leave);
    assert_eq!(ada.open_doors(), [true, true, true], "the session that asked stays");
    assert_eq!(elsewhere.open_doors(), [false, false, false]);
    let told = site.letter("address_changed", "ada");
    assert!(told.text.contains(ADDRESS), "{}", told.text);
    let account = site
        .run(site.app.find_user(ADDRESS))
        .expect("a look-up")
        .expect("there");
    let kinds: Vec<_> = site
        .events_about(&account)
        .iter()
        .map(|event| event.kind.key())
        .collect();
    assert_eq!(kinds[..1], ["email_changed"]);
    assert!(kinds.contains(&"email_change_requested"));
}

#[test]
fn a_reset_link_of_the_old_address_dies_and_a_new_password_ends_a_change() {
    let site = site();
    let ada = proved(&site, "ada");
    let reset = reset_letter(&site, "ada");
    let (join, leave) = both_letters(&site, &ada);
    confirm(&site, &join);
    confirm(&site, &leave);
    assert_eq!(redeem(&site.client(), &reset, NEW).status, 400);
    let bob = proved(&site, "bob");
    let reset = reset_letter(&site, "bob");
    let body = json!({ "currentPassword": PASSWORD, "newEmail": "bob@new.example" });
    assert_eq!(ask_with(&bob, &body).status, 200);
    let (join, leave) = (
        site.letter("join_address", "bob@new.example"),
        site.letter("leave_address", "bob"),
    );
    assert_eq!(confirm(&site, &leave).status, 200);
    assert_eq!(redeem(&site.client(), &reset, NEW).status, 200);
    assert_eq!(code(&confirm(&site, &join)), bad());
    assert_eq!(log_in(&site, "bob@example.org", NEW).status, 200);
}

#[test]
fn every_obstacle_has_librechats_code() {
    let site = site();
    let ada = proved(&site, "ada");
    proved(&site, "eve");
    let asked = |password: &str, new: &str| {
        code(&ask_with(
            &ada,
            &json!({ "currentPassword": password, "newEmail": new }),
        ))
    };
    let is = |status: u16, code: &str| (status, code.to_owned());
    assert_eq!(asked(PASSWORD, "nobody"), is(400, "invalid_request"));
    assert_eq!(code(&ask_with(&ada, &json!({}))), is(400, "invalid_request"));
    assert_eq!(asked(PASSWORD, "ADA@example.org"), is(400, "same_email"));
    assert_eq!(asked("a wrong password", ADDRESS), is(403, "current_password_invalid"));
    assert_eq!(asked(PASSWORD, "eve@example.org"), is(409, "email_in_use"));
    assert!(site.letters().is_empty());
    let key = ada.account(&site).key.number();
    site.sql(&format!("UPDATE users SET password = NULL WHERE seq = {key}"));
    site.clock.advance(minutes(10));
    assert_eq!(asked(PASSWORD, ADDRESS), is(403, "local_account_required"));
    for (change, expected) in [
        (false, is(503, "email_service_unavailable")),
        (true, is(403, "email_change_disabled")),
    ] {
        let site = Site::with(|config| config.accounts.email_change = !change);
        let ada = proved(&site, "ada");
        assert_eq!(code(&ask(&ada, ADDRESS)), expected);
    }
    let site = Site::with(|config| {
        with_mail(config);
        config.accounts.allowed_domains = vec!["example.org".to_owned()];
    });
    assert_eq!(
        code(&ask(&proved(&site, "ada"), ADDRESS)),
        is(403, "email_domain_not_allowed")
    );
}

#[test]
fn an_address_that_was_taken_in_the_meantime_stays_its_owners() {
    let site = site();
    let ada = proved(&site, "ada");
    let (join, leave) = both_letters(&site, &ada);
    confirm(&site, &join);
    let eve = proved(&site, "eve").account(&site);
    site.run(site.app.set_email(&eve, ADDRESS, &Actor::Console))
        .expect("changed");
    assert_eq!(code(&confirm(&site, &leave)), (409, "email_in_use".to_owned()));
    assert_eq!(address_of(&site, &ada), "ada@example.org");
}

#[test]
fn links_are_bound_to_account_and_address() {
    let site = site();
    let ada = proved(&site, "ada");
    let eve = proved(&site, "eve").account(&site);
    let (join, _) = both_letters(&site, &ada);
    let (token, user) = (join.value("token"), join.value("userId"));
    for (email, token, user) in [
        ("ada@example.org", token.as_str(), user.as_str()),
        ("eve@new.example", &token, &user),
        (ADDRESS, &token, &eve.id.to_string()),
        (ADDRESS, "", &user),
        (ADDRESS, &token.to_lowercase(), &user),
        ("", &token, &user),
    ] {
        let body = json!({ "email": email, "token": token, "userId": user });
        let answer = site.client().post("/api/user/email/verify", &body);
        assert_eq!(code(&answer), bad(), "{body}");
    }
    assert_eq!(code(&site.client().post("/api/user/email/verify", &json!({}))), bad());
    assert_eq!(confirm(&site, &join).status, 200, "no attempt used it up");
}

#[test]
fn fifty_at_once_confirm_once() {
    let site = site();
    let ada = proved(&site, "ada");
    let (join, leave) = both_letters(&site, &ada);
    let statuses: Vec<Vec<u16>> = [&join, &leave]
        .map(|letter| {
            thread::scope(|scope| {
                let all: Vec<_> = (0..50).map(|_| scope.spawn(|| confirm(&site, letter).status)).collect();
                all.into_iter().map(|one| one.join().expect("answered")).collect()
            })
        })
        .into();
    for statuses in statuses {
        assert_eq!(
            statuses.iter().filter(|status| **status == 200).count(),
            1,
            "{statuses:?}"
        );
    }
    assert_eq!(address_of(&site, &ada), ADDRESS);
    let told = site
        .letters()
        .into_iter()
        .filter(|letter| letter.kind == "address_changed");
    assert_eq!(told.count(), 1);
}

#[test]
fn wishes_are_limited_by_account() {
    let site = Site::with(|config| {
        with_mail(config);
        config.limits.email_change = Limit {
            max: Some(3),
            window_minutes: 2.0,
        };
    });
    let (ada, eve) = (proved(&site, "ada"), proved(&site, "eve"));
    for left in ["2", "1", "0"] {
        let answer = ask(&ada, "nobody");
        assert_eq!(
            (answer.status, answer.header("x-ratelimit-remaining")),
            (400, Some(left))
        );
    }
    let answer = ask(&ada, ADDRESS);
    assert_eq!((answer.status, answer.header("retry-after")), (429, Some("120")));
    assert_eq!(ask(&eve, "eve@new.example").status, 200);
}

#[test]
fn a_password_behind_an_open_session_cannot_be_guessed_this_way() {
    let site = Site::with(|config| {
        with_mail(config);
        config.limits.account.max = Some(20);
    });
    let ada = proved(&site, "ada");
    let guess = || {
        ask_with(
            &ada,
            &json!({ "currentPassword": "a wrong password", "newEmail": ADDRESS }),
        )
        .status
    };
    let statuses: Vec<u16> = (0..6).map(|_| guess()).collect();
    assert_eq!(statuses, [403, 403, 403, 403, 403, 429]);
}

#[test]
fn strangers_ask_for_nothing() {
    let site = site();
    proved(&site, "ada");
    let body = json!({ "currentPassword": PASSWORD, "newEmail": ADDRESS });
    let answer = site.client().post("/api/user/email/change", &body);
    assert_eq!(answer.message(), (401, "No auth token".to_owned()));
}

#[test]
fn an_admin_decides_where_a_mailbox_is_lost() {
    for site in [site(), Site::start()] {
        let ada = proved(&site, "ada");
        let account = ada.account(&site);
        site.run(site.app.set_email(&account, "Ada@New.example", &Actor::Console))
            .expect("changed");
        assert_eq!(ada.open_doors(), [false, false, false]);
        assert_eq!(log_in(&site, ADDRESS, PASSWORD).status, 200);
        let account = site
            .run(site.app.find_user(ADDRESS))
            .expect("a look-up")
            .expect("there");
        assert!(account.email_verified);
        let last = site
            .events_about(&account)
            .into_iter()
            .find(|event| event.kind.key() == "email_changed");
        assert_eq!(last.expect("written down").actor, "console");
        let told = site.letters_of("address_changed").len();
        assert_eq!(told, usize::from(site.app.mail_is_configured()));
    }
}

#[test]
fn asking_is_written_down() {
    let site = site();
    let ada = proved(&site, "ada");
    both_letters(&site, &ada);
    assert_eq!(events(&site, "ada")[0].0, "email_change_requested");
}
