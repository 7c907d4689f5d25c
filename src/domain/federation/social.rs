//! The five providers that LibreChat knows by name. What is said here makes their settings, buttons and addresses; how each
//! is talked to is in its file in `providers`.

use crate::domain::federation::provider::Icon;

/// A provider that LibreChat knows by name, in the order of LibreChat's buttons.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Social {
    /// Google.
    Google,
    /// Facebook.
    Facebook,
    /// GitHub, or a GitHub Enterprise server.
    GitHub,
    /// Discord.
    Discord,
    /// Apple.
    Apple,
}

/// How we prove to a provider who we are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Proves {
    /// With a secret that the provider gave us.
    BySecret,
    /// With a short-lived token that we sign with a key of our own.
    ByKey,
}

impl Social {
    /// All of them.
    pub const ALL: &'static [Self] = &[Self::Google, Self::Facebook, Self::GitHub, Self::Discord, Self::Apple];

    /// The short name: in addresses, in settings, and as what an account that came this way says of itself.
    #[must_use]
    pub const fn key(self) -> &'static str {
        match self {
            Self::Google => "google",
            Self::Facebook => "facebook",
            Self::GitHub => "github",
            Self::Discord => "discord",
            Self::Apple => "apple",
        }
    }

    /// How it calls itself.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Google => "Google",
            Self::Facebook => "Facebook",
            Self::GitHub => "GitHub",
            Self::Discord => "Discord",
            Self::Apple => "Apple",
        }
    }

    /// What LibreChat's variables start with.
    #[must_use]
    pub const fn prefix(self) -> &'static str {
        match self {
            Self::Google => "GOOGLE",
            Self::Facebook => "FACEBOOK",
            Self::GitHub => "GITHUB",
            Self::Discord => "DISCORD",
            Self::Apple => "APPLE",
        }
    }

    /// The picture on its button: our own letter marks.
    #[must_use]
    pub const fn icon(self) -> Icon {
        match self {
            Self::Google => Icon::LetterG,
            Self::Facebook => Icon::LetterF,
            Self::GitHub => Icon::Branch,
            Self::Discord => Icon::Bubble,
            Self::Apple => Icon::LetterA,
        }
    }

    /// How we prove to it who we are.
    #[must_use]
    pub const fn proves(self) -> Proves {
        match self {
            Self::Apple => Proves::ByKey,
            Self::Google | Self::Facebook | Self::GitHub | Self::Discord => Proves::BySecret,
        }
    }

    /// Who vouches, in the key by which people are known again. For those with ID tokens it is what the tokens say.
    #[must_use]
    pub const fn issuer(self) -> &'static str {
        match self {
            Self::Google => "https://accounts.google.com",
            Self::Facebook => "https://www.facebook.com",
            Self::GitHub => "https://github.com",
            Self::Discord => "https://discord.com",
            Self::Apple => "https://appleid.apple.com",
        }
    }

    /// The one of that short name.
    #[must_use]
    pub fn from_key(key: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|social| social.key() == key)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::federation::provider::{ProviderId, TAKEN};

    #[test]
    fn their_names_are_names_that_nobody_else_may_have() {
        for social in Social::ALL {
            assert!(ProviderId::parse(social.key()).is_ok());
            assert!(TAKEN.contains(&social.key()), "{}", social.key());
            assert_eq!(Social::from_key(social.key()), Some(*social));
            assert_eq!(social.prefix(), social.key().to_uppercase());
        }
        assert_eq!(Social::from_key("openid"), None);
    }
}
