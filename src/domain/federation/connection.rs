//! An account's other names: issuer and subject of a provider that vouches for its owner. One account has any number.

use crate::domain::account::AccountKey;
use crate::domain::federation::provider::ProviderId;
use crate::domain::time::Timestamp;

/// Who somebody is at a provider: unique, and never reused by it (OpenID Connect Core §2).
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Subject {
    /// The issuer, as the tokens say it.
    pub issuer: String,
    /// The subject, compared byte by byte.
    pub subject: String,
}

/// An identity at a provider that is connected to an account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Connection {
    /// Row number.
    pub id: i64,
    /// Whose.
    pub account: AccountKey,
    /// Who that is at the provider.
    pub subject: Subject,
    /// Through which provider it was used last.
    pub provider: ProviderId,
    /// The address that the provider last named; for showing only.
    pub email: Option<String>,
    /// The name that the provider last named; for showing only.
    pub name: Option<String>,
    /// When it was connected.
    pub created_at: Timestamp,
    /// When somebody last logged in with it.
    pub last_used_at: Option<Timestamp>,
}
