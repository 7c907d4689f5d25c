//! What our tokens say. Names and order of the first four claims are LibreChat's (contract §3.1, §3.2).

use serde::{Deserialize, Serialize};

use crate::domain::ids::{SessionId, UserId};
use crate::domain::time::Timestamp;

/// An access token: LibreChat's four claims, and the session, so that ending the session ends the token at once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccessClaims {
    /// Whose token.
    pub id: UserId,
    /// For LibreChat's back end.
    pub username: String,
    /// For LibreChat's back end.
    pub provider: String,
    /// For LibreChat's back end.
    pub email: String,
    /// The session the token belongs to; on the wire `sid` (OpenID Connect Front-Channel Logout 1.0 §3).
    pub session: SessionId,
    /// `iat`.
    pub issued_at: Timestamp,
    /// `exp`.
    pub expires_at: Timestamp,
}

/// A refresh token: which session, and a value that only its holder and the session's digest know.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RefreshClaims {
    /// Whose token.
    pub id: UserId,
    /// The session it renews.
    pub session: SessionId,
    /// `jti`: random for the first token of a session, computed from the predecessor for the others.
    pub unique: String,
    /// `iat`.
    pub issued_at: Timestamp,
    /// `exp`: the session's absolute end.
    pub expires_at: Timestamp,
}

/// Why a token was refused. The texts are LibreChat's (contract §2.0).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
pub enum TokenError {
    /// Its time is over.
    #[error("jwt expired")]
    Expired,
    /// It is no JWT, or lacks a claim, or a claim has the wrong type.
    #[error("jwt malformed")]
    Malformed,
    /// Somebody else signed it, or with another algorithm.
    #[error("invalid signature")]
    BadSignature,
}
