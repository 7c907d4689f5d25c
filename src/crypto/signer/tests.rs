//! Tokens made by us, by others and by nobody well-meaning.

use serde_json::{Value, json};

use super::*;
use crate::domain::ids::SessionId;

const JWT_SECRET: &str = "a secret of sufficient length for the tests";
const NOW: Timestamp = Timestamp::from_seconds(1_700_000_000);

fn signer() -> Signer {
    Signer::new(&Secret::new(JWT_SECRET), &Secret::new("another secret"))
}

fn access_claims() -> AccessClaims {
    AccessClaims {
        id: "6662f0ab01020304050607ff".parse().expect("an id"),
        username: "ada".into(),
        provider: "local".into(),
        email: "ada@example.org".into(),
        session: SessionId::from_row(i64::MAX),
        issued_at: NOW,
        expires_at: Timestamp::from_seconds(1_700_000_900),
    }
}

fn refresh_claims() -> RefreshClaims {
    RefreshClaims {
        id: "6662f0ab01020304050607ff".parse().expect("an id"),
        session: SessionId::from_row(42),
        unique: "once".into(),
        issued_at: NOW,
        expires_at: Timestamp::from_seconds(1_700_604_800),
    }
}

fn decoded(part: &str) -> String {
    String::from_utf8(URL_SAFE_NO_PAD.decode(part).expect("base64url")).expect("text")
}

/// A token over any header and claims, signed with the access secret and HMAC-SHA256.
fn forged(header: &str, claims: &Value) -> String {
    let message = format!(
        "{}.{}",
        URL_SAFE_NO_PAD.encode(header),
        URL_SAFE_NO_PAD.encode(claims.to_string())
    );
    let key = EncodingKey::from_secret(JWT_SECRET.as_bytes());
    let signature = crypto::sign(message.as_bytes(), &key, Algorithm::HS256).expect("signs");
    format!("{message}.{signature}")
}

fn wire() -> Value {
    json!({
        "id": "6662f0ab01020304050607ff", "username": "ada", "provider": "local", "email": "ada@example.org",
        "iat": 1_700_000_000, "exp": 1_700_000_900, "sid": "9223372036854775807"
    })
}

const PLAIN: &str = r#"{"alg":"HS256","typ":"JWT"}"#;

#[test]
fn an_access_token_has_librechats_header_and_claims_in_order() {
    let token = signer().access(&access_claims());
    let parts: Vec<&str> = token.split('.').collect();
    assert_eq!(decoded(parts[0]), PLAIN);
    assert_eq!(
        decoded(parts[1]),
        r#"{"id":"6662f0ab01020304050607ff","username":"ada","provider":"local","email":"ada@example.org","iat":1700000000,"exp":1700000900,"sid":"9223372036854775807"}"#
    );
    assert_eq!(signer().read_access(&token, NOW), Ok(access_claims()));
}

#[test]
fn a_refresh_token_survives_its_text_form() {
    let token = signer().refresh(&refresh_claims());
    assert_eq!(
        decoded(token.split('.').nth(1).expect("claims")),
        r#"{"id":"6662f0ab01020304050607ff","sessionId":"42","jti":"once","iat":1700000000,"exp":1700604800}"#
    );
    assert_eq!(signer().read_refresh(&token, NOW), Ok(refresh_claims()));
}

#[test]
fn a_token_signed_by_another_implementation_is_ours_byte_for_byte() {
    // Made with Python's hmac and base64 modules.
    let theirs = concat!(
        "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJpZCI6IjY2NjJmMGFiMDEwMjAzMDQwNTA2MDdmZiIsInVzZXJuYW1lIjoiYWRhIiwicHJv",
        "dmlkZXIiOiJsb2NhbCIsImVtYWlsIjoiYWRhQGV4YW1wbGUub3JnIiwiaWF0IjoxNzAwMDAwMDAwLCJleHAiOjE3MDAwMDA5MDAsInNpZCI6Ijky",
        "MjMzNzIwMzY4NTQ3NzU4MDcifQ.R0Smf8agVzhQiNINIh39H1jy-LA3vKqVJWMB10RkIbc"
    );
    assert_eq!(signer().access(&access_claims()), theirs);
}

#[test]
fn a_token_expires_at_the_very_second_and_only_if_its_signature_is_right() {
    let token = signer().access(&access_claims());
    let last = Timestamp::from_millis(1_700_000_899_999);
    let over = Timestamp::from_seconds(1_700_000_900);
    assert!(signer().read_access(&token, last).is_ok());
    assert_eq!(signer().read_access(&token, over), Err(TokenError::Expired));
    let foreign = Signer::new(&Secret::new("x"), &Secret::new("y")).access(&access_claims());
    assert_eq!(signer().read_access(&foreign, over), Err(TokenError::BadSignature));
}

#[test]
fn the_two_kinds_of_token_are_not_interchangeable_even_under_one_secret() {
    let same = Signer::new(&Secret::new("x"), &Secret::new("x"));
    let (access, refresh) = (same.access(&access_claims()), same.refresh(&refresh_claims()));
    assert_eq!(same.read_refresh(&access, NOW), Err(TokenError::Malformed));
    assert_eq!(same.read_access(&refresh, NOW), Err(TokenError::Malformed));
    assert_eq!(
        signer().read_refresh(&signer().access(&access_claims()), NOW),
        Err(TokenError::BadSignature)
    );
}

#[test]
fn only_hs256_is_accepted() {
    for alg in ["HS384", "HS512", "RS256", "ES256", "EdDSA"] {
        let token = forged(&json!({"alg": alg, "typ": "JWT"}).to_string(), &wire());
        assert_eq!(
            signer().read_access(&token, NOW),
            Err(TokenError::BadSignature),
            "{alg}"
        );
    }
    for header in [
        r#"{"alg":"none"}"#,
        r#"{"alg":"None","typ":"JWT"}"#,
        r#"{"alg":"hs256","typ":"JWT"}"#,
        r#"{"typ":"JWT"}"#,
        r#"{"alg":"HS256","crit":["exp"]}"#,
        r#"{"alg":["HS256"]}"#,
        "[]",
        "",
    ] {
        let token = forged(header, &wire());
        assert_eq!(
            signer().read_access(&token, NOW),
            Err(TokenError::Malformed),
            "{header}"
        );
    }
    let unsigned = forged(r#"{"alg":"none"}"#, &wire());
    let (message, _) = unsigned.rsplit_once('.').expect("two parts");
    assert!(signer().read_access(&format!("{message}."), NOW).is_err());
}

#[test]
fn a_header_written_in_another_order_is_accepted() {
    let token = forged(r#"{"typ":"JWT","alg":"HS256"}"#, &wire());
    assert_eq!(signer().read_access(&token, NOW), Ok(access_claims()));
}

#[test]
fn keys_and_addresses_offered_in_the_header_change_nothing() {
    let header = r#"{"alg":"HS256","jwk":{"kty":"oct","k":"eA"},"jku":"https://evil.example","kid":"../../dev/null"}"#;
    let signed_by_ours = forged(header, &wire());
    assert_eq!(signer().read_access(&signed_by_ours, NOW), Ok(access_claims()));
    let (message, _) = signed_by_ours.rsplit_once('.').expect("two parts");
    let foreign = crypto::sign(message.as_bytes(), &EncodingKey::from_secret(b"x"), Algorithm::HS256).expect("signs");
    assert_eq!(
        signer().read_access(&format!("{message}.{foreign}"), NOW),
        Err(TokenError::BadSignature)
    );
}

#[test]
fn times_must_be_whole_positive_numbers() {
    for claim in ["exp", "iat"] {
        for value in [
            json!("1700000900"),
            json!(1_700_000_900.5),
            json!(1.7e9),
            json!(-1),
            json!(null),
            json!([1_700_000_900]),
            json!(true),
            json!(u64::MAX),
        ] {
            let mut claims = wire();
            claims[claim] = value.clone();
            let token = forged(PLAIN, &claims);
            assert_eq!(
                signer().read_access(&token, NOW),
                Err(TokenError::Malformed),
                "{claim} {value}"
            );
        }
    }
}

#[test]
fn every_claim_is_required_and_has_its_type() {
    for claim in ["id", "username", "provider", "email", "iat", "exp", "sid"] {
        let mut missing = wire();
        missing.as_object_mut().expect("an object").remove(claim);
        let mut wrong = wire();
        wrong[claim] = json!({});
        for claims in [missing, wrong] {
            let token = forged(PLAIN, &claims);
            assert_eq!(signer().read_access(&token, NOW), Err(TokenError::Malformed), "{claim}");
        }
    }
    for (claim, value) in [("sid", json!(5)), ("sid", json!("x")), ("id", json!("6662"))] {
        let mut claims = wire();
        claims[claim] = value;
        let token = forged(PLAIN, &claims);
        assert_eq!(signer().read_access(&token, NOW), Err(TokenError::Malformed), "{claim}");
    }
}

#[test]
fn what_is_no_token_is_malformed() {
    for text in ["", ".", "..", "a.b", "a.b.c.d", "....", "é.é.é", "a.b.c"] {
        assert_eq!(signer().read_access(text, NOW), Err(TokenError::Malformed), "{text:?}");
    }
}

#[test]
fn no_changed_character_goes_unnoticed() {
    let token = signer().access(&access_claims());
    for at in 0..token.len() {
        let other = if token.as_bytes()[at] == b'A' { "B" } else { "A" };
        let mut changed = token.clone();
        changed.replace_range(at..=at, other);
        assert!(signer().read_access(&changed, NOW).is_err(), "{at}");
    }
}

#[test]
fn the_successor_depends_on_the_predecessor_and_the_refresh_secret_only() {
    let digest = TokenDigest::of(b"presented");
    let successor = signer().successor(digest);
    assert_eq!(successor, signer().successor(digest));
    assert_eq!(successor.len(), 43);
    assert_ne!(successor, signer().successor(TokenDigest::of(b"another")));
    let other_access = Signer::new(&Secret::new("x"), &Secret::new("another secret"));
    assert_eq!(successor, other_access.successor(digest));
    let other_refresh = Signer::new(&Secret::new(JWT_SECRET), &Secret::new("x"));
    assert_ne!(successor, other_refresh.successor(digest));
}

#[test]
fn a_mac_separates_labels_and_parts() {
    let signer = signer();
    let macs = [
        signer.mac("csrf", &[b"ab", b"c"]),
        signer.mac("csrf", &[b"a", b"bc"]),
        signer.mac("csrf", &[b"abc"]),
        signer.mac("csrfa", &[b"bc"]),
        signer.mac("csrf", &[b"abc", b""]),
    ];
    for (i, mac) in macs.iter().enumerate() {
        assert!(macs[i + 1..].iter().all(|other| other != mac), "{i}");
    }
}

#[test]
fn a_mac_is_recognised_and_nothing_else_is() {
    let signer = signer();
    let mac = signer.mac("csrf", &[b"session"]);
    assert!(signer.check_mac("csrf", &[b"session"], &mac));
    assert!(!signer.check_mac("csrf", &[b"other"], &mac));
    assert!(!signer.check_mac("other", &[b"session"], &mac));
    assert!(!signer.check_mac("csrf", &[b"session"], &mac[..31]));
    assert!(!signer.check_mac("csrf", &[b"session"], &[]));
}

#[test]
fn nothing_of_the_keys_is_printed() {
    assert_eq!(format!("{:?}", signer()), "Signer(…)");
}
