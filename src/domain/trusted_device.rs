//! Devices whose owner is not asked for a code there. The browser keeps one token for each account that trusts it: people
//! share browsers.

use crate::domain::secret::{Secret, Token, TokenDigest};
use crate::domain::session::Origin;
use crate::domain::time::Timestamp;

/// As many tokens as one browser keeps; the oldest goes first.
const MOST: usize = 5;

/// A device as stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TrustedDevice {
    /// Row number, for taking the trust back.
    pub id: i64,
    /// Device and address when it was trusted.
    pub origin: Origin,
    /// Since when.
    pub created_at: Timestamp,
    /// The last login without a code.
    pub last_used_at: Timestamp,
    /// From then on it is asked again.
    pub expires_at: Timestamp,
}

/// The tokens of a browser, newest first, as kept in one cookie.
#[derive(Debug, Default)]
pub struct TrustTokens(Vec<Token>);

impl TrustTokens {
    /// From the cookie; what is no token is left out.
    #[must_use]
    pub fn parse(cookie: &str) -> Self {
        Self(cookie.split('.').filter_map(Token::parse).take(MOST).collect())
    }

    /// The digests to look for.
    pub fn digests(&self) -> impl Iterator<Item = TokenDigest> {
        self.0.iter().map(Token::digest)
    }

    /// With one more.
    #[must_use]
    pub fn with(mut self, token: Token) -> Self {
        self.0.insert(0, token);
        self.0.truncate(MOST);
        self
    }

    /// The cookie.
    #[must_use]
    pub fn reveal(&self) -> Secret {
        let tokens: Vec<String> = self.0.iter().map(Token::reveal).collect();
        Secret::new(tokens.join("."))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_browser_keeps_the_five_newest_tokens() {
        let mut tokens = TrustTokens::parse("nonsense..");
        for number in 0..7 {
            tokens = tokens.with(Token::new([number; 32]));
        }
        let cookie = tokens.reveal();
        let kept: Vec<_> = TrustTokens::parse(cookie.expose()).digests().collect();
        let expected: Vec<_> = (2..7).rev().map(|number| Token::new([number; 32]).digest()).collect();
        assert_eq!(kept, expected);
    }
}
