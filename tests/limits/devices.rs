//! Nobody is locked out by strangers: a device from which somebody logged in before has an allowance of its own.

use serde_json::json;

use super::{exhaust, knock, log_in_from, minutes, said, site};
use crate::support::{Client, PASSWORD, Person, Site};

const COOKIE: &str = "librechat_auth_device";

/// Ada's browser after she has logged out, and a site where strangers have used up what may be guessed on her account.
fn besieged() -> (Site, Client) {
    let site = site();
    let ada = site.user("ada");
    assert_eq!(ada.client.post("/api/auth/logout", &json!({})).status, 200);
    exhaust(&site, "ada");
    assert_eq!(knock(&site, "ada").status, 429);
    (site, ada.client)
}

#[test]
fn a_known_device_gets_in_while_strangers_are_refused() {
    let (site, ada) = besieged();
    let answer = log_in_from(&ada, 77, "ada@example.org", PASSWORD);
    assert_eq!(answer.status, 200);
    assert_eq!(said(&answer), [Some("5"), Some("5"), None]);
    assert_eq!(knock(&site, "ada").status, 429);
}

#[test]
fn a_known_device_gets_in_by_the_page_too() {
    let (_site, ada) = besieged();
    let fields = [("email", "ADA@example.org"), ("password", PASSWORD)];
    assert_eq!(ada.submit("/login", "/login", &fields).location(), (303, "/"));
    assert_eq!(ada.get("/").status, 200);
}

#[test]
fn a_login_by_the_page_makes_the_device_known_to_the_api() {
    let site = site();
    Person::register(&site, "ada");
    let ada = site.client();
    let fields = [("email", "ada@example.org"), ("password", PASSWORD)];
    assert_eq!(ada.submit("/login", "/login", &fields).status, 303);
    exhaust(&site, "ada");
    assert_eq!(log_in_from(&ada, 77, "ada@example.org", PASSWORD).status, 200);
}

#[test]
fn a_known_device_has_five_failures_for_itself() {
    let (site, ada) = besieged();
    for left in ["4", "3", "2", "1", "0"] {
        let answer = log_in_from(&ada, 77, "ada@example.org", "a wrong password");
        assert_eq!((answer.status, said(&answer)), (400, [Some("5"), Some(left), None]));
    }
    assert_eq!(log_in_from(&ada, 77, "ada@example.org", PASSWORD).status, 429);
    let site = site.restarted();
    let ada = ada.moved_to(site.address);
    assert_eq!(log_in_from(&ada, 78, "ada@example.org", PASSWORD).status, 429);
    site.clock.advance(minutes(15));
    assert_eq!(log_in_from(&ada, 78, "ada@example.org", PASSWORD).status, 200);
}

#[test]
fn what_fails_on_a_known_device_counts_against_the_account_first() {
    let site = site();
    let ada = site.user("ada");
    let answer = log_in_from(&ada.client, 77, "ada@example.org", "a wrong password");
    assert_eq!(said(&answer), [Some("20"), Some("19"), None]);
}

#[test]
fn the_proof_of_another_account_or_of_nobody_opens_nothing() {
    let (site, ada) = besieged();
    let proof = ada.cookie(COOKIE).unwrap();
    let bob = site.user("bob");
    let (id, rest) = proof.split_once('.').unwrap();
    let bobs = bob.client.cookie(COOKIE).unwrap();
    let (_, bobs_rest) = bobs.split_once('.').unwrap();
    let flipped = if proof.ends_with('A') { "E" } else { "A" };
    for forged in [
        bobs.clone(),
        format!("{id}.{bobs_rest}"),
        format!("{}{flipped}", &proof[..proof.len() - 1]),
        format!("{id}.{}", rest.replace('.', "")),
        String::new(),
        "x".repeat(4000),
    ] {
        let client = site.client();
        client.set_cookie(COOKIE, &forged);
        let answer = log_in_from(&client, 77, "ada@example.org", PASSWORD);
        assert_eq!(answer.status, 429, "{forged}");
    }
}

#[test]
fn the_proof_lasts_a_year_is_renewed_by_each_login_and_stays_at_logout() {
    let site = site();
    let ada = site.user("ada");
    let again = ada.client.post(
        "/api/auth/login",
        &json!({ "email": "ada@example.org", "password": PASSWORD }),
    );
    let cookie = again.cookie(COOKIE).unwrap();
    assert_eq!(
        cookie.attributes,
        ["HttpOnly", "Max-Age=31536000", "Path=/", "SameSite=Lax"]
    );
    let proof = ada.client.cookie(COOKIE).unwrap();
    let third = ada.client.post(
        "/api/auth/login",
        &json!({ "email": "ada@example.org", "password": PASSWORD }),
    );
    assert_eq!(third.cookie(COOKIE).unwrap().value, proof);
    assert_eq!(ada.client.post("/api/auth/refresh", &json!({})).cookie(COOKIE), None);
    let out = ada.client.post("/api/auth/logout", &json!({}));
    assert_eq!(out.cookie(COOKIE), None);
    assert_eq!(ada.client.cookie(COOKIE), Some(proof));
}

#[test]
fn a_failed_login_makes_no_device_known() {
    let site = site();
    Person::register(&site, "ada");
    let answer = log_in_from(&site.client(), 1, "ada@example.org", "a wrong password");
    assert_eq!(answer.cookie(COOKIE), None);
}
