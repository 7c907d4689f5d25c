//! ID tokens: nothing of one counts until everything about it is right (OpenID Connect Core §3.1.3.7, RFC 8725).

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::{Algorithm, DecodingKey, crypto};
use serde_json::{Map, Value};
use sha2::{Digest as _, Sha256, Sha384, Sha512};

use super::keys::{ALGORITHMS, Wanted};
use crate::domain::federation::claims::Claims;
use crate::domain::federation::issuer::IssuerRule;
use crate::domain::federation::trouble::{Trouble, quoted};
use crate::domain::time::Timestamp;

/// No ID token is as long as this.
const MOST_BYTES: usize = 64 * 1024;

/// A token whose signature has not been looked at yet.
pub struct Unchecked<'t> {
    signed: &'t str,
    signature: &'t str,
    payload: &'t str,
    kid: Option<String>,
    algorithm: Algorithm,
}

/// What a token has to fit.
pub struct Expected<'e> {
    /// Who may have made it.
    pub issuer: &'e IssuerRule,
    /// For whom.
    pub client_id: &'e str,
    /// For which attempt; `None` for a token that belongs to none.
    pub nonce: Option<&'e str>,
    /// The access token that came with it.
    pub access_token: Option<&'e str>,
    /// The present moment.
    pub now: Timestamp,
    /// By how many seconds the clocks may differ.
    pub tolerance: i64,
}

impl<'t> Unchecked<'t> {
    /// Takes a token apart. Its header says which of the published keys is needed, and nothing more: a key or the address
    /// of one inside the token is never looked at.
    ///
    /// # Errors
    /// [`Trouble::Malformed`] or [`Trouble::Algorithm`].
    pub fn read(token: &'t str) -> Result<Self, Trouble> {
        Self::read_as(token, &["JWT"])
    }

    /// The same for a token that says that somebody logged out (Back-Channel Logout §2.4).
    ///
    /// # Errors
    /// As [`Unchecked::read`].
    pub fn read_logout(token: &'t str) -> Result<Self, Trouble> {
        Self::read_as(token, &["logout+jwt", "JWT"])
    }

    fn read_as(token: &'t str, kinds: &[&str]) -> Result<Self, Trouble> {
        const NONE: Trouble = Trouble::Malformed("something that is no ID token");
        if token.len() > MOST_BYTES {
            return Err(Trouble::Malformed("an ID token that is far too long"));
        }
        let (signed, signature) = token.rsplit_once('.').ok_or(NONE)?;
        let (header, payload) = signed.split_once('.').ok_or(NONE)?;
        if payload.contains('.') {
            return Err(Trouble::Malformed(
                "an encrypted token; ID tokens have to be signed only",
            ));
        }
        let header = object(header).ok_or(NONE)?;
        if header.contains_key("crit") || header.contains_key("b64") {
            return Err(Trouble::Malformed(
                "a token with extensions that are not known here (crit)",
            ));
        }
        let name = header.get("alg").and_then(Value::as_str).ok_or(NONE)?;
        let known = ALGORITHMS.iter().find(|(known, _)| *known == name);
        let (_, algorithm) = known.ok_or_else(|| Trouble::Algorithm(format!("\"{}\"", quoted(name))))?;
        let is_identity = match header.get("typ") {
            None => true,
            Some(Value::String(said)) => kinds.iter().any(|kind| said.eq_ignore_ascii_case(kind)),
            Some(_) => false,
        };
        if !is_identity {
            return Err(Trouble::Malformed(
                "a token of another kind in the place of the ID token",
            ));
        }
        Ok(Self {
            signed,
            signature,
            payload,
            kid: match header.get("kid") {
                None | Some(Value::Null) => None,
                Some(Value::String(kid)) => Some(kid.clone()),
                Some(_) => return Err(NONE),
            },
            algorithm: *algorithm,
        })
    }

    /// The key that is needed.
    #[must_use]
    pub fn wanted(&self) -> Wanted<'_> {
        Wanted {
            kid: self.kid.as_deref(),
            algorithm: self.algorithm,
        }
    }

    /// The claims, if one of the keys made the signature.
    ///
    /// # Errors
    /// [`Trouble::BadSignature`] or [`Trouble::Malformed`].
    pub fn checked(&self, keys: &[DecodingKey]) -> Result<Claims, Trouble> {
        let is_good = |key: &DecodingKey| {
            crypto::verify(self.signature, self.signed.as_bytes(), key, self.algorithm).unwrap_or(false)
        };
        if !keys.iter().any(is_good) {
            return Err(Trouble::BadSignature);
        }
        object(self.payload).ok_or(Trouble::Malformed("an ID token whose content is no JSON object"))
    }

    /// The claims of an ID token that fits in every way.
    ///
    /// # Errors
    /// The first thing that is wrong with it.
    pub fn verified(&self, keys: &[DecodingKey], expected: &Expected<'_>) -> Result<Claims, Trouble> {
        let claims = self.checked(keys)?;
        issuer(&claims, expected.issuer)?;
        audience(&claims, expected.client_id)?;
        times(&claims, expected.now.seconds(), expected.tolerance)?;
        if subject(&claims).is_none() {
            return Err(Trouble::Claim("sub"));
        }
        if let Some(nonce) = expected.nonce
            && claims.get("nonce").and_then(Value::as_str) != Some(nonce)
        {
            return Err(Trouble::Nonce);
        }
        self.access_token(&claims, expected.access_token)?;
        Ok(claims)
    }

    /// `at_hash`, where it is said, is of the access token that came with it (OpenID Connect Core §3.1.3.6).
    fn access_token(&self, claims: &Claims, token: Option<&str>) -> Result<(), Trouble> {
        let (Some(said), Some(token)) = (claims.get("at_hash"), token) else {
            return Ok(());
        };
        let half = half_digest(self.algorithm, token.as_bytes());
        if said.as_str() == Some(half.as_str()) {
            Ok(())
        } else {
            Err(Trouble::AccessToken)
        }
    }
}

/// The subject: 1 to 255 characters, none of them a control character.
#[must_use]
pub fn subject(claims: &Claims) -> Option<&str> {
    let subject = claims.get("sub")?.as_str()?;
    let fits = (1..=255).contains(&subject.len()) && !subject.chars().any(char::is_control);
    fits.then_some(subject)
}

fn issuer(claims: &Claims, rule: &IssuerRule) -> Result<(), Trouble> {
    let said = claims.get("iss").and_then(Value::as_str).ok_or(Trouble::Claim("iss"))?;
    let tenant = claims.get("tid").and_then(Value::as_str);
    if rule.admits(said, tenant) {
        return Ok(());
    }
    Err(Trouble::OtherIssuer {
        expected: rule.as_str().to_owned(),
        said: quoted(said),
    })
}

/// A token for several must say that it was made for us.
fn audience(claims: &Claims, client_id: &str) -> Result<(), Trouble> {
    let audiences: Vec<&str> = match claims.get("aud") {
        Some(Value::String(one)) => vec![one],
        Some(Value::Array(several)) => {
            let texts = several.iter().map(Value::as_str).collect::<Option<Vec<_>>>();
            texts.ok_or(Trouble::Claim("aud"))?
        }
        _ => return Err(Trouble::Claim("aud")),
    };
    let refused = |said: &[&str]| Err(Trouble::Audience(format!("\"{}\"", quoted(&said.join("\", \"")))));
    if !audiences.contains(&client_id) {
        return refused(&audiences);
    }
    match claims.get("azp") {
        None if audiences.len() == 1 => Ok(()),
        None => Err(Trouble::Claim("azp, although it has several audiences")),
        Some(Value::String(party)) if party == client_id => Ok(()),
        Some(Value::String(party)) => refused(&[party]),
        Some(_) => Err(Trouble::Claim("azp")),
    }
}

fn times(claims: &Claims, now: i64, tolerance: i64) -> Result<(), Trouble> {
    let required = |name: &'static str| seconds(claims, name)?.ok_or(Trouble::Claim(name));
    let (issued, expires) = (required("iat")?, required("exp")?);
    let from = seconds(claims, "nbf")?.unwrap_or(issued).max(issued);
    if from > now.saturating_add(tolerance) {
        return Err(Trouble::ClockAhead {
            seconds: from.saturating_sub(now),
        });
    }
    if expires.saturating_add(tolerance) <= now {
        return Err(Trouble::Expired {
            seconds: now.saturating_sub(expires),
        });
    }
    Ok(())
}

/// Whole seconds; anything else where a time should be is no time, and never as if it were absent.
pub(super) fn seconds(claims: &Claims, name: &'static str) -> Result<Option<i64>, Trouble> {
    match claims.get(name) {
        None => Ok(None),
        Some(value) => match value.as_i64() {
            Some(seconds) if seconds >= 0 => Ok(Some(seconds)),
            _ => Err(Trouble::Claim(name)),
        },
    }
}

/// The left half of the digest that belongs to the signature's algorithm. Ed25519 digests with SHA-512 (RFC 8032 §5.1).
fn half_digest(algorithm: Algorithm, bytes: &[u8]) -> String {
    let half = |digest: &[u8]| URL_SAFE_NO_PAD.encode(&digest[..digest.len() / 2]);
    match algorithm {
        Algorithm::RS384 | Algorithm::PS384 | Algorithm::ES384 => half(&Sha384::digest(bytes)),
        Algorithm::RS512 | Algorithm::PS512 | Algorithm::EdDSA => half(&Sha512::digest(bytes)),
        _ => half(&Sha256::digest(bytes)),
    }
}

/// The claims of a token that came from its maker by a protected way, whoever signed it; `None` if it is no JWT.
#[must_use]
pub fn unsigned_claims(token: &str) -> Option<Claims> {
    let mut parts = token.split('.');
    let (_, payload, _) = (parts.next()?, parts.next()?, parts.next()?);
    if parts.next().is_some() || token.len() > MOST_BYTES {
        return None;
    }
    object(payload)
}

fn object(part: &str) -> Option<Map<String, Value>> {
    let bytes = URL_SAFE_NO_PAD.decode(part).ok()?;
    match serde_json::from_slice(&bytes).ok()? {
        Value::Object(map) => Some(map),
        _ => None,
    }
}
