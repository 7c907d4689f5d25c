//! Cookies that somebody planted before a login are worth nothing after it.

use serde_json::json;

use crate::support::{Client, PASSWORD, Person, SetCookie, Site, days, seconds};
use crate::two_factor::kit::{Enrolled, enrolled};

/// Every cookie this server sets.
const COOKIES: [&str; 7] = [
    "refreshToken",
    "token_provider",
    "librechat_auth",
    "librechat_auth_form",
    "librechat_auth_device",
    "librechat_auth_trust",
    "librechat_auth_step",
];

/// Cookies that say nothing of who somebody is.
const ALIKE: [&str; 1] = ["token_provider"];

/// What an attacker has got from a visit of their own, half a login included.
fn planted(site: &Site) -> Vec<(&'static str, String)> {
    let Enrolled {
        person: mallory,
        authenticator,
        ..
    } = enrolled(site, "mallory");
    let browser = site.client();
    let fields = [("email", "mallory@example.org"), ("password", PASSWORD)];
    browser.submit("/login", "/login", &fields);
    let code = [("code", &authenticator.now(site)[..]), ("trust", "on")];
    assert_eq!(browser.submit("/login/2fa", "/login/2fa", &code).status, 303);
    let half = site.client();
    half.submit("/login", "/login", &fields);
    browser.set_cookie(
        "librechat_auth_step",
        &half.cookie("librechat_auth_step").expect("a ticket"),
    );
    site.clock.advance(seconds(30));
    drop(mallory);
    COOKIES
        .iter()
        .map(|name| (*name, browser.cookie(name).expect("it was set")))
        .collect()
}

fn plant(client: &Client, cookies: &[(&'static str, String)]) {
    for (name, value) in cookies {
        client.set_cookie(name, value);
    }
}

fn sign_in(client: &Client, ada: &Enrolled, site: &Site) -> Vec<SetCookie> {
    let fields = [("email", "ada@example.org"), ("password", PASSWORD)];
    let page = if client.get("/").status == 200 { "/" } else { "/login" };
    let first = client.submit(page, "/login", &fields);
    assert_eq!(first.location(), (303, "/login/2fa"));
    let code = [("code", &ada.authenticator.now(site)[..]), ("trust", "on")];
    let second = client.submit("/login/2fa", "/login/2fa", &code);
    assert_eq!(second.location(), (303, "/"));
    second.cookies()
}

fn site() -> Site {
    Site::with(|config| config.two_factor.trust_device = days(30))
}

#[test]
fn every_cookie_planted_before_a_login_is_another_one_afterwards() {
    let site = site();
    let ada = enrolled(&site, "ada");
    let cookies = planted(&site);
    let victim = site.client();
    plant(&victim, &cookies);
    let set = sign_in(&victim, &ada, &site);
    for (name, before) in &cookies {
        let after = set.iter().find(|cookie| cookie.name == *name);
        let after = after.unwrap_or_else(|| panic!("{name} is not set anew"));
        assert!(after.value != *before || ALIKE.contains(name), "{name} stayed");
    }
    assert!(victim.get("/").says("ada example"));
}

#[test]
fn what_was_planted_is_dead_or_still_its_owners_and_never_the_victims() {
    let site = site();
    let ada = enrolled(&site, "ada");
    let cookies = planted(&site);
    let victim = site.client();
    plant(&victim, &cookies);
    sign_in(&victim, &ada, &site);
    let attacker = site.client();
    plant(&attacker, &cookies);
    assert_eq!(
        attacker.get("/").status,
        303,
        "the planted session ended with the login over it"
    );
    assert_ne!(attacker.post("/api/auth/refresh", &json!({})).status, 200);
    let fields = [("email", "ada@example.org"), ("password", PASSWORD)];
    let asked = attacker.submit("/login", "/login", &fields);
    assert_eq!(asked.location(), (303, "/login/2fa"), "no trust came over");
}

#[test]
fn a_form_made_for_a_planted_cookie_does_nothing_after_the_login() {
    let site = site();
    let ada = enrolled(&site, "ada");
    let attacker = site.client();
    let csrf = attacker.get("/login").csrf();
    let form = attacker.cookie("librechat_auth_form").expect("a cookie");
    let victim = site.client();
    victim.set_cookie("librechat_auth_form", &form);
    sign_in(&victim, &ada, &site);
    let forged = victim.post_bare("/account/name", &[("csrf", &csrf), ("name", "Mallory")]);
    assert_eq!(forged.status, 403);
    assert_eq!(site.account("ada").unwrap().name, "ada example");
}

#[test]
fn a_planted_ticket_takes_no_code_of_the_victim() {
    let site = site();
    let ada = enrolled(&site, "ada");
    let cookies = planted(&site);
    let victim = site.client();
    plant(&victim, &cookies);
    let code = [("code", &ada.authenticator.now(&site)[..])];
    let answer = victim.submit("/login/2fa", "/login/2fa", &code);
    assert_eq!(answer.status, 400, "it is a code of another account");
    sign_in(&victim, &ada, &site);
    assert!(victim.get("/").says("ada example"), "and it was not used up");
}

#[test]
fn a_planted_session_is_replaced_without_a_second_factor_too() {
    let site = site();
    let mallory = site.user("mallory");
    Person::register(&site, "ada");
    let victim = mallory.client.copy();
    let csrf = victim.get("/").csrf();
    let fields = [
        ("csrf", csrf.as_str()),
        ("email", "ada@example.org"),
        ("password", PASSWORD),
    ];
    assert_eq!(victim.post_bare("/login", &fields).location(), (303, "/"));
    for name in [
        "refreshToken",
        "librechat_auth",
        "librechat_auth_form",
        "librechat_auth_device",
    ] {
        assert_ne!(victim.cookie(name), mallory.client.cookie(name), "{name}");
    }
    assert_eq!(mallory.open_doors(), [false, false, false]);
    assert!(victim.get("/").says("ada example"));
}
