//! Trying a policy: what is recorded is replayed under it, and under the present one for comparison.

use std::collections::VecDeque;
use std::net::IpAddr;

use crate::app::bans::Filter;
use crate::app::{App, Failure};
use crate::domain::audit::{Event, EventKind};
use crate::domain::moderation::ban::Sanctuary;
use crate::domain::moderation::network::Network;
use crate::domain::moderation::policy::Policy;
use crate::domain::moderation::simulate::{Happened, Replay, WouldBe};
use crate::domain::moderation::subject::Subject;
use crate::domain::time::Timestamp;
use crate::store::audit;

/// Rows read at a time.
const PAGE: u32 = 2_000;

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
    /// Bans that the policy to be tried would have issued since then.
    pub tried: Vec<WouldBe>,
    /// Bans that the present policy would have issued since then.
    pub present: Vec<WouldBe>,
}

impl App {
    /// Replays everything recorded under a policy and under the present one; bans from `since` on are told. What came before
    /// is counted too, because scores may have begun then.
    ///
    /// # Errors
    /// Only a fault.
    pub async fn simulate(&self, policy: &Policy, since: Timestamp) -> Result<Trial, Failure> {
        let present = &self.config.moderation.policy;
        let mut replays = [self.replay(policy), self.replay(present)];
        let mut trial = Trial::default();
        let mut others = Others::default();
        let mut after = 0;
        loop {
            let filter = Filter {
                after,
                limit: PAGE,
                ..Filter::default()
            };
            let page = self.violations(filter).await?;
            let Some(last) = page.last() else { break };
            after = last.id;
            for event in &page {
                self.catch_up(&mut others, Some(event.at), &mut replays).await?;
                for replay in &mut replays {
                    replay.violation(event);
                }
                trial.violations += u64::from(event.at >= since);
            }
        }
        self.catch_up(&mut others, None, &mut replays).await?;
        let lately = |replay: Replay<'_>| -> Vec<WouldBe> {
            let mut bans = replay.into_bans();
            bans.retain(|ban| ban.started_at >= since);
            bans
        };
        [trial.tried, trial.present] = replays.map(lately);
        Ok(trial)
    }

    fn replay<'p>(&'p self, policy: &'p Policy) -> Replay<'p> {
        let sanctuary = Sanctuary {
            exempt: &policy.exempt,
            ..self.sanctuary()
        };
        Replay::new(policy, sanctuary)
    }

    /// Tells the replays what else happened until a moment, or until now.
    async fn catch_up(
        &self,
        others: &mut Others,
        until: Option<Timestamp>,
        replays: &mut [Replay<'_>],
    ) -> Result<(), Failure> {
        loop {
            while let Some(event) = others
                .waiting
                .pop_front_if(|event| until.is_none_or(|end| event.at <= end))
            {
                if let Some(what) = happened(&event) {
                    for replay in replays.iter_mut() {
                        replay.happened(event.at, what);
                    }
                }
            }
            if !others.waiting.is_empty() || others.is_over {
                return Ok(());
            }
            let after = others.after;
            let page = self
                .store
                .scan(move |tx| audit::of_kinds(tx, KINDS, after, PAGE))
                .await?;
            others.is_over = page.is_empty();
            others.after = page.last().map_or(after, |(id, _)| *id);
            others.waiting.extend(page.into_iter().map(|(_, event)| event));
        }
    }
}

/// Events of the audit log that were read and not replayed yet.
#[derive(Default)]
struct Others {
    waiting: VecDeque<Event>,
    after: i64,
    is_over: bool,
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
