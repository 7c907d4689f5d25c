//! One attempt to log in with a provider, or to connect it: bound to the browser that began it and to the provider, used
//! once, over after ten minutes. Each tab has its own.
//!
//! The browser keeps a token; the provider's way back brings the `state`. The server keeps digests of both, so that what
//! is in the database finishes nobody's attempt. Nonce and PKCE verifier follow from the browser's token.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use crate::domain::account::AccountKey;
use crate::domain::federation::connection::Subject;
use crate::domain::federation::provider::ProviderId;
use crate::domain::ids::SessionId;
use crate::domain::redirect::LocalPath;
use crate::domain::secret::{Secret, Token, TokenDigest};
use crate::domain::session::{Identity, Session};
use crate::domain::time::Timestamp;

/// How long an attempt may take.
pub const LIFETIME: Duration = Duration::from_mins(10);

/// An attempt as stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attempt {
    /// Digest of the `state`.
    pub state: TokenDigest,
    /// Digest of the browser's token.
    pub browser: TokenDigest,
    /// Which provider the person was sent to.
    pub provider: ProviderId,
    /// Where they want to go afterwards.
    pub target: Option<LocalPath>,
    /// Who was signed in, and what they went for; `None` for a login.
    pub connects: Option<Connects>,
    /// From then on it is useless.
    pub expires_at: Timestamp,
}

/// What somebody who is signed in goes to a provider for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Intent {
    /// To connect it to their account.
    Connect,
    /// To prove again who they are, with an identity that is connected already.
    Prove,
}

impl Intent {
    /// The stable key in the database.
    #[must_use]
    pub const fn key(self) -> &'static str {
        match self {
            Self::Connect => "connect",
            Self::Prove => "prove",
        }
    }

    /// From the key in the database.
    #[must_use]
    pub fn from_key(key: &str) -> Option<Self> {
        [Self::Connect, Self::Prove]
            .into_iter()
            .find(|intent| intent.key() == key)
    }
}

/// Somebody who was signed in when an attempt began.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Connects {
    /// Whose account.
    pub account: AccountKey,
    /// The session that they had: the same one has to be there at the end.
    pub session: SessionId,
    /// What for.
    pub intent: Intent,
}

impl Connects {
    /// Whether that is the session that they left with.
    #[must_use]
    pub fn are_of(self, who: &Identity) -> bool {
        who.account.key == self.account && who.session.id == self.session
    }
}

/// An identity that is not connected, and the account that has its address: offered to whoever can log in to that account
/// from the same browser.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Offer {
    /// Digest of the browser's token.
    pub browser: TokenDigest,
    /// Whose account.
    pub account: AccountKey,
    /// Through which provider.
    pub provider: ProviderId,
    /// Who the person is there.
    pub subject: Subject,
    /// The address that the provider named.
    pub email: Option<String>,
    /// The name that the provider named.
    pub name: Option<String>,
    /// From then on it is useless.
    pub expires_at: Timestamp,
}

impl Offer {
    /// Whether somebody proved who they are after it was made.
    #[must_use]
    pub fn is_older_than(&self, session: &Session) -> bool {
        session.proved_at.after(LIFETIME) >= self.expires_at
    }
}

/// The nonce of an attempt (OpenID Connect Core §15.5.2).
#[must_use]
pub fn nonce(browser: &Token) -> String {
    derived("nonce", browser)
}

/// The PKCE verifier of an attempt: 43 characters (RFC 7636 §4.1).
#[must_use]
pub fn verifier(browser: &Token) -> Secret {
    Secret::new(derived("verifier", browser))
}

/// What tells the cookies of parallel attempts apart.
#[must_use]
pub fn label(state: &Token) -> String {
    let digest = state.digest();
    let start = digest.bytes().iter().take(6);
    start
        .fold(0_u64, |number, byte| number << 8 | u64::from(*byte))
        .to_string()
}

fn derived(purpose: &str, browser: &Token) -> String {
    let text = Secret::new(format!("librechat-auth attempt {purpose} v1 {}", browser.reveal()));
    URL_SAFE_NO_PAD.encode(TokenDigest::of(text.expose().as_bytes()).bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everything_of_an_attempt_differs() {
        let (one, other) = (Token::new([1; 32]), Token::new([2; 32]));
        let texts = [
            nonce(&one),
            nonce(&other),
            verifier(&one).expose().to_owned(),
            verifier(&other).expose().to_owned(),
            one.reveal(),
        ];
        for (at, text) in texts.iter().enumerate() {
            assert_eq!(text.len(), 43);
            assert!(texts[at + 1..].iter().all(|later| later != text));
        }
        assert_ne!(label(&one), label(&other));
        assert!(label(&one).len() <= 15);
    }
}
