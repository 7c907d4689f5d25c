//! Reference numbers: every refused request gets one, and what is known of it is kept for a while. Collected in memory and
//! written together, so that a refusal costs its sender's neighbours nothing.

use std::sync::{Mutex, PoisonError};

use crate::app::{App, Fault};
use crate::domain::moderation::refused::{self, Refused};
use crate::store::refusals;

/// How many refusals are kept.
const KEPT: u32 = 20_000;

/// More than this many between two writes are not noted.
const MOST_WAITING: usize = 2_000;

#[derive(Default)]
pub(super) struct Waiting(Mutex<Vec<Refused>>);

impl App {
    /// A new number for a refusal.
    #[must_use]
    pub fn new_reference(&self) -> String {
        refused::reference(self.random())
    }

    /// Remembers a refusal.
    pub fn note_refusal(&self, refusal: Refused) {
        let mut waiting = self.refusals.0.lock().unwrap_or_else(PoisonError::into_inner);
        if waiting.len() < MOST_WAITING {
            waiting.push(refusal);
        }
    }

    /// Writes what was collected.
    ///
    /// # Errors
    /// A [`Fault`] if the database refuses; the numbers then lead nowhere.
    pub async fn flush_refusals(&self) -> Result<(), Fault> {
        let waiting = std::mem::take(&mut *self.refusals.0.lock().unwrap_or_else(PoisonError::into_inner));
        if waiting.is_empty() {
            return Ok(());
        }
        self.store
            .write(move |tx| {
                refusals::append(tx, &waiting)?;
                refusals::keep_newest(tx, KEPT).map(drop)
            })
            .await?;
        Ok(())
    }
}
