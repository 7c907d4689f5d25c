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
    /// When an admin last confirmed on this session that it is them, with all that their account asks for.
    pub confirmed_at: Option<Timestamp>,
}

/// How long after somebody proved who they are no other proof is asked of an account that has no password.
pub const FRESH: Duration = Duration::from_mins(10);

/// How long an admin who has confirmed that it is them is not asked again.
pub const CONFIRMED: Duration = Duration::from_mins(15);

impl Session {
    /// Until when changes to other people's accounts need no other confirmation; `None` if one is due. A login counts if it
    /// asked for everything that the account has: `needs_code` where that is a second factor.
    #[must_use]
    pub fn confirmed_until(&self, now: Timestamp, needs_code: bool) -> Option<Timestamp> {
        let is_whole = !needs_code || (self.has_second_factor() && !self.method.ends_with("+trusted_device"));
        let last = self.confirmed_at.max(is_whole.then_some(self.created_at))?;
        let end = last.after(CONFIRMED);
        (now < end).then_some(end)
    }

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

    /// Whether this session may act: it is live and its owner is not locked out. The one function every door asks.
    #[must_use]
    pub fn may_act(&self, now: Timestamp, idle: Duration) -> bool {
        self.session.is_live(now, idle) && !self.account.is_locked(now)
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
            confirmed_at: None,
            last_used_at: now,
            expires_at: now,
        }
    }

    #[test]
    fn a_login_confirms_what_it_asked_for_and_only_for_a_while() {
        let seconds = |count: i64| Timestamp::from_seconds(4_000_000_000 + count);
        let until = |method: &str, at, needs_code| opened_by(method).confirmed_until(seconds(at), needs_code);
        assert_eq!(until("password", 899, false), Some(seconds(900)));
        assert_eq!(until("password", 900, false), None);
        assert_eq!(until("password", 1, true), None);
        assert_eq!(until("password+trusted_device", 1, true), None);
        assert_eq!(until("password+code", 1, true), Some(seconds(900)));
        let confirmed = Session {
            confirmed_at: Some(seconds(600)),
            ..opened_by("password+trusted_device")
        };
        assert_eq!(confirmed.confirmed_until(seconds(1000), true), Some(seconds(1500)));
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
