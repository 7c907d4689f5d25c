//! Signs and reads our tokens (JWT, HS256 only) and computes the keyed digests derived from the same two secrets.
//!
//! Whether a token's time is over is judged by the `now` that is passed in. Whether its session still lives is for the
//! store to say.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use jsonwebtoken::{Algorithm, EncodingKey, crypto, decode_header};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use sha2::Sha256;

use crate::domain::claims::{AccessClaims, RefreshClaims, TokenError};
use crate::domain::secret::{Secret, TokenDigest};
use crate::domain::ticket::{Ticket, TicketKind};
use crate::domain::time::Timestamp;

/// `{"alg":"HS256","typ":"JWT"}` in base64url: the header of every token LibreChat signs, byte for byte.
const HEADER: &str = "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9";

/// The server's signing keys, prepared once.
pub struct Signer {
    access: KeyPair,
    refresh: KeyPair,
    /// One for each kind, in the order of [`TicketKind::ALL`].
    tickets: [KeyPair; TicketKind::ALL.len()],
    successor: Hmac<Sha256>,
    mac: Hmac<Sha256>,
}

struct KeyPair {
    signing: EncodingKey,
    checking: Hmac<Sha256>,
}

impl KeyPair {
    fn new(secret: &Secret) -> Self {
        Self::of(secret.expose().as_bytes())
    }

    /// A pair that only `purpose` has.
    fn derived(secret: &Secret, purpose: &str) -> Self {
        Self::of(&derived_key(secret, purpose))
    }

    fn of(bytes: &[u8]) -> Self {
        Self {
            signing: EncodingKey::from_secret(bytes),
            checking: keyed(bytes),
        }
    }
}

/// An access token's claims in LibreChat's order; `sid` is text because JavaScript cannot hold 63-bit integers.
#[derive(Serialize, Deserialize)]
struct WireAccess {
    id: String,
    username: String,
    provider: String,
    email: String,
    iat: u64,
    exp: u64,
    sid: String,
}

#[derive(Serialize, Deserialize)]
struct WireRefresh {
    id: String,
    #[serde(rename = "sessionId")]
    session: String,
    jti: String,
    iat: u64,
    exp: u64,
}

/// A ticket's claims: LibreChat's names, then ours.
#[derive(Serialize, Deserialize)]
struct WireTicket {
    #[serde(rename = "userId")]
    account: String,
    #[serde(rename = "twoFAPending")]
    pending: bool,
    purpose: String,
    method: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    upstream: Option<i64>,
    state: String,
    jti: String,
    iat: u64,
    exp: u64,
}

impl Signer {
    /// Prepares the keys. As in LibreChat, a secret's UTF-8 bytes are the key.
    #[must_use]
    pub fn new(jwt: &Secret, refresh: &Secret) -> Self {
        Self {
            access: KeyPair::new(jwt),
            refresh: KeyPair::new(refresh),
            tickets: TicketKind::ALL
                .map(|kind| KeyPair::derived(jwt, &format!("librechat-auth ticket {} v1", kind.purpose()))),
            successor: derived(refresh, "librechat-auth refresh successor v1"),
            mac: derived(jwt, "librechat-auth message authentication v1"),
        }
    }

    /// Signs an access token.
    #[must_use]
    pub fn access(&self, claims: &AccessClaims) -> String {
        let wire = WireAccess {
            id: claims.id.to_string(),
            username: claims.username.clone(),
            provider: claims.provider.clone(),
            email: claims.email.clone(),
            iat: numeric_date(claims.issued_at),
            exp: numeric_date(claims.expires_at),
            sid: claims.session.to_string(),
        };
        sign(&wire, &self.access.signing)
    }

    /// Reads an access token.
    ///
    /// # Errors
    /// [`TokenError::BadSignature`] for a token signed otherwise, [`TokenError::Malformed`] for one that lacks a claim or
    /// has one of the wrong type, [`TokenError::Expired`] from the second its `exp` names on, without leeway.
    pub fn read_access(&self, token: &str, now: Timestamp) -> Result<AccessClaims, TokenError> {
        let wire: WireAccess = read(token, &self.access.checking)?;
        Ok(AccessClaims {
            id: wire.id.parse().map_err(|_| TokenError::Malformed)?,
            session: wire.sid.parse().map_err(|_| TokenError::Malformed)?,
            username: wire.username,
            provider: wire.provider,
            email: wire.email,
            issued_at: moment(wire.iat)?,
            expires_at: still_valid(wire.exp, now)?,
        })
    }

    /// Signs a refresh token.
    #[must_use]
    pub fn refresh(&self, claims: &RefreshClaims) -> String {
        let wire = WireRefresh {
            id: claims.id.to_string(),
            session: claims.session.to_string(),
            jti: claims.unique.clone(),
            iat: numeric_date(claims.issued_at),
            exp: numeric_date(claims.expires_at),
        };
        sign(&wire, &self.refresh.signing)
    }

    /// Reads a refresh token.
    ///
    /// # Errors
    /// As for [`Signer::read_access`].
    pub fn read_refresh(&self, token: &str, now: Timestamp) -> Result<RefreshClaims, TokenError> {
        let wire: WireRefresh = read(token, &self.refresh.checking)?;
        Ok(RefreshClaims {
            id: wire.id.parse().map_err(|_| TokenError::Malformed)?,
            session: wire.session.parse().map_err(|_| TokenError::Malformed)?,
            unique: wire.jti,
            issued_at: moment(wire.iat)?,
            expires_at: still_valid(wire.exp, now)?,
        })
    }

    /// Signs a ticket.
    #[must_use]
    pub fn ticket(&self, ticket: &Ticket) -> Secret {
        let wire = WireTicket {
            account: ticket.account.to_string(),
            pending: true,
            purpose: ticket.kind.purpose().to_owned(),
            method: ticket.method.clone(),
            upstream: ticket.upstream,
            state: ticket.state.clone(),
            jti: ticket.id.clone(),
            iat: numeric_date(ticket.issued_at),
            exp: numeric_date(ticket.expires_at),
        };
        Secret::new(sign(&wire, &self.tickets[ticket.kind as usize].signing))
    }

    /// Reads a ticket of one kind.
    ///
    /// # Errors
    /// As for [`Signer::read_access`]; a ticket of another kind has another signature.
    pub fn read_ticket(&self, kind: TicketKind, text: &str, now: Timestamp) -> Result<Ticket, TokenError> {
        let wire: WireTicket = read(text, &self.tickets[kind as usize].checking)?;
        Ok(Ticket {
            kind,
            account: wire.account.parse().map_err(|_| TokenError::Malformed)?,
            method: wire.method,
            upstream: wire.upstream,
            state: wire.state,
            id: wire.jti,
            issued_at: moment(wire.iat)?,
            expires_at: still_valid(wire.exp, now)?,
        })
    }

    /// The `jti` of the refresh token that follows the presented one: always the same for the same predecessor, and
    /// unknown to anybody without the refresh secret.
    #[must_use]
    pub fn successor(&self, presented: TokenDigest) -> String {
        let mut mac = self.successor.clone();
        mac.update(presented.bytes());
        URL_SAFE_NO_PAD.encode(mac.finalize().into_bytes())
    }

    /// HMAC-SHA256 over `parts` with a key derived from the JWT secret. `label` names the purpose; label and parts are
    /// prefixed with their lengths, so that no two different inputs are the same bytes.
    #[must_use]
    pub fn mac(&self, label: &str, parts: &[&[u8]]) -> [u8; 32] {
        self.mac_over(label, parts).finalize().into_bytes().into()
    }

    /// Whether `presented` is what [`Signer::mac`] returns for the same input; takes constant time.
    #[must_use]
    pub fn check_mac(&self, label: &str, parts: &[&[u8]], presented: &[u8]) -> bool {
        self.mac_over(label, parts).verify_slice(presented).is_ok()
    }

    fn mac_over(&self, label: &str, parts: &[&[u8]]) -> Hmac<Sha256> {
        let mut mac = self.mac.clone();
        for part in std::iter::once(label.as_bytes()).chain(parts.iter().copied()) {
            mac.update(&(part.len() as u64).to_be_bytes());
            mac.update(part);
        }
        mac
    }
}

impl fmt::Debug for Signer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Signer(…)")
    }
}

fn keyed(key: &[u8]) -> Hmac<Sha256> {
    Hmac::new_from_slice(key).expect("HMAC takes keys of any length (RFC 2104 §2)")
}

fn derived(secret: &Secret, purpose: &str) -> Hmac<Sha256> {
    keyed(&derived_key(secret, purpose))
}

fn derived_key(secret: &Secret, purpose: &str) -> [u8; 32] {
    let mut kdf = keyed(secret.expose().as_bytes());
    kdf.update(purpose.as_bytes());
    kdf.finalize().into_bytes().into()
}

fn sign(claims: &impl Serialize, key: &EncodingKey) -> String {
    let claims = serde_json::to_vec(claims).expect("claims of text and integers are JSON");
    let mut token = format!("{HEADER}.{}", URL_SAFE_NO_PAD.encode(claims));
    let signature =
        crypto::sign(token.as_bytes(), key, Algorithm::HS256).expect("an HMAC key signs HS256 whatever the message");
    token.push('.');
    token.push_str(&signature);
    token
}

/// The claims of a token whose signature is good. Nothing of the payload is looked at before.
fn read<Claims: DeserializeOwned>(token: &str, key: &Hmac<Sha256>) -> Result<Claims, TokenError> {
    let (message, signature) = token.rsplit_once('.').ok_or(TokenError::Malformed)?;
    let (header, payload) = message.split_once('.').ok_or(TokenError::Malformed)?;
    if payload.contains('.') {
        return Err(TokenError::Malformed);
    }
    if header != HEADER {
        check_header(token)?;
    }
    // The key is prepared once; the library would prepare it again for every token.
    let signature = URL_SAFE_NO_PAD
        .decode(signature)
        .map_err(|_| TokenError::BadSignature)?;
    let mut mac = key.clone();
    mac.update(message.as_bytes());
    mac.verify_slice(&signature).map_err(|_| TokenError::BadSignature)?;
    let payload = URL_SAFE_NO_PAD.decode(payload).map_err(|_| TokenError::Malformed)?;
    serde_json::from_slice(&payload).map_err(|_| TokenError::Malformed)
}

/// Another spelling of our header will do; another algorithm, or an extension we must understand, will not
/// (RFC 7515 §4.1.11, RFC 8725 §3.1).
fn check_header(token: &str) -> Result<(), TokenError> {
    let header = decode_header(token).map_err(|_| TokenError::Malformed)?;
    match header {
        _ if header.crit.is_some() => Err(TokenError::Malformed),
        _ if header.alg != Algorithm::HS256 => Err(TokenError::BadSignature),
        _ => Ok(()),
    }
}

fn numeric_date(moment: Timestamp) -> u64 {
    u64::try_from(moment.seconds()).unwrap_or(0)
}

fn moment(seconds: u64) -> Result<Timestamp, TokenError> {
    i64::try_from(seconds)
        .map(Timestamp::from_seconds)
        .map_err(|_| TokenError::Malformed)
}

fn still_valid(exp: u64, now: Timestamp) -> Result<Timestamp, TokenError> {
    let expires_at = moment(exp)?;
    if now < expires_at {
        Ok(expires_at)
    } else {
        Err(TokenError::Expired)
    }
}

#[cfg(test)]
mod tests;
