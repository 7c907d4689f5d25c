//! Short-lived tokens that tell other programs who somebody is: JWTs signed with Ed25519 (RFC 8037), so that whoever checks
//! one needs the public key only and cannot make any.

use std::fmt;

use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair as _};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Serialize;
use sha2::{Digest as _, Sha256};

use crate::domain::time::Timestamp;

/// What a passport says.
#[derive(Clone, Debug)]
pub struct Passport<'p> {
    /// Who vouches: our public address.
    pub issuer: &'p str,
    /// For which host.
    pub audience: &'p str,
    /// The account's id.
    pub subject: String,
    /// Its address.
    pub email: &'p str,
    /// Whether the address was proved.
    pub email_verified: bool,
    /// Its display name.
    pub name: &'p str,
    /// Its role.
    pub role: &'p str,
    /// Its groups.
    pub groups: Vec<&'p str>,
    /// From when on.
    pub issued_at: Timestamp,
    /// Until when.
    pub expires_at: Timestamp,
}

/// The claims as they are on the wire (RFC 7519 §4.1, OpenID Connect Core §5.1).
#[derive(Serialize)]
struct Wire<'p> {
    iss: &'p str,
    aud: &'p str,
    sub: &'p str,
    email: &'p str,
    email_verified: bool,
    name: &'p str,
    role: &'p str,
    groups: &'p [&'p str],
    iat: i64,
    exp: i64,
}

/// The public key as programs fetch it (RFC 7517, RFC 8037 §2).
#[derive(Clone, Debug, Serialize, PartialEq, Eq)]
pub struct PublicKey {
    kty: &'static str,
    crv: &'static str,
    /// The key, 32 bytes in base64url.
    pub x: String,
    #[serde(rename = "use")]
    purpose: &'static str,
    alg: &'static str,
    /// Its name, which passports carry.
    pub kid: String,
}

/// Signs passports.
pub struct PassportOffice {
    key: Ed25519KeyPair,
    header: String,
    public: PublicKey,
}

impl PassportOffice {
    /// With a key made from 32 secret bytes, always the same one for the same bytes.
    ///
    /// # Panics
    /// Never: any 32 bytes are a key.
    #[must_use]
    pub fn new(seed: &[u8; 32]) -> Self {
        let key = Ed25519KeyPair::from_seed_unchecked(seed).expect("any 32 bytes are an Ed25519 key (RFC 8032 §5.1.5)");
        let x = URL_SAFE_NO_PAD.encode(key.public_key().as_ref());
        // The thumbprint (RFC 7638 §3, RFC 8037 appendix A.3).
        let canonical = format!(r#"{{"crv":"Ed25519","kty":"OKP","x":"{x}"}}"#);
        let kid = URL_SAFE_NO_PAD.encode(Sha256::digest(canonical));
        let header = URL_SAFE_NO_PAD.encode(format!(r#"{{"alg":"EdDSA","typ":"JWT","kid":"{kid}"}}"#));
        let public = PublicKey {
            kty: "OKP",
            crv: "Ed25519",
            x,
            purpose: "sig",
            alg: "EdDSA",
            kid,
        };
        Self { key, header, public }
    }

    /// The key with which passports are checked.
    #[must_use]
    pub const fn public_key(&self) -> &PublicKey {
        &self.public
    }

    /// Signs a passport.
    ///
    /// # Panics
    /// Never: claims of text and integers are JSON.
    #[must_use]
    pub fn issue(&self, passport: &Passport<'_>) -> String {
        let wire = Wire {
            iss: passport.issuer,
            aud: passport.audience,
            sub: &passport.subject,
            email: passport.email,
            email_verified: passport.email_verified,
            name: passport.name,
            role: passport.role,
            groups: &passport.groups,
            iat: passport.issued_at.seconds(),
            exp: passport.expires_at.seconds(),
        };
        let claims = serde_json::to_vec(&wire).expect("claims of text and integers are JSON");
        let mut token = format!("{}.{}", self.header, URL_SAFE_NO_PAD.encode(claims));
        let signature = self.key.sign(token.as_bytes());
        token.push('.');
        URL_SAFE_NO_PAD.encode_string(signature.as_ref(), &mut token);
        token
    }
}

impl fmt::Debug for PassportOffice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PassportOffice(…)")
    }
}

#[cfg(test)]
mod tests {
    use jsonwebtoken::{Algorithm, DecodingKey, Validation, decode};
    use serde_json::Value as Json;

    use super::*;

    fn passport() -> Passport<'static> {
        Passport {
            issuer: "https://auth.example.org",
            audience: "app.example.org",
            subject: "6662f0ab01020304050607ff".to_owned(),
            email: "ada@example.org",
            email_verified: true,
            name: "Ada \"L\" \u{e9}",
            role: "ADMIN",
            groups: vec!["family"],
            issued_at: Timestamp::from_seconds(4_000_000_000),
            expires_at: Timestamp::from_seconds(4_000_000_060),
        }
    }

    fn read(token: &str, key: &PublicKey) -> Result<Json, jsonwebtoken::errors::Error> {
        let mut validation = Validation::new(Algorithm::EdDSA);
        validation.set_audience(&["app.example.org"]);
        validation.set_issuer(&["https://auth.example.org"]);
        let key = DecodingKey::from_ed_components(&key.x).expect("a key");
        decode::<Json>(token, &key, &validation).map(|data| data.claims)
    }

    #[test]
    fn a_library_that_knows_only_the_public_key_reads_a_passport() {
        let office = PassportOffice::new(&[7; 32]);
        let claims = read(&office.issue(&passport()), office.public_key()).expect("valid");
        assert_eq!(claims["sub"], "6662f0ab01020304050607ff");
        assert_eq!(claims["name"], "Ada \"L\" \u{e9}");
        assert_eq!(claims["groups"], serde_json::json!(["family"]));
        assert_eq!(claims["exp"].as_i64(), claims["iat"].as_i64().map(|iat| iat + 60));
    }

    #[test]
    fn another_key_or_another_word_does_not_pass() {
        let (office, other) = (PassportOffice::new(&[7; 32]), PassportOffice::new(&[8; 32]));
        let token = office.issue(&passport());
        assert!(read(&token, other.public_key()).is_err());
        let (head, signature) = token.rsplit_once('.').expect("three parts");
        let forged = format!("{}A.{signature}", &head[..head.len() - 1]);
        assert!(read(&forged, office.public_key()).is_err());
        assert_ne!(office.public_key().kid, other.public_key().kid);
    }

    #[test]
    fn the_key_of_the_standard_has_its_thumbprint() {
        // RFC 8037 appendix A.
        let seed = URL_SAFE_NO_PAD
            .decode("nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A")
            .expect("base64url");
        let office = PassportOffice::new(&seed.try_into().expect("32 bytes"));
        assert_eq!(office.public_key().x, "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo");
        assert_eq!(office.public_key().kid, "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k");
    }
}
