//! `GET /api/config`.

use serde_json::{Value, json};

use crate::support::{Site, minutes};

fn anonymous(site: &Site) -> Value {
    let answer = site.client().get("/api/config");
    assert_eq!(answer.status, 200);
    answer.json()
}

#[test]
fn strangers_are_told_what_the_login_screens_need() {
    let site = Site::start();
    let expected = json!({
        "appTitle": "LibreChat",
        "serverDomain": format!("http://localhost:{}", site.address.port()),
        "emailLoginEnabled": true,
        "registrationEnabled": true,
        "socialLoginEnabled": false,
        "passwordResetEnabled": false,
        "emailEnabled": false,
        "discordLoginEnabled": false,
        "facebookLoginEnabled": false,
        "githubLoginEnabled": false,
        "googleLoginEnabled": false,
        "appleLoginEnabled": false,
        "openidLoginEnabled": false,
        "openidLabel": "Continue with OpenID",
        "openidAutoRedirect": false,
        "samlLoginEnabled": false,
        "twoFactorAuthenticationRequired": false,
        "minPasswordLength": 8,
        "ldap": { "enabled": false },
        "socialLogins": site.app.config.site.social_logins,
        "interface": { "buildInfo": false },
    });
    let mut shown = anonymous(&site);
    assert!(["LibreChat", "librechat-auth"].contains(&shown["appTitle"].as_str().unwrap()));
    shown["appTitle"] = json!("LibreChat");
    assert_eq!(shown, expected);
}

#[test]
fn settings_show() {
    let site = Site::with(|config| {
        config.site.title = "Home".to_owned();
        config.accounts.registration = false;
        config.accounts.email_login = false;
        config.password.min_length = 12;
        config.server.public_url = Some("https://home.example.org/auth/".parse().unwrap());
        config.site.privacy_policy = Some(json!({ "externalUrl": "https://home.example.org/privacy" }));
        config.site.turnstile = Some(json!({ "siteKey": "k" }));
    });
    let shown = anonymous(&site);
    assert_eq!(shown["appTitle"], "Home");
    assert_eq!(shown["registrationEnabled"], false);
    assert_eq!(shown["emailLoginEnabled"], false);
    assert_eq!(shown["minPasswordLength"], 12);
    assert_eq!(shown["serverDomain"], "https://home.example.org/auth");
    assert_eq!(
        shown["interface"]["privacyPolicy"]["externalUrl"],
        "https://home.example.org/privacy"
    );
    assert_eq!(shown["turnstile"], json!({ "siteKey": "k" }));
}

#[test]
fn people_who_are_logged_in_are_told_more() {
    let site = Site::start();
    let ada = site.user("ada");
    let mut shown = ada.api("GET", "/api/config").json();
    let fields = shown.as_object_mut().unwrap();
    for known in anonymous(&site).as_object().unwrap().keys() {
        fields.remove(known);
    }
    let more = json!({
        "helpAndFaqURL": site.app.config.site.help_url,
        "allowAccountDeletion": true,
        "sharedLinksEnabled": false,
        "publicSharedLinksEnabled": false,
        "showBirthdayIcon": false,
        "openidReuseTokens": false,
    });
    assert_eq!(shown, more);
}

#[test]
fn admins_may_always_delete_their_account() {
    let site = Site::with(|config| config.accounts.deletion = false);
    let ada = site.user("ada").api("GET", "/api/config").json();
    let root = site.admin().api("GET", "/api/config").json();
    assert_eq!(ada["allowAccountDeletion"], false);
    assert_eq!(root["allowAccountDeletion"], true);
}

#[test]
fn a_bad_token_counts_as_none() {
    let site = Site::start();
    let ada = site.user("ada");
    site.clock.advance(minutes(15));
    assert_eq!(ada.api("GET", "/api/config").json(), anonymous(&site), "expired");
    let garbage = site.client().request("GET", "/api/config").bearer("x.y.z").send();
    assert_eq!((garbage.status, garbage.json()), (200, anonymous(&site)));
}
