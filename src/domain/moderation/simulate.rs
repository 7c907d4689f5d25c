//! A policy tried on what was recorded: the same violations in the same order, counted by the same rules, and nobody is
//! banned. With the policy that was in force it comes to exactly the bans that were issued.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::net::IpAddr;

use crate::domain::ids::UserId;
use crate::domain::moderation::ban::{Sanctuary, Spared};
use crate::domain::moderation::network::Network;
use crate::domain::moderation::points::Points;
use crate::domain::moderation::policy::{GOOD_FOR, Policy, Score};
use crate::domain::moderation::subject::Subject;
use crate::domain::moderation::violation::Violation;
use crate::domain::time::Timestamp;

/// What counts of a violation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Counted {
    /// When.
    pub at: Timestamp,
    /// What.
    pub kind: Violation,
    /// Who, if that is known.
    pub user: Option<UserId>,
    /// From where, if somebody said.
    pub address: Option<IpAddr>,
}

/// A ban that the policy would have issued.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WouldBe {
    /// Whom.
    pub subject: Subject,
    /// The kind of violation that led to it.
    pub cause: Violation,
    /// The score that crossed the threshold.
    pub points: Points,
    /// Since when.
    pub started_at: Timestamp,
    /// Until when.
    pub ends_at: Timestamp,
    /// The subject was banned already: most of what led here would have been stopped at the door.
    pub while_banned: bool,
    /// When the subject logged in well for the first time afterwards.
    pub then_logged_in_at: Option<Timestamp>,
}

/// Something else that matters to scores and bans.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Happened {
    /// Somebody logged in well.
    GoodLogin {
        /// Who.
        user: Option<UserId>,
        /// From where.
        from: Option<Network>,
    },
    /// A ban was lifted, and with it the scores were forgotten.
    Forgiven(Subject),
}

/// The replay of a policy. Feed it in the order in which things happened.
#[derive(Clone, Debug)]
pub struct Replay<'p> {
    policy: &'p Policy,
    sanctuary: Sanctuary<'p>,
    scores: HashMap<(Subject, Violation), Score>,
    good_logins: HashMap<Network, Timestamp>,
    bans: Vec<WouldBe>,
    /// Bans after which nobody has logged in yet, and the latest end, by subject.
    open: HashMap<Subject, Open>,
}

#[derive(Clone, Debug, Default)]
struct Open {
    waiting: Vec<usize>,
    until: Option<Timestamp>,
}

impl<'p> Replay<'p> {
    /// A replay in which nothing has happened yet.
    #[must_use]
    pub fn new(policy: &'p Policy, sanctuary: Sanctuary<'p>) -> Self {
        Self {
            policy,
            sanctuary,
            scores: HashMap::new(),
            good_logins: HashMap::new(),
            bans: Vec::new(),
            open: HashMap::new(),
        }
    }

    /// Counts a violation: what it costs under this policy, not what it cost then.
    pub fn violation(&mut self, event: &Counted) {
        let points = self.policy.score(event.kind);
        let address = event.address;
        let network = address.map(Network::of_client);
        let user = event
            .user
            .and_then(|id| self.count(Subject::User(id), event, points).map(|after| (id, after)));
        let at_address = network.and_then(|network| self.count(Subject::Network(network), event, points));
        if let Some((id, after)) = user {
            self.ban(Subject::User(id), event, after);
        }
        let taken_along = at_address.or(user.map(|(_, after)| after));
        if let (Some(after), Some(network), Some(address)) = (taken_along, network, address)
            && self.spares(address, network, after, event.at).is_none()
        {
            self.ban(Subject::Network(network), event, after);
        }
    }

    /// Takes note of a good login, or of a ban that was lifted.
    pub fn happened(&mut self, at: Timestamp, what: Happened) {
        match what {
            Happened::GoodLogin { user, from } => {
                if let Some(network) = from {
                    self.good_logins.insert(network, at);
                }
                for subject in [user.map(Subject::User), from.map(Subject::Network)]
                    .into_iter()
                    .flatten()
                {
                    self.logged_in(subject, at);
                }
            }
            Happened::Forgiven(subject) => {
                self.scores.retain(|(about, _), _| *about != subject);
                if let Some(open) = self.open.get_mut(&subject) {
                    open.until = None;
                }
            }
        }
    }

    /// The bans there would have been, in order.
    #[must_use]
    pub fn into_bans(self) -> Vec<WouldBe> {
        self.bans
    }

    /// Adds to a score; the new score if it crossed the threshold.
    fn count(&mut self, subject: Subject, event: &Counted, points: Points) -> Option<Points> {
        if points == Points::ZERO {
            return None;
        }
        let stored = self.scores.entry((subject, event.kind));
        let known = match &stored {
            Entry::Occupied(score) => Some(*score.get()),
            Entry::Vacant(_) => None,
        };
        let before = self.policy.current(known, event.at);
        let after = before + points;
        stored.insert_entry(Score {
            points: after,
            updated_at: event.at,
        });
        self.policy.crosses(before, after).then_some(after)
    }

    fn spares(&self, address: IpAddr, network: Network, after: Points, at: Timestamp) -> Option<Spared> {
        let good = || {
            self.good_logins
                .get(&network)
                .is_some_and(|login| at.since(*login) < GOOD_FOR)
        };
        let throttled = || (self.policy.is_low(after) && good()).then_some(Spared::GoodLogin);
        self.sanctuary.spares(address).or_else(throttled)
    }

    fn ban(&mut self, subject: Subject, event: &Counted, points: Points) {
        let ends_at = event.at.after(self.policy.duration);
        let open = self.open.entry(subject).or_default();
        let while_banned = open.until.is_some_and(|end| event.at < end);
        open.until = open.until.max(Some(ends_at));
        open.waiting.push(self.bans.len());
        self.bans.push(WouldBe {
            subject,
            cause: event.kind,
            points,
            started_at: event.at,
            ends_at,
            while_banned,
            then_logged_in_at: None,
        });
    }

    fn logged_in(&mut self, subject: Subject, at: Timestamp) {
        let Some(open) = self.open.get_mut(&subject) else {
            return;
        };
        for place in open.waiting.drain(..) {
            if let Some(ban) = self.bans.get_mut(place) {
                ban.then_logged_in_at = Some(at);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    const NOWHERE: Sanctuary<'static> = Sanctuary {
        trusted_proxies: &[],
        exempt: &[],
        listed: &[],
    };

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_seconds(seconds)
    }

    fn event(seconds: i64, user: Option<u8>, address: &str) -> Counted {
        Counted {
            at: at(seconds),
            kind: Violation::Logins,
            user: user.map(|number| UserId::new(at(0), [number; 8])),
            address: address.parse().ok(),
        }
    }

    fn policy(interval: u32) -> Policy {
        Policy {
            interval: Points::whole(interval),
            ..Policy::default()
        }
    }

    fn told(bans: &[WouldBe]) -> Vec<(String, i64)> {
        let one = |ban: &WouldBe| (ban.subject.to_string(), ban.started_at.seconds());
        bans.iter().map(one).collect()
    }

    #[test]
    fn a_score_that_crosses_bans_the_user_and_takes_the_address_along() {
        let policy = policy(3);
        let mut replay = Replay::new(&policy, NOWHERE);
        for (second, address) in [(1, "203.0.113.1"), (2, "203.0.113.2"), (3, "2001:db8::7")] {
            replay.violation(&event(second, Some(7), address));
        }
        let user = UserId::new(at(0), [7; 8]);
        let bans = replay.into_bans();
        assert_eq!(
            told(&bans),
            [(format!("user:{user}"), 3), ("net:2001:db8::/64".to_owned(), 3)]
        );
        assert_eq!(bans[0].ends_at, at(3).after(policy.duration));
    }

    #[test]
    fn the_points_are_those_of_the_policy_and_not_those_of_then() {
        let mut policy = policy(10);
        policy.scores.insert(Violation::Logins, Points::whole(5));
        let mut replay = Replay::new(&policy, NOWHERE);
        replay.violation(&event(1, None, "203.0.113.1"));
        replay.violation(&event(2, None, "203.0.113.1"));
        assert_eq!(told(&replay.into_bans()), [("net:203.0.113.1".to_owned(), 2)]);
    }

    #[test]
    fn a_good_login_spares_its_address_once_and_tells_who_came_back() {
        let policy = policy(2);
        let mut replay = Replay::new(&policy, NOWHERE);
        let from = Some("203.0.113.1".parse().expect("valid"));
        let login = Happened::GoodLogin { user: None, from };
        replay.happened(at(0), login);
        for second in 1..=4 {
            replay.violation(&event(second, None, "203.0.113.1"));
        }
        replay.happened(at(9), login);
        replay.happened(at(10), login);
        let bans = replay.into_bans();
        assert_eq!(told(&bans), [("net:203.0.113.1".to_owned(), 4)]);
        assert_eq!(bans[0].then_logged_in_at, Some(at(9)));
    }

    #[test]
    fn sanctuaries_are_never_banned_but_their_users_are() {
        let policy = policy(1);
        let exempt = ["203.0.113.0/24".parse().expect("valid")];
        let sanctuary = Sanctuary {
            exempt: &exempt,
            ..NOWHERE
        };
        let mut replay = Replay::new(&policy, sanctuary);
        replay.violation(&event(1, Some(1), "203.0.113.1"));
        replay.violation(&event(2, Some(2), "127.0.0.1"));
        assert!(
            replay
                .into_bans()
                .iter()
                .all(|ban| matches!(ban.subject, Subject::User(_)))
        );
    }

    #[test]
    fn who_is_forgiven_begins_at_nothing() {
        let policy = policy(2);
        let mut replay = Replay::new(&policy, NOWHERE);
        replay.violation(&event(1, None, "203.0.113.1"));
        let subject = "net:203.0.113.1".parse().expect("valid");
        replay.happened(at(1), Happened::Forgiven(subject));
        replay.violation(&event(2, None, "203.0.113.1"));
        assert_eq!(told(&replay.into_bans()), []);
    }

    #[test]
    fn a_ban_within_a_ban_says_so_and_scores_fade() {
        let policy = Policy {
            duration: Duration::from_mins(1),
            ..policy(2)
        };
        let mut replay = Replay::new(&policy, NOWHERE);
        for second in [1, 2, 3, 4, 5000, 5001] {
            replay.violation(&event(second, None, "203.0.113.1"));
        }
        let bans = replay.into_bans();
        let seen: Vec<_> = bans
            .iter()
            .map(|ban| (ban.started_at.seconds(), ban.while_banned))
            .collect();
        assert_eq!(seen, [(2, false), (4, true), (5001, false)]);
    }
}
