//! The tokens on the wire, and everything that only looks like one.

use jsonwebtoken::{Algorithm, EncodingKey, Header, encode};
use serde_json::{Value, json};

use crate::support::{JWT_SECRET, Person, REFRESH_SECRET, START, Site, claims_of, days, minutes};

const HEADER: &str = "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9";

fn keys(claims: &Value) -> Vec<&str> {
    claims.as_object().unwrap().keys().map(String::as_str).collect()
}

/// A token as anybody with `secret` could make it.
fn forge(header: &Header, claims: &Value, secret: &str) -> String {
    encode(header, claims, &EncodingKey::from_secret(secret.as_bytes())).unwrap()
}

fn base64(text: &str) -> String {
    use base64::Engine as _;
    base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(text)
}

#[test]
fn an_access_token_carries_librechats_claims_and_the_session() {
    let site = Site::start();
    let ada = site.user("ada");
    assert_eq!(ada.token.split('.').next(), Some(HEADER));
    let claims = claims_of(&ada.token);
    let mut names = keys(&claims);
    names.sort_unstable();
    assert_eq!(names, ["email", "exp", "iat", "id", "provider", "sid", "username"]);
    assert_eq!(claims["id"], ada.account(&site).id.to_string());
    assert_eq!(claims["username"], "ada");
    assert_eq!(claims["provider"], "local");
    assert_eq!(claims["email"], "ada@example.org");
    assert_eq!(claims["iat"], START.seconds());
    assert_eq!(claims["exp"], START.seconds() + 15 * 60);
    assert!(claims["sid"].is_string());
}

#[test]
fn a_refresh_token_carries_user_session_and_the_sessions_end() {
    let site = Site::start();
    let ada = site.user("ada");
    let token = ada.refresh_token();
    assert_eq!(token.split('.').next(), Some(HEADER));
    let claims = claims_of(&token);
    let mut names = keys(&claims);
    names.sort_unstable();
    assert_eq!(names, ["exp", "iat", "id", "jti", "sessionId"]);
    assert_eq!(claims["id"], ada.account(&site).id.to_string());
    assert_eq!(claims["sessionId"], claims_of(&ada.token)["sid"]);
    assert_eq!(claims["iat"], START.seconds());
    assert_eq!(claims["exp"], START.after(days(7)).seconds());
}

#[test]
fn a_renewed_token_belongs_to_the_same_session_and_ends_with_it() {
    let site = Site::start();
    let mut ada = site.user("ada");
    let (access, refresh) = (claims_of(&ada.token), claims_of(&ada.refresh_token()));
    site.clock.advance(minutes(20));
    ada.refresh();
    let (later_access, later_refresh) = (claims_of(&ada.token), claims_of(&ada.refresh_token()));
    assert_eq!(later_access["sid"], access["sid"]);
    assert_eq!(later_access["exp"], START.after(minutes(35)).seconds());
    assert_eq!(later_refresh["sessionId"], refresh["sessionId"]);
    assert_eq!(later_refresh["exp"], refresh["exp"]);
    assert_ne!(later_refresh["jti"], refresh["jti"]);
}

#[test]
fn lifetimes_are_the_configured_ones() {
    let site = Site::with(|config| {
        config.session.access_lifetime = minutes(5);
        config.session.lifetime = days(30);
    });
    let ada = site.user("ada");
    assert_eq!(claims_of(&ada.token)["exp"], START.after(minutes(5)).seconds());
    assert_eq!(claims_of(&ada.refresh_token())["exp"], START.after(days(30)).seconds());
}

#[test]
fn a_login_at_the_same_moment_has_other_tokens() {
    let site = Site::start();
    let one = site.user("ada");
    let two = Person::log_in(&site, "ada");
    assert_ne!(one.token, two.token);
    assert_ne!(one.refresh_token(), two.refresh_token());
    assert_ne!(one.client.cookie("librechat_auth"), two.client.cookie("librechat_auth"));
}

/// What an attacker makes of a good token's claims and what it is signed with.
fn forgeries(claims: &Value, secret: &str, other_secret: &str) -> Vec<(String, String)> {
    let plain = Header::new(Algorithm::HS256);
    let mut all = Vec::new();
    let mut add = |name: &str, token: String| all.push((name.to_owned(), token));
    for algorithm in [Algorithm::HS384, Algorithm::HS512] {
        add(
            &format!("{algorithm:?}"),
            forge(&Header::new(algorithm), claims, secret),
        );
    }
    add("the other key", forge(&plain, claims, other_secret));
    add("no key", forge(&plain, claims, ""));
    let good = forge(&plain, claims, secret);
    let (message, signature) = good.rsplit_once('.').unwrap();
    let payload = message.split_once('.').unwrap().1;
    for alg in ["none", "None", "NONE", "", "HS256 "] {
        let header = base64(&format!("{{\"alg\":\"{alg}\",\"typ\":\"JWT\"}}"));
        add(&format!("alg {alg:?}"), format!("{header}.{payload}."));
        add(
            &format!("alg {alg:?} with the signature"),
            format!("{header}.{payload}.{signature}"),
        );
    }
    let mut critical = plain.clone();
    critical.crit = Some(vec!["exp".to_owned()]);
    add("crit", forge(&critical, claims, secret));
    add("no signature", format!("{message}."));
    add("no dot", message.to_owned());
    add("four parts", format!("{good}.x"));
    add("padding", format!("{good}="));
    add("another payload", format!("{HEADER}.{}.{signature}", base64("{}")));
    for (field, value) in [
        ("exp", json!(4_000_000_000.5)),
        ("exp", json!(4_000_000_000.0)),
        ("exp", json!("4000000000")),
        ("exp", json!(-1)),
        ("exp", json!(0)),
        ("exp", Value::Null),
        ("iat", json!("x")),
        ("id", json!("nobody")),
        ("id", json!("000000000000000000000000")),
        ("id", json!({})),
    ] {
        let mut changed = claims.clone();
        changed[field] = value.clone();
        add(&format!("{field} = {value}"), forge(&plain, &changed, secret));
    }
    for field in ["exp", "id"] {
        let mut without = claims.clone();
        without.as_object_mut().unwrap().remove(field);
        add(&format!("no {field}"), forge(&plain, &without, secret));
    }
    all
}

#[test]
fn nothing_but_our_own_access_token_opens_the_api() {
    let site = Site::start();
    let ada = site.user("ada");
    let claims = claims_of(&ada.token);
    let mut forged = forgeries(&claims, JWT_SECRET, REFRESH_SECRET);
    let mut without = claims.clone();
    without.as_object_mut().unwrap().remove("sid");
    let librechats = forge(&Header::new(Algorithm::HS256), &without, JWT_SECRET);
    forged.push(("no sid, as LibreChat's own".to_owned(), librechats));
    forged.push(("the refresh token".to_owned(), ada.refresh_token()));
    forged.push((
        "the page cookie".to_owned(),
        ada.client.cookie("librechat_auth").unwrap(),
    ));
    for (name, token) in forged {
        let answer = site.client().request("GET", "/api/user").bearer(&token).send();
        assert_eq!(answer.status, 401, "{name}");
        assert!(answer.json()["message"].is_string(), "{name}");
    }
    assert_eq!(ada.api("GET", "/api/user").status, 200);
}

#[test]
fn nothing_but_our_own_refresh_token_renews_a_session() {
    let site = Site::start();
    let ada = site.user("ada");
    let claims = claims_of(&ada.refresh_token());
    let mut forged = forgeries(&claims, REFRESH_SECRET, JWT_SECRET);
    forged.retain(|(name, _)| !name.starts_with("id = \"0000"));
    forged.push(("the access token".to_owned(), ada.token.clone()));
    forged.push((
        "the page cookie".to_owned(),
        ada.client.cookie("librechat_auth").unwrap(),
    ));
    for (name, token) in forged {
        let client = site.client();
        client.set_cookie("refreshToken", &token);
        let answer = client.post("/api/auth/refresh", &json!({}));
        assert_eq!((answer.status, answer.text()), (403, "Invalid refresh token"), "{name}");
    }
    assert_eq!(ada.open_doors(), [true, true, true], "garbage is no sign of theft");
}

#[test]
fn a_signed_token_for_another_user_or_session_renews_nothing() {
    let site = Site::start();
    let ada = site.user("ada");
    let bob = site.user("bob");
    let (hers, his) = (claims_of(&ada.refresh_token()), claims_of(&bob.refresh_token()));
    let mut other_user = hers.clone();
    other_user["id"] = his["id"].clone();
    let mut no_session = hers.clone();
    no_session["sessionId"] = json!("1");
    for claims in [other_user, no_session] {
        let client = site.client();
        client.set_cookie(
            "refreshToken",
            &forge(&Header::new(Algorithm::HS256), &claims, REFRESH_SECRET),
        );
        assert_eq!(client.post("/api/auth/refresh", &json!({})).status, 401);
    }
    assert_eq!(ada.open_doors(), [true, true, true]);
    assert_eq!(bob.open_doors(), [true, true, true]);
}

#[test]
fn no_other_token_is_a_page_cookie() {
    let site = Site::start();
    let ada = site.user("ada");
    let bob = site.user("bob");
    let (hers, his) = (
        ada.client.cookie("librechat_auth").unwrap(),
        bob.client.cookie("librechat_auth").unwrap(),
    );
    let mixed = format!("{}.{}", hers.split_once('.').unwrap().0, his.split_once('.').unwrap().1);
    let cut = hers[..hers.len() - 1].to_owned();
    for value in [
        mixed,
        cut,
        ada.token.clone(),
        ada.refresh_token(),
        format!("{hers}A"),
        "1.x".to_owned(),
    ] {
        let client = site.client();
        client.set_cookie("librechat_auth", &value);
        assert_eq!(client.get("/").status, 303, "{value}");
    }
}

#[test]
fn no_session_key_is_stored_in_the_clear() {
    let site = Site::start();
    let mut ada = site.user("ada");
    let first = ada.refresh_token();
    site.clock.advance(minutes(1));
    ada.refresh();
    let mut stored = Vec::new();
    for entry in std::fs::read_dir(&site.app.config.data_dir).unwrap() {
        stored.extend(std::fs::read(entry.unwrap().path()).unwrap_or_default());
    }
    let contains = |text: &str| stored.windows(text.len()).any(|part| part == text.as_bytes());
    assert!(contains("ada@example.org"), "the database was read");
    let page = ada.client.cookie("librechat_auth").unwrap();
    let signature = |token: &str| token.rsplit_once('.').unwrap().1.to_owned();
    for secret in [
        signature(&first),
        signature(&ada.refresh_token()),
        signature(&ada.token),
        signature(&page),
    ] {
        assert!(!contains(&secret));
    }
    assert!(!contains(crate::support::PASSWORD));
}
