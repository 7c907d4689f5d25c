//! The name of a group: what access rules ask for and what other programs get in `Remote-Groups`.

use std::fmt;

/// Longest name, in characters.
const MOST_CHARACTERS: usize = 64;

/// A name of 1 to 64 characters without commas, which separate names on the wire.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct GroupName(String);

/// The text is no name of a group.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a group's name has 1 to 64 letters, digits, blanks inside, and '_', '-', '.', ':', '/', '@'")]
pub struct BadGroupName;

impl GroupName {
    /// Reads a name. Case counts.
    ///
    /// # Errors
    /// [`BadGroupName`].
    pub fn parse(text: &str) -> Result<Self, BadGroupName> {
        let fits = (1..=MOST_CHARACTERS).contains(&text.chars().count()) && text.trim() == text;
        let clean = text
            .chars()
            .all(|c| c.is_alphanumeric() || matches!(c, '_' | '-' | '.' | ':' | '/' | '@' | ' '));
        if fits && clean {
            Ok(Self(text.to_owned()))
        } else {
            Err(BadGroupName)
        }
    }

    /// From the database.
    #[must_use]
    pub fn from_row(text: String) -> Self {
        Self(text)
    }

    /// The name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for GroupName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_what_a_header_can_carry() {
        for good in [
            "family",
            "Team Lead",
            "/home/parents",
            "b\u{fc}ro",
            "a@b.example",
            "role:x",
            &"x".repeat(64),
        ] {
            assert_eq!(GroupName::parse(good).map(|name| name.to_string()).as_deref(), Ok(good));
        }
        for bad in [
            "",
            " ",
            " x",
            "x ",
            "a,b",
            "a\nb",
            "a\"b",
            "a;b",
            "CN=x",
            "<b>",
            &"x".repeat(65),
        ] {
            assert_eq!(GroupName::parse(bad), Err(BadGroupName), "{bad:?}");
        }
    }
}
