//! Finding people among all accounts: what is asked for, in which order, and where a page begins.
//!
//! Whether an account matches is decided here and nowhere else: pages, lists, exports and changes of many accounts agree.

use time::Date;
use time::format_description::StaticFormatDescription;
use time::macros::format_description;
use unicode_normalization::UnicodeNormalization as _;
use unicode_normalization::char::is_combining_mark;

use crate::domain::account::{Account, Role};
use crate::domain::field::{Issue, Rule};
use crate::domain::group::GroupName;
use crate::domain::list::{self, Sorting};
use crate::domain::time::Timestamp;

pub use crate::domain::list::{Place, SortKey, Start, Total};

const DAY: StaticFormatDescription = format_description!("[year]-[month]-[day]");

/// Most characters of a search.
pub const LONGEST_SEARCH: usize = 200;

/// Words beyond this many are not looked at.
const MOST_WORDS: usize = 8;

/// Whether somebody may come in, in one word.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// Nothing is in the way.
    Active,
    /// The address is not proved.
    Unverified,
    /// An admin has to let the account in.
    Waiting,
    /// An admin has locked the account.
    Disabled,
}

impl State {
    /// Every state.
    pub const ALL: [Self; 4] = [Self::Active, Self::Disabled, Self::Waiting, Self::Unverified];

    /// The state of an account; what weighs most counts.
    #[must_use]
    pub fn of(account: &Account) -> Self {
        match account {
            _ if account.is_disabled() => Self::Disabled,
            _ if account.is_waiting() => Self::Waiting,
            _ if !account.email_verified => Self::Unverified,
            _ => Self::Active,
        }
    }

    /// One word, the same everywhere.
    #[must_use]
    pub const fn key(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Unverified => "unverified",
            Self::Waiting => "waiting",
            Self::Disabled => "disabled",
        }
    }

    /// Reads [`State::key`].
    #[must_use]
    pub fn from_key(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.key() == key)
    }
}

/// What somebody typed to find people; empty for whatever does not matter.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Asked {
    /// Parts of name, address or user name, separated by blanks.
    pub q: String,
    /// A role.
    pub role: String,
    /// A key of [`State`].
    pub state: String,
    /// How the account came to be.
    pub provider: String,
    /// A group.
    pub group: String,
    /// `yes` or `no`: whether there is a second factor.
    pub two_factor: String,
    /// `yes` or `no`: whether an admin demands one.
    pub two_factor_demanded: String,
    /// A day: whoever logged in on it or later.
    pub login_after: String,
    /// A day: whoever did not log in since, or never.
    pub login_before: String,
}

impl Asked {
    /// Every field under its name on the wire.
    #[must_use]
    pub fn pairs(&self) -> [(&'static str, &str); 9] {
        [
            ("q", &self.q),
            ("role", &self.role),
            ("state", &self.state),
            ("provider", &self.provider),
            ("group", &self.group),
            ("two_factor", &self.two_factor),
            ("two_factor_demanded", &self.two_factor_demanded),
            ("login_after", &self.login_after),
            ("login_before", &self.login_before),
        ]
    }

    /// Fills in the field of that name; false if there is none.
    pub fn set(&mut self, name: &str, value: &str) -> bool {
        let field = match name {
            "q" => &mut self.q,
            "role" => &mut self.role,
            "state" => &mut self.state,
            "provider" => &mut self.provider,
            "group" => &mut self.group,
            "two_factor" => &mut self.two_factor,
            "two_factor_demanded" => &mut self.two_factor_demanded,
            "login_after" => &mut self.login_after,
            "login_before" => &mut self.login_before,
            _ => return false,
        };
        value.trim().clone_into(field);
        true
    }

    /// Understands what was typed.
    ///
    /// # Errors
    /// Every field that makes no sense.
    pub fn parse(&self) -> Result<Filter, Vec<Issue>> {
        let mut issues = Vec::new();
        if self.q.chars().count() > LONGEST_SEARCH {
            issues.push(Issue::new("q", Rule::TooLong(LONGEST_SEARCH)));
        }
        let filter = Filter {
            words: words(&self.q),
            role: read("role", &self.role, &mut issues, |text| Role::parse(text).ok()),
            state: read("state", &self.state, &mut issues, State::from_key),
            provider: read("provider", &self.provider, &mut issues, |text| Some(text.to_owned())),
            group: read("group", &self.group, &mut issues, |text| GroupName::parse(text).ok()),
            two_factor: read("two_factor", &self.two_factor, &mut issues, yes_or_no),
            two_factor_demanded: read("two_factor_demanded", &self.two_factor_demanded, &mut issues, yes_or_no),
            login_after: read("login_after", &self.login_after, &mut issues, day),
            login_before: read("login_before", &self.login_before, &mut issues, day),
        };
        if issues.is_empty() { Ok(filter) } else { Err(issues) }
    }
}

pub(super) fn read<T>(
    field: &'static str,
    text: &str,
    issues: &mut Vec<Issue>,
    parse: impl FnOnce(&str) -> Option<T>,
) -> Option<T> {
    if text.is_empty() {
        return None;
    }
    let value = parse(text);
    if value.is_none() {
        issues.push(Issue::new(field, Rule::InvalidInput));
    }
    value
}

fn yes_or_no(text: &str) -> Option<bool> {
    match text {
        "yes" => Some(true),
        "no" => Some(false),
        _ => None,
    }
}

/// The beginning of a day in UTC, written `2026-11-26`.
#[must_use]
pub fn day(text: &str) -> Option<Timestamp> {
    let date = Date::parse(text, DAY).ok()?;
    Some(Timestamp::from_seconds(date.midnight().assume_utc().unix_timestamp()))
}

pub(super) fn words(text: &str) -> Vec<String> {
    let clean: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    let folded = fold(&clean);
    folded.split_whitespace().take(MOST_WORDS).map(str::to_owned).collect()
}

/// Text as it is compared in a search: without case and accents.
#[must_use]
pub fn fold(text: &str) -> String {
    if text.is_ascii() {
        return text.to_ascii_lowercase();
    }
    let bare = text.nfd().filter(|c| !is_combining_mark(*c));
    bare.flat_map(char::to_lowercase).collect()
}

/// Which accounts are meant. An empty filter means all.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    /// Folded words, each of which is part of name, address or user name.
    pub words: Vec<String>,
    /// With this role.
    pub role: Option<Role>,
    /// In this state.
    pub state: Option<State>,
    /// That came to be like this.
    pub provider: Option<String>,
    /// In this group.
    pub group: Option<GroupName>,
    /// With a second factor, or without.
    pub two_factor: Option<bool>,
    /// Of which an admin demands one, or not.
    pub two_factor_demanded: Option<bool>,
    /// Last login at that time or later.
    pub login_after: Option<Timestamp>,
    /// Last login before that time, or never.
    pub login_before: Option<Timestamp>,
}

impl Filter {
    /// Whether everybody matches.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// How many things are asked for.
    #[must_use]
    pub fn criteria(&self) -> usize {
        [
            !self.words.is_empty(),
            self.role.is_some(),
            self.state.is_some(),
            self.provider.is_some(),
            self.group.is_some(),
            self.two_factor.is_some(),
            self.two_factor_demanded.is_some(),
            self.login_after.is_some() || self.login_before.is_some(),
        ]
        .into_iter()
        .filter(|is_asked| *is_asked)
        .count()
    }

    /// Whether an account is meant.
    #[must_use]
    pub fn matches(&self, account: &Account) -> bool {
        let last_login = account.last_login_at;
        self.role.as_ref().is_none_or(|role| *role == account.role)
            && self.state.is_none_or(|state| state == State::of(account))
            && self.provider.as_ref().is_none_or(|name| *name == account.provider)
            && self.group.as_ref().is_none_or(|group| account.groups.contains(group))
            && self.two_factor.is_none_or(|has| has == account.two_factor_at.is_some())
            && self
                .two_factor_demanded
                .is_none_or(|is| is == account.two_factor_demanded_at.is_some())
            && self
                .login_after
                .is_none_or(|from| last_login.is_some_and(|at| at >= from))
            && self.login_before.is_none_or(|end| last_login.is_none_or(|at| at < end))
            && has_words(&self.words, account)
    }
}

/// Whether each of these folded words is part of name, address or user name.
pub(super) fn has_words(words: &[String], account: &Account) -> bool {
    if words.is_empty() {
        return true;
    }
    let texts = [
        fold(&account.name),
        fold(account.email.as_str()),
        fold(account.username.as_deref().unwrap_or_default()),
    ];
    words.iter().all(|word| texts.iter().any(|text| text.contains(word)))
}

/// By what a list is sorted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Sort {
    /// When the account was made.
    #[default]
    Created,
    /// The last login; never is before all others.
    LastLogin,
    /// The address.
    Email,
    /// The name, without case and accents.
    Name,
}

impl Sort {
    /// Every column that a list can be sorted by.
    pub const ALL: [Self; 4] = [Self::Name, Self::Email, Self::LastLogin, Self::Created];

    /// One word, the same everywhere.
    #[must_use]
    pub const fn key(self) -> &'static str {
        match self {
            Self::Created => "created",
            Self::LastLogin => "last_login",
            Self::Email => "email",
            Self::Name => "name",
        }
    }

    /// Reads a place in a list that is sorted like that.
    #[must_use]
    pub fn place(self, text: &str) -> Option<Place> {
        match self {
            Self::Created | Self::LastLogin => Place::parse_numbered(text),
            Self::Email | Self::Name => Place::parse_lettered(text),
        }
    }

    /// In which direction people expect to see it first.
    #[must_use]
    pub const fn usual(self) -> Order {
        let is_descending = matches!(self, Self::Created | Self::LastLogin);
        Order {
            sort: self,
            is_descending,
        }
    }
}

impl Sorting for Sort {
    const EVERY: &'static [Self] = &Self::ALL;

    fn key(self) -> &'static str {
        Self::key(self)
    }

    fn usual(self) -> Order {
        Self::usual(self)
    }
}

/// In which order a list is; the newest account first unless somebody says.
pub type Order = list::Order<Sort>;

/// An account in a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listed {
    /// Who.
    pub account: Account,
    /// Its name, as it is sorted; empty in a list that is sorted by something else.
    pub sort_name: String,
}

impl Listed {
    /// Where it stands in a list sorted like that.
    #[must_use]
    pub fn place(&self, sort: Sort) -> Place {
        let account = &self.account;
        let key = match sort {
            Sort::Created => SortKey::Number(account.created_at.millis()),
            Sort::LastLogin => SortKey::Number(account.last_login_at.map_or(0, Timestamp::millis)),
            Sort::Email => SortKey::Text(account.email.to_string()),
            Sort::Name => SortKey::Text(self.sort_name.clone()),
        };
        Place {
            key,
            row: account.key.number(),
        }
    }
}

/// A page of the list.
pub type Found = list::Found<Listed>;

#[cfg(test)]
mod tests;
