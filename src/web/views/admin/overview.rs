//! Views of the administration: how the server is doing.

use std::time::Duration;

use askama::Template;

use crate::app::doctor::Report;
use crate::domain::doctor::{Finding, Here};
use crate::domain::lang::Lang;
use crate::domain::tally::{Curve, Curves, Hourly, Span, Tally};
use crate::domain::time::Timestamp;
use crate::web::views::admin::{Bar, Section};
use crate::web::views::texts::{Moment, Texts};
use crate::web::views::{DoctorRow, Frame};

/// Units of a picture from one bar to the next, and those that a bar is wide.
const STEP: usize = 10;
const WIDTH: usize = 8;

/// Units of a picture from bottom to top.
const HEIGHT: u64 = 100;

/// The page.
#[derive(Clone, Debug, Template)]
#[template(path = "admin/overview.html")]
pub struct OverviewPage<'a> {
    /// What all pages share.
    pub frame: Frame<'a>,
    /// What all pages of the administration share.
    pub bar: Bar,
    /// How far back is looked.
    pub span: Span,
    /// One picture for each kind.
    pub charts: Vec<Chart>,
    /// The same as a table, newest first, without the steps in which nothing happened.
    pub steps: Vec<Step>,
    /// How many sessions were used lately.
    pub online: usize,
    /// The last ones.
    pub present: Vec<PresentRow>,
    /// What there is, and how many.
    pub counts: Vec<CountRow>,
    /// What was found; `None` while it is looked for.
    pub health: Option<Vec<DoctorRow>>,
    /// As whom the visitor appears.
    pub sight: String,
    /// How long the server has run.
    pub uptime: String,
    /// When the page was made.
    pub at: Moment,
}

/// A picture of one curve.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Chart {
    /// What it shows, as a stable key.
    pub key: &'static str,
    /// The same in words.
    pub title: &'static str,
    /// What it shows, for those who do not see it.
    pub description: String,
    /// All together.
    pub total: u64,
    /// The highest bar in words.
    pub at_most: String,
    /// How wide the picture is, in its own units.
    pub width: usize,
    /// The bars; steps in which nothing happened have none.
    pub bars: Vec<ChartBar>,
}

/// One bar, in the units of its picture.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChartBar {
    /// From the left.
    pub x: usize,
    /// From the top.
    pub y: u64,
    /// How high.
    pub height: u64,
    /// When and how many.
    pub title: String,
}

/// One line of the table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// When it begins.
    pub from: Moment,
    /// How many of each kind, with its name.
    pub counts: Vec<(&'static str, u64)>,
}

/// Somebody who is here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PresentRow {
    /// Their display name.
    pub name: String,
    /// Their address.
    pub email: String,
    /// With which device.
    pub device: String,
    /// From where they logged in.
    pub address: String,
    /// When they did something last.
    pub at: Moment,
}

/// How many there are of something.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CountRow {
    /// Of what.
    pub label: &'static str,
    /// How many.
    pub count: String,
    /// Where they are listed, below the base.
    pub path: Option<&'static str>,
}

impl Chart {
    /// A picture for each curve.
    #[must_use]
    pub fn all(curves: &Curves, texts: &Texts) -> Vec<Self> {
        let starts: Vec<String> = curves.starts.iter().map(|start| texts.moment(*start).text).collect();
        curves
            .curves
            .iter()
            .map(|curve| Self::of(curve, &starts, texts))
            .collect()
    }

    fn of(curve: &Curve, starts: &[String], texts: &Texts) -> Self {
        let w = texts.admin.overview;
        let most = curve.counts.iter().copied().max().unwrap_or(0);
        let (first, last) = (starts.first(), starts.last());
        let bar = |(step, (count, start)): (usize, (&u64, &String))| {
            let height = (*count * HEIGHT).div_ceil(most.max(1));
            (*count > 0).then(|| ChartBar {
                x: step * STEP + (STEP - WIDTH) / 2,
                y: HEIGHT - height,
                height,
                title: (w.bar)(start, *count),
            })
        };
        Self {
            key: curve.tally.key(),
            title: (w.tally)(curve.tally),
            description: (w.described)(
                first.map_or("", String::as_str),
                last.map_or("", String::as_str),
                curve.total(),
                most,
            ),
            total: curve.total(),
            at_most: (w.at_most)(most),
            width: curve.counts.len() * STEP,
            bars: curve.counts.iter().zip(starts).enumerate().filter_map(bar).collect(),
        }
    }
}

impl Step {
    /// From the newest to the oldest one in which something happened.
    #[must_use]
    pub fn all(curves: &Curves, texts: &Texts) -> Vec<Self> {
        let w = texts.admin.overview;
        let step = |(at, start): (usize, &Timestamp)| {
            let counts: Vec<_> = curves
                .curves
                .iter()
                .map(|curve| ((w.tally)(curve.tally), curve.counts.get(at).copied().unwrap_or(0)))
                .collect();
            counts.iter().any(|(_, count)| *count > 0).then(|| Self {
                from: texts.moment(*start),
                counts,
            })
        };
        curves.starts.iter().enumerate().rev().filter_map(step).collect()
    }
}

impl OverviewPage<'_> {
    /// How long something has lasted, in words.
    #[must_use]
    pub fn lasting(span: Duration, texts: &Texts) -> String {
        let minutes = span.as_secs() / 60;
        (texts.admin.overview.up)(minutes / 1440, minutes / 60 % 24, minutes % 60)
    }

    fn spans(&self) -> [(&'static str, &'static str); 4] {
        let w = self.frame.texts.admin.overview;
        Span::ALL.map(|span| (span.key(), (w.span)(span)))
    }

    fn online_text(&self) -> String {
        (self.frame.texts.admin.overview.online_count)(self.online)
    }

    fn more_text(&self) -> String {
        (self.frame.texts.admin.overview.online_more)(self.unlisted())
    }

    fn all_well(&self) -> bool {
        let rows = self.health.as_deref().unwrap_or_default();
        !rows.is_empty() && !rows.iter().any(|row| row.is_notable)
    }

    fn unlisted(&self) -> usize {
        self.online.saturating_sub(self.present.len())
    }

    /// Every state, in every language.
    #[must_use]
    pub fn samples() -> Vec<(String, OverviewPage<'static>)> {
        Lang::ALL.iter().flat_map(|lang| samples_in(*lang)).collect()
    }
}

const NOW: Timestamp = Timestamp::from_seconds(1_717_788_018);

fn sample_curves(span: Span) -> Curves {
    let first = span.first_hour(NOW);
    let last = i64::try_from(span.steps()).unwrap_or(0);
    let hourly = |step: i64| {
        let wave = u64::try_from((step * 7) % 19).unwrap_or(0);
        let of = |tally, count| Hourly {
            tally,
            hour: first + step * span.step(),
            count,
        };
        [
            of(Tally::SignIns, wave * 3),
            of(Tally::Failures, wave / 2),
            of(Tally::Violations, u64::from(step % 11 == 0) * 4),
            of(Tally::Bans, u64::from(step == last - 2)),
        ]
    };
    let hours: Vec<Hourly> = (0..last).flat_map(hourly).collect();
    Curves::new(span, NOW, &hours)
}

fn sample_counts(texts: &Texts) -> Vec<CountRow> {
    let w = texts.admin.overview;
    let row = |label, count: &str, path| CountRow {
        label,
        count: count.to_owned(),
        path,
    };
    vec![
        row(w.users, "1204", Some("/admin/users")),
        row(w.waiting, "3", Some("/admin/invitations")),
        row(w.sessions, "2310", None),
        row(w.bans, "12", Some("/admin/bans")),
    ]
}

fn present(name: &str, texts: &Texts) -> PresentRow {
    PresentRow {
        name: name.to_owned(),
        email: "ada@example.org".to_owned(),
        device: "Firefox, Linux".to_owned(),
        address: "2001:db8:85a3::8a2e:370:7334".to_owned(),
        at: texts.moment(NOW),
    }
}

fn samples_in(lang: Lang) -> Vec<(String, OverviewPage<'static>)> {
    const HOSTILE: &str = "\"><img src=x onerror=alert(1)>'&amp;";
    let texts = lang.texts();
    let page = |span, findings: Option<Vec<Finding>>, names: &[&str]| {
        let curves = sample_curves(span);
        OverviewPage {
            frame: Frame {
                signed_in_as: Some("Ada Lovelace"),
                ..Frame::sample(lang, "/admin")
            },
            bar: Bar::sample(Section::Overview),
            span,
            charts: Chart::all(&curves, texts),
            steps: Step::all(&curves, texts),
            online: names.len() * 20,
            present: names.iter().map(|name| present(name, texts)).collect(),
            counts: sample_counts(texts),
            health: findings.map(|findings| {
                let report = Report {
                    findings,
                    ..Report::default()
                };
                DoctorRow::all(&report, lang, texts)
            }),
            sight: (texts.you_appear_through)("203.0.113.7", "127.0.0.1", "X-Forwarded-For"),
            uptime: OverviewPage::lasting(Duration::from_hours(50), texts),
            at: texts.moment(NOW),
        }
    };
    let good = || Some(vec![Finding::Here(Here::BackupFresh { hours: 9 })]);
    let ill = |reason: &str| {
        let reason = reason.to_owned();
        Some(vec![Finding::Here(Here::BackupFailing { reason })])
    };
    let mut empty = page(Span::Quarter, None, &[]);
    let nothing = Curves::new(Span::Quarter, NOW, &[]);
    (empty.charts, empty.steps) = (Chart::all(&nothing, texts), Step::all(&nothing, texts));
    let mut alarmed = page(Span::Week, ill("ENOSPC"), &["Grace Hopper"]);
    alarmed.frame.alarm = Some(texts.guest.banner_open);
    alarmed.bar.may_change = false;
    let mut hostile = page(Span::Month, ill(HOSTILE), &[HOSTILE, &"W".repeat(200)]);
    HOSTILE.clone_into(&mut hostile.sight);
    [
        ("day", page(Span::Day, good(), &["Ada Lovelace", "Grace Hopper"])),
        ("ill", alarmed),
        ("empty", empty),
        ("hostile", hostile),
    ]
    .into_iter()
    .map(|(name, page)| (format!("adminoverview-{name}-{}", lang.code()), page))
    .collect()
}
