//! Trying a policy: what is recorded is replayed under it, and under the present one for comparison. Nobody is banned.

use std::collections::VecDeque;
use std::net::IpAddr;

use crate::app::{App, Failure};
use crate::domain::audit::{Event, EventKind};
use crate::domain::moderation::ban::Sanctuary;
use crate::domain::moderation::network::Network;
use crate::domain::moderation::policy::{GOOD_FOR, Policy};
use crate::domain::moderation::simulate::{Counted, Happened, Replay, WouldBe};
use crate::domain::moderation::subject::Subject;
use crate::domain::time::Timestamp;
use crate::store::{StoreError, Tx, audit, scores, spared};

/// Rows read at a time.
const PAGE: u32 = 2_000;

/// So many violations are replayed while somebody waits for a page.
pub const AT_A_GLANCE: u32 = 500_000;

/// What of the audit log matters to scores.
const KINDS: [EventKind; 3] = [
    EventKind::LoginSucceeded,
    EventKind::BanLifted,
    EventKind::ScoresForgotten,
];

/// What two policies come to on the same record.
#[derive(Clone, Debug, Default)]
pub struct Trial {
    /// Violations recorded since the beginning of the trial.
    pub violations: u64,
    /// When the first violation that counted happened, if older ones were left out because there are too many.
    pub cut_at: Option<Timestamp>,
    /// Bans that the policy to be tried would have issued since then.
    pub tried: Vec<WouldBe>,
    /// Bans that the present policy would have issued since then.
    pub present: Vec<WouldBe>,
}

impl App {
    /// Replays everything recorded under a policy and under the present one; bans from `since` on are told. What came before
    /// is counted too, because scores may have begun then. With `most` only so many violations are counted, the newest.
    ///
    /// # Errors
    /// Only a fault.
    pub async fn simulate(&self, policy: &Policy, since: Timestamp, most: Option<u32>) -> Result<Trial, Failure> {
        let policies = [policy.clone(), self.live().moderation.policy.clone()];
        let trusted = self.trusted.clone();
        let work = move |tx: &mut Tx<'_>| {
            let listed = spared::networks(tx)?;
            let sanctuary = Sanctuary {
                trusted_proxies: &trusted,
                exempt: &[],
                listed: &listed,
            };
            let replays = policies.each_ref().map(|policy| {
                let exempt = &policy.exempt;
                Replay::new(policy, Sanctuary { exempt, ..sanctuary })
            });
            run(tx, replays, since, most)
        };
        Ok(self.store.scan(work).await?)
    }
}

fn run(
    tx: &mut Tx<'_>,
    mut replays: [Replay<'_>; 2],
    since: Timestamp,
    most: Option<u32>,
) -> Result<Trial, StoreError> {
    let mut trial = Trial::default();
    let mut others = Others::default();
    let mut after = match most {
        Some(most) => (scores::last(tx)? - i64::from(most)).max(0),
        None => 0,
    };
    let mut is_cut = scores::is_any_up_to(tx, after)?;
    loop {
        let page = scores::counted(tx, after, PAGE)?;
        let Some((last, _)) = page.last() else { break };
        after = *last;
        if let (true, Some((_, first))) = (is_cut, page.first()) {
            is_cut = false;
            trial.cut_at = Some(first.at);
            others.after = audit::row_before(tx, first.at.before(GOOD_FOR))?;
        }
        for (_, event) in &page {
            others.catch_up(tx, Some(event.at), &mut replays)?;
            count(&mut replays, event);
            trial.violations += u64::from(event.at >= since);
        }
    }
    others.catch_up(tx, None, &mut replays)?;
    let lately = |replay: Replay<'_>| -> Vec<WouldBe> {
        let mut bans = replay.into_bans();
        bans.retain(|ban| ban.started_at >= since);
        bans
    };
    [trial.tried, trial.present] = replays.map(lately);
    Ok(trial)
}

fn count(replays: &mut [Replay<'_>], event: &Counted) {
    for replay in replays {
        replay.violation(event);
    }
}

/// Events of the audit log that were read and not replayed yet.
#[derive(Default)]
struct Others {
    waiting: VecDeque<Event>,
    after: i64,
    is_over: bool,
}

impl Others {
    /// Tells the replays what else happened until a moment, or until now.
    fn catch_up(
        &mut self,
        tx: &mut Tx<'_>,
        until: Option<Timestamp>,
        replays: &mut [Replay<'_>],
    ) -> Result<(), StoreError> {
        loop {
            while let Some(event) = self
                .waiting
                .pop_front_if(|event| until.is_none_or(|end| event.at <= end))
            {
                if let Some(what) = happened(&event) {
                    for replay in replays.iter_mut() {
                        replay.happened(event.at, what);
                    }
                }
            }
            if !self.waiting.is_empty() || self.is_over {
                return Ok(());
            }
            let page = audit::of_kinds(tx, KINDS, self.after, PAGE)?;
            self.is_over = page.is_empty();
            self.after = page.last().map_or(self.after, |(id, _)| *id);
            self.waiting.extend(page.into_iter().map(|(_, event)| event));
        }
    }
}

fn happened(event: &Event) -> Option<Happened> {
    if event.kind == EventKind::LoginSucceeded {
        let address: Option<IpAddr> = event.address.parse().ok();
        return Some(Happened::GoodLogin {
            user: event.subject,
            from: address.map(Network::of_client),
        });
    }
    let network = || event.address.parse().ok().map(Subject::Network);
    event
        .subject
        .map(Subject::User)
        .or_else(network)
        .map(Happened::Forgiven)
}
