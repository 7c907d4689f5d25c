//! One person: everything that is known of an account, what can be done with it, and all of it as one document.

use crate::app::audit_log::{Filter, Wanted};
use crate::app::ban_list::ViolationFilter;
use crate::app::bans::Standing;
use crate::app::second_factor::change::Status;
use crate::app::{App, Failure};
use crate::domain::account::Account;
use crate::domain::api_key::ApiKey;
use crate::domain::audit::Event;
use crate::domain::directory::State;
use crate::domain::federation::connection::Connection;
use crate::domain::federation::expectation::Expectation;
use crate::domain::group::GroupName;
use crate::domain::ids::UserId;
use crate::domain::moderation::subject::Subject;
use crate::domain::moderation::violation::Recorded;
use crate::domain::refusal::Refusal;
use crate::domain::session::Session;
use crate::domain::time::Timestamp;
use crate::domain::trusted_device::TrustedDevice;

mod deed;
mod document;
mod edit;
mod expect;

pub use deed::{Deed, Lists};
pub use document::{deleted, expectation};
pub use edit::Edit;

/// Violations and lines of the audit log that are shown beside everything else.
pub const LATEST: u32 = 20;

/// Violations and lines of the audit log in a document, at most.
pub const MOST: u32 = 10_000;

/// The state of an account whose time is over: a list has no such state, because nobody has to do anything about it.
pub const EXPIRED: &str = "expired";

/// Everything that is known of an account.
#[derive(Clone, Debug)]
pub struct Person {
    /// The account.
    pub account: Account,
    /// Whether it has a password.
    pub has_password: bool,
    /// Its groups, and who says so.
    pub groups: Vec<(String, GroupName)>,
    /// How its second factor stands.
    pub second_factor: Status,
    /// Sessions that are not over.
    pub sessions: Vec<Session>,
    /// Its identities at providers.
    pub connections: Vec<Connection>,
    /// From where its owner is expected.
    pub expected: Vec<Expectation>,
    /// Devices that it trusts.
    pub devices: Vec<TrustedDevice>,
    /// Its API keys.
    pub keys: Vec<ApiKey>,
    /// Its scores and bans.
    pub standing: Standing,
    /// The latest violations, newest first.
    pub violations: Vec<Recorded>,
    /// Whether there are older ones.
    pub has_older_violations: bool,
    /// What the audit log says of it last, newest first, with row numbers.
    pub events: Vec<(i64, Event)>,
    /// Whether it says more.
    pub has_older_events: bool,
    /// When this was so.
    pub at: Timestamp,
}

impl Person {
    /// How the account stands, in one word.
    #[must_use]
    pub fn state(&self) -> &'static str {
        match State::of(&self.account) {
            State::Active | State::Unverified if self.account.is_over(self.at) => EXPIRED,
            state => state.key(),
        }
    }
}

impl App {
    /// Everything about an account, with the latest violations and lines of the audit log.
    ///
    /// # Errors
    /// [`Refusal::NotFound`], or a fault.
    pub async fn person(&self, id: UserId) -> Result<Person, Failure> {
        self.person_with(id, LATEST).await
    }

    async fn person_with(&self, id: UserId, latest: u32) -> Result<Person, Failure> {
        let account = self.find_user(&id.to_string()).await?.ok_or(Refusal::NotFound)?;
        let key = account.key;
        let by_them = ViolationFilter {
            subject: Some(Subject::User(id)),
            limit: latest,
            ..ViolationFilter::default()
        };
        let violations = self.find_violations(by_them).await?;
        let of_them = Wanted {
            filter: Filter {
                person: Some(id),
                ..Filter::default()
            },
            address: None,
        };
        let most = usize::try_from(latest).unwrap_or(usize::MAX);
        let log = self.audit_before(&of_them, None, most).await?;
        Ok(Person {
            has_password: self.has_password(key).await?,
            groups: self.memberships(&account).await?,
            second_factor: self.second_factor_status(&account).await?,
            sessions: self.sessions_of(key).await?,
            connections: self.connections(key).await?,
            expected: self.expected_of(&account).await?,
            devices: self.trusted_devices(key).await?,
            keys: self.keys_of(&account).await?,
            standing: self.standing(Subject::User(id)).await?,
            has_older_violations: violations.next.is_some(),
            violations: violations.rows,
            has_older_events: log.next.is_some(),
            events: log.events,
            at: self.now(),
            account,
        })
    }
}
