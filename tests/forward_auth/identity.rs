//! Who the other program is told somebody is: what we know, and never what the client says.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::{Algorithm, DecodingKey, Validation, decode};
use librechat_auth::app::audit::Actor;
use librechat_auth::config::RemoteUser;
use librechat_auth::domain::group::GroupName;
use serde_json::{Value, json};

use super::kit::{ALL, APP, NAVIGATION, PUBLIC_URL, ask, ask_about, guarding, guarding_with, told};
use crate::support::minutes;

const SPOOFED: [(&str, &str); 8] = [
    ("remote-user", "root@example.org"),
    ("remote_user", "root@example.org"),
    ("REMOTE-USER", "root@example.org"),
    ("Remote-Email", "root@example.org"),
    ("Remote-Name", "root"),
    ("Remote-Groups", "admins"),
    ("X-Forwarded-User", "root@example.org"),
    ("X-Auth-JWT", "e30.e30.e30"),
];

#[test]
fn what_the_client_says_of_itself_changes_nothing() {
    let site = guarding_with(|config| config.access.jwt_header = Some("x-auth-jwt".to_owned()));
    let ada = site.user("ada");
    let headers = [SPOOFED.as_slice(), &SPOOFED, NAVIGATION].concat();
    for proxy in ALL {
        let answer = ask_about(&ada.client, proxy, "GET", APP, &headers);
        assert_eq!(
            told(&answer),
            ["ada@example.org", "ada@example.org", "ada example", ""],
            "{proxy}"
        );
        assert_ne!(answer.header("x-auth-jwt"), Some("e30.e30.e30"));
        let stranger = ask_about(&site.client(), proxy, "GET", APP, &headers);
        assert!(matches!(stranger.status, 302 | 401), "{proxy}");
        let open = ask_about(&site.client(), proxy, "GET", "https://app.example.org/public", &headers);
        assert_eq!((open.status, told(&open)), (200, [""; 4].map(str::to_owned)), "{proxy}");
        assert_eq!(open.header("x-auth-jwt"), Some(""), "{proxy}");
    }
}

#[test]
fn the_id_can_be_the_name() {
    let site = guarding_with(|config| config.access.remote_user = RemoteUser::Id);
    let ada = site.user("ada");
    let id = ada.account(&site).id.to_string();
    assert_eq!(told(&ask(&ada.client, "caddy", APP))[0], id);
}

#[test]
fn groups_are_passed_on_by_name_from_the_next_request_on() {
    let site = guarding();
    let ada = site.user("ada");
    let account = ada.account(&site);
    for group in ["parents", "family"] {
        let group = GroupName::parse(group).expect("a name");
        assert!(
            site.run(site.app.set_membership(&account, &group, true, &Actor::Console))
                .expect("changed")
        );
    }
    assert_eq!(told(&ask(&ada.client, "nginx", APP))[3], "family,parents");
}

#[test]
fn a_name_in_any_language_arrives_whole() {
    let site = guarding();
    let ada = site.user("ada");
    site.sql("UPDATE users SET name = 'Zoë Ünal 🌱' WHERE email = 'ada@example.org'");
    assert_eq!(told(&ask(&ada.client, "nginx", APP))[2], "Zoë Ünal 🌱");
    site.sql("UPDATE users SET name = 'a' || char(13) || char(10) || 'Remote-User: b' WHERE email = 'ada@example.org'");
    let answer = ask(&ada.client, "nginx", APP);
    assert_eq!((answer.status, told(&answer)[2].as_str()), (200, "a  Remote-User: b"));
}

#[test]
fn the_token_says_who_for_whom_and_for_how_long_and_anybody_can_check_it() {
    let site = guarding_with(|config| config.access.jwt_header = Some("x-auth-jwt".to_owned()));
    let ada = site.user("ada");
    let answer = ask(&ada.client, "caddy", "https://app.example.org:8443/x");
    let token = answer.header("x-auth-jwt").expect("a token").to_owned();

    let keys = site.client().get("/forward-auth/jwks.json").json();
    let key = &keys["keys"][0];
    assert_eq!(
        (key["kty"].as_str(), key["crv"].as_str(), key["alg"].as_str()),
        (Some("OKP"), Some("Ed25519"), Some("EdDSA"))
    );
    let mut validation = Validation::new(Algorithm::EdDSA);
    validation.set_audience(&["app.example.org"]);
    validation.set_issuer(&[PUBLIC_URL]);
    validation.validate_exp = false;
    let decoding = DecodingKey::from_ed_components(key["x"].as_str().expect("a key")).expect("a key");
    let data = decode::<Value>(&token, &decoding, &validation).expect("signed by us");
    assert_eq!(data.header.kid.as_deref(), key["kid"].as_str());
    let claims = data.claims;
    assert_eq!(claims["sub"], json!(ada.account(&site).id.to_string()));
    assert_eq!(
        (&claims["email"], &claims["name"]),
        (&json!("ada@example.org"), &json!("ada example"))
    );
    assert_eq!((&claims["role"], &claims["groups"]), (&json!("USER"), &json!([])));
    let now = site.app.now().seconds();
    assert_eq!(
        (claims["iat"].as_i64(), claims["exp"].as_i64()),
        (Some(now), Some(now + 60))
    );

    // It is for the other program, and opens nothing here.
    for path in ["/api/user", "/api/user/terms"] {
        assert_eq!(site.client().request("GET", path).bearer(&token).send().status, 401);
    }
    let bearer = format!("Bearer {token}");
    assert_eq!(
        ask_about(&site.client(), "caddy", "GET", APP, &[("authorization", &bearer)]).status,
        401
    );
    let again = ask(&ada.client, "caddy", APP);
    site.clock.advance(minutes(1));
    assert_ne!(
        again.header("x-auth-jwt"),
        ask(&ada.client, "caddy", APP).header("x-auth-jwt")
    );
}

#[test]
fn no_token_is_sent_unless_it_is_asked_for() {
    let site = guarding();
    let ada = site.user("ada");
    let answer = ask(&ada.client, "caddy", APP);
    let names: Vec<_> = answer.headers.keys().map(|name| name.as_str().to_owned()).collect();
    assert!(!names.iter().any(|name| name.contains("jwt")), "{names:?}");
    let part = URL_SAFE_NO_PAD.encode(r#"{"alg":"EdDSA""#);
    assert!(!format!("{:?}", answer.headers).contains(&part[..12]));
}
