//! What an admin does about bans: look, explain, add, lift.

use std::time::Duration;

use crate::app::audit::CONSOLE;
use crate::app::moderation::end_sessions;
use crate::app::{App, Failure};
use crate::domain::account::Account;
use crate::domain::audit::{Event, EventKind};
use crate::domain::moderation::ban::{Ban, Spared};
use crate::domain::moderation::points::Points;
use crate::domain::moderation::policy::Score;
use crate::domain::moderation::refused::{self, Refused};
use crate::domain::moderation::subject::Subject;
use crate::domain::moderation::violation::{Recorded, Violation};
use crate::store::scores::Filter;
use crate::store::{audit, bans, refusals, scores};

/// A ban with everything that led to it.
#[derive(Clone, Debug)]
pub struct Explained {
    /// The ban.
    pub ban: Ban,
    /// The account, if it is a user's.
    pub account: Option<Account>,
    /// The violations of its kind before it, oldest first: those that added up.
    pub events: Vec<Recorded>,
}

/// Where a subject stands.
#[derive(Clone, Debug)]
pub struct Standing {
    /// Scores by kind: points as stored, and what they are worth now.
    pub scores: Vec<(Violation, Score, Points)>,
    /// Every ban, newest first.
    pub bans: Vec<Ban>,
}

/// Why somebody was refused, and how things stand now.
#[derive(Clone, Debug)]
pub struct Why {
    /// What was noted then.
    pub refused: Refused,
    /// The ban of that reference, if the reference is a ban's.
    pub address: Option<Standing>,
    /// The user's standing, if one was known.
    pub user: Option<Standing>,
}

impl App {
    /// Bans by hand. A sanctuary stays one.
    ///
    /// # Errors
    /// Only a fault; `Ok(Err(…))` says why the subject may not be banned.
    pub async fn add_ban(
        &self,
        subject: Subject,
        duration: Option<Duration>,
        note: &str,
    ) -> Result<Result<Ban, Spared>, Failure> {
        if let Subject::Network(network) = subject
            && let Some(spared) = self.sanctuary().spares_network(network)
        {
            return Ok(Err(spared));
        }
        let now = self.now();
        let ban = Ban {
            id: 0,
            reference: refused::reference(self.random()),
            subject,
            cause: "manual".to_owned(),
            points: Points::ZERO,
            interval: Points::ZERO,
            by: CONSOLE.to_owned(),
            note: note.to_owned(),
            started_at: now,
            ends_at: duration.map(|span| now.after(span)),
            lifted_at: None,
            shadow: false,
        };
        let stored = ban.clone();
        self.store
            .write(move |tx| {
                bans::insert(tx, &stored)?;
                end_sessions(tx, &stored, now)
            })
            .await?;
        self.bans.add(std::slice::from_ref(&ban));
        Ok(Ok(ban))
    }

    /// Lifts every ban in force that `which` picks, and forgets the scores that led to them; returns them.
    ///
    /// # Errors
    /// Only a fault.
    pub async fn lift_bans<F>(&self, which: F) -> Result<Vec<Ban>, Failure>
    where
        F: Fn(&Ban) -> bool + Send + 'static,
    {
        let now = self.now();
        let lifted = self
            .store
            .write(move |tx| {
                let picked: Vec<Ban> = bans::in_force(tx, now)?.into_iter().filter(|ban| which(ban)).collect();
                for ban in &picked {
                    bans::lift(tx, ban.id, now)?;
                    scores::clear_scores(tx, ban.subject)?;
                    let (subject, address) = match ban.subject {
                        Subject::User(id) => (Some(id), String::new()),
                        Subject::Network(network) => (None, network.to_string()),
                    };
                    let (actor, detail) = (CONSOLE.to_owned(), ban.reference.clone());
                    let event = Event {
                        at: now,
                        kind: EventKind::BanLifted,
                        subject,
                        actor,
                        address,
                        detail,
                    };
                    audit::append(tx, &event)?;
                }
                Ok(picked)
            })
            .await?;
        self.reload_bans().await?;
        Ok(lifted)
    }

    /// Bans that are in force.
    ///
    /// # Errors
    /// Only a fault.
    pub async fn bans_in_force(&self) -> Result<Vec<Ban>, Failure> {
        let now = self.now();
        Ok(self.store.scan(move |tx| bans::in_force(tx, now)).await?)
    }

    /// Bans of every kind, newest first, by pages: those with a smaller row number than `before`.
    ///
    /// # Errors
    /// Only a fault.
    pub async fn ban_history(&self, before: i64, limit: u32) -> Result<Vec<Ban>, Failure> {
        Ok(self.store.scan(move |tx| bans::history(tx, before, limit)).await?)
    }

    /// Why a ban was made.
    ///
    /// # Errors
    /// Only a fault.
    pub async fn explain_ban(&self, reference: &str) -> Result<Option<Explained>, Failure> {
        let reference = reference.trim().to_ascii_uppercase();
        let Some(ban) = self.store.read(|tx| bans::by_reference(tx, &reference)).await? else {
            return Ok(None);
        };
        let filter = Filter {
            subject: Some(ban.subject),
            since: None,
            after: 0,
            limit: 10_000,
        };
        let all = self.store.scan(move |tx| scores::violations(tx, filter)).await?;
        let mut events: Vec<Recorded> = all
            .into_iter()
            .filter(|event| event.kind.key() == ban.cause && event.at <= ban.started_at)
            .collect();
        // Only what still counted: going back, until a quiet time longer than a score lasts.
        if let Some(life) = self.config.moderation.policy.score_lifetime {
            let gap = events.windows(2).rposition(|pair| pair[1].at.since(pair[0].at) >= life);
            events.drain(..gap.map_or(0, |last| last + 1));
        }
        let account = match ban.subject {
            Subject::User(id) => self.find_user(&id.to_string()).await?,
            Subject::Network(_) => None,
        };
        Ok(Some(Explained { ban, account, events }))
    }

    /// Where a user or an address stands.
    ///
    /// # Errors
    /// Only a fault.
    pub async fn standing(&self, subject: Subject) -> Result<Standing, Failure> {
        let now = self.now();
        let (stored, bans) = self
            .store
            .read(|tx| Ok((scores::scores_of(tx, subject)?, bans::of_subject(tx, subject)?)))
            .await?;
        let policy = &self.config.moderation.policy;
        let scores = stored
            .into_iter()
            .map(|(kind, score)| (kind, score, policy.current(Some(score), now)))
            .collect();
        Ok(Standing { scores, bans })
    }

    /// Recorded violations, oldest first, by pages.
    ///
    /// # Errors
    /// Only a fault.
    pub async fn violations(&self, filter: Filter) -> Result<Vec<Recorded>, Failure> {
        Ok(self.store.scan(move |tx| scores::violations(tx, filter)).await?)
    }

    /// Why the request of that reference was refused.
    ///
    /// # Errors
    /// Only a fault.
    pub async fn why(&self, reference: &str) -> Result<Option<Why>, Failure> {
        let reference = reference.trim().to_ascii_uppercase();
        let Some(refused) = self.store.read(|tx| refusals::by_reference(tx, &reference)).await? else {
            return Ok(None);
        };
        let address = match refused.address.parse() {
            Ok(address) => Some(self.standing(Subject::client(address)).await?),
            Err(_) => None,
        };
        let user = match refused.user {
            Some(id) => Some(self.standing(Subject::User(id)).await?),
            None => None,
        };
        Ok(Some(Why { refused, address, user }))
    }
}
