//! What happened to an account, told to its owner page by page.

use crate::app::{App, Failure};
use crate::domain::account::Account;
use crate::domain::activity::{self, Entry, Place};
use crate::store::audit;

/// Lines on a page.
const LINES: usize = 50;

/// Events read for one page: a long night of failed attempts is many events and one line.
const MOST_EVENTS: u32 = 1000;

/// One page of activity.
#[derive(Clone, Debug)]
pub struct Activity {
    /// The lines, newest first.
    pub entries: Vec<Entry>,
    /// Where the next, older page starts.
    pub older: Option<Place>,
}

impl App {
    /// The activity of an account before a place, or the newest.
    ///
    /// # Errors
    /// Only a fault.
    pub async fn activity_of(&self, account: &Account, before: Option<Place>) -> Result<Activity, Failure> {
        let id = account.id;
        let events = self
            .store
            .scan(move |tx| audit::page(tx, id, before, MOST_EVENTS))
            .await?;
        let read = events.len();
        let last = events.last().map(|(place, _)| *place);
        let (entries, end) = activity::page(events, id, LINES);
        let cut = last.filter(|_| read == MOST_EVENTS as usize);
        Ok(Activity {
            entries,
            older: end.or(cut),
        })
    }
}
