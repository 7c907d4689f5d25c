//! A provider's name in addresses and records, and the pictures its button may have.

use std::fmt;

/// A provider's short name: 2 to 32 small letters, digits and hyphens, as in `/oauth/<id>`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ProviderId(String);

/// The text is no name for a provider.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("must be 2 to 32 small letters, digits and hyphens, starting with a letter, such as \"office\"")]
pub struct BadProviderId;

impl ProviderId {
    /// Reads a name.
    ///
    /// # Errors
    /// [`BadProviderId`] for anything else.
    pub fn parse(text: &str) -> Result<Self, BadProviderId> {
        let fits = (2..=32).contains(&text.len()) && text.starts_with(|c: char| c.is_ascii_lowercase());
        let clean = text
            .chars()
            .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-');
        if fits && clean {
            Ok(Self(text.to_owned()))
        } else {
            Err(BadProviderId)
        }
    }

    /// The name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for ProviderId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Names that a provider of one's own may not have: LibreChat's providers, and our own addresses beside them.
pub const TAKEN: &[&str] = &[
    "apple", "connect", "console", "discord", "error", "facebook", "github", "google", "ldap", "local", "openid",
    "password", "saml",
];

/// A picture on a button; all of them are part of the program, so that a login page loads nothing from elsewhere.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Icon {
    /// A key: any `OpenID` provider.
    Key,
    /// A building: an employer or a school.
    Building,
    /// A house: one's own server.
    House,
    /// A shield.
    Shield,
    /// A globe.
    Globe,
    /// The letter G, for Google.
    LetterG,
    /// The letter f, for Facebook.
    LetterF,
    /// A branch of a tree of changes, for GitHub.
    Branch,
    /// A speech bubble, for Discord.
    Bubble,
    /// The letter A, for Apple.
    LetterA,
}

impl Icon {
    /// The words that stand for the pictures that an operator may choose.
    pub const WORDS: &'static [&'static str] = &["key", "building", "house", "shield", "globe"];

    /// The picture that a word stands for; a key for any other.
    #[must_use]
    pub fn from_word(word: &str) -> Self {
        match word {
            "building" => Self::Building,
            "house" => Self::House,
            "shield" => Self::Shield,
            "globe" => Self::Globe,
            _ => Self::Key,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_plain_words() {
        for good in ["office", "id-2", "ab"] {
            assert_eq!(ProviderId::parse(good).map(|id| id.to_string()), Ok(good.to_owned()));
        }
        let long = "a".repeat(33);
        for bad in [
            "",
            "a",
            "Office",
            "2nd",
            "-a",
            "a b",
            "a/b",
            "a.b",
            "a_b",
            "büro",
            long.as_str(),
        ] {
            assert_eq!(ProviderId::parse(bad), Err(BadProviderId), "{bad:?}");
        }
    }
}
