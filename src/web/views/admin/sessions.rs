//! Views of the administration: who is signed in where.

use std::net::Ipv4Addr;

use askama::Template;

use crate::domain::lang::Lang;
use crate::domain::list::{Order as AnyOrder, Sorting as _, Total};
use crate::domain::session::Identity;
use crate::domain::session_list::{Asked, Ending, Order, Sort, WITHIN};
use crate::domain::time::Timestamp;
use crate::web::views::Frame;
use crate::web::views::admin::users::{HOSTILE, Pages, frame, url_of};
use crate::web::views::admin::{Bar, Section};
use crate::web::views::device::describe_device;
use crate::web::views::texts::{Moment, Texts};

/// The page with the list.
#[derive(Clone, Debug, Template)]
#[template(path = "admin/sessions.html")]
pub struct SessionsPage<'a> {
    /// What all pages share.
    pub frame: Frame<'a>,
    /// What all pages of the administration share.
    pub bar: Bar,
    /// What was asked for.
    pub asked: Asked,
    /// Whether it made no sense.
    pub is_bad: bool,
    /// In which order.
    pub order: Order,
    /// What was found.
    pub rows: Vec<SessionRow>,
    /// How many there are, in words.
    pub count: String,
    /// Whether it was not looked through to the end.
    pub is_cut_short: bool,
    /// Addresses of other pages, below the base.
    pub pages: Pages,
    /// Ways to sign in.
    pub ways: Vec<String>,
}

/// One session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SessionRow {
    /// Its number.
    pub id: String,
    /// The id of its owner.
    pub user: String,
    /// Address of its owner.
    pub email: String,
    /// Such as "Firefox on Linux".
    pub device: String,
    /// Client address at login.
    pub address: String,
    /// How the person signed in, in words.
    pub way: String,
    /// The login.
    pub started: Moment,
    /// The last use.
    pub used: Moment,
    /// Whether that was a moment ago.
    pub is_here: bool,
    /// Whether the person proved lately who they are.
    pub is_confirmed: bool,
    /// Whether it is the session that looks at the page.
    pub is_own: bool,
}

impl SessionRow {
    /// From the stored session.
    #[must_use]
    pub fn of(known: &Identity, is_own: bool, now: Timestamp, texts: &Texts) -> Self {
        let Identity { session, account } = known;
        Self {
            id: session.id.to_string(),
            user: account.id.to_string(),
            email: account.email.to_string(),
            device: describe_device(&session.origin.user_agent, texts),
            address: session.origin.address.clone(),
            way: texts.method(&session.method),
            started: texts.moment(session.created_at),
            used: texts.moment(session.last_used_at),
            is_here: now.since(session.last_used_at) < WITHIN,
            is_confirmed: session.confirmed_until(now, account.two_factor_at.is_some()).is_some(),
            is_own,
        }
    }

    /// Whether its address is short enough to stand in one line.
    fn is_v4(&self) -> bool {
        self.address.parse::<Ipv4Addr>().is_ok()
    }
}

/// The address of a list, below the base.
#[must_use]
pub fn list_url(asked: &Asked, order: Order, place: Option<(&str, &str)>) -> String {
    url_of("/admin/sessions", &asked.pairs(), order, place)
}

/// How many, in words.
#[must_use]
pub fn count(total: Total, texts: &Texts) -> String {
    let w = texts.admin.sessions;
    match total {
        Total::Exactly(number) => (w.count)(number),
        Total::AtLeast(number) => (w.count_at_least)(number),
    }
}

impl SessionsPage<'_> {
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

    /// What was asked for, as hidden fields.
    #[must_use]
    pub fn hidden(&self) -> Vec<(&'static str, &str)> {
        let pairs = self.asked.pairs().into_iter();
        pairs.filter(|(_, value)| !value.is_empty()).collect()
    }

    /// The order as a field, unless it is the usual one.
    #[must_use]
    pub fn sort_field(&self) -> Option<String> {
        (self.order != AnyOrder::default()).then(|| self.order.to_string())
    }

    /// Every state, in every language.
    #[must_use]
    pub fn samples() -> Vec<(String, SessionsPage<'static>)> {
        Lang::ALL.iter().flat_map(|&lang| samples_in(lang)).collect()
    }
}

fn sample_row(lang: Lang, number: i64) -> SessionRow {
    let texts = lang.texts();
    let moment = texts.moment(Timestamp::from_seconds(1_717_788_018));
    SessionRow {
        id: number.to_string(),
        user: format!("6662f0ab010203040506070{number}"),
        email: format!("grace{number}@example.org"),
        device: describe_device("Mozilla/5.0 (X11; Linux x86_64) Firefox/140.0", texts),
        address: "203.0.113.7".to_owned(),
        way: texts.method("password+code"),
        started: moment.clone(),
        used: moment,
        is_here: number == 1,
        is_confirmed: number == 2,
        is_own: number == 1,
    }
}

fn sample(lang: Lang, rows: Vec<SessionRow>, total: Total) -> SessionsPage<'static> {
    SessionsPage {
        frame: frame(lang, "/admin/sessions"),
        bar: Bar::sample(Section::Sessions),
        asked: Asked::default(),
        is_bad: false,
        order: Order::default(),
        rows,
        count: count(total, lang.texts()),
        is_cut_short: false,
        pages: Pages::default(),
        ways: vec!["password".to_owned(), "google".to_owned()],
    }
}

fn samples_in(lang: Lang) -> Vec<(String, SessionsPage<'static>)> {
    let rows = || vec![sample_row(lang, 1), sample_row(lang, 2), sample_row(lang, 3)];
    let full = SessionsPage {
        pages: Pages {
            first: Some("/admin/sessions".to_owned()),
            previous: Some("/admin/sessions?before=a".to_owned()),
            next: Some("/admin/sessions?after=b".to_owned()),
            last: Some("/admin/sessions?before=end".to_owned()),
        },
        asked: Asked {
            q: "grace".to_owned(),
            here: "yes".to_owned(),
            ..Asked::default()
        },
        order: Sort::Started.usual(),
        is_cut_short: true,
        ..sample(lang, rows(), Total::AtLeast(10_000))
    };
    let hostile = SessionsPage {
        asked: Asked {
            q: HOSTILE.to_owned(),
            device: HOSTILE.to_owned(),
            ..Asked::default()
        },
        rows: vec![SessionRow {
            email: HOSTILE.to_owned(),
            device: HOSTILE.to_owned(),
            address: HOSTILE.to_owned(),
            way: HOSTILE.to_owned(),
            ..sample_row(lang, 1)
        }],
        ..sample(lang, Vec::new(), Total::Exactly(1))
    };
    let mut looking = sample(lang, rows(), Total::Exactly(3));
    looking.bar.may_change = false;
    let mut bad = sample(lang, Vec::new(), Total::Exactly(0));
    bad.is_bad = true;
    [
        ("full", full),
        ("auditor", looking),
        ("none", sample(lang, Vec::new(), Total::Exactly(0))),
        ("bad", bad),
        ("hostile", hostile),
    ]
    .into_iter()
    .map(|(name, page)| (format!("sessions-{name}-{}", lang.code()), page))
    .collect()
}

/// The page that says which sessions will end.
#[derive(Clone, Debug, Template)]
#[template(path = "admin/sessions_end.html")]
pub struct SessionsEnd<'a> {
    /// What all pages share.
    pub frame: Frame<'a>,
    /// What all pages of the administration share.
    pub bar: Bar,
    /// Whether everybody else is meant.
    pub is_everybody: bool,
    /// How many it is about, in words; `None` if there are none.
    pub about: Option<String>,
    /// The first of them: address and device.
    pub some: Vec<(String, String)>,
    /// How many more, in words.
    pub more: Option<String>,
    /// Whether it is the session that looks at the page.
    pub is_own: bool,
    /// What the form carries.
    pub carried: Vec<(String, String)>,
}

impl SessionsEnd<'_> {
    /// Every state, in every language.
    #[must_use]
    pub fn samples() -> Vec<(String, SessionsEnd<'static>)> {
        Lang::ALL.iter().flat_map(|&lang| end_samples(lang)).collect()
    }
}

fn end_samples(lang: Lang) -> Vec<(String, SessionsEnd<'static>)> {
    let texts = lang.texts();
    let page = |who: &str, number: u64| SessionsEnd {
        frame: frame(lang, "/admin/sessions/end"),
        bar: Bar::sample(Section::Sessions),
        is_everybody: false,
        about: Some((texts.admin.sessions.about)(number)),
        some: vec![(who.to_owned(), "Firefox".to_owned())],
        more: None,
        is_own: false,
        carried: vec![("id".to_owned(), "7".to_owned())],
    };
    let everybody = SessionsEnd {
        is_everybody: true,
        more: Some((texts.admin.users.about_more)(1233)),
        carried: vec![("all".to_owned(), "yes".to_owned())],
        ..page("grace@example.org", 1234)
    };
    let own = SessionsEnd {
        is_own: true,
        ..page("ada@example.org", 1)
    };
    let none = SessionsEnd {
        about: None,
        ..page("", 0)
    };
    let mut looking = page("grace@example.org", 1);
    looking.bar.may_change = false;
    [
        ("one", page("grace@example.org", 1)),
        ("everybody", everybody),
        ("own", own),
        ("none", none),
        ("auditor", looking),
        ("hostile", page(HOSTILE, 1)),
    ]
    .into_iter()
    .map(|(name, page)| (format!("sessionsend-{name}-{}", lang.code()), page))
    .collect()
}

/// The page that says how far the end of many sessions has come.
#[derive(Clone, Debug, Template)]
#[template(path = "admin/sessions_ending.html")]
pub struct SessionsEnding<'a> {
    /// What all pages share.
    pub frame: Frame<'a>,
    /// What all pages of the administration share.
    pub bar: Bar,
    /// How far it has come; `None` if it is not known.
    pub ending: Option<Told>,
    /// The address of this page, below the base.
    pub here: String,
}

/// How far it has come, in words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Told {
    /// How many were meant.
    pub about: String,
    /// How many have ended.
    pub so_far: String,
    /// Whether it is over.
    pub is_over: bool,
    /// What stopped it.
    pub fault: Option<String>,
}

impl Told {
    /// Puts it into words.
    #[must_use]
    pub fn of(ending: &Ending, texts: &Texts) -> Self {
        let w = texts.admin.sessions;
        let so_far = if ending.is_over { w.ended } else { w.ending_so_far };
        Self {
            about: match ending.what {
                Total::Exactly(number) => (w.ending_about)(number),
                Total::AtLeast(number) => (w.ending_about_at_least)(number),
            },
            so_far: so_far(ending.so_far),
            is_over: ending.is_over,
            fault: ending.fault.as_deref().map(texts.admin.users.job_fault),
        }
    }
}

impl SessionsEnding<'_> {
    /// Every state, in every language.
    #[must_use]
    pub fn samples() -> Vec<(String, SessionsEnding<'static>)> {
        Lang::ALL.iter().flat_map(|&lang| ending_samples(lang)).collect()
    }
}

fn ending_samples(lang: Lang) -> Vec<(String, SessionsEnding<'static>)> {
    let page = |what: Total, is_over: bool, fault: Option<&str>| {
        let ending = Ending {
            what,
            so_far: 34_500,
            is_over,
            fault: fault.map(str::to_owned),
        };
        SessionsEnding {
            frame: frame(lang, "/admin/sessions/end/00010203040506ff"),
            bar: Bar::sample(Section::Sessions),
            ending: Some(Told::of(&ending, lang.texts())),
            here: "/admin/sessions/end/00010203040506ff".to_owned(),
        }
    };
    let lost = SessionsEnding {
        ending: None,
        ..page(Total::Exactly(0), false, None)
    };
    [
        ("running", page(Total::Exactly(120_000), false, None)),
        ("many", page(Total::AtLeast(10_000), false, None)),
        ("over", page(Total::Exactly(34_500), true, None)),
        ("fault", page(Total::Exactly(120_000), true, Some("K7QW3M9P"))),
        ("lost", lost),
        ("hostile", page(Total::Exactly(120_000), true, Some(HOSTILE))),
    ]
    .into_iter()
    .map(|(name, page)| (format!("sessionsending-{name}-{}", lang.code()), page))
    .collect()
}
