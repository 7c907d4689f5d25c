//! LibreChat's limits on messages, held at the door to a program that has none of its own. What is refused here is scored
//! like every exceeded limit, so the program's users are banned without the program knowing anything of it.

use crate::app::App;
use crate::app::forward_auth::{Passage, who};
use crate::domain::access::{Asked, Meter, metered};
use crate::domain::api_key;
use crate::domain::browser::is_browser;
use crate::domain::ids::UserId;
use crate::domain::refusal::{Excess, LimitedAction, Refusal};
use crate::domain::session::Identity;

impl App {
    /// Counts a request that may pass, as the rule says that lets it pass. `user_agent` is what the sender calls itself.
    ///
    /// # Errors
    /// [`Refusal::TooMany`] or [`Refusal::NotABrowser`].
    pub fn meter(&self, asked: &Asked, passage: &Passage, user_agent: &str) -> Result<(), Refusal> {
        let identity = match passage {
            Passage::Open => None,
            Passage::As(passenger) => Some(&*passenger.identity),
            Passage::LogIn | Passage::SecondFactor(_) | Passage::Denied(_) => return Ok(()),
        };
        let meters = metered(&self.config.access.rules, asked, identity.map(who).as_ref());
        let has_key = identity.is_some_and(|identity| identity.session.method == api_key::METHOD);
        if meters.contains(&Meter::Browsers) && !has_key && !is_browser(user_agent) {
            return Err(Refusal::NotABrowser);
        }
        // Guests share an account, and not what they may do with it.
        let person = identity.filter(|identity| !identity.is_guest());
        let user = person.map(|identity: &Identity| identity.account.id);
        if meters.contains(&Meter::Messages) {
            self.take_quota(LimitedAction::MessageByAddress, &asked.limit_key())
                .check()?;
            if let Some(user) = user {
                self.take_quota(LimitedAction::MessageByUser, &user.to_string())
                    .check()?;
            }
        }
        let Some(user) = user else { return Ok(()) };
        if meters.contains(&Meter::Ends) {
            self.pending.end(user);
        }
        if meters.contains(&Meter::Concurrent) {
            self.begin_answer(user)?;
        }
        Ok(())
    }

    fn begin_answer(&self, user: UserId) -> Result<(), Refusal> {
        let Some((most, life)) = self.config.messages.concurrent else {
            return Ok(());
        };
        let begun = self.pending.begin(user, most, life, self.steady_now());
        begun.map_err(|retry_after| {
            Refusal::TooMany(Excess {
                action: LimitedAction::ConcurrentMessages,
                window_minutes: life.as_secs_f64() / 60.0,
                retry_after,
            })
        })
    }
}
