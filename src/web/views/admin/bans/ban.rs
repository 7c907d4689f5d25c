//! `/admin/bans/{reference}`: what is known of a number, and what can be done about it.

use askama::Template;

use crate::domain::lang::Lang;
use crate::domain::moderation::arithmetic::Addition;
use crate::domain::moderation::ban::MANUAL;
use crate::domain::moderation::points::Points;
use crate::domain::moderation::timeline::Timeline;
use crate::domain::moderation::violation::{Recorded, Violation};
use crate::web::views::admin::bans::chart::ScoreChart;
use crate::web::views::admin::bans::{BanRow, at, sample_ban};
use crate::web::views::admin::{Bar, Section};
use crate::web::views::frame::Frame;
use crate::web::views::texts::Moment;

/// Violations that are drawn and listed, at most.
pub const MOST_EVENTS: usize = 500;

/// The page.
#[derive(Clone, Debug, Template)]
#[template(path = "admin/ban.html")]
pub struct BanPage<'a> {
    /// What all pages share.
    pub frame: Frame<'a>,
    /// What all pages of the administration share.
    pub bar: Bar,
    /// The number.
    pub reference: String,
    /// The refused request, if the number is its.
    pub refusal: Option<RefusalView>,
    /// The ban, if the number is its.
    pub ban: Option<Explanation>,
}

/// A ban with everything that led to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Explanation {
    /// The ban.
    pub row: BanRow,
    /// When it was lifted.
    pub lifted: Option<Moment>,
    /// The network, if it is one's.
    pub network: Option<String>,
    /// The sum, such as `1 + 1 + 20 = 22`; `None` for a ban by hand.
    pub sum: Option<String>,
    /// Whether every violation is still recorded.
    pub is_complete: bool,
    /// How the score grew.
    pub chart: Option<ScoreChart>,
    /// The bans that came with it.
    pub together: Vec<BanRow>,
}

impl Explanation {
    /// Whom another ban in force is about that came with it.
    fn companion(&self) -> Option<&str> {
        self.together
            .iter()
            .find(|ban| ban.is_in_force)
            .map(|ban| ban.whom.as_str())
    }

    /// Whether there is anything to lift.
    fn can_be_lifted(&self) -> bool {
        self.row.is_in_force
    }
}

/// A refused request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RefusalView {
    /// What it means.
    pub meaning: &'static str,
    /// When.
    pub at: Moment,
    /// What was asked, and the status of the answer.
    pub request: String,
    /// From where.
    pub address: String,
    /// How the address was found.
    pub derived: String,
    /// Who, if that is known.
    pub user: Option<String>,
    /// How things stand now.
    pub standings: Vec<StandingView>,
}

/// Where somebody stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StandingView {
    /// Who.
    pub whom: String,
    /// Scores in words.
    pub scores: Vec<String>,
    /// The latest bans.
    pub bans: Vec<BanRow>,
}

impl BanPage<'_> {
    /// Every state, in every language.
    #[must_use]
    pub fn samples() -> Vec<(String, BanPage<'static>)> {
        Lang::ALL.iter().flat_map(|&lang| samples_in(lang)).collect()
    }
}

const HOSTILE: &str = "\"><img src=x onerror=alert(1)>'&amp;";

fn explanation(lang: Lang, name: &str) -> Explanation {
    let texts = lang.texts();
    let event = |minute: i64, points: u32| Recorded {
        id: minute,
        at: at(minute - 40),
        kind: Violation::Logins,
        points: Points::whole(points),
        user: None,
        address: String::new(),
        source: "server".to_owned(),
        detail: String::new(),
    };
    let sum = Addition {
        events: vec![event(3, 1), event(22, 1), event(40, 20)],
        total: Points::whole(22),
        is_complete: true,
    };
    let ban = sample_ban("net:203.0.113.7", "logins");
    let row = |who: &str| BanRow::of(&ban, (who.to_owned(), name.to_owned()), at(1), texts);
    let hour = std::time::Duration::from_hours(1);
    Explanation {
        row: row(name),
        lifted: None,
        network: Some("203.0.113.7".to_owned()),
        sum: Some(sum.written()),
        is_complete: true,
        chart: Timeline::of(&ban, &sum, Some(hour)).map(|line| ScoreChart::of(&line, texts)),
        together: vec![row(name)],
    }
}

fn refusal(lang: Lang, name: &str) -> RefusalView {
    let texts = lang.texts();
    let w = texts.admin.bans;
    let ban = sample_ban("net:203.0.113.7", "logins");
    RefusalView {
        meaning: (w.refusals)("banned"),
        at: texts.moment(at(9)),
        request: (w.answered)(name, 403),
        address: "203.0.113.7".to_owned(),
        derived: name.to_owned(),
        user: Some(name.to_owned()),
        standings: vec![StandingView {
            whom: name.to_owned(),
            scores: vec![(w.score_now)((w.kinds)(Violation::Logins), "22", "20")],
            bans: vec![BanRow::of(&ban, (name.to_owned(), name.to_owned()), at(1), texts)],
        }],
    }
}

fn samples_in(lang: Lang) -> Vec<(String, BanPage<'static>)> {
    let texts = lang.texts();
    let page = |refusal, ban| BanPage {
        frame: Frame {
            signed_in_as: Some("Ada Lovelace"),
            ..Frame::sample(lang, "/admin/bans/K7QW-3M9P")
        },
        bar: Bar::sample(Section::Bans),
        reference: "K7QW-3M9P".to_owned(),
        refusal,
        ban,
    };
    let manual = || {
        let ban = sample_ban("net:203.0.113.7", MANUAL);
        let row = BanRow::of(&ban, ("203.0.113.7".to_owned(), "root".to_owned()), at(1), texts);
        Explanation {
            row,
            lifted: Some(texts.moment(at(3))),
            network: None,
            sum: None,
            is_complete: true,
            chart: None,
            together: Vec::new(),
        }
    };
    let gone = || Explanation {
        is_complete: false,
        chart: None,
        ..explanation(lang, "203.0.113.7")
    };
    let auditor = || {
        let mut page = page(None, Some(explanation(lang, "203.0.113.7")));
        page.bar.may_change = false;
        page
    };
    let hostile = || {
        let mut page = page(Some(refusal(lang, HOSTILE)), Some(explanation(lang, HOSTILE)));
        page.frame.signed_in_as = Some(HOSTILE);
        page
    };
    [
        ("explained", page(None, Some(explanation(lang, "203.0.113.7")))),
        (
            "both",
            page(
                Some(refusal(lang, "203.0.113.7")),
                Some(explanation(lang, "203.0.113.7")),
            ),
        ),
        ("refused", page(Some(refusal(lang, "203.0.113.7")), None)),
        ("manual", page(None, Some(manual()))),
        ("gone", page(None, Some(gone()))),
        ("auditor", auditor()),
        ("hostile", hostile()),
    ]
    .into_iter()
    .map(|(name, page)| (format!("ban-{name}-{}", lang.code()), page))
    .collect()
}
