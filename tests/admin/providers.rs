//! Tests of the administration: logins with other providers.

use serde_json::{Value, json};

use super::kit::{ask, auditor, post};
use crate::federation::idp::Idp;
use crate::federation::kit::{count, log_in, person, site_with};
use crate::federation::real::{Real, callback};
use crate::federation::roles::requiring_userinfo;
use crate::support::Site;

fn recorded(site: &Site) {
    site.run(site.app.flush_flights()).expect("written");
    // The server's own chore may have taken what was collected. Writes are done in turn, so after this one that is there, too.
    site.run(site.app.purge_unproved()).expect("written");
}

#[test]
fn a_real_provider_is_tested_and_shows_what_to_register() {
    let provider = Real::start(&["app"], &[]);
    let site = provider.site(&["app"], |_| {});
    let root = site.admin();
    let page = post(&root, "/admin/providers/app/test", &[]);
    assert_eq!(page.status, 200);
    assert!(
        page.text().contains("class=\"message good\" role=\"status\""),
        "{}",
        page.text()
    );
    assert!(page.text().contains(&callback("app")));
    let listed = ask(&root, "GET", "/api/admin/providers", &json!({})).json();
    let one = &listed["providers"][0];
    assert_eq!((&one["id"], &one["trouble"]), (&json!("app"), &json!(null)));
    assert!(one["wellAt"].is_string() && one["askedAt"].is_string());
    assert_eq!(one["redirectUri"], callback("app"));
    assert_eq!(post(&root, "/admin/providers/nobody/test", &[]).status, 404);
}

#[test]
fn a_provider_that_is_down_is_shown_with_its_trouble() {
    let provider = Real::start(&["app"], &[]);
    provider.peer.control(
        "fail",
        &json!({ "path": "/.well-known/openid-configuration", "status": 503, "count": 9, "body": "down" }),
    );
    let site = provider.site(&["app"], |_| {});
    let root = site.admin();
    let tested = ask(&root, "POST", "/api/admin/providers/app/test", &json!({}));
    assert_eq!(tested.status, 200);
    let trouble = tested.json()["trouble"].clone();
    assert!(trouble.as_str().is_some_and(|text| text.contains("503")), "{trouble}");
    assert!(tested.json()["wellAt"].is_null());
    assert!(root.client.get("/admin/providers").says("does not answer"));
}

#[test]
fn a_refused_login_is_read_step_by_step_with_what_would_come_of_it_now() {
    let idp = Idp::start();
    let site = site_with(&idp, |openid| openid.doors.sign_up = false);
    let refused = log_in(&site.client(), &idp, &person("ada"));
    let number = refused.header("x-reference").expect("a number").to_owned();
    recorded(&site);
    let auditor = auditor(&site);
    let list = auditor.client.get("/admin/providers?failed=1");
    assert!(list.says(&number) && !list.says("/admin/providers/claims"));
    let page = auditor.client.get(&format!("/admin/flights/{number}"));
    assert_eq!(page.status, 200);
    assert!(page.says("Would not be let in.") && page.says("ada@example.org"));
    assert!(page.says(&format!("Login {number}")) && page.says("stopped here"));
    let told = ask(&auditor, "GET", &format!("/api/admin/flights/{number}"), &json!({})).json();
    assert_eq!(
        (&told["outcome"], &told["trial"]["admitted"]),
        (&json!("refused"), &json!(false))
    );
    assert_eq!(auditor.client.get("/admin/flights/nothing").status, 404);
}

#[test]
fn successes_are_counted_as_connected_and_left_out_where_only_failures_are_wanted() {
    let idp = Idp::start();
    let site = site_with(&idp, |_| {});
    log_in(&site.client(), &idp, &person("ada"));
    recorded(&site);
    let root = site.admin();
    let get = |path: &str| ask(&root, "GET", path, &json!({})).json();
    assert_eq!(get("/api/admin/providers")["providers"][0]["identities"], 1);
    assert_eq!(get("/api/admin/flights")["flights"].as_array().map(Vec::len), Some(1));
    for none in ["failed=true", "provider=other"] {
        assert_eq!(
            get(&format!("/api/admin/flights?{none}"))["flights"],
            json!([]),
            "{none}"
        );
    }
    for all in ["", "provider=any&failed=", "provider=openid"] {
        let page = root.client.get(&format!("/admin/providers?{all}"));
        assert!(page.says("/admin/flights/"), "{all}");
    }
    assert!(
        !root
            .client
            .get("/admin/providers?provider=any&failed=1")
            .says("/admin/flights/")
    );
    for wrong in [
        "limit=0",
        "limit=many",
        "failed=perhaps",
        "failed=true&failed=true",
        "other=1",
    ] {
        let answer = ask(&root, "GET", &format!("/api/admin/flights?{wrong}"), &json!({}));
        assert_eq!(answer.status, 400, "{wrong}");
    }
}

/// A member of chat, for whose claims `requiring_userinfo` asks.
fn member() -> Value {
    json!({
        "id": { "iss": "https://idp.example.org", "sub": "7", "email": "ada@example.org", "email_verified": true },
        "userinfo": { "groups": ["chat"] },
    })
}

#[test]
fn claims_are_tried_out_on_the_page_and_nothing_comes_of_it() {
    let idp = Idp::start();
    let site = requiring_userinfo(&idp);
    let root = site.admin();
    let path = "/admin/providers/claims";
    let attempt = |claims: &str| post(&root, path, &[("provider", "openid"), ("claims", claims)]);
    assert_eq!(root.client.get(path).status, 200);
    let page = attempt(&member().to_string());
    assert_eq!(page.status, 200);
    assert!(
        page.says("Would be let in.") && page.says("&#34;chat&#34;"),
        "{}",
        page.text()
    );
    let page = attempt(r#"{ "sub": "7", "email": "ada@example.org" }"#);
    assert!(
        page.status == 200 && page.says("Would not be let in."),
        "{}",
        page.text()
    );
    for wrong in ["", "[1]", "{ \"sub\": ", r#"{ "id": {}, "other": {} }"#] {
        let page = attempt(wrong);
        assert_eq!(page.status, 400, "{wrong}");
        assert!(
            page.says("These are no claims.") && page.says("aria-invalid=\"true\""),
            "{wrong}"
        );
    }
    assert_eq!(count(&site, "SELECT count(*) FROM users"), 1);
    assert_eq!(count(&site, "SELECT count(*) FROM identities"), 0);
    let flights = ask(&root, "GET", "/api/admin/flights", &json!({})).json();
    assert_eq!(flights["flights"], json!([]));
}

#[test]
fn programs_try_claims_out_and_are_told_what_is_wrong_with_them() {
    let idp = Idp::start();
    let site = requiring_userinfo(&idp);
    let root = site.admin();
    let attempt = |id: &str, body: Value| ask(&root, "POST", &format!("/api/admin/providers/{id}/claims"), &body);
    let told = attempt("openid", json!({ "claims": member() })).json();
    assert_eq!(
        (&told["admitted"], &told["role"], &told["denial"]),
        (&json!(true), &json!("USER"), &json!(null))
    );
    let told = attempt("openid", json!({ "claims": { "sub": "7" } })).json();
    assert_eq!((&told["admitted"], &told["way"]), (&json!(false), &json!(null)));
    for wrong in [
        json!({}),
        json!({ "claims": ["sub"] }),
        json!({ "claims": { "id": {}, "other": {} } }),
        json!({ "claims": { "sub": "7" }, "more": 1 }),
    ] {
        let answer = attempt("openid", wrong.clone());
        assert_eq!(answer.status, 400, "{wrong}: {}", answer.text());
    }
    assert_eq!(attempt("nobody", json!({ "claims": member() })).status, 404);
}
