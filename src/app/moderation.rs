//! Violations are reported here, scores add up, and a score that crosses the threshold becomes a ban: decided in
//! `domain::moderation`, stored in one transaction, and known to every request at once.

use std::net::IpAddr;

use crate::app::{App, Failure, event_log};
use crate::domain::audit::{Event, EventKind};
use crate::domain::ids::UserId;
use crate::domain::moderation::ban::{Ban, Sanctuary, Sentence, Spared};
use crate::domain::moderation::network::Network;
use crate::domain::moderation::points::Points;
use crate::domain::moderation::policy::{GOOD_FOR, Mode, Policy, Score};
use crate::domain::moderation::refused;
use crate::domain::moderation::subject::Subject;
use crate::domain::moderation::violation::{Recorded, Violation};
use crate::domain::refusal::Refusal;
use crate::domain::time::Timestamp;
use crate::store::{StoreError, Tx, accounts, audit, bans, scores, sessions, spared};

/// The maker of bans that scores led to.
pub const MODERATION: &str = "moderation";

/// A violation as it is reported.
#[derive(Clone, Debug)]
pub struct Report {
    /// What.
    pub kind: Violation,
    /// Who, if the request was authenticated or the reporter knows.
    pub user: Option<UserId>,
    /// From where.
    pub address: Option<IpAddr>,
    /// `server` or `api`.
    pub source: &'static str,
    /// A short remark, never a secret.
    pub detail: String,
}

/// What came of a report.
#[derive(Clone, Debug, Default)]
pub struct Reported {
    /// What it cost.
    pub points: Points,
    /// The bans it led to; in shadow mode those it would have led to.
    pub bans: Vec<Ban>,
    /// Why the address was not banned although its score says so.
    pub spared: Option<Spared>,
}

/// A score that crossed the threshold.
#[derive(Clone, Copy)]
struct Crossing {
    subject: Subject,
    after: Points,
}

impl App {
    /// Whether an address is banned now. No disk, no waiting: every request asks.
    #[must_use]
    pub fn ban_of_address(&self, address: IpAddr) -> Option<Sentence> {
        self.bans.address(address, self.now())
    }

    /// Lets a user pass who is not banned.
    ///
    /// # Errors
    /// [`Refusal::Banned`].
    pub(super) fn admit_user(&self, id: UserId, now: Timestamp) -> Result<(), Refusal> {
        let sentence = self.bans.user(id, now);
        sentence.map_or(Ok(()), |sentence| Err(Refusal::Banned(sentence)))
    }

    /// Whether a stored ban counts: what scores led to only if bans are enforced, what somebody decided always.
    fn counts(&self, ban: &Ban) -> bool {
        ban.is_by_hand() || self.live().moderation.policy.mode == Mode::Enforce
    }

    /// Records a violation, adds to the scores, and bans whoever's score crosses the threshold.
    ///
    /// # Errors
    /// [`Refusal::Busy`], or a fault.
    pub async fn report(&self, report: Report) -> Result<Reported, Failure> {
        let kind = report.kind;
        let desk = Desk {
            policy: self.live().moderation.policy.clone(),
            now: self.now(),
            references: [refused::reference(self.random()), refused::reference(self.random())],
            spared: report.address.and_then(|address| self.sanctuary().spares(address)),
        };
        let decided = move |tx: &mut Tx<'_>| Ok((desk.handle(tx, &report)?, bans::revision(tx)?));
        let (reported, revision) = self.store.write(decided).await?;
        self.meters.violations.of([kind.key()]).increase();
        self.meters.banned(&reported.bans);
        if !reported.bans.is_empty() {
            self.bans.add(&reported.bans, revision);
        }
        for ban in &reported.bans {
            event_log::banned(ban);
        }
        Ok(reported)
    }

    /// What may never be banned, as far as the configuration says; the list of spared networks is read where it matters.
    pub(super) fn sanctuary(&self) -> Sanctuary<'_> {
        Sanctuary {
            trusted_proxies: &self.trusted,
            exempt: &self.config.moderation.policy.exempt,
            listed: &[],
        }
    }

    /// Reads the bans that another process made or lifted, if there are any.
    ///
    /// # Errors
    /// Only a fault.
    pub async fn reload_bans(&self) -> Result<(), Failure> {
        let (now, known) = (self.now(), self.bans.revision());
        let fresh = self
            .store
            .scan(move |tx| {
                let revision = bans::revision(tx)?;
                if revision == known {
                    Ok(None)
                } else {
                    Ok(Some((bans::in_force(tx, now)?, revision)))
                }
            })
            .await?;
        if let Some((bans, revision)) = fresh {
            self.load_bans(bans, revision);
        }
        Ok(())
    }

    /// Reads all bans again, whether or not anything was changed about them.
    pub(super) async fn read_bans(&self) -> Result<(), Failure> {
        let now = self.now();
        let read = move |tx: &mut Tx<'_>| Ok((bans::in_force(tx, now)?, bans::revision(tx)?));
        let (bans, revision) = self.store.scan(read).await?;
        self.load_bans(bans, revision);
        Ok(())
    }

    fn load_bans(&self, mut bans: Vec<Ban>, revision: i64) {
        bans.retain(|ban| self.counts(ban));
        self.bans.load(&bans, revision);
    }
}

/// Everything a report is decided on, besides the database.
struct Desk {
    policy: Policy,
    now: Timestamp,
    references: [String; 2],
    spared: Option<Spared>,
}

impl Desk {
    fn handle(&self, tx: &mut Tx<'_>, report: &Report) -> Result<Reported, StoreError> {
        let points = self.policy.score(report.kind);
        let network = report.address.map(Network::of_client);
        scores::record(tx, &self.recorded(report, points), network)?;
        let user = self.count(tx, report.user.map(Subject::User), report.kind, points)?;
        let address = self.count(tx, network.map(Subject::Network), report.kind, points)?;
        let mut reported = Reported {
            points,
            ..Reported::default()
        };
        if self.policy.mode == Mode::Off {
            return Ok(reported);
        }
        if let Some(crossing) = user {
            reported.bans.extend(self.ban(tx, crossing, report.kind, 0)?);
        }
        // A user's ban takes the address along; an address that only shares its score takes no user along.
        let at_address = address.or(user.and_then(|crossing| {
            network.map(|network| Crossing {
                subject: Subject::Network(network),
                after: crossing.after,
            })
        }));
        if let (Some(crossing), Some(network)) = (at_address, network) {
            reported.spared = self.spares(tx, network, crossing.after)?;
            if reported.spared.is_none() {
                reported.bans.extend(self.ban(tx, crossing, report.kind, 1)?);
            }
        }
        Ok(reported)
    }

    fn recorded(&self, report: &Report, points: Points) -> Recorded {
        Recorded {
            id: 0,
            at: self.now,
            kind: report.kind,
            points,
            user: report.user,
            address: report
                .address
                .map(|address| address.to_canonical().to_string())
                .unwrap_or_default(),
            source: report.source.to_owned(),
            detail: report.detail.clone(),
        }
    }

    /// Adds to a score; tells if it crossed the threshold.
    fn count(
        &self,
        tx: &mut Tx<'_>,
        subject: Option<Subject>,
        kind: Violation,
        points: Points,
    ) -> Result<Option<Crossing>, StoreError> {
        let Some(subject) = subject.filter(|_| points > Points::ZERO) else {
            return Ok(None);
        };
        let before = self.policy.current(scores::score(tx, subject, kind)?, self.now);
        let after = before + points;
        scores::put_score(
            tx,
            subject,
            kind,
            Score {
                points: after,
                updated_at: self.now,
            },
        )?;
        Ok(self
            .policy
            .crosses(before, after)
            .then_some(Crossing { subject, after }))
    }

    fn spares(&self, tx: &mut Tx<'_>, network: Network, after: Points) -> Result<Option<Spared>, StoreError> {
        if self.spared.is_some() {
            return Ok(self.spared);
        }
        if spared::networks(tx)?.iter().any(|listed| listed.overlaps(network)) {
            return Ok(Some(Spared::Listed));
        }
        if !self.policy.is_low(after) {
            return Ok(None);
        }
        let good = scores::last_good_login(tx, network)?;
        Ok(good
            .filter(|at| self.now.since(*at) < GOOD_FOR)
            .map(|_| Spared::GoodLogin))
    }

    /// Stores a ban and ends the user's sessions. Without a duration sessions end and nothing is stored.
    fn ban(
        &self,
        tx: &mut Tx<'_>,
        crossing: Crossing,
        kind: Violation,
        which: usize,
    ) -> Result<Option<Ban>, StoreError> {
        let shadow = self.policy.mode == Mode::Shadow;
        let soft = self.policy.duration.is_zero();
        let ban = Ban {
            id: 0,
            reference: self.references[which].clone(),
            subject: crossing.subject,
            cause: kind.key().to_owned(),
            points: crossing.after,
            interval: self.policy.interval,
            by: MODERATION.to_owned(),
            note: String::new(),
            started_at: self.now,
            ends_at: Some(self.now.after(self.policy.duration)),
            lifted_at: None,
            shadow,
        };
        if !soft {
            bans::insert(tx, &ban)?;
        }
        if !shadow {
            end_sessions(tx, &ban, self.now)?;
        }
        Ok((!soft).then_some(ban))
    }
}

/// Ends the sessions of a banned user and says so in the audit log.
pub(super) fn end_sessions(tx: &mut Tx<'_>, ban: &Ban, now: Timestamp) -> Result<(), StoreError> {
    let (subject, address) = ban.subject.of_event();
    if let Some(id) = subject
        && let Some(account) = accounts::by_id(tx, id)?
    {
        sessions::delete_others(tx, account.key, None)?;
    }
    let (actor, detail) = (ban.by.clone(), format!("{} {}", ban.cause, ban.reference));
    audit::append(
        tx,
        &Event {
            at: now,
            kind: EventKind::Banned,
            subject,
            actor,
            address,
            user_agent: String::new(),
            reference: ban.reference.clone(),
            detail,
        },
    )
}
