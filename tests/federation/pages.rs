//! What the pages and LibreChat's client see of providers.

use librechat_auth::config::Limit;
use librechat_auth::domain::federation::provider::Icon;
use serde_json::json;

use super::idp::Idp;
use super::kit::{count, enable, leave, person, provider, reason, site};
use crate::support::{Client, Site, minutes};

#[test]
fn each_provider_has_a_button_in_the_order_of_the_configuration() {
    let site = Site::with(|config| {
        let first = provider("openid", "https://id.example.org");
        let mut second = provider("office", "https://office.example.org");
        second.label = Some("Office <b>".into());
        second.icon = Icon::Building;
        enable(config, vec![first, second]);
    });
    let page = site.client().get("/login?redirect_to=/c/new%3Fa%3D1%26b%3D2");
    let text = page.text();
    assert!(
        text.contains("Continue with OpenID") && text.contains("Office &#60;b&#62;"),
        "{text}"
    );
    let query = "?redirect_to=%2Fc%2Fnew%3Fa%3D1%26b%3D2";
    let places = [format!("/oauth/openid{query}"), format!("/oauth/office{query}")].map(|href| text.find(&href));
    assert!(places[0].is_some() && places[0] < places[1], "{text}");
    let french = site.client().get("/login?lang=fr");
    assert!(french.says("Continuer avec OpenID"));
    assert!(!site_without_providers().client().get("/login").says("/oauth/"));
}

fn site_without_providers() -> Site {
    Site::start()
}

#[test]
fn the_buttons_stay_where_passwords_are_switched_off() {
    let site = Site::with(|config| {
        enable(config, vec![provider("openid", "https://id.example.org")]);
        config.accounts.email_login = false;
    });
    let page = site.client().get("/login");
    assert!(page.says("/oauth/openid") && !page.says("type=\"password\""));
}

#[test]
fn librechats_client_is_told_of_its_own_provider() {
    let site = Site::with(|config| {
        let mut first = provider("openid", "https://id.example.org");
        first.label = Some("House".into());
        first.image_url = Some("/logo.png".into());
        enable(config, vec![first, provider("office", "https://office.example.org")]);
    });
    let config = site.client().get("/api/config").json();
    for (key, value) in [
        ("socialLoginEnabled", json!(true)),
        ("openidLoginEnabled", json!(true)),
        ("openidLabel", json!("House")),
        ("openidImageUrl", json!("/logo.png")),
        ("openidAutoRedirect", json!(false)),
    ] {
        assert_eq!(config[key], value, "{key}");
    }
    let config = site_without_providers().client().get("/api/config").json();
    assert_eq!(
        (
            &config["socialLoginEnabled"],
            &config["openidLoginEnabled"],
            &config["openidLabel"]
        ),
        (&json!(false), &json!(false), &json!("Continue with OpenID"))
    );
    assert!(config.get("openidImageUrl").is_none());
    let only_ours = Site::with(|config| enable(config, vec![provider("office", "https://office.example.org")]));
    let config = only_ours.client().get("/api/config").json();
    assert_eq!(
        config["openidLoginEnabled"],
        json!(false),
        "it would lead to /oauth/openid"
    );
}

#[test]
fn whoever_was_turned_away_is_told_why_and_under_which_number() {
    let idp = Idp::start();
    let site = site(&idp);
    let client = site.client();
    let answer = client.get(&idp.refuse(&leave(&client, "/oauth/openid"), "server_error", None));
    let (_, target) = answer.location();
    let (_, path) = target.split_once("/login").expect("the login page");
    let page = client.get(&format!("/login{path}"));
    assert_eq!(page.status, 200);
    assert!(page.says("Signing in with OpenID did not work"), "{}", page.text());
    let reference = answer.header("x-reference").expect("a number").to_owned();
    assert!(page.says(&reference));
    site.run(site.app.flush_refusals()).expect("written");
    let told = count(
        &site,
        "SELECT count(*) FROM refusals WHERE cause = 'bad_answer' AND route = 'GET /oauth/openid/callback'",
    );
    assert_eq!(told, 1);
}

#[test]
fn librechats_codes_are_understood_and_strangers_texts_are_not_shown() {
    let client = Site::start().client_of_its_own();
    for (query, words) in [
        ("error=auth_failed", "Signing in with the other provider did not work"),
        ("error=auth_rate_limited", "Too many attempts to sign in"),
        ("error=auth_banned", "too many violations"),
        (
            "error=auth_failed&reason=email_missing&provider=evil",
            "the other provider did not tell us",
        ),
    ] {
        let page = client.0.get(&format!("/login?redirect=false&{query}"));
        assert!(page.says(words), "{query}: {}", page.text());
    }
    for query in [
        "error=%3Cscript%3E",
        "reason=%3Cscript%3E",
        "reason=account_exists&provider=%3Cscript%3E&reference=%3Cscript%3E",
    ] {
        let page = client.0.get(&format!("/login?{query}"));
        assert!(!page.says("<script>") && !page.says("&#60;script"), "{query}");
    }
}

/// Keeps the site as long as the client.
struct Kept(Client, #[expect(dead_code, reason = "kept alive")] Site);

trait WithClient {
    fn client_of_its_own(self) -> Kept;
}

impl WithClient for Site {
    fn client_of_its_own(self) -> Kept {
        Kept(self.client(), self)
    }
}

#[test]
fn logins_with_providers_share_the_limit_on_logins() {
    let idp = Idp::start();
    let openid = provider("openid", &idp.issuer);
    let site = Site::with(|config| {
        enable(config, vec![openid]);
        config.limits.login = Limit {
            max: Some(3),
            window_minutes: 5.0,
        };
    });
    let client = site.client();
    // One that is finished costs one.
    for left in ["2", "1"] {
        let answer = client.get("/oauth/openid");
        assert_eq!(answer.header("x-ratelimit-remaining"), Some(left));
        let (_, location) = answer.location();
        client.get(&idp.sign_in(location, &person("ada")));
    }
    let stranger = site.client();
    assert_eq!(reason(&stranger.get("/oauth/openid/callback?state=x")), "attempt_over");
    let answer = stranger.get("/oauth/openid/callback?state=x");
    assert_eq!(reason(&answer), "too_many");
    let (_, target) = answer.location();
    assert!(target.contains("error=auth_rate_limited"), "{target}");
    assert_eq!(reason(&client.get("/oauth/openid")), "too_many");
    assert_eq!(stranger.post("/api/auth/login", &json!({})).status, 429);
    site.clock.advance(minutes(5));
    leave(&client, "/oauth/openid");
}

#[test]
fn unknown_providers_and_methods_lead_nowhere() {
    let idp = Idp::start();
    let site = site(&idp);
    let client = site.client();
    assert_eq!(reason(&client.get("/oauth/google")), "no_provider");
    assert_eq!(
        reason(&client.get("/oauth/google/callback?code=x&state=y")),
        "no_provider"
    );
    for (method, path) in [
        ("PUT", "/oauth/openid"),
        ("DELETE", "/oauth/openid/callback"),
        ("GET", "/oauth"),
        ("GET", "/oauth/a/b"),
    ] {
        assert_eq!(client.request(method, path).send().status, 404, "{method} {path}");
    }
    let answer = client.get("/oauth/error");
    let (status, target) = answer.location();
    assert_eq!(status, 302);
    assert!(target.ends_with("/login?redirect=false&error=auth_failed"), "{target}");
}
