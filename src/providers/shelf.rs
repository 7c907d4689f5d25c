//! Something fetched once and kept: however many ask at the same time, one of them fetches and the others wait for it. A
//! failure is remembered for a moment, so that a server that is down is not asked by everybody; a stale value is better than
//! none.

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Mutex;

use crate::domain::federation::trouble::Trouble;
use crate::domain::time::Timestamp;

/// How long a failure counts.
const FAILURE_KEPT: Duration = Duration::from_secs(5);

/// The place of one value.
pub struct Shelf<T> {
    held: Mutex<Held<T>>,
}

struct Held<T> {
    value: Option<(Arc<T>, Timestamp)>,
    failure: Option<(Trouble, Timestamp)>,
}

impl<T> Shelf<T> {
    pub fn new() -> Self {
        Self {
            held: Mutex::new(Held {
                value: None,
                failure: None,
            }),
        }
    }

    /// The value, if it is not older than `kept`; else what `fetch` brings. `now` is by a clock that nobody sets.
    ///
    /// # Errors
    /// What `fetch` returns, unless an older value is there.
    pub async fn take<F>(&self, now: Timestamp, kept: Duration, fetch: impl FnOnce() -> F) -> Result<Arc<T>, Trouble>
    where
        F: Future<Output = Result<T, Trouble>>,
    {
        let mut held = self.held.lock().await;
        if let Some((value, since)) = &held.value
            && now.since(*since) < kept
        {
            return Ok(Arc::clone(value));
        }
        if let Some((failure, since)) = &held.failure
            && now.since(*since) < FAILURE_KEPT
        {
            let stale = held.value.as_ref().map(|(value, _)| Arc::clone(value));
            return stale.ok_or_else(|| failure.clone());
        }
        match fetch().await {
            Ok(value) => {
                let value = Arc::new(value);
                *held = Held {
                    value: Some((Arc::clone(&value), now)),
                    failure: None,
                };
                Ok(value)
            }
            Err(trouble) => {
                let stale = held.value.as_ref().map(|(value, _)| Arc::clone(value));
                held.failure = Some((trouble.clone(), now));
                stale.ok_or(trouble)
            }
        }
    }
}
