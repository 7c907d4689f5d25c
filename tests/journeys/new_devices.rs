//! Logins from devices that an account does not know.

use librechat_auth::domain::account::Role;
use serde_json::json;

use crate::support::{Answer, Client, PASSWORD, Person, Site, credentials, seconds, with_mail};
use crate::two_factor::kit::enrol;

const DEVICE: &str = "librechat_auth_device";

fn site() -> Site {
    let site = Site::with(with_mail);
    site.create("ada", Role::User);
    site
}

fn told(site: &Site) -> usize {
    site.letters_of("new_device").len()
}

fn arrivals(site: &Site, name: &str) -> usize {
    let events = site.events_about(&site.account(name).expect("an account"));
    events.iter().filter(|event| event.kind.key() == "new_device").count()
}

fn log_in(client: &Client, name: &str) -> Answer {
    client.post("/api/auth/login", &credentials(name))
}

#[test]
fn the_first_login_ever_is_told_to_nobody() {
    let site = site();
    Person::log_in(&site, "ada");
    assert_eq!((told(&site), arrivals(&site, "ada")), (0, 0));
}

#[test]
fn a_login_from_a_stranger_is_told_with_device_address_and_a_way_to_disown_it() {
    let site = site();
    let ada = Person::log_in(&site, "ada");
    let thief = site.client();
    log_in(&thief, "ada");
    assert_eq!((told(&site), arrivals(&site, "ada")), (1, 1));
    let letter = site.letter("new_device", "ada");
    for words in ["127.0.0.1", "Firefox on Linux", "/not-me?token="] {
        assert!(letter.text.contains(words), "{words}: {}", letter.text);
    }
    let link = letter.link_to("/not-me");
    let token = link.split_once("token=").expect("a token").1.to_owned();
    let pressed = site.client().submit(&link, "/not-me", &[("token", &token)]);
    assert_eq!(pressed.location(), (303, "/not-me?done=mailed"));
    assert_eq!(thief.get("/").status, 303);
    assert_eq!(ada.open_doors(), [false, false, false]);
    assert_eq!(
        log_in(&site.client(), "ada").status,
        400,
        "the password is of no use any more"
    );
}

#[test]
fn a_known_device_is_not_told_of_again() {
    let site = site();
    let ada = Person::log_in(&site, "ada");
    for _ in 0..3 {
        log_in(&ada.client, "ada");
    }
    ada.client.submit("/", "/logout", &[]);
    let form = [("email", "ada@example.org"), ("password", PASSWORD)];
    assert_eq!(ada.client.submit("/login", "/login", &form).status, 303);
    assert_eq!(told(&site), 0);
}

#[test]
fn people_who_share_a_browser_are_not_strangers_in_it() {
    let site = site();
    for name in ["bob", "eve"] {
        site.create(name, Role::User);
    }
    let browser = site.client();
    for _ in 0..3 {
        for name in ["ada", "bob", "eve"] {
            assert_eq!(log_in(&browser, name).status, 200);
        }
    }
    assert_eq!(
        told(&site),
        0,
        "each came for the first time, and then as somebody known"
    );
}

#[test]
fn a_browser_keeps_five_accounts_and_no_more() {
    let site = site();
    let names: Vec<String> = (0..7).map(|number| format!("user{number}")).collect();
    let browser = site.client();
    for name in &names {
        site.create(name, Role::User);
        log_in(&browser, name);
    }
    let kept = browser.cookie(DEVICE).expect("a cookie");
    assert_eq!(kept.split('~').count(), 5);
    log_in(&browser, &names[6]);
    log_in(&browser, &names[2]);
    assert_eq!(told(&site), 0);
    log_in(&browser, &names[0]);
    assert_eq!(told(&site), 1, "the oldest had to go");
}

#[test]
fn a_proof_of_somebody_else_or_of_ones_own_making_is_none() {
    let site = site();
    site.create("bob", Role::User);
    Person::log_in(&site, "ada");
    let bob = Person::log_in(&site, "bob");
    let of_bob = bob.client.cookie(DEVICE).expect("a cookie");
    let (bobs_id, rest) = of_bob.split_once('.').expect("three parts");
    let forged = format!("{}.{rest}", site.account("ada").expect("an account").id);
    assert_ne!(bobs_id.len(), 0);
    for (count, cookie) in [of_bob.clone(), forged, "~~~".to_owned(), "x".repeat(3000)]
        .iter()
        .enumerate()
    {
        let stranger = site.client();
        stranger.set_cookie(DEVICE, cookie);
        assert_eq!(log_in(&stranger, "ada").status, 200);
        assert_eq!(told(&site), count + 1, "{cookie}");
    }
}

#[test]
fn letter_and_session_come_together_or_not_at_all() {
    let site = site();
    Person::log_in(&site, "ada");
    let wrong = json!({ "email": "ada@example.org", "password": "a wrong guess" });
    site.client().post("/api/auth/login", &wrong);
    assert_eq!((told(&site), arrivals(&site, "ada")), (0, 0));
}

#[test]
fn with_a_second_factor_the_letter_comes_after_the_code() {
    let site = site();
    let ada = enrol(&site, Person::log_in(&site, "ada"));
    let stranger = site.client();
    let form = [("email", "ada@example.org"), ("password", PASSWORD)];
    stranger.submit("/login", "/login", &form);
    assert_eq!(told(&site), 0, "half a login is none");
    let code = [("code", &ada.authenticator.now(&site)[..])];
    assert_eq!(stranger.submit("/login/2fa", "/login/2fa", &code).status, 303);
    assert_eq!(told(&site), 1);
    site.clock.advance(seconds(30));
    ada.person.client.submit("/", "/logout", &[]);
    ada.person.client.submit("/login", "/login", &form);
    let code = [("code", &ada.authenticator.now(&site)[..])];
    assert_eq!(ada.person.client.submit("/login/2fa", "/login/2fa", &code).status, 303);
    assert_eq!(told(&site), 1, "her own browser is known");
}

#[test]
fn an_address_that_was_never_proved_gets_no_letter() {
    let site = Site::with(|config| {
        with_mail(config);
        config.accounts.unverified_login = true;
    });
    site.create_unverified("ada");
    Person::log_in(&site, "ada");
    Person::log_in(&site, "ada");
    assert_eq!((told(&site), arrivals(&site, "ada")), (0, 1));
}

#[test]
fn the_activity_page_tells_it_once() {
    let site = Site::start();
    let ada = site.user("ada");
    site.clock.advance(seconds(60));
    let second = Person::log_in(&site, "ada");
    let page = second.client.get("/account/activity");
    assert!(page.says("Sign-in from a new device"));
    assert_eq!(page.text().matches("22:14 UTC").count(), 1);
    assert_eq!(ada.client.get("/").status, 200);
}

#[test]
fn the_owner_who_set_the_server_up_is_told_of_others() {
    let site = Site::start();
    let token = site
        .run(site.app.new_set_up_token())
        .expect("a token")
        .expect("not set up")
        .reveal();
    let browser = site.client();
    let form = [
        ("token", token.as_str()),
        ("name", "Root"),
        ("email", "root@example.org"),
        ("password", PASSWORD),
        ("confirm_password", PASSWORD),
    ];
    let page = format!("/setup?token={token}");
    assert_eq!(browser.submit(&page, "/setup", &form).status, 303);
    assert!(browser.cookie(DEVICE).is_some());
    log_in(&browser, "root");
    assert_eq!(arrivals(&site, "root"), 0);
    log_in(&site.client(), "root");
    assert_eq!(arrivals(&site, "root"), 1);
}
