//! `POST /api/violations`: who may report, what is refused, and what is kept.

use librechat_auth::domain::moderation::points::Points;
use librechat_auth::domain::moderation::violation::{Recorded, Violation};
use librechat_auth::store::scores::Filter;
use serde_json::json;

use super::kit::{API_SECRET, MALLORY, at, reported_to, score, tell};
use crate::support::Site;

fn recorded(site: &Site) -> Vec<Recorded> {
    let filter = Filter {
        limit: 1000,
        ..Filter::default()
    };
    site.run(site.app.violations(filter)).expect("violations")
}

#[test]
fn without_a_secret_in_the_settings_the_route_is_not_there() {
    let site = reported_to(|config| config.moderation.api_secret = None);
    for secret in [API_SECRET, ""] {
        let client = site.client();
        let request = client.request("POST", "/api/violations").bearer(secret);
        let answer = request.json(&json!({ "type": "logins", "address": MALLORY })).send();
        assert_eq!(answer.message(), (404, "Endpoint not found".to_owned()));
    }
}

#[test]
fn whoever_has_not_the_secret_reports_nothing() {
    let site = reported_to(|_| {});
    let ada = site.user("ada");
    let admin = site.admin();
    let body = json!({ "type": "logins", "address": MALLORY });
    assert_eq!(site.client().post("/api/violations", &body).status, 401);
    for wrong in [
        "wrong",
        &API_SECRET[1..],
        &format!("{API_SECRET}x"),
        &ada.token,
        &admin.token,
    ] {
        let client = site.client();
        let answer = client
            .request("POST", "/api/violations")
            .bearer(wrong)
            .json(&body)
            .send();
        assert_eq!(answer.message(), (401, "Unauthorized".to_owned()));
        assert!(!answer.says(wrong));
    }
    assert_eq!(recorded(&site), []);
}

#[test]
fn every_kind_is_taken_by_librechats_name() {
    let site = reported_to(|_| {});
    for kind in Violation::ALL {
        let answer = tell(&site, &json!({ "type": kind.key(), "address": MALLORY }));
        assert_eq!(answer.status, 200, "{kind:?}");
        assert_eq!(answer.json()["points"], kind.default_score().to_string(), "{kind:?}");
    }
    let kinds: Vec<_> = recorded(&site).iter().map(|one| one.kind).collect();
    assert_eq!(kinds, Violation::ALL);
}

#[test]
fn bad_input_is_refused_by_the_name_of_its_field() {
    let site = reported_to(|_| {});
    site.user("ada");
    let long = "x".repeat(5000);
    for (body, field) in [
        (json!({}), "type"),
        (json!({ "type": "murder", "address": MALLORY }), "type"),
        (json!({ "type": 7, "address": MALLORY }), "type"),
        (json!({ "type": long, "address": MALLORY }), "type"),
        (json!({ "type": "logins" }), "user"),
        (json!({ "type": "logins", "user": null, "address": null }), "user"),
        (json!({ "type": "logins", "user": "nobody@example.org" }), "user"),
        (json!({ "type": "logins", "user": "6662f0ab01020304050607ff" }), "user"),
        (json!({ "type": "logins", "user": "" }), "user"),
        (json!({ "type": "logins", "user": ["ada"] }), "user"),
        (
            json!({ "type": "logins", "user": "ada@example.org", "address": "home" }),
            "address",
        ),
        (json!({ "type": "logins", "address": "203.0.113.7:80" }), "address"),
        (json!({ "type": "logins", "address": "203.0.113.0/24" }), "address"),
        (json!({ "type": "logins", "address": 7 }), "address"),
        (json!({ "type": "logins", "address": MALLORY, "detail": {} }), "detail"),
        (json!({ "type": "logins", "address": MALLORY, "points": 100 }), "points"),
    ] {
        let (status, message) = tell(&site, &body).message();
        assert_eq!(status, 400, "{body}: {message}");
        assert!(message.contains(field), "{body}: {message}");
    }
    for body in ["", "[]", "null", "{\"type\":", "\u{0}"] {
        let client = site.client();
        let request = client.request("POST", "/api/violations").bearer(API_SECRET);
        assert_eq!(request.body("application/json", body).send().status, 400, "{body:?}");
    }
    assert_eq!(recorded(&site), []);
}

#[test]
fn a_user_is_known_by_email_or_id() {
    let site = reported_to(|_| {});
    let id = site.user("ada").account(&site).id;
    for user in [
        id.to_string(),
        "ada@example.org".to_owned(),
        "Ada@Example.ORG".to_owned(),
    ] {
        assert_eq!(tell(&site, &json!({ "type": "concurrent", "user": user })).status, 200);
    }
    assert!(
        recorded(&site)
            .iter()
            .all(|one| one.user == Some(id) && one.source == "api")
    );
    assert_eq!(recorded(&site).len(), 3);
}

#[test]
fn a_remark_is_cut_and_cleaned() {
    let site = reported_to(|_| {});
    let detail = format!("one\r\ntwo\u{1b}[31m {}", "ß".repeat(500));
    tell(
        &site,
        &json!({ "type": "concurrent", "address": MALLORY, "detail": detail }),
    );
    let kept = recorded(&site).remove(0).detail;
    assert!(kept.starts_with("onetwo[31m ß"), "{kept}");
    assert_eq!(kept.chars().count(), 200);
}

#[test]
fn a_violation_that_costs_nothing_is_kept_and_changes_no_score() {
    let site = reported_to(|_| {});
    tell(&site, &json!({ "type": "convo_access", "address": MALLORY }));
    assert_eq!(recorded(&site).len(), 1);
    assert_eq!(score(&site, at(MALLORY)), Points::ZERO);
}

#[test]
fn a_mapped_address_is_kept_as_the_ipv4_one() {
    let site = reported_to(|_| {});
    tell(
        &site,
        &json!({ "type": "concurrent", "address": format!("::ffff:{MALLORY}") }),
    );
    assert_eq!(recorded(&site)[0].address, MALLORY);
    assert_eq!(score(&site, at(MALLORY)), Points::whole(1));
}
