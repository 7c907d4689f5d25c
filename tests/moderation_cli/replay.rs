//! The policy that was in force, replayed, gives exactly the bans that were issued.

use std::time::Duration;

use librechat_auth::app::audit::Actor;
use librechat_auth::app::login::Attempt;
use librechat_auth::app::moderation::Report;
use librechat_auth::app::unban::Whose;
use librechat_auth::domain::account::Role;
use librechat_auth::domain::email::Email;
use librechat_auth::domain::ids::UserId;
use librechat_auth::domain::moderation::ban::Ban;
use librechat_auth::domain::moderation::points::Points;
use librechat_auth::domain::moderation::policy::Policy;
use librechat_auth::domain::moderation::subject::Subject;
use librechat_auth::domain::moderation::violation::Violation;
use librechat_auth::domain::refusal::LimitedAction;
use librechat_auth::domain::secret::Secret;
use librechat_auth::domain::session::Origin;
use proptest::prelude::*;

use crate::support::{PASSWORD, START, Site};

/// Loopback and an exempt address are among them.
const ADDRESSES: [&str; 5] = ["203.0.113.1", "203.0.113.2", "2001:db8::1", "127.0.0.1", "192.0.2.1"];
const KINDS: [Violation; 4] = [
    Violation::Logins,
    Violation::Message,
    Violation::NonBrowser,
    Violation::ConversationAccess,
];

#[derive(Clone, Debug)]
enum Step {
    Violation {
        kind: usize,
        user: Option<u8>,
        address: usize,
    },
    Wait(u64),
    LogIn {
        address: usize,
    },
    UnbanAddress(usize),
    UnbanUser(u8),
}

fn step() -> impl Strategy<Value = Step> {
    let violation = (0..KINDS.len(), prop::option::of(0..3_u8), 0..ADDRESSES.len())
        .prop_map(|(kind, user, address)| Step::Violation { kind, user, address });
    prop_oneof![
        60 => violation,
        12 => prop_oneof![1..600_u64, 3_000..4_000_u64, 80_000..90_000_u64].prop_map(Step::Wait),
        2 => (0..ADDRESSES.len()).prop_map(|address| Step::LogIn { address }),
        2 => (0..ADDRESSES.len()).prop_map(Step::UnbanAddress),
        2 => (0..3_u8).prop_map(Step::UnbanUser),
    ]
}

fn somebody(number: u8) -> UserId {
    UserId::new(START, [number; 8])
}

fn take(site: &Site, step: &Step) {
    site.clock.advance(Duration::from_secs(1));
    match step {
        Step::Wait(seconds) => site.clock.advance(Duration::from_secs(*seconds)),
        Step::Violation { kind, user, address } => {
            let report = Report {
                kind: KINDS[*kind],
                user: user.map(somebody),
                address: Some(ADDRESSES[*address].parse().expect("valid")),
                source: "api",
                detail: String::new(),
            };
            site.run(site.app.report(report)).expect("recorded");
        }
        Step::LogIn { address } => {
            let attempt = Attempt {
                email: Email::parse("ada@example.org").expect("an address"),
                password: Secret::new(PASSWORD),
                origin: Origin {
                    address: ADDRESSES[*address].to_owned(),
                    user_agent: String::new(),
                },
                device: None,
                trust: None,
            };
            let mut quota = site.app.take_quota(LimitedAction::Login, "nobody");
            assert!(site.run(site.app.login(attempt, &mut quota)).is_ok());
        }
        Step::UnbanAddress(address) => {
            let subject = Subject::client(ADDRESSES[*address].parse().expect("valid"));
            site.run(site.app.unban(Whose::Of(subject), &Actor::Console))
                .expect("lifted");
        }
        Step::UnbanUser(number) => {
            let whose = Whose::Of(Subject::User(somebody(*number)));
            site.run(site.app.unban(whose, &Actor::Console)).expect("lifted");
        }
    }
}

fn issued(site: &Site) -> Vec<Ban> {
    let mut bans = site.run(site.app.ban_history(i64::MAX, 10_000)).expect("a list");
    bans.reverse();
    bans
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 12, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_policy_in_force_gives_exactly_the_bans_that_were_issued(
        steps in prop::collection::vec(step(), 50..250),
        interval in prop_oneof![Just(500_i64), Just(4_000), Just(20_000)],
    ) {
        let site = Site::with(|config| {
            let policy = &mut config.moderation.policy;
            policy.interval = Points::from_thousandths(interval);
            policy.exempt = vec!["192.0.2.0/24".parse().expect("valid")];
            policy.scores.insert(Violation::Message, Points::from_thousandths(1_250));
        });
        site.create("ada", Role::User);
        for step in &steps {
            take(&site, step);
        }
        let policy = site.app.config.moderation.policy.clone();
        let trial = site.run(site.app.simulate(&policy, START, None)).expect("replayed");
        let told: Vec<_> = issued(&site)
            .iter()
            .map(|ban| (ban.subject, ban.cause.clone(), ban.points, ban.started_at, ban.ends_at))
            .collect();
        let replayed: Vec<_> = trial
            .present
            .iter()
            .map(|ban| (ban.subject, ban.cause.key().to_owned(), ban.points, ban.started_at, Some(ban.ends_at)))
            .collect();
        prop_assert_eq!(replayed, told);
        prop_assert_eq!(trial.present, trial.tried);
    }
}

#[test]
fn who_logged_in_well_after_a_would_be_ban_is_told() {
    let site = Site::start();
    let ada = site.create("ada", Role::User);
    let report = Report {
        kind: Violation::Message,
        user: Some(ada.id),
        address: Some("203.0.113.1".parse().expect("valid")),
        source: "api",
        detail: String::new(),
    };
    for _ in 0..5 {
        site.run(site.app.report(report.clone())).expect("recorded");
    }
    site.clock.advance(Duration::from_mins(1));
    take(&site, &Step::LogIn { address: 1 });
    let policy = Policy {
        interval: Points::whole(5),
        ..site.app.config.moderation.policy.clone()
    };
    let trial = site.run(site.app.simulate(&policy, START, None)).expect("replayed");
    let back: Vec<_> = trial
        .tried
        .iter()
        .map(|ban| (ban.subject, ban.then_logged_in_at.is_some()))
        .collect();
    let address = Subject::client("203.0.113.1".parse().expect("valid"));
    assert_eq!(back, [(Subject::User(ada.id), true), (address, false)]);
    assert_eq!((trial.present.len(), trial.violations), (0, 5));
}
