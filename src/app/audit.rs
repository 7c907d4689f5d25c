//! Making lines for the audit log. They are appended inside the transaction they speak of.

use crate::app::{App, Failure};
use crate::domain::audit::{Event, EventKind};
use crate::domain::ids::UserId;
use crate::domain::session::Origin;
use crate::store::audit;

/// The actor of everything done from the command line.
pub const CONSOLE: &str = "console";

/// Who does something to other people's accounts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Actor {
    /// Somebody at the console.
    Console,
    /// An admin, on a page or with the API.
    Admin {
        /// Who.
        id: UserId,
        /// From where.
        origin: Origin,
    },
}

impl Actor {
    /// As the audit log writes it.
    #[must_use]
    pub fn key(&self) -> String {
        match self {
            Self::Console => CONSOLE.to_owned(),
            Self::Admin { id, .. } => id.to_string(),
        }
    }

    /// From where: nowhere for the console.
    #[must_use]
    pub fn origin(&self) -> Origin {
        match self {
            Self::Console => Origin::default(),
            Self::Admin { origin, .. } => origin.clone(),
        }
    }
}

/// From where something was done: an [`Origin`], or an address alone where the device tells nothing.
pub(super) struct Whence<'a> {
    address: &'a str,
    user_agent: &'a str,
}

impl<'a> From<&'a Origin> for Whence<'a> {
    fn from(origin: &'a Origin) -> Self {
        Self {
            address: &origin.address,
            user_agent: &origin.user_agent,
        }
    }
}

impl<'a> From<&'a str> for Whence<'a> {
    fn from(address: &'a str) -> Self {
        Self {
            address,
            user_agent: "",
        }
    }
}

impl<'a> From<&'a String> for Whence<'a> {
    fn from(address: &'a String) -> Self {
        Self::from(address.as_str())
    }
}

impl App {
    /// An event about `subject`, by itself, from somewhere.
    pub(super) fn event<'a>(
        &self,
        kind: EventKind,
        subject: Option<UserId>,
        from: impl Into<Whence<'a>>,
        detail: &str,
    ) -> Event {
        let Whence { address, user_agent } = from.into();
        Event {
            at: self.now(),
            kind,
            subject,
            actor: String::new(),
            address: address.to_owned(),
            user_agent: user_agent.to_owned(),
            reference: String::new(),
            detail: detail.to_owned(),
        }
    }

    /// An event about `subject`, by somebody at the console.
    pub(super) fn console_event(&self, kind: EventKind, subject: UserId, detail: &str) -> Event {
        self.event_by(kind, Some(subject), CONSOLE, detail)
    }

    /// An event that an admin or the console caused, from where they did.
    pub(super) fn event_of(&self, kind: EventKind, subject: Option<UserId>, by: &Actor, detail: &str) -> Event {
        Event {
            actor: by.key(),
            ..self.event(kind, subject, &by.origin(), detail)
        }
    }

    /// An event that an admin or the console caused.
    pub(super) fn event_by(&self, kind: EventKind, subject: Option<UserId>, actor: &str, detail: &str) -> Event {
        Event {
            actor: actor.to_owned(),
            ..self.event(kind, subject, "", detail)
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
