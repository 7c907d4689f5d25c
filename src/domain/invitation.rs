//! Invitations: a link that lets somebody register, also while strangers may not. The token is shown once to whoever made
//! the link; only its digest is kept.
//!
//! ```text
//!   open ── used by its last guest ──► used up
//!     ├──── its end ───────────────► expired ──┐
//!     ├──── taken back ────────────► revoked   │
//!     └──── sent again ──► open, with a new link, the old one dies ◄──┘
//! ```

use std::fmt;
use std::num::NonZero;
use std::time::Duration;

use crate::domain::account::Role;
use crate::domain::email::Email;
use crate::domain::group::GroupName;
use crate::domain::secret::TokenDigest;
use crate::domain::time::Timestamp;

/// How long a link can be used unless somebody says otherwise, as in LibreChat.
pub const LIFETIME: Duration = Duration::from_hours(7 * 24);

/// The longest life of a link: whoever finds an old one should find nothing.
pub const LONGEST: Duration = Duration::from_hours(366 * 24);

/// The number by which an admin speaks of an invitation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct InvitationId(i64);

impl InvitationId {
    /// From the number in the database, or as somebody typed it.
    #[must_use]
    pub const fn from_row(number: i64) -> Self {
        Self(number)
    }

    /// The number in the database.
    #[must_use]
    pub const fn number(self) -> i64 {
        self.0
    }
}

impl fmt::Display for InvitationId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// Whom an invitation is for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Guests {
    /// The owner of one address.
    One {
        /// The address.
        email: Email,
        /// Whether the link was mailed there: whoever holds it reads that mailbox.
        mailed: bool,
    },
    /// Whoever has the link and an address at one of these domains; of any domain if there are none.
    Anybody {
        /// The domains.
        domains: Vec<String>,
    },
}

/// How many accounts a link is good for; `None` for any number.
pub type Uses = Option<NonZero<u32>>;

/// What is needed to make an invitation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewInvitation {
    /// What the token's digest must be.
    pub digest: TokenDigest,
    /// For whom.
    pub guests: Guests,
    /// What the accounts may do.
    pub role: Role,
    /// What they are put into.
    pub groups: Vec<GroupName>,
    /// How many accounts.
    pub uses: Uses,
    /// A remark for admins.
    pub note: String,
    /// Who made it: `console`, or the id of an account.
    pub by: String,
    /// When.
    pub created_at: Timestamp,
    /// From then on it is useless.
    pub expires_at: Timestamp,
}

/// An invitation as stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Invitation {
    /// Its number.
    pub id: InvitationId,
    /// For whom.
    pub guests: Guests,
    /// What the accounts may do.
    pub role: Role,
    /// What they are put into.
    pub groups: Vec<GroupName>,
    /// How many accounts it is good for.
    pub uses: Uses,
    /// How many came through it.
    pub used: u32,
    /// A remark for admins.
    pub note: String,
    /// Who made it: `console`, or the id of an account.
    pub by: String,
    /// When it was made.
    pub created_at: Timestamp,
    /// From then on it is useless.
    pub expires_at: Timestamp,
    /// When it was taken back.
    pub revoked_at: Option<Timestamp>,
}

/// Whether an invitation can be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum State {
    /// It can.
    Open,
    /// Everybody it was for has come.
    UsedUp,
    /// Its time is over.
    Expired,
    /// It was taken back.
    Revoked,
}

impl State {
    /// The stable key, as in JSON.
    #[must_use]
    pub const fn key(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::UsedUp => "used_up",
            Self::Expired => "expired",
            Self::Revoked => "revoked",
        }
    }
}

impl State {
    /// Every state there is.
    pub const ALL: [Self; 4] = [Self::Open, Self::UsedUp, Self::Expired, Self::Revoked];

    /// From the key.
    #[must_use]
    pub fn from_key(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.key() == key)
    }
}

/// Why an invitation does not let somebody in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Objection {
    /// It is over.
    Over,
    /// It is for somebody else.
    OtherAddress,
    /// It is for addresses of other domains.
    OtherDomain,
}

impl Invitation {
    /// Whether it can be used now. What an admin did counts before what happened by itself.
    #[must_use]
    pub fn state(&self, now: Timestamp) -> State {
        match self.uses {
            _ if self.revoked_at.is_some() => State::Revoked,
            Some(uses) if self.used >= uses.get() => State::UsedUp,
            _ if self.expires_at <= now => State::Expired,
            _ => State::Open,
        }
    }

    /// Whether it lets somebody with this address in now.
    ///
    /// # Errors
    /// Why not.
    pub fn admit(&self, email: &Email, now: Timestamp) -> Result<(), Objection> {
        if self.state(now) != State::Open {
            return Err(Objection::Over);
        }
        match &self.guests {
            Guests::One { email: only, .. } if only != email => Err(Objection::OtherAddress),
            Guests::Anybody { domains } if !email.is_allowed(domains) => Err(Objection::OtherDomain),
            Guests::One { .. } | Guests::Anybody { .. } => Ok(()),
        }
    }

    /// The only address that can use it.
    #[must_use]
    pub fn address(&self) -> Option<&Email> {
        match &self.guests {
            Guests::One { email, .. } => Some(email),
            Guests::Anybody { .. } => None,
        }
    }

    /// Whether using it proves that the guest reads the mail to the guest's address.
    #[must_use]
    pub fn proves_address(&self) -> bool {
        matches!(self.guests, Guests::One { mailed: true, .. })
    }

    /// Whether it can be sent again: there is a seat, and nobody took it back.
    #[must_use]
    pub fn can_be_renewed(&self, now: Timestamp) -> bool {
        match self.state(now) {
            State::Open | State::Expired => true,
            State::UsedUp | State::Revoked => false,
        }
    }

    /// How many more accounts it is good for; `None` for any number.
    #[must_use]
    pub fn left(&self) -> Option<u32> {
        self.uses.map(|uses| uses.get().saturating_sub(self.used))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const START: Timestamp = Timestamp::from_seconds(1_700_000_000);

    fn email(text: &str) -> Email {
        Email::parse(text).expect("an address")
    }

    fn open(domains: &[&str]) -> Invitation {
        Invitation {
            id: InvitationId::from_row(7),
            guests: Guests::Anybody {
                domains: domains.iter().map(|domain| (*domain).to_owned()).collect(),
            },
            role: Role::User,
            groups: Vec::new(),
            uses: NonZero::new(2),
            used: 0,
            note: String::new(),
            by: "console".to_owned(),
            created_at: START,
            expires_at: START.after(LIFETIME),
            revoked_at: None,
        }
    }

    #[test]
    fn an_invitation_ends_with_its_time_its_uses_or_its_revocation() {
        let fresh = open(&[]);
        assert_eq!(fresh.state(START), State::Open);
        assert_eq!(
            fresh.state(START.after(LIFETIME.saturating_sub(Duration::from_millis(1)))),
            State::Open
        );
        assert_eq!(fresh.state(START.after(LIFETIME)), State::Expired);
        let used = Invitation {
            used: 2,
            ..fresh.clone()
        };
        assert_eq!((used.state(START), used.left()), (State::UsedUp, Some(0)));
        let unlimited = Invitation {
            uses: None,
            used: u32::MAX,
            ..fresh.clone()
        };
        assert_eq!((unlimited.state(START), unlimited.left()), (State::Open, None));
        let revoked = Invitation {
            revoked_at: Some(START),
            ..used
        };
        assert_eq!(revoked.state(START.after(LIFETIME)), State::Revoked);
        for over in [
            revoked,
            Invitation {
                expires_at: START,
                ..fresh
            },
        ] {
            assert_eq!(over.admit(&email("ada@example.org"), START), Err(Objection::Over));
        }
    }

    #[test]
    fn an_open_link_is_for_everybody_or_for_whole_domains() {
        assert_eq!(open(&[]).admit(&email("ada@anywhere.org"), START), Ok(()));
        let domains = open(&["example.org", "Example.com"]);
        assert_eq!(domains.admit(&email("ada@example.com"), START), Ok(()));
        for other in ["ada@sub.example.org", "ada@example.net"] {
            assert_eq!(domains.admit(&email(other), START), Err(Objection::OtherDomain));
        }
        assert_eq!((domains.address(), domains.proves_address()), (None, false));
    }

    #[test]
    fn a_link_for_one_address_is_for_that_one() {
        let bound = |mailed| Invitation {
            guests: Guests::One {
                email: email("ada@example.org"),
                mailed,
            },
            ..open(&[])
        };
        assert_eq!(bound(false).admit(&email("ADA@Example.org"), START), Ok(()));
        assert_eq!(
            bound(true).admit(&email("ad.a@example.org"), START),
            Err(Objection::OtherAddress)
        );
        assert_eq!(
            (bound(false).proves_address(), bound(true).proves_address()),
            (false, true)
        );
    }
}
