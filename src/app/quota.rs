//! Rate limits on what strangers may do. LibreChat counts successes too, and so do we: per address. What is counted per
//! account are failures only, see [`crate::app::guess`].

use std::cmp::Reverse;

use crate::app::App;
use crate::cache::limits::Taken;
use crate::config::Limit;
use crate::domain::refusal::{Excess, LimitedAction, Refusal};
use crate::domain::time::Timestamp;

/// How often one address may say, as a provider, that somebody logged out: as many people as log out at once at the end of
/// a day, and not more signatures to check than that.
const BACK_CHANNEL: Limit = Limit {
    max: Some(600),
    window_minutes: 1.0,
};

/// What a request was granted: goes into `X-RateLimit-*` on every answer of a limited route.
#[derive(Clone, Copy, Debug, Default)]
pub struct Quota {
    /// The strictest of the limits that the request met; `None` when the route is not limited.
    pub taken: Option<Taken>,
    excess: Option<Excess>,
}

impl Quota {
    /// # Errors
    /// [`Refusal::TooMany`] if the limit is exceeded.
    pub fn check(&self) -> Result<(), Refusal> {
        self.excess.map_or(Ok(()), |excess| Err(Refusal::TooMany(excess)))
    }

    /// The request met two limits: exceeding either refuses it.
    #[must_use]
    pub fn and(mut self, other: Self) -> Self {
        if let Some(taken) = other.taken {
            self.meet(taken);
        }
        self.excess = self.excess.or(other.excess);
        self
    }

    /// The request met another limit: the answer speaks of the one that leaves less, and for longer.
    pub(super) fn meet(&mut self, other: Taken) {
        let strictness = |taken: &Taken| (Reverse(taken.allowed), Reverse(taken.remaining), taken.reset);
        self.taken = self.taken.into_iter().chain([other]).max_by_key(strictness);
    }
}

impl App {
    /// Counts one request of `client` (an address, or its network for IPv6) against a limit.
    #[must_use]
    pub fn take_quota(&self, action: LimitedAction, client: &str) -> Quota {
        let limit = self.limit_of(action);
        if limit.max.is_none() {
            return Quota::default();
        }
        let taken = self.limiter.take(action, client, limit, self.steady_now());
        let excess = (!taken.allowed).then_some(Excess {
            action,
            window_minutes: limit.window_minutes,
            retry_after: taken.retry_after,
        });
        Quota {
            taken: Some(self.on_the_wall(taken)),
            excess,
        }
    }

    /// The present moment by a clock that nobody sets while the server runs: what windows are measured with.
    pub(super) fn steady_now(&self) -> Timestamp {
        self.started
            .after(self.clock.uptime().saturating_sub(self.uptime_at_start))
    }

    /// The end of a window by the clock that clients know.
    pub(super) fn on_the_wall(&self, taken: Taken) -> Taken {
        let reset = Timestamp::from_seconds(self.now().after(taken.retry_after).seconds());
        Taken { reset, ..taken }
    }

    fn limit_of(&self, action: LimitedAction) -> Limit {
        match action {
            LimitedAction::Login => self.config.limits.login,
            LimitedAction::Register => self.config.limits.register,
            LimitedAction::ResetPassword => self.config.limits.reset_password,
            LimitedAction::ResetPasswordSubmission => self.config.limits.reset_password_submission,
            LimitedAction::VerifyEmail => self.config.limits.verify_email,
            LimitedAction::VerifyEmailSubmission => self.config.limits.verify_email_submission,
            LimitedAction::TwoFactor => self.config.limits.two_factor,
            LimitedAction::TwoFactorSettings => self.config.limits.two_factor_settings,
            LimitedAction::EmailChange => self.config.limits.email_change,
            LimitedAction::MessageByAddress => self.config.messages.by_address,
            LimitedAction::MessageByUser => self.config.messages.by_user,
            // Counted by what runs, not by window.
            LimitedAction::ConcurrentMessages => Limit {
                max: None,
                window_minutes: 1.0,
            },
            LimitedAction::BackChannel => BACK_CHANNEL,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn taken(limit: u32, used: u32, end: i64) -> Taken {
        Taken::new(
            limit,
            used,
            Timestamp::from_seconds(end),
            Timestamp::from_seconds(1_000),
        )
    }

    fn met(first: Taken, second: Taken) -> Option<Taken> {
        let mut quota = Quota {
            taken: Some(first),
            excess: None,
        };
        quota.meet(second);
        quota.taken
    }

    #[test]
    fn the_answer_speaks_of_the_stricter_limit() {
        let more_left = taken(20, 3, 1_900);
        let less_left = taken(7, 2, 1_300);
        let exceeded = taken(7, 8, 1_300);
        let used_up = taken(20, 20, 1_900);
        for (strict, lax) in [
            (less_left, more_left),
            (used_up, less_left),
            (exceeded, used_up),
            (taken(7, 7, 1_901), used_up),
        ] {
            assert_eq!(met(strict, lax), Some(strict));
            assert_eq!(met(lax, strict), Some(strict));
        }
    }

    #[test]
    fn a_limit_is_met_where_there_was_none() {
        let mut quota = Quota::default();
        quota.meet(taken(20, 3, 1_900));
        assert_eq!(quota.taken, Some(taken(20, 3, 1_900)));
    }
}
