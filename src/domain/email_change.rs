//! Another e-mail address: both mailboxes have to say yes, in any order, each with its own link, before both links end.
//!
//! ```text
//!   asked ── old side confirms ──► waits for the new side ──┐
//!     │                                                     ├──► changed
//!     └───── new side confirms ──► waits for the old side ──┘
//!   a newer wish, a new password, another change of address, or the end of the links: as if nothing was asked
//! ```

use crate::domain::email::Email;
use crate::domain::ids::SessionId;
use crate::domain::proof::{Proof, Purpose};

/// Whose mailbox a link proves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// The one that the account has.
    Old,
    /// The one that it is to have.
    New,
}

impl Side {
    /// Both, in the order of the letters.
    pub const BOTH: [Self; 2] = [Self::New, Self::Old];

    /// The purpose of the side's link.
    #[must_use]
    pub const fn purpose(self) -> Purpose {
        match self {
            Self::Old => Purpose::LeaveAddress,
            Self::New => Purpose::JoinAddress,
        }
    }

    /// The side that a link speaks for, if it is about a change of address.
    #[must_use]
    pub const fn of(purpose: Purpose) -> Option<Self> {
        match purpose {
            Purpose::LeaveAddress => Some(Self::Old),
            Purpose::JoinAddress => Some(Self::New),
            Purpose::VerifyEmail | Purpose::ResetPassword | Purpose::Disown | Purpose::Recover => None,
        }
    }

    /// The other mailbox.
    #[must_use]
    pub const fn other(self) -> Self {
        match self {
            Self::Old => Self::New,
            Self::New => Self::Old,
        }
    }
}

/// What both links of a change carry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wish {
    /// The address to be.
    pub new: Email,
    /// The session that asked: it stays open.
    pub asked_by: SessionId,
}

impl Wish {
    /// As [`Proof::detail`].
    #[must_use]
    pub fn to_detail(&self) -> String {
        format!("{} {}", self.new, self.asked_by.number())
    }

    /// What a link carries; `None` if it is about something else.
    #[must_use]
    pub fn of(proof: &Proof) -> Option<Self> {
        Side::of(proof.purpose)?;
        let (new, session) = proof.detail.split_once(' ')?;
        Some(Self {
            new: Email::parse(new).ok()?,
            asked_by: SessionId::from_row(session.parse().ok()?),
        })
    }
}

/// Why an address is not changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Obstacle {
    /// It is switched off.
    SwitchedOff,
    /// The new address is none.
    NoAddress,
    /// There is no mail service that could carry the links.
    NoMail,
    /// The account has no password that could be asked for, and its owner has not just signed in.
    NotLocal,
    /// The account has this address already.
    SameAddress,
    /// The password is not the account's.
    WrongPassword,
    /// The domain is not on the list.
    DomainNotAllowed,
    /// Another account has the address.
    InUse,
    /// The account changed in the meantime.
    Modified,
    /// The link is wrong, used or expired.
    BadLink,
}

impl Obstacle {
    /// Every obstacle there is.
    pub const ALL: &'static [Self] = &[
        Self::SwitchedOff,
        Self::NoAddress,
        Self::NoMail,
        Self::NotLocal,
        Self::SameAddress,
        Self::WrongPassword,
        Self::DomainNotAllowed,
        Self::InUse,
        Self::Modified,
        Self::BadLink,
    ];

    /// LibreChat's `code`, which is also the key in our log.
    #[must_use]
    pub const fn key(self) -> &'static str {
        match self {
            Self::SwitchedOff => "email_change_disabled",
            Self::NoAddress => "invalid_request",
            Self::NoMail => "email_service_unavailable",
            Self::NotLocal => "local_account_required",
            Self::SameAddress => "same_email",
            Self::WrongPassword => "current_password_invalid",
            Self::DomainNotAllowed => "email_domain_not_allowed",
            Self::InUse => "email_in_use",
            Self::Modified => "account_modified",
            Self::BadLink => "invalid_token",
        }
    }
}

/// What came of confirming one side.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Confirmed {
    /// Both sides said yes: the account has the new address.
    Changed,
    /// This side still has to say so.
    WaitsFor(Side),
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::account::AccountKey;
    use crate::domain::secret::TokenDigest;
    use crate::domain::time::Timestamp;

    fn proof(purpose: Purpose, detail: &str) -> Proof {
        Proof {
            digest: TokenDigest::of(b"x"),
            purpose,
            account: AccountKey::from_row(1),
            address: Email::from_row("ada@example.org".to_owned()),
            detail: detail.to_owned(),
            created_at: Timestamp::from_seconds(0),
            expires_at: Timestamp::from_seconds(1),
        }
    }

    #[test]
    fn a_wish_reads_back_from_both_links_only() {
        let wish = Wish {
            new: Email::from_row("ada@example.com".to_owned()),
            asked_by: SessionId::from_row(-7),
        };
        let detail = wish.to_detail();
        for side in Side::BOTH {
            assert_eq!(Side::of(side.purpose()), Some(side));
            assert_ne!(side.other(), side);
            assert_eq!(Wish::of(&proof(side.purpose(), &detail)), Some(wish.clone()));
        }
        assert_eq!(Wish::of(&proof(Purpose::ResetPassword, &detail)), None);
        for bad in ["", "ada@example.com", "ada@example.com x", "nobody 7"] {
            assert_eq!(Wish::of(&proof(Purpose::JoinAddress, bad)), None, "{bad}");
        }
    }
}
