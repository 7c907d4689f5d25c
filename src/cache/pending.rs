//! Answers that are being written, per user. Nobody tells a door when one ends, unless a rule knows the request that ends
//! it: so each counts for a fixed time at most.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use crate::domain::ids::UserId;
use crate::domain::time::Timestamp;

/// Users from which on those without a running answer are forgotten.
const CROWD: usize = 1000;

/// How many answers are being written for whom.
#[derive(Default)]
pub struct Pending {
    /// When each stops counting, oldest first.
    ends: Mutex<HashMap<UserId, Vec<Timestamp>>>,
}

impl Pending {
    /// Begins an answer that counts for `life`.
    ///
    /// # Errors
    /// How long until there is room again, if `most` are running.
    pub fn begin(&self, user: UserId, most: usize, life: Duration, now: Timestamp) -> Result<(), Duration> {
        let mut ends = self.ends.lock().unwrap_or_else(PoisonError::into_inner);
        if ends.len() >= CROWD && !ends.contains_key(&user) {
            ends.retain(|_, running| running.iter().any(|end| now < *end));
        }
        let running = ends.entry(user).or_default();
        running.retain(|end| now < *end);
        if running.len() >= most.max(1) {
            let first = running.first().map_or(life, |end| end.since(now));
            return Err(first);
        }
        running.push(now.after(life));
        Ok(())
    }

    /// The user ended the answer that began first.
    pub fn end(&self, user: UserId) {
        let mut ends = self.ends.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(running) = ends.get_mut(&user).filter(|running| !running.is_empty()) {
            running.remove(0);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MINUTE: Duration = Duration::from_mins(1);

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_seconds(seconds)
    }

    fn user(number: u8) -> UserId {
        UserId::new(at(0), [number; 8])
    }

    #[test]
    fn so_many_run_at_once_and_each_counts_for_its_own_time() {
        let pending = Pending::default();
        assert_eq!(pending.begin(user(1), 2, MINUTE, at(0)), Ok(()));
        assert_eq!(pending.begin(user(1), 2, MINUTE, at(30)), Ok(()));
        assert_eq!(pending.begin(user(1), 2, MINUTE, at(40)), Err(Duration::from_secs(20)));
        assert_eq!(pending.begin(user(2), 2, MINUTE, at(40)), Ok(()));
        assert_eq!(pending.begin(user(1), 2, MINUTE, at(60)), Ok(()));
        assert!(pending.begin(user(1), 2, MINUTE, at(89)).is_err());
    }

    #[test]
    fn an_end_makes_room_and_an_end_of_nothing_does_nothing() {
        let pending = Pending::default();
        pending.end(user(1));
        assert_eq!(pending.begin(user(1), 1, MINUTE, at(0)), Ok(()));
        assert!(pending.begin(user(1), 1, MINUTE, at(1)).is_err());
        pending.end(user(1));
        pending.end(user(1));
        assert_eq!(pending.begin(user(1), 1, MINUTE, at(1)), Ok(()));
        assert!(pending.begin(user(1), 1, MINUTE, at(1)).is_err());
    }

    #[test]
    fn at_least_one_always_runs() {
        assert_eq!(Pending::default().begin(user(1), 0, MINUTE, at(0)), Ok(()));
    }

    #[test]
    fn a_crowd_that_has_passed_is_forgotten() {
        let pending = Pending::default();
        for number in 0..5000 {
            let id = UserId::new(at(number), [7; 8]);
            assert_eq!(pending.begin(id, 1, MINUTE, at(number * 60)), Ok(()));
        }
        assert!(pending.ends.lock().expect("whole").len() <= CROWD);
    }
}
