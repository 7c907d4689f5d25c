//! What happens by itself: last uses are written, dead sessions and old audit lines are removed, all off the request path.

use std::time::Duration;

use crate::app::{App, Failure};
use crate::store::sessions;

/// How often last uses are written.
pub const TOUCH_EVERY: Duration = Duration::from_secs(20);

/// How often changes of other processes are looked for, and refusals are written.
pub const KEEP_UP_EVERY: Duration = Duration::from_secs(1);

/// How often dead sessions are removed.
pub const PURGE_EVERY: Duration = Duration::from_mins(15);

/// Rows removed in one transaction, so that no request waits for long.
const SLICE: u32 = 500;

impl App {
    /// Removes sessions that are over; returns how many.
    ///
    /// # Errors
    /// Only a fault.
    pub async fn purge_sessions(&self) -> Result<u64, Failure> {
        let (now, idle) = (self.now(), self.config.session.idle);
        let mut removed = 0;
        loop {
            let slice = self
                .store
                .write(move |tx| sessions::purge_expired(tx, now, idle, SLICE))
                .await?;
            removed += slice;
            if slice < u64::from(SLICE) {
                return Ok(removed);
            }
        }
    }
}
