//! When something ends, as people write it: a day, a moment, a span from now, or `never`.

use std::fmt;

use time::format_description::StaticFormatDescription;
use time::format_description::well_known::Rfc3339;
use time::macros::format_description;
use time::{Date, OffsetDateTime, PrimitiveDateTime, Time};

use crate::domain::duration;
use crate::domain::time::Timestamp;

const DAY: StaticFormatDescription = format_description!("[year]-[month]-[day]");
/// As browsers send the field `datetime-local`.
const MINUTE: StaticFormatDescription = format_description!("[year]-[month]-[day]T[hour]:[minute]");

/// The text says no moment to come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BadMoment {
    /// It cannot be read.
    Unreadable,
    /// It is over.
    Past,
}

impl fmt::Display for BadMoment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Unreadable => {
                "is no moment: write a day such as 2027-01-31 (it still counts), 2027-01-31T18:00 in UTC, a span such as \
                 30d, or never"
            }
            Self::Past => "is over already",
        })
    }
}

/// Reads an end. A day counts to its end; without an offset times are UTC.
///
/// # Errors
/// [`BadMoment`].
pub fn parse(text: &str, now: Timestamp) -> Result<Option<Timestamp>, BadMoment> {
    let text = text.trim();
    if text.is_empty() || text.eq_ignore_ascii_case("never") {
        return Ok(None);
    }
    // A span says its unit: sums, which settings may be, would be days misspelt here.
    let is_span = text.ends_with(|last: char| last.is_ascii_alphabetic());
    let span = || duration::parse(text).ok().filter(|_| is_span);
    let end = moment(text).or_else(|| span().map(|span| now.after(span)));
    match end {
        None => Err(BadMoment::Unreadable),
        Some(end) if end <= now => Err(BadMoment::Past),
        Some(end) => Ok(Some(end)),
    }
}

fn moment(text: &str) -> Option<Timestamp> {
    let seconds = |moment: OffsetDateTime| Timestamp::from_seconds(moment.unix_timestamp());
    if let Ok(day) = Date::parse(text, DAY) {
        return Some(seconds(day.next_day()?.with_time(Time::MIDNIGHT).assume_utc()));
    }
    if let Ok(minute) = PrimitiveDateTime::parse(text, MINUTE) {
        return Some(seconds(minute.assume_utc()));
    }
    OffsetDateTime::parse(text, &Rfc3339).ok().map(seconds)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 2026-06-07T19:20:18Z.
    const NOW: Timestamp = Timestamp::from_seconds(1_780_860_018);

    fn read(text: &str) -> Result<Option<String>, BadMoment> {
        parse(text, NOW).map(|end| end.map(|end| end.to_string()))
    }

    #[test]
    fn a_day_counts_to_its_end_and_a_moment_is_utc_unless_it_says_otherwise() {
        let ends = [
            ("2026-06-07", "2026-06-08T00:00:00.000Z"),
            ("2026-12-31", "2027-01-01T00:00:00.000Z"),
            (" 2026-06-08T18:00 ", "2026-06-08T18:00:00.000Z"),
            ("2026-06-08T18:00:00Z", "2026-06-08T18:00:00.000Z"),
            ("2026-06-08T18:00:00+02:00", "2026-06-08T16:00:00.000Z"),
            ("1d", "2026-06-08T19:20:18.000Z"),
        ];
        for (text, end) in ends {
            assert_eq!(read(text), Ok(Some(end.to_owned())), "{text}");
        }
    }

    #[test]
    fn never_and_nothing_are_no_end() {
        assert_eq!((read("never"), read("Never"), read("")), (Ok(None), Ok(None), Ok(None)));
    }

    #[test]
    fn what_is_over_or_unreadable_is_told_apart() {
        assert_eq!(read("2026-06-06"), Err(BadMoment::Past));
        assert_eq!(read("2026-06-07T19:20"), Err(BadMoment::Past));
        for text in ["soon", "2026-02-30", "31.12.2026", "-3d", "0"] {
            assert_eq!(read(text), Err(BadMoment::Unreadable), "{text}");
        }
    }
}
