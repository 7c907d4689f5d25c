//! Forgiving: bans are lifted and the scores behind them forgotten, so that the next violation is the first one again.

use crate::app::audit::CONSOLE;
use crate::app::{App, Failure};
use crate::domain::audit::{Event, EventKind};
use crate::domain::moderation::ban::Ban;
use crate::domain::moderation::subject::Subject;
use crate::store::{audit, scores};

/// Whose bans.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Whose {
    /// Everybody's.
    All,
    /// The one ban of that reference number.
    Reference(String),
    /// A user's; or for a network, every ban of which it has a part.
    Of(Subject),
}

impl Whose {
    pub(super) fn is(&self, ban: &Ban) -> bool {
        match (self, ban.subject) {
            (Self::All, _) => true,
            (Self::Reference(reference), _) => ban.reference == *reference,
            (Self::Of(Subject::User(wanted)), Subject::User(id)) => *wanted == id,
            (Self::Of(Subject::Network(wanted)), Subject::Network(network)) => wanted.overlaps(network),
            (Self::Of(_), _) => false,
        }
    }
}

impl App {
    /// Lifts bans and forgets scores; returns the bans.
    ///
    /// # Errors
    /// Only a fault.
    pub async fn unban(&self, whose: Whose) -> Result<Vec<Ban>, Failure> {
        if let Whose::Of(subject) = whose {
            self.forget_scores(subject).await?;
        }
        self.lift_bans(move |ban| whose.is(ban)).await
    }

    /// Sets every score of a subject to nothing.
    async fn forget_scores(&self, subject: Subject) -> Result<(), Failure> {
        let now = self.now();
        let (user, address) = match subject {
            Subject::User(id) => (Some(id), String::new()),
            Subject::Network(network) => (None, network.to_string()),
        };
        self.store
            .write(move |tx| {
                if scores::clear_scores(tx, subject)? == 0 {
                    return Ok(());
                }
                let event = Event {
                    at: now,
                    kind: EventKind::ScoresForgotten,
                    subject: user,
                    actor: CONSOLE.to_owned(),
                    address: address.clone(),
                    user_agent: String::new(),
                    detail: String::new(),
                };
                audit::append(tx, &event)
            })
            .await?;
        Ok(())
    }
}
