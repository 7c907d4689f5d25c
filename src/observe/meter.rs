//! What is counted while the server works. Counting takes no lock and forgets nothing; whoever reads sees each number as
//! it is at that moment. What every request counts is counted by each thread for itself, and added up by whoever reads.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicI64, AtomicU64, AtomicUsize, Ordering};
use std::time::Duration;

/// Bounds of durations, in seconds.
const SECONDS: &[f64] = &[
    0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0,
];

/// Bounds of small numbers.
const SIZES: &[f64] = &[1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0];

/// Sums are kept in millionths.
const MILLION: f64 = 1_000_000.0;

/// What stands in place of labels once a [`Tally`] is full.
pub const OTHER: &str = "other";

/// A number that only grows.
#[derive(Debug, Default)]
pub struct Counter(AtomicU64);

impl Counter {
    /// One more.
    pub fn increase(&self) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }

    /// The number.
    #[must_use]
    pub fn value(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

/// A number that goes up and down.
#[derive(Debug, Default)]
pub struct Gauge(AtomicI64);

impl Gauge {
    /// Counts one as long as the answer is kept.
    #[must_use]
    pub fn hold(&self) -> Held<'_> {
        self.0.fetch_add(1, Ordering::Relaxed);
        Held(self)
    }

    /// Adds, or takes away.
    pub fn add(&self, difference: i64) {
        self.0.fetch_add(difference, Ordering::Relaxed);
    }

    /// The number.
    #[must_use]
    pub fn value(&self) -> i64 {
        self.0.load(Ordering::Relaxed)
    }
}

/// One that a [`Gauge`] counts.
#[derive(Debug)]
pub struct Held<'g>(&'g Gauge);

impl Drop for Held<'_> {
    fn drop(&mut self) {
        self.0.add(-1);
    }
}

/// Threads that count for themselves; more share.
const STRIPES: usize = 8;

/// Something of which each thread has its own, so that no two wait for the same piece of memory.
#[derive(Debug, Default)]
pub struct Striped<M>([Apart<M>; STRIPES]);

/// Alone in its line of the processor's cache, and in the one that is fetched with it.
#[derive(Debug, Default)]
#[repr(align(128))]
struct Apart<M>(M);

impl<M> Striped<M> {
    /// This thread's.
    pub fn mine(&self) -> &M {
        static THREADS: AtomicUsize = AtomicUsize::new(0);
        thread_local! {
            static STRIPE: usize = THREADS.fetch_add(1, Ordering::Relaxed) % STRIPES;
        }
        &self.0[STRIPE.with(|stripe| *stripe)].0
    }

    fn each(&self) -> impl Iterator<Item = &M> {
        self.0.iter().map(|apart| &apart.0)
    }
}

impl Striped<Gauge> {
    /// Counts one as long as the answer is kept.
    #[must_use]
    pub fn hold(&self) -> Held<'_> {
        self.mine().hold()
    }

    /// The number.
    #[must_use]
    pub fn value(&self) -> i64 {
        self.each().map(Gauge::value).sum()
    }
}

impl Striped<Counter> {
    /// The number.
    #[must_use]
    pub fn value(&self) -> u64 {
        self.each().map(Counter::value).sum()
    }
}

impl Striped<Histogram> {
    /// What was measured so far.
    #[must_use]
    pub fn spread(&self) -> Spread {
        let [first, rest @ ..] = &self.0;
        let mut all = first.0.spread();
        for Apart(other) in rest {
            let other = other.spread();
            for (bucket, more) in all.buckets.iter_mut().zip(other.buckets) {
                bucket.1 += more.1;
            }
            all.count += other.count;
            all.sum += other.sum;
        }
        all
    }
}

/// How measurements are spread.
#[derive(Debug)]
pub struct Histogram {
    bounds: &'static [f64],
    /// One for each bound, and one for what is beyond the last.
    counts: Box<[AtomicU64]>,
    millionths: AtomicU64,
}

/// A [`Histogram`] as it was at some moment.
#[derive(Clone, Debug, PartialEq)]
pub struct Spread {
    /// Bounds, and how many measurements were at most that.
    pub buckets: Vec<(f64, u64)>,
    /// How many there were in all.
    pub count: u64,
    /// What they add up to.
    pub sum: f64,
}

impl Default for Histogram {
    fn default() -> Self {
        Self::seconds()
    }
}

impl Histogram {
    /// Of durations.
    #[must_use]
    pub fn seconds() -> Self {
        Self::with(SECONDS)
    }

    /// Of small numbers.
    #[must_use]
    pub fn sizes() -> Self {
        Self::with(SIZES)
    }

    fn with(bounds: &'static [f64]) -> Self {
        Self {
            bounds,
            counts: (0..=bounds.len()).map(|_| AtomicU64::new(0)).collect(),
            millionths: AtomicU64::new(0),
        }
    }

    /// Takes note of a duration.
    pub fn took(&self, span: Duration) {
        let micros = u64::try_from(span.as_micros()).unwrap_or(u64::MAX);
        self.note(span.as_secs_f64(), micros);
    }

    /// Takes note of a small number.
    pub fn saw(&self, number: u32) {
        self.note(f64::from(number), u64::from(number) * 1_000_000);
    }

    fn note(&self, value: f64, millionths: u64) {
        let at = self.bounds.partition_point(|bound| *bound < value);
        self.counts[at].fetch_add(1, Ordering::Relaxed);
        self.millionths.fetch_add(millionths, Ordering::Relaxed);
    }

    /// What was measured so far.
    #[must_use]
    pub fn spread(&self) -> Spread {
        let mut count = 0;
        let mut buckets = Vec::with_capacity(self.bounds.len());
        for (at, own) in self.counts.iter().enumerate() {
            count += own.load(Ordering::Relaxed);
            if let Some(bound) = self.bounds.get(at) {
                buckets.push((*bound, count));
            }
        }
        #[expect(
            clippy::cast_precision_loss,
            reason = "a sum of centuries is not told apart to the microsecond"
        )]
        let sum = self.millionths.load(Ordering::Relaxed) as f64 / MILLION;
        Spread { buckets, count, sum }
    }
}

/// Meters by labels. The labels are words of the program or of its configuration, never of a request; were there more of
/// them than places after all, the rest would be counted together as [`OTHER`].
#[derive(Debug)]
pub struct Tally<const N: usize, M = Counter> {
    /// As many as a power of two.
    slots: Box<[OnceLock<Slot<N, M>>]>,
    rest: Slot<N, M>,
}

#[derive(Debug)]
struct Slot<const N: usize, M> {
    labels: [Box<str>; N],
    meter: Box<Striped<M>>,
}

impl<const N: usize, M: Default> Slot<N, M> {
    fn new(labels: [&str; N]) -> Self {
        Self {
            labels: labels.map(Into::into),
            meter: Box::default(),
        }
    }

    fn is(&self, labels: [&str; N]) -> bool {
        self.labels.iter().zip(labels).all(|(own, label)| **own == *label)
    }
}

impl<const N: usize, M: Default> Tally<N, M> {
    /// With room for at least `places` combinations of labels.
    #[must_use]
    pub fn new(places: usize) -> Self {
        let places = places.next_power_of_two();
        Self {
            slots: (0..places).map(|_| OnceLock::new()).collect(),
            rest: Slot::new([OTHER; N]),
        }
    }

    /// This thread's meter of these labels.
    #[must_use]
    pub fn of(&self, labels: [&str; N]) -> &M {
        let start = hash(&labels);
        let mask = self.slots.len() - 1;
        for step in 0..self.slots.len() {
            let slot = self.slots[start.wrapping_add(step) & mask].get_or_init(|| Slot::new(labels));
            if slot.is(labels) {
                return slot.meter.mine();
            }
        }
        self.rest.meter.mine()
    }

    /// Every meter that was asked for, in the order of its labels.
    #[must_use]
    pub fn all(&self) -> Vec<([&str; N], &Striped<M>)> {
        let used = self.slots.iter().filter_map(OnceLock::get);
        let is_full = self.slots.iter().all(|slot| slot.get().is_some());
        let mut all: Vec<_> = used
            .chain(is_full.then_some(&self.rest))
            .map(|slot| (slot.labels.each_ref().map(|label| &**label), &*slot.meter))
            .collect();
        all.sort_by_key(|(labels, _)| *labels);
        all
    }
}

/// FNV-1a: the words are ours, so nobody can choose them badly on purpose.
fn hash(labels: &[&str]) -> usize {
    let mut hash: u64 = 0xcbf2_9ce4_8422_2325;
    for label in labels {
        for byte in label.bytes().chain([0xff]) {
            hash = (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
        }
    }
    usize::try_from((hash ^ (hash >> 32)) & 0xffff_ffff).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use std::thread;

    use super::*;

    #[test]
    fn measurements_fall_into_the_bucket_whose_bound_they_reach() {
        let histogram = Histogram::sizes();
        for number in [1, 2, 3, 64, 65] {
            histogram.saw(number);
        }
        let spread = histogram.spread();
        let counts: Vec<_> = spread.buckets.iter().map(|(_, count)| *count).collect();
        assert_eq!(counts, [1, 2, 3, 3, 3, 3, 4]);
        assert_eq!(spread.count, 5);
        assert!((spread.sum - 135.0).abs() < 1e-9);
    }

    #[test]
    fn durations_add_up() {
        let histogram = Histogram::seconds();
        histogram.took(Duration::from_millis(1));
        histogram.took(Duration::from_mins(1));
        let spread = histogram.spread();
        assert_eq!(spread.buckets[1], (0.001, 1));
        assert_eq!((spread.buckets[13], spread.count), ((10.0, 1), 2));
        assert!((spread.sum - 60.001).abs() < 1e-9);
    }

    #[test]
    fn labels_are_told_apart_and_a_full_table_counts_the_rest_together() {
        let tally: Tally<2> = Tally::new(2);
        tally.of(["a", "bc"]).increase();
        tally.of(["ab", "c"]).increase();
        tally.of(["ab", "c"]).increase();
        tally.of(["too", "many"]).increase();
        tally.of(["far too", "many"]).increase();
        let seen: Vec<_> = tally
            .all()
            .iter()
            .map(|(labels, count)| (*labels, count.value()))
            .collect();
        assert_eq!(seen, [(["a", "bc"], 1), (["ab", "c"], 2), ([OTHER, OTHER], 2)]);
    }

    #[test]
    fn nothing_is_lost_when_many_count_at_once() {
        let tally: Tally<1> = Tally::new(64);
        thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| {
                    for at in 0..4_000 {
                        tally.of([["a", "b", "c", "d"][at % 4]]).increase();
                    }
                });
            }
        });
        let counts: Vec<_> = tally.all().iter().map(|(_, count)| count.value()).collect();
        assert_eq!(counts, [4_000; 4]);
    }

    #[test]
    fn what_threads_measured_for_themselves_is_told_together() {
        let tally: Tally<1, Histogram> = Tally::new(4);
        thread::scope(|scope| {
            for millis in [1, 1, 3000] {
                let tally = &tally;
                scope.spawn(move || tally.of(["a"]).took(Duration::from_millis(millis)));
            }
        });
        let [(_, measured)] = tally.all()[..] else {
            panic!("one row");
        };
        let spread = measured.spread();
        assert_eq!(
            (spread.buckets[1], spread.buckets[12], spread.count),
            ((0.001, 2), (5.0, 3), 3)
        );
        assert!((spread.sum - 3.002).abs() < 1e-9);
    }

    #[test]
    fn what_is_held_is_counted_as_long_as_it_is_held() {
        let gauge: Striped<Gauge> = Striped::default();
        let held = gauge.hold();
        assert_eq!(gauge.value(), 1);
        drop(held);
        assert_eq!(gauge.value(), 0);
    }
}
