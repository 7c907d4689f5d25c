//! Rate limits on what strangers may do. LibreChat counts successes too, and so do we.

use crate::app::App;
use crate::cache::limits::Taken;
use crate::config::Limit;
use crate::domain::refusal::{Excess, LimitedAction, Refusal};

/// What a request was granted: goes into `X-RateLimit-*` on every answer of a limited route.
#[derive(Clone, Copy, Debug)]
pub struct Quota {
    /// Requests per window; `None` when the route is not limited.
    pub taken: Option<Taken>,
    excess: Option<Excess>,
}

impl Quota {
    /// # Errors
    /// [`Refusal::TooMany`] if the limit is exceeded.
    pub fn check(&self) -> Result<(), Refusal> {
        self.excess.map_or(Ok(()), |excess| Err(Refusal::TooMany(excess)))
    }
}

impl App {
    /// Counts one request of `client` (an address, or its network for IPv6) against a limit.
    #[must_use]
    pub fn take_quota(&self, action: LimitedAction, client: &str) -> Quota {
        let limit = self.limit_of(action);
        if limit.max.is_none() {
            return Quota {
                taken: None,
                excess: None,
            };
        }
        let taken = self.limiter.take(action, client, limit, self.now());
        let excess = (!taken.allowed).then_some(Excess {
            action,
            window_minutes: limit.window_minutes,
            retry_after: taken.retry_after,
        });
        Quota {
            taken: Some(taken),
            excess,
        }
    }

    fn limit_of(&self, action: LimitedAction) -> Limit {
        match action {
            LimitedAction::Login => self.config.limits.login,
            LimitedAction::Register => self.config.limits.register,
        }
    }
}
