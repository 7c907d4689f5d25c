//! How a score grew until it became a ban, and when it fades: what a chart draws.

use std::time::Duration;

use crate::domain::moderation::arithmetic::Addition;
use crate::domain::moderation::ban::Ban;
use crate::domain::moderation::points::Points;
use crate::domain::time::Timestamp;

/// A violation and the score it led to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Step {
    /// When.
    pub at: Timestamp,
    /// What it cost.
    pub cost: Points,
    /// The score from then on.
    pub score: Points,
}

/// The score of a ban, over time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Timeline {
    /// The violations, oldest first.
    pub steps: Vec<Step>,
    /// The score that crossed it banned.
    pub threshold: Points,
    /// When the score is forgotten if nothing more happens; `None` for never.
    pub fades_at: Option<Timestamp>,
    /// When the ban began.
    pub banned_at: Timestamp,
    /// When it ends or was lifted; `None` for until somebody lifts it.
    pub free_at: Option<Timestamp>,
}

impl Timeline {
    /// Of a ban that a score led to; `None` for others, and if nothing of it is recorded any more.
    #[must_use]
    pub fn of(ban: &Ban, sum: &Addition, lifetime: Option<Duration>) -> Option<Self> {
        if ban.is_by_hand() {
            return None;
        }
        // What is no longer recorded came before the first event that still is.
        let known = sum
            .events
            .iter()
            .fold(Points::ZERO, |known, event| known + event.points);
        let before = sum.total.thousandths().saturating_sub(known.thousandths());
        let mut score = Points::from_thousandths(before);
        let mut steps = Vec::with_capacity(sum.events.len());
        for event in &sum.events {
            score = score + event.points;
            steps.push(Step {
                at: event.at,
                cost: event.points,
                score,
            });
        }
        let last = steps.last()?.at;
        Some(Self {
            steps,
            threshold: crossed(ban.points, ban.interval),
            fades_at: lifetime.map(|life| ban.lifted_at.unwrap_or_else(|| last.after(life)).min(last.after(life))),
            banned_at: ban.started_at,
            free_at: ban.lifted_at.or(ban.ends_at),
        })
    }
}

/// The highest multiple of the interval that a score reached.
#[must_use]
pub fn crossed(points: Points, interval: Points) -> Points {
    let times = points.thousandths().checked_div(interval.thousandths()).unwrap_or(0);
    Points::from_thousandths(times.saturating_mul(interval.thousandths()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::moderation::violation::{Recorded, Violation};

    fn event(at: i64, points: u32) -> Recorded {
        Recorded {
            id: at,
            at: Timestamp::from_seconds(at),
            kind: Violation::Logins,
            points: Points::whole(points),
            user: None,
            address: String::new(),
            source: String::new(),
            detail: String::new(),
        }
    }

    fn ban() -> Ban {
        Ban {
            id: 1,
            reference: String::new(),
            subject: "net:203.0.113.1".parse().expect("valid"),
            cause: "logins".to_owned(),
            points: Points::whole(45),
            interval: Points::whole(20),
            by: "moderation".to_owned(),
            note: String::new(),
            started_at: Timestamp::from_seconds(30),
            ends_at: Some(Timestamp::from_seconds(7_230)),
            lifted_at: None,
            shadow: false,
        }
    }

    #[test]
    fn a_score_climbs_to_the_ban_and_fades_after_its_lifetime() {
        let sum = Addition {
            events: vec![event(10, 5), event(30, 35)],
            total: Points::whole(45),
            is_complete: false,
        };
        let line = Timeline::of(&ban(), &sum, Some(Duration::from_hours(1))).expect("a line");
        let scores: Vec<_> = line.steps.iter().map(|step| step.score).collect();
        assert_eq!(
            scores,
            [Points::whole(10), Points::whole(45)],
            "5 are no longer recorded"
        );
        assert_eq!(line.threshold, Points::whole(40));
        assert_eq!(line.fades_at, Some(Timestamp::from_seconds(3_630)));
        let lifted = Ban {
            lifted_at: Some(Timestamp::from_seconds(60)),
            ..ban()
        };
        let line = Timeline::of(&lifted, &sum, Some(Duration::from_hours(1))).expect("a line");
        assert_eq!(
            (line.fades_at, line.free_at),
            (lifted.lifted_at, lifted.lifted_at),
            "it was forgotten"
        );
    }

    #[test]
    fn a_ban_by_hand_has_no_score() {
        let by_hand = Ban {
            cause: "manual".to_owned(),
            ..ban()
        };
        assert_eq!(Timeline::of(&by_hand, &Addition::default(), None), None);
    }
}
