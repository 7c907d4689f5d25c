//! `/login/2fa/setup`: two-step sign-in set up before anything else.

use librechat_auth::config::Config;
use librechat_auth::domain::account::Role;

use crate::support::{Answer, Client, PASSWORD, Person, Site, days, minutes, seconds};
use crate::two_factor::kit::Authenticator;

fn enforced(config: &mut Config) {
    config.two_factor.enforce = true;
}

fn password(client: &Client, target: &str) -> Answer {
    let fields = [
        ("email", "ada@example.org"),
        ("password", PASSWORD),
        ("redirect_to", target),
    ];
    client.submit("/login", "/login", &fields)
}

/// The secret that the page shows for typing.
fn secret(page: &Answer) -> String {
    let (_, rest) = page.text().split_once("class=\"secret\"").expect("a secret");
    let (_, rest) = rest.split_once("<code>").expect("its text");
    let code = rest.split("</code>").next().expect("its end");
    let groups = code.split("<span>").skip(1);
    groups.map(|group| group.split('<').next().expect("text")).collect()
}

fn scan(page: &Answer) -> Authenticator {
    Authenticator::scan(&format!("otpauth://totp/x?secret={}", secret(page)))
}

/// The backup codes that a page shows.
fn codes(page: &Answer) -> Vec<String> {
    let list = page.text().split("class=\"codes\"").nth(1).expect("codes");
    let list = list.split("</ul>").next().expect("its end");
    let items = list.split("<code>").skip(1);
    items
        .map(|item| item.split('<').next().expect("text").to_owned())
        .collect()
}

fn confirm(client: &Client, code: &str) -> Answer {
    client.submit("/login/2fa/setup", "/login/2fa/setup", &[("code", code)])
}

#[test]
fn whoever_has_to_sets_it_up_and_is_in() {
    let site = Site::with(enforced);
    site.create("ada", Role::User);
    let client = site.client();
    let next = password(&client, "/c/new");
    assert_eq!(next.location(), (303, "/login/2fa/setup?redirect_to=%2Fc%2Fnew"));
    let page = client.get(next.location().1);
    assert_eq!(page.status, 200);
    assert!(page.says("<svg class=\"qr\"") && page.says("href=\"otpauth://totp/"));
    let authenticator = scan(&page);
    let shown = confirm(&client, &authenticator.now(&site));
    assert_eq!(shown.status, 200);
    let codes = codes(&shown);
    assert_eq!(codes.len(), 10);
    assert_eq!(client.get("/").status, 303, "not yet");
    let done = client.post_bare(
        "/login/2fa/setup/done",
        &[("csrf", &shown.csrf()), ("redirect_to", "/c/new")],
    );
    assert_eq!(done.location(), (303, "/c/new"));
    assert!(done.cookie("librechat_auth_step").unwrap().removes());
    assert!(client.get("/").says("On since"));
    site.clock.advance(seconds(30));
    let other = site.client();
    assert_eq!(password(&other, "").location(), (303, "/login/2fa"));
    let answer = other.submit("/login/2fa", "/login/2fa", &[("backup", &codes[9])]);
    assert_eq!(answer.location(), (303, "/"));
}

#[test]
fn the_same_secret_is_shown_until_it_is_confirmed() {
    let site = Site::with(enforced);
    site.create("ada", Role::User);
    let client = site.client();
    password(&client, "");
    let page = client.get("/login/2fa/setup");
    assert_eq!(secret(&client.get("/login/2fa/setup?lang=fr")), secret(&page));
    let wrong = confirm(&client, &scan(&page).wrong(&site));
    assert!(wrong.status == 400 && wrong.says("Ce code est erroné."));
    assert_eq!(secret(&wrong), secret(&page));
    let thief = site.client();
    password(&thief, "");
    assert_ne!(
        secret(&thief.get("/login/2fa/setup")),
        secret(&page),
        "nobody else sees it"
    );
}

#[test]
fn a_wrong_first_code_says_what_to_check() {
    let site = Site::with(enforced);
    site.create("ada", Role::User);
    let client = site.client();
    password(&client, "");
    let page = client.get("/login/2fa/setup");
    let wrong = confirm(&client, &scan(&page).wrong(&site));
    assert!(wrong.says("This code is wrong. Check that you scanned the picture on this page"));
    let none = confirm(&client, "");
    assert!(none.status == 400 && none.says("Please enter a code."));
    assert_eq!(confirm(&client, &scan(&page).now(&site)).status, 200);
}

#[test]
fn a_step_that_has_no_ticket_starts_again() {
    let site = Site::with(enforced);
    site.create("ada", Role::User);
    let client = site.client();
    let expired = (303, "/login?notice=step_expired");
    assert_eq!(client.get("/login/2fa/setup").location(), expired);
    assert_eq!(
        client
            .submit("/login", "/login/2fa/setup", &[("code", "123456")])
            .location(),
        expired
    );
    assert_eq!(
        client.submit("/login", "/login/2fa/setup/done", &[]).location(),
        expired
    );
    password(&client, "");
    let too_early = client.submit("/login/2fa/setup", "/login/2fa/setup/done", &[]);
    assert_eq!(too_early.location(), expired, "no code was confirmed");
    password(&client, "");
    site.clock.advance(minutes(11));
    assert_eq!(client.get("/login/2fa/setup").location(), expired);
    assert_eq!(site.account("ada").unwrap().two_factor_at, None);
}

#[test]
fn an_open_session_is_sent_there_when_the_rule_begins_to_hold() {
    let site = Site::start();
    let ada = site.user("ada");
    let site = site.restarted_with(enforced);
    let client = ada.client.moved_to(site.address);
    for path in ["/", "/account/activity", "/account/two-factor"] {
        let answer = client.get(path);
        assert_eq!(answer.location(), (303, "/login/2fa/setup"), "{path}");
        assert!(answer.cookie("librechat_auth_step").is_some(), "{path}");
    }
    let page = client.get("/login/2fa/setup");
    let shown = confirm(&client, &scan(&page).now(&site));
    let done = client.post_bare("/login/2fa/setup/done", &[("csrf", &shown.csrf())]);
    assert_eq!(done.location(), (303, "/"));
    assert_eq!(client.get("/").status, 200);
}

#[test]
fn within_the_grace_period_it_can_be_put_off() {
    let site = Site::with(|config| {
        enforced(config);
        config.two_factor.grace = days(1);
    });
    site.create("ada", Role::User);
    let client = site.client();
    let next = password(&client, "/c/new");
    assert_eq!(next.location(), (303, "/account/two-factor?redirect_to=%2Fc%2Fnew"));
    let page = client.get(next.location().1);
    assert!(page.says("This server asks you to set up two-step sign-in by"));
    assert!(page.says("15 November 2023, 22:13 UTC"));
    assert!(page.says("href=\"/c/new\">Later"));
    assert!(client.get("/").says("15 November 2023, 22:13 UTC"));
    assert!(
        client
            .get("/account/two-factor?redirect_to=//evil.example")
            .says("href=\"/\">Later")
    );
    site.clock.advance(days(1));
    assert_eq!(client.get("/").location(), (303, "/login/2fa/setup"));
    assert_eq!(password(&site.client(), "").location(), (303, "/login/2fa/setup"));
}

#[test]
fn forms_of_other_sites_change_nothing() {
    let site = Site::with(enforced);
    site.create("ada", Role::User);
    let client = site.client();
    password(&client, "");
    let page = client.get("/login/2fa/setup");
    let now = scan(&page).now(&site);
    let stale = client.post_bare("/login/2fa/setup", &[("csrf", "AAAA"), ("code", &now)]);
    assert!(stale.status == 400 && stale.says("This form was open for too long."));
    for path in ["/login/2fa/setup", "/login/2fa/setup/done"] {
        let foreign = client
            .request("POST", path)
            .header("origin", "https://evil.example")
            .form(&[("csrf", page.csrf().as_str())])
            .send();
        assert_eq!(foreign.status, 403, "{path}");
    }
    assert_eq!(confirm(&client, &now).status, 200);
}

#[test]
fn whoever_need_not_is_let_in() {
    let site = Site::with(|config| config.two_factor.required_roles = vec![Role::Admin]);
    site.create("ada", Role::User);
    site.create("root", Role::Admin);
    assert_eq!(password(&site.client(), "").location(), (303, "/"));
    let admin = site.client();
    let fields = [("email", "root@example.org"), ("password", PASSWORD)];
    assert_eq!(
        admin.submit("/login", "/login", &fields).location(),
        (303, "/login/2fa/setup")
    );
    Person::log_in(&site, "ada");
}
