//! What a stranger asks for with an address, and does not wait for: whether there is such an account is looked up after
//! the answer has gone, so that neither the answer nor its time can tell.

use crate::domain::email::Email;
use crate::domain::session::Origin;
use crate::domain::time::Timestamp;

/// What is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ErrandKind {
    /// A link that proves the address.
    VerifyAddress,
    /// A link that sets a new password.
    ResetPassword,
    /// A word to the owner that somebody registered with an address that has an account.
    AddressTaken,
}

impl ErrandKind {
    /// Every kind there is.
    pub const ALL: &'static [Self] = &[Self::VerifyAddress, Self::ResetPassword, Self::AddressTaken];

    /// The stable key in the database.
    #[must_use]
    pub const fn key(self) -> &'static str {
        match self {
            Self::VerifyAddress => "verify_address",
            Self::ResetPassword => "reset_password",
            Self::AddressTaken => "address_taken",
        }
    }

    /// From the key in the database.
    #[must_use]
    pub fn from_key(key: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|kind| kind.key() == key)
    }
}

/// Something to be done for an address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Errand {
    /// What.
    pub kind: ErrandKind,
    /// For which address, known or not.
    pub email: Email,
    /// From where it was asked for.
    pub origin: Origin,
    /// When it was asked for.
    pub at: Timestamp,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_read_back() {
        for kind in ErrandKind::ALL {
            assert_eq!(ErrandKind::from_key(kind.key()), Some(*kind));
        }
        assert_eq!(ErrandKind::from_key("nothing"), None);
    }
}
