//! English and French: by the browser's wish, or by the switch.

use crate::support::{Answer, Client, PASSWORD, Site};

fn login(client: &Client, accept: &str) -> Answer {
    client.request("GET", "/login").header("accept-language", accept).send()
}

fn is_french(page: &Answer) -> bool {
    let french = page.says("<html lang=\"fr\">");
    assert_eq!(french, page.says("Se connecter"));
    assert_eq!(french, !page.says("<html lang=\"en\">"));
    french
}

#[test]
fn the_browsers_wish_counts() {
    let site = Site::start();
    for (accept, french) in [
        ("fr", true),
        ("fr-CA,fr;q=0.9,en;q=0.8", true),
        ("de, fr;q=0.5", true),
        ("en-GB,en;q=0.9,fr;q=0.1", false),
        ("fr;q=0, en;q=0.1", false),
        ("de", false),
        ("*", false),
        ("", false),
        ("fr;q=x", false),
        (",,;;", false),
    ] {
        assert_eq!(is_french(&login(&site.client(), accept)), french, "{accept:?}");
    }
    assert!(!is_french(&site.client().get("/login")));
}

#[test]
fn the_switch_is_stronger_and_remembered() {
    let site = Site::start();
    let client = site.client();
    assert!(is_french(&client.get("/login?lang=fr")));
    assert_eq!(client.cookie("librechat_auth_lang").as_deref(), Some("fr"));
    assert!(is_french(&login(&client, "en")));
    assert!(!is_french(&client.get("/login?lang=en")));
    assert!(!is_french(&login(&client, "fr")));
}

#[test]
fn the_switch_leads_to_the_same_page() {
    let site = Site::start();
    let page = site.client().get("/login?redirect_to=%2Fc%2Fnew");
    assert!(
        page.says("href=\"/login?redirect_to=%2Fc%2Fnew&#38;lang=fr\""),
        "{}",
        page.text()
    );
    assert!(is_french(&site.client().get("/login?redirect_to=%2Fc%2Fnew&lang=fr")));
}

#[test]
fn a_language_nobody_speaks_is_ignored() {
    let site = Site::start();
    let client = site.client();
    for path in [
        "/login?lang=xx",
        "/login?lang=",
        "/login?lang=%3Cb%3E",
        "/login?lang=fr%00",
    ] {
        let page = client.get(path);
        assert!(!is_french(&page), "{path}");
        assert_eq!(page.cookie("librechat_auth_lang"), None, "{path}");
    }
    client.set_cookie("librechat_auth_lang", "xx");
    assert!(is_french(&login(&client, "fr")), "an unknown cookie is none");
}

#[test]
fn errors_are_in_the_visitors_language() {
    let site = Site::start();
    let client = site.client();
    client.get("/login?lang=fr");
    assert!(client.get("/nowhere").says("Page introuvable"));
    let refused = client.submit(
        "/login",
        "/login",
        &[("email", "ada@example.org"), ("password", PASSWORD)],
    );
    assert!(refused.says("Cette adresse et ce mot de passe ne correspondent pas."));
    let page = client.submit("/register", "/register", &[("name", "Ada Lovelace"), ("email", "x")]);
    assert!(page.says("Veuillez saisir une adresse complète, comme nom@exemple.org."));
}

#[test]
fn the_api_speaks_librechats_english_whatever_the_browser_says() {
    let site = Site::start();
    let client = site.client();
    let answer = client
        .request("POST", "/api/auth/login")
        .header("accept-language", "fr")
        .send();
    assert_eq!(answer.message(), (400, "Missing credentials".to_owned()));
}
