//! What will happen to many accounts, and what came of it.

use askama::Template;

use crate::domain::bulk::{Change, Progress, Skipped, Tally};
use crate::domain::email::Email;
use crate::domain::group::GroupName;
use crate::domain::lang::Lang;
use crate::web::views::Frame;
use crate::web::views::admin::{Bar, Section};
use crate::web::views::texts::Texts;

use super::{HOSTILE, frame};

/// The page that says what will happen.
#[derive(Clone, Debug, Template)]
#[template(path = "admin/users_change.html")]
pub struct UsersChange<'a> {
    /// What all pages share.
    pub frame: Frame<'a>,
    /// What all pages of the administration share.
    pub bar: Bar,
    /// What is to be done; `None` if that makes no sense.
    pub change: Option<Change>,
    /// How many it is about, in words; `None` if nobody is chosen.
    pub about: Option<String>,
    /// Addresses of the first of them.
    pub some: Vec<String>,
    /// How many more, in words.
    pub more: Option<String>,
    /// What the form carries: whom, and what.
    pub carried: Vec<(String, String)>,
}

/// The page that says what came of it.
#[derive(Clone, Debug, Template)]
#[template(path = "admin/users_job.html")]
pub struct UsersJob<'a> {
    /// What all pages share.
    pub frame: Frame<'a>,
    /// What all pages of the administration share.
    pub bar: Bar,
    /// How far it has come; `None` if it is not known.
    pub progress: Option<Told>,
    /// The address of this page, below the base.
    pub here: String,
}

/// How far a change has come, in words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Told {
    /// What is done.
    pub what: String,
    /// Whether it is over.
    pub is_over: bool,
    /// How many were changed.
    pub done: String,
    /// Why others were not, and some of them.
    pub left: Vec<(String, Vec<String>)>,
    /// What stopped it.
    pub fault: Option<String>,
}

impl Told {
    /// Puts it into words.
    #[must_use]
    pub fn of(progress: &Progress, texts: &Texts) -> Self {
        let w = texts.admin.users;
        let left = progress.so_far.skipped().map(|(why, left)| {
            let some = left.some.iter().map(ToString::to_string).collect();
            ((w.skipped)(why, left.count), some)
        });
        Self {
            what: (w.change_done)(&progress.what),
            is_over: progress.is_over,
            done: match progress.so_far.done {
                0 => w.job_nothing.to_owned(),
                done => (w.job_done)(done),
            },
            left: left.collect(),
            fault: progress.fault.as_deref().map(w.job_fault),
        }
    }
}

impl UsersChange<'_> {
    /// Every state, in every language.
    #[must_use]
    pub fn samples() -> Vec<(String, UsersChange<'static>)> {
        Lang::ALL.iter().flat_map(|&lang| change_samples(lang)).collect()
    }
}

fn change_samples(lang: Lang) -> Vec<(String, UsersChange<'static>)> {
    let w = lang.texts().admin.users;
    let page = |change: Option<Change>, about: Option<String>| UsersChange {
        frame: frame(lang, "/admin/users/change"),
        bar: Bar::sample(Section::Users),
        change,
        about,
        some: vec!["grace@example.org".to_owned(), "linus@example.org".to_owned()],
        more: None,
        carried: vec![("id".to_owned(), "6662f0ab01020304050607ff".to_owned())],
    };
    let group = GroupName::from_row("family".to_owned());
    let mut all = page(Some(Change::Delete), Some((w.about_at_least)(10_000)));
    all.more = Some((w.about_more)(9_998));
    let mut hostile = page(
        Some(Change::AddToGroup(GroupName::from_row(HOSTILE.to_owned()))),
        Some((w.about)(1)),
    );
    hostile.some = vec![HOSTILE.to_owned()];
    hostile.carried = vec![("q".to_owned(), HOSTILE.to_owned())];
    [
        ("disable", page(Some(Change::Disable), Some((w.about)(2)))),
        ("group", page(Some(Change::AddToGroup(group)), Some((w.about)(2)))),
        ("delete", all),
        ("nobody", page(Some(Change::Disable), None)),
        ("nothing", page(None, Some((w.about)(2)))),
        ("hostile", hostile),
    ]
    .into_iter()
    .map(|(name, page)| (format!("userschange-{name}-{}", lang.code()), page))
    .collect()
}

impl UsersJob<'_> {
    /// Every state, in every language.
    #[must_use]
    pub fn samples() -> Vec<(String, UsersJob<'static>)> {
        Lang::ALL.iter().flat_map(|&lang| job_samples(lang)).collect()
    }
}

fn job_samples(lang: Lang) -> Vec<(String, UsersJob<'static>)> {
    let texts = lang.texts();
    let tally = |who: &str| {
        let mut tally = Tally::default();
        (0..1234).for_each(|_| tally.note_done());
        let who = Email::from_row(who.to_owned());
        for why in Skipped::ALL {
            tally.note_skipped(why, Some(&who));
        }
        tally
    };
    let page = |tally: Tally, is_over, fault: Option<&str>| UsersJob {
        frame: frame(lang, "/admin/users/change/00010203040506ff"),
        bar: Bar::sample(Section::Users),
        progress: Some(Told::of(
            &Progress {
                what: Change::Disable,
                so_far: tally,
                is_over,
                fault: fault.map(str::to_owned),
            },
            texts,
        )),
        here: "/admin/users/change/00010203040506ff".to_owned(),
    };
    let lost = UsersJob {
        progress: None,
        ..page(Tally::default(), false, None)
    };
    [
        ("running", page(tally("grace@example.org"), false, None)),
        ("over", page(tally("grace@example.org"), true, None)),
        ("nothing", page(Tally::default(), true, None)),
        ("fault", page(tally("grace@example.org"), true, Some("K7QW3M9P"))),
        ("lost", lost),
        ("hostile", page(tally(HOSTILE), true, Some(HOSTILE))),
    ]
    .into_iter()
    .map(|(name, page)| (format!("usersjob-{name}-{}", lang.code()), page))
    .collect()
}
