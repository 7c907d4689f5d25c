//! One-time links: what they prove, and for how long. The token is shown once; only its digest is kept, bound to the
//! address that the account had when the link was made.
//!
//! ```text
//!   made ── used, once, before its end, while the address is the same ──► used
//!     ├──── a newer one for the same purpose ──► gone
//!     └──── its end ──► gone
//! ```

use std::time::Duration;

use crate::domain::account::AccountKey;
use crate::domain::email::Email;
use crate::domain::secret::TokenDigest;
use crate::domain::time::Timestamp;

/// What a link is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Purpose {
    /// Proves that the account's address is its owner's.
    VerifyEmail,
    /// Sets a new password.
    ResetPassword,
    /// Says at the old address that it may be replaced; the detail is the new one.
    LeaveAddress,
    /// Proves that the new address is the owner's; the detail is the new one.
    JoinAddress,
    /// Says that a change or a login was not the owner's doing.
    Disown,
    /// Lets somebody back in who has a shell on the machine.
    Recover,
}

impl Purpose {
    /// Every purpose there is.
    pub const ALL: &'static [Self] = &[
        Self::VerifyEmail,
        Self::ResetPassword,
        Self::LeaveAddress,
        Self::JoinAddress,
        Self::Disown,
        Self::Recover,
    ];

    /// The stable key in the database.
    #[must_use]
    pub const fn key(self) -> &'static str {
        match self {
            Self::VerifyEmail => "verify_email",
            Self::ResetPassword => "reset_password",
            Self::LeaveAddress => "leave_address",
            Self::JoinAddress => "join_address",
            Self::Disown => "disown",
            Self::Recover => "recover",
        }
    }

    /// From the key in the database.
    #[must_use]
    pub fn from_key(key: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|purpose| purpose.key() == key)
    }

    /// How long such a link can be used: 15 minutes as in LibreChat, an hour at the console, a month to disown what
    /// somebody did while its owner was away.
    #[must_use]
    pub const fn lifetime(self) -> Duration {
        match self {
            Self::VerifyEmail | Self::ResetPassword | Self::LeaveAddress | Self::JoinAddress => Duration::from_mins(15),
            Self::Recover => Duration::from_hours(1),
            Self::Disown => Duration::from_hours(30 * 24),
        }
    }

    /// Whether such a link sets a new password.
    #[must_use]
    pub const fn sets_password(self) -> bool {
        matches!(self, Self::ResetPassword | Self::Recover)
    }

    /// Whether a newer link makes older ones of the same account useless.
    #[must_use]
    pub const fn replaces_older(self) -> bool {
        !matches!(self, Self::Disown)
    }
}

/// A link as stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proof {
    /// What the token's digest must be.
    pub digest: TokenDigest,
    /// What it is for.
    pub purpose: Purpose,
    /// Whose.
    pub account: AccountKey,
    /// The account's address when the link was made.
    pub address: Email,
    /// What belongs to the purpose, such as a new address; may be empty.
    pub detail: String,
    /// When it was made.
    pub created_at: Timestamp,
    /// From then on it is useless.
    pub expires_at: Timestamp,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_read_back() {
        for purpose in Purpose::ALL {
            assert_eq!(Purpose::from_key(purpose.key()), Some(*purpose));
        }
        assert_eq!(Purpose::from_key("nothing"), None);
    }
}
