//! Tickets: signed notes that let somebody take the next step of a login and nothing else. Each kind has a key of its own,
//! so that no other door takes one, and is bound to the credentials that the account had when it was made.

use std::time::Duration;

use crate::domain::ids::UserId;
use crate::domain::time::Timestamp;

/// Which step a ticket is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TicketKind {
    /// The password was right; the second factor comes next.
    Login,
    /// The password was right; a second factor has to be set up.
    SetUp,
    /// A code was right; the backup codes have to be kept.
    Acknowledge,
    /// The backup codes are kept; the login can be completed.
    Finalize,
}

impl TicketKind {
    /// Every kind, in the order of their numbers.
    pub const ALL: [Self; 4] = [Self::Login, Self::SetUp, Self::Acknowledge, Self::Finalize];

    /// LibreChat's name, in the claim `purpose`.
    #[must_use]
    pub const fn purpose(self) -> &'static str {
        match self {
            Self::Login => "login_2fa_challenge",
            Self::SetUp => "required_2fa_setup",
            Self::Acknowledge => "required_2fa_acknowledgement",
            Self::Finalize => "required_2fa_finalization",
        }
    }

    /// How long such a ticket is good, as in LibreChat.
    #[must_use]
    pub const fn lifetime(self) -> Duration {
        match self {
            Self::SetUp => Duration::from_mins(10),
            Self::Login | Self::Acknowledge | Self::Finalize => Duration::from_mins(5),
        }
    }
}

/// What a ticket says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ticket {
    /// Which step it is for.
    pub kind: TicketKind,
    /// Who may take it.
    pub account: UserId,
    /// How they proved who they are so far, such as `password`.
    pub method: String,
    /// What is kept of their login at a provider, to be bound to the session.
    pub upstream: Option<i64>,
    /// The credentials that the account had, as a keyed digest: another password makes another one.
    pub state: String,
    /// A random name, by which it is remembered once it is used.
    pub id: String,
    /// When it was made.
    pub issued_at: Timestamp,
    /// From then on it is useless.
    pub expires_at: Timestamp,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_are_listed_by_their_numbers() {
        for (at, kind) in TicketKind::ALL.into_iter().enumerate() {
            assert_eq!(kind as usize, at, "{kind:?}");
        }
    }
}
