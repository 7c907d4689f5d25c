//! What a provider issues beside the statement of who somebody is: its own tokens, which are kept apart from our session.

use crate::domain::secret::Secret;
use crate::domain::time::Timestamp;

/// The tokens of one login at a provider. None of them is a key to anything here.
#[derive(Clone, Debug)]
pub struct Tokens {
    /// For asking the provider.
    pub access: Secret,
    /// For newer tokens; `None` if the provider gave none.
    pub refresh: Option<Secret>,
    /// Who the person is: shown to the provider again when they log out.
    pub id: Option<Secret>,
    /// When the access token runs out, if the provider said.
    pub expires_at: Option<Timestamp>,
    /// What the provider calls the session that it has with the person (`sid`).
    pub session: Option<String>,
}

/// What a provider says of somebody who logged out (Back-Channel Logout 1.0 §2.4), after every check of the message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogoutNotice {
    /// The issuer, as the token says it.
    pub issuer: String,
    /// Who logged out; without a session, everywhere.
    pub subject: Option<String>,
    /// Which of the provider's sessions is over.
    pub session: Option<String>,
    /// The message's own name: it counts once.
    pub id: String,
    /// From then on the message counts no more.
    pub expires_at: Timestamp,
}
