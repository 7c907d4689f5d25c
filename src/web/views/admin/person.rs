//! `/admin/users/{id}`: all about one person.

use askama::Template;

use crate::app::groups::BY_HAND;
use crate::app::person::Person;
use crate::domain::account::Account;
use crate::domain::directory::State;
use crate::domain::federation::connection::Connection;
use crate::domain::federation::expectation::{Expectation, Sign};
use crate::domain::time::Timestamp;
use crate::domain::trash::Deleted;
use crate::domain::trusted_device::TrustedDevice;
use crate::web::views::admin::Bar;
use crate::web::views::admin::audit::AuditRow;
use crate::web::views::admin::bans::{BanRow, ViolationRow};
use crate::web::views::texts::{Moment, Texts};
use crate::web::views::{Frame, KeyRow, SessionRow, describe_device};

mod ask;
mod samples;

pub use ask::{Fields, PersonAsk};

/// The page.
#[derive(Clone, Debug, Template)]
#[template(path = "admin/person.html")]
pub struct PersonPage<'a> {
    /// What all pages share.
    pub frame: Frame<'a>,
    /// What all pages of the administration share.
    pub bar: Bar,
    /// The account.
    pub facts: PersonFacts,
    /// Whether it is the visitor's own.
    pub is_own: bool,
    /// What may be changed about it, as typed.
    pub form: EditForm,
    /// Sessions.
    pub sessions: Vec<SessionRow>,
    /// Identities at providers.
    pub identities: Vec<IdentityRow>,
    /// From where they are expected.
    pub expected: Vec<ExpectedRow>,
    /// Whether there is a provider to expect somebody from.
    pub has_providers: bool,
    /// Trusted devices.
    pub devices: Vec<DeviceRow>,
    /// API keys.
    pub keys: Vec<KeyRow>,
    /// Scores in words.
    pub scores: Vec<String>,
    /// Bans, newest first.
    pub bans: Vec<BanRow>,
    /// The latest violations.
    pub violations: Vec<ViolationRow>,
    /// What happened last.
    pub events: Vec<AuditRow>,
    /// A reset link that was just made, this once.
    pub made: Option<String>,
}

/// What an account says of itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PersonFacts {
    /// Public id.
    pub id: String,
    /// Display name.
    pub name: String,
    /// User name.
    pub username: Option<String>,
    /// Address.
    pub email: String,
    /// Whether it is proved.
    pub is_proved: bool,
    /// Where the picture is, if this server has one.
    pub picture: Option<String>,
    /// Where the account comes from.
    pub provider: String,
    /// Role.
    pub role: String,
    /// Its groups, and who says so.
    pub groups: Vec<(String, String)>,
    /// How it stands: a class for the style sheet, and a word.
    pub state: (&'static str, &'static str),
    /// Whether it is locked, and since when.
    pub disabled: Option<Moment>,
    /// Whether it waits to be let in, and since when.
    pub waiting: Option<Moment>,
    /// When its time ends.
    pub valid_until: Option<Moment>,
    /// When it was made.
    pub created: Moment,
    /// The last login.
    pub last_login: Option<Moment>,
    /// How many logins there were.
    pub logins: i64,
    /// Whether it has a password.
    pub has_password: bool,
    /// Since when it has a second factor.
    pub two_factor: Option<Moment>,
    /// Whether it has to have one.
    pub is_required: bool,
    /// Since when an admin demands one.
    pub demanded: Option<Moment>,
    /// Backup codes that were not used.
    pub codes_left: usize,
}

/// Pictures that this server keeps: those of other sites are not loaded.
const OURS: char = '/';

impl PersonFacts {
    /// From what is known.
    #[must_use]
    pub fn of(person: &Person, texts: &Texts) -> Self {
        let (account, w) = (&person.account, texts.admin.person);
        let moment = |at: Option<Timestamp>| at.map(|at| texts.moment(at));
        let word = match person.state() {
            crate::app::person::EXPIRED => w.expired,
            _ => (texts.admin.users.state_word)(State::of(account)),
        };
        Self {
            id: account.id.to_string(),
            name: account.name.clone(),
            username: account.username.clone(),
            email: account.email.to_string(),
            is_proved: account.email_verified,
            picture: account.avatar.clone().filter(|url| url.starts_with(OURS)),
            provider: account.provider.clone(),
            role: account.role.to_string(),
            groups: person
                .groups
                .iter()
                .map(|(source, group)| {
                    let by = if source == BY_HAND {
                        w.by_hand.to_owned()
                    } else {
                        (w.by_provider)(source)
                    };
                    (group.to_string(), by)
                })
                .collect(),
            state: (person.state(), word),
            disabled: moment(account.disabled_at),
            waiting: moment(account.waiting_since),
            valid_until: moment(account.valid_until),
            created: texts.moment(account.created_at),
            last_login: moment(account.last_login_at),
            logins: account.login_count,
            has_password: person.has_password,
            two_factor: moment(person.second_factor.enabled_at),
            is_required: person.second_factor.is_mandatory,
            demanded: moment(account.two_factor_demanded_at),
            codes_left: person.second_factor.codes_left,
        }
    }
}

/// An identity at a provider.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IdentityRow {
    /// Its number.
    pub id: i64,
    /// The provider.
    pub provider: String,
    /// How the provider calls the person.
    pub subject: String,
    /// The address there.
    pub email: String,
    /// Since when.
    pub since: Moment,
    /// The last login with it.
    pub last_used: Option<Moment>,
}

impl IdentityRow {
    /// From the stored identity.
    #[must_use]
    pub fn of(connection: &Connection, texts: &Texts) -> Self {
        Self {
            id: connection.id,
            provider: connection.provider.to_string(),
            subject: connection.subject.subject.clone(),
            email: connection.email.clone().unwrap_or_default(),
            since: texts.moment(connection.created_at),
            last_used: connection.last_used_at.map(|at| texts.moment(at)),
        }
    }
}

/// A provider from which somebody is expected.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExpectedRow {
    /// Its number.
    pub id: i64,
    /// The provider.
    pub provider: String,
    /// How they will be recognised.
    pub sign: String,
    /// Until when.
    pub until: Moment,
}

impl ExpectedRow {
    /// From the stored expectation.
    #[must_use]
    pub fn of(one: &Expectation, texts: &Texts) -> Self {
        let sign = match &one.terms.sign {
            Sign::Subject(subject) => subject.subject.clone(),
            Sign::Address(address) => address.to_string(),
        };
        Self {
            id: one.id,
            provider: one.terms.provider.to_string(),
            sign,
            until: texts.moment(one.terms.expires_at),
        }
    }
}

/// A trusted device.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeviceRow {
    /// What it is.
    pub device: String,
    /// From where.
    pub address: String,
    /// Since when.
    pub since: Moment,
    /// The last login without a code.
    pub last_used: Moment,
    /// Until when.
    pub until: Moment,
}

impl DeviceRow {
    /// From the stored device.
    #[must_use]
    pub fn of(device: &TrustedDevice, texts: &Texts) -> Self {
        Self {
            device: describe_device(&device.origin.user_agent, texts),
            address: device.origin.address.clone(),
            since: texts.moment(device.created_at),
            last_used: texts.moment(device.last_used_at),
            until: texts.moment(device.expires_at),
        }
    }
}

/// What may be changed, as it is or as it was typed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct EditForm {
    /// Display name.
    pub name: String,
    /// User name.
    pub username: String,
    /// Address.
    pub email: String,
    /// Role.
    pub role: String,
    /// Groups by hand, separated by commas.
    pub groups: String,
    /// When the time ends.
    pub until: String,
    /// Field and message of each that is wrong; an empty field is the form.
    pub problems: Vec<(&'static str, String)>,
}

impl EditForm {
    /// As the account is.
    #[must_use]
    pub fn of(person: &Person) -> Self {
        let account: &Account = &person.account;
        let by_hand = person.groups.iter().filter(|(source, _)| source == BY_HAND);
        let groups: Vec<&str> = by_hand.map(|(_, group)| group.as_str()).collect();
        Self {
            name: account.name.clone(),
            username: account.username.clone().unwrap_or_default(),
            email: account.email.to_string(),
            role: account.role.to_string(),
            groups: groups.join(", "),
            until: account.valid_until.map(|at| at.to_string()).unwrap_or_default(),
            problems: Vec::new(),
        }
    }

    /// What is wrong with a field.
    fn problem(&self, field: &str) -> Option<&str> {
        let found = self.problems.iter().find(|(known, _)| *known == field);
        found.map(|(_, message)| message.as_str())
    }

    fn is_wrong(&self) -> bool {
        !self.problems.is_empty()
    }
}

impl PersonPage<'_> {
    /// Whether a ban keeps them out, or a score is left.
    fn can_be_forgiven(&self) -> bool {
        self.bans.iter().any(|ban| ban.is_in_force) || !self.scores.is_empty()
    }

    /// The address of a deed, below the base.
    fn deed(&self, key: &str) -> String {
        format!("/admin/users/{}/{key}", self.facts.id)
    }

    /// The address of a deed with one of several things.
    fn deed_with(&self, key: &str, which: &impl std::fmt::Display) -> String {
        format!("/admin/users/{}/{key}?which={which}", self.facts.id)
    }
}

/// What is left of a deleted account.
#[derive(Clone, Debug, Template)]
#[template(path = "admin/person_gone.html")]
pub struct GonePage<'a> {
    /// What all pages share.
    pub frame: Frame<'a>,
    /// What all pages of the administration share.
    pub bar: Bar,
    /// Public id.
    pub id: String,
    /// Display name.
    pub name: String,
    /// The address it had.
    pub email: String,
    /// Its role.
    pub role: String,
    /// When it was deleted.
    pub at: Moment,
    /// By whom, in words.
    pub by: String,
    /// Until when it can be restored.
    pub until: Moment,
}

impl<'a> GonePage<'a> {
    /// From what is kept.
    #[must_use]
    pub fn of(frame: Frame<'a>, bar: Bar, (gone, until): (&Deleted, Timestamp), by: String) -> Self {
        let texts = frame.texts;
        Self {
            frame,
            bar,
            id: gone.id.to_string(),
            name: gone.name.clone(),
            email: gone.email.to_string(),
            role: gone.role.to_string(),
            at: texts.moment(gone.deleted_at),
            by,
            until: texts.moment(until),
        }
    }
}
