//! How things are: numbers over time, who is here, how many of everything there are, and what is wrong. Nothing of it counts
//! a big table each time it is asked, nor asks other servers.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use crate::app::doctor::Report;
use crate::app::online::Online;
use crate::app::{App, Failure};
use crate::domain::doctor::Here;
use crate::domain::tally::{Curves, Span};
use crate::domain::time::Timestamp;
use crate::store::{accounts, sessions, tallies};

/// How long what was examined counts.
pub const EXAMINED_FOR: Duration = Duration::from_secs(30);

/// How long a look at every page of the database counts: it reads all of it.
pub(super) const DATABASE_EXAMINED_FOR: Duration = Duration::from_hours(1);

/// Counting may take this part of the time: what took a tenth of a second counts for five.
const PATIENCE: u32 = 50;

/// How many there are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Accounts.
    pub users: i64,
    /// Accounts that wait for an admin.
    pub waiting: i64,
    /// Sessions.
    pub sessions: i64,
    /// Users and networks that are banned.
    pub bans: usize,
}

/// What is remembered from one look to the next.
#[derive(Default)]
pub(super) struct Remembered {
    counts: Mutex<Option<(Counts, Timestamp)>>,
    health: Mutex<Health>,
    database: Mutex<Option<(Here, Timestamp)>>,
}

impl Remembered {
    /// What was found when every page of the database was last looked at, and when that was.
    pub(super) fn database(&self) -> Option<(Here, Timestamp)> {
        self.database.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub(super) fn note_database(&self, here: Here, at: Timestamp) {
        *self.database.lock().unwrap_or_else(PoisonError::into_inner) = Some((here, at));
    }
}

#[derive(Default)]
struct Health {
    report: Option<(Report, Timestamp)>,
    is_examined: bool,
}

/// How things are.
#[derive(Clone, Debug)]
pub struct Overview {
    /// When.
    pub now: Timestamp,
    /// What happened over time.
    pub curves: Curves,
    /// Who is here.
    pub online: Online,
    /// How many there are.
    pub counts: Counts,
    /// How long the server has run.
    pub uptime: Duration,
}

impl App {
    /// How things are, with numbers of this span.
    ///
    /// # Errors
    /// Only a fault.
    pub async fn overview(&self, span: Span) -> Result<Overview, Failure> {
        let now = self.now();
        let (first, step) = (span.first_hour(now), span.step());
        let hours = self.store.scan(move |tx| tallies::since(tx, first, step)).await?;
        Ok(Overview {
            now,
            curves: Curves::new(span, now, &hours),
            online: self.online().await?,
            counts: self.numbers().await?,
            uptime: self.uptime(),
        })
    }

    /// How long this process has had the database open.
    #[must_use]
    pub fn uptime(&self) -> Duration {
        self.clock.uptime().saturating_sub(self.uptime_at_start)
    }

    /// How many there are; counted again only if that takes little of the time.
    async fn numbers(&self) -> Result<Counts, Failure> {
        let (now, begun) = (self.now(), self.steady_now());
        let remembered = *self.overview.counts.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((counts, until)) = remembered
            && begun < until
        {
            return Ok(counts);
        }
        let (users, waiting, sessions) = self
            .store
            .scan(move |tx| {
                Ok((
                    accounts::count(tx)?,
                    accounts::count_waiting(tx)?,
                    sessions::count(tx, now)?,
                ))
            })
            .await?;
        let counts = Counts {
            users,
            waiting,
            sessions,
            bans: self.bans.counts(now).iter().sum(),
        };
        let counted = self.steady_now();
        let until = counted.after(counted.since(begun) * PATIENCE);
        *self.overview.counts.lock().unwrap_or_else(PoisonError::into_inner) = Some((counts, until));
        Ok(counts)
    }

    /// What was found wrong with the installation, and when; nothing was examined yet if there is none.
    #[must_use]
    pub fn health(&self) -> Option<(Report, Timestamp)> {
        let health = self.overview.health.lock().unwrap_or_else(PoisonError::into_inner);
        health.report.clone()
    }

    /// Examines the installation again if that was done long ago and nobody does it now. It may take seconds.
    pub async fn renew_health(&self) {
        if !self.begins_to_examine() {
            return;
        }
        let report = self.examine_cheaply().await;
        let mut health = self.overview.health.lock().unwrap_or_else(PoisonError::into_inner);
        *health = Health {
            report: Some((report, self.steady_now())),
            is_examined: false,
        };
    }

    /// Whether the installation has to be examined, by whoever asked.
    fn begins_to_examine(&self) -> bool {
        let now = self.steady_now();
        let mut health = self.overview.health.lock().unwrap_or_else(PoisonError::into_inner);
        let is_fresh = |(_, at): &(Report, Timestamp)| now.since(*at) < EXAMINED_FOR;
        if health.is_examined || health.report.as_ref().is_some_and(is_fresh) {
            return false;
        }
        health.is_examined = true;
        true
    }
}
