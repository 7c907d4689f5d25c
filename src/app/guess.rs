//! Guessing passwords: how often an account may be tried, whoever tries and from wherever.
//!
//! Failures are noted in the database, in the transaction that records the refusal, so that a restart forgives nobody and
//! a login that succeeds writes nothing more. When an account's allowance is used up, strangers are refused before their
//! password is looked at; a device known to the account has an allowance of its own, so that nobody locks its owner out.

use crate::app::{App, Failure};
use crate::cache::in_flight::Held;
use crate::cache::limits::Taken;
use crate::config::Limit;
use crate::domain::account::Account;
use crate::domain::account_key::GuessKey;
use crate::domain::guesses::{Admission, Guesses};
use crate::domain::refusal::{Excess, LimitedAction, Refusal};
use crate::domain::time::Timestamp;
use crate::store::{StoreError, Tx, guesses};

use super::quota::Quota;

/// Failures per window that a known device has for itself, and somebody who is logged in already.
const FOR_ITSELF: u32 = 5;

/// One password about to be checked. As long as this lives, parallel guesses reckon with its failure.
pub(super) struct Guess<'a> {
    held: Held<'a>,
    limit: Limit,
}

/// Where a failure is noted.
#[derive(Clone, Copy)]
pub(super) struct Tally {
    key: GuessKey,
    limit: Limit,
}

/// Why a guess is refused, and what to say about it.
struct Refused {
    refusal: Refusal,
    taken: Taken,
    is_ahead_of_time: bool,
}

impl Guess<'_> {
    /// Reads what has failed so far.
    pub(super) fn look(&self, tx: &mut Tx<'_>) -> Result<Option<Guesses>, StoreError> {
        match self.limit.max {
            Some(_) => guesses::find(tx, self.held.key()),
            None => Ok(None),
        }
    }

    /// Where its failure is noted.
    pub(super) const fn tally(&self) -> Tally {
        Tally {
            key: self.held.key(),
            limit: self.limit,
        }
    }

    /// What is left if the guess may happen; `None` without a limit.
    fn judge(&self, seen: Option<Guesses>, now: Timestamp) -> Result<Option<Taken>, Refused> {
        let Some(max) = self.limit.max else { return Ok(None) };
        let standing = Guesses::at(seen, now, self.limit.window());
        let taken = taken(standing, max, self.limit, now);
        let refusal = match standing.admit(self.held.ahead(), max) {
            Admission::Admit => return Ok(Some(taken)),
            Admission::Wait => Refusal::Busy,
            Admission::TooMany => Refusal::TooMany(Excess {
                action: LimitedAction::Login,
                window_minutes: self.limit.window_minutes,
                retry_after: taken.retry_after,
            }),
        };
        Err(Refused {
            refusal,
            taken: Taken {
                allowed: false,
                ..taken
            },
            is_ahead_of_time: seen.is_some_and(|seen| seen.started_at > now),
        })
    }
}

impl Tally {
    pub(super) const fn new(key: GuessKey, limit: Limit) -> Self {
        Self { key, limit }
    }

    /// Notes a failure; says what is left, or `None` without a limit.
    pub(super) fn note_failure(self, tx: &mut Tx<'_>, now: Timestamp) -> Result<Option<Taken>, StoreError> {
        let Some(max) = self.limit.max else { return Ok(None) };
        let seen = guesses::find(tx, self.key)?;
        let standing = Guesses::at(seen, now, self.limit.window()).with_failure();
        guesses::put(tx, self.key, standing)?;
        Ok(Some(taken(standing, max, self.limit, now)))
    }
}

fn taken(standing: Guesses, max: u32, limit: Limit, now: Timestamp) -> Taken {
    Taken::new(max, standing.failures, standing.ends_at(limit.window()), now)
}

/// Forgets the failed passwords of an account and of its owner.
pub(super) fn forgive(tx: &mut Tx<'_>, account: &Account, now: Timestamp) -> Result<(), StoreError> {
    let none = Guesses {
        started_at: now,
        failures: 0,
    };
    for key in [GuessKey::account(&account.email), GuessKey::owner(account.id)] {
        guesses::put(tx, key, none)?;
    }
    Ok(())
}

impl App {
    /// A guess at an account's password is about to happen. To be said before what has failed is looked at.
    pub(super) fn begin_guess(&self, account: GuessKey) -> Guess<'_> {
        Guess {
            held: self.guesses_in_flight.hold(account),
            limit: self.config.limits.account,
        }
    }

    /// The same for a known device, or somebody who is logged in already.
    pub(super) fn begin_own_guess(&self, own: GuessKey) -> Guess<'_> {
        let account = self.config.limits.account;
        Guess {
            held: self.guesses_in_flight.hold(own),
            limit: Limit {
                max: account.max.and(Some(FOR_ITSELF)),
                ..account
            },
        }
    }

    /// Lets the guess happen if the account's allowance allows it, or else that of the known device it comes from.
    ///
    /// # Errors
    /// [`Refusal::TooMany`]; [`Refusal::Busy`] while the passwords being checked could use the allowance up; a fault.
    pub(super) async fn admit_guess<'a>(
        &'a self,
        guess: Guess<'a>,
        seen: Option<Guesses>,
        device: Option<GuessKey>,
        quota: &mut Quota,
    ) -> Result<Guess<'a>, Failure> {
        let now = self.steady_now();
        let mut refused = match guess.judge(seen, now) {
            Ok(left) => {
                self.meet(quota, left);
                return Ok(guess);
            }
            Err(refused) => refused,
        };
        drop(guess);
        if let Some(device) = device {
            let own = self.begin_own_guess(device);
            let seen = self.store.read(|tx| own.look(tx)).await?;
            match own.judge(seen, now) {
                Ok(left) => {
                    self.meet(quota, left);
                    return Ok(own);
                }
                Err(sooner) if sooner.taken.retry_after < refused.taken.retry_after => refused = sooner,
                Err(_) => {}
            }
        }
        if refused.is_ahead_of_time {
            self.store.write(move |tx| guesses::start_no_later(tx, now)).await?;
        }
        self.meet(quota, Some(refused.taken));
        Err(refused.refusal.into())
    }

    /// The answer is to speak of what is left to guess, if that is less than what its address has left.
    pub(super) fn meet(&self, quota: &mut Quota, left: Option<Taken>) {
        if let Some(left) = left {
            quota.meet(self.on_the_wall(left));
        }
    }
}
