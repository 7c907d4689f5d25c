//! A provider's published keys (RFC 7517): kept, asked for again when they are old, and once more when a token names one
//! that is not among them, but not for every stranger's token.

use std::time::Duration;

use jsonwebtoken::jwk::{AlgorithmParameters, EllipticCurve, Jwk, PublicKeyUse};
use jsonwebtoken::{Algorithm, DecodingKey};
use serde::Deserialize;
use serde_json::Value;
use url::Url;

use super::discovery::fetch_json;
use super::outgoing::Outgoing;
use super::shelf::Shelf;
use crate::domain::federation::trouble::{Trouble, quoted};
use crate::domain::time::Timestamp;

/// More keys than any provider has.
const MOST_KEYS: usize = 64;

/// How long after the keys were fetched an unknown name is believed to be unknown.
const FRESH: Duration = Duration::from_secs(10);

/// Algorithms that are accepted, and the only ones. Those with a shared secret are not: whoever knows a public key could
/// sign with it (RFC 8725 §2.1).
pub const ALGORITHMS: &[(&str, Algorithm)] = &[
    ("RS256", Algorithm::RS256),
    ("RS384", Algorithm::RS384),
    ("RS512", Algorithm::RS512),
    ("PS256", Algorithm::PS256),
    ("PS384", Algorithm::PS384),
    ("PS512", Algorithm::PS512),
    ("ES256", Algorithm::ES256),
    ("ES384", Algorithm::ES384),
    ("EdDSA", Algorithm::EdDSA),
];

/// Where a provider's keys are kept.
pub struct KeyRing {
    shelf: Shelf<KeySet>,
    kept: Duration,
}

impl KeyRing {
    /// For keys that are kept so long.
    #[must_use]
    pub fn new(kept: Duration) -> Self {
        Self {
            shelf: Shelf::new(),
            kept,
        }
    }

    /// Asks for the keys, unless they are here.
    ///
    /// # Errors
    /// [`Trouble::Unreachable`].
    pub async fn fill(&self, source: &Source<'_>) -> Result<(), Trouble> {
        self.shelf
            .take(source.now, self.kept, || source.fetch())
            .await
            .map(drop)
    }

    /// The keys that may have made a signature; asks the provider for them if need be.
    ///
    /// # Errors
    /// [`Trouble::Unreachable`], or [`Trouble::UnknownKey`] if there are none.
    pub async fn candidates(&self, source: &Source<'_>, wanted: &Wanted<'_>) -> Result<Vec<DecodingKey>, Trouble> {
        let now = source.now;
        let set = self.shelf.take(now, self.kept, || source.fetch()).await?;
        let found = set.candidates(wanted);
        if !found.is_empty() || self.kept.is_zero() {
            return wanted.some_of(found);
        }
        // The provider may have changed its keys since. Strangers cannot make it answer more often than this.
        let set = self.shelf.take(now, FRESH.min(self.kept), || source.fetch()).await?;
        wanted.some_of(set.candidates(wanted))
    }
}

/// Where keys come from.
pub struct Source<'s> {
    /// The client.
    pub outgoing: &'s Outgoing,
    /// Their address.
    pub url: &'s Url,
    /// Whether that may be private.
    pub allow_private: bool,
    /// The present moment, by a clock that nobody sets.
    pub now: Timestamp,
}

impl Source<'_> {
    async fn fetch(&self) -> Result<KeySet, Trouble> {
        let what = "the address of the provider's keys";
        let document: Document = fetch_json(self.outgoing, what, self.url.clone(), self.allow_private).await?;
        Ok(KeySet::new(document.keys))
    }
}

/// What a token says of the key that signed it.
#[derive(Clone, Copy, Debug)]
pub struct Wanted<'w> {
    /// The key's name.
    pub kid: Option<&'w str>,
    /// The algorithm.
    pub algorithm: Algorithm,
}

impl Wanted<'_> {
    fn some_of(&self, found: Vec<DecodingKey>) -> Result<Vec<DecodingKey>, Trouble> {
        if found.is_empty() {
            Err(Trouble::UnknownKey(self.shown()))
        } else {
            Ok(found)
        }
    }

    fn shown(&self) -> String {
        match self.kid {
            Some(kid) => format!("\"{}\"", quoted(kid)),
            None => format!("nothing ({:?})", self.algorithm),
        }
    }
}

#[derive(Deserialize)]
struct Document {
    keys: Vec<Value>,
}

/// Keys that can check a signature.
pub struct KeySet {
    keys: Vec<Key>,
}

struct Key {
    kid: Option<String>,
    algorithms: Vec<Algorithm>,
    checking: DecodingKey,
}

impl KeySet {
    /// Takes what can be used of a published set; what cannot, such as keys for encryption, is left out.
    #[must_use]
    pub fn new(published: Vec<Value>) -> Self {
        let keys = published.into_iter().take(MOST_KEYS);
        Self {
            keys: keys.filter_map(Key::read).collect(),
        }
    }

    /// The keys that may have made a signature: the one of that name, or without a name all that could.
    #[must_use]
    pub fn candidates(&self, wanted: &Wanted<'_>) -> Vec<DecodingKey> {
        let fits = |key: &&Key| {
            let is_named = wanted.kid.is_none() || key.kid.as_deref() == wanted.kid;
            is_named && key.algorithms.contains(&wanted.algorithm)
        };
        self.keys.iter().filter(fits).map(|key| key.checking.clone()).collect()
    }
}

impl Key {
    fn read(published: Value) -> Option<Self> {
        let jwk: Jwk = serde_json::from_value(published).ok()?;
        let is_for_signing = matches!(jwk.common.public_key_use, None | Some(PublicKeyUse::Signature));
        let possible = possible(&jwk.algorithm);
        let algorithms: Vec<Algorithm> = match &jwk.common.key_algorithm {
            // A key for one algorithm is for no other (RFC 8725 §3.1).
            Some(named) => {
                let named = named.to_string();
                let is_named = |algorithm: &&Algorithm| {
                    ALGORITHMS
                        .iter()
                        .any(|(name, known)| *name == named && known == *algorithm)
                };
                possible.iter().filter(is_named).copied().collect()
            }
            None => possible.to_vec(),
        };
        if !is_for_signing || algorithms.is_empty() {
            return None;
        }
        Some(Self {
            checking: DecodingKey::from_jwk(&jwk).ok()?,
            kid: jwk.common.key_id,
            algorithms,
        })
    }
}

/// What a key of that kind can check.
fn possible(parameters: &AlgorithmParameters) -> &'static [Algorithm] {
    match parameters {
        AlgorithmParameters::RSA(_) => &[
            Algorithm::RS256,
            Algorithm::RS384,
            Algorithm::RS512,
            Algorithm::PS256,
            Algorithm::PS384,
            Algorithm::PS512,
        ],
        AlgorithmParameters::EllipticCurve(key) => match key.curve {
            EllipticCurve::P256 => &[Algorithm::ES256],
            EllipticCurve::P384 => &[Algorithm::ES384],
            _ => &[],
        },
        AlgorithmParameters::OctetKeyPair(key) if key.curve == EllipticCurve::Ed25519 => &[Algorithm::EdDSA],
        // A shared secret has no place among public keys.
        _ => &[],
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn count(set: &KeySet, kid: Option<&str>, algorithm: Algorithm) -> usize {
        set.candidates(&Wanted { kid, algorithm }).len()
    }

    #[test]
    fn a_key_checks_what_it_is_for_and_nothing_else() {
        let rsa = |extra: Value| {
            let mut key = json!({ "kty": "RSA", "kid": "r", "n": "sXchDaQebHnPiGvyDOAT4saGEUetSyo9MKLOoWFsueri23bOdgWp4Dy1WlUzewbgBHod5pcM9H95GQRV3JDXboIRROSBigeC5yjU1hGzHHyXss8UDprecbAYxknTcQkhslANGRUZmdTOQ5qTRsLAt6BTYuyvVRdhS8exSZEy_c4gs_7svlJJQ4H9_NxsiIoLwAEk7-Q3UXERGYw_75IDrGA84-lA_-Ct4eTlXHBIY2EaV7t7LjJaynVJCpkv4LKjTTAumiGUIuQhrNhZLuF_RJLqHpM2kgWFLU7-VTdL1VbC2tejvcI2BlMkEpk1BzBZI0KQB0GaDWFLN-aEAw3vRw", "e": "AQAB" });
            if let (Value::Object(key), Value::Object(extra)) = (&mut key, extra) {
                key.extend(extra);
            }
            key
        };
        let set = KeySet::new(vec![rsa(json!({}))]);
        assert_eq!(count(&set, Some("r"), Algorithm::RS256), 1);
        assert_eq!(count(&set, None, Algorithm::PS512), 1);
        assert_eq!(count(&set, Some("x"), Algorithm::RS256), 0);
        assert_eq!(count(&set, Some("r"), Algorithm::HS256), 0);
        assert_eq!(count(&set, Some("r"), Algorithm::ES256), 0);
        let set = KeySet::new(vec![rsa(json!({ "alg": "RS256" }))]);
        assert_eq!(
            (count(&set, None, Algorithm::RS256), count(&set, None, Algorithm::PS256)),
            (1, 0)
        );
        for useless in [
            json!({ "use": "enc" }),
            json!({ "alg": "RSA-OAEP" }),
            json!({ "alg": "HS256" }),
        ] {
            assert_eq!(KeySet::new(vec![rsa(useless.clone())]).keys.len(), 0, "{useless}");
        }
    }

    #[test]
    fn shared_secrets_and_nonsense_are_no_keys() {
        let published = vec![
            json!({ "kty": "oct", "k": "c2VjcmV0", "alg": "HS256" }),
            json!({ "kty": "EC", "crv": "P-521", "x": "AA", "y": "AA" }),
            json!({ "kty": "unknown" }),
            json!("text"),
            json!(null),
            json!([]),
        ];
        assert_eq!(KeySet::new(published).keys.len(), 0);
    }
}
