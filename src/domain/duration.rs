//! Durations as operators write them: `15m`, `1h30m`, a number of milliseconds, or LibreChat's arithmetic in milliseconds.
//!
//! LibreChat replaces what it cannot read by its default without a word; here everything unreadable is an error.

use std::iter::Peekable;
use std::str::Chars;
use std::time::Duration;

/// The longest duration anybody may ask for: ten years.
pub const LONGEST: Duration = Duration::from_hours(24 * 3650);

/// More characters than any sensible duration has.
const MOST_CHARACTERS: usize = 200;
/// Brackets and signs within each other.
const DEEPEST: usize = 32;

const UNITS: [(&str, f64); 6] = [
    ("w", 604_800_000.0),
    ("d", 86_400_000.0),
    ("h", 3_600_000.0),
    ("m", 60_000.0),
    ("s", 1_000.0),
    ("ms", 1.0),
];

/// Why a text is no duration.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadDuration {
    /// Nothing but blanks.
    #[error("is empty")]
    Empty,
    /// Longer than any sensible duration, or too deeply nested.
    #[error("is too long or too deeply nested to be a duration")]
    TooComplex,
    /// A number is followed by letters that are no unit.
    #[error("has the unknown unit `{0}`; the units are ms, s, m, h, d and w")]
    UnknownUnit(String),
    /// Neither form.
    #[error("is neither a duration such as 15m, 7d or 1h30m nor arithmetic in milliseconds such as 1000 * 60 * 15")]
    Syntax,
    /// `8/2(2)`: people and calculators disagree about it.
    #[error("multiplies without a sign after a division, which can be read in two ways; write the `*`")]
    Ambiguous,
    /// The arithmetic divides by zero or overflows.
    #[error("divides by zero or is infinite")]
    NotFinite,
    /// Zero or negative.
    #[error("must be longer than zero")]
    NotPositive,
    /// Over [`LONGEST`].
    #[error("is longer than ten years")]
    TooLong,
}

/// Reads a duration: numbers with units (`1h 30m`), or arithmetic in milliseconds (`1000 * 60 * 15`, `2(3)`, `7 % 4`).
///
/// # Errors
/// [`BadDuration`] for everything else, zero and negative results included.
pub fn parse(text: &str) -> Result<Duration, BadDuration> {
    let millis = if text.chars().any(char::is_alphabetic) {
        with_units(text)?
    } else {
        evaluate(text)?
    };
    if !millis.is_finite() {
        return Err(BadDuration::NotFinite);
    }
    if millis <= 0.0 {
        return Err(BadDuration::NotPositive);
    }
    let exact = Duration::try_from_secs_f64(millis / 1000.0).map_err(|_| BadDuration::TooLong)?;
    // Binary fractions miss decimal ones by nanoseconds.
    let micros = u64::try_from((exact.as_nanos() + 500) / 1000).map_err(|_| BadDuration::TooLong)?;
    match Duration::from_micros(micros) {
        span if span > LONGEST => Err(BadDuration::TooLong),
        Duration::ZERO => Err(BadDuration::NotPositive),
        span => Ok(span),
    }
}

/// Evaluates LibreChat's arithmetic: decimals, `+ - * / %`, brackets, and the product without a sign before a bracket.
///
/// # Errors
/// [`BadDuration`] if it is no arithmetic or the result is no finite number.
pub fn evaluate(text: &str) -> Result<f64, BadDuration> {
    if text.len() > MOST_CHARACTERS {
        return Err(BadDuration::TooComplex);
    }
    if text.trim().is_empty() {
        return Err(BadDuration::Empty);
    }
    let mut arithmetic = Arithmetic {
        rest: text.chars().peekable(),
        depth: 0,
    };
    let result = arithmetic.sum()?;
    match arithmetic.peek() {
        None if result.is_finite() => Ok(result),
        None => Err(BadDuration::NotFinite),
        Some(_) => Err(BadDuration::Syntax),
    }
}

/// Writes a duration so that [`parse`] reads it again: `15m`, `1h30m`, `1s500ms`; rounded to milliseconds.
#[must_use]
pub fn format(span: Duration) -> String {
    let mut rest = span.as_millis();
    let mut text = String::new();
    for (unit, millis) in [
        ("d", 86_400_000),
        ("h", 3_600_000),
        ("m", 60_000),
        ("s", 1_000),
        ("ms", 1),
    ] {
        if rest >= millis {
            text.push_str(&(rest / millis).to_string());
            text.push_str(unit);
            rest %= millis;
        }
    }
    if text.is_empty() { "0ms".into() } else { text }
}

fn with_units(text: &str) -> Result<f64, BadDuration> {
    if text.len() > MOST_CHARACTERS {
        return Err(BadDuration::TooComplex);
    }
    let mut rest = text.trim();
    let mut total = 0.0;
    while !rest.is_empty() {
        let letters = rest
            .find(|c: char| c != '.' && !c.is_ascii_digit())
            .ok_or(BadDuration::Syntax)?;
        let (number, after) = rest.split_at(letters);
        let number: f64 = number.parse().map_err(|_| BadDuration::Syntax)?;
        let after = after.trim_start();
        let end = after.find(|c: char| !c.is_alphabetic()).unwrap_or(after.len());
        let (unit, next) = after.split_at(end);
        let (_, millis) = UNITS.iter().find(|(name, _)| *name == unit).ok_or_else(|| match unit {
            "" => BadDuration::Syntax,
            _ => BadDuration::UnknownUnit(unit.to_owned()),
        })?;
        total += number * millis;
        rest = next.trim_start();
    }
    Ok(total)
}

/// One pass over the text, from left to right.
struct Arithmetic<'t> {
    rest: Peekable<Chars<'t>>,
    depth: usize,
}

impl Arithmetic<'_> {
    fn peek(&mut self) -> Option<char> {
        while self.rest.next_if(|c| c.is_whitespace()).is_some() {}
        self.rest.peek().copied()
    }

    fn take(&mut self, wanted: char) -> bool {
        self.peek() == Some(wanted) && self.rest.next().is_some()
    }

    fn sum(&mut self) -> Result<f64, BadDuration> {
        let mut total = self.product()?;
        loop {
            if self.take('+') {
                total += self.product()?;
            } else if self.take('-') {
                total -= self.product()?;
            } else {
                return Ok(total);
            }
        }
    }

    fn product(&mut self) -> Result<f64, BadDuration> {
        let (mut total, mut bracketed) = self.factor()?;
        let mut divided = false;
        loop {
            let operator = match self.peek() {
                Some(c @ ('*' | '/' | '%')) => {
                    self.rest.next();
                    c
                }
                Some('(') => '(',
                Some(c) if bracketed && (c == '.' || c.is_ascii_digit()) => '(',
                _ => return Ok(total),
            };
            if operator == '(' && divided {
                return Err(BadDuration::Ambiguous);
            }
            divided |= operator == '/' || operator == '%';
            let (factor, brackets) = self.factor()?;
            bracketed = brackets;
            total = match operator {
                '/' => total / factor,
                // LibreChat's modulo takes the sign of the divisor.
                '%' => total - factor * (total / factor).floor(),
                _ => total * factor,
            };
        }
    }

    /// A number, a signed factor or a bracket; and whether it was a bracket.
    fn factor(&mut self) -> Result<(f64, bool), BadDuration> {
        self.depth += 1;
        if self.depth > DEEPEST {
            return Err(BadDuration::TooComplex);
        }
        let found = if self.take('(') {
            let inner = self.sum()?;
            if !self.take(')') {
                return Err(BadDuration::Syntax);
            }
            (inner, true)
        } else if self.take('-') {
            let (value, bracketed) = self.factor()?;
            (-value, bracketed)
        } else if self.take('+') {
            self.factor()?
        } else {
            (self.number()?, false)
        };
        self.depth -= 1;
        Ok(found)
    }

    fn number(&mut self) -> Result<f64, BadDuration> {
        self.peek();
        let mut digits = String::new();
        while let Some(c) = self.rest.next_if(|c| *c == '.' || c.is_ascii_digit()) {
            digits.push(c);
        }
        digits.parse().map_err(|_| BadDuration::Syntax)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn millis(text: &str) -> Result<u128, BadDuration> {
        parse(text).map(|span| span.as_millis())
    }

    #[test]
    fn numbers_with_units_are_durations() {
        for (text, expected) in [
            ("15m", 900_000),
            ("7d", 604_800_000),
            ("1h30m", 5_400_000),
            (" 1h 30m ", 5_400_000),
            ("500ms", 500),
            ("90s", 90_000),
            ("2w", 1_209_600_000),
            ("1.5h", 5_400_000),
            ("15 m", 900_000),
        ] {
            assert_eq!(millis(text), Ok(expected), "{text}");
        }
    }

    #[test]
    fn arithmetic_is_in_milliseconds_as_in_librechat() {
        for (text, expected) in [
            ("1000 * 60 * 15", 900_000),
            ("(1000*60*60*24)*7", 604_800_000),
            (" 900000 ", 900_000),
            ("2(3)", 6),
            ("(2)(3)", 6),
            ("(2) 3", 6),
            ("10.5*2", 21),
            ("5.", 5),
            ("10 % 3", 1),
            ("-7 % 3", 2),
            ("7 - -5", 12),
            ("12/3*2", 8),
            ("2 + 3 * 4", 14),
        ] {
            assert_eq!(millis(text), Ok(expected), "{text}");
        }
    }

    #[test]
    fn what_librechat_silently_replaces_is_an_error() {
        for (text, expected) in [
            ("", BadDuration::Empty),
            ("  ", BadDuration::Empty),
            ("15 minuets", BadDuration::UnknownUnit("minuets".into())),
            ("1e3", BadDuration::UnknownUnit("e".into())),
            ("1/0", BadDuration::NotFinite),
            ("0/0", BadDuration::NotFinite),
            ("5 % 0", BadDuration::NotFinite),
            ("2**3", BadDuration::Syntax),
            ("1000 60", BadDuration::Syntax),
            ("1000*", BadDuration::Syntax),
            ("1_000", BadDuration::Syntax),
            ("1,000", BadDuration::Syntax),
            ("'900000'", BadDuration::Syntax),
            ("50%", BadDuration::Syntax),
            ("1.2.3", BadDuration::Syntax),
            ("(1", BadDuration::Syntax),
            ("m", BadDuration::Syntax),
            ("1h30", BadDuration::Syntax),
            ("8/2(2)", BadDuration::Ambiguous),
            ("0", BadDuration::NotPositive),
            ("-5", BadDuration::NotPositive),
            ("0s", BadDuration::NotPositive),
            ("11000d", BadDuration::TooLong),
        ] {
            assert_eq!(parse(text), Err(expected), "{text}");
        }
    }

    #[test]
    fn size_and_depth_are_bounded() {
        assert_eq!(parse(&"1".repeat(201)), Err(BadDuration::TooComplex));
        assert_eq!(
            parse(&format!("{}1{}", "(".repeat(90), ")".repeat(90))),
            Err(BadDuration::TooComplex)
        );
        assert_eq!(parse(&format!("{}1", "-".repeat(90))), Err(BadDuration::TooComplex));
    }

    proptest! {
        #[test]
        fn no_text_makes_it_panic(text in "\\PC{0,40}") {
            let _ = parse(&text);
        }

        #[test]
        fn no_arithmetic_makes_it_panic_or_leave_its_bounds(text in "[-+0-9. */%()hmsdw]{0,40}") {
            if let Ok(span) = parse(&text) {
                prop_assert!(span > Duration::ZERO && span <= LONGEST);
            }
        }

        #[test]
        fn what_is_written_is_read_again(millis in 1_u64..315_360_000_000) {
            let span = Duration::from_millis(millis);
            prop_assert_eq!(parse(&format(span)), Ok(span));
        }
    }
}
