//! Views of the administration: everybody with an account.

use askama::Template;

use crate::domain::account::Account;
use crate::domain::bulk::Change;
use crate::domain::directory::{Asked, Order, Sort, State, Total};
use crate::domain::group::GroupName;
use crate::domain::lang::Lang;
use crate::domain::list::{self, Found, Sorting};
use crate::domain::time::Timestamp;
use crate::web::views::Frame;
use crate::web::views::admin::{Bar, Section};
use crate::web::views::texts::{Moment, Texts};

pub mod change;
pub mod create;
pub mod deleted;
pub mod import;

pub use change::{UsersChange, UsersJob};
pub use create::UsersNew;
pub use deleted::{DeletedRow, UsersDeleted};
pub use import::UsersImport;

/// The page with the list.
#[derive(Clone, Debug, Template)]
#[template(path = "admin/users.html")]
pub struct UsersPage<'a> {
    /// What all pages share.
    pub frame: Frame<'a>,
    /// What all pages of the administration share.
    pub bar: Bar,
    /// What was asked for.
    pub asked: Asked,
    /// Whether it made sense.
    pub is_bad: bool,
    /// In which order.
    pub order: Order,
    /// Who was found.
    pub rows: Vec<UserRow>,
    /// How many there are, in words.
    pub count: String,
    /// Whether it was not looked through to the end.
    pub is_cut_short: bool,
    /// Addresses of other pages, below the base.
    pub pages: Pages,
    /// Names of providers that accounts can come from.
    pub providers: Vec<String>,
}

/// Where the other pages are.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Pages {
    /// The first page, unless it is this one.
    pub first: Option<String>,
    /// The page before this one.
    pub previous: Option<String>,
    /// The one after.
    pub next: Option<String>,
    /// The last one, unless it is this one.
    pub last: Option<String>,
}

/// One account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UserRow {
    /// Public id.
    pub id: String,
    /// Display name.
    pub name: String,
    /// Address.
    pub email: String,
    /// User name, if there is one.
    pub username: String,
    /// Role.
    pub role: String,
    /// Its state.
    pub state: State,
    /// The same in words.
    pub state_word: &'static str,
    /// How it came to be.
    pub provider: String,
    /// Its groups.
    pub groups: String,
    /// Whether it has a second factor.
    pub two_factor: bool,
    /// Whether an admin demands one of it.
    pub is_demanded: bool,
    /// The last login.
    pub last_login: Option<Moment>,
    /// When it was made.
    pub created: Moment,
}

impl UserRow {
    /// From the stored account.
    #[must_use]
    pub fn of(account: &Account, texts: &Texts) -> Self {
        let groups: Vec<&str> = account.groups.iter().map(GroupName::as_str).collect();
        Self {
            id: account.id.to_string(),
            name: account.name.clone(),
            email: account.email.to_string(),
            username: account.username.clone().unwrap_or_default(),
            role: account.role.to_string(),
            state: State::of(account),
            state_word: (texts.admin.users.state_word)(State::of(account)),
            provider: account.provider.clone(),
            groups: groups.join(", "),
            two_factor: account.two_factor_at.is_some(),
            is_demanded: account.two_factor_demanded_at.is_some(),
            last_login: account.last_login_at.map(|at| texts.moment(at)),
            created: texts.moment(account.created_at),
        }
    }
}

/// The address of a list, below the base.
#[must_use]
pub fn list_url(asked: &Asked, order: Order, place: Option<(&str, &str)>) -> String {
    url_of("/admin/users", &asked.pairs(), order, place)
}

/// The address of a page of a list.
#[must_use]
pub fn url_of<S: Sorting>(
    path: &str,
    asked: &[(&'static str, &str)],
    order: list::Order<S>,
    place: Option<(&str, &str)>,
) -> String {
    let mut query = url::form_urlencoded::Serializer::new(String::new());
    for (name, value) in asked.iter().filter(|(_, value)| !value.is_empty()) {
        query.append_pair(name, value);
    }
    if order != list::Order::default() {
        query.append_pair("sort", &order.to_string());
    }
    if let Some((name, value)) = place {
        query.append_pair(name, value);
    }
    match query.finish() {
        empty if empty.is_empty() => path.to_owned(),
        query => format!("{path}?{query}"),
    }
}

impl Pages {
    /// Around a page that was found.
    #[must_use]
    pub fn around<R>(found: &Found<R>, url: impl Fn(Option<(&str, &str)>) -> String) -> Self {
        let at = |name: &str, value: &str| url(Some((name, value)));
        Self {
            first: found.previous.as_ref().map(|_| url(None)),
            previous: found.previous.as_ref().map(|place| at("before", &place.to_string())),
            next: found.next.as_ref().map(|place| at("after", &place.to_string())),
            last: found.next.as_ref().map(|_| at("before", "end")),
        }
    }

    /// Whether there are others.
    #[must_use]
    pub fn any(&self) -> bool {
        *self != Self::default()
    }
}

/// How many, in words.
#[must_use]
pub fn count(total: Total, texts: &Texts) -> String {
    let w = texts.admin.users;
    match total {
        Total::Exactly(number) => (w.count)(number),
        Total::AtLeast(number) => (w.count_at_least)(number),
    }
}

impl UsersPage<'_> {
    /// The value of `aria-sort` of a column.
    #[must_use]
    pub fn direction(&self, sort: Sort) -> &'static str {
        self.order.aria(sort)
    }

    /// The list in the order of a column, or the other way round if it is in that order.
    #[must_use]
    pub fn sorted(&self, sort: Sort) -> String {
        list_url(&self.asked, self.order.chosen(sort), None)
    }

    /// Whether a filter beside the search is in force.
    #[must_use]
    pub fn is_filtered(&self) -> bool {
        let rest = Asked {
            q: String::new(),
            ..self.asked.clone()
        };
        rest != Asked::default()
    }

    /// Key and word of every state.
    #[must_use]
    pub fn states(&self) -> Vec<(&'static str, &'static str)> {
        let word = self.frame.texts.admin.users.state_word;
        State::ALL.into_iter().map(|state| (state.key(), word(state))).collect()
    }

    /// What was asked for, as hidden fields.
    #[must_use]
    pub fn hidden(&self) -> Vec<(&'static str, &str)> {
        let pairs = self.asked.pairs().into_iter();
        pairs.filter(|(_, value)| !value.is_empty()).collect()
    }

    /// The order as a field, unless it is the usual one.
    #[must_use]
    pub fn sort_field(&self) -> Option<String> {
        (self.order != Order::default()).then(|| self.order.to_string())
    }

    /// The same accounts as a file.
    #[must_use]
    pub fn export_url(&self) -> String {
        list_url(&self.asked, Order::default(), None).replacen("/admin/users", "/admin/users/export", 1)
    }

    /// Every state, in every language.
    #[must_use]
    pub fn samples() -> Vec<(String, UsersPage<'static>)> {
        Lang::ALL.iter().flat_map(|&lang| samples_in(lang)).collect()
    }
}

/// The keys of all changes, for the template.
#[must_use]
pub const fn changes() -> [&'static str; 10] {
    Change::KEYS
}

pub(super) const HOSTILE: &str = "\"><img src=x onerror=alert(1)>'&amp;";

pub(super) fn frame(lang: Lang, path: &'static str) -> Frame<'static> {
    Frame {
        signed_in_as: Some("Ada Lovelace"),
        ..Frame::sample(lang, path)
    }
}

fn sample_row(lang: Lang, number: u32, state: State, two_factor: bool) -> UserRow {
    let texts = lang.texts();
    let created = texts.moment(Timestamp::from_seconds(1_717_788_018));
    UserRow {
        id: format!("{number:024x}"),
        name: format!("Grace Hopper {number}"),
        email: format!("grace{number}@example.org"),
        username: "grace".to_owned(),
        role: "USER".to_owned(),
        state,
        state_word: (texts.admin.users.state_word)(state),
        provider: "local".to_owned(),
        groups: "family, navy".to_owned(),
        two_factor,
        is_demanded: number == 1,
        last_login: two_factor.then(|| created.clone()),
        created,
    }
}

fn sample(lang: Lang, rows: Vec<UserRow>, total: Total) -> UsersPage<'static> {
    UsersPage {
        frame: frame(lang, "/admin/users"),
        bar: Bar::sample(Section::Users),
        asked: Asked::default(),
        is_bad: false,
        order: Order::default(),
        rows,
        count: count(total, lang.texts()),
        is_cut_short: false,
        pages: Pages::default(),
        providers: vec!["local".to_owned(), "google".to_owned()],
    }
}

fn full_sample(lang: Lang) -> UsersPage<'static> {
    let numbered = State::ALL.into_iter().zip(1..);
    let rows = numbered.map(|(state, number)| sample_row(lang, number, state, number % 2 == 0));
    UsersPage {
        pages: Pages {
            first: Some("/admin/users".to_owned()),
            previous: Some("/admin/users?before=a".to_owned()),
            next: Some("/admin/users?after=b".to_owned()),
            last: Some("/admin/users?before=end".to_owned()),
        },
        asked: Asked {
            q: "grace".to_owned(),
            state: "disabled".to_owned(),
            ..Asked::default()
        },
        order: Sort::Name.usual(),
        is_cut_short: true,
        ..sample(lang, rows.collect(), Total::AtLeast(10_000))
    }
}

fn samples_in(lang: Lang) -> Vec<(String, UsersPage<'static>)> {
    let hostile = UsersPage {
        asked: Asked {
            q: HOSTILE.to_owned(),
            group: HOSTILE.to_owned(),
            ..Asked::default()
        },
        rows: vec![UserRow {
            name: HOSTILE.to_owned(),
            email: HOSTILE.to_owned(),
            role: HOSTILE.to_owned(),
            groups: HOSTILE.to_owned(),
            ..sample_row(lang, 1, State::Active, true)
        }],
        ..sample(lang, Vec::new(), Total::Exactly(1))
    };
    let mut looking = sample(lang, vec![sample_row(lang, 1, State::Active, true)], Total::Exactly(1));
    looking.bar.may_change = false;
    let mut bad = sample(lang, Vec::new(), Total::Exactly(0));
    bad.is_bad = true;
    [
        ("full", full_sample(lang)),
        ("auditor", looking),
        ("nobody", sample(lang, Vec::new(), Total::Exactly(0))),
        ("bad", bad),
        ("hostile", hostile),
    ]
    .into_iter()
    .map(|(name, page)| (format!("users-{name}-{}", lang.code()), page))
    .collect()
}
