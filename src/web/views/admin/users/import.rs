//! Accounts from a file: what would happen, and that it happened.

use askama::Template;

use crate::app::import::{Fate, Plan, Planned};
use crate::domain::lang::Lang;
use crate::web::views::Frame;
use crate::web::views::admin::{Bar, Section};
use crate::web::views::texts::Texts;

use super::{HOSTILE, frame};

/// Rows that the page shows; the counts are of all.
const MOST_SHOWN: usize = 500;

/// The page.
#[derive(Clone, Debug, Template)]
#[template(path = "admin/users_import.html")]
pub struct UsersImport<'a> {
    /// What all pages share.
    pub frame: Frame<'a>,
    /// What all pages of the administration share.
    pub bar: Bar,
    /// How far it is.
    pub stage: Stage,
}

/// How far an import is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Stage {
    /// No file yet.
    Empty,
    /// The file cannot be read.
    Unreadable(String),
    /// This would happen.
    Planned {
        /// What.
        diff: Diff,
        /// Its name.
        digest: String,
        /// The file, which the next form carries.
        file: String,
        /// Whether something else was said before.
        is_again: bool,
    },
    /// This happened.
    Done(Diff),
}

/// What becomes of a file, in words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diff {
    /// How many of each kind.
    pub counts: Vec<String>,
    /// Whether anything would change.
    pub is_change: bool,
    /// Line, address and what becomes of it.
    pub rows: Vec<(u64, String, String)>,
    /// Whether there are more rows than are shown.
    pub has_more: bool,
}

impl Diff {
    /// Puts a plan into words; rows that stay as they are are only counted.
    #[must_use]
    pub fn of(plan: &Plan, texts: &Texts) -> Self {
        let w = texts.admin.users;
        let keys = ["new", "changed", "unchanged", "refused"];
        let counts = keys.map(|key| (w.import_count)(key, plan.count(key) as u64));
        let words = |row: &Planned| match &row.fate {
            Fate::New => Some(w.import_new.to_owned()),
            Fate::Changed(differences) => {
                let told: Vec<String> = differences
                    .iter()
                    .map(|(field, before, after)| format!("{field} {before}\u{a0}→\u{a0}{after}"))
                    .collect();
                Some(told.join(", "))
            }
            Fate::Refused(why) => Some((w.import_refused)(why)),
            Fate::Unchanged => None,
        };
        let mut rows: Vec<(u64, String, String)> = plan
            .rows
            .iter()
            .filter_map(|row| Some((row.line, row.email.clone(), words(row)?)))
            .collect();
        let has_more = rows.len() > MOST_SHOWN;
        rows.truncate(MOST_SHOWN);
        Self {
            counts: counts.into(),
            is_change: plan.count("new") + plan.count("changed") > 0,
            rows,
            has_more,
        }
    }
}

impl UsersImport<'_> {
    /// Every state, in every language.
    #[must_use]
    pub fn samples() -> Vec<(String, UsersImport<'static>)> {
        Lang::ALL.iter().flat_map(|&lang| samples_in(lang)).collect()
    }
}

fn sample_plan(text: &str) -> Plan {
    let row = |line, fate| Planned {
        line,
        email: text.to_owned(),
        fate,
    };
    let change = ("name", "Ada".to_owned(), text.to_owned());
    Plan {
        rows: vec![
            row(2, Fate::New),
            row(3, Fate::Changed(vec![change])),
            row(4, Fate::Unchanged),
            row(5, Fate::Refused(text.to_owned())),
        ],
        digest: "00112233445566778899aabbccddeeff".to_owned(),
    }
}

fn samples_in(lang: Lang) -> Vec<(String, UsersImport<'static>)> {
    let texts = lang.texts();
    let page = |stage| UsersImport {
        frame: frame(lang, "/admin/users/import"),
        bar: Bar::sample(Section::Users),
        stage,
    };
    let planned = |text: &str, is_again| {
        let plan = sample_plan(text);
        Stage::Planned {
            diff: Diff::of(&plan, texts),
            digest: plan.digest,
            file: text.to_owned(),
            is_again,
        }
    };
    let done = Stage::Done(Diff::of(&sample_plan("grace@example.org"), texts));
    let bad = Stage::Unreadable(texts.admin.users.import_too_large.to_owned());
    [
        ("empty", page(Stage::Empty)),
        ("bad", page(bad)),
        ("planned", page(planned("grace@example.org", false))),
        ("again", page(planned("grace@example.org", true))),
        ("done", page(done)),
        ("hostile", page(planned(HOSTILE, false))),
    ]
    .into_iter()
    .map(|(name, page)| (format!("usersimport-{name}-{}", lang.code()), page))
    .collect()
}
