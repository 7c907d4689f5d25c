//! `/admin/bans/simulate`: another policy tried on the record, beside the one in force.

use std::collections::BTreeMap;
use std::time::Duration;

use askama::Template;

use crate::domain::lang::Lang;
use crate::domain::moderation::compare::{Change, Slice, Tally};
use crate::domain::moderation::policy::Policy;
use crate::domain::moderation::violation::Violation;
use crate::web::views::admin::bans::at;
use crate::web::views::admin::bans::chart::TrialChart;
use crate::web::views::admin::{Bar, Section};
use crate::web::views::frame::Frame;
use crate::web::views::texts::{Moment, Texts};

/// The page.
#[derive(Clone, Debug, Template)]
#[template(path = "admin/simulate.html")]
pub struct SimulatePage<'a> {
    /// What all pages share.
    pub frame: Frame<'a>,
    /// What all pages of the administration share.
    pub bar: Bar,
    /// The numbers of the policy.
    pub dials: Vec<Dial>,
    /// What violations cost.
    pub scores: Vec<Dial>,
    /// Whether a score is not as in force, so that they are shown at once.
    pub scores_open: bool,
    /// Names of numbers that were not understood.
    pub misread: Vec<String>,
    /// What would have happened.
    pub looked: String,
    /// Since when violations were counted, if there are too many.
    pub cut: Option<Moment>,
    /// In force and tried.
    pub tallies: [Tally; 2],
    /// Whom a change hits.
    pub groups: Vec<Group>,
    /// Bans over time.
    pub chart: TrialChart,
    /// Lines for the configuration; empty if it is the policy in force.
    pub lines: String,
}

/// A number of the policy, with a slider where scripts run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dial {
    /// The field's name.
    pub name: String,
    /// What it is.
    pub label: &'static str,
    /// The value.
    pub value: String,
    /// The value in force.
    pub present: String,
    /// The end of the slider.
    pub most: &'static str,
    /// The step of the slider.
    pub step: &'static str,
}

/// Those whom a change hits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Group {
    /// The change, in words.
    pub title: &'static str,
    /// How many in all.
    pub count: usize,
    /// The first of them.
    pub hits: Vec<HitRow>,
}

impl Group {
    /// How many are not named.
    fn more(&self) -> usize {
        self.count - self.hits.len()
    }
}

/// Somebody who is hit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HitRow {
    /// Whom.
    pub whom: String,
    /// Why, in words.
    pub cause: &'static str,
    /// Bans in force and tried.
    pub bans: (usize, usize),
    /// The first one.
    pub first: Moment,
    /// When they signed in well afterwards.
    pub came_back: Option<Moment>,
}

impl SimulatePage<'_> {
    /// Rows of the comparison: what is counted, in force, tried.
    fn counts(&self) -> [(&'static str, usize, usize); 4] {
        let w = self.frame.texts.admin.bans;
        let [present, tried] = self.tallies;
        [
            (w.s_users, present.users, tried.users),
            (w.s_addresses, present.addresses, tried.addresses),
            (w.s_bans, present.bans, tried.bans),
            (w.s_came_back, present.came_back, tried.came_back),
        ]
    }

    /// Every state, in every language.
    #[must_use]
    pub fn samples() -> Vec<(String, SimulatePage<'static>)> {
        Lang::ALL.iter().flat_map(|&lang| samples_in(lang)).collect()
    }
}

/// What the policy's own numbers are called, by their names in the query.
#[must_use]
pub fn label(name: &str, texts: &Texts) -> Option<&'static str> {
    let w = texts.admin.bans;
    let labels = BTreeMap::from([
        ("interval", w.s_interval),
        ("duration_minutes", w.s_duration),
        ("score_ttl_minutes", w.s_ttl),
        ("days", w.s_days),
    ]);
    labels.get(name).copied()
}

const HOSTILE: &str = "\"><img src=x onerror=alert(1)>'&amp;";

fn sample(lang: Lang, name: &str) -> SimulatePage<'static> {
    let texts = lang.texts();
    let dial = |name: &str, most| Dial {
        name: name.to_owned(),
        label: label(name, texts).unwrap_or_default(),
        value: "10".to_owned(),
        present: "20".to_owned(),
        most,
        step: "1",
    };
    let score = |kind: &Violation| Dial {
        name: format!("score_{}", kind.key()),
        label: (texts.admin.bans.kinds)(*kind),
        ..dial("interval", "40")
    };
    let tally = |users| Tally {
        users,
        addresses: 1,
        bans: 8,
        came_back: 1,
    };
    let title = texts.admin.bans.s_changes;
    let hit = |change| Group {
        title: title(change),
        count: 3,
        hits: vec![HitRow {
            whom: name.to_owned(),
            cause: (texts.admin.bans.kinds)(Violation::Logins),
            bans: (0, 2),
            first: texts.moment(at(0)),
            came_back: Some(texts.moment(at(700))),
        }],
    };
    SimulatePage {
        frame: Frame {
            signed_in_as: Some("Ada Lovelace"),
            ..Frame::sample(lang, "/admin/bans/simulate")
        },
        bar: Bar::sample(Section::Bans),
        dials: [
            ("interval", "100"),
            ("duration_minutes", "1440"),
            ("score_ttl_minutes", "1440"),
            ("days", "90"),
        ]
        .map(|(name, most)| dial(name, most))
        .to_vec(),
        scores: Violation::ALL.iter().map(score).collect(),
        scores_open: false,
        misread: Vec::new(),
        looked: (texts.admin.bans.s_looked)(33, 30),
        cut: None,
        tallies: [tally(0), tally(2)],
        groups: Change::ALL.map(hit).to_vec(),
        chart: TrialChart::of(&month(), at(30 * 24 * 60), texts),
        lines: config(&Policy::default()),
    }
}

fn month() -> Vec<Slice> {
    let day = |number: usize| Slice {
        from: at(0).after(Duration::from_hours(24) * u32::try_from(number).unwrap_or_default()),
        tried: number % 5,
        present: number % 3,
    };
    (0..30).map(day).collect()
}

fn config(present: &Policy) -> String {
    format!("[moderation]\ninterval = {}\n", present.interval)
}

fn samples_in(lang: Lang) -> Vec<(String, SimulatePage<'static>)> {
    let texts = lang.texts();
    let same = SimulatePage {
        lines: String::new(),
        groups: Change::ALL
            .map(|change| Group {
                title: (texts.admin.bans.s_changes)(change),
                count: 0,
                hits: Vec::new(),
            })
            .to_vec(),
        ..sample(lang, "203.0.113.7")
    };
    let cut = SimulatePage {
        cut: Some(texts.moment(at(0))),
        scores_open: true,
        ..sample(lang, "203.0.113.7")
    };
    let mut hostile = sample(lang, HOSTILE);
    hostile.misread = vec![(texts.admin.bans.s_misread)(HOSTILE)];
    [
        ("other", sample(lang, "203.0.113.7")),
        ("same", same),
        ("cut", cut),
        ("hostile", hostile),
    ]
    .into_iter()
    .map(|(name, page)| (format!("simulate-{name}-{}", lang.code()), page))
    .collect()
}
