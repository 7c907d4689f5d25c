//! Connecting a provider to an account, and what must not connect anything.

use std::thread;

use librechat_auth::domain::secret::Secret;
use serde_json::json;

use super::idp::Idp;
use super::kit::{
    assert_turned_away, count, details, leave, leave_to_connect, log_in, logged_in_as, person, reason, site, site_with,
};
use crate::support::{Answer, Client, PASSWORD, Person, Site, minutes};

/// Logs in with the password at the page.
fn old_way(client: &Client, name: &str) -> Answer {
    let email = format!("{name}@example.org");
    client.submit("/login", "/login", &[("email", &email), ("password", PASSWORD)])
}

fn accept(client: &Client) -> Answer {
    client.submit("/oauth/connect", "/oauth/connect", &[("answer", "yes")])
}

/// Somebody with an account comes from the provider and is offered the connection.
fn offered(site: &Site, idp: &Idp, name: &str) -> Client {
    Person::register(site, name);
    let client = site.client();
    assert_turned_away(&log_in(&client, idp, &person(name)), "account_exists");
    client
}

fn connections(site: &Site) -> i64 {
    count(site, "SELECT count(*) FROM identities")
}

#[test]
fn whoever_signs_in_the_old_way_is_asked_and_connects_with_one_click() {
    let idp = Idp::start();
    let site = site(&idp);
    Person::register(&site, "ada");
    let client = site.client();
    let answer = log_in(&client, &idp, &person("ada"));
    let (_, target) = answer.location();
    assert!(target.contains("redirect_to=%2Foauth%2Fconnect"), "{target}");
    let (_, path) = target.split_once("/login").expect("the login page");
    let page = client.get(&format!("/login{path}"));
    assert!(
        page.says("Sign in the old way once to connect OpenID"),
        "{}",
        page.text()
    );
    assert_eq!(page.value_of("redirect_to").as_deref(), Some("/oauth/connect"));
    let form = [
        ("email", "ada@example.org"),
        ("password", PASSWORD),
        ("redirect_to", "/oauth/connect"),
    ];
    assert_eq!(
        client.submit("/login", "/login", &form).location(),
        (303, "/oauth/connect")
    );
    let page = client.get("/oauth/connect");
    assert!(
        page.says("Connect OpenID?") && page.says("ada@example.org"),
        "{}",
        page.text()
    );
    assert_eq!(accept(&client).location(), (303, "/oauth/connect?done=openid"));
    assert!(
        client
            .get("/oauth/connect?done=openid")
            .says("You can now sign in with OpenID as well")
    );
    assert_eq!(log_in(&site.client(), &idp, &person("ada")).location(), (302, "/"));
    let account = site.account("ada").expect("there");
    assert!(details(&site, &account).contains(&"identity_connected openid".to_owned()));
}

#[test]
fn an_offer_is_for_its_account_and_its_browser_only() {
    let idp = Idp::start();
    let site = site(&idp);
    let client = offered(&site, &idp, "ada");
    // Somebody else's password in the same browser.
    Person::register(&site, "eve");
    old_way(&client, "eve");
    assert!(client.get("/oauth/connect").says("Nothing to connect"));
    client.submit("/", "/oauth/connect", &[("answer", "yes")]);
    assert_eq!(connections(&site), 0);
    // The right password in another browser.
    let other = site.client();
    old_way(&other, "ada");
    assert!(other.get("/oauth/connect").says("Nothing to connect"));
    other.submit("/", "/oauth/connect", &[("answer", "yes")]);
    other.set_cookie("librechat_auth_offer", &"A".repeat(43));
    other.submit("/", "/oauth/connect", &[("answer", "yes")]);
    assert_eq!(connections(&site), 0);
}

#[test]
fn an_offer_is_taken_once_and_not_after_no() {
    let idp = Idp::start();
    let site = site(&idp);
    let client = offered(&site, &idp, "ada");
    old_way(&client, "ada");
    let kept = client.cookie("librechat_auth_offer").expect("offered");
    client.submit("/oauth/connect", "/oauth/connect", &[("answer", "no")]);
    client.set_cookie("librechat_auth_offer", &kept);
    client.submit("/", "/oauth/connect", &[("answer", "yes")]);
    assert_eq!(connections(&site), 0, "after no");

    let again = offered_again(&site, &idp);
    let kept = again.cookie("librechat_auth_offer").expect("offered");
    assert_eq!(accept(&again).location(), (303, "/oauth/connect?done=openid"));
    let who = site.run(
        site.app
            .identify_page(&again.cookie("librechat_auth").expect("a session")),
    );
    let who = who.expect("no fault").expect("signed in");
    let all = site.run(site.app.connections(who.account.key)).expect("a list");
    // Replayed after it was disconnected.
    site.run(
        site.app
            .disconnect(&who, all[0].id, Secret::new(PASSWORD), &who.session.origin),
    )
    .expect("disconnected");
    again.set_cookie("librechat_auth_offer", &kept);
    again.submit("/", "/oauth/connect", &[("answer", "yes")]);
    assert_eq!(connections(&site), 0, "replayed");
}

fn offered_again(site: &Site, idp: &Idp) -> Client {
    let client = site.client();
    assert_turned_away(&log_in(&client, idp, &person("ada")), "account_exists");
    old_way(&client, "ada");
    client
}

#[test]
fn an_offer_is_over_after_ten_minutes() {
    let idp = Idp::start();
    let site = site(&idp);
    let client = offered(&site, &idp, "ada");
    old_way(&client, "ada");
    site.clock.advance(minutes(10));
    client.submit("/", "/oauth/connect", &[("answer", "yes")]);
    assert_eq!(connections(&site), 0);
}

#[test]
fn of_many_answers_at_once_one_connects() {
    let idp = Idp::start();
    let site = site(&idp);
    let client = offered(&site, &idp, "ada");
    old_way(&client, "ada");
    let csrf = client.get("/oauth/connect").csrf();
    let rivals: Vec<_> = (0..8)
        .map(|_| {
            let (rival, csrf) = (client.copy(), csrf.clone());
            thread::spawn(move || {
                rival.post_bare("/oauth/connect", &[("csrf", &csrf), ("answer", "yes")]);
            })
        })
        .collect();
    for rival in rivals {
        rival.join().expect("an answer");
    }
    assert_eq!(connections(&site), 1);
    let account = site.account("ada").expect("there");
    let told = details(&site, &account);
    assert_eq!(
        told.iter().filter(|line| *line == "identity_connected openid").count(),
        1
    );
}

#[test]
fn somebody_signed_in_connects_a_provider_of_another_address() {
    let idp = Idp::start();
    let site = site(&idp);
    Person::register(&site, "ada");
    let client = site.client();
    old_way(&client, "ada");
    let location = leave_to_connect(&client);
    let elsewhere = json!({ "sub": "sub-1", "email": "private@example.com", "email_verified": true });
    let answer = client.get(&idp.sign_in(&location, &elsewhere));
    assert_eq!(answer.location(), (303, "/oauth/connect?done=openid"));
    let other = site.client();
    log_in(&other, &idp, &elsewhere);
    assert_eq!(logged_in_as(&other).as_deref(), Some("ada@example.org"));
    assert_eq!(site.user_count(), 1);
}

#[test]
fn what_was_begun_for_one_account_is_finished_for_no_other() {
    let idp = Idp::start();
    let site = site(&idp);
    for name in ["ada", "eve"] {
        Person::register(&site, name);
    }
    let (ada, eve) = (site.client(), site.client());
    old_way(&ada, "ada");
    old_way(&eve, "eve");
    // Eve's attempt and identity in Ada's browser.
    let path = idp.sign_in(&leave_to_connect(&eve), &person("other"));
    assert_turned_away_or_gone_on(&ada.get(&path));
    assert_eq!(connections(&site), 0);
    // Ada's attempt, finished by whoever logged in meanwhile in her browser.
    let path = idp.sign_in(&leave_to_connect(&ada), &person("other"));
    ada.forget("librechat_auth");
    old_way(&ada, "eve");
    assert_turned_away_or_gone_on(&ada.get(&path));
    // And signed out.
    let path = idp.sign_in(&leave_to_connect(&eve), &person("other"));
    eve.forget("librechat_auth");
    assert_turned_away(&eve.get(&path), "attempt_over");
    assert_eq!(connections(&site), 0);
}

fn assert_turned_away_or_gone_on(answer: &Answer) {
    let (status, target) = answer.location();
    assert_eq!(status, 302);
    assert!(!target.contains("done="), "{target}");
}

#[test]
fn an_identity_belongs_to_one_account() {
    let idp = Idp::start();
    let site = site(&idp);
    log_in(&site.client(), &idp, &person("ada"));
    Person::register(&site, "eve");
    let eve = site.client();
    old_way(&eve, "eve");
    let answer = eve.get(&idp.sign_in(&leave_to_connect(&eve), &person("ada")));
    assert_eq!(reason(&answer), "connected_elsewhere");
    let (_, target) = answer.location();
    let (_, path) = target.split_once("/oauth/connect").expect("the page");
    assert!(
        eve.get(&format!("/oauth/connect{path}"))
            .says("connected to another account already")
    );
    let client = site.client();
    log_in(&client, &idp, &person("ada"));
    assert_eq!(logged_in_as(&client).as_deref(), Some("ada@example.org"));
}

#[test]
fn only_a_form_of_ours_begins_a_connection() {
    let idp = Idp::start();
    let site = site_with(&idp, |_| {});
    Person::register(&site, "ada");
    let client = site.client();
    assert_eq!(client.post_bare("/oauth/openid", &[]).location(), (303, "/login"));
    old_way(&client, "ada");
    assert_eq!(
        client.post_bare("/oauth/openid", &[("csrf", "wrong")]).location(),
        (303, "/")
    );
    let csrf = client.get("/").csrf();
    let cross = client
        .request("POST", "/oauth/openid")
        .header("origin", "https://evil.example")
        .form(&[("csrf", &csrf)])
        .send();
    assert_eq!(cross.status, 403);
    assert_eq!(count(&site, "SELECT count(*) FROM attempts"), 0);
    // A login that was begun by a link connects nothing, although somebody is signed in.
    let path = idp.sign_in(&leave(&client, "/oauth/openid"), &person("eve"));
    client.get(&path);
    assert_eq!(logged_in_as(&client).as_deref(), Some("eve@example.org"));
    let account = site.account("ada").expect("there");
    assert!(
        !details(&site, &account)
            .iter()
            .any(|line| line.starts_with("identity_connected"))
    );
}

#[test]
fn the_last_way_in_is_not_disconnected() {
    let idp = Idp::start();
    let site = site(&idp);
    let client = site.client();
    log_in(&client, &idp, &person("ada"));
    let who = |client: &Client| {
        let cookie = client.cookie("librechat_auth").expect("a session");
        site.run(site.app.identify_page(&cookie))
            .expect("no fault")
            .expect("signed in")
    };
    let ada = who(&client);
    let all = site.run(site.app.connections(ada.account.key)).expect("a list");
    let outcome = site.run(
        site.app
            .disconnect(&ada, all[0].id, Secret::new(PASSWORD), &ada.session.origin),
    );
    assert!(outcome.is_err_and(|failure| failure.to_string() == "refused: last_way_in"));
    // With a second one it can go, and nobody else's can.
    let location = leave_to_connect(&client);
    client.get(&idp.sign_in(&location, &person("second")));
    let eve = site.client();
    log_in(&eve, &idp, &person("eve"));
    let outcome = site.run(
        site.app
            .disconnect(&who(&eve), all[0].id, Secret::new(PASSWORD), &ada.session.origin),
    );
    assert!(outcome.is_err_and(|failure| failure.to_string() == "refused: not_found"));
    site.run(
        site.app
            .disconnect(&ada, all[0].id, Secret::new(PASSWORD), &ada.session.origin),
    )
    .expect("disconnected");
    assert_turned_away(&log_in(&site.client(), &idp, &person("ada")), "account_exists");
}
