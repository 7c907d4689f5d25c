//! What happened how often, hour by hour: kept beside the records themselves, so that nobody counts millions of rows to draw a
//! curve.

use std::time::Duration;

use crate::domain::audit::EventKind;
use crate::domain::time::Timestamp;

/// How long numbers are kept: the longest [`Span`], and some days to look back from it.
pub const KEPT: Duration = Duration::from_hours(100 * 24);

const HOUR_MILLIS: i64 = 3_600_000;

/// What is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tally {
    /// Somebody logged in.
    SignIns,
    /// A password or a code was refused.
    Failures,
    /// An account was made.
    Registrations,
    /// A violation was recorded.
    Violations,
    /// Somebody was banned.
    Bans,
}

/// The events that count, and as what.
const EVENTS: [(EventKind, Tally); 6] = [
    (EventKind::LoginSucceeded, Tally::SignIns),
    (EventKind::LoginRefused, Tally::Failures),
    (EventKind::SecondFactorRefused, Tally::Failures),
    (EventKind::AccountCreated, Tally::Registrations),
    (EventKind::SetUp, Tally::Registrations),
    (EventKind::Banned, Tally::Bans),
];

impl Tally {
    /// Every one, in the order in which they are shown.
    pub const ALL: [Self; 5] = [
        Self::SignIns,
        Self::Failures,
        Self::Registrations,
        Self::Violations,
        Self::Bans,
    ];

    /// The stable key.
    #[must_use]
    pub const fn key(self) -> &'static str {
        match self {
            Self::SignIns => "sign_ins",
            Self::Failures => "failures",
            Self::Registrations => "registrations",
            Self::Violations => "violations",
            Self::Bans => "bans",
        }
    }

    /// From the key in the database.
    #[must_use]
    pub fn from_key(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|tally| tally.key() == key)
    }

    /// As what an event counts, if it does.
    #[must_use]
    pub fn of(kind: EventKind) -> Option<Self> {
        let found = EVENTS.iter().find(|(counted, _)| *counted == kind);
        found.map(|(_, tally)| *tally)
    }
}

/// The hour of a moment, counted from the epoch.
#[must_use]
pub const fn hour_of(at: Timestamp) -> i64 {
    at.millis().div_euclid(HOUR_MILLIS)
}

const fn start_of(hour: i64) -> Timestamp {
    Timestamp::from_millis(hour.saturating_mul(HOUR_MILLIS))
}

/// How far back is looked.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Span {
    /// A day, by the hour.
    #[default]
    Day,
    /// A week, by six hours.
    Week,
    /// Thirty days, by the day.
    Month,
    /// Ninety days, by the day.
    Quarter,
}

impl Span {
    /// Every one, shortest first.
    pub const ALL: [Self; 4] = [Self::Day, Self::Week, Self::Month, Self::Quarter];

    /// The stable key.
    #[must_use]
    pub const fn key(self) -> &'static str {
        match self {
            Self::Day => "24h",
            Self::Week => "7d",
            Self::Month => "30d",
            Self::Quarter => "90d",
        }
    }

    /// From the key.
    #[must_use]
    pub fn from_key(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|span| span.key() == key)
    }

    /// How many hours count together.
    #[must_use]
    pub const fn step(self) -> i64 {
        match self {
            Self::Day => 1,
            Self::Week => 6,
            Self::Month | Self::Quarter => 24,
        }
    }

    /// How many steps there are.
    #[must_use]
    pub const fn steps(self) -> usize {
        match self {
            Self::Day => 24,
            Self::Week => 28,
            Self::Month => 30,
            Self::Quarter => 90,
        }
    }

    /// The first hour that is looked at; the last step is the one that `now` is in.
    #[must_use]
    pub fn first_hour(self, now: Timestamp) -> i64 {
        let last = hour_of(now).div_euclid(self.step());
        (last + 1 - self.steps().try_into().unwrap_or(0)) * self.step()
    }
}

/// A number of one hour.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Hourly {
    /// Of what.
    pub tally: Tally,
    /// The hour, counted from the epoch.
    pub hour: i64,
    /// How many.
    pub count: u64,
}

/// One curve: how often something happened, step by step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Curve {
    /// What.
    pub tally: Tally,
    /// One number for each step.
    pub counts: Vec<u64>,
}

impl Curve {
    /// All together.
    #[must_use]
    pub fn total(&self) -> u64 {
        self.counts.iter().sum()
    }
}

/// All curves of a span.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Curves {
    /// How far back.
    pub span: Span,
    /// When each step begins.
    pub starts: Vec<Timestamp>,
    /// In the order of [`Tally::ALL`].
    pub curves: Vec<Curve>,
}

impl Curves {
    /// Puts hours together to steps; hours outside are left out.
    #[must_use]
    pub fn new(span: Span, now: Timestamp, hours: &[Hourly]) -> Self {
        let first = span.first_hour(now);
        let starts = (first..).step_by(usize::try_from(span.step()).unwrap_or(1));
        let curve = |tally: Tally| {
            let mut counts = vec![0; span.steps()];
            for hourly in hours.iter().filter(|hourly| hourly.tally == tally) {
                let step = usize::try_from((hourly.hour - first).div_euclid(span.step()));
                if let Some(place) = step.ok().and_then(|step| counts.get_mut(step)) {
                    *place += hourly.count;
                }
            }
            Curve { tally, counts }
        };
        Self {
            span,
            starts: starts.take(span.steps()).map(start_of).collect(),
            curves: Tally::ALL.map(curve).into(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::from_seconds(1_700_000_000);

    fn one(hour: i64) -> Hourly {
        Hourly {
            tally: Tally::SignIns,
            hour,
            count: 1,
        }
    }

    #[test]
    fn keys_read_back() {
        for tally in Tally::ALL {
            assert_eq!(Tally::from_key(tally.key()), Some(tally));
        }
        for span in Span::ALL {
            assert_eq!(Span::from_key(span.key()), Some(span));
        }
    }

    #[test]
    fn the_last_step_is_the_one_that_now_is_in() {
        for span in Span::ALL {
            let curves = Curves::new(span, NOW, &[one(hour_of(NOW)), one(hour_of(NOW) + 24)]);
            assert_eq!(curves.starts.len(), span.steps());
            assert_eq!(curves.curves[0].counts.last(), Some(&1), "{span:?}");
            assert_eq!(curves.curves[0].total(), 1, "nothing of the future counts");
            let last = curves.starts.last().copied().expect("a step");
            assert!(last <= NOW && NOW.since(last).as_secs() < 3600 * span.step().unsigned_abs());
        }
    }

    #[test]
    fn hours_before_the_span_are_left_out() {
        for span in Span::ALL {
            let first = span.first_hour(NOW);
            let curves = Curves::new(span, NOW, &[one(first - 1), one(first)]);
            assert_eq!(curves.curves[0].counts[0], 1);
            assert_eq!(curves.curves[0].total(), 1);
        }
    }

    #[test]
    fn a_day_of_hours_is_one_step_of_a_month() {
        let midnight = hour_of(NOW).div_euclid(24) * 24;
        let day: Vec<Hourly> = (midnight - 24..midnight).map(one).collect();
        let curves = Curves::new(Span::Month, NOW, &day);
        assert_eq!(curves.curves[0].counts[28..], [24, 0]);
    }
}
