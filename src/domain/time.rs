//! Points in time. The clock itself is passed in; this module only says what it looks like.

use std::fmt;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use time::format_description::StaticFormatDescription;
use time::format_description::well_known::Rfc3339;
use time::macros::format_description;
use time::{Date, OffsetDateTime, PrimitiveDateTime};

const DAY: StaticFormatDescription = format_description!("[year]-[month]-[day]");
const STAMP: StaticFormatDescription = format_description!("[year][month][day]T[hour][minute][second]Z");

/// Milliseconds since the Unix epoch, UTC: the only form in which time is stored and compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Timestamp(i64);

impl Timestamp {
    /// From milliseconds since the Unix epoch.
    #[must_use]
    pub const fn from_millis(millis: i64) -> Self {
        Self(millis)
    }

    /// From whole seconds since the Unix epoch, as JWT claims carry them (RFC 7519 §2, `NumericDate`).
    #[must_use]
    pub const fn from_seconds(seconds: i64) -> Self {
        Self(seconds.saturating_mul(1000))
    }

    /// Milliseconds since the Unix epoch.
    #[must_use]
    pub const fn millis(self) -> i64 {
        self.0
    }

    /// Whole seconds since the Unix epoch, rounded down.
    #[must_use]
    pub const fn seconds(self) -> i64 {
        self.0.div_euclid(1000)
    }

    /// This moment and `span` later; saturates instead of overflowing.
    #[must_use]
    pub fn after(self, span: Duration) -> Self {
        Self(
            self.0
                .saturating_add(i64::try_from(span.as_millis()).unwrap_or(i64::MAX)),
        )
    }

    /// This moment and `span` earlier; saturates instead of overflowing.
    #[must_use]
    pub fn before(self, span: Duration) -> Self {
        Self(
            self.0
                .saturating_sub(i64::try_from(span.as_millis()).unwrap_or(i64::MAX)),
        )
    }

    /// `20261122T214213Z`: for file names, which then sort by time.
    #[must_use]
    pub fn stamp(self) -> String {
        OffsetDateTime::from_unix_timestamp(self.seconds())
            .ok()
            .and_then(|moment| moment.format(STAMP).ok())
            .unwrap_or_else(|| self.seconds().to_string())
    }

    /// `20261122`: the day, by UTC.
    #[must_use]
    pub fn day(self) -> String {
        let mut stamp = self.stamp();
        stamp.truncate(8);
        stamp
    }

    /// From [`Timestamp::stamp`]; `None` for anything else.
    #[must_use]
    pub fn from_stamp(text: &str) -> Option<Self> {
        let moment = PrimitiveDateTime::parse(text, STAMP).ok()?;
        Some(Self::from_seconds(moment.assume_utc().unix_timestamp()))
    }

    /// From a day, `2026-11-26`, or a moment as RFC 3339 writes it; `None` for anything else.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        if let Ok(day) = Date::parse(text, DAY) {
            return Some(Self::from_seconds(day.midnight().assume_utc().unix_timestamp()));
        }
        let moment = OffsetDateTime::parse(text, &Rfc3339).ok()?;
        i64::try_from(moment.unix_timestamp_nanos() / 1_000_000).ok().map(Self)
    }

    /// The time that passed from `earlier` to `self`; zero if `earlier` is later.
    #[must_use]
    pub fn since(self, earlier: Self) -> Duration {
        Duration::from_millis(u64::try_from(self.0.saturating_sub(earlier.0)).unwrap_or(0))
    }
}

impl fmt::Display for Timestamp {
    /// ISO 8601 with milliseconds and `Z`, the form in which LibreChat's API prints dates.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Ok(moment) = OffsetDateTime::from_unix_timestamp_nanos(i128::from(self.0) * 1_000_000) else {
            return write!(f, "{} ms", self.0);
        };
        let (date, time) = (moment.date(), moment.time());
        let (year, month, day) = (date.year(), u8::from(date.month()), date.day());
        if !(0..10_000).contains(&year) {
            return write!(f, "{} ms", self.0);
        }
        let mut text = *b"0000-00-00T00:00:00.000Z";
        digits(&mut text[0..4], year.unsigned_abs());
        digits(&mut text[5..7], month.into());
        digits(&mut text[8..10], day.into());
        digits(&mut text[11..13], time.hour().into());
        digits(&mut text[14..16], time.minute().into());
        digits(&mut text[17..19], time.second().into());
        digits(&mut text[20..23], time.millisecond().into());
        f.write_str(std::str::from_utf8(&text).unwrap_or_default())
    }
}

/// Writes a number over the whole place, with leading zeros.
fn digits(place: &mut [u8], number: u32) {
    let mut rest = number;
    for digit in place.iter_mut().rev() {
        *digit = b'0' + u8::try_from(rest % 10).unwrap_or(0);
        rest /= 10;
    }
}

/// Where "now" comes from: the system's clock in the program, a manual one in tests.
pub trait Clock: Send + Sync {
    /// The present moment.
    fn now(&self) -> Timestamp;

    /// Time that passed since some moment in the past. Nobody sets it: spans measured by it are true even if the wall
    /// clock jumps.
    fn uptime(&self) -> Duration;
}

/// A pause that grows with failures: `first`, twice that after one more, and so on, up to `longest`.
#[must_use]
pub fn doubled(first: Duration, times: u32, longest: Duration) -> Duration {
    first.saturating_mul(1 << times.min(10)).min(longest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prints_iso_8601_with_milliseconds() {
        assert_eq!(
            Timestamp::from_millis(1_717_788_018_005).to_string(),
            "2024-06-07T19:20:18.005Z"
        );
    }

    #[test]
    fn stamps_read_back() {
        let moment = Timestamp::from_seconds(1_717_788_018);
        assert_eq!(moment.stamp(), "20240607T192018Z");
        assert_eq!(Timestamp::from_stamp("20240607T192018Z"), Some(moment));
        for bad in ["", "20240607T192018", "20241307T192018Z", "20240607T192018Z.x"] {
            assert_eq!(Timestamp::from_stamp(bad), None, "{bad}");
        }
    }

    #[test]
    fn days_and_moments_are_read_as_people_write_them() {
        let day = Timestamp::from_seconds(1_717_718_400);
        assert_eq!(Timestamp::parse("2024-06-07"), Some(day));
        assert_eq!(Timestamp::parse("2024-06-07T00:00:00Z"), Some(day));
        assert_eq!(Timestamp::parse("2024-06-07T02:00:00.000+02:00"), Some(day));
        assert_eq!(Timestamp::parse(&day.to_string()), Some(day));
        for bad in ["", "7d", "2024-06", "2024-13-07", "2024-06-07T00:00"] {
            assert_eq!(Timestamp::parse(bad), None, "{bad}");
        }
    }

    #[test]
    fn adding_saturates_and_seconds_round_down() {
        assert_eq!(
            Timestamp::from_millis(i64::MAX).after(Duration::from_secs(1)).millis(),
            i64::MAX
        );
        assert_eq!(Timestamp::from_millis(-1).seconds(), -1);
        assert_eq!(
            Timestamp::from_millis(5).since(Timestamp::from_millis(9)),
            Duration::ZERO
        );
    }
}
