//! Rate limits: fixed windows per client, counted as LibreChat's limiter counts them, in bounded memory.
//!
//! A client's window starts with its first request. Every request counts, refused ones too. When the window ends, the
//! count starts again. Time is passed in, and is to be one that nobody sets.

use std::collections::{HashMap, VecDeque};
use std::hash::{BuildHasher as _, RandomState};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use crate::config::Limit;
use crate::domain::refusal::LimitedAction;
use crate::domain::time::Timestamp;

/// Clients counted at once, per limited action. Beyond that the oldest window is forgotten.
const CAPACITY: usize = 100_000;
/// Parts of a table, each with a lock of its own.
const SHARDS: usize = 16;

/// What is left of an allowance. `reset` and `retry_after` are whole seconds, rounded up, as the headers
/// `X-RateLimit-Reset` and `Retry-After` want them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Taken {
    /// Whether the request may go on.
    pub allowed: bool,
    /// Requests per window; `u32::MAX` if there is no limit.
    pub limit: u32,
    /// Requests left in this window; `u32::MAX` if there is no limit.
    pub remaining: u32,
    /// When the window ends.
    pub reset: Timestamp,
    /// How long that is from now.
    pub retry_after: Duration,
}

impl Taken {
    /// Of `limit`, `used` are used in a window that ends at `end`.
    #[must_use]
    pub fn new(limit: u32, used: u32, end: Timestamp, now: Timestamp) -> Self {
        let reset = rounded_up(end);
        let left = reset.since(now).as_millis().div_ceil(1000);
        Self {
            allowed: used <= limit,
            limit,
            remaining: limit.saturating_sub(used),
            reset,
            retry_after: Duration::from_secs(left.try_into().unwrap_or(u64::MAX)),
        }
    }
}

/// The counters of all limited actions.
pub struct Limiter {
    /// One for each action, in the order of [`LimitedAction::ALL`].
    tables: [Table; LimitedAction::ALL.len()],
    names: [RandomState; 2],
}

impl Limiter {
    /// Counters at zero.
    #[must_use]
    pub fn new() -> Self {
        Self::with_capacity(CAPACITY)
    }

    fn with_capacity(capacity: usize) -> Self {
        Self {
            tables: LimitedAction::ALL.map(|_| Table::new(capacity)),
            names: [RandomState::new(), RandomState::new()],
        }
    }

    /// Counts one request of the client `key` and says whether it may go on. A limit without a maximum counts nothing.
    #[must_use]
    pub fn take(&self, action: LimitedAction, key: &str, limit: Limit, now: Timestamp) -> Taken {
        let Some(max) = limit.max else {
            return Taken {
                allowed: true,
                limit: u32::MAX,
                remaining: u32::MAX,
                reset: now,
                retry_after: Duration::ZERO,
            };
        };
        let table = &self.tables[action as usize];
        let window = limit.window();
        let entry = table.count(self.name(key), window, now);
        Taken::new(max, entry.count, entry.started.after(window), now)
    }

    /// How many clients are being counted; each once for each action.
    #[must_use]
    pub fn len(&self) -> usize {
        let shards = self.tables.iter().flat_map(|table| &table.shards);
        shards
            .map(|shard| shard.lock().unwrap_or_else(PoisonError::into_inner).entries.len())
            .sum()
    }

    /// Whether nobody is being counted.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// A client's short name: 128 bits, keyed at random, so that nobody can find two clients of one name.
    fn name(&self, key: &str) -> Name {
        let [high, low] = self.names.each_ref().map(|half| u128::from(half.hash_one(key)));
        high << 64 | low
    }
}

impl Default for Limiter {
    fn default() -> Self {
        Self::new()
    }
}

type Name = u128;

/// The counters of one action, spread over shards by name.
struct Table {
    shards: Vec<Mutex<Shard>>,
}

impl Table {
    fn new(capacity: usize) -> Self {
        let shard = || Mutex::new(Shard::new((capacity / SHARDS).max(1)));
        Self {
            shards: std::iter::repeat_with(shard).take(SHARDS).collect(),
        }
    }

    fn count(&self, name: Name, window: Duration, now: Timestamp) -> Entry {
        let at = usize::try_from(name % SHARDS as u128).unwrap_or(0);
        let mut shard = self.shards[at].lock().unwrap_or_else(PoisonError::into_inner);
        shard.count(name, window, now)
    }
}

#[derive(Clone, Copy)]
struct Entry {
    started: Timestamp,
    count: u32,
}

/// Some clients of one action. Their windows are equally long, so they end in the order in which they started.
struct Shard {
    entries: HashMap<Name, Entry>,
    /// Every key of `entries`, oldest window first.
    order: VecDeque<Name>,
    capacity: usize,
}

impl Shard {
    fn new(capacity: usize) -> Self {
        Self {
            entries: HashMap::new(),
            order: VecDeque::new(),
            capacity,
        }
    }

    fn count(&mut self, name: Name, window: Duration, now: Timestamp) -> Entry {
        self.forget_ended(window, now);
        if let Some(entry) = self.entries.get_mut(&name) {
            entry.count = entry.count.saturating_add(1);
            return *entry;
        }
        if self.entries.len() >= self.capacity {
            self.forget_oldest();
        }
        let entry = Entry { started: now, count: 1 };
        self.order.push_back(name);
        self.entries.insert(name, entry);
        entry
    }

    fn forget_ended(&mut self, window: Duration, now: Timestamp) {
        while let Some(entry) = self.order.front().and_then(|oldest| self.entries.get(oldest)) {
            if now < entry.started.after(window) {
                break;
            }
            self.forget_oldest();
        }
        // After a crowd has passed its memory is given back.
        if self.entries.is_empty() && self.entries.capacity() > 1024 {
            self.entries = HashMap::new();
            self.order = VecDeque::new();
        }
    }

    fn forget_oldest(&mut self) {
        if let Some(oldest) = self.order.pop_front() {
            self.entries.remove(&oldest);
        }
    }
}

fn rounded_up(moment: Timestamp) -> Timestamp {
    Timestamp::from_seconds(moment.millis().saturating_add(999).div_euclid(1000))
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIMIT: Limit = Limit {
        max: Some(3),
        window_minutes: 5.0,
    };

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_seconds(seconds)
    }

    fn held(limiter: &Limiter) -> usize {
        let shards = limiter.tables[0].shards.iter();
        shards.map(|shard| shard.lock().expect("whole").entries.len()).sum()
    }

    #[test]
    fn a_client_has_its_maximum_per_window_and_no_more() {
        let limiter = Limiter::new();
        let taken: Vec<_> = (0..5)
            .map(|second| limiter.take(LimitedAction::Login, "192.0.2.1", LIMIT, at(1000 + second)))
            .collect();
        assert_eq!(
            taken.iter().map(|t| t.allowed).collect::<Vec<_>>(),
            [true, true, true, false, false]
        );
        assert_eq!(taken.iter().map(|t| t.remaining).collect::<Vec<_>>(), [2, 1, 0, 0, 0]);
        assert!(taken.iter().all(|t| t.limit == 3 && t.reset == at(1300)));
        assert_eq!(taken[4].retry_after, Duration::from_secs(296));
    }

    #[test]
    fn the_window_starts_with_the_first_request_and_refused_ones_do_not_extend_it() {
        let limiter = Limiter::new();
        for second in [0, 100, 200, 299] {
            let _ = limiter.take(LimitedAction::Login, "a", LIMIT, at(second));
        }
        assert!(
            !limiter
                .take(LimitedAction::Login, "a", LIMIT, Timestamp::from_millis(299_999))
                .allowed
        );
        let fresh = limiter.take(LimitedAction::Login, "a", LIMIT, at(300));
        assert_eq!((fresh.allowed, fresh.remaining, fresh.reset), (true, 2, at(600)));
    }

    #[test]
    fn clients_and_actions_are_counted_apart() {
        let limiter = Limiter::new();
        for _ in 0..4 {
            let _ = limiter.take(LimitedAction::Login, "a", LIMIT, at(0));
        }
        assert!(!limiter.take(LimitedAction::Login, "a", LIMIT, at(0)).allowed);
        assert!(limiter.take(LimitedAction::Login, "b", LIMIT, at(0)).allowed);
        assert!(limiter.take(LimitedAction::Register, "a", LIMIT, at(0)).allowed);
    }

    #[test]
    fn reset_and_retry_after_are_rounded_up_to_seconds() {
        let taken = Limiter::new().take(LimitedAction::Login, "a", LIMIT, Timestamp::from_millis(1));
        assert_eq!((taken.reset, taken.retry_after), (at(301), Duration::from_secs(301)));
        let limiter = Limiter::new();
        let _ = limiter.take(LimitedAction::Login, "a", LIMIT, at(0));
        let late = limiter.take(LimitedAction::Login, "a", LIMIT, Timestamp::from_millis(299_999));
        assert_eq!(late.retry_after, Duration::from_secs(1));
    }

    #[test]
    fn without_a_maximum_everything_is_allowed_and_nothing_is_kept() {
        let limiter = Limiter::new();
        let limit = Limit { max: None, ..LIMIT };
        for _ in 0..100 {
            assert!(limiter.take(LimitedAction::Login, "a", limit, at(0)).allowed);
        }
        assert_eq!(held(&limiter), 0);
    }

    #[test]
    fn a_maximum_of_zero_allows_nothing() {
        let none = Limit { max: Some(0), ..LIMIT };
        assert!(!Limiter::new().take(LimitedAction::Login, "a", none, at(0)).allowed);
    }

    #[test]
    fn a_window_that_is_no_length_of_time_never_ends() {
        for window_minutes in [f64::NAN, -1.0, f64::INFINITY, 1e300] {
            let limit = Limit {
                max: Some(1),
                window_minutes,
            };
            let limiter = Limiter::new();
            assert!(limiter.take(LimitedAction::Login, "a", limit, at(0)).allowed);
            assert!(
                !limiter
                    .take(LimitedAction::Login, "a", limit, at(1_000_000_000))
                    .allowed
            );
        }
    }

    #[test]
    fn a_million_clients_hold_no_more_than_the_bound() {
        let limiter = Limiter::with_capacity(1000);
        for client in 0..1_000_000 {
            let _ = limiter.take(LimitedAction::Login, &client.to_string(), LIMIT, at(0));
        }
        assert!(held(&limiter) <= 1000);
        let orders: usize = limiter.tables[0]
            .shards
            .iter()
            .map(|s| s.lock().expect("whole").order.len())
            .sum();
        assert_eq!(orders, held(&limiter));
    }

    #[test]
    fn when_room_is_short_ended_windows_go_first_and_then_the_oldest() {
        const ENDED: Name = 0;
        const OLD: Name = 1;
        const YOUNG: Name = 2;
        const NEWEST: Name = 3;
        let mut shard = Shard::new(2);
        let window = Duration::from_mins(5);
        shard.count(ENDED, window, at(0));
        shard.count(OLD, window, at(200));
        shard.count(YOUNG, window, at(300));
        assert_eq!(shard.count(OLD, window, at(300)).count, 2);
        shard.count(NEWEST, window, at(301));
        assert_eq!(shard.count(YOUNG, window, at(302)).count, 2);
        assert_eq!(shard.count(OLD, window, at(302)).count, 1);
    }

    #[test]
    fn a_crowd_that_has_passed_leaves_no_memory_behind() {
        let limiter = Limiter::new();
        for client in 0..50_000 {
            let _ = limiter.take(LimitedAction::Login, &client.to_string(), LIMIT, at(0));
        }
        for client in 0..2000 {
            let _ = limiter.take(LimitedAction::Login, &client.to_string(), LIMIT, at(1000));
        }
        assert_eq!(held(&limiter), 2000);
        assert!(
            limiter.tables[0]
                .shards
                .iter()
                .all(|s| s.lock().expect("whole").entries.capacity() < 1024)
        );
    }

    #[test]
    fn parallel_requests_get_exactly_the_maximum() {
        let limiter = Limiter::new();
        let limit = Limit {
            max: Some(50),
            window_minutes: 1.0,
        };
        let allowed: usize = std::thread::scope(|scope| {
            let threads: Vec<_> = (0..4)
                .map(|_| {
                    scope.spawn(|| {
                        (0..100)
                            .filter(|_| limiter.take(LimitedAction::Login, "a", limit, at(0)).allowed)
                            .count()
                    })
                })
                .collect();
            threads.into_iter().map(|thread| thread.join().expect("ends")).sum()
        });
        assert_eq!(allowed, 50);
    }
}
