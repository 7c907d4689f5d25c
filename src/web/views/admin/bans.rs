//! `/admin/bans`: who is kept out, a ban by hand, and the networks that are spared.

use askama::Template;

use crate::app::ban_list::Standing;
use crate::domain::lang::Lang;
use crate::domain::moderation::ban::{Ban, BanState, MANUAL, SparedNetwork};
use crate::domain::moderation::points::Points;
use crate::domain::moderation::timeline::crossed;
use crate::domain::moderation::violation::Violation;
use crate::domain::time::Timestamp;
use crate::web::views::admin::{Bar, Section};
use crate::web::views::frame::Frame;
use crate::web::views::texts::{Moment, Texts};

pub mod ban;
pub mod chart;
pub mod simulate;
pub mod violations;

pub use ban::{BanPage, Explanation, RefusalView, StandingView};
pub use simulate::SimulatePage;
pub use violations::{CountRow, ViolationRow, ViolationsPage};

/// The page.
#[derive(Clone, Debug, Template)]
#[template(path = "admin/bans.html")]
pub struct BansPage<'a> {
    /// What all pages share.
    pub frame: Frame<'a>,
    /// What all pages of the administration share.
    pub bar: Bar,
    /// What was looked for.
    pub search: Search,
    /// Whether nobody is called like that.
    pub is_unknown: bool,
    /// The bans.
    pub rows: Vec<BanRow>,
    /// The query of the next page.
    pub older: Option<String>,
    /// Whether this is the first page.
    pub is_newest: bool,
    /// A ban by hand, as typed.
    pub form: BanForm,
    /// A network to be spared, as typed.
    pub spare: SpareForm,
    /// The list of spared networks.
    pub spared: Vec<SparedRow>,
    /// What the configuration spares.
    pub configured: Vec<String>,
}

/// What is looked for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Search {
    /// As typed.
    pub q: String,
    /// The key of a cause; empty for any.
    pub cause: String,
    /// How bans stand.
    pub standing: Standing,
}

/// A ban in a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BanRow {
    /// The number to quote.
    pub reference: String,
    /// Whom it is about.
    pub whom: String,
    /// The cause in words.
    pub cause: &'static str,
    /// The score that led to it.
    pub points: Option<String>,
    /// Since when.
    pub since: Moment,
    /// Until when; `None` until somebody lifts it.
    pub until: Option<Moment>,
    /// How it stands, in words.
    pub state: &'static str,
    /// Whether it keeps somebody out now.
    pub is_in_force: bool,
    /// Who made it.
    pub by: String,
    /// The remark.
    pub note: String,
}

impl BanRow {
    /// From a ban; `whom` and `by` are the names of its subject and its maker.
    #[must_use]
    pub fn of(ban: &Ban, (whom, by): (String, String), now: Timestamp, texts: &Texts) -> Self {
        let w = texts.admin.bans;
        let state = ban.state(now);
        let told = || (w.points_crossed)(&ban.points.to_string(), &crossed(ban.points, ban.interval).to_string());
        Self {
            reference: ban.reference.clone(),
            whom,
            cause: cause(&ban.cause, texts),
            points: (!ban.is_by_hand()).then(told),
            since: texts.moment(ban.started_at),
            until: ban.ends_at.map(|end| texts.moment(end)),
            state: (w.states)(state),
            is_in_force: state == BanState::InForce,
            by,
            note: ban.note.clone(),
        }
    }
}

/// The cause of a ban in words.
#[must_use]
pub fn cause(key: &str, texts: &Texts) -> &'static str {
    let w = texts.admin.bans;
    Violation::from_key(key).map_or(w.by_hand, w.kinds)
}

/// The choice that leaves everything in.
pub const ANY: &str = "any";

/// The length of a ban that ends when somebody lifts it.
pub const FOREVER: &str = "forever";

/// One choice of a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Choice {
    /// What is sent.
    pub key: String,
    /// What is read.
    pub words: &'static str,
    /// Whether it is chosen.
    pub is_chosen: bool,
}

impl BansPage<'_> {
    fn standings(&self) -> [Choice; 3] {
        let w = self.frame.texts.admin.bans;
        Standing::ALL.map(|standing| Choice {
            key: standing.key().to_owned(),
            words: (w.standings)(standing),
            is_chosen: standing == self.search.standing,
        })
    }

    fn causes(&self) -> Vec<Choice> {
        let w = self.frame.texts.admin.bans;
        let kinds = Violation::ALL.iter().map(|kind| (kind.key(), (w.kinds)(*kind)));
        let all = [(ANY, w.any_cause), (MANUAL, w.by_hand)].into_iter().chain(kinds);
        all.map(|(key, words)| Choice {
            key: key.to_owned(),
            words,
            is_chosen: key == self.search.cause || (key == ANY && self.search.cause.is_empty()),
        })
        .collect()
    }

    fn lengths(&self) -> [Choice; 6] {
        let w = self.frame.texts.admin.bans;
        w.lengths.map(|(key, words)| Choice {
            key: key.to_owned(),
            words,
            is_chosen: key == self.form.length,
        })
    }
}

/// A ban by hand.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct BanForm {
    /// Whom.
    pub subject: String,
    /// How long, as in the list; empty until somebody lifts it.
    pub length: String,
    /// The remark.
    pub note: String,
    /// What is wrong with the subject.
    pub subject_problem: Option<String>,
    /// What is wrong with the length or the remark.
    pub problem: Option<String>,
}

impl BanForm {
    /// Whether anything is wrong.
    #[must_use]
    pub fn is_wrong(&self) -> bool {
        self.subject_problem.is_some() || self.problem.is_some()
    }
}

/// A network to be spared.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SpareForm {
    /// Which.
    pub network: String,
    /// The remark.
    pub note: String,
    /// What is wrong with it.
    pub problem: Option<String>,
}

/// A spared network.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SparedRow {
    /// Which.
    pub network: String,
    /// The remark.
    pub note: String,
    /// Who did it.
    pub by: String,
    /// Since when.
    pub since: Moment,
}

impl SparedRow {
    /// From the stored network; `by` is the name of who did it.
    #[must_use]
    pub fn of(spared: &SparedNetwork, by: String, texts: &Texts) -> Self {
        Self {
            network: spared.network.to_string(),
            note: spared.note.clone(),
            by,
            since: texts.moment(spared.created_at),
        }
    }
}

const HOSTILE: &str = "\"><img src=x onerror=alert(1)>'&amp;";

/// A moment in samples, so many minutes after the first one.
pub(super) fn at(minutes: i64) -> Timestamp {
    Timestamp::from_seconds(1_780_300_000 + minutes * 60)
}

/// A ban in samples.
pub(super) fn sample_ban(subject: &str, cause: &str) -> Ban {
    Ban {
        id: 1,
        reference: "K7QW-3M9P".to_owned(),
        subject: subject.parse().unwrap_or_else(|_| {
            crate::domain::moderation::subject::Subject::client(std::net::IpAddr::from([203, 0, 113, 7]))
        }),
        cause: cause.to_owned(),
        points: Points::whole(22),
        interval: Points::whole(20),
        by: "moderation".to_owned(),
        note: String::new(),
        started_at: at(0),
        ends_at: (cause != MANUAL).then(|| at(120)),
        lifted_at: None,
        shadow: false,
    }
}

impl BansPage<'_> {
    /// Every state, in every language.
    #[must_use]
    pub fn samples() -> Vec<(String, BansPage<'static>)> {
        Lang::ALL.iter().flat_map(|&lang| samples_in(lang)).collect()
    }
}

fn sample(lang: Lang, name: &str) -> BansPage<'static> {
    let texts = lang.texts();
    let named = || (name.to_owned(), texts.admin.bans.by_rules.to_owned());
    let manual = Ban {
        note: name.to_owned(),
        ..sample_ban("net:2001:db8:1:2::/64", MANUAL)
    };
    let spared = SparedNetwork {
        network: crate::domain::moderation::network::Network::of_client(std::net::IpAddr::from([198, 51, 100, 7])),
        note: name.to_owned(),
        by: "console".to_owned(),
        created_at: at(5),
    };
    BansPage {
        frame: Frame {
            signed_in_as: Some("Ada Lovelace"),
            ..Frame::sample(lang, "/admin/bans")
        },
        bar: Bar::sample(Section::Bans),
        search: Search::default(),
        is_unknown: false,
        rows: [sample_ban("net:203.0.113.7", "logins"), manual]
            .iter()
            .map(|ban| BanRow::of(ban, named(), at(1), texts))
            .collect(),
        older: Some("before=1".to_owned()),
        is_newest: true,
        form: BanForm::default(),
        spare: SpareForm::default(),
        spared: vec![SparedRow::of(&spared, name.to_owned(), texts)],
        configured: vec!["192.168.0.0/16".to_owned()],
    }
}

fn samples_in(lang: Lang) -> Vec<(String, BansPage<'static>)> {
    let w = lang.texts().admin.bans;
    let with = |change: &dyn Fn(&mut BansPage<'static>)| {
        let mut page = sample(lang, "203.0.113.7");
        change(&mut page);
        page
    };
    let hostile = || {
        let mut page = sample(lang, HOSTILE);
        page.frame.signed_in_as = Some(HOSTILE);
        HOSTILE.clone_into(&mut page.search.q);
        (page.form.subject, page.form.note) = (HOSTILE.to_owned(), HOSTILE.to_owned());
        (page.spare.network, page.spare.note) = (HOSTILE.to_owned(), HOSTILE.to_owned());
        page
    };
    [
        ("some", with(&|_| {})),
        (
            "none",
            with(&|page| {
                page.rows.clear();
                page.spared.clear();
                page.configured.clear();
                (page.older, page.is_newest) = (None, false);
            }),
        ),
        ("unknown", with(&|page| page.is_unknown = true)),
        ("auditor", with(&|page| page.bar.may_change = false)),
        ("done", with(&|page| page.bar.flash = Some((w.done_lifted)(2)))),
        (
            "wrong",
            with(&|page| page.form.subject_problem = Some(w.is_proxy.to_owned())),
        ),
        (
            "wide",
            with(&|page| page.spare.problem = Some(w.bad_network.to_owned())),
        ),
        ("hostile", hostile()),
    ]
    .into_iter()
    .map(|(name, page)| (format!("bans-{name}-{}", lang.code()), page))
    .collect()
}
