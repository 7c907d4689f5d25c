//! When sessions were last used, collected in memory and written together, so that a request that only reads stays one.

use std::sync::Mutex;
use std::time::Duration;

use hashbrown::HashMap;

use crate::app::{App, Fault};
use crate::domain::ids::SessionId;
use crate::domain::session::Session;
use crate::domain::time::Timestamp;
use crate::store::sessions;

/// A use is noted only if the stored one is older than this.
const RESOLUTION: Duration = Duration::from_mins(1);

/// More than this many waiting sessions are not collected; they are noted at a later request. Each is a row to be written every
/// twenty seconds: with more than 90,000 people at the same time it is noted within some minutes, not one, when they were here.
const MOST: usize = 30_000;

#[derive(Default)]
pub(super) struct Touches(Mutex<HashMap<SessionId, Timestamp>>);

impl Touches {
    fn note(&self, id: SessionId, now: Timestamp) {
        let mut waiting = self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        if waiting.len() < MOST || waiting.contains_key(&id) {
            waiting.insert(id, now);
        }
    }

    fn drain(&self) -> Vec<(SessionId, Timestamp)> {
        let mut waiting = self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        std::mem::take(&mut *waiting).into_iter().collect()
    }
}

impl App {
    pub(super) fn note_use(&self, session: &Session, now: Timestamp) {
        if now.since(session.last_used_at) >= RESOLUTION {
            self.touches.note(session.id, now);
            self.here.note(session.id, now);
        }
    }

    /// Writes the collected last uses of sessions.
    ///
    /// # Errors
    /// A [`Fault`] if the database refuses; the uses are then lost, which shortens an idle limit by a minute at most.
    pub async fn flush_touches(&self) -> Result<(), Fault> {
        let mut uses = self.touches.drain();
        // In the order of the table: neighbours share pages.
        uses.sort_unstable();
        for slice in uses.chunks(1000) {
            let slice = slice.to_vec();
            self.store.write(move |tx| sessions::touch(tx, &slice)).await?;
        }
        Ok(())
    }
}
