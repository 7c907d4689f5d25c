//! People without a password prove that it is they who change something: by having just signed in, by a provider, or by
//! their second factor.

use serde_json::json;

use super::idp::Idp;
use super::kit::{assert_turned_away, count, leave_to_connect, leave_to_prove, log_in, mailing, pass, person, site};
use crate::support::{Answer, Client, PASSWORD, Site};

const NEW: &str = "quite a new password";

/// Somebody whom a provider has brought, ten minutes ago.
fn stale(site: &Site, idp: &Idp) -> Client {
    let client = site.client();
    assert_eq!(log_in(&client, idp, &person("ada")).location(), (302, "/"));
    pass(site, idp, 10);
    client
}

fn prove(client: &Client, idp: &Idp, back: &str) -> Answer {
    client.get(&idp.sign_in(&leave_to_prove(client, back), &person("ada")))
}

/// Each form, with everything but a password.
fn forms(site: &Site) -> Vec<(&'static str, Vec<(&'static str, String)>)> {
    let id = count(site, "SELECT max(id) FROM identities").to_string();
    let new = || NEW.to_owned();
    vec![
        ("/account/email", vec![("email", "ada@example.com".to_owned())]),
        ("/account/connections/disconnect", vec![("id", id)]),
        ("/account/two-factor/begin", Vec::new()),
        (
            "/account/password",
            vec![("password", new()), ("confirm_password", new())],
        ),
    ]
}

fn send(client: &Client, path: &str, fields: &[(&'static str, String)]) -> Answer {
    let csrf = client.get("/").csrf();
    let mut all: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
    all.push(("csrf", &csrf));
    client.post_bare(path, &all)
}

#[test]
fn every_form_wants_a_new_sign_in_after_ten_minutes_and_works_after_it() {
    let idp = Idp::start();
    let site = mailing(&idp);
    let client = site.client();
    log_in(&client, &idp, &person("ada"));
    client.get(&idp.sign_in(&leave_to_connect(&client), &person("second")));
    pass(&site, &idp, 10);
    for (path, fields) in forms(&site) {
        for password in ["", PASSWORD] {
            let mut fields = fields.clone();
            let field = if matches!(path, "/account/email" | "/account/password") {
                "current_password"
            } else {
                "password"
            };
            if !fields.iter().any(|(name, _)| *name == field) {
                fields.push((field, password.to_owned()));
            }
            let answer = send(&client, path, &fields);
            assert_eq!(answer.status, 400, "{path}: {answer:?}");
            assert!(
                answer.says("sign in again") || answer.says("Sign in again"),
                "{path}: {}",
                answer.text()
            );
        }
    }
    for (path, fields) in forms(&site) {
        assert_eq!(
            prove(&client, &idp, "/account/connections").location(),
            (302, "/account/connections?done=proved")
        );
        let answer = send(&client, path, &fields);
        assert_eq!(answer.status, 303, "{path}: {}", answer.text());
        let (_, target) = answer.location();
        assert!(
            target.contains("done=") || target.ends_with("/setup"),
            "{path}: {target}"
        );
        pass(&site, &idp, 10);
    }
    // With a password the password counts, however fresh the session.
    prove(&client, &idp, "/");
    let answer = send(
        &client,
        "/account/two-factor/begin",
        &[("password", "a wrong one".to_owned())],
    );
    assert_eq!(answer.status, 400);
    let answer = send(&client, "/account/two-factor/begin", &[("password", NEW.to_owned())]);
    assert_eq!(answer.status, 303);
}

#[test]
fn an_account_without_a_password_can_be_deleted_after_a_new_sign_in() {
    let idp = Idp::start();
    let site = site(&idp);
    let client = stale(&site, &idp);
    let answer = send(&client, "/account/delete", &[]);
    assert!(
        answer.status == 400 && answer.says("sign in again first"),
        "{}",
        answer.text()
    );
    let page = client.get("/");
    assert!(
        page.says("Sign in again with OpenID") && !page.says("delete-password"),
        "{}",
        page.text()
    );
    prove(&client, &idp, "/");
    assert!(!client.get("/").says("Sign in again with OpenID"));
    assert_eq!(send(&client, "/account/delete", &[]).status, 303);
    assert_eq!(site.user_count(), 0);
}

#[test]
fn a_connection_is_not_begun_with_a_stale_session() {
    let idp = Idp::start();
    let site = site(&idp);
    let client = stale(&site, &idp);
    let answer = send(&client, "/oauth/openid", &[]);
    assert!(
        answer.status == 400 && answer.says("sign in again first"),
        "{}",
        answer.text()
    );
    assert_eq!(count(&site, "SELECT count(*) FROM attempts"), 0);
}

#[test]
fn only_an_identity_of_the_account_proves_anything_and_nothing_is_connected_by_it() {
    let idp = Idp::start();
    let site = site(&idp);
    log_in(&site.client(), &idp, &person("eve"));
    let client = stale(&site, &idp);
    for other in [
        person("nobody"),
        person("eve"),
        json!({ "sub": "sub-x", "email": "ada@example.org", "email_verified": true }),
    ] {
        let answer = client.get(&idp.sign_in(&leave_to_prove(&client, "/"), &other));
        assert_turned_away(&answer, "other_person");
        let (_, target) = answer.location();
        let (_, query) = target.split_once("/oauth/connect").expect("the page");
        assert!(
            client
                .get(&format!("/oauth/connect{query}"))
                .says("signed in as somebody else")
        );
    }
    assert_eq!(count(&site, "SELECT count(*) FROM identities"), 2);
    assert_eq!(send(&client, "/account/delete", &[]).status, 400);
}

#[test]
fn a_proof_is_for_the_session_that_left_for_it() {
    let idp = Idp::start();
    let site = site(&idp);
    let client = stale(&site, &idp);
    let other = stale(&site, &idp);
    pass(&site, &idp, 10);
    // Whoever comes back in another browser proves nothing, there or here.
    let path = idp.sign_in(&leave_to_prove(&client, "/"), &person("ada"));
    assert!(!other.get(&path).location().1.contains("done=proved"));
    assert_eq!(send(&other, "/account/delete", &[]).status, 400);
    // And a way back works once.
    let path = idp.sign_in(&leave_to_prove(&client, "https://evil.example/"), &person("ada"));
    assert_eq!(client.get(&path).location(), (302, "/?done=proved"));
    pass(&site, &idp, 10);
    client.get(&path);
    assert_eq!(send(&client, "/account/delete", &[]).status, 400);
    assert_eq!(send(&other, "/account/delete", &[]).status, 400);
}

#[test]
fn the_way_back_in_says_how_where_no_provider_can_be_used() {
    let idp = Idp::start();
    let site = site(&idp);
    let client = stale(&site, &idp);
    site.sql("UPDATE identities SET provider = 'gone'");
    let page = client.get("/");
    assert!(page.says("Sign out, then sign in again"), "{}", page.text());
}
