//! HS256 tokens with keys prepared once.

use std::time::{SystemTime, UNIX_EPOCH};

use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation, decode, encode};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

/// What an access token says.
#[derive(Clone, Serialize, Deserialize)]
pub struct Access {
    id: String,
    username: String,
    provider: String,
    email: String,
    iat: u64,
    exp: u64,
    /// The session, in decimal.
    pub sid: String,
}

/// What a refresh token says.
#[derive(Clone, Serialize, Deserialize)]
pub struct Refresh {
    /// The user.
    pub id: String,
    /// The session, in decimal.
    #[serde(rename = "sessionId")]
    pub session: String,
    jti: String,
    iat: u64,
    exp: u64,
}

/// One secret, ready for use.
pub struct Key {
    header: Header,
    signing: EncodingKey,
    checking: DecodingKey,
    validation: Validation,
}

impl Key {
    /// Prepares a secret.
    pub fn new(secret: &str) -> Self {
        Self {
            header: Header::new(Algorithm::HS256),
            signing: EncodingKey::from_secret(secret.as_bytes()),
            checking: DecodingKey::from_secret(secret.as_bytes()),
            validation: Validation::new(Algorithm::HS256),
        }
    }

    /// The claims, if signature and expiry are good.
    pub fn read<T: for<'de> Deserialize<'de> + Clone>(&self, token: &str) -> Option<T> {
        decode(token, &self.checking, &self.validation)
            .ok()
            .map(|data| data.claims)
    }

    /// The signed token.
    pub fn sign(&self, claims: &impl Serialize) -> String {
        encode(&self.header, claims, &self.signing).expect("our claims are plain JSON")
    }
}

/// SHA-256 of a whole token.
pub fn digest(token: &str) -> [u8; 32] {
    Sha256::digest(token.as_bytes()).into()
}

/// The claims that follow `claims`.
pub fn successor(claims: &Refresh, digest: &[u8; 32]) -> Refresh {
    let (half, _) = digest.split_first_chunk::<16>().expect("32 bytes have 16 first ones");
    Refresh {
        jti: format!("{:032x}", u128::from_be_bytes(*half)),
        iat: now(),
        ..claims.clone()
    }
}

/// An access token's claims for a quarter of an hour.
pub fn access(id: String, email: String, sid: String) -> Access {
    let now = now();
    Access {
        id,
        username: String::new(),
        provider: "local".into(),
        email,
        iat: now,
        exp: now + 900,
        sid,
    }
}

#[expect(clippy::disallowed_methods, reason = "a bare reference asks the system")]
fn now() -> u64 {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .map_or(0, |since| since.as_secs())
}
