//! Bans hold for those who come through a provider: of a user, of an address, made before or while somebody is there.

use librechat_auth::app::audit::Actor;
use librechat_auth::config::Limit;
use librechat_auth::domain::moderation::network::Network;
use librechat_auth::domain::moderation::subject::Subject;

use super::idp::Idp;
use super::kit::{count, enable, leave, leave_to_connect, log_in, logged_in_as, person, provider, reason, site};
use crate::support::{Answer, Client, Site, minutes};

/// From a network for documentation (RFC 5737).
const MALLORY: &str = "203.0.113.7";

fn proxied(idp: &Idp) -> Site {
    let openid = provider("openid", &idp.issuer);
    Site::with(|config| {
        enable(config, vec![openid]);
        config.server.trust_proxy = 1;
        config.limits.login = Limit {
            max: Some(1),
            window_minutes: 5.0,
        };
    })
}

fn from(client: &Client, address: &str, path: &str) -> Answer {
    client.request("GET", path).header("x-forwarded-for", address).send()
}

fn ban(site: &Site, subject: Subject) {
    let outcome = site.run(site.app.add_ban(subject, Some(minutes(60)), "", &Actor::Console));
    outcome.expect("no fault").expect("not spared");
}

fn ban_user(site: &Site, name: &str) {
    ban(site, Subject::User(site.account(name).expect("there").id));
}

fn ban_address(site: &Site, address: &str) {
    ban(
        site,
        Subject::Network(Network::of_client(address.parse().expect("an address"))),
    );
}

fn sessions(site: &Site) -> i64 {
    count(site, "SELECT count(*) FROM sessions")
}

#[test]
fn a_banned_person_does_not_come_in_through_a_provider() {
    let idp = Idp::start();
    let site = site(&idp);
    log_in(&site.client(), &idp, &person("ada"));
    ban_user(&site, "ada");
    let client = site.client();
    let answer = log_in(&client, &idp, &person("ada"));
    assert_eq!(reason(&answer), "banned");
    assert!(answer.location().1.contains("error=auth_banned"), "{answer:?}");
    assert_eq!((logged_in_as(&client), sessions(&site)), (None, 0));
    site.clock.advance(minutes(60));
    idp.state().now += 3600;
    assert_eq!(log_in(&client, &idp, &person("ada")).location(), (302, "/"));
}

#[test]
fn a_ban_of_the_person_holds_that_was_made_while_they_were_at_the_provider() {
    let idp = Idp::start();
    let site = site(&idp);
    log_in(&site.client(), &idp, &person("ada"));
    let client = site.client();
    let path = idp.sign_in(&leave(&client, "/oauth/openid"), &person("ada"));
    ban_user(&site, "ada");
    assert_eq!(reason(&client.get(&path)), "banned");
    assert_eq!(logged_in_as(&client), None);
}

#[test]
fn a_lock_holds_that_was_made_while_they_were_at_the_provider() {
    let idp = Idp::start();
    let site = site(&idp);
    log_in(&site.client(), &idp, &person("ada"));
    let client = site.client();
    let path = idp.sign_in(&leave(&client, "/oauth/openid"), &person("ada"));
    let account = site.account("ada").expect("there");
    site.run(site.app.set_disabled(&account, true, &Actor::Console))
        .expect("locked");
    assert_eq!(reason(&client.get(&path)), "locked");
    assert_eq!(sessions(&site), 0);
}

#[test]
fn a_banned_address_neither_leaves_for_a_provider_nor_comes_back_from_one() {
    let idp = Idp::start();
    let site = proxied(&idp);
    let client = site.client();
    let answer = from(&client, MALLORY, "/oauth/openid");
    let path = idp.sign_in(answer.location().1, &person("ada"));
    ban_address(&site, MALLORY);
    let back = from(&client, MALLORY, &path);
    assert!(
        back.cookie("refreshToken").is_none() && back.cookie("librechat_auth").is_none(),
        "{back:?}"
    );
    let away = from(&client, MALLORY, "/oauth/openid");
    assert!(
        !away.header("location").is_some_and(|url| url.starts_with(&idp.issuer)),
        "{away:?}"
    );
    assert_eq!((sessions(&site), site.user_count()), (0, 0));
    // From elsewhere the same person comes in.
    let other = site.client();
    let answer = from(&other, "198.51.100.9", "/oauth/openid");
    let path = idp.sign_in(answer.location().1, &person("ada"));
    assert_eq!(from(&other, "198.51.100.9", &path).location(), (302, "/"));
}

#[test]
fn whoever_keeps_coming_back_with_nothing_is_banned_as_for_any_login() {
    let idp = Idp::start();
    let site = proxied(&idp);
    let client = site.client();
    let path = "/oauth/openid/callback?state=x&code=y";
    assert_eq!(reason(&from(&client, MALLORY, path)), "attempt_over");
    for _ in 0..40 {
        from(&client, MALLORY, path);
    }
    assert!(count(&site, "SELECT count(*) FROM violations") > 0);
    assert_eq!(count(&site, "SELECT count(*) FROM bans WHERE lifted_at IS NULL"), 1);
    let away = from(&client, MALLORY, "/oauth/openid");
    assert!(
        !away.header("location").is_some_and(|url| url.starts_with(&idp.issuer)),
        "{away:?}"
    );
    let neighbour = from(&site.client(), "198.51.100.9", "/oauth/openid");
    assert!(neighbour.location().1.starts_with(&idp.issuer), "{neighbour:?}");
}

#[test]
fn a_ban_ends_the_session_that_left_to_connect() {
    let idp = Idp::start();
    let site = site(&idp);
    let client = site.client();
    log_in(&client, &idp, &person("ada"));
    let path = idp.sign_in(&leave_to_connect(&client), &person("second"));
    ban_user(&site, "ada");
    client.get(&path);
    assert_eq!(count(&site, "SELECT count(*) FROM identities"), 1);
}
