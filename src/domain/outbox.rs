//! Letters on their way: sealed, queued, tried again with growing pauses, and forgotten.
//!
//! ```text
//!   waiting ── claimed by one sender, for a while ──► sending ── accepted ──► sent
//!      ▲                                                 │
//!      ├──── not now: after a pause, until its end ──────┤
//!      └──── retried by an admin ── failed ◄── refused for good, or its end has come
//! ```

use std::time::Duration;

use crate::domain::email::Email;
use crate::domain::time::{Timestamp, doubled};

/// The pause after the first failure.
const FIRST_PAUSE: Duration = Duration::from_mins(1);

/// The longest pause.
const LONGEST_PAUSE: Duration = Duration::from_hours(1);

/// A letter ready to be queued: nobody who reads the database can read it.
#[derive(Clone, Debug)]
pub struct Envelope {
    /// Names the letter in its `Message-ID` and binds its content to its row.
    pub name: String,
    /// What kind of letter it is, as a stable key.
    pub kind: &'static str,
    /// Where it goes.
    pub address: Email,
    /// Subject, text and HTML, sealed.
    pub sealed: Vec<u8>,
    /// When it was written.
    pub created_at: Timestamp,
    /// From then on it is not tried any more.
    pub give_up_at: Timestamp,
}

/// What is left to do in the outbox.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Backlog {
    /// Letters that wait or are being sent.
    pub waiting: i64,
    /// Letters that could not be sent.
    pub failed: i64,
    /// When the oldest that waits was written.
    pub oldest: Option<Timestamp>,
}

/// A letter that one sender has to itself for a while.
#[derive(Clone, Debug)]
pub struct Claim {
    /// Its row.
    pub id: i64,
    /// Names the letter.
    pub name: String,
    /// What kind of letter it is.
    pub kind: String,
    /// Where it goes.
    pub address: Email,
    /// Subject, text and HTML, sealed.
    pub sealed: Vec<u8>,
    /// Which attempt this is, from 1 on; nobody else has the same one.
    pub attempt: u32,
    /// When it was written.
    pub created_at: Timestamp,
    /// From then on it is not tried any more.
    pub give_up_at: Timestamp,
    /// Why the attempt before failed.
    pub last_error: Option<String>,
}

/// How far a letter has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Progress {
    /// It is tried again at that moment.
    Waiting(Timestamp),
    /// Somebody is at it.
    Sending,
    /// The mail server took it then.
    Sent(Timestamp),
    /// It could not be sent, and is not tried again by itself.
    Failed(Timestamp),
}

impl Progress {
    /// The stable key.
    #[must_use]
    pub const fn key(self) -> &'static str {
        match self {
            Self::Waiting(_) => "waiting",
            Self::Sending => "sending",
            Self::Sent(_) => "sent",
            Self::Failed(_) => "failed",
        }
    }
}

/// A letter as the owner of the site sees it.
#[derive(Clone, Debug)]
pub struct Posted {
    /// Its number.
    pub id: i64,
    /// What kind of letter it is.
    pub kind: String,
    /// Where it goes.
    pub address: Email,
    /// How often it was tried.
    pub attempts: u32,
    /// When it was written.
    pub created_at: Timestamp,
    /// How far it has come.
    pub progress: Progress,
    /// Why the last attempt failed.
    pub last_error: Option<String>,
    /// Whether its words are still there to be sent.
    pub is_whole: bool,
}

/// How long to wait after so many failed attempts: from a minute up to an hour, doubled each time, and up to a quarter
/// more by `jitter`, so that letters which failed together are not tried together.
#[must_use]
pub fn pause_after(attempts: u32, jitter: u16) -> Duration {
    let pause = doubled(FIRST_PAUSE, attempts.saturating_sub(1), LONGEST_PAUSE);
    (pause + pause * u32::from(jitter) / (4 * u32::from(u16::MAX))).min(LONGEST_PAUSE)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_double_from_a_minute_to_an_hour() {
        let minutes = |attempts| pause_after(attempts, 0).as_secs() / 60;
        let pauses: Vec<u64> = (1..=9).map(minutes).collect();
        assert_eq!(pauses, [1, 2, 4, 8, 16, 32, 60, 60, 60]);
        assert_eq!(minutes(0), 1);
        assert_eq!(minutes(u32::MAX), 60);
    }

    #[test]
    fn jitter_adds_up_to_a_quarter_and_never_more_than_an_hour_in_all() {
        assert_eq!(pause_after(1, u16::MAX), Duration::from_secs(75));
        assert_eq!(pause_after(2, u16::MAX / 2).as_secs(), 134);
        assert_eq!(pause_after(20, u16::MAX), LONGEST_PAUSE);
    }
}
