//! A session: one login on one device. The API's refresh token and the pages' cookie are two keys to the same record.

use std::time::Duration;

use crate::domain::account::{Account, AccountKey};
use crate::domain::guest;
use crate::domain::ids::SessionId;
use crate::domain::secret::TokenDigest;
use crate::domain::time::Timestamp;

/// Where a request came from, as kept with a session and in the audit log.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Origin {
    /// The client's address, without port.
    pub address: String,
    /// `User-Agent`, cut to 255 bytes, control characters removed.
    pub user_agent: String,
}

/// A stored session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Session {
    /// Primary key; also the claim that finds the row.
    pub id: SessionId,
    /// Whose it is.
    pub account: AccountKey,
    /// Digest of the refresh token that is valid now.
    pub refresh: TokenDigest,
    /// Digest of the one before, honoured within the grace period.
    pub previous_refresh: Option<TokenDigest>,
    /// When `refresh` became the valid one.
    pub rotated_at: Timestamp,
    /// Digest of the opaque cookie that pages use.
    pub page: TokenDigest,
    /// How the person proved who they are: `password`, later also `google`, …
    pub method: String,
    /// Device and address at login.
    pub origin: Origin,
    /// When the login happened.
    pub created_at: Timestamp,
    /// The last request, to within a minute.
    pub last_used_at: Timestamp,
    /// The absolute end, however active the session is.
    pub expires_at: Timestamp,
    /// When the person last proved who they are: at the login, or with a provider since.
    pub proved_at: Timestamp,
}

/// How long after somebody proved who they are no other proof is asked of an account that has no password.
pub const FRESH: Duration = Duration::from_mins(10);

impl Session {
    /// Whether the person has just proved who they are.
    #[must_use]
    pub fn is_fresh(&self, now: Timestamp) -> bool {
        now.since(self.proved_at) < FRESH
    }

    /// Whether the session still counts: before its absolute end, and used within `idle`.
    #[must_use]
    pub fn is_live(&self, now: Timestamp, idle: Duration) -> bool {
        now < self.expires_at && now.since(self.last_used_at) < idle
    }

    /// Whether a second factor was proved when it was opened, or the device is trusted because it was proved there before:
    /// then the method says so after a `+`.
    #[must_use]
    pub fn has_second_factor(&self) -> bool {
        self.method.contains('+')
    }
}

/// A session together with its owner: what every authenticated request is decided on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identity {
    /// The session.
    pub session: Session,
    /// Its owner, read in the same snapshot.
    pub account: Account,
}

impl Identity {
    /// Whether this is what all guests share: nobody has logged in.
    #[must_use]
    pub fn is_guest(&self) -> bool {
        self.session.method == guest::METHOD || self.account.provider == guest::PROVIDER
    }

    /// Whether this session may act: it is live and its owner is not disabled. The one function every door asks.
    #[must_use]
    pub fn may_act(&self, now: Timestamp, idle: Duration) -> bool {
        self.session.is_live(now, idle) && !self.account.is_disabled()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn opened_by(method: &str) -> Session {
        let now = Timestamp::from_seconds(4_000_000_000);
        let digest = TokenDigest::of(b"x");
        Session {
            id: SessionId::new(now, 1),
            account: AccountKey::from_row(1),
            refresh: digest,
            previous_refresh: None,
            rotated_at: now,
            page: digest,
            method: method.to_owned(),
            origin: Origin::default(),
            created_at: now,
            proved_at: now,
            last_used_at: now,
            expires_at: now,
        }
    }

    #[test]
    fn only_what_follows_a_plus_is_a_second_factor() {
        for method in [
            "password+code",
            "password+backup_code",
            "password+trusted_device",
            "google+code",
        ] {
            assert!(opened_by(method).has_second_factor(), "{method}");
        }
        for method in ["password", "google", "openid", "invitation", ""] {
            assert!(!opened_by(method).has_second_factor(), "{method}");
        }
    }
}
