//! Bans come exactly at crossings, whatever is reported, by whom, when, and however many at once.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use librechat_auth::app::App;
use librechat_auth::app::clock::{ManualClock, SystemEntropy};
use librechat_auth::app::moderation::{Report, Reported};
use librechat_auth::config::{Config, Secrets, Synchronous};
use librechat_auth::domain::ids::UserId;
use librechat_auth::domain::moderation::points::Points;
use librechat_auth::domain::moderation::policy::Policy;
use librechat_auth::domain::moderation::subject::Subject;
use librechat_auth::domain::moderation::violation::Violation;
use librechat_auth::domain::secret::Secret;
use librechat_auth::domain::time::Timestamp;
use proptest::prelude::*;
use tempfile::TempDir;
use tokio::runtime::{Builder, Runtime};

use crate::support::START;

const KINDS: [Violation; 2] = [Violation::Message, Violation::Concurrent];

/// The application without a server, and a clock that may jump.
struct Bench {
    app: Arc<App>,
    clock: Arc<ManualClock>,
    runtime: Runtime,
    _dir: TempDir,
}

fn runtime() -> Runtime {
    Builder::new_current_thread().enable_all().build().expect("a runtime")
}

impl Bench {
    fn with(policy: Policy) -> Self {
        let dir = tempfile::tempdir().expect("a directory");
        let secrets = Secrets {
            jwt: Secret::new("one secret of the tests"),
            jwt_refresh: Secret::new("another secret of the tests"),
            creds_key: Secret::new("0".repeat(64)),
        };
        let mut config = Config::defaults(dir.path().to_owned(), secrets);
        config.store.synchronous = Synchronous::Normal;
        config.server.workers = 1;
        config.password.threads = 1;
        config.moderation.policy = policy;
        let clock = Arc::new(ManualClock::new(START));
        let its_clock: Arc<ManualClock> = Arc::clone(&clock);
        Self {
            app: Arc::new(App::open(config, its_clock, Arc::new(SystemEntropy)).expect("the application opens")),
            clock,
            runtime: runtime(),
            _dir: dir,
        }
    }

    fn report(&self, kind: Violation, user: Option<u8>, address: Option<u8>) -> Reported {
        let report = self.app.report(report_of(kind, user, address));
        self.runtime.block_on(report).expect("recorded")
    }

    /// The points of what explains a ban, oldest first.
    fn explanation(&self, reference: &str) -> Vec<Points> {
        let explained = self.runtime.block_on(self.app.explain_ban(reference));
        let explained = explained.expect("no fault").expect("known");
        explained.sum.events.iter().map(|event| event.points).collect()
    }
}

fn report_of(kind: Violation, user: Option<u8>, address: Option<u8>) -> Report {
    Report {
        kind,
        user: user.map(user_id),
        address: address.map(|last| [203, 0, 113, last].into()),
        source: "server",
        detail: String::new(),
    }
}

fn user_id(n: u8) -> UserId {
    UserId::new(START, [n; 8])
}

fn network(last: u8) -> Subject {
    Subject::client([203, 0, 113, last].into())
}

fn total(points: impl IntoIterator<Item = Points>) -> Points {
    points.into_iter().fold(Points::ZERO, |sum, one| sum + one)
}

/// The rules again, as short as they can be said: thousandths of points by subject and kind, and when they last changed.
struct Model {
    policy: Policy,
    scores: BTreeMap<(Subject, Violation), (i64, i64)>,
}

impl Model {
    /// Adds to a score; tells if it crossed.
    fn count(&mut self, subject: Subject, kind: Violation, now: i64) -> Option<i64> {
        let cost = self.policy.scores[&kind].thousandths();
        if cost == 0 {
            return None;
        }
        let life = self
            .policy
            .score_lifetime
            .map(|life| i64::try_from(life.as_millis()).expect("short"));
        let (points, changed) = self.scores.entry((subject, kind)).or_insert((0, now));
        if life.is_some_and(|life| now - *changed >= life) {
            *points = 0;
        }
        let interval = self.policy.interval.thousandths();
        // The multiples of the interval that lie in what is added, counted one by one.
        let crosses = interval == 0 || (*points + 1..=*points + cost).any(|one| one % interval == 0);
        *points += cost;
        *changed = now;
        crosses.then_some(*points)
    }

    fn report(&mut self, kind: Violation, user: Option<u8>, address: Option<u8>, now: i64) -> Vec<(Subject, i64)> {
        let user = user.map(|n| Subject::User(user_id(n)));
        let address = address.map(network);
        let by_user = user.and_then(|user| Some((user, self.count(user, kind, now)?)));
        let by_address = address.and_then(|address| Some((address, self.count(address, kind, now)?)));
        let along = by_user.and_then(|(_, points)| Some((address?, points)));
        by_user.into_iter().chain(by_address.or(along)).collect()
    }
}

fn policies() -> impl Strategy<Value = Policy> {
    let interval = prop_oneof![Just(0), Just(1000), Just(2500), Just(20_000), 1..6000_i64];
    let cost = || {
        prop_oneof![
            Just(0),
            Just(1),
            Just(333),
            Just(500),
            Just(1000),
            Just(7250),
            0..3000_i64
        ]
    };
    let life = prop::option::of(1..200_u64);
    (interval, cost(), cost(), life).prop_map(|(interval, one, other, life)| Policy {
        interval: Points::from_thousandths(interval),
        scores: [one, other]
            .into_iter()
            .zip(KINDS)
            .map(|(cost, kind)| (kind, Points::from_thousandths(cost)))
            .collect(),
        score_lifetime: life.map(Duration::from_secs),
        ..Policy::default()
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn bans_come_exactly_where_the_rules_say_and_can_be_explained(
        policy in policies(),
        steps in prop::collection::vec(
            (-120..160_i64, 0..2_usize, prop::option::of(1..3_u8), prop::option::of(1..4_u8)), 1..60
        ),
    ) {
        let bench = Bench::with(policy.clone());
        let mut model = Model { policy, scores: BTreeMap::new() };
        let mut now = START.millis();
        for (pause, kind, user, address) in steps {
            now += pause * 1000 + 1;
            bench.clock.set(Timestamp::from_millis(now));
            let reported = bench.report(KINDS[kind], user, address);
            let made: Vec<_> = reported.bans.iter().map(|ban| (ban.subject, ban.points.thousandths())).collect();
            prop_assert_eq!(made, model.report(KINDS[kind], user, address, now));
            for ban in &reported.bans {
                prop_assert_eq!(ban.ends_at, Some(Timestamp::from_millis(now).after(Duration::from_hours(2))));
                prop_assert_eq!(total(bench.explanation(&ban.reference)), ban.points);
            }
        }
    }

    #[test]
    fn a_ban_counts_from_its_crossing_to_its_end_and_for_its_network_only(
        minutes in 1..500_u64, before_end in 0..600_u64, jump in -100_000..100_000_i64, neighbour in 1..=255_u8
    ) {
        let duration = Duration::from_secs(minutes * 60);
        let bench = Bench::with(Policy { interval: Points::whole(1), duration, ..Policy::default() });
        prop_assert_eq!(bench.report(Violation::Message, None, Some(0)).bans.len(), 1);
        let is_banned = |last: u8| bench.app.ban_of_address([203, 0, 113, last].into()).is_some();
        let end = START.after(duration);
        bench.clock.set(end.before(Duration::from_secs(before_end.min(minutes * 60))));
        prop_assert_eq!(is_banned(0), before_end > 0);
        bench.clock.set(Timestamp::from_millis(START.millis() + jump * 1000));
        prop_assert_eq!(is_banned(0), Timestamp::from_millis(START.millis() + jump * 1000) < end);
        prop_assert!(!is_banned(neighbour));
    }
}

#[test]
fn reports_at_the_same_time_neither_lose_nor_double_a_crossing() {
    let bench = Bench::with(Policy::default());
    let bans = Mutex::new(Vec::new());
    thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| {
                let runtime = runtime();
                for _ in 0..25 {
                    let report = bench.app.report(report_of(Violation::Message, Some(1), Some(1)));
                    let reported = runtime.block_on(report).expect("recorded");
                    bans.lock().expect("no panic").extend(reported.bans);
                }
            });
        }
    });
    let bans = bans.into_inner().expect("no panic");
    for subject in [network(1), Subject::User(user_id(1))] {
        let mut points: Vec<_> = bans
            .iter()
            .filter(|ban| ban.subject == subject)
            .map(|ban| ban.points)
            .collect();
        points.sort();
        let every_twenty: Vec<_> = (1..=10).map(|n| Points::whole(n * 20)).collect();
        assert_eq!(points, every_twenty, "{subject}");
    }
    let references: BTreeSet<_> = bans.iter().map(|ban| &ban.reference).collect();
    assert_eq!(references.len(), 20);
    let rows = bench
        .runtime
        .block_on(bench.app.ban_history(i64::MAX, 100))
        .expect("history");
    assert_eq!(rows.len(), 20);
}

#[test]
fn readers_at_the_same_time_never_miss_a_ban_that_was_answered() {
    let bench = Bench::with(Policy {
        interval: Points::whole(1),
        ..Policy::default()
    });
    thread::scope(|scope| {
        let reloading = scope.spawn(|| {
            let runtime = runtime();
            for _ in 0..200 {
                runtime.block_on(bench.app.reload_bans()).expect("reloaded");
            }
        });
        for last in 0..=99 {
            bench.report(Violation::Message, None, Some(last));
            let missed = (0..=last).find(|last| bench.app.ban_of_address([203, 0, 113, *last].into()).is_none());
            assert_eq!(missed, None, "after {last}");
        }
        reloading.join().expect("no panic");
    });
}
