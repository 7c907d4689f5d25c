//! The outside world's time and randomness: the only place that reads them, and a manual clock for tests.

use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use rustix::io::retry_on_intr;
use rustix::rand::{GetRandomFlags, getrandom};
use rustix::time::{ClockId, clock_gettime};

use crate::domain::secret::Entropy;
use crate::domain::time::{Clock, Timestamp};

/// The system's wall clock.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "this is the one place that reads the clock")]
    fn now(&self) -> Timestamp {
        let since_epoch = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Timestamp::from_millis(i64::try_from(since_epoch.as_millis()).unwrap_or(i64::MAX))
    }

    fn uptime(&self) -> Duration {
        Duration::try_from(clock_gettime(ClockId::Monotonic)).expect("POSIX: this clock counts up from a past moment")
    }
}

/// A clock that only moves when told to.
#[derive(Debug)]
pub struct ManualClock {
    wall: AtomicI64,
    uptime: AtomicU64,
}

impl ManualClock {
    /// A clock that stands at `start`.
    #[must_use]
    pub fn new(start: Timestamp) -> Self {
        Self {
            wall: AtomicI64::new(start.millis()),
            uptime: AtomicU64::new(0),
        }
    }

    /// Lets time pass.
    pub fn advance(&self, span: Duration) {
        let millis = i64::try_from(span.as_millis()).unwrap_or(i64::MAX);
        self.wall.fetch_add(millis, Ordering::SeqCst);
        self.uptime.fetch_add(millis.unsigned_abs(), Ordering::SeqCst);
    }

    /// Sets the wall clock, as an admin or a time server does: no time passes.
    pub fn set(&self, to: Timestamp) {
        self.wall.store(to.millis(), Ordering::SeqCst);
    }
}

impl Clock for ManualClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_millis(self.wall.load(Ordering::SeqCst))
    }

    fn uptime(&self) -> Duration {
        Duration::from_millis(self.uptime.load(Ordering::SeqCst))
    }
}

/// The operating system's random numbers.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemEntropy;

impl Entropy for SystemEntropy {
    fn fill(&self, bytes: &mut [u8]) {
        // The system call itself (getrandom(2)): a static program with nothing around it has no device to read.
        let mut rest = bytes;
        while !rest.is_empty() {
            let filled = retry_on_intr(|| getrandom(&mut *rest, GetRandomFlags::empty()))
                .expect("the operating system hands out random bytes");
            rest = &mut rest[filled..];
        }
    }
}
