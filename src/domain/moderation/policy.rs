//! The policy: what violations cost, how scores fade, and when they become a ban.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::domain::moderation::network::Network;
use crate::domain::moderation::points::Points;
use crate::domain::moderation::violation::Violation;
use crate::domain::time::Timestamp;

/// How long a good login speaks for its address.
pub const GOOD_FOR: Duration = Duration::from_hours(24);

/// Whether bans happen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// Violations are counted, nobody is banned, and no ban counts but those by hand.
    Off,
    /// Would-be bans are recorded, nobody is banned.
    Shadow,
    /// Bans happen.
    Enforce,
}

/// Everything that decides about scores and bans.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Policy {
    /// Whether bans happen.
    pub mode: Mode,
    /// A ban is issued whenever a score crosses a multiple of this; nothing bans at the first violation.
    pub interval: Points,
    /// How long a ban lasts; nothing only ends sessions.
    pub duration: Duration,
    /// A score counts until this long after its last violation; `None` never fades.
    pub score_lifetime: Option<Duration>,
    /// What a violation costs where it is not the default.
    pub scores: BTreeMap<Violation, Points>,
    /// Networks that are never banned.
    pub exempt: Vec<Network>,
}

impl Default for Policy {
    fn default() -> Self {
        Self {
            mode: Mode::Enforce,
            interval: Points::whole(20),
            duration: Duration::from_hours(2),
            score_lifetime: Some(Duration::from_hours(1)),
            scores: BTreeMap::new(),
            exempt: Vec::new(),
        }
    }
}

/// A score as stored: points, and when the last violation was.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Score {
    /// The sum.
    pub points: Points,
    /// The last violation that counted.
    pub updated_at: Timestamp,
}

impl Policy {
    /// What a violation costs.
    #[must_use]
    pub fn score(&self, kind: Violation) -> Points {
        self.scores.get(&kind).copied().unwrap_or(kind.default_score())
    }

    /// What a stored score is worth now. A clock that went backwards changes nothing.
    #[must_use]
    pub fn current(&self, stored: Option<Score>, now: Timestamp) -> Points {
        let faded = |score: &Score| {
            self.score_lifetime
                .is_some_and(|life| now.since(score.updated_at) >= life)
        };
        stored
            .filter(|score| !faded(score))
            .map_or(Points::ZERO, |score| score.points)
    }

    /// Whether a score that grew from `before` to `after` crosses a multiple of the interval.
    #[must_use]
    pub fn crosses(&self, before: Points, after: Points) -> bool {
        if after <= before {
            return false;
        }
        let interval = self.interval.thousandths();
        interval == 0 || before.thousandths() / interval < after.thousandths() / interval
    }

    /// Whether a score is low: the first crossing only. Somebody who logs in well from there is then throttled, not banned.
    #[must_use]
    pub fn is_low(&self, score: Points) -> bool {
        score.thousandths() < self.interval.thousandths().saturating_mul(2)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_seconds(seconds)
    }

    #[test]
    fn a_ban_comes_at_each_multiple_and_only_once() {
        let policy = Policy::default();
        let crosses = |before, after| policy.crosses(Points::whole(before), Points::whole(after));
        assert!(crosses(19, 20) && crosses(39, 40) && crosses(0, 45) && crosses(15, 20));
        assert!(!crosses(0, 19) && !crosses(20, 21) && !crosses(20, 20) && !crosses(21, 39));
    }

    #[test]
    fn an_interval_of_nothing_bans_at_the_first_violation_that_costs() {
        let policy = Policy {
            interval: Points::ZERO,
            ..Policy::default()
        };
        assert!(policy.crosses(Points::ZERO, Points::whole(1)));
        assert!(!policy.crosses(Points::ZERO, Points::ZERO));
    }

    #[test]
    fn scores_fade_after_a_quiet_time_and_survive_a_clock_that_goes_back() {
        let policy = Policy::default();
        let stored = Some(Score {
            points: Points::whole(7),
            updated_at: at(10_000),
        });
        assert_eq!(policy.current(stored, at(13_599)), Points::whole(7));
        assert_eq!(policy.current(stored, at(13_600)), Points::ZERO);
        assert_eq!(policy.current(stored, at(0)), Points::whole(7));
        let forever = Policy {
            score_lifetime: None,
            ..policy
        };
        assert_eq!(forever.current(stored, at(i64::MAX / 2000)), Points::whole(7));
    }
}
