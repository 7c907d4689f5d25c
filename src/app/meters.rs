//! What is counted of use cases, and everything that is measured as one text.

use std::path::Path;

use crate::app::admit::Entry;
use crate::app::federated_login::{Arrived, Setback};
use crate::app::forward_auth::Passage;
use crate::app::{App, Failure};
use crate::domain::federation::provider::ProviderId;
use crate::domain::moderation::ban::Ban;
use crate::domain::moderation::subject::Subject;
use crate::domain::outbox::Backlog;
use crate::domain::time::Timestamp;
use crate::observe::exposition::{Exposition, Format};
use crate::observe::meter::{Gauge, Histogram, Striped, Tally};
use crate::observe::names;
use crate::observe::process::Process;
use crate::store::{Tx, accounts, outbox, sessions};

/// What came of something that went well.
const SIGNED_IN: &str = "signed_in";

/// What is counted outside the adapters, which count for themselves.
#[derive(Debug)]
pub struct Meters {
    /// Answered requests by route, method and class of the status.
    pub requests: Tally<3>,
    /// How long they took, by route and method.
    pub durations: Tally<2, Histogram>,
    /// Requests that are being answered.
    pub in_flight: Striped<Gauge>,
    /// Refused requests by cause.
    pub refusals: Tally<1>,
    pub(super) logins: Tally<2>,
    pub(super) registrations: Tally<1>,
    pub(super) refreshes: Tally<1>,
    pub(super) decisions: Tally<1>,
    pub(super) violations: Tally<1>,
    pub(super) bans: Tally<1>,
    pub(super) deliveries: Tally<1>,
}

impl Default for Meters {
    fn default() -> Self {
        Self {
            requests: Tally::new(2048),
            durations: Tally::new(1024),
            in_flight: Striped::default(),
            refusals: Tally::new(256),
            logins: Tally::new(1024),
            registrations: Tally::new(64),
            refreshes: Tally::new(64),
            decisions: Tally::new(64),
            violations: Tally::new(64),
            bans: Tally::new(2),
            deliveries: Tally::new(4),
        }
    }
}

impl Meters {
    /// Counts a step of a login.
    pub(super) fn login(&self, method: &str, outcome: &Result<Entry, Failure>) {
        let word = outcome.as_ref().map_or_else(failure, entry);
        self.logins.of([method, word]).increase();
    }

    /// Counts a login that ends with a session or not at all.
    pub(super) fn last_step<T>(&self, method: &str, outcome: &Result<T, Failure>) {
        let word = outcome.as_ref().map_or_else(failure, |_| SIGNED_IN);
        self.logins.of([method, word]).increase();
    }

    /// Counts a way back from a provider.
    pub(super) fn arrival(&self, provider: &ProviderId, outcome: &Result<Arrived, Setback>) {
        let word = match outcome {
            Ok(Arrived::Entered { entry: step, .. }) => entry(step),
            // Somebody who was signed in already.
            Ok(_) => return,
            Err(Setback::Denied(denied)) => denied.denial.key(),
            Err(Setback::Failed(failed)) => failure(failed),
        };
        self.logins.of([provider.as_str(), word]).increase();
    }

    /// Counts a renewal of a session.
    pub(super) fn refresh(&self, outcome: &Result<Entry, Failure>) {
        let word = match outcome {
            Ok(Entry::SignedIn(_)) => "renewed",
            Ok(step) => entry(step),
            Err(failed) => failure(failed),
        };
        self.refreshes.of([word]).increase();
    }

    /// Counts a registration.
    pub(super) fn registration(&self, outcome: &Result<(), Failure>) {
        let word = outcome.as_ref().map_or_else(failure, |()| "accepted");
        self.registrations.of([word]).increase();
    }

    /// Counts an answer to a proxy.
    pub(super) fn decision(&self, outcome: &Result<Passage, Failure>) {
        let word = match outcome {
            Ok(Passage::Open) => "open",
            Ok(Passage::As(_)) => "allowed",
            Ok(Passage::LogIn) => "login",
            Ok(Passage::SecondFactor(_)) => "second_factor",
            Ok(Passage::Denied(_)) => "denied",
            Err(failed) => failure(failed),
        };
        self.decisions.of([word]).increase();
    }

    /// Counts bans that count.
    pub(super) fn banned(&self, bans: &[Ban]) {
        for ban in bans.iter().filter(|ban| !ban.shadow) {
            let word = match ban.subject {
                Subject::User(_) => "user",
                Subject::Network(_) => "network",
            };
            self.bans.of([word]).increase();
        }
    }
}

fn entry(entry: &Entry) -> &'static str {
    match entry {
        Entry::SignedIn(_) => SIGNED_IN,
        Entry::SecondFactor(_) => "second_factor_due",
        Entry::Enrolment(_) => "enrolment_due",
    }
}

fn failure(failure: &Failure) -> &'static str {
    match failure {
        Failure::Refused(refusal) => refusal.key(),
        Failure::Fault(_) => "fault",
    }
}

/// What the database knows.
struct Stored {
    sessions: i64,
    accounts: i64,
    backlog: Backlog,
}

impl App {
    /// What is counted outside the adapters.
    #[must_use]
    pub fn meters(&self) -> &Meters {
        &self.meters
    }

    /// Everything that is measured, as text.
    ///
    /// # Errors
    /// Only a fault.
    pub async fn measurements(&self, format: Format) -> Result<String, Failure> {
        let now = self.now();
        let counted = move |tx: &mut Tx<'_>| {
            Ok(Stored {
                sessions: sessions::count_live(tx, now)?,
                accounts: accounts::count(tx)?,
                backlog: outbox::backlog(tx)?,
            })
        };
        let stored = self.store.scan(counted).await?;
        let mut told = Exposition::new(format);
        told.numbers(&names::BUILD, [(&[env!("CARGO_PKG_VERSION")][..], 1_u8)]);
        self.tell_requests(&mut told);
        self.tell_people(&mut told, &stored, now);
        self.tell_queues(&mut told);
        self.tell_mail(&mut told, stored.backlog, now);
        told.tally(&names::PROVIDER_CALLS, self.providers.calls());
        told.number(&names::LAST_BACKUP, self.last_backup());
        if let Some(traces) = &self.traces {
            told.tally(&names::SPANS, &traces.spans);
        }
        self.tell_process(&mut told);
        Ok(told.finish())
    }

    fn tell_requests(&self, told: &mut Exposition) {
        told.tally(&names::REQUESTS, &self.meters.requests);
        told.spreads(&names::REQUEST_SECONDS, &self.meters.durations);
        told.number(&names::IN_FLIGHT, self.meters.in_flight.value());
        told.tally(&names::LOGINS, &self.meters.logins);
        told.tally(&names::REGISTRATIONS, &self.meters.registrations);
        told.tally(&names::REFRESHES, &self.meters.refreshes);
        told.tally(&names::FORWARD_AUTH, &self.meters.decisions);
        told.tally(&names::REFUSALS, &self.meters.refusals);
        told.tally(&names::VIOLATIONS, &self.meters.violations);
        told.tally(&names::BANS_ISSUED, &self.meters.bans);
    }

    fn tell_people(&self, told: &mut Exposition, stored: &Stored, now: Timestamp) {
        let [users, networks] = self.bans.counts(now);
        let bans = [(&["network"][..], count(networks)), (&["user"][..], count(users))];
        told.numbers(&names::BANS, bans);
        told.number(&names::SESSIONS, stored.sessions);
        told.number(&names::ACCOUNTS, stored.accounts);
        told.number(&names::LIMITED, count(self.limiter.len()));
    }

    fn tell_queues(&self, told: &mut Exposition) {
        let hasher = self.hasher.meters();
        told.number(&names::PASSWORD_QUEUE, count(self.hasher.waiting()));
        told.spread(&names::PASSWORD_WAIT, &hasher.wait);
        told.spread(&names::PASSWORD_WORK, &hasher.work);
        told.number(&names::PASSWORD_REFUSED, hasher.refused.value());
        let store = self.store.meters();
        told.number(&names::STORE_QUEUE, store.queue.value().max(0));
        told.spread(&names::STORE_BATCH, &store.batch);
        told.spread(&names::STORE_COMMIT, &store.commit);
        told.number(&names::STORE_FAILED, store.failed.value());
        told.number(&names::STORE_REFUSED, store.refused.value());
        let database = self.store.path();
        let log = database.with_file_name(wal(database));
        told.numbers(
            &names::STORE_BYTES,
            [(&["database"][..], size(database)), (&["wal"][..], size(&log))],
        );
    }

    fn tell_mail(&self, told: &mut Exposition, backlog: Backlog, now: Timestamp) {
        let letters = [(&["failed"][..], backlog.failed), (&["waiting"][..], backlog.waiting)];
        told.numbers(&names::LETTERS, letters);
        let oldest = backlog.oldest.map_or(0, |written| now.since(written).as_secs());
        told.number(&names::OLDEST_LETTER, oldest);
        told.tally(&names::DELIVERIES, &self.meters.deliveries);
    }

    fn tell_process(&self, told: &mut Exposition) {
        told.number(&names::START, self.started.seconds());
        let Some(process) = Process::now() else { return };
        told.real(&names::CPU, process.cpu_seconds);
        told.number(&names::RESIDENT, process.resident_bytes);
        told.number(&names::VIRTUAL, process.virtual_bytes);
        told.number(&names::OPEN_FDS, process.open_fds);
        told.number(&names::MOST_FDS, process.most_fds);
        told.number(&names::THREADS, process.threads);
    }

    /// When the newest backup was made, in seconds; 0 if there is none.
    fn last_backup(&self) -> i64 {
        let newest = self.newest_backup().ok().flatten();
        newest.map_or(0, |newest| newest.made_at.seconds())
    }
}

/// The name of the write-ahead log beside a database.
fn wal(database: &Path) -> String {
    let name = database.file_name().unwrap_or_default().to_string_lossy();
    format!("{name}-wal")
}

fn size(file: &Path) -> u64 {
    file.metadata().map_or(0, |metadata| metadata.len())
}

fn count(number: usize) -> u64 {
    u64::try_from(number).unwrap_or(u64::MAX)
}
