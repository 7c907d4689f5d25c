//! The flight recorder: how logins ended, and nothing that would open anything.

use librechat_auth::app::audit::Actor;
use librechat_auth::app::flights::Wanted;
use librechat_auth::domain::account::Role;
use librechat_auth::domain::federation::flight::{Flight, Kind, Stage};
use serde_json::json;

use super::idp::{CLIENT_SECRET, Idp};
use super::kit::{count, leave, log_in, person, site, site_with};
use crate::support::{Answer, Site, days};

fn flights(site: &Site, only_failed: bool) -> Vec<Flight> {
    site.run(site.app.flush_flights()).expect("written");
    // The server's own chore may have taken what was collected. Writes are done in turn, so after this one that is there, too.
    site.run(site.app.purge_unproved()).expect("written");
    let wanted = Wanted {
        provider: None,
        only_failed,
        most: 1000,
    };
    site.run(site.app.flights(&wanted)).expect("a list")
}

fn number(answer: &Answer) -> String {
    answer.header("x-reference").expect("a number").to_owned()
}

#[test]
fn a_success_is_remembered_once_an_identity_without_anything_secret() {
    let idp = Idp::start();
    let site = site(&idp);
    let claims = json!({
        "sub": "sub-ada", "email": "ada@example.org", "email_verified": true, "groups": ["a"], "phone_number": "+1 555",
    });
    for _ in 0..3 {
        log_in(&site.client(), &idp, &claims);
    }
    let all = flights(&site, false);
    assert_eq!(all.len(), 1, "{all:?}");
    let flight = &all[0];
    assert_eq!(
        (flight.kind, flight.stage, flight.cause.as_str()),
        (Kind::Success, Stage::Entry, "entered")
    );
    assert_eq!(
        flight.subject.as_ref().map(|subject| subject.subject.as_str()),
        Some("sub-ada")
    );
    let text = format!("{flight:?}");
    assert!(text.contains("ada@example.org") && text.contains("groups"), "{text}");
    for secret in ["an access token", "code-", "eyJ", "555", CLIENT_SECRET] {
        assert!(!text.contains(secret), "{secret}: {text}");
    }
    assert!(flights(&site, true).is_empty());
}

#[test]
fn whoever_is_turned_away_is_recorded_under_the_number_on_the_page() {
    let idp = Idp::start();
    let site = site_with(&idp, |openid| openid.doors.sign_up = false);
    let client = site.client();
    let refused = log_in(&client, &idp, &person("ada"));
    idp.forge(|draft| {
        for name in ["iat", "exp"] {
            draft.claims[name] = json!(draft.claims[name].as_i64().expect("a time") + 154);
        }
    });
    let ahead = log_in(&client, &idp, &person("ada"));
    let cancelled = client.get(&idp.refuse(&leave(&client, "/oauth/openid"), "access_denied", None));
    let said_no = client.get(&idp.refuse(&leave(&client, "/oauth/openid"), "server_error", Some("disk\nfull")));
    idp.answer(
        "/token",
        400,
        "application/json",
        r#"{"error":"redirect_uri_mismatch"}"#,
    );
    let mismatch = log_in(&client, &idp, &person("ada"));
    for (answer, kind, stage, verdict) in [
        (&refused, Kind::Refused, Stage::Decision, "setting sign_up"),
        (
            &ahead,
            Kind::Failed,
            Stage::Answer,
            "the provider's clock is 154 s ahead of ours",
        ),
        (&cancelled, Kind::Failed, Stage::Return, "said no"),
        (&said_no, Kind::Failed, Stage::Return, "\"server_error\" (diskfull)"),
        (
            &mismatch,
            Kind::Failed,
            Stage::Answer,
            "the redirect URI is not registered there",
        ),
    ] {
        site.run(site.app.flush_flights()).expect("written");
        let flight = site
            .run(site.app.flight(&number(answer)))
            .expect("read")
            .expect("recorded");
        assert_eq!((flight.kind, flight.stage), (kind, stage), "{flight:?}");
        assert!(flight.verdict.contains(verdict), "{flight:?}");
        assert_eq!(flight.claims.is_some(), kind == Kind::Refused, "{flight:?}");
    }
    assert_eq!(flights(&site, true).len(), 5);
}

#[test]
fn what_keeps_somebody_out_at_the_door_is_recorded_too() {
    let idp = Idp::start();
    let site = site(&idp);
    log_in(&site.client(), &idp, &person("ada"));
    let ada = site.account("ada").expect("there");
    site.run(site.app.set_disabled(&ada, true, &Actor::Console))
        .expect("locked");
    let answer = log_in(&site.client(), &idp, &person("ada"));
    let all = flights(&site, true);
    assert_eq!(
        (all[0].reference.as_str(), all[0].stage),
        (number(&answer).as_str(), Stage::Entry)
    );
    assert_eq!(all[0].verdict, "the account is locked");
    // The last success is still there.
    assert_eq!(flights(&site, false).len(), 2);
}

#[test]
fn a_provider_that_cannot_be_asked_is_recorded_before_anybody_leaves() {
    let idp = Idp::start();
    idp.describe(|document| document["issuer"] = json!("https://other.example"));
    let site = site(&idp);
    let answer = site.client().get("/oauth/openid");
    let all = flights(&site, true);
    assert_eq!((all.len(), all[0].stage), (1, Stage::Departure));
    assert_eq!(all[0].reference, number(&answer));
    assert!(
        all[0].verdict.contains("the issuer calls itself https://other.example"),
        "{all:?}"
    );
}

#[test]
fn the_way_back_of_a_stranger_leaves_nothing() {
    let idp = Idp::start();
    let site = site(&idp);
    let client = site.client();
    client.get("/oauth/openid/callback?error=x");
    client.get("/oauth/openid/callback?code=x&state=y");
    client.get(&format!("/oauth/openid/callback?code=x&state={}", "A".repeat(43)));
    client.get("/oauth/nobody");
    assert!(flights(&site, false).is_empty());
}

#[test]
fn the_record_is_bounded_and_strangers_do_not_crowd_people_out() {
    let idp = Idp::start();
    let site = site_with(&idp, |openid| openid.doors.sign_up = false);
    log_in(&site.client(), &idp, &person("ada"));
    assert_eq!(flights(&site, true).len(), 1);
    let path = site.app.config.data_dir.join("librechat-auth.db");
    let connection = rusqlite::Connection::open(path).expect("the database opens");
    for at in 0..300 {
        let reference = format!("N{at}");
        let sql = "INSERT INTO flights (reference, at, provider, kind, stage, cause, verdict) \
                   VALUES (?1, 1, 'openid', 'failed', 'answer', 'x', 'x')";
        connection.execute(sql, [reference]).expect("recorded");
    }
    let client = site.client();
    client.get(&idp.refuse(&leave(&client, "/oauth/openid"), "server_error", None));
    let all = flights(&site, true);
    assert_eq!(all.iter().filter(|flight| flight.kind == Kind::Failed).count(), 200);
    assert_eq!(all.iter().filter(|flight| flight.kind == Kind::Refused).count(), 1);
}

#[test]
fn what_is_old_and_what_is_about_nobody_goes() {
    let idp = Idp::start();
    let site = site(&idp);
    log_in(&site.client(), &idp, &person("ada"));
    log_in(&site.client(), &idp, &person("eve"));
    assert_eq!(flights(&site, false).len(), 2);
    let ada = site.account("ada").expect("there");
    assert_eq!(ada.role, Role::User);
    site.run(site.app.delete_user(&ada, &Actor::Console)).expect("deleted");
    site.run(site.app.purge_history()).expect("cleaned");
    assert_eq!(flights(&site, false).len(), 1);
    site.clock.advance(days(91));
    site.run(site.app.purge_history()).expect("cleaned");
    assert!(flights(&site, false).is_empty());
    assert_eq!(count(&site, "SELECT count(*) FROM flights"), 0);
}

#[test]
fn userinfo_that_fails_is_told_with_the_login() {
    let idp = Idp::start();
    let site = super::roles::requiring_userinfo(&idp);
    idp.answer("/userinfo", 503, "application/json", "{}");
    let answer = log_in(&site.client(), &idp, &person("ada"));
    let all = flights(&site, true);
    assert_eq!(all[0].reference, number(&answer));
    assert!(
        all[0]
            .verdict
            .contains("required role cannot be read: userinfo could not be read")
            && all[0].verdict.contains("503"),
        "{all:?}"
    );
}
