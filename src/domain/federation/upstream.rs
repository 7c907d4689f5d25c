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
