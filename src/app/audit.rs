//! Making lines for the audit log. They are appended inside the transaction they speak of.

use crate::app::{App, Failure};
use crate::domain::audit::{Event, EventKind};
use crate::domain::ids::UserId;
use crate::store::audit;

/// The actor of everything done from the command line.
pub const CONSOLE: &str = "console";

impl App {
    /// An event about `subject`, by itself, from `address`.
    pub(super) fn event(&self, kind: EventKind, subject: Option<UserId>, address: &str, detail: &str) -> Event {
        Event {
            at: self.now(),
            kind,
            subject,
            actor: String::new(),
            address: address.to_owned(),
            detail: detail.to_owned(),
        }
    }

    /// An event about `subject`, by somebody at the console.
    pub(super) fn console_event(&self, kind: EventKind, subject: UserId, detail: &str) -> Event {
        Event {
            actor: CONSOLE.to_owned(),
            ..self.event(kind, Some(subject), "", detail)
        }
    }

    /// The newest events about an account, newest first.
    ///
    /// # Errors
    /// Only a fault.
    pub async fn recent_events(&self, subject: UserId, limit: u32) -> Result<Vec<Event>, Failure> {
        Ok(self.store.read(|tx| audit::recent(tx, subject, limit)).await?)
    }
}
