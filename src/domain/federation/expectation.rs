//! People whom an admin expects from a provider: the next one whom it vouches for with that subject, or with that address
//! proved, gets what the admin said, once, whether or not strangers may sign up.

use std::time::Duration;

use crate::domain::account::AccountKey;
use crate::domain::email::Email;
use crate::domain::federation::connection::Subject;
use crate::domain::federation::provider::ProviderId;
use crate::domain::ids::UserId;
use crate::domain::time::Timestamp;

/// How long somebody is expected, unless an admin says otherwise.
pub const LIFETIME: Duration = Duration::from_hours(30 * 24);

/// The longest that anybody is expected.
pub const LONGEST: Duration = Duration::from_hours(366 * 24);

/// By what a person is recognised.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Sign {
    /// By who they are at the provider.
    Subject(Subject),
    /// By an address that the provider proves.
    Address(Email),
}

/// What they get.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Prospect {
    /// An account that is there.
    Account(AccountKey),
    /// An account with this address: the one that has it by then, or a new one.
    Address(Email),
    /// What another identity of the account was: it moves to them.
    Moves {
        /// Whose.
        account: AccountKey,
        /// Which.
        identity: i64,
    },
}

impl Prospect {
    /// What happens when they come, in one word, the same everywhere.
    #[must_use]
    pub const fn key(&self) -> &'static str {
        match self {
            Self::Account(_) => "connect",
            Self::Address(_) => "make",
            Self::Moves { .. } => "move",
        }
    }
}

/// Somebody who is to be expected.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewExpectation {
    /// From which provider.
    pub provider: ProviderId,
    /// By what they are recognised.
    pub sign: Sign,
    /// What they get.
    pub prospect: Prospect,
    /// Who said so: a user id, or `console`.
    pub by: String,
    /// Since when.
    pub created_at: Timestamp,
    /// From then on they are not expected any more.
    pub expires_at: Timestamp,
}

/// Somebody who is expected.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Expectation {
    /// Row number.
    pub id: i64,
    /// The rest.
    pub terms: NewExpectation,
    /// The address of the account that they get, for showing.
    pub email: String,
    /// Its public id, if it is there.
    pub user: Option<UserId>,
}
