//! What holds for every page.

use crate::support::{Answer, Client, PASSWORD, Site};
use crate::two_factor::kit::enrolled;

const POLICY: &str = "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; \
                      font-src 'self'; connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'";

/// Every page in some state, with its status.
fn pages(site: &Site) -> Vec<(&'static str, u16, Answer)> {
    let stranger = site.client();
    let ada = site.user("ada");
    let client: Client = ada.client;
    let mut all = two_step_pages(site, &client);
    all.extend([
        ("/login", 200, stranger.get("/login")),
        ("/login, refused", 400, stranger.submit("/login", "/login", &[])),
        ("/register", 200, stranger.get("/register")),
        (
            "/register, refused",
            400,
            stranger.submit("/register", "/register", &[]),
        ),
        ("/register, dead link", 400, stranger.get("/register?token=x")),
        ("/forgot-password", 200, stranger.get("/forgot-password")),
        ("/verify/resend", 200, stranger.get("/verify/resend")),
        ("/setup", 403, stranger.get("/setup")),
        ("/setup, refused", 400, stranger.post_bare("/setup", &[])),
        ("/", 200, client.get("/")),
        ("/account/name, refused", 400, client.submit("/", "/account/name", &[])),
        ("nowhere", 404, client.get("/nowhere")),
        ("forbidden", 403, client.post_bare("/account/name", &[])),
        (
            "bad request",
            400,
            client.request("POST", "/login").body("application/json", "[").send(),
        ),
        (
            "cross-site",
            403,
            client.request("POST", "/login").header("origin", "null").send(),
        ),
    ]);
    all
}

/// The pages of two-step sign-in, of the account of `client` and of a login.
fn two_step_pages(site: &Site, client: &Client) -> Vec<(&'static str, u16, Answer)> {
    const HOME: &str = "/account/two-factor";
    const BEGIN: &str = "/account/two-factor/begin";
    let stranger = site.client();
    let eve = enrolled(site, "eve");
    let half = site.client();
    half.submit(
        "/login",
        "/login",
        &[("email", "eve@example.org"), ("password", PASSWORD)],
    );
    let (off, refused) = (client.get(HOME), client.submit(HOME, BEGIN, &[]));
    client.submit(HOME, BEGIN, &[("password", PASSWORD)]);
    vec![
        ("/account/activity", 200, client.get("/account/activity")),
        ("/not-me, gone", 404, stranger.get("/not-me?token=x")),
        ("/not-me, done", 200, stranger.get("/not-me?done=ask")),
        ("/login/2fa", 200, half.get("/login/2fa")),
        ("/login/2fa, backup", 200, half.get("/login/2fa?with=backup")),
        ("/login/2fa, refused", 400, half.submit("/login/2fa", "/login/2fa", &[])),
        (HOME, 200, eve.person.client.get(HOME)),
        ("/account/two-factor, off", 200, off),
        ("/account/two-factor/begin, refused", 400, refused),
        (
            "/account/two-factor/setup",
            200,
            client.get("/account/two-factor/setup"),
        ),
    ]
}

#[test]
fn every_page_carries_the_security_headers() {
    for (name, status, page) in pages(&Site::start()) {
        assert_eq!(page.status, status, "{name}");
        // The address of a page that a link opens is a key, which no other page is told.
        let referrer = if name.contains("link") {
            "strict-origin"
        } else {
            "same-origin"
        };
        for (header, value) in [
            ("content-security-policy", POLICY),
            ("x-frame-options", "DENY"),
            ("x-content-type-options", "nosniff"),
            ("referrer-policy", referrer),
            ("cross-origin-opener-policy", "same-origin"),
            ("cache-control", "no-store"),
            ("x-robots-tag", "noindex"),
            ("content-type", "text/html; charset=utf-8"),
        ] {
            assert_eq!(page.header(header), Some(value), "{name}");
        }
    }
}

#[test]
fn no_page_has_anything_inline_that_the_policy_forbids() {
    for (name, _, page) in pages(&Site::start()) {
        let text = page.text();
        assert!(!text.contains("<style"), "{name}");
        assert!(!text.contains(" style=\""), "{name}");
        assert!(!text.contains("javascript:"), "{name}");
        for script in text.split("<script").skip(1) {
            assert!(script.starts_with(" src=\"/static/"), "{name}");
        }
        let handlers = ["onclick=", "onload=", "onsubmit=", "onerror="];
        assert!(handlers.iter().all(|handler| !text.contains(handler)), "{name}");
    }
}

#[test]
fn every_form_posts_to_ourselves_with_the_hidden_field() {
    for (name, _, page) in pages(&Site::start()) {
        for form in page.text().split("<form").skip(1) {
            let form = form.split("</form>").next().unwrap();
            assert!(form.contains("method=\"post\" action=\"/"), "{name}: {form}");
            assert!(form.contains("name=\"csrf\" value=\""), "{name}: {form}");
        }
    }
}

#[test]
fn every_input_has_a_label() {
    for (name, _, page) in pages(&Site::start()) {
        for tag in page.text().split("<input").skip(1) {
            let tag = tag.split('>').next().unwrap();
            if tag.contains("type=\"hidden\"") || tag.ends_with(" hidden") {
                continue;
            }
            let id = tag.split_once("id=\"").unwrap().1.split('"').next().unwrap();
            assert!(page.says(&format!("for=\"{id}\"")), "{name}: {tag}");
        }
    }
}

#[test]
fn pages_can_be_asked_for_their_headers_only() {
    let site = Site::start();
    let ada = site.user("ada");
    for (client, path, status) in [
        (&site.client(), "/login", 200),
        (&site.client(), "/register", 200),
        (&site.client(), "/setup", 403),
        (&site.client(), "/", 303),
        (&ada.client, "/", 200),
        (&site.client(), "/nowhere", 404),
    ] {
        let answer = client.request("HEAD", path).send();
        assert_eq!((answer.status, answer.body.len()), (status, 0), "{path}");
    }
}

#[test]
fn the_form_cookie_is_set_once() {
    let site = Site::start();
    let client = site.client();
    assert!(client.get("/login").cookie("librechat_auth_form").is_some());
    let first = client.cookie("librechat_auth_form");
    assert!(client.get("/register").cookie("librechat_auth_form").is_none());
    client.set_cookie("librechat_auth_form", "");
    client.get("/login");
    assert_ne!(client.cookie("librechat_auth_form"), first, "an empty one is none");
}

#[test]
fn queries_that_make_no_sense_are_ignored() {
    let site = Site::start();
    let ada = site.user("ada");
    for query in [
        "?",
        "?&&&",
        "?=",
        "?%",
        "?%ff=%ff",
        "?done",
        "?done=x&count=-1",
        "?done=others_ended&count=x",
        "?token[]=a",
        "?token=%ff",
    ] {
        assert_eq!(ada.client.get(&format!("/{query}")).status, 200, "{query}");
        assert_eq!(site.client().get(&format!("/login{query}")).status, 200, "{query}");
        assert_eq!(site.client().get(&format!("/setup{query}")).status, 403, "{query}");
        assert_eq!(site.client().get(&format!("/recover{query}")).status, 400, "{query}");
    }
}

#[test]
fn the_title_is_the_configured_one_and_shown_as_text() {
    let site = Site::with(|config| config.site.title = "Home <b>cloud</b>".to_owned());
    let page = site.client().get("/login");
    assert!(page.says("Home &#60;b&#62;cloud&#60;/b&#62;</title>"));
    assert!(!page.says("<b>cloud"));
}

#[test]
fn links_of_the_operator_are_shown_if_they_are_web_links() {
    let link = |url: &str| Some(serde_json::json!({ "externalUrl": url }));
    let site = Site::with(|config| {
        config.site.privacy_policy = link("https://home.example.org/privacy");
        config.site.terms_of_service = link("javascript:alert(1)");
        config.site.help_url = "/".to_owned();
    });
    let page = site.client().get("/login");
    assert!(page.says("href=\"https://home.example.org/privacy\""));
    assert!(!page.says("javascript:") && !page.says(">Help<") && !page.says(">Terms<"));
}
