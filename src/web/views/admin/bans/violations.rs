//! `/admin/violations`: what was refused and cost points.

use askama::Template;

use crate::domain::lang::Lang;
use crate::domain::moderation::violation::Violation;
use crate::web::views::admin::bans::{ANY, Choice, at};
use crate::web::views::admin::{Bar, Section};
use crate::web::views::frame::Frame;
use crate::web::views::texts::Moment;

/// The page.
#[derive(Clone, Debug, Template)]
#[template(path = "admin/violations.html")]
pub struct ViolationsPage<'a> {
    /// What all pages share.
    pub frame: Frame<'a>,
    /// What all pages of the administration share.
    pub bar: Bar,
    /// Whose, as typed.
    pub subject: String,
    /// Of which kind.
    pub kind: Option<Violation>,
    /// The last so many hours; 0 for all.
    pub hours: u32,
    /// Whether nobody is called like that.
    pub is_unknown: bool,
    /// How many of each kind.
    pub counts: Vec<CountRow>,
    /// The violations, newest first.
    pub rows: Vec<ViolationRow>,
    /// The query of the next page.
    pub older: Option<String>,
    /// Whether this is the first page.
    pub is_newest: bool,
}

/// How many there were of a kind.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CountRow {
    /// Its key.
    pub key: &'static str,
    /// Its name.
    pub kind: &'static str,
    /// How many.
    pub times: u32,
    /// Their points.
    pub points: String,
}

/// A violation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ViolationRow {
    /// When.
    pub at: Moment,
    /// What.
    pub kind: &'static str,
    /// What it cost.
    pub points: String,
    /// Who, if that is known.
    pub user: String,
    /// From where.
    pub address: String,
    /// Who told.
    pub source: String,
    /// The remark.
    pub detail: String,
}

impl ViolationsPage<'_> {
    fn kinds(&self) -> Vec<Choice> {
        let w = self.frame.texts.admin.bans;
        let any = Choice {
            key: ANY.to_owned(),
            words: w.v_any,
            is_chosen: self.kind.is_none(),
        };
        let kinds = Violation::ALL.iter().map(|kind| Choice {
            key: kind.key().to_owned(),
            words: (w.kinds)(*kind),
            is_chosen: self.kind == Some(*kind),
        });
        std::iter::once(any).chain(kinds).collect()
    }

    fn spans(&self) -> [Choice; 5] {
        self.frame.texts.admin.bans.v_spans.map(|(hours, words)| Choice {
            key: hours.to_string(),
            words,
            is_chosen: hours == self.hours,
        })
    }

    /// Every state, in every language.
    #[must_use]
    pub fn samples() -> Vec<(String, ViolationsPage<'static>)> {
        Lang::ALL.iter().flat_map(|&lang| samples_in(lang)).collect()
    }
}

const HOSTILE: &str = "\"><img src=x onerror=alert(1)>'&amp;";

fn samples_in(lang: Lang) -> Vec<(String, ViolationsPage<'static>)> {
    let texts = lang.texts();
    let kind = (texts.admin.bans.kinds)(Violation::Message);
    let page = |name: &str| ViolationsPage {
        frame: Frame {
            signed_in_as: Some("Ada Lovelace"),
            ..Frame::sample(lang, "/admin/violations")
        },
        bar: Bar::sample(Section::Bans),
        subject: name.to_owned(),
        kind: Some(Violation::Message),
        hours: 24,
        is_unknown: false,
        counts: vec![CountRow {
            key: Violation::Message.key(),
            kind,
            times: 41,
            points: "41".to_owned(),
        }],
        rows: vec![ViolationRow {
            at: texts.moment(at(0)),
            kind,
            points: "1".to_owned(),
            user: name.to_owned(),
            address: "203.0.113.7".to_owned(),
            source: "api".to_owned(),
            detail: name.to_owned(),
        }],
        older: Some("before=1".to_owned()),
        is_newest: false,
    };
    let none = ViolationsPage {
        rows: Vec::new(),
        counts: Vec::new(),
        older: None,
        kind: None,
        hours: 0,
        is_newest: true,
        ..page("")
    };
    let unknown = ViolationsPage {
        is_unknown: true,
        ..none.clone()
    };
    [
        ("some", page("bob@example.org")),
        ("none", none),
        ("unknown", unknown),
        ("hostile", page(HOSTILE)),
    ]
    .into_iter()
    .map(|(name, page)| (format!("violations-{name}-{}", lang.code()), page))
    .collect()
}
