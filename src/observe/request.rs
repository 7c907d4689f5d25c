//! The request that is being answered: its number stands in every line that is logged meanwhile, and what takes long in it
//! becomes part of its trace.

use std::fmt;
use std::future::Future;
use std::hash::{BuildHasher as _, RandomState};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use super::trace::Trace;
use crate::domain::hex::hex_in;

tokio::task_local! {
    static CURRENT: Request;
}

/// Longest number that is taken over from a proxy.
const LONGEST: usize = 64;

/// Shortest one: what is shorter tells no two requests apart.
const SHORTEST: usize = 8;

/// The number of a request: letters, digits, `-`, `_` and `.`, so that it can stand anywhere.
#[derive(Clone, PartialEq, Eq)]
pub struct RequestId(Source);

#[derive(Clone, PartialEq, Eq)]
enum Source {
    Proxy(Arc<str>),
    /// Written as 16 hexadecimal digits.
    Own(u64),
}

impl RequestId {
    /// A number as a proxy gave it, if it is well-formed.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let is_ours = |c: u8| c.is_ascii_alphanumeric() || b"-_.".contains(&c);
        let is_good = (SHORTEST..=LONGEST).contains(&text.len()) && text.bytes().all(is_ours);
        is_good.then(|| Self(Source::Proxy(text.into())))
    }

    /// Hands it over as text.
    pub fn with_text<T>(&self, take: impl FnOnce(&str) -> T) -> T {
        match &self.0 {
            Source::Proxy(text) => take(text),
            Source::Own(number) => take(hex_in(&number.to_be_bytes(), &mut [0; 16])),
        }
    }
}

impl fmt::Display for RequestId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.with_text(|text| f.write_str(text))
    }
}

impl fmt::Debug for RequestId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// Makes numbers that are different each time; they need not be secret.
#[derive(Debug)]
pub struct Numbers(AtomicU64);

/// An odd number without a pattern: two to the 64th over the golden ratio.
const STRIDE: u64 = 0x9e37_79b9_7f4a_7c15;

impl Default for Numbers {
    /// Begins somewhere else each time.
    fn default() -> Self {
        Self(AtomicU64::new(RandomState::new().hash_one(STRIDE)))
    }
}

impl Numbers {
    /// Sixty-four bits nobody had before, in all likelihood; never zero. They walk through all there are (`SplitMix64`, Steele,
    /// Lea and Flood, 2014).
    #[must_use]
    pub fn bits(&self) -> u64 {
        let at = self.0.fetch_add(STRIDE, Ordering::Relaxed);
        let once = (at ^ at >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let twice = (once ^ once >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        (twice ^ twice >> 31).max(1)
    }

    /// A new number.
    #[must_use]
    pub fn request(&self) -> RequestId {
        RequestId(Source::Own(self.bits()))
    }
}

/// A request that is being answered.
#[derive(Clone)]
pub struct Request {
    /// Its number.
    pub id: RequestId,
    /// What is noted for the collector of traces, if this request is traced.
    pub trace: Option<Arc<Trace>>,
}

impl Request {
    /// Does some work as part of this request.
    pub async fn scope<F: Future>(self, work: F) -> F::Output {
        CURRENT.scope(self, work).await
    }
}

/// The number of the request that this task answers.
#[must_use]
pub fn current() -> Option<RequestId> {
    CURRENT.try_with(|request| request.id.clone()).ok()
}

/// Does some work on another thread as part of the request with this number.
pub fn resumed<T>(id: Option<RequestId>, work: impl FnOnce() -> T) -> T {
    match id {
        Some(id) => CURRENT.sync_scope(Request { id, trace: None }, work),
        None => work(),
    }
}

/// Does some work and notes how long it took if this task answers a request that is traced.
pub async fn step<F: Future>(name: &'static str, work: F) -> F::Output {
    let trace = CURRENT.try_with(|request| request.trace.clone()).ok().flatten();
    let Some(trace) = trace else {
        return work.await;
    };
    let started = trace.elapsed();
    let outcome = work.await;
    trace.note(name, started);
    outcome
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_can_stand_anywhere() {
        for good in [
            "12345678",
            "0b7e4c2e-1f5b-4a57-b9a3-1c5d8e1f2a3b",
            "a.b_c-D9",
            &"x".repeat(64),
        ] {
            assert_eq!(RequestId::parse(good).map(|id| id.to_string()).as_deref(), Some(good));
        }
        for bad in [
            "",
            "1234567",
            "with space",
            "a\nbcdefgh",
            "é1234567",
            "a=bcdefgh",
            "\"quoted\"",
            &"x".repeat(65),
        ] {
            assert_eq!(RequestId::parse(bad), None, "{bad}");
        }
    }

    #[test]
    fn numbers_differ_and_are_well_formed() {
        let numbers = Numbers::default();
        let (one, other) = (numbers.request(), numbers.request());
        assert_ne!(one, other);
        let text = one.to_string();
        assert_eq!(text.len(), 16);
        assert_eq!(RequestId::parse(&text).map(|id| id.to_string()), Some(text));
    }
}
