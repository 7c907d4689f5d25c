//! How many wrong codes an account may be tried with: counted in the database, whatever address, login or ticket they come
//! with, and never forgiven by a right password. Backup codes share the count.
//!
//! Judged, compared and noted in one transaction: however many arrive together, no more than the allowance are looked at.
//! A device known to the account has an allowance of its own, and so has somebody signed in: no stranger who knows the
//! password can lock its owner out.

use std::time::Duration;

use crate::app::App;
use crate::app::guess::Tally;
use crate::cache::limits::Taken;
use crate::config::Limit;
use crate::domain::account_key::GuessKey;
use crate::domain::guesses::{Admission, Guesses};
use crate::domain::ids::UserId;
use crate::domain::refusal::{Excess, LimitedAction};
use crate::domain::time::Timestamp;
use crate::store::{StoreError, Tx, guesses};

/// Wrong codes per window of strangers together: with 240 a day, guessing one of a million takes years.
const OF_STRANGERS: u32 = 10;

/// Wrong codes per window of a known device, and of somebody signed in.
const FOR_ITSELF: u32 = 5;

/// The shortest window.
pub(in crate::app) const WINDOW: Duration = Duration::from_hours(1);

const WINDOW_MINUTES: f64 = 60.0;

/// Under which names wrong codes are counted: the first that has something left.
#[derive(Clone)]
pub(super) struct Allowance {
    counters: Vec<(GuessKey, Limit)>,
    action: LimitedAction,
    now: Timestamp,
}

/// Whether a code may be looked at.
pub(super) enum Admitted {
    /// Yes; there a failure is noted.
    Yes(Tally),
    /// The allowance is used up.
    No(Excess, Taken),
}

impl Allowance {
    pub(super) fn admit(&self, tx: &mut Tx<'_>) -> Result<Admitted, StoreError> {
        let mut refused: Option<(Excess, Taken)> = None;
        for (key, limit) in &self.counters {
            let tally = Tally::new(*key, *limit);
            let Some(max) = limit.max else {
                return Ok(Admitted::Yes(tally));
            };
            let standing = Guesses::at(guesses::find(tx, *key)?, self.now, limit.window());
            if standing.admit(0, max) == Admission::Admit {
                return Ok(Admitted::Yes(tally));
            }
            let taken = Taken {
                allowed: false,
                ..Taken::new(max, standing.failures, standing.ends_at(limit.window()), self.now)
            };
            let excess = Excess {
                action: self.action,
                window_minutes: limit.window_minutes,
                retry_after: taken.retry_after,
            };
            let is_sooner = refused.is_none_or(|(earlier, _)| excess.retry_after < earlier.retry_after);
            refused = if is_sooner { Some((excess, taken)) } else { refused };
        }
        let (excess, taken) = refused.expect("there is at least one counter");
        Ok(Admitted::No(excess, taken))
    }

    /// The moment by which failures are counted.
    pub(super) const fn now(&self) -> Timestamp {
        self.now
    }
}

/// Forgets the wrong codes of an account, of strangers and of its owner: for whoever has a shell on the machine, and nobody
/// else.
pub(in crate::app) fn forgive(tx: &mut Tx<'_>, account: UserId, now: Timestamp) -> Result<(), StoreError> {
    let none = Guesses {
        started_at: now,
        failures: 0,
    };
    guesses::put(tx, GuessKey::second_factor(account), none)?;
    guesses::put(tx, GuessKey::owner(account).of_codes(), none)
}

impl App {
    /// For a login to `account`, from `device` if that is known to it.
    pub(super) fn login_allowance(&self, account: UserId, device: Option<GuessKey>) -> Allowance {
        let strangers = (GuessKey::second_factor(account), self.code_limit(OF_STRANGERS));
        let device = device.map(|device| (device.of_codes(), self.code_limit(FOR_ITSELF)));
        Allowance {
            counters: std::iter::once(strangers).chain(device).collect(),
            action: LimitedAction::TwoFactor,
            now: self.steady_now(),
        }
    }

    /// For somebody signed in to `account`.
    pub(super) fn owner_allowance(&self, account: UserId) -> Allowance {
        Allowance {
            counters: vec![(GuessKey::owner(account).of_codes(), self.code_limit(FOR_ITSELF))],
            action: LimitedAction::TwoFactorSettings,
            now: self.steady_now(),
        }
    }

    /// As the limit of passwords, and never laxer than `most`.
    fn code_limit(&self, most: u32) -> Limit {
        let account = self.config.limits.account;
        Limit {
            max: account.max.map(|max| max.min(most)),
            window_minutes: account.window_minutes.max(WINDOW_MINUTES),
        }
    }
}
