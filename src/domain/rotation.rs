//! Refresh-token rotation that forgives tabs and lost answers, and still catches thieves.
//!
//! ```text
//!            current, younger than grace          current, older
//!   login ──► Keep (same token again)     ──────► Rotate ──► successor is current, predecessor is previous
//!            previous, within grace of the rotation: Reissue (the same successor)
//!            anything else this server signed:       Reuse   (the whole session ends)
//! ```
//!
//! A token younger than the grace period is not rotated, so at most one predecessor is ever within grace. The successor
//! is computed from its predecessor ([`crate::crypto::signer`]), so two tabs get the very same one and nothing but
//! digests is stored.

use std::time::Duration;

use crate::domain::secret::TokenDigest;
use crate::domain::session::Session;
use crate::domain::time::Timestamp;

/// What to do with a presented refresh token whose signature and expiry are good.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rotation {
    /// It is the current one and young: hand the same token out again.
    Keep,
    /// It is the current one: replace it.
    Rotate,
    /// It is the one just replaced: hand out the successor again.
    Reissue,
    /// It was replaced earlier: somebody has a copy. The session ends.
    Reuse,
    /// The session is over.
    Expired,
}

/// The spans that rotation depends on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Spans {
    /// How long a replaced token is still answered.
    pub grace: Duration,
    /// How long a session may stay unused.
    pub idle: Duration,
}

/// Decides what a presented refresh token means for its session.
#[must_use]
pub fn judge(session: &Session, presented: TokenDigest, now: Timestamp, spans: Spans) -> Rotation {
    let fresh = now.since(session.rotated_at) < spans.grace;
    if !session.is_live(now, spans.idle) {
        Rotation::Expired
    } else if presented == session.refresh {
        if fresh { Rotation::Keep } else { Rotation::Rotate }
    } else if fresh && session.previous_refresh == Some(presented) {
        Rotation::Reissue
    } else {
        Rotation::Reuse
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::account::AccountKey;
    use crate::domain::ids::SessionId;
    use crate::domain::session::Origin;

    const SPANS: Spans = Spans {
        grace: Duration::from_secs(30),
        idle: Duration::from_hours(1),
    };

    fn digest(n: u8) -> TokenDigest {
        TokenDigest::of(&[n])
    }

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_seconds(seconds)
    }

    fn session() -> Session {
        Session {
            id: SessionId::from_row(1),
            account: AccountKey::from_row(1),
            refresh: digest(2),
            previous_refresh: Some(digest(1)),
            rotated_at: at(100),
            page: digest(9),
            method: "password".into(),
            origin: Origin::default(),
            created_at: at(0),
            last_used_at: at(100),
            expires_at: at(10_000),
            proved_at: at(0),
            confirmed_at: None,
        }
    }

    #[test]
    fn the_current_token_is_kept_while_young_and_rotated_after() {
        assert_eq!(judge(&session(), digest(2), at(129), SPANS), Rotation::Keep);
        assert_eq!(judge(&session(), digest(2), at(130), SPANS), Rotation::Rotate);
    }

    #[test]
    fn the_previous_token_is_reissued_within_grace_and_is_reuse_after() {
        assert_eq!(judge(&session(), digest(1), at(129), SPANS), Rotation::Reissue);
        assert_eq!(judge(&session(), digest(1), at(130), SPANS), Rotation::Reuse);
    }

    #[test]
    fn an_older_token_is_reuse_at_once() {
        assert_eq!(judge(&session(), digest(7), at(101), SPANS), Rotation::Reuse);
    }

    #[test]
    fn idle_and_absolute_limits_end_the_session() {
        assert_eq!(judge(&session(), digest(2), at(3700), SPANS), Rotation::Expired);
        let mut active = session();
        active.last_used_at = at(9_999);
        assert_eq!(judge(&active, digest(2), at(10_000), SPANS), Rotation::Expired);
    }

    #[test]
    fn without_grace_every_refresh_rotates_and_every_replay_is_reuse() {
        let strict = Spans {
            grace: Duration::ZERO,
            ..SPANS
        };
        assert_eq!(judge(&session(), digest(2), at(100), strict), Rotation::Rotate);
        assert_eq!(judge(&session(), digest(1), at(100), strict), Rotation::Reuse);
    }
}
