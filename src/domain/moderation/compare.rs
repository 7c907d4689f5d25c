//! Two policies side by side: whom the one bans and the other does not.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use crate::domain::moderation::simulate::WouldBe;
use crate::domain::moderation::subject::Subject;
use crate::domain::moderation::violation::Violation;
use crate::domain::time::Timestamp;

/// Somebody whom one policy or both would have banned.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hit {
    /// Whom.
    pub subject: Subject,
    /// How many bans under the policy tried.
    pub tried: usize,
    /// How many under the present one.
    pub present: usize,
    /// The kind of violation that led to the first one.
    pub cause: Violation,
    /// Since when, for the first time.
    pub first_at: Timestamp,
    /// When the subject logged in well for the first time after a ban.
    pub came_back_at: Option<Timestamp>,
}

/// What becomes of somebody if the policy tried replaces the present one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Change {
    /// Banned by the policy tried only.
    Newly,
    /// Banned by the present policy only.
    NoLonger,
    /// Banned by both.
    Both,
}

impl Change {
    /// Every change, in the order in which they are told.
    pub const ALL: [Self; 3] = [Self::Newly, Self::NoLonger, Self::Both];

    /// The stable key, as in JSON.
    #[must_use]
    pub const fn key(self) -> &'static str {
        match self {
            Self::Newly => "newly",
            Self::NoLonger => "no_longer",
            Self::Both => "both",
        }
    }
}

impl Hit {
    /// What becomes of the subject.
    #[must_use]
    pub const fn change(&self) -> Change {
        match (self.tried, self.present) {
            (_, 0) => Change::Newly,
            (0, _) => Change::NoLonger,
            (_, _) => Change::Both,
        }
    }
}

/// How many a policy hits.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Accounts.
    pub users: usize,
    /// Addresses.
    pub addresses: usize,
    /// Bans, of both.
    pub bans: usize,
    /// Subjects that logged in well afterwards: most likely hit wrongly.
    pub came_back: usize,
}

impl Tally {
    /// Counts bans.
    #[must_use]
    pub fn of(bans: &[WouldBe]) -> Self {
        let hit: BTreeSet<Subject> = bans.iter().map(|ban| ban.subject).collect();
        let back = bans.iter().filter(|ban| ban.then_logged_in_at.is_some());
        let users = hit.iter().filter(|one| matches!(one, Subject::User(_))).count();
        Self {
            users,
            addresses: hit.len() - users,
            bans: bans.len(),
            came_back: back.map(|ban| ban.subject).collect::<BTreeSet<_>>().len(),
        }
    }
}

/// Everybody whom one of two policies hits: the newly banned first, then those who no longer are, each by time.
#[must_use]
pub fn compare(tried: &[WouldBe], present: &[WouldBe]) -> Vec<Hit> {
    let mut hits: BTreeMap<Subject, Hit> = BTreeMap::new();
    for (bans, is_tried) in [(tried, true), (present, false)] {
        for ban in bans {
            let hit = hits.entry(ban.subject).or_insert_with(|| Hit {
                subject: ban.subject,
                tried: 0,
                present: 0,
                cause: ban.cause,
                first_at: ban.started_at,
                came_back_at: ban.then_logged_in_at,
            });
            hit.tried += usize::from(is_tried);
            hit.present += usize::from(!is_tried);
            hit.came_back_at = hit.came_back_at.or(ban.then_logged_in_at);
        }
    }
    let mut hits: Vec<Hit> = hits.into_values().collect();
    hits.sort_by_key(|hit| (hit.change(), hit.first_at));
    hits
}

/// How many bans began within a part of the time that was looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Slice {
    /// Its beginning.
    pub from: Timestamp,
    /// Under the policy tried.
    pub tried: usize,
    /// Under the present one.
    pub present: usize,
}

/// Bans over time: by days, or by several days together if there would be more than `most` parts.
#[must_use]
pub fn over_time(tried: &[WouldBe], present: &[WouldBe], days: u32, (since, most): (Timestamp, u32)) -> Vec<Slice> {
    let width = days.div_ceil(most.max(1)).max(1);
    let span = Duration::from_hours(24 * u64::from(width));
    let count = days.div_ceil(width);
    let place = |ban: &WouldBe| ban.started_at.since(since).as_millis() / span.as_millis();
    let within = |bans: &[WouldBe], part: u32| bans.iter().filter(|ban| place(ban) == u128::from(part)).count();
    (0..count)
        .map(|part| Slice {
            from: since.after(span.saturating_mul(part)),
            tried: within(tried, part),
            present: within(present, part),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::moderation::points::Points;

    fn ban(subject: &str, at: i64) -> WouldBe {
        let at = Timestamp::from_seconds(at);
        WouldBe {
            subject: subject.parse().expect("valid"),
            cause: Violation::Logins,
            points: Points::whole(20),
            started_at: at,
            ends_at: at,
            while_banned: false,
            then_logged_in_at: None,
        }
    }

    #[test]
    fn everybody_is_newly_banned_no_longer_banned_or_banned_by_both() {
        let tried = [
            ban("net:203.0.113.1", 5),
            ban("net:203.0.113.2", 3),
            ban("net:203.0.113.1", 9),
        ];
        let present = [ban("net:203.0.113.2", 4), ban("net:203.0.113.3", 1)];
        let told: Vec<_> = compare(&tried, &present)
            .into_iter()
            .map(|hit| (hit.subject.to_string(), hit.change(), hit.tried, hit.present))
            .collect();
        assert_eq!(
            told,
            [
                ("net:203.0.113.1".to_owned(), Change::Newly, 2, 0),
                ("net:203.0.113.3".to_owned(), Change::NoLonger, 0, 1),
                ("net:203.0.113.2".to_owned(), Change::Both, 1, 1),
            ]
        );
        assert_eq!(
            Tally::of(&tried),
            Tally {
                users: 0,
                addresses: 2,
                bans: 3,
                came_back: 0
            }
        );
    }

    #[test]
    fn bans_over_time_fall_into_days_or_into_several_days_together() {
        let day = 24 * 3600;
        let tried = [
            ban("net:203.0.113.1", 5),
            ban("net:203.0.113.2", day),
            ban("net:203.0.113.3", 2 * day - 1),
        ];
        let present = [ban("net:203.0.113.3", 3 * day)];
        let start = Timestamp::from_seconds(0);
        let told = |days, most| -> Vec<_> {
            let slices = over_time(&tried, &present, days, (start, most));
            slices
                .iter()
                .map(|slice| (slice.from.seconds() / day, slice.tried, slice.present))
                .collect()
        };
        assert_eq!(told(4, 10), [(0, 1, 0), (1, 2, 0), (2, 0, 0), (3, 0, 1)]);
        assert_eq!(told(4, 2), [(0, 3, 0), (2, 0, 1)]);
    }
}
