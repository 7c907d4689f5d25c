//! Traces: what a request did and how long each step took, for a collector that understands OTLP (`OpenTelemetry`).
//!
//! Finished traces wait in a bounded queue. A request never waits for it: what finds no place is counted and dropped.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use tokio::sync::Notify;

use super::meter::Tally;
use crate::domain::hex::hex;
use crate::domain::time::Timestamp;

/// Traces that may wait.
const MOST_WAITING: usize = 2048;

/// Traces that are sent together.
pub const BATCH: usize = 256;

/// Steps that are noted of one request.
const MOST_STEPS: usize = 64;

/// What a trace belongs to, as `traceparent` says it (W3C Trace Context §3.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Parent {
    /// The trace.
    pub trace: [u8; 16],
    /// The span that asked.
    pub span: [u8; 8],
    /// Whether whoever asked keeps the trace.
    pub is_sampled: bool,
}

impl Parent {
    /// From the header.
    #[must_use]
    pub fn parse(header: &str) -> Option<Self> {
        let mut parts = header.trim().split('-');
        let (version, trace, span, flags) = (parts.next()?, parts.next()?, parts.next()?, parts.next()?);
        let version: [u8; 1] = bytes(version)?;
        // A later version may have more parts, the first one has none.
        if version == [0xff] || (version == [0] && parts.next().is_some()) {
            return None;
        }
        let (trace, span, [flags]): ([u8; 16], [u8; 8], [u8; 1]) = (bytes(trace)?, bytes(span)?, bytes(flags)?);
        let is_named = trace != [0; 16] && span != [0; 8];
        is_named.then_some(Self {
            trace,
            span,
            is_sampled: flags & 1 == 1,
        })
    }
}

/// Exactly so many bytes in small hexadecimal digits.
fn bytes<const N: usize>(text: &str) -> Option<[u8; N]> {
    let is_digits = text.len() == 2 * N && text.bytes().all(|c| matches!(c, b'0'..=b'9' | b'a'..=b'f'));
    if !is_digits {
        return None;
    }
    let mut bytes = [0; N];
    for (at, byte) in bytes.iter_mut().enumerate() {
        *byte = u8::from_str_radix(text.get(2 * at..2 * at + 2)?, 16).ok()?;
    }
    Some(bytes)
}

/// A step of a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// What was done.
    pub name: &'static str,
    /// When, counted from the beginning of the request.
    pub started: Duration,
    /// And when it was over.
    pub ended: Duration,
}

/// A request that is traced, while it is answered.
#[derive(Debug)]
pub struct Trace {
    /// Which trace.
    pub trace: [u8; 16],
    /// Which part of it this request is.
    pub span: [u8; 8],
    /// Who asked for it.
    pub parent: Option<[u8; 8]>,
    at: Timestamp,
    began: Instant,
    steps: Mutex<Vec<Step>>,
}

impl Trace {
    /// Begins now, which is `at` by the clock on the wall.
    #[must_use]
    pub fn begin(parent: Option<Parent>, random: [u64; 3], at: Timestamp) -> Self {
        let [high, low, span] = random.map(u64::to_be_bytes);
        let mut own = [0; 16];
        own[..8].copy_from_slice(&high);
        own[8..].copy_from_slice(&low);
        Self {
            trace: parent.map_or(own, |parent| parent.trace),
            span,
            parent: parent.map(|parent| parent.span),
            at,
            began: Instant::now(),
            steps: Mutex::default(),
        }
    }

    /// How long it has been going on.
    #[must_use]
    pub fn elapsed(&self) -> Duration {
        self.began.elapsed()
    }

    /// Notes a step that is over now.
    pub fn note(&self, name: &'static str, started: Duration) {
        let ended = self.elapsed();
        let mut steps = locked(&self.steps);
        if steps.len() < MOST_STEPS {
            steps.push(Step { name, started, ended });
        }
    }

    /// How the request ended.
    #[must_use]
    pub fn end(&self, about: About) -> Finished {
        Finished {
            trace: hex(&self.trace),
            span: hex(&self.span),
            parent: self.parent.map(|parent| hex(&parent)),
            at: self.at,
            took: self.elapsed(),
            steps: std::mem::take(&mut *locked(&self.steps)),
            about,
        }
    }
}

/// What is said of a request: nothing that its sender typed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct About {
    /// Its method, if it is a usual one.
    pub method: &'static str,
    /// The pattern of its route.
    pub route: &'static str,
    /// The status of the answer.
    pub status: u16,
    /// Its number.
    pub request: String,
    /// The number under which it was refused.
    pub reference: Option<String>,
    /// Whether it came by https, as far as we know.
    pub scheme: &'static str,
}

/// A request that is over.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finished {
    /// Which trace, in hexadecimal digits.
    pub trace: String,
    /// Which part of it.
    pub span: String,
    /// Who asked for it.
    pub parent: Option<String>,
    /// When it began.
    pub at: Timestamp,
    /// How long it took.
    pub took: Duration,
    /// What was done.
    pub steps: Vec<Step>,
    /// What it was.
    pub about: About,
}

impl Finished {
    /// How many spans it is.
    #[must_use]
    pub fn spans(&self) -> usize {
        1 + self.steps.len()
    }
}

/// Traces on their way to the collector.
#[derive(Debug)]
pub struct Outbound {
    waiting: Mutex<VecDeque<Finished>>,
    is_full: Notify,
    /// What became of spans.
    pub spans: Tally<1>,
}

impl Default for Outbound {
    fn default() -> Self {
        Self {
            waiting: Mutex::default(),
            is_full: Notify::new(),
            spans: Tally::new(2),
        }
    }
}

impl Outbound {
    /// Puts a trace into the queue, or drops it.
    pub fn put(&self, finished: Finished) {
        let mut waiting = locked(&self.waiting);
        if waiting.len() >= MOST_WAITING {
            drop(waiting);
            self.count("dropped", finished.spans());
            return;
        }
        waiting.push_back(finished);
        let is_batch = waiting.len() >= BATCH;
        drop(waiting);
        if is_batch {
            self.is_full.notify_one();
        }
    }

    /// Takes what waits, one batch at most.
    #[must_use]
    pub fn take(&self) -> Vec<Finished> {
        let mut waiting = locked(&self.waiting);
        let count = waiting.len().min(BATCH);
        waiting.drain(..count).collect()
    }

    /// Resolves once there is enough for a batch.
    pub async fn filled(&self) {
        self.is_full.notified().await;
    }

    /// Notes what became of spans.
    pub fn count(&self, outcome: &'static str, spans: usize) {
        let counter = self.spans.of([outcome]);
        (0..spans).for_each(|_| counter.increase());
    }
}

/// What the locks guard is whole at every moment.
fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Traces that a request hands over, or nothing where no collector is known.
pub type Way = Option<Arc<Outbound>>;

#[cfg(test)]
mod tests {
    use super::*;

    fn finished() -> Finished {
        let about = About {
            method: "GET",
            route: "/login",
            status: 200,
            request: "12345678".to_owned(),
            reference: None,
            scheme: "http",
        };
        Trace::begin(None, [1, 2, 3], Timestamp::from_seconds(0)).end(about)
    }

    #[test]
    fn the_samples_of_the_standard_are_read() {
        let parent = Parent::parse("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01").expect("good");
        assert_eq!(hex(&parent.trace), "4bf92f3577b34da6a3ce929d0e0e4736");
        assert_eq!(
            (hex(&parent.span).as_str(), parent.is_sampled),
            ("00f067aa0ba902b7", true)
        );
        assert!(Parent::parse("cc-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-00-later").is_some());
        for bad in [
            "",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-more",
            "ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
            "00-00000000000000000000000000000000-00f067aa0ba902b7-01",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01",
            "00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01",
            "00-4bf92f3577b34da6a3ce929d0e0e473-00f067aa0ba902b7-01",
            "00-ébf92f3577b34da6a3ce929d0e0e47-00f067aa0ba902b7-01",
        ] {
            assert_eq!(Parent::parse(bad), None, "{bad}");
        }
    }

    #[test]
    fn a_full_queue_drops_and_counts() {
        let outbound = Outbound::default();
        for _ in 0..MOST_WAITING + 3 {
            outbound.put(finished());
        }
        assert_eq!(outbound.spans.of(["dropped"]).value(), 3);
        assert_eq!(outbound.take().len(), BATCH);
        outbound.put(finished());
        assert_eq!(outbound.spans.of(["dropped"]).value(), 3, "there is room again");
    }

    #[test]
    fn no_request_notes_more_steps_than_it_may() {
        let trace = Trace::begin(None, [1, 2, 3], Timestamp::from_seconds(0));
        for _ in 0..2 * MOST_STEPS {
            trace.note("store.write", trace.elapsed());
        }
        assert_eq!(locked(&trace.steps).len(), MOST_STEPS);
    }
}
