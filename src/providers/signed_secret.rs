//! A secret that we sign ourselves, as Apple wants one: an ES256 token that says which team vouches for which client. It is
//! made anew for each code and is good for a few minutes only, so that nothing has to be renewed and a lost one is worth
//! little.

use std::time::Duration;

use jsonwebtoken::{Algorithm, EncodingKey, Header, encode};
use rustls::pki_types::PrivatePkcs8KeyDer;
use rustls::pki_types::pem::PemObject as _;
use serde::Serialize;

use crate::config::federation::social::SigningKey;
use crate::domain::federation::trouble::Trouble;
use crate::domain::secret::Secret;
use crate::domain::time::Timestamp;

/// For whom it is.
const AUDIENCE: &str = "https://appleid.apple.com";

/// How long it is good.
const LIFETIME: Duration = Duration::from_mins(5);

#[derive(Serialize)]
struct Claims<'c> {
    iss: &'c str,
    sub: &'c str,
    aud: &'c str,
    iat: i64,
    exp: i64,
}

/// Signs that this client is ours, now.
///
/// # Errors
/// [`Trouble::OwnKey`] if the key cannot sign.
pub fn sign(key: &SigningKey, client_id: &str, now: Timestamp) -> Result<Secret, Trouble> {
    let der = PrivatePkcs8KeyDer::from_pem_slice(key.pem.expose().as_bytes()).map_err(|_| Trouble::OwnKey)?;
    let header = Header {
        kid: Some(key.key_id.clone()),
        typ: None,
        ..Header::new(Algorithm::ES256)
    };
    let claims = Claims {
        iss: &key.team_id,
        sub: client_id,
        aud: AUDIENCE,
        iat: now.seconds(),
        exp: now.after(LIFETIME).seconds(),
    };
    let signer = EncodingKey::from_ec_der(der.secret_pkcs8_der());
    let token = encode(&header, &claims, &signer).map_err(|_| Trouble::OwnKey)?;
    Ok(Secret::new(token))
}

#[cfg(test)]
mod tests {
    use aws_lc_rs::rand::SystemRandom;
    use aws_lc_rs::signature::{
        ECDSA_P256_SHA256_FIXED, ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair as _, UnparsedPublicKey,
    };
    use base64::Engine as _;
    use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
    use serde_json::{Value, json};

    use super::*;

    #[test]
    fn it_says_who_vouches_for_whom_and_not_for_long() {
        let der = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &SystemRandom::new()).expect("a key");
        let body = STANDARD.encode(der.as_ref());
        let key = SigningKey {
            team_id: "TEAM".to_owned(),
            key_id: "KEY".to_owned(),
            pem: Secret::new(format!(
                "-----BEGIN PRIVATE KEY-----\n{body}\n-----END PRIVATE KEY-----\n"
            )),
        };
        let secret = sign(&key, "client", Timestamp::from_seconds(1000)).expect("signed");
        let (signed, signature) = secret.expose().rsplit_once('.').expect("a token");
        let (header, claims) = signed.split_once('.').expect("a token");
        let read = |part: &str| -> Value {
            serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).expect("base64")).expect("JSON")
        };
        assert_eq!(read(header), json!({ "alg": "ES256", "kid": "KEY" }));
        let expected = json!({ "iss": "TEAM", "sub": "client", "aud": AUDIENCE, "iat": 1000, "exp": 1300 });
        assert_eq!(read(claims), expected);
        let pair = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, der.as_ref()).expect("the key");
        let public = UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, pair.public_key().as_ref());
        let signature = URL_SAFE_NO_PAD.decode(signature).expect("base64");
        assert!(public.verify(signed.as_bytes(), &signature).is_ok());
    }

    #[test]
    fn a_key_that_is_none_is_our_own_trouble() {
        let key = SigningKey {
            team_id: String::new(),
            key_id: String::new(),
            pem: Secret::new("nothing"),
        };
        assert_eq!(sign(&key, "client", Timestamp::from_seconds(0)), Err(Trouble::OwnKey));
    }
}
