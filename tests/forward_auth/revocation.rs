//! Whoever is locked out is out at the very next request, whichever process did it.

use librechat_auth::app::audit::Actor;
use librechat_auth::domain::access::Effect;
use librechat_auth::domain::account::Role;
use librechat_auth::domain::group::GroupName;

use super::kit::{ALL, APP, ask_about, guarding, guarding_with, rule};
use crate::support::{Person, Site, days};

/// Statuses that the person gets from every proxy, by cookie and by token.
fn statuses(site: &Site, person: &Person) -> Vec<u16> {
    let bearer = format!("Bearer {}", person.token);
    let by_token = [("authorization", bearer.as_str())];
    ALL.iter()
        .flat_map(|proxy| {
            [
                ask_about(&person.client.copy(), proxy, "GET", APP, &[]).status,
                ask_about(&site.client(), proxy, "GET", APP, &by_token).status,
            ]
        })
        .collect()
}

fn assert_out_after(what: &str, act: impl FnOnce(&Site, &Person)) {
    let site = guarding();
    let ada = site.user("ada");
    assert_eq!(statuses(&site, &ada), [200; 10], "{what}");
    act(&site, &ada);
    assert_eq!(statuses(&site, &ada), [401; 10], "{what}");
}

#[test]
fn a_disabled_deleted_or_logged_out_user_is_out() {
    assert_out_after("disabled", |site, ada| {
        site.run(site.app.set_disabled(&ada.account(site), true, &Actor::Console))
            .expect("disabled");
    });
    assert_out_after("deleted", |site, ada| {
        site.run(site.app.delete_user(&ada.account(site), &Actor::Console))
            .expect("deleted");
    });
    assert_out_after("logged out", |_, ada| {
        ada.client.copy().post("/api/auth/logout", &serde_json::json!({}));
    });
    assert_out_after("a new password", |site, ada| {
        let account = ada.account(site);
        let password = librechat_auth::domain::secret::Secret::new("another copper kettle");
        site.run(site.app.reset_password(&account, password, &Actor::Console))
            .expect("reset");
    });
    assert_out_after("the end of the session", |site, _| site.clock.advance(days(7)));
}

#[test]
fn what_another_process_writes_counts_at_once() {
    assert_out_after("disabled", |site, _| site.sql("UPDATE users SET disabled_at = 1"));
    assert_out_after("ended", |site, _| site.sql("DELETE FROM sessions"));
    assert_out_after("deleted", |site, _| site.sql("DELETE FROM users"));
}

#[test]
fn a_banned_user_is_out() {
    let site = guarding();
    let ada = site.user("ada");
    let subject = librechat_auth::domain::moderation::subject::Subject::User(ada.account(&site).id);
    site.run(site.app.add_ban(subject, None, "", &Actor::Console))
        .expect("stored")
        .expect("banned");
    assert_eq!(statuses(&site, &ada), [401; 10], "the sessions are gone");
}

#[test]
fn a_banned_address_is_refused_whoever_comes_from_it() {
    let site = guarding();
    let ada = site.user("ada");
    let subject = "net:203.0.113.9".parse().expect("a network");
    site.run(site.app.add_ban(subject, None, "", &Actor::Console))
        .expect("stored")
        .expect("banned");
    for proxy in ALL {
        let from = |address: &str| ask_about(&ada.client, proxy, "GET", APP, &[("x-forwarded-for", address)]).status;
        assert_eq!((from("203.0.113.9"), from("203.0.113.8")), (403, 200), "{proxy}");
    }
}

#[test]
fn a_demoted_user_is_out_of_what_is_for_admins() {
    let site = guarding_with(|config| {
        let mut admins = rule("app.example.org", &[], Effect::Allow);
        admins.roles = vec![Role::Admin];
        config.access.rules = vec![admins];
    });
    let root = site.admin();
    assert_eq!(statuses(&site, &root), [200; 10]);
    site.run(site.app.set_role(&root.account(&site), Role::User, &Actor::Console))
        .expect("demoted");
    assert_eq!(statuses(&site, &root), [403; 10]);
}

#[test]
fn who_leaves_a_group_is_out_of_what_is_for_it() {
    let family = GroupName::parse("family").expect("a name");
    let site = guarding_with(|config| {
        let mut theirs = rule("app.example.org", &[], Effect::Allow);
        theirs.groups = vec![family.clone()];
        config.access.rules = vec![theirs];
    });
    let ada = site.user("ada");
    assert_eq!(statuses(&site, &ada), [403; 10]);
    let account = ada.account(&site);
    site.run(site.app.set_membership(&account, &family, true, &Actor::Console))
        .expect("joined");
    assert_eq!(statuses(&site, &ada), [200; 10]);
    site.run(site.app.set_membership(&account, &family, false, &Actor::Console))
        .expect("left");
    assert_eq!(statuses(&site, &ada), [403; 10]);
}
