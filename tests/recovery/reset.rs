//! A forgotten password.

use std::thread;

use librechat_auth::app::audit::Actor;
use librechat_auth::app::reset_password::LONGEST_LINK;
use librechat_auth::config::Limit;
use serde_json::{Value, json};

use super::{NEW, ask_reset, doors, events, log_in, opens, proved, redeem, reset_letter, site};
use crate::support::{Answer, Letter, PASSWORD, Person, Site, just_under, minutes, with_mail};

const SENT: &str = "If an account with that email exists, a password reset link has been sent to it.";
const BAD: &str = "Invalid or expired password reset token";

fn refused() -> (u16, String) {
    (400, BAD.to_owned())
}

/// A link that an admin makes, as a letter that holds it.
fn console_link(site: &Site, name: &str) -> Letter {
    let account = site.account(name).expect("there");
    let path = site.run(site.app.make_reset_link(&account, minutes(15), &Actor::Console));
    Letter {
        kind: "console".to_owned(),
        to: account.email.to_string(),
        subject: String::new(),
        text: site.app.link(&path.expect("a link")),
        html: String::new(),
    }
}

#[test]
fn a_link_sets_a_new_password_and_nothing_else_opens() {
    let site = site();
    proved(&site, "ada");
    assert_eq!(
        ask_reset(&site.client(), "ada@example.org").message(),
        (200, SENT.to_owned())
    );
    let letter = site.letter("reset_password", "ada");
    let answer = redeem(&site.client(), &letter, NEW);
    assert_eq!(answer.message(), (200, "Password reset was successful".to_owned()));
    assert_eq!(answer.cookies(), [], "nobody is logged in");
    assert_eq!(doors(&site, "ada"), (false, true));
}

#[test]
fn the_link_has_librechats_shape() {
    let site = site();
    let ada = proved(&site, "ada").account(&site);
    let letter = reset_letter(&site, "ada");
    let start = format!("http://localhost:{}/reset-password?token=", site.address.port());
    assert!(letter.link().starts_with(&start), "{}", letter.link());
    assert!(
        letter.link().ends_with(&format!("&userId={}", ada.id)),
        "{}",
        letter.link()
    );
}

#[test]
fn the_answer_never_has_the_link_in_it() {
    let with_mail = site();
    let without = Site::with(|config| config.accounts.password_reset = true);
    for site in [&with_mail, &without] {
        proved(site, "ada");
        let answer = ask_reset(&site.client(), "ada@example.org");
        assert!(!answer.says("token") && !answer.says("reset-password"), "{answer:?}");
    }
    assert_eq!(ask_reset(&without.client(), "ada@example.org").status, 403);
}

#[test]
fn every_session_and_token_ends_with_the_old_password() {
    let site = site();
    let (one, two, eve) = (proved(&site, "ada"), Person::log_in(&site, "ada"), proved(&site, "eve"));
    let letter = reset_letter(&site, "ada");
    assert_eq!(one.open_doors(), [true, true, true], "asking ends nothing");
    assert_eq!(redeem(&site.client(), &letter, NEW).status, 200);
    assert_eq!(one.open_doors(), [false, false, false]);
    assert_eq!(two.open_doors(), [false, false, false]);
    assert_eq!(eve.open_doors(), [true, true, true], "nobody else's do");
}

#[test]
fn a_link_works_once_and_for_a_quarter_of_an_hour() {
    let site = site();
    proved(&site, "ada");
    let letter = reset_letter(&site, "ada");
    site.clock.advance(just_under(minutes(15)));
    assert_eq!(redeem(&site.client(), &letter, NEW).status, 200);
    assert_eq!(
        redeem(&site.client(), &letter, "another fine secret").message(),
        refused()
    );
    let late = reset_letter(&site, "ada");
    site.clock.advance(minutes(15));
    assert_eq!(
        redeem(&site.client(), &late, "another fine secret").message(),
        refused()
    );
    assert_eq!(doors(&site, "ada"), (false, true));
}

#[test]
fn only_the_newest_link_works() {
    let site = site();
    proved(&site, "ada");
    let (first, second) = (reset_letter(&site, "ada"), reset_letter(&site, "ada"));
    assert_eq!(redeem(&site.client(), &first, NEW).message(), refused());
    assert_eq!(redeem(&site.client(), &second, NEW).status, 200);
}

#[test]
fn fifty_at_once_set_one_password() {
    let site = site();
    proved(&site, "ada");
    let letter = reset_letter(&site, "ada");
    let passwords: Vec<String> = (0..50).map(|number| format!("{number} wooden ladders")).collect();
    let statuses: Vec<u16> = thread::scope(|scope| {
        let (site, letter) = (&site, &letter);
        let all: Vec<_> = passwords
            .iter()
            .map(|password| scope.spawn(move || redeem(&site.client(), letter, password).status))
            .collect();
        all.into_iter().map(|one| one.join().expect("answered")).collect()
    });
    assert!(
        statuses.iter().all(|status| [200, 400, 503].contains(status)),
        "{statuses:?}"
    );
    let winners: Vec<_> = statuses
        .iter()
        .zip(&passwords)
        .filter(|(status, _)| **status == 200)
        .collect();
    assert_eq!(winners.len(), 1, "{statuses:?}");
    assert!(opens(&site, "ada", winners[0].1));
    let resets = events(&site, "ada").into_iter();
    assert_eq!(resets.filter(|(kind, _)| *kind == "password_reset").count(), 1);
}

#[test]
fn a_link_is_bound_to_its_account() {
    let site = site();
    let (ada, bob) = (proved(&site, "ada").account(&site), proved(&site, "bob").account(&site));
    let letter = reset_letter(&site, "ada");
    let (token, user) = (letter.value("token"), ada.id.to_string());
    let bodies: Vec<Value> = vec![
        json!({ "userId": bob.id.to_string(), "token": token }),
        json!({ "userId": "000000000000000000000000", "token": token }),
        json!({ "userId": "ada@example.org", "token": token }),
        json!({ "userId": "", "token": token }),
        json!({ "token": token }),
        json!({ "userId": user, "token": token.to_lowercase() }),
        json!({ "userId": user, "token": format!("{token}A") }),
        json!({ "userId": user, "token": "" }),
        json!({ "userId": user, "token": [token] }),
        json!({ "userId": user }),
        json!({}),
    ];
    for mut body in bodies {
        body["password"] = json!(NEW);
        let answer = site.client().post("/api/auth/resetPassword", &body);
        assert_eq!(answer.message(), refused(), "{body}");
    }
    assert_eq!(doors(&site, "ada"), (true, false));
    assert_eq!(doors(&site, "bob"), (true, false));
    assert_eq!(
        redeem(&site.client(), &letter, NEW).status,
        200,
        "no attempt used it up"
    );
}

#[test]
fn tokens_of_other_kinds_are_no_links_and_links_are_no_tokens() {
    let site = site();
    let ada = proved(&site, "ada");
    let letter = reset_letter(&site, "ada");
    let id = ada.account(&site).id.to_string();
    for token in [
        ada.token.as_str(),
        &ada.refresh_token(),
        &ada.client.cookie("librechat_auth").expect("a page key"),
    ] {
        let body = json!({ "userId": id, "token": token, "password": NEW });
        assert_eq!(
            site.client().post("/api/auth/resetPassword", &body).message(),
            refused()
        );
    }
    let token = letter.value("token");
    assert_eq!(
        site.client().request("GET", "/api/user").bearer(&token).send().status,
        401
    );
    assert_eq!(site.thief(&token).post("/api/auth/refresh", &json!({})).status, 403);
    let verified = site.client().post(
        "/api/user/verify",
        &json!({ "email": "ada@example.org", "token": token }),
    );
    assert_eq!(verified.status, 400);
    let body = json!({ "email": "ada@example.com", "token": token, "userId": id });
    assert_eq!(site.client().post("/api/user/email/verify", &body).status, 400);
    assert_eq!(site.client().get(&format!("/setup?token={token}")).status, 403);
    assert_eq!(redeem(&site.client(), &letter, NEW).status, 200);
}

#[test]
fn a_link_dies_when_the_address_or_the_password_changes() {
    let site = site();
    let ada = proved(&site, "ada");
    let letter = reset_letter(&site, "ada");
    site.run(
        site.app
            .set_email(&ada.account(&site), "ada@example.com", &Actor::Console),
    )
    .expect("changed");
    assert_eq!(redeem(&site.client(), &letter, NEW).message(), refused());
    let ada = site
        .run(site.app.find_user("ada@example.com"))
        .expect("a look-up")
        .expect("there");
    site.run(site.app.set_email(&ada, "ada@example.org", &Actor::Console))
        .expect("changed back");
    assert_eq!(
        redeem(&site.client(), &letter, NEW).message(),
        refused(),
        "and stays dead"
    );
    let letter = reset_letter(&site, "ada");
    let ada = Person::log_in(&site, "ada");
    let fields = [
        ("current_password", PASSWORD),
        ("password", NEW),
        ("confirm_password", NEW),
    ];
    assert_eq!(ada.client.submit("/", "/account/password", &fields).status, 303);
    assert_eq!(
        redeem(&site.client(), &letter, "another fine secret").message(),
        refused()
    );
}

#[test]
fn the_rules_for_passwords_hold_and_use_nothing_up() {
    let site = site();
    proved(&site, "ada");
    let letter = reset_letter(&site, "ada");
    for (password, text) in [
        (
            "",
            "password: String must contain at least 8 character(s) password: Password cannot be only spaces",
        ),
        ("short", "password: String must contain at least 8 character(s)"),
        (&" ".repeat(9), "password: Password cannot be only spaces"),
        (
            &"x".repeat(129),
            "password: String must contain at most 128 character(s)",
        ),
        (
            "password1",
            "password: This password is on the list of the most common ones; choose another",
        ),
        (
            "ada example",
            "password: This password is on the list of the most common ones; choose another",
        ),
    ] {
        let answer = redeem(&site.client(), &letter, password);
        assert_eq!(answer.message(), (400, text.to_owned()), "{password}");
    }
    let differing = json!({
        "userId": letter.value("userId"), "token": letter.value("token"), "password": NEW, "confirm_password": "other",
    });
    let answer = site.client().post("/api/auth/resetPassword", &differing);
    assert_eq!(answer.message(), (400, ": The passwords did not match".to_owned()));
    let bare = json!({ "userId": letter.value("userId"), "token": letter.value("token"), "password": NEW });
    assert_eq!(
        site.client().post("/api/auth/resetPassword", &bare).status,
        200,
        "the repetition may be left out"
    );
}

#[test]
fn whoever_sets_a_password_has_proved_the_address() {
    let site = site();
    site.create_unverified("ada");
    assert_eq!(log_in(&site, "ada@example.org", PASSWORD).status, 422);
    let letter = reset_letter(&site, "ada");
    assert_eq!(redeem(&site.client(), &letter, NEW).status, 200);
    assert_eq!(doors(&site, "ada"), (false, true));
}

#[test]
fn a_locked_account_gets_no_link_and_opens_with_none() {
    let site = site();
    let ada = proved(&site, "ada").account(&site);
    let letter = reset_letter(&site, "ada");
    site.run(site.app.set_disabled(&ada, true, &Actor::Console))
        .expect("locked");
    assert_eq!(redeem(&site.client(), &letter, NEW).message(), refused());
    let written = site.letters().len();
    assert_eq!(
        ask_reset(&site.client(), "ada@example.org").message(),
        (200, SENT.to_owned())
    );
    assert_eq!(site.letters().len(), written);
}

#[test]
fn failed_guesses_are_forgotten() {
    let site = Site::with(|config| {
        with_mail(config);
        config.accounts.password_reset = true;
        config.limits.account = Limit {
            max: Some(3),
            window_minutes: 15.0,
        };
    });
    proved(&site, "ada");
    for _ in 0..3 {
        assert_eq!(log_in(&site, "ada@example.org", "a wrong password").status, 400);
    }
    assert_eq!(log_in(&site, "ada@example.org", PASSWORD).status, 429);
    let letter = reset_letter(&site, "ada");
    assert_eq!(redeem(&site.client(), &letter, NEW).status, 200);
    assert!(opens(&site, "ada", NEW));
}

#[test]
fn nobody_can_fill_a_mailbox() {
    let site = site();
    proved(&site, "ada");
    for _ in 0..20 {
        assert_eq!(ask_reset(&site.client(), "ada@example.org").status, 200);
    }
    assert_eq!(site.letters().len(), 5);
    let last = site.letter("reset_password", "ada");
    assert_eq!(
        redeem(&site.client(), &last, NEW).status,
        200,
        "the last letter's link is still good"
    );
}

#[test]
fn asking_is_written_down_with_what_came_of_it() {
    let site = site();
    proved(&site, "ada");
    reset_letter(&site, "ada");
    assert_eq!(events(&site, "ada")[0], ("reset_requested", "sent".to_owned()));
    ask_reset(&site.client(), "nobody@example.org");
    assert_eq!(site.letters().len(), 1);
}

#[test]
fn switched_off_it_is_refused_in_librechats_words() {
    let off = Site::with(with_mail);
    let no_mail = Site::with(|config| config.accounts.password_reset = true);
    let text = "Password reset is not allowed.";
    for site in [&off, &no_mail] {
        proved(site, "ada");
        let answer = ask_reset(&site.client(), "ada@example.org");
        assert_eq!((answer.status, answer.text()), (403, text));
        assert_eq!(answer.header("content-type"), Some("text/plain; charset=utf-8"));
        assert_eq!(site.client().get("/api/config").json()["passwordResetEnabled"], false);
    }
    let body = json!({ "userId": "000000000000000000000000", "token": "x", "password": NEW });
    let answer = off.client().post("/api/auth/resetPassword", &body);
    assert_eq!((answer.status, answer.text()), (403, text));
    assert_eq!(site().client().get("/api/config").json()["passwordResetEnabled"], true);
    assert_eq!(off.client().get("/api/config").json()["emailEnabled"], true);
    assert_eq!(no_mail.client().get("/api/config").json()["emailEnabled"], false);
}

#[test]
fn an_admins_link_works_without_mail_and_with_the_switch_off() {
    let off = Site::with(with_mail);
    let no_mail = Site::start();
    for site in [&off, &no_mail] {
        proved(site, "ada");
        let link = console_link(site, "ada");
        assert_eq!(redeem(&site.client(), &link, NEW).status, 200);
        assert_eq!(doors(site, "ada"), (false, true));
        assert_eq!(redeem(&site.client(), &link, NEW).status, 403, "once");
    }
}

#[test]
fn switching_resets_off_kills_the_links_people_asked_for() {
    let site = site();
    proved(&site, "ada");
    let letter = reset_letter(&site, "ada");
    let site = site.restarted_with(|config| config.accounts.password_reset = false);
    assert_eq!(redeem(&site.client(), &letter, NEW).status, 403);
    assert_eq!(doors(&site, "ada"), (true, false));
}

#[test]
fn an_admins_link_lives_as_long_as_it_should_and_no_longer_than_a_week() {
    let site = Site::start();
    let ada = proved(&site, "ada").account(&site);
    let path = site
        .run(site.app.make_reset_link(&ada, LONGEST_LINK * 2, &Actor::Console))
        .expect("a link");
    site.clock.advance(just_under(LONGEST_LINK));
    assert_eq!(site.client().get(&path).status, 200);
    site.clock.advance(minutes(1));
    assert_eq!(site.client().get(&path).status, 403);
}

#[test]
fn both_steps_are_limited_by_address() {
    let limit = Limit {
        max: Some(2),
        window_minutes: 2.0,
    };
    let site = Site::with(|config| {
        with_mail(config);
        config.accounts.password_reset = true;
        config.limits.reset_password = limit;
        config.limits.reset_password_submission = limit;
    });
    let submit = || -> Answer {
        site.client()
            .post("/api/auth/resetPassword", &json!({ "password": NEW }))
    };
    let ask = || ask_reset(&site.client(), "nobody@example.org");
    for _ in 0..2 {
        assert_eq!((ask().status, submit().status), (200, 400));
    }
    let text = "Too many attempts, please try again after 2 minute(s)";
    for answer in [ask(), submit()] {
        assert_eq!(answer.message(), (429, text.to_owned()));
        assert_eq!(answer.header("retry-after"), Some("120"));
    }
}

#[test]
fn a_request_of_another_site_is_refused() {
    let site = site();
    proved(&site, "ada");
    let letter = reset_letter(&site, "ada");
    let body = json!({ "userId": letter.value("userId"), "token": letter.value("token"), "password": NEW });
    let answer = site
        .client()
        .request("POST", "/api/auth/resetPassword")
        .header("origin", "https://evil.example")
        .json(&body)
        .send();
    assert_eq!(answer.status, 403);
    assert_eq!(redeem(&site.client(), &letter, NEW).status, 200);
}
