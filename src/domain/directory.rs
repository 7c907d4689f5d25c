//! Finding people among all accounts: what is asked for, in which order, and where a page begins.
//!
//! Whether an account matches is decided here and nowhere else: pages, lists, exports and changes of many accounts agree.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use time::Date;
use time::format_description::StaticFormatDescription;
use time::macros::format_description;
use unicode_normalization::UnicodeNormalization as _;
use unicode_normalization::char::is_combining_mark;

use crate::domain::account::{Account, AccountKey, Role};
use crate::domain::field::{Issue, Rule};
use crate::domain::group::GroupName;
use crate::domain::time::Timestamp;

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
    /// A day: whoever logged in on it or later.
    pub login_after: String,
    /// A day: whoever did not log in since, or never.
    pub login_before: String,
}

impl Asked {
    /// Every field under its name on the wire.
    #[must_use]
    pub fn pairs(&self) -> [(&'static str, &str); 8] {
        [
            ("q", &self.q),
            ("role", &self.role),
            ("state", &self.state),
            ("provider", &self.provider),
            ("group", &self.group),
            ("two_factor", &self.two_factor),
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
            login_after: read("login_after", &self.login_after, &mut issues, day),
            login_before: read("login_before", &self.login_before, &mut issues, day),
        };
        if issues.is_empty() { Ok(filter) } else { Err(issues) }
    }
}

fn read<T>(
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

fn words(text: &str) -> Vec<String> {
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
                .login_after
                .is_none_or(|from| last_login.is_some_and(|at| at >= from))
            && self.login_before.is_none_or(|end| last_login.is_none_or(|at| at < end))
            && self.has_words(account)
    }

    fn has_words(&self, account: &Account) -> bool {
        if self.words.is_empty() {
            return true;
        }
        let texts = [
            fold(&account.name),
            fold(account.email.as_str()),
            fold(account.username.as_deref().unwrap_or_default()),
        ];
        self.words
            .iter()
            .all(|word| texts.iter().any(|text| text.contains(word)))
    }
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

/// In which order a list is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Order {
    /// By what.
    pub sort: Sort,
    /// Whether the greatest comes first.
    pub is_descending: bool,
}

impl Default for Order {
    /// The newest account first.
    fn default() -> Self {
        Sort::Created.usual()
    }
}

impl Order {
    /// Reads `name`, `-created` and the like; the minus means descending.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (is_descending, key) = match text.strip_prefix('-') {
            Some(key) => (true, key),
            None => (false, text),
        };
        let sort = Sort::ALL.into_iter().find(|sort| sort.key() == key)?;
        Some(Self { sort, is_descending })
    }

    /// The other way round.
    #[must_use]
    pub const fn reversed(self) -> Self {
        Self {
            is_descending: !self.is_descending,
            ..self
        }
    }
}

impl fmt::Display for Order {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.is_descending { "-" } else { "" };
        write!(f, "{sign}{}", self.sort.key())
    }
}

/// What a row is sorted by.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum SortKey {
    /// A time in milliseconds.
    Number(i64),
    /// An address or a name.
    Text(String),
}

/// A place between two rows of a sorted list: that of a row, which may be gone. Nothing shifts when rows come and go.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// What the row is sorted by.
    pub key: SortKey,
    /// Decides among equals.
    pub account: AccountKey,
}

impl Place {
    /// Reads what [`Place`] prints, for a list sorted like that.
    #[must_use]
    pub fn parse(text: &str, sort: Sort) -> Option<Self> {
        let bytes = URL_SAFE_NO_PAD.decode(text).ok()?;
        let text = String::from_utf8(bytes).ok()?;
        let (number, key) = text.split_once('.')?;
        let account = AccountKey::from_row(number.parse().ok()?);
        let key = match sort {
            Sort::Created | Sort::LastLogin => SortKey::Number(key.parse().ok()?),
            Sort::Email | Sort::Name => SortKey::Text(key.to_owned()),
        };
        Some(Self { key, account })
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let number = self.account.number();
        let plain = match &self.key {
            SortKey::Number(key) => format!("{number}.{key}"),
            SortKey::Text(key) => format!("{number}.{key}"),
        };
        f.write_str(&URL_SAFE_NO_PAD.encode(plain))
    }
}

/// Where a page begins.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Start {
    /// At the beginning of the list.
    #[default]
    Beginning,
    /// After that place.
    After(Place),
    /// It ends before that place.
    Before(Place),
    /// It ends with the list.
    End,
}

/// An account in a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listed {
    /// Who.
    pub account: Account,
    /// Its name, as it is sorted.
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
            account: account.key,
        }
    }
}

/// How many there are, as far as it was worth counting.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Total {
    /// All were counted.
    Exactly(u64),
    /// Counting stopped here.
    AtLeast(u64),
}

impl Total {
    /// The number, whether or not it is all.
    #[must_use]
    pub const fn number(self) -> u64 {
        match self {
            Self::Exactly(number) | Self::AtLeast(number) => number,
        }
    }
}

/// A page of a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// Who is on it.
    pub rows: Vec<Listed>,
    /// Where the page before this one ends.
    pub previous: Option<Place>,
    /// Where the next one begins.
    pub next: Option<Place>,
    /// How many match.
    pub total: Total,
    /// Whether the page is not full although more may match: looking went on long enough, and can go on from here.
    pub is_cut_short: bool,
}

#[cfg(test)]
mod tests;
