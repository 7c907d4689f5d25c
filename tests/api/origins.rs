//! Requests that pages of other sites send (cross-site request forgery).

use serde_json::json;

use crate::support::{Answer, PASSWORD, Site, credentials, registration};

fn public(url: &str) -> Site {
    Site::with(|config| config.server.public_url = Some(url.parse().unwrap()))
}

/// A login with these headers; nobody has the account, so that 400 means "let through".
fn attempt(site: &Site, headers: &[(&str, &str)]) -> Answer {
    let client = site.client();
    let mut request = client.request("POST", "/api/auth/login");
    for (name, value) in headers {
        request = request.header(name, value);
    }
    request.json(&credentials("nobody")).send()
}

#[test]
fn origin_and_fetch_metadata_decide() {
    let site = public("https://home.example.org/auth");
    for (headers, passes) in [
        (vec![], true),
        (vec![("origin", "https://home.example.org")], true),
        (vec![("sec-fetch-site", "same-origin")], true),
        (vec![("sec-fetch-site", "none")], true),
        (
            vec![("origin", "https://evil.example"), ("sec-fetch-site", "same-origin")],
            true,
        ),
        (vec![("sec-fetch-site", "cross-site")], false),
        (vec![("sec-fetch-site", "same-site")], false),
        (vec![("sec-fetch-site", "Same-Origin")], false),
        (vec![("sec-fetch-site", "")], false),
        (vec![("origin", "null")], false),
        (vec![("origin", "")], false),
        (vec![("origin", "http://home.example.org")], false),
        (vec![("origin", "https://home.example.org:8443")], false),
        (vec![("origin", "https://home.example.org/")], false),
        (vec![("origin", "https://home.example.org.evil.example")], false),
        (vec![("origin", "https://evil.example")], false),
        (
            vec![("origin", "https://evil.example"), ("host", "evil.example")],
            false,
        ),
        (
            vec![("origin", "https://evil.example"), ("sec-fetch-site", "cross-site")],
            false,
        ),
    ] {
        let answer = attempt(&site, &headers);
        assert_eq!(answer.status, if passes { 400 } else { 403 }, "{headers:?}");
        if !passes {
            let expected = json!({ "message": "Cross-site request rejected", "code": "auth_cross_origin" });
            assert_eq!(answer.json(), expected);
        }
    }
}

#[test]
fn librechats_client_may_live_at_an_address_of_its_own() {
    let site = Site::with(|config| {
        config.server.public_url = Some("https://login.example.org".parse().unwrap());
        config.server.client_url = Some("https://chat.example.org/c".parse().unwrap());
    });
    assert_eq!(attempt(&site, &[("origin", "https://chat.example.org")]).status, 400);
}

#[test]
fn without_a_configured_address_the_host_itself_is_ours() {
    let site = Site::start();
    let here = format!("http://{}", site.address);
    assert_eq!(attempt(&site, &[("origin", &here)]).status, 400);
    assert_eq!(attempt(&site, &[("origin", "http://evil.example")]).status, 403);
}

#[test]
fn a_refused_request_changes_nothing() {
    let site = Site::start();
    let ada = site.user("ada");
    let evil = |method: &str, path: &str| {
        let request = ada.client.request(method, path).bearer(&ada.token);
        request.header("origin", "https://evil.example")
    };
    assert_eq!(
        evil("POST", "/api/auth/register")
            .json(&registration("bob"))
            .send()
            .status,
        403
    );
    assert_eq!(
        evil("POST", "/api/auth/login").json(&credentials("ada")).send().status,
        403
    );
    assert_eq!(evil("POST", "/api/auth/logout").send().status, 403);
    assert_eq!(evil("DELETE", "/api/user/delete").send().status, 403);
    assert_eq!(site.user_count(), 1);
    assert_eq!(ada.open_doors(), [true, true, true]);
}

#[test]
fn every_form_of_the_pages_is_refused_from_elsewhere_even_with_its_token() {
    let site = Site::start();
    let ada = site.user("ada");
    let csrf = ada.client.get("/").csrf();
    for path in [
        "/login",
        "/register",
        "/setup",
        "/logout",
        "/account/name",
        "/account/password",
        "/account/delete",
        "/account/notices",
        "/sessions/end",
        "/sessions/end-others",
    ] {
        let fields = [("csrf", csrf.as_str())];
        let request = ada
            .client
            .request("POST", path)
            .header("origin", "https://evil.example");
        let answer = request.form(&fields).send();
        assert_eq!(answer.status, 403, "{path}");
        assert!(
            answer.says("https://evil.example"),
            "{path} says where the form came from"
        );
        assert!(!answer.says(PASSWORD));
    }
    assert_eq!(ada.open_doors(), [true, true, true]);
}
