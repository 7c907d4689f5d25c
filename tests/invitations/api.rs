//! `POST /api/auth/register` with a token.

use librechat_auth::app::invitations::Wanted;
use librechat_auth::domain::account::Role;
use serde_json::json;

use super::kit::{
    CONSOLE, closed, closed_with, for_anybody, for_domains, for_one, invalid, invite, now, register, times, with_token,
};
use crate::support::{Person, Site, days, just_under, registration, seconds};

const DONE: &str = "Please check your email to verify your email address.";

#[test]
fn an_invited_person_registers_while_strangers_may_not() {
    let site = closed();
    let (token, invitation) = invite(&site, for_anybody(times(1)));
    let stranger = site.client().post("/api/auth/register", &registration("ada"));
    assert_eq!(stranger.message(), (403, "Registration is not allowed.".to_owned()));
    assert_eq!(register(&site, "ada", &token).message(), (200, DONE.to_owned()));
    Person::log_in(&site, "ada");
    let ada = site.account("ada").expect("made");
    assert_eq!((ada.role.as_str(), now(&site, &invitation).used), ("USER", 1));
    let events: Vec<_> = site
        .events_about(&ada)
        .into_iter()
        .map(|event| (event.kind.key(), event.detail))
        .collect();
    assert_eq!(events[1], ("invitation_used", format!("invitation:{}", invitation.id)));
    let guests = site.run(site.app.guests_of(invitation.id, 9)).expect("a list");
    assert_eq!(guests.iter().map(|(id, _)| *id).collect::<Vec<_>>(), [ada.id]);
}

#[test]
fn a_link_has_as_many_seats_as_it_says() {
    let site = closed();
    let (token, _) = invite(&site, for_anybody(times(2)));
    assert_eq!(register(&site, "ada", &token).status, 200);
    assert_eq!(register(&site, "bob", &token).status, 200);
    assert_eq!(register(&site, "eve", &token).message(), invalid());
    assert_eq!(site.user_count(), 2);
    let (token, _) = invite(&site, for_anybody(None));
    for name in ["eve", "cyd", "dan"] {
        assert_eq!(register(&site, name, &token).status, 200);
    }
}

#[test]
fn a_failed_attempt_costs_no_seat() {
    let site = closed_with(|config| config.accounts.allowed_domains = vec!["example.org".to_owned()]);
    site.create("ada", Role::User);
    let (token, invitation) = invite(&site, for_anybody(times(1)));
    let mut attempts = Vec::new();
    for (field, value) in [
        ("name", json!("x")),
        ("email", json!("nonsense")),
        ("email", json!(7)),
        ("email", json!("bob@elsewhere.org")),
        ("password", json!("short")),
        ("confirm_password", json!("another one")),
        ("role", json!("ADMIN")),
        // The address has an account: answered like any other, and nothing happens.
        ("email", json!("ada@example.org")),
    ] {
        let mut body = with_token("bob", &token);
        body[field] = value;
        attempts.push(site.client().post("/api/auth/register", &body).status);
    }
    assert_eq!(attempts, [400, 400, 400, 403, 400, 400, 400, 200]);
    assert_eq!((now(&site, &invitation).used, site.user_count()), (0, 1));
    assert_eq!(register(&site, "bob", &token).status, 200);
    assert_eq!(now(&site, &invitation).used, 1);
}

#[test]
fn a_link_for_one_address_is_for_no_other() {
    let site = closed();
    let (token, invitation) = invite(&site, for_one("ada"));
    for other in ["bob", "ad.a", "ada+x"] {
        assert_eq!(register(&site, other, &token).message(), invalid(), "{other}");
    }
    let mut body = with_token("ada", &token);
    body["email"] = json!("ADA@Example.ORG");
    assert_eq!(site.client().post("/api/auth/register", &body).status, 200);
    assert_eq!((now(&site, &invitation).used, site.user_count()), (1, 1));
}

#[test]
fn a_link_for_domains_is_for_no_other_domain() {
    let site = closed();
    let (token, _) = invite(&site, for_domains(&["example.com", "example.net"]));
    let refused = register(&site, "ada", &token);
    let text = "The email address provided cannot be used. Please use a different email address.";
    assert_eq!(refused.message(), (403, text.to_owned()));
    let mut body = with_token("ada", &token);
    body["email"] = json!("ada@Example.net");
    assert_eq!(site.client().post("/api/auth/register", &body).status, 200);
}

#[test]
fn a_link_dies_of_age_of_revocation_and_of_the_switch() {
    let site = closed();
    let (token, _) = invite(&site, for_anybody(times(9)));
    site.clock.advance(just_under(days(7)));
    assert_eq!(register(&site, "ada", &token).status, 200);
    site.clock.advance(seconds(1));
    assert_eq!(register(&site, "bob", &token).message(), invalid());

    let (token, invitation) = invite(&site, for_anybody(times(9)));
    assert_eq!(register(&site, "bob", &token).status, 200);
    site.run(site.app.revoke_invitation(invitation.id, CONSOLE))
        .expect("revoked");
    assert_eq!(register(&site, "eve", &token).message(), invalid());
    Person::log_in(&site, "bob");

    let off = closed_with(|config| config.accounts.invitations = false);
    let (token, _) = invite(&off, for_anybody(times(9)));
    assert_eq!(register(&off, "ada", &token).message(), invalid());
}

#[test]
fn a_token_that_is_none_is_refused_even_while_strangers_may_register() {
    let site = Site::start();
    let (real, _) = invite(&site, for_anybody(times(1)));
    let nearly = format!("{}A", &real[..42]);
    let long = "x".repeat(5_000);
    for token in [
        "abc",
        "null",
        " ",
        nearly.as_str(),
        &real[1..],
        "\u{0}",
        long.as_str(),
        "%22",
        "Undefined",
    ] {
        let answer = register(&site, "ada", token);
        // One chance in sixteen that the last digit was an A already.
        if token == real {
            continue;
        }
        assert_eq!(answer.message(), invalid(), "{token:?}");
    }
    for token in [json!(1), json!([]), json!({ "$ne": "" }), json!(true)] {
        let mut body = registration("ada");
        body["token"] = token;
        assert_eq!(site.client().post("/api/auth/register", &body).message(), invalid());
    }
    assert_eq!(
        register(&site, "bob", "undefined").status,
        200,
        "what LibreChat's client sends without a link"
    );
}

#[test]
fn guests_get_the_role_of_their_invitation() {
    let site = closed();
    let role = Role::Custom("Family".to_owned());
    let (token, _) = invite(
        &site,
        Wanted {
            role: role.clone(),
            ..for_anybody(times(1))
        },
    );
    assert_eq!(register(&site, "ada", &token).status, 200);
    assert_eq!(site.account("ada").expect("made").role, role);
}

#[test]
fn invited_people_do_not_wait_for_an_admin() {
    let site = closed_with(|config| config.accounts.approval = true);
    let (token, _) = invite(&site, for_one("ada"));
    assert_eq!(register(&site, "ada", &token).status, 200);
    Person::log_in(&site, "ada");
}
