//! API keys: made and revoked by their owner, and what they open: doors and reading, never the account.

use std::time::Duration;

use librechat_auth::app::api_keys::Wanted;
use librechat_auth::app::audit::Actor;
use librechat_auth::domain::access::{Effect, HostPattern, Meter};
use librechat_auth::domain::api_key::Scope;
use librechat_auth::domain::secret::Secret;
use serde_json::json;

use crate::forward_auth::kit::{ALL, APP, ask_about, guarding, guarding_with, told};
use crate::support::{Answer, PASSWORD, Person, Site, minutes};

fn wanted(scopes: &[Scope], hosts: &[&str]) -> Wanted {
    Wanted {
        name: "nas".to_owned(),
        scopes: scopes.to_vec(),
        hosts: hosts
            .iter()
            .map(|host| HostPattern::parse(host).expect("a host"))
            .collect(),
        life: Some(Duration::from_hours(24)),
    }
}

fn key(site: &Site, owner: &Person, wanted: Wanted) -> Secret {
    let account = owner.account(site);
    site.run(site.app.make_key(&account, wanted, &Actor::Console))
        .expect("a key")
}

/// A key of theirs that reads and writes in the API, and opens doors, but does not administer.
pub fn reading_key(site: &Site, owner: &Person) -> String {
    let scopes = [Scope::Door, Scope::ApiRead, Scope::ApiWrite];
    key(site, owner, wanted(&scopes, &[])).expose().to_owned()
}

/// A key of an admin that administers.
pub fn administering_key(site: &Site, owner: &Person) -> String {
    let scopes = [Scope::AdminRead, Scope::AdminWrite];
    key(site, owner, wanted(&scopes, &[])).expose().to_owned()
}

fn door(site: &Site, proxy: &str, headers: &[(&str, &str)]) -> Answer {
    ask_about(&site.client(), proxy, "POST", APP, headers)
}

fn user(site: &Site, key: &str) -> u16 {
    site.client()
        .request("GET", "/api/user")
        .header("x-api-key", key)
        .send()
        .status
}

#[test]
fn a_key_opens_the_door_in_both_spellings() {
    let site = guarding();
    let ada = site.user("ada");
    let key = key(&site, &ada, wanted(&[Scope::Door], &[]));
    let bearer = format!("Bearer {}", key.expose());
    for proxy in ALL {
        for header in [("authorization", bearer.as_str()), ("x-api-key", key.expose())] {
            let answer = door(&site, proxy, &[header]);
            assert_eq!(
                (answer.status, told(&answer)[0].as_str()),
                (200, "ada@example.org"),
                "{proxy}"
            );
        }
    }
}

#[test]
fn a_key_opens_its_hosts_and_scopes_only() {
    let site = guarding();
    let ada = site.user("ada");
    let elsewhere = key(&site, &ada, wanted(&[Scope::Door], &["other.example.org"]));
    let here = key(&site, &ada, wanted(&[Scope::Door], &["*.example.org"]));
    let reader = key(&site, &ada, wanted(&[Scope::ApiRead], &[]));
    let status = |key: &Secret| door(&site, "caddy", &[("x-api-key", key.expose())]).status;
    assert_eq!([status(&elsewhere), status(&here), status(&reader)], [403, 200, 403]);
    assert_eq!([user(&site, here.expose()), user(&site, reader.expose())], [403, 200]);
    let accept = |key: &Secret| {
        let client = site.client();
        let ask = client.request("POST", "/api/user/terms/accept").json(&json!({}));
        ask.bearer(key.expose()).send().status
    };
    let writer = key(&site, &ada, wanted(&[Scope::ApiWrite], &[]));
    assert_eq!([accept(&reader), accept(&writer)], [403, 200]);
}

#[test]
fn no_key_changes_an_account_whatever_its_scope() {
    let site = guarding();
    let ada = site.user("ada");
    let key = key(&site, &ada, wanted(&Scope::ALL, &[]));
    for (method, path) in [
        ("POST", "/api/auth/2fa/enable"),
        ("POST", "/api/auth/2fa/disable"),
        ("POST", "/api/auth/2fa/backup/regenerate"),
        ("POST", "/api/user/email/change"),
        ("DELETE", "/api/user/delete"),
    ] {
        let client = site.client();
        let ask = client.request(method, path).bearer(key.expose()).json(&json!({}));
        assert_eq!(ask.send().message(), (403, "Forbidden".to_owned()), "{method} {path}");
    }
    for path in ["/", "/account/api-keys", "/account/two-factor"] {
        let client = site.client();
        assert_eq!(
            client.request("GET", path).bearer(key.expose()).send().status,
            303,
            "{path}"
        );
    }
}

#[test]
fn a_key_ends_with_its_time_its_owner_and_when_it_is_revoked() {
    let site = guarding();
    let ada = site.user("ada");
    let account = ada.account(&site);
    let reader = key(&site, &ada, wanted(&[Scope::ApiRead], &[]));
    assert_eq!(user(&site, reader.expose()), 200);
    site.run(site.app.set_disabled(&account, true, &Actor::Console))
        .expect("locked");
    assert_eq!(user(&site, reader.expose()), 401);
    site.run(site.app.set_disabled(&account, false, &Actor::Console))
        .expect("unlocked");
    assert_eq!(user(&site, reader.expose()), 200);
    site.clock.advance(Duration::from_hours(24));
    assert_eq!(user(&site, reader.expose()), 401);
    let second = key(&site, &ada, wanted(&[Scope::ApiRead], &[]));
    let id = site.run(site.app.keys_of(&account)).expect("read")[0].id;
    let bob = site.user("bob").account(&site);
    assert!(
        !site.run(site.app.revoke_key(&bob, id, &Actor::Console)).expect("asked"),
        "somebody else's"
    );
    assert!(
        site.run(site.app.revoke_key(&account, id, &Actor::Console))
            .expect("revoked")
    );
    assert_eq!(user(&site, second.expose()), 401);
    let third = key(&site, &ada, wanted(&[Scope::ApiRead], &[]));
    let new = Secret::new("another long password 7");
    site.run(site.app.reset_password(&account, new, &Actor::Console))
        .expect("a new password");
    assert_eq!(user(&site, third.expose()), 401, "an admin's new password ends keys");
}

#[test]
fn a_wrong_key_counts_as_a_login_and_a_good_one_does_not() {
    let site = guarding_with(|config| config.limits.login.max = Some(2));
    let ada = site.user("ada");
    site.clock.advance(minutes(10));
    let good = key(&site, &ada, wanted(&Scope::ALL, &[]));
    // One key in some ends with the letter that another one is made wrong by.
    let other = if good.expose().ends_with('a') { 'e' } else { 'a' };
    let wrong = format!("{}{other}", &good.expose()[..50]);
    for key in ["lca_x", &wrong] {
        let answer = site.client().request("GET", "/api/user").bearer(key).send();
        assert_eq!(answer.message(), (401, "Invalid API key".to_owned()));
    }
    assert_eq!(user(&site, "lca_x"), 429);
    assert_eq!(door(&site, "caddy", &[("x-api-key", "lca_x")]).status, 429);
    assert_eq!((0..5).map(|_| user(&site, good.expose())).max(), Some(200));
}

#[test]
fn a_key_is_no_program_where_browsers_are_expected_and_proves_no_second_factor() {
    let site = guarding_with(|config| config.access.rules[2].limits = vec![Meter::Browsers]);
    let ada = site.user("ada");
    let good = key(&site, &ada, wanted(&[Scope::Door], &[]));
    let program = ("user-agent", "curl/8.14.1");
    assert_eq!(
        door(&site, "caddy", &[("x-api-key", good.expose()), program]).status,
        200
    );
    let site = guarding_with(|config| config.access.rules[2].effect = Effect::SecondFactor);
    let ada = site.user("ada");
    let good = key(&site, &ada, wanted(&[Scope::Door], &[]));
    assert_eq!(door(&site, "caddy", &[("x-api-key", good.expose())]).status, 403);
}

#[test]
fn the_last_use_is_written_down() {
    let site = guarding();
    let ada = site.user("ada");
    let account = ada.account(&site);
    let reader = key(&site, &ada, wanted(&[Scope::ApiRead], &[]));
    let last = || site.run(site.app.keys_of(&account)).expect("read")[0].last_used_at;
    assert_eq!(last(), None);
    user(&site, reader.expose());
    let first = last();
    assert!(first.is_some());
    site.clock.advance(minutes(2));
    user(&site, reader.expose());
    assert!(last() > first);
}

#[test]
fn the_owner_makes_and_revokes_keys_on_the_page_with_the_password() {
    let site = Site::start();
    let ada = site.user("ada");
    let form = |password: &'static str, name: &'static str| {
        let fields = [
            ("name", name),
            ("api_read", "on"),
            ("hosts", ""),
            ("days", "30"),
            ("password", password),
        ];
        ada.client.submit("/account/api-keys", "/account/api-keys", &fields)
    };
    assert_eq!(form("wrong password 1", "nas").status, 400);
    assert_eq!(form(PASSWORD, "").status, 400);
    let made = form(PASSWORD, "photo backup");
    assert_eq!(made.status, 200, "{made:?}");
    let at = made.text().find("lca_").expect("the key, this once");
    let key = made.text()[at..at + 51].to_owned();
    assert_eq!(user(&site, &key), 200);
    let page = ada.client.get("/account/api-keys");
    assert!(page.says("photo backup") && !page.text().contains(&key));
    let id = site.run(site.app.keys_of(&ada.account(&site))).expect("read")[0]
        .id
        .to_string();
    let revoked = ada
        .client
        .submit("/account/api-keys", "/account/api-keys/revoke", &[("id", &id)]);
    assert_eq!(revoked.status, 303);
    assert_eq!(user(&site, &key), 401);
    assert_eq!(site.client().get("/account/api-keys").location().0, 303);
}
