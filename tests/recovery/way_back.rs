//! The link of `recover`: made at the console, opened in a browser, good for one new password.

use std::sync::Barrier;
use std::thread;

use librechat_auth::app::audit::Actor;
use librechat_auth::app::recover::{Recovered, Recovery, Way};
use librechat_auth::config::Config;
use librechat_auth::domain::account::{Account, Role};
use serde_json::json;

use crate::support::{Answer, Client, PASSWORD, Person, Site, just_under, minutes, seconds, with_mail};

const NEW: &str = "nine slow tortoises";

fn recover(site: &Site, account: &Account) -> Recovered {
    let recovery = Recovery {
        way: Way::Link,
        admin: false,
        lift_bans: false,
        second_factor: false,
    };
    site.run(site.app.recover(account, recovery)).expect("a way back in")
}

/// A link for that account: its token.
fn link(site: &Site, name: &str) -> String {
    let account = site.account(name).expect("there");
    let link = recover(site, &account).link.expect("a link");
    let (_, token) = link.expose().split_once("/recover?token=").expect("our page");
    token.to_owned()
}

fn open(client: &Client, token: &str) -> Answer {
    client.get(&format!("/recover?token={token}"))
}

fn submit(client: &Client, token: &str, password: &str) -> Answer {
    let fields = [("token", token), ("password", password), ("confirm_password", password)];
    let page = open(client, token);
    // A dead link has no form, but somebody may have kept one that was open.
    let csrf = if page.status == 200 {
        page.csrf()
    } else {
        client.get("/login").csrf()
    };
    let mut all = vec![("csrf", csrf.as_str())];
    all.extend_from_slice(&fields);
    client.post_bare("/recover", &all)
}

fn log_in(site: &Site, name: &str, password: &str) -> u16 {
    let body = json!({ "email": format!("{name}@example.org"), "password": password });
    site.client().post("/api/auth/login", &body).status
}

#[track_caller]
fn is_dead(answer: &Answer) {
    assert_eq!(answer.status, 400, "{}", answer.text());
    assert!(answer.says("This link does not work any more") && answer.says("<code>librechat-auth recover</code>"));
    assert!(!answer.says("type=\"password\""));
}

#[test]
fn the_link_sets_a_new_password_and_ends_every_session() {
    let site = Site::start();
    let ada = site.user("ada");
    let client = site.client();
    let token = link(&site, "ada");
    let page = open(&client, &token);
    assert_eq!(page.status, 200);
    assert!(page.says("For the account ada@example.org."));
    assert_eq!(ada.open_doors(), [true; 3], "opening the page does nothing");
    let answer = submit(&client, &token, NEW);
    assert_eq!(answer.location(), (303, "/login?notice=password_reset"));
    assert_eq!(client.cookie("librechat_auth"), None, "nobody is logged in");
    assert_eq!(ada.open_doors(), [false; 3]);
    assert_eq!((log_in(&site, "ada", PASSWORD), log_in(&site, "ada", NEW)), (400, 200));
    let account = site.account("ada").expect("there");
    let events = site.events_about(&account);
    let kinds: Vec<_> = events.iter().map(|event| event.kind.key()).collect();
    for kind in ["password_reset", "account_recovered", "recovery_link_made"] {
        assert!(kinds.contains(&kind), "{kinds:?}");
    }
}

#[test]
fn the_link_works_once_and_for_an_hour_and_until_the_next_one() {
    let site = Site::start();
    site.user("ada");
    let used = link(&site, "ada");
    submit(&site.client(), &used, NEW);
    is_dead(&open(&site.client(), &used));
    is_dead(&submit(&site.client(), &used, "yet another password"));

    let older = link(&site, "ada");
    let newer = link(&site, "ada");
    is_dead(&open(&site.client(), &older));
    site.clock.advance(just_under(minutes(60)));
    assert_eq!(open(&site.client(), &newer).status, 200);
    site.clock.advance(seconds(1));
    is_dead(&open(&site.client(), &newer));
    is_dead(&submit(&site.client(), &newer, "yet another password"));
    assert_eq!(log_in(&site, "ada", NEW), 200);
}

#[test]
fn fifty_uses_at_once_set_one_password() {
    let site = Site::with(|config| config.password.queue = 100);
    site.user("ada");
    let token = link(&site, "ada");
    let start = Barrier::new(50);
    let wins = thread::scope(|scope| {
        let all: Vec<_> = (0..50)
            .map(|at| {
                let client = site.client();
                let csrf = open(&client, &token).csrf();
                let (token, start) = (&token, &start);
                scope.spawn(move || {
                    let password = format!("{NEW} number {at}");
                    let fields = [
                        ("csrf", csrf.as_str()),
                        ("token", token),
                        ("password", &password),
                        ("confirm_password", &password),
                    ];
                    start.wait();
                    client.post_bare("/recover", &fields).status == 303
                })
            })
            .collect();
        all.into_iter()
            .map(|one| one.join().expect("an answer"))
            .collect::<Vec<bool>>()
    });
    assert_eq!(wins.iter().filter(|won| **won).count(), 1);
    let winner = wins.iter().position(|won| *won).expect("one");
    assert_eq!(log_in(&site, "ada", &format!("{NEW} number {winner}")), 200);
}

#[test]
fn a_password_that_breaks_a_rule_uses_nothing_up() {
    let site = Site::start();
    site.user("ada");
    let token = link(&site, "ada");
    let client = site.client();
    for (password, confirm, says) in [
        ("short", "short", "Please use at least 8 characters."),
        (
            "password1",
            "password1",
            "This is one of the passwords that get guessed first.",
        ),
        (NEW, "another one", "The two passwords are not the same."),
    ] {
        let fields = [
            ("token", token.as_str()),
            ("password", password),
            ("confirm_password", confirm),
        ];
        let page = client.submit(&format!("/recover?token={token}"), "/recover", &fields);
        assert_eq!(page.status, 400);
        assert!(page.says(says), "{}", page.text());
        assert!(!page.says(NEW));
    }
    let stale = client.post_bare("/recover", &[("token", token.as_str()), ("password", NEW)]);
    assert_eq!(stale.status, 400);
    assert_eq!(submit(&client, &token, NEW).status, 303);
}

#[test]
fn a_recovery_link_is_no_reset_link_and_the_other_way_round() {
    let site = Site::with(with_mail);
    let ada = site.create("ada", Role::User);
    let recovery = link(&site, "ada");
    let reset = site
        .run(site.app.make_reset_link(&ada, minutes(15), &Actor::Console))
        .expect("a link");
    let (_, query) = reset.split_once("?token=").expect("a token");
    let (token, _) = query.split_once('&').expect("an account");
    is_dead(&open(&site.client(), token));
    let wrong = site
        .client()
        .get(&format!("/reset-password?token={recovery}&userId={}", ada.id));
    assert_ne!(wrong.status, 200);
    let body = json!({ "userId": ada.id.to_string(), "token": recovery, "password": NEW });
    assert_ne!(site.client().post("/api/auth/resetPassword", &body).status, 200);
    assert_eq!(open(&site.client(), &recovery).status, 200);
}

#[test]
fn another_password_or_address_withdraws_the_link() {
    let site = Site::with(with_mail);
    let ada = site.create("ada", Role::User);
    let token = link(&site, "ada");
    site.sql("UPDATE users SET email = 'other@example.org'");
    is_dead(&open(&site.client(), &token));
    site.sql("UPDATE users SET email = 'ada@example.org'");
    assert_eq!(open(&site.client(), &token).status, 200);
    site.run(site.app.set_disabled(&ada, true, &Actor::Console))
        .expect("disabled");
    is_dead(&open(&site.client(), &token));
}

#[test]
fn a_disabled_account_is_enabled_and_its_link_works() {
    let site = Site::start();
    let ada = site.create("ada", Role::User);
    site.run(site.app.set_disabled(&ada, true, &Actor::Console))
        .expect("disabled");
    let token = link(&site, "ada");
    assert_eq!(submit(&site.client(), &token, NEW).status, 303);
    assert_eq!(log_in(&site, "ada", NEW), 200);
}

#[test]
fn every_other_admin_is_told_and_nobody_else() {
    let site = Site::with(with_mail);
    for (name, role) in [("root", Role::Admin), ("vice", Role::Admin), ("bob", Role::User)] {
        site.create(name, role);
    }
    link(&site, "root");
    let told = |site: &Site| {
        site.letters_of("recovered")
            .into_iter()
            .map(|letter| letter.to)
            .collect::<Vec<_>>()
    };
    assert_eq!(told(&site), ["vice@example.org"]);
    let letter = site.letter("recovered", "vice");
    assert!(
        letter.text.contains("root@example.org") && letter.text.contains("command line"),
        "{}",
        letter.text
    );
    link(&site, "bob");
    assert_eq!(
        told(&site),
        ["vice@example.org", "root@example.org", "vice@example.org"]
    );
}

#[test]
fn the_link_leads_to_the_configured_address_and_is_not_passed_on() {
    let site = Site::with(|config: &mut Config| {
        config.server.public_url = Some("https://login.example.org".parse().expect("an address"));
    });
    let ada = site.create("ada", Role::User);
    for (name, value) in [("host", "evil.example"), ("x-forwarded-host", "evil.example")] {
        site.client()
            .request("GET", "/recover?token=x")
            .header(name, value)
            .send();
    }
    let link = recover(&site, &ada).link.expect("a link");
    assert!(link.expose().starts_with("https://login.example.org/recover?token="));
    let path = link.expose().trim_start_matches("https://login.example.org");
    assert_eq!(site.client().get(path).header("referrer-policy"), Some("strict-origin"));
}

#[test]
fn nonsense_is_a_dead_link() {
    let site = Site::start();
    for token in ["", "x", "%00", "undefined", "%22%3E%3Cscript%3E", &"a".repeat(4000)] {
        is_dead(&open(&site.client(), token));
    }
    is_dead(&site.client().get("/recover"));
    Person::register(&site, "ada");
    assert_eq!(log_in(&site, "ada", PASSWORD), 200);
}
