//! The gate before the administration, tried at every route that `routes.rs` lists.

use std::collections::BTreeSet;

use librechat_auth::web::admin::openapi::operations;
use serde_json::json;

use super::kit::{ask, auditor, grow_stale, post};
use crate::moderation::kit::administration;
use crate::support::{PASSWORD, Site};

/// The confirmation is what a stale session asks for.
const CONFIRM: &str = "/api/admin/confirm";
/// LibreChat's login for admins: it needs nobody who is signed in.
const LOGIN: &str = "/api/admin/login/local";

fn routes(is_api: bool, is_change: bool) -> Vec<(&'static str, String)> {
    administration()
        .into_iter()
        .filter(|(method, path)| path.starts_with("/api/") == is_api && (*method != "GET") == is_change)
        .filter(|(_, path)| path != CONFIRM && path != LOGIN)
        .collect()
}

#[test]
fn no_change_is_made_without_a_token() {
    let site = Site::start();
    for (method, path) in routes(true, true) {
        let answer = site.client().request(method, &path).json(&json!({})).send();
        assert_eq!(answer.status, 401, "{method} {path}");
    }
    for (method, path) in routes(false, true) {
        let answer = site.client().request(method, &path).form(&[("csrf", "x")]).send();
        assert_eq!(answer.location(), (303, "/login"), "{method} {path}");
    }
}

#[test]
fn no_change_is_made_for_a_page_of_another_site() {
    let site = Site::start();
    let root = site.admin();
    for (method, path) in routes(true, true) {
        let request = root.client.request(method, &path).bearer(&root.token);
        let answer = request.header("origin", "https://evil.example").json(&json!({})).send();
        assert_eq!(answer.status, 403, "{method} {path}");
        assert_eq!(answer.json()["code"], "auth_cross_origin", "{method} {path}");
    }
    for (method, path) in routes(false, true) {
        let csrf = root.client.get("/").csrf();
        let foreign = [("origin", "https://evil.example"), ("sec-fetch-site", "cross-site")];
        for (header, value) in foreign {
            let request = root.client.request(method, &path).header(header, value);
            assert_eq!(request.form(&[("csrf", &csrf)]).send().status, 403, "{method} {path}");
        }
        for forged in ["", "x", &csrf[1..]] {
            let request = root.client.request(method, &path).form(&[("csrf", forged)]);
            assert_eq!(request.send().status, 403, "{method} {path} {forged:?}");
        }
    }
}

#[test]
fn no_change_is_made_when_a_confirmation_is_due() {
    let site = Site::start();
    let mut root = site.admin();
    grow_stale(&site, &mut root);
    for (method, path) in routes(true, true) {
        let answer = ask(&root, method, &path, &json!({}));
        assert_eq!(answer.status, 403, "{method} {path}");
        assert_eq!(answer.json()["code"], "confirmation_due", "{method} {path}");
    }
    for (method, path) in routes(false, true) {
        assert_eq!(method, "POST", "forms post");
        let answer = post(&root, &path, &[("typed", "kept")]);
        assert_eq!(answer.status, 403, "{path}");
        assert!(answer.says("Confirm that it is you"), "{path}");
        assert_eq!(answer.value_of("typed").as_deref(), Some("kept"), "{path}");
    }
}

#[test]
fn no_change_is_made_by_the_wrong_role() {
    let site = Site::start();
    let (user, auditor) = (site.user("ada"), auditor(&site));
    for (method, path) in routes(true, true) {
        for person in [&user, &auditor] {
            let answer = ask(person, method, &path, &json!({}));
            assert_eq!(answer.message(), (403, "Forbidden".to_owned()), "{method} {path}");
        }
    }
    for (_, path) in routes(false, true) {
        assert_eq!(post(&user, &path, &[]).status, 404, "{path}");
        assert_eq!(post(&auditor, &path, &[]).status, 403, "{path}");
    }
}

#[test]
fn users_and_strangers_do_not_even_look() {
    let site = Site::start();
    let (user, auditor) = (site.user("ada"), auditor(&site));
    for (_, path) in routes(true, false) {
        assert_eq!(site.client().get(&path).status, 401, "{path}");
        assert_eq!(ask(&user, "GET", &path, &json!({})).status, 403, "{path}");
        let seen = ask(&auditor, "GET", &path, &json!({})).status;
        assert!(![401, 403, 405].contains(&seen), "{path}: {seen}");
    }
    for (_, path) in routes(false, false) {
        let (status, to) = {
            let answer = site.client().get(&path);
            (answer.status, answer.location().1.to_owned())
        };
        assert_eq!(status, 303, "{path}");
        assert!(to.starts_with("/login?redirect_to=%2Fadmin"), "{path}: {to}");
        assert_eq!(user.client.get(&path).status, 404, "{path}");
        let seen = auditor.client.get(&path).status;
        assert!(seen < 500 && ![401, 403].contains(&seen), "{path}: {seen}");
    }
}

#[test]
fn no_api_key_without_the_scope_administers() {
    let site = Site::start();
    let root = site.admin();
    let key = crate::api_keys::reading_key(&site, &root);
    for (method, path) in administration()
        .into_iter()
        .filter(|(_, path)| path.starts_with("/api/") && path != LOGIN)
    {
        let client = site.client();
        let request = client.request(method, &path).header("x-api-key", &key);
        let answer = if method == "GET" {
            request.send()
        } else {
            request.json(&json!({})).send()
        };
        assert_eq!(answer.status, 403, "{method} {path}");
    }
}

#[test]
fn every_route_of_the_api_is_described_and_nothing_else_is() {
    let plain = |path: &str| -> String {
        let parts = path
            .split('/')
            .map(|part| if part.starts_with('{') { "x" } else { part });
        parts.collect::<Vec<_>>().join("/")
    };
    let registered: BTreeSet<_> = administration()
        .into_iter()
        .filter(|(_, path)| path.starts_with("/api/"))
        .map(|(method, path)| (method.to_owned(), plain(&path)))
        .collect();
    let described: BTreeSet<_> = operations()
        .map(|operation| (operation.method.to_owned(), plain(operation.path)))
        .collect();
    assert_eq!(registered, described);
    let names: BTreeSet<_> = operations().map(|operation| operation.id).collect();
    assert_eq!(names.len(), operations().count(), "every operation has its own name");
}

#[test]
fn a_signed_out_admin_comes_back_to_the_page_they_wanted() {
    let site = Site::start();
    assert!(site.admin().client.get("/").says("Open the administration"));
    for (_, path) in routes(false, false) {
        let client = site.client();
        let to = client.get(&format!("{path}?q=ada&lang=en")).location().1.to_owned();
        let wanted = format!("{path}?q=ada");
        let fields = [
            ("email", "root@example.org"),
            ("password", PASSWORD),
            ("redirect_to", wanted.as_str()),
        ];
        let form = client.get(&to);
        assert_eq!(form.value_of("redirect_to").as_deref(), Some(wanted.as_str()), "{to}");
        assert_eq!(client.submit(&to, "/login", &fields).location(), (303, wanted.as_str()));
    }
}
