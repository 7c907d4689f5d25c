//! A time of day by UTC, at which something happens every day.

use std::fmt;

use crate::domain::time::Timestamp;

const DAY_MILLIS: i64 = 24 * 60 * 60 * 1000;
const MINUTE_MILLIS: i64 = 60 * 1000;

/// Hours and minutes, by UTC.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TimeOfDay {
    minutes: u16,
}

impl TimeOfDay {
    /// Reads `03:30`; `None` for anything else.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (hours, minutes) = text.split_once(':')?;
        let number = |text: &str, most: u16| {
            let is_plain = (1..=2).contains(&text.len()) && text.bytes().all(|c| c.is_ascii_digit());
            text.parse::<u16>().ok().filter(|number| is_plain && *number <= most)
        };
        let minutes = (minutes.len() == 2).then(|| number(minutes, 59)).flatten()?;
        Some(Self {
            minutes: number(hours, 23)? * 60 + minutes,
        })
    }

    /// The newest moment of this time of day that is not after `now`.
    #[must_use]
    pub fn last(self, now: Timestamp) -> Timestamp {
        let offset = i64::from(self.minutes) * MINUTE_MILLIS;
        let days = now.millis().saturating_sub(offset).div_euclid(DAY_MILLIS);
        Timestamp::from_millis(days * DAY_MILLIS + offset)
    }
}

impl fmt::Display for TimeOfDay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:02}:{:02}", self.minutes / 60, self.minutes % 60)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_times_of_day_are_read() {
        for (text, read) in [("03:30", "03:30"), ("0:00", "00:00"), ("23:59", "23:59")] {
            assert_eq!(TimeOfDay::parse(text).map(|at| at.to_string()).as_deref(), Some(read));
        }
        for bad in [
            "", "3", "24:00", "12:60", "3:5", "-1:00", "+1:00", "3:30 pm", "03:30:00", "٣:30",
        ] {
            assert_eq!(TimeOfDay::parse(bad), None, "{bad}");
        }
    }

    #[test]
    fn the_last_one_is_today_or_yesterday() {
        // 1 February 2023 begins at 1,675,209,600.
        let midnight = 1_675_209_600;
        let half_past_three = TimeOfDay::parse("03:30").expect("a time");
        let at = |seconds| half_past_three.last(Timestamp::from_seconds(seconds)).seconds();
        let due = midnight + 3 * 3600 + 1800;
        assert_eq!(at(due), due);
        assert_eq!(at(due - 1), due - 86_400);
        assert_eq!(at(due + 86_399), due);
    }
}
