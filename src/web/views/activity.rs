//! `/account/activity`: what happened to my account.

use askama::Template;

use crate::domain::activity::{Doer, Entry, is_attempt};
use crate::domain::audit::EventKind;
use crate::domain::lang::Lang;
use crate::domain::time::Timestamp;
use crate::web::views::device::describe_device;
use crate::web::views::frame::Frame;
use crate::web::views::texts::{Moment, Texts};

/// The activity page.
#[derive(Clone, Debug, Template)]
#[template(path = "activity.html")]
pub struct ActivityPage<'a> {
    /// What all pages share.
    pub frame: Frame<'a>,
    /// The lines, newest first.
    pub rows: Vec<ActivityRow>,
    /// Where the next, older page starts.
    pub older: Option<String>,
    /// Whether these are the newest.
    pub is_newest: bool,
}

/// One line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ActivityRow {
    /// What happened.
    pub what: String,
    /// Device, address, method, who: what is known of them.
    pub facts: Vec<String>,
    /// When it began, if it happened several times.
    pub first: Option<Moment>,
    /// When it happened, the last time.
    pub at: Moment,
    /// Whether it deserves a second look.
    pub notable: bool,
}

impl ActivityRow {
    /// From what was recorded.
    #[must_use]
    pub fn of(entry: &Entry, texts: &Texts) -> Self {
        let words = &texts.activity;
        let what = if entry.count == 1 {
            (words.event)(entry.kind).to_owned()
        } else {
            (words.attempts)(entry.kind, entry.count)
        };
        Self {
            what,
            facts: facts(entry, texts),
            first: (entry.first != entry.at).then(|| texts.moment(entry.first)),
            at: texts.moment(entry.at),
            notable: is_notable(entry.kind),
        }
    }
}

fn facts(entry: &Entry, texts: &Texts) -> Vec<String> {
    let words = &texts.activity;
    let device = (!entry.user_agent.is_empty()).then(|| describe_device(&entry.user_agent, texts));
    let address = if entry.addresses > 1 {
        Some((words.addresses)(entry.addresses))
    } else {
        (!entry.address.is_empty()).then(|| entry.address.clone())
    };
    let is_login = matches!(entry.kind, EventKind::LoginSucceeded | EventKind::NewDevice);
    let method = (is_login && !entry.detail.is_empty()).then(|| texts.method(&entry.detail));
    let doer = match entry.by {
        Doer::Owner => None,
        Doer::Console => Some(words.by_console.to_owned()),
        Doer::Admin => Some(words.by_admin.to_owned()),
    };
    [method, device, address, doer].into_iter().flatten().collect()
}

fn is_notable(kind: EventKind) -> bool {
    is_attempt(kind)
        || matches!(
            kind,
            EventKind::NewDevice | EventKind::RefreshReused | EventKind::Disowned | EventKind::Banned
        )
}

impl ActivityPage<'_> {
    /// Every state, in every language.
    #[must_use]
    pub fn samples() -> Vec<(String, ActivityPage<'static>)> {
        Lang::ALL.iter().flat_map(|&lang| samples_in(lang)).collect()
    }
}

const FIREFOX: &str = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0";

fn entry(kind: EventKind, ago: i64, address: &str) -> Entry {
    let at = Timestamp::from_seconds(1_780_300_000 - ago);
    Entry {
        kind,
        by: Doer::Owner,
        address: address.to_owned(),
        user_agent: String::new(),
        detail: String::new(),
        at,
        first: at,
        count: 1,
        addresses: 1,
    }
}

fn login(ago: i64, address: &str, method: &str) -> Entry {
    Entry {
        user_agent: FIREFOX.to_owned(),
        detail: method.to_owned(),
        ..entry(EventKind::LoginSucceeded, ago, address)
    }
}

fn failures(kind: EventKind, ago: i64, address: &str, count: u32) -> Entry {
    let one = entry(kind, ago, address);
    Entry {
        first: Timestamp::from_seconds(one.at.seconds() - 1800),
        count,
        ..one
    }
}

/// A day in the life of an account, and every event there is.
fn some_days() -> Vec<Entry> {
    let many = Entry {
        addresses: 26,
        ..failures(EventKind::LoginRefused, 9_000, "", 412)
    };
    let by = |doer, entry| Entry { by: doer, ..entry };
    vec![
        login(0, "192.168.1.20", "password"),
        failures(EventKind::LoginRefused, 7_200, "203.0.113.7", 5),
        many,
        login(80_000, "192.168.1.20", "password+trusted_device"),
        Entry {
            kind: EventKind::NewDevice,
            ..login(86_400, "2001:db8:85a3::8a2e:370:7334", "google")
        },
        by(Doer::Admin, entry(EventKind::RoleChanged, 200_000, "")),
        by(Doer::Console, entry(EventKind::PasswordChanged, 300_000, "")),
    ]
}

fn samples_in(lang: Lang) -> Vec<(String, ActivityPage<'static>)> {
    const HOSTILE: &str = "\"><img src=x onerror=alert(1)>'&amp;";
    let texts = lang.texts();
    let rows =
        |entries: &[Entry]| -> Vec<ActivityRow> { entries.iter().map(|one| ActivityRow::of(one, texts)).collect() };
    let frame = Frame {
        signed_in_as: Some("Ada Lovelace"),
        ..Frame::sample(lang, "/account/activity")
    };
    let plain = ActivityPage {
        frame,
        rows: rows(&some_days()),
        older: None,
        is_newest: true,
    };
    let every = EventKind::ALL
        .iter()
        .zip(0..)
        .map(|(kind, day)| entry(*kind, day * 86_400, "192.0.2.1"));
    let several = EventKind::ALL
        .iter()
        .filter(|kind| is_attempt(**kind))
        .map(|kind| failures(*kind, 60, "192.0.2.1", 2));
    let every: Vec<Entry> = every.chain(several).collect();
    let hostile = Entry {
        detail: HOSTILE.to_owned(),
        user_agent: HOSTILE.to_owned(),
        ..login(0, HOSTILE, HOSTILE)
    };
    let wide = login(0, &"W".repeat(200), "");
    let page = |rows, older: Option<&str>, is_newest| ActivityPage {
        rows,
        older: older.map(str::to_owned),
        is_newest,
        ..plain.clone()
    };
    let named = |name: &str, page| (format!("activity-{name}-{}", lang.code()), page);
    vec![
        named("empty", page(Vec::new(), None, true)),
        named("every-event", page(rows(&every), None, true)),
        named(
            "first-of-many",
            page(rows(&some_days()), Some("1780300000000.12"), true),
        ),
        named("last-of-many", page(rows(&some_days()), None, false)),
        named("hostile", page(rows(&[hostile, wide]), Some(HOSTILE), false)),
        named("plain", plain),
    ]
}
