//! A forgotten password: from a link to a new password. The machine is pure; what it answers is the only way to replace a
//! password without knowing the old one, see [`Redeemed`].
//!
//! ```text
//!             offer                redeem: this account, this link, in time,
//!                                          same address, not locked
//!   Idle ───────────────► Open ──────────────────────────────────────────────► Idle, and Redeemed
//!     ▲                   │  ▲
//!     │                   └──┘ offer: the newer link takes the place of the older one
//!     │                   │
//!     └───────────────────┘ cancel: its end, another password or address
//! ```
//!
//! Whatever else is tried, such as another link or the link of another account, leaves everything as it is.

use crate::domain::account::{Account, AccountKey};
use crate::domain::ids::UserId;
use crate::domain::proof::{Proof, Purpose};
use crate::domain::secret::TokenDigest;
use crate::domain::time::Timestamp;

/// What [`Proof::detail`] says of a link that an admin made. Links for recovery are made at the console only.
pub const BY_CONSOLE: &str = "console";

/// What [`Proof::detail`] says of a link for an owner whose password was taken away because something was not their doing.
pub const AFTER_DISOWNING: &str = "disowned";

/// Where an account's reset stands.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Reset {
    /// No link can be used.
    #[default]
    Idle,
    /// This one can be, until its end.
    Open(Proof),
}

/// What somebody presents to set a new password.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Presented {
    /// What the link is for.
    pub purpose: Purpose,
    /// Of the token in the link.
    pub digest: TokenDigest,
    /// The account that the link names, if it names one.
    pub user: Option<UserId>,
    /// Whether people may ask for links; those that nobody asked for work in any case.
    pub is_offered: bool,
}

/// Why a link sets no password. The holder is not told which.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dead {
    /// There is no such link: wrong, used, replaced or withdrawn.
    Unknown,
    /// It is another account's.
    OtherAccount,
    /// Its time is over.
    Expired,
    /// The account has another address since.
    AddressChanged,
    /// The account is locked.
    Locked,
    /// Resetting is switched off, and somebody asked for this link.
    NotOffered,
}

/// A link that was good and is used up by this: whoever holds it may set this account's password, once. Only
/// [`Reset::redeem`] makes one.
#[derive(Debug, PartialEq, Eq)]
pub struct Redeemed {
    account: AccountKey,
    purpose: Purpose,
    digest: TokenDigest,
}

impl Redeemed {
    /// Whose password.
    #[must_use]
    pub const fn account(&self) -> AccountKey {
        self.account
    }

    /// What the link was for that pays for it.
    #[must_use]
    pub const fn purpose(&self) -> Purpose {
        self.purpose
    }

    /// The link that pays for it.
    #[must_use]
    pub const fn digest(&self) -> TokenDigest {
        self.digest
    }
}

impl Reset {
    /// From what the store found.
    #[must_use]
    pub fn of(found: Option<Proof>) -> Self {
        found
            .filter(|proof| proof.purpose.sets_password())
            .map_or(Self::Idle, Self::Open)
    }

    /// A link was made; an older one is gone.
    #[must_use]
    pub fn offer(self, link: Proof) -> Self {
        match Self::of(Some(link)) {
            Self::Open(link) => Self::Open(link),
            Self::Idle => self,
        }
    }

    /// The link is withdrawn, if there is one.
    #[must_use]
    pub fn cancel(self) -> Self {
        Self::Idle
    }

    /// Uses the link up, if it is the one presented and may be used; else nothing changes.
    ///
    /// # Errors
    /// [`Dead`], with the machine as it was.
    pub fn redeem(
        self,
        presented: &Presented,
        owner: &Account,
        now: Timestamp,
    ) -> Result<(Self, Redeemed), (Self, Dead)> {
        let judged = match &self {
            Self::Idle => Err(Dead::Unknown),
            Self::Open(link) => judge(link, presented, owner, now),
        };
        match judged {
            Ok(redeemed) => Ok((Self::Idle, redeemed)),
            Err(dead) => Err((self, dead)),
        }
    }
}

fn judge(link: &Proof, presented: &Presented, owner: &Account, now: Timestamp) -> Result<Redeemed, Dead> {
    if link.digest != presented.digest || link.purpose != presented.purpose {
        return Err(Dead::Unknown);
    }
    if link.account != owner.key || presented.user.is_some_and(|user| user != owner.id) {
        return Err(Dead::OtherAccount);
    }
    if now >= link.expires_at {
        return Err(Dead::Expired);
    }
    if link.address != owner.email {
        return Err(Dead::AddressChanged);
    }
    if owner.is_locked(now) {
        return Err(Dead::Locked);
    }
    if !presented.is_offered && !matches!(link.detail.as_str(), BY_CONSOLE | AFTER_DISOWNING) {
        return Err(Dead::NotOffered);
    }
    Ok(Redeemed {
        account: link.account,
        purpose: link.purpose,
        digest: link.digest,
    })
}

#[cfg(test)]
mod tests;
