//! Cookies with all their attributes.

use librechat_auth::config::{Config, SameSite};
use serde_json::json;

use crate::support::{Answer, Client, Person, Site, credentials};

const END: &str = "Expires=Tue, 21 Nov 2023 22:13:20 GMT";

fn at(url: &str) -> impl FnOnce(&mut Config) {
    let url = url.parse().unwrap();
    move |config| config.server.public_url = Some(url)
}

/// The answer to a login, and each cookie as `name: attributes`.
fn login(site: &Site) -> Vec<String> {
    Person::register(site, "ada");
    lines(&site.client().post("/api/auth/login", &credentials("ada")))
}

fn lines(answer: &Answer) -> Vec<String> {
    let cookies = answer.cookies();
    cookies
        .iter()
        .map(|one| format!("{}: {}", one.name, one.attributes.join("; ")))
        .collect()
}

#[test]
fn over_http_the_pair_is_strict_and_our_own_cookies_are_lax() {
    let expected = [
        format!("refreshToken: {END}; HttpOnly; Path=/; SameSite=Strict"),
        format!("token_provider: {END}; HttpOnly; Path=/; SameSite=Strict"),
        format!("librechat_auth: {END}; HttpOnly; Path=/; SameSite=Lax"),
        "librechat_auth_device: HttpOnly; Max-Age=31536000; Path=/; SameSite=Lax".to_owned(),
    ];
    assert_eq!(login(&Site::start()), expected);
}

#[test]
fn over_https_all_are_secure_and_our_own_cookies_are_bound_to_the_host() {
    let site = Site::with(at("https://home.example.org"));
    let expected = [
        format!("refreshToken: {END}; HttpOnly; Path=/; SameSite=Strict; Secure"),
        format!("token_provider: {END}; HttpOnly; Path=/; SameSite=Strict; Secure"),
        format!("__Host-librechat_auth: {END}; HttpOnly; Path=/; SameSite=Lax; Secure"),
        "__Host-librechat_auth_device: HttpOnly; Max-Age=31536000; Path=/; SameSite=Lax; Secure".to_owned(),
    ];
    assert_eq!(login(&site), expected);
}

#[test]
fn below_a_path_cookies_are_for_that_path() {
    let site = Site::with(at("https://home.example.org/auth/"));
    let expected = [
        format!("refreshToken: {END}; HttpOnly; Path=/auth; SameSite=Strict; Secure"),
        format!("token_provider: {END}; HttpOnly; Path=/auth; SameSite=Strict; Secure"),
        format!("__Secure-librechat_auth: {END}; HttpOnly; Path=/auth; SameSite=Lax; Secure"),
        "__Secure-librechat_auth_device: HttpOnly; Max-Age=31536000; Path=/auth; SameSite=Lax; Secure".to_owned(),
    ];
    assert_eq!(login(&site), expected);
}

#[test]
fn secure_can_be_set_against_the_scheme() {
    let off = Site::with(|config| {
        at("https://home.example.org")(config);
        config.cookies.secure = Some(false);
    });
    assert!(login(&off).iter().all(|line| !line.contains("Secure")));
    let on = Site::with(|config| config.cookies.secure = Some(true));
    assert!(login(&on).iter().all(|line| line.ends_with("; Secure")));
}

#[test]
fn same_site_of_the_pair_can_be_set_and_the_page_cookie_stays_lax() {
    for (setting, expected) in [(SameSite::Lax, "SameSite=Lax"), (SameSite::None, "SameSite=None")] {
        let site = Site::with(|config| config.cookies.same_site = setting);
        let lines = login(&site);
        assert!(lines[0].contains(expected) && lines[1].contains(expected), "{lines:?}");
        assert!(lines[2].contains("SameSite=Lax"), "{lines:?}");
    }
}

#[test]
fn a_refresh_sets_the_pair_again_and_leaves_the_page_cookie_alone() {
    let site = Site::start();
    let ada = site.user("ada");
    let expected = [
        format!("refreshToken: {END}; HttpOnly; Path=/; SameSite=Strict"),
        format!("token_provider: {END}; HttpOnly; Path=/; SameSite=Strict"),
    ];
    let answer = ada.client.post("/api/auth/refresh", &json!({}));
    assert_eq!(lines(&answer), expected);
    assert_eq!(answer.cookie("token_provider").unwrap().value, "librechat");
}

#[test]
fn cookies_are_taken_away_with_the_attributes_they_were_set_with() {
    let site = Site::with(at("https://home.example.org"));
    let ada = site.user("ada");
    let answer = ada.api("POST", "/api/auth/logout");
    for (cookie, same_site) in [
        ("refreshToken", "SameSite=Strict"),
        ("token_provider", "SameSite=Strict"),
        ("__Host-librechat_auth", "SameSite=Lax"),
    ] {
        let cookie = answer.cookie(cookie).unwrap();
        assert_eq!(cookie.value, "");
        for attribute in ["Max-Age=0", "Path=/", "HttpOnly", "Secure", same_site] {
            assert!(cookie.has(attribute), "{cookie:?} lacks {attribute}");
        }
    }
}

#[test]
fn the_form_and_language_cookies_hold_no_key() {
    let site = Site::start();
    let answer = site.client().get("/login?lang=fr");
    let expected = [
        "librechat_auth_form: HttpOnly; Path=/; SameSite=Lax",
        "librechat_auth_lang: HttpOnly; Max-Age=31536000; Path=/; SameSite=Lax",
    ];
    assert_eq!(lines(&answer), expected);
}

#[test]
fn a_cookie_over_http_does_not_count_where_https_is_configured() {
    let site = Site::with(at("https://home.example.org"));
    let ada = site.user("ada");
    let value = ada.client.cookie("__Host-librechat_auth").unwrap();
    let page = |name: &str| {
        let client: Client = site.client();
        client.set_cookie(name, &value);
        client.get("/").status
    };
    assert_eq!(page("__Host-librechat_auth"), 200);
    assert_eq!(page("librechat_auth"), 303);
}
