//! An address that an account has already, at a provider: nobody gets in by it, and nothing is connected by it.

use librechat_auth::app::audit::Actor;
use librechat_auth::domain::account::Role;
use serde_json::{Value, json};

use super::idp::Idp;
use super::kit::{assert_turned_away, count, details, log_in, logged_in_as, person, site, site_with};
use crate::support::{PASSWORD, Person, credentials, minutes};

fn claims(proved: Value) -> Value {
    let mut claims = json!({ "sub": "sub-somebody", "email": "Ada@Example.org", "name": "Somebody" });
    if !proved.is_null() {
        claims["email_verified"] = proved;
    }
    claims
}

#[test]
fn an_address_in_common_lets_nobody_in_whatever_the_provider_says_of_it() {
    let idp = Idp::start();
    for trusts in [false, true] {
        let site = site_with(&idp, |openid| openid.trust_email = trusts);
        let ada = site.user("ada");
        let before = ada.account(&site);
        for proved in [
            json!(true),
            json!("true"),
            json!(false),
            json!("false"),
            Value::Null,
            json!(1),
        ] {
            let client = site.client();
            assert_turned_away(&log_in(&client, &idp, &claims(proved)), "account_exists");
            assert_eq!(logged_in_as(&client), None);
        }
        assert_eq!(count(&site, "SELECT count(*) FROM identities"), 0);
        assert_eq!(ada.open_doors(), [true; 3]);
        let after = ada.account(&site);
        assert_eq!(
            (after.email_verified, after.name, after.provider),
            (before.email_verified, before.name, before.provider)
        );
        let told = details(&site, &ada.account(&site));
        assert_eq!(
            told.iter()
                .filter(|line| **line == "login_refused openid: account_exists")
                .count(),
            6
        );
    }
}

#[test]
fn nobody_s_user_name_lets_anybody_in() {
    let idp = Idp::start();
    let site = site(&idp);
    site.user("ada");
    let client = site.client();
    log_in(
        &client,
        &idp,
        &json!({ "sub": "ada", "preferred_username": "ada", "email": "eve@example.org" }),
    );
    assert_eq!(logged_in_as(&client).as_deref(), Some("eve@example.org"));
}

#[test]
fn an_account_made_before_its_owner_came_loses_every_old_key() {
    let idp = Idp::start();
    let site = site(&idp);
    site.create_unverified("ada");
    site.sql("UPDATE users SET email_verified_at = 1 WHERE email = 'ada@example.org'");
    let hijacker = Person::log_in(&site, "ada");
    site.sql("UPDATE users SET email_verified_at = NULL WHERE email = 'ada@example.org'");
    assert_eq!(hijacker.open_doors(), [true; 3]);

    // Not for an address that the provider does not prove.
    for proved in [json!(false), Value::Null] {
        assert_turned_away(&log_in(&site.client(), &idp, &claims(proved)), "account_exists");
    }
    assert_eq!(hijacker.open_doors(), [true; 3]);

    let owner = site.client();
    assert_eq!(log_in(&owner, &idp, &person("ada")).location(), (302, "/"));
    assert_eq!(hijacker.open_doors(), [false; 3]);
    let answer = site.client().post("/api/auth/login", &credentials("ada"));
    assert_eq!(answer.status, 400, "the old password is dead: {answer:?}");
    let account = site.account("ada").expect("there");
    assert!(account.email_verified && account.name == "ada elsewhere");
    assert_eq!(site.user_count(), 1);
    assert!(details(&site, &account).contains(&"account_taken_over openid: address_proved".to_owned()));
    assert_eq!(logged_in_as(&owner).as_deref(), Some("ada@example.org"));
}

#[test]
fn an_identity_planted_with_an_unproved_address_dies_with_it() {
    let idp = Idp::start();
    let site = site(&idp);
    let eve = json!({ "sub": "sub-eve", "email": "ada@example.org", "email_verified": false });
    let hijacker = site.client();
    log_in(&hijacker, &idp, &eve);
    assert_eq!(logged_in_as(&hijacker).as_deref(), Some("ada@example.org"));
    let owner = site.client();
    log_in(&owner, &idp, &person("ada"));
    assert_eq!(logged_in_as(&owner).as_deref(), Some("ada@example.org"));
    assert_eq!(logged_in_as(&hijacker), None);
    assert_turned_away(&log_in(&hijacker, &idp, &eve), "account_exists");
}

#[test]
fn a_reset_takes_what_was_planted_with_an_unproved_address_too() {
    let idp = Idp::start();
    let site = site(&idp);
    let eve = json!({ "sub": "sub-eve", "email": "ada@example.org", "email_verified": false });
    let hijacker = site.client();
    log_in(&hijacker, &idp, &eve);
    let account = site.account("ada").expect("made");
    let path = site
        .run(site.app.make_reset_link(&account, minutes(15), &Actor::Console))
        .expect("a link");
    let owner = site.client();
    let token = owner.get(&path).value_of("token").expect("a form");
    let id = account.id.to_string();
    let new = [
        ("token", token.as_str()),
        ("user_id", &id),
        ("password", PASSWORD),
        ("confirm_password", PASSWORD),
    ];
    let answer = owner.submit(&path, "/reset-password", &new);
    assert_eq!(answer.status, 303, "{}", answer.text());
    assert_eq!(logged_in_as(&hijacker), None);
    assert_turned_away(&log_in(&hijacker, &idp, &eve), "account_exists");
}

#[test]
fn an_account_with_power_or_a_lock_never_changes_hands() {
    let idp = Idp::start();
    let site = site(&idp);
    let admin = site.create_unverified("ada");
    site.run(site.app.set_role(&admin, Role::Admin, &Actor::Console))
        .expect("an admin");
    assert_turned_away(&log_in(&site.client(), &idp, &person("ada")), "account_exists");
    let locked = site.create_unverified("bea");
    site.run(site.app.set_disabled(&locked, true, &Actor::Console))
        .expect("locked");
    assert_turned_away(&log_in(&site.client(), &idp, &person("bea")), "account_exists");
    assert_eq!(count(&site, "SELECT count(*) FROM identities"), 0);
}

#[test]
fn closed_sign_up_closes_this_way_too() {
    let idp = Idp::start();
    let site = site_with(&idp, |openid| openid.doors.sign_up = false);
    site.create_unverified("ada");
    assert_turned_away(&log_in(&site.client(), &idp, &person("ada")), "account_exists");
}

#[test]
fn whoever_is_connected_can_still_log_in_with_their_password() {
    let idp = Idp::start();
    let site = site(&idp);
    site.user("ada");
    let client = site.client();
    log_in(&client, &idp, &person("ada"));
    let form = [("email", "ada@example.org"), ("password", PASSWORD)];
    assert_eq!(client.submit("/login", "/login", &form).status, 303);
    client.submit("/oauth/connect", "/oauth/connect", &[("answer", "yes")]);
    let other = site.client();
    assert_eq!(log_in(&other, &idp, &person("ada")).location(), (302, "/"));
    assert_eq!(site.client().post("/api/auth/login", &credentials("ada")).status, 200);
}
