//! What an admin does about bans: look, explain, add, lift.

use std::time::Duration;

use crate::app::audit::Actor;
use crate::app::moderation::end_sessions;
use crate::app::{App, Failure};
use crate::domain::account::Account;
use crate::domain::audit::{Event, EventKind};
use crate::domain::moderation::arithmetic::Addition;
use crate::domain::moderation::ban::{Ban, MANUAL, Sanctuary, Unbannable};
use crate::domain::moderation::points::Points;
use crate::domain::moderation::policy::Score;
use crate::domain::moderation::refused::{self, Refused, read_reference};
use crate::domain::moderation::subject::Subject;
use crate::domain::moderation::timeline::Timeline;
use crate::domain::moderation::violation::{Recorded, Violation};
use crate::store::{StoreError, Tx, audit, bans, refusals, scores, spared};

pub use crate::store::scores::Filter;

/// More violations than this are not read to explain a ban.
const MOST_EVENTS: u32 = 10_000;

/// A ban with everything that led to it.
#[derive(Clone, Debug)]
pub struct Explained {
    /// The ban.
    pub ban: Ban,
    /// The account, if it is a user's.
    pub account: Option<Account>,
    /// The violations that added up to its score.
    pub sum: Addition,
    /// The bans that came with it: a user's ban takes the address along.
    pub together: Vec<Ban>,
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

/// The end of bans and of the scores behind them, and the lines about it.
pub(super) struct Pardon {
    event: Event,
}

impl Pardon {
    /// Lifts a ban and forgets every score of its subject.
    pub(super) fn lift(&self, tx: &mut Tx<'_>, ban: &Ban) -> Result<(), StoreError> {
        bans::lift(tx, ban.id, self.event.at)?;
        scores::clear_scores(tx, ban.subject)?;
        let line = Event {
            reference: ban.reference.clone(),
            ..self.line(EventKind::BanLifted, ban.subject, &ban.reference)
        };
        audit::append(tx, &line)
    }

    /// A line about a subject. What is about a network has the network where others have the address they came from.
    pub(super) fn line(&self, kind: EventKind, about: Subject, detail: &str) -> Event {
        let (subject, network) = about.of_event();
        let event = self.event.clone();
        Event {
            kind,
            address: if subject.is_none() { network } else { event.address },
            subject,
            detail: detail.to_owned(),
            ..event
        }
    }
}

fn unbannable(subject: Subject, sanctuary: Sanctuary<'_>, by: &Actor) -> Option<Unbannable> {
    match (subject, by) {
        (Subject::Network(network), _) if sanctuary.spares_network(network).is_some() => {
            sanctuary.spares_network(network).map(Unbannable::Spared)
        }
        (Subject::User(id), Actor::Admin { id: own, .. }) => (id == *own).then_some(Unbannable::OwnAccount),
        (Subject::Network(network), Actor::Admin { origin, .. }) => {
            let is_there = origin.address.parse().is_ok_and(|own| network.contains(own));
            is_there.then_some(Unbannable::OwnAddress)
        }
        (Subject::User(_) | Subject::Network(_), Actor::Console) => None,
    }
}

impl App {
    /// Bans by hand. A sanctuary stays one, and nobody bans themselves.
    ///
    /// # Errors
    /// Only a fault; `Ok(Err(…))` says why the subject may not be banned.
    pub async fn add_ban(
        &self,
        subject: Subject,
        duration: Option<Duration>,
        note: &str,
        by: &Actor,
    ) -> Result<Result<Ban, Unbannable>, Failure> {
        let listed = self.store.read(spared::networks).await?;
        let sanctuary = Sanctuary {
            listed: &listed,
            ..self.sanctuary()
        };
        if let Some(reason) = unbannable(subject, sanctuary, by) {
            return Ok(Err(reason));
        }
        let now = self.now();
        let ban = Ban {
            id: 0,
            reference: refused::reference(self.random()),
            subject,
            cause: MANUAL.to_owned(),
            points: Points::ZERO,
            interval: Points::ZERO,
            by: by.key(),
            note: note.to_owned(),
            started_at: now,
            ends_at: duration.map(|span| now.after(span)),
            lifted_at: None,
            shadow: false,
        };
        let stored = ban.clone();
        let revision = self
            .store
            .write(move |tx| {
                bans::insert(tx, &stored)?;
                end_sessions(tx, &stored, now)?;
                bans::revision(tx)
            })
            .await?;
        self.bans.add(std::slice::from_ref(&ban), revision);
        self.meters.banned(std::slice::from_ref(&ban));
        Ok(Ok(ban))
    }

    /// Lifts every ban in force that `which` picks, and forgets the scores that led to them; returns them.
    ///
    /// # Errors
    /// Only a fault.
    pub async fn lift_bans<F>(&self, which: F, by: &Actor) -> Result<Vec<Ban>, Failure>
    where
        F: Fn(&Ban) -> bool + Send + 'static,
    {
        let (now, pardon) = (self.now(), self.pardon(by));
        let lifted = self
            .store
            .write(move |tx| {
                let picked: Vec<Ban> = bans::in_force(tx, now)?.into_iter().filter(|ban| which(ban)).collect();
                picked.iter().try_for_each(|ban| pardon.lift(tx, ban))?;
                Ok(picked)
            })
            .await?;
        self.reload_bans().await?;
        Ok(lifted)
    }

    /// What is written when somebody is forgiven.
    pub(super) fn pardon(&self, by: &Actor) -> Pardon {
        Pardon {
            event: self.event_of(EventKind::BanLifted, None, by, ""),
        }
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
        let Some(reference) = read_reference(reference) else {
            return Ok(None);
        };
        let Some(ban) = self.store.read(|tx| bans::by_reference(tx, &reference)).await? else {
            return Ok(None);
        };
        let together = self.banned_together(&ban).await?;
        // An address that was taken along has the user's score.
        let counted = together.iter().find(|other| matches!(other.subject, Subject::User(_)));
        let subject = counted.map_or(ban.subject, |user| user.subject);
        let (moment, total) = (ban.started_at, ban.points);
        let events = match Violation::from_key(&ban.cause) {
            Some(kind) => {
                self.store
                    .scan(move |tx| scores::leading_to(tx, subject, kind, moment, MOST_EVENTS))
                    .await?
            }
            None => Vec::new(),
        };
        let account = match ban.subject {
            Subject::User(id) => self.find_user(&id.to_string()).await?,
            Subject::Network(_) => None,
        };
        Ok(Some(Explained {
            sum: Addition::backwards(events, total),
            ban,
            account,
            together,
        }))
    }

    /// How the score of an explained ban grew, and when it fades under the present policy.
    #[must_use]
    pub fn timeline(&self, explained: &Explained) -> Option<Timeline> {
        let lifetime = self.config.moderation.policy.score_lifetime;
        Timeline::of(&explained.ban, &explained.sum, lifetime)
    }

    /// The bans that were issued for the same violation: their rows are neighbours.
    ///
    /// # Errors
    /// Only a fault.
    pub async fn banned_together(&self, ban: &Ban) -> Result<Vec<Ban>, Failure> {
        if ban.is_by_hand() {
            return Ok(Vec::new());
        }
        let before = ban.id.saturating_add(2);
        let mut near = self.store.scan(move |tx| bans::history(tx, before, 3)).await?;
        near.retain(|other| {
            other.id != ban.id
                && other.cause == ban.cause
                && other.points == ban.points
                && other.started_at == ban.started_at
                && matches!(other.subject, Subject::User(_)) != matches!(ban.subject, Subject::User(_))
        });
        Ok(near)
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
        let policy = &self.live().moderation.policy;
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
        let Some(reference) = read_reference(reference) else {
            return Ok(None);
        };
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
