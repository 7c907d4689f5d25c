//! Deleted accounts: for a while an admin can bring them back.

use std::fmt;

use crate::domain::account::Role;
use crate::domain::email::Email;
use crate::domain::ids::UserId;
use crate::domain::time::Timestamp;

/// What is shown of a deleted account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Deleted {
    /// Its public id, which it keeps.
    pub id: UserId,
    /// The address it had: others may have it now.
    pub email: Email,
    /// Display name.
    pub name: String,
    /// User name.
    pub username: Option<String>,
    /// `local`, or the provider that vouched.
    pub provider: String,
    /// What it was allowed to do.
    pub role: Role,
    /// When it was made.
    pub created_at: Timestamp,
    /// Its last login.
    pub last_login_at: Option<Timestamp>,
    /// When it was deleted.
    pub deleted_at: Timestamp,
    /// By whom, as the audit log names them: empty for its owner.
    pub deleted_by: String,
}

/// Why a deleted account cannot come back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Taken {
    /// Another account has its address now.
    Address(Email),
    /// Another account has one of its identities at a provider now.
    Identity {
        /// Which provider.
        provider: String,
        /// The address of that account.
        holder: Email,
    },
}

impl Taken {
    /// The stable key of the refusal.
    #[must_use]
    pub const fn key(&self) -> &'static str {
        match self {
            Self::Address(_) => "restore_address_taken",
            Self::Identity { .. } => "restore_identity_taken",
        }
    }
}

impl fmt::Display for Taken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Address(email) => write!(
                f,
                "another account has the address {email} now; give that one another address, or delete it, first"
            ),
            Self::Identity { provider, holder } => write!(
                f,
                "the account {holder} has its identity at {provider} now; take it away from there first"
            ),
        }
    }
}
