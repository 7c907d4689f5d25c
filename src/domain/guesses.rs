//! Failed passwords within a window. Only failures count: a right password neither counts nor forgives the wrong ones
//! before it. The window starts with the first failure.

use std::time::Duration;

use crate::domain::time::Timestamp;

/// How many failures a window has seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Guesses {
    /// When the window started.
    pub started_at: Timestamp,
    /// Failed passwords since.
    pub failures: u32,
}

/// Whether one more password may be checked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Admission {
    /// It may.
    Admit,
    /// The passwords being checked now could use the allowance up; their outcome has to be awaited.
    Wait,
    /// The allowance is used up.
    TooMany,
}

impl Guesses {
    /// What of `found` counts at `now`: nothing once its window is over. A window that starts in the future was noted
    /// before the clock was set back: it starts now, so that it ends in time, and nothing is forgotten.
    #[must_use]
    pub fn at(found: Option<Self>, now: Timestamp, window: Duration) -> Self {
        let none = Self {
            started_at: now,
            failures: 0,
        };
        match found {
            Some(found) if found.started_at > now => Self {
                started_at: now,
                ..found
            },
            Some(found) if now < found.ends_at(window) => found,
            Some(_) | None => none,
        }
    }

    /// One more.
    #[must_use]
    pub const fn with_failure(self) -> Self {
        Self {
            failures: self.failures.saturating_add(1),
            ..self
        }
    }

    /// When the window ends.
    #[must_use]
    pub fn ends_at(&self, window: Duration) -> Timestamp {
        self.started_at.after(window)
    }

    /// Whether a password may be checked while `in_flight` others are, if `max` failures are allowed.
    ///
    /// Counting what is in flight before looking at what has failed keeps the maximum under any number of parallel
    /// attempts, although each takes its time.
    #[must_use]
    pub const fn admit(&self, in_flight: u32, max: u32) -> Admission {
        if self.failures >= max {
            Admission::TooMany
        } else if self.failures.saturating_add(in_flight) >= max {
            Admission::Wait
        } else {
            Admission::Admit
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const WINDOW: Duration = Duration::from_mins(15);

    const fn at(seconds: i64) -> Timestamp {
        Timestamp::from_seconds(seconds)
    }

    const fn seen(seconds: i64, failures: u32) -> Guesses {
        Guesses {
            started_at: at(seconds),
            failures,
        }
    }

    #[test]
    fn the_window_starts_with_the_first_failure_and_ends_on_time() {
        assert_eq!(Guesses::at(None, at(100), WINDOW).with_failure(), seen(100, 1));
        assert_eq!(Guesses::at(Some(seen(100, 3)), at(999), WINDOW), seen(100, 3));
        assert_eq!(Guesses::at(Some(seen(100, 3)), at(1000), WINDOW), seen(1000, 0));
    }

    #[test]
    fn a_clock_set_back_neither_forgets_nor_locks_out_for_longer_than_a_window() {
        let after = Guesses::at(Some(seen(1_000_000, 3)), at(100), WINDOW);
        assert_eq!(after, seen(100, 3));
        assert_eq!(Guesses::at(Some(after), at(1000), WINDOW).failures, 0);
    }

    #[test]
    fn what_is_in_flight_may_not_use_more_than_what_is_left() {
        let guesses = seen(0, 3);
        assert_eq!(guesses.admit(0, 5), Admission::Admit);
        assert_eq!(guesses.admit(1, 5), Admission::Admit);
        assert_eq!(guesses.admit(2, 5), Admission::Wait);
        assert_eq!(guesses.admit(0, 3), Admission::TooMany);
        assert_eq!(guesses.admit(u32::MAX, 3), Admission::TooMany);
    }
}
