//! Identifiers. A user's id is 24 hexadecimal digits, as LibreChat's object ids are, so that imported users keep theirs.

use std::fmt;
use std::str::FromStr;

use crate::domain::hex::hex_in;
use crate::domain::time::Timestamp;

/// A user's public id: 12 bytes, written as 24 lower-case hexadecimal digits.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct UserId([u8; 12]);

impl UserId {
    /// A new id: four bytes of time in seconds, then eight random ones.
    #[must_use]
    pub fn new(now: Timestamp, random: [u8; 8]) -> Self {
        let mut bytes = [0; 12];
        let seconds = u32::try_from(now.seconds().rem_euclid(1 << 32)).unwrap_or(0);
        bytes[..4].copy_from_slice(&seconds.to_be_bytes());
        bytes[4..].copy_from_slice(&random);
        Self(bytes)
    }
}

impl fmt::Display for UserId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(hex_in(&self.0, &mut [0; 24]))
    }
}

impl fmt::Debug for UserId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// The text is not 24 hexadecimal digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a user id is 24 hexadecimal digits")]
pub struct BadUserId;

impl FromStr for UserId {
    type Err = BadUserId;

    fn from_str(text: &str) -> Result<Self, BadUserId> {
        let digits = text.as_bytes();
        if digits.len() != 24 {
            return Err(BadUserId);
        }
        let mut bytes = [0; 12];
        for (byte, pair) in bytes.iter_mut().zip(digits.chunks_exact(2)) {
            *byte = hex_digit(pair[0])? << 4 | hex_digit(pair[1])?;
        }
        Ok(Self(bytes))
    }
}

fn hex_digit(digit: u8) -> Result<u8, BadUserId> {
    match digit {
        b'0'..=b'9' => Ok(digit - b'0'),
        b'a'..=b'f' => Ok(digit - b'a' + 10),
        b'A'..=b'F' => Ok(digit - b'A' + 10),
        _ => Err(BadUserId),
    }
}

/// A session's id: a positive integer, so that the row is found by its primary key and pages stay dense.
///
/// Written in decimal in tokens. Not a secret: a token is recognised by its digest, the id only says where to look.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SessionId(i64);

impl SessionId {
    /// A new id: milliseconds in the upper 43 bits, 20 random bits below.
    #[must_use]
    pub fn new(now: Timestamp, random: u32) -> Self {
        let millis = now.millis().clamp(0, (1 << 43) - 1);
        Self(millis << 20 | i64::from(random & 0x000f_ffff))
    }

    /// From the number in the database or in a token.
    #[must_use]
    pub const fn from_row(id: i64) -> Self {
        Self(id)
    }

    /// The number in the database.
    #[must_use]
    pub const fn number(self) -> i64 {
        self.0
    }
}

impl fmt::Display for SessionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)
    }
}

impl FromStr for SessionId {
    type Err = std::num::ParseIntError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        text.parse().map(Self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_user_id_survives_its_text_form() {
        let id = UserId::new(Timestamp::from_seconds(0x6662_f0ab), [1, 2, 3, 4, 5, 6, 7, 0xff]);
        assert_eq!(id.to_string(), "6662f0ab01020304050607ff");
        assert_eq!("6662F0AB01020304050607FF".parse(), Ok(id));
    }

    #[test]
    fn anything_but_24_hex_digits_is_no_user_id() {
        for text in [
            "",
            "6662f0ab01020304050607f",
            "6662f0ab01020304050607ffa",
            "6662f0ab01020304050607fg",
            "é",
        ] {
            assert_eq!(text.parse::<UserId>(), Err(BadUserId), "{text:?}");
        }
    }

    #[test]
    fn session_ids_grow_with_time() {
        let early = SessionId::new(Timestamp::from_millis(1_000), u32::MAX);
        let late = SessionId::new(Timestamp::from_millis(1_001), 0);
        assert!(early < late && early.number() > 0);
    }
}
