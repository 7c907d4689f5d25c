//! Passwords being checked right now, per counter of failures: between the look at the counter and the note of a failure
//! lies a slow hash, and meanwhile parallel attempts must know of each other. As many entries as requests in flight.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::domain::account_key::GuessKey;

/// The attempts in flight.
#[derive(Default)]
pub struct InFlight(Mutex<HashMap<GuessKey, u32>>);

/// One attempt in flight; over when this is dropped.
pub struct Held<'f> {
    all: &'f InFlight,
    key: GuessKey,
    ahead: u32,
}

impl InFlight {
    /// Notes an attempt.
    #[must_use]
    pub fn hold(&self, key: GuessKey) -> Held<'_> {
        let mut held = self.lock();
        let count = held.entry(key).or_insert(0);
        let ahead = *count;
        *count += 1;
        Held { all: self, key, ahead }
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<GuessKey, u32>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Held<'_> {
    /// What it counts against.
    #[must_use]
    pub const fn key(&self) -> GuessKey {
        self.key
    }

    /// How many others were in flight when this one began.
    #[must_use]
    pub const fn ahead(&self) -> u32 {
        self.ahead
    }
}

impl Drop for Held<'_> {
    fn drop(&mut self) {
        let mut held = self.all.lock();
        if let Some(count) = held.get_mut(&self.key) {
            *count -= 1;
            if *count == 0 {
                held.remove(&self.key);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::domain::email::Email;
    use crate::domain::guesses::{Admission, Guesses};
    use crate::domain::time::Timestamp;

    fn key(name: &str) -> GuessKey {
        GuessKey::account(&Email::from_row(format!("{name}@example.org")))
    }

    #[test]
    fn each_attempt_knows_how_many_are_ahead_of_it() {
        let all = InFlight::default();
        let first = all.hold(key("ada"));
        let second = all.hold(key("ada"));
        assert_eq!((first.ahead(), second.ahead()), (0, 1));
        assert_eq!(all.hold(key("bob")).ahead(), 0);
        drop(first);
        assert_eq!(all.hold(key("ada")).ahead(), 1);
    }

    #[test]
    fn nothing_is_kept_of_attempts_that_are_over() {
        let all = InFlight::default();
        for name in 0..1000 {
            drop(all.hold(key(&name.to_string())));
        }
        assert!(all.lock().is_empty());
    }

    #[test]
    fn with_attempts_on_many_threads_no_more_than_the_maximum_get_through() {
        const MAX: u32 = 20;
        let all = InFlight::default();
        let failed = Mutex::new(Guesses::at(None, Timestamp::from_seconds(0), Duration::MAX));
        let attempt = || {
            let held = all.hold(key("ada"));
            let seen = *failed.lock().expect("whole");
            let admitted = seen.admit(held.ahead(), MAX) == Admission::Admit;
            if admitted {
                std::thread::yield_now();
                let mut failed = failed.lock().expect("whole");
                *failed = failed.with_failure();
            }
            drop(held);
            admitted
        };
        std::thread::scope(|scope| {
            for _ in 0..8 {
                scope.spawn(|| (0..50).filter(|_| attempt()).count());
            }
        });
        assert!(failed.lock().expect("whole").failures <= MAX);
        // Whoever waits for the others gets what they left.
        while attempt() {}
        assert_eq!(failed.lock().expect("whole").failures, MAX);
    }
}
