//! Points that violations cost: a decimal number with three places, counted exactly.

use std::fmt;
use std::ops::Add;

/// Thousandths of a point, never negative.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Points(i64);

impl Points {
    /// No points.
    pub const ZERO: Self = Self(0);

    /// Whole points.
    #[must_use]
    pub const fn whole(points: u32) -> Self {
        Self(points as i64 * 1000)
    }

    /// From thousandths, as the database has them; less than nothing is nothing.
    #[must_use]
    pub const fn from_thousandths(thousandths: i64) -> Self {
        Self(if thousandths < 0 { 0 } else { thousandths })
    }

    /// Thousandths, for the database.
    #[must_use]
    pub const fn thousandths(self) -> i64 {
        self.0
    }

    /// Reads `5`, `0.5` or `.25`; `None` for anything else, negative numbers and more than a billion included.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        let (whole, places) = text.split_once('.').unwrap_or((text, ""));
        let digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
        if !digits(whole) || !digits(places) || places.len() > 3 || whole.len() > 9 || (whole.len() + places.len()) == 0
        {
            return None;
        }
        let whole: i64 = if whole.is_empty() { 0 } else { whole.parse().ok()? };
        let thousandths: i64 = format!("{places:0<3}").parse().ok()?;
        Some(Self(whole * 1000 + thousandths))
    }
}

impl Add for Points {
    type Output = Self;

    fn add(self, more: Self) -> Self {
        Self(self.0.saturating_add(more.0))
    }
}

impl fmt::Display for Points {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (whole, places) = (self.0 / 1000, self.0 % 1000);
        if places == 0 {
            return write!(f, "{whole}");
        }
        let places = format!("{places:03}");
        write!(f, "{whole}.{}", places.trim_end_matches('0'))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn points_are_read_and_written_exactly() {
        for (text, back) in [
            ("5", "5"),
            ("0.5", "0.5"),
            (".25", "0.25"),
            ("3.", "3"),
            (" 20 ", "20"),
            ("1.005", "1.005"),
        ] {
            assert_eq!(
                Points::parse(text).map(|points| points.to_string()).as_deref(),
                Some(back),
                "{text}"
            );
        }
        for bad in ["", ".", "-1", "1e3", "abc", "1.0005", "1,5", "9999999999"] {
            assert_eq!(Points::parse(bad), None, "{bad}");
        }
    }
}
