//! Forgiving: bans are lifted and the scores behind them forgotten, so that the next violation is the first one again.

use crate::app::audit::Actor;
use crate::app::{App, Failure};
use crate::domain::audit::EventKind;
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
    pub async fn unban(&self, whose: Whose, by: &Actor) -> Result<Vec<Ban>, Failure> {
        if let Whose::Of(subject) = whose {
            self.forget_scores(subject, by).await?;
        }
        self.lift_bans(move |ban| whose.is(ban), by).await
    }

    /// Lifts a ban and those that were issued for the same violation, such as that of the address a user was banned with.
    ///
    /// # Errors
    /// Only a fault.
    pub async fn unban_together(&self, ban: &Ban, by: &Actor) -> Result<Vec<Ban>, Failure> {
        let together = self.banned_together(ban).await?;
        let mut references: Vec<String> = together.into_iter().map(|other| other.reference).collect();
        references.push(ban.reference.clone());
        self.lift_bans(move |ban| references.contains(&ban.reference), by).await
    }

    /// Sets every score of a subject to nothing.
    ///
    /// # Errors
    /// Only a fault.
    pub async fn forget_scores(&self, subject: Subject, by: &Actor) -> Result<(), Failure> {
        let event = self.pardon(by).line(EventKind::ScoresForgotten, subject, "");
        self.store
            .write(move |tx| {
                if scores::clear_scores(tx, subject)? == 0 {
                    return Ok(());
                }
                audit::append(tx, &event)
            })
            .await?;
        Ok(())
    }
}
