//! Samples of the pages about one person.

use crate::app::person::EXPIRED;
use crate::domain::lang::Lang;
use crate::domain::moderation::violation::Violation;
use crate::domain::time::Timestamp;
use crate::web::views::admin::audit::sample_rows;
use crate::web::views::admin::bans::{BanRow, ViolationRow, sample_ban};
use crate::web::views::admin::person::{
    DeviceRow, EditForm, ExpectedRow, Fields, GonePage, IdentityRow, PersonAsk, PersonFacts, PersonPage,
};
use crate::web::views::admin::users::{HOSTILE, frame};
use crate::web::views::admin::{Bar, Section};
use crate::web::views::texts::Moment;
use crate::web::views::{KeyRow, SessionRow};

const ID: &str = "6662f0ab01020304050607ff";
const PATH: &str = "/admin/users/6662f0ab01020304050607ff";

fn moment(lang: Lang, hours: i64) -> Moment {
    lang.texts()
        .moment(Timestamp::from_seconds(1_780_300_000 + hours * 3600))
}

fn facts(lang: Lang, name: &str) -> PersonFacts {
    let texts = lang.texts();
    let w = texts.admin.person;
    PersonFacts {
        id: ID.to_owned(),
        name: name.to_owned(),
        username: Some(name.to_owned()),
        email: "grace@example.org".to_owned(),
        is_proved: true,
        picture: None,
        provider: "google".to_owned(),
        role: "USER".to_owned(),
        groups: vec![
            ("choir".to_owned(), w.by_hand.to_owned()),
            (name.to_owned(), (w.by_provider)("google")),
        ],
        state: (
            "active",
            (texts.admin.users.state_word)(crate::domain::directory::State::Active),
        ),
        disabled: None,
        waiting: None,
        valid_until: Some(moment(lang, 500)),
        created: moment(lang, 0),
        last_login: Some(moment(lang, 3)),
        logins: 12,
        has_password: true,
        two_factor: Some(moment(lang, 1)),
        is_required: true,
        demanded: Some(moment(lang, 2)),
        codes_left: 7,
    }
}

fn session(lang: Lang, name: &str) -> SessionRow {
    let texts = lang.texts();
    SessionRow {
        id: "42".to_owned(),
        device: (texts.device_on)("Firefox", "Linux"),
        address: name.to_owned(),
        method: texts.method("password+code"),
        created: moment(lang, 0),
        last_used: moment(lang, 2),
        current: false,
    }
}

fn identity(lang: Lang, name: &str) -> IdentityRow {
    IdentityRow {
        id: 3,
        provider: "google".to_owned(),
        subject: name.to_owned(),
        email: name.to_owned(),
        since: moment(lang, 0),
        last_used: Some(moment(lang, 3)),
    }
}

fn device(lang: Lang, name: &str) -> DeviceRow {
    let texts = lang.texts();
    DeviceRow {
        device: (texts.device_on)("Firefox", "Linux"),
        address: name.to_owned(),
        since: moment(lang, 0),
        last_used: moment(lang, 2),
        until: moment(lang, 700),
    }
}

fn key(lang: Lang, name: &str) -> KeyRow {
    let texts = lang.texts();
    KeyRow {
        id: 9,
        name: name.to_owned(),
        opens: texts.api_keys.door.to_owned(),
        created: moment(lang, 0),
        last_used: None,
        until: None,
    }
}

fn lists(lang: Lang, name: &str) -> PersonPage<'static> {
    let texts = lang.texts();
    let named = || name.to_owned();
    let ban = sample_ban(&format!("user:{ID}"), "logins");
    PersonPage {
        frame: frame(lang, PATH),
        bar: Bar::sample(Section::Users),
        facts: facts(lang, name),
        is_own: false,
        form: EditForm {
            name: named(),
            email: "grace@example.org".to_owned(),
            role: "USER".to_owned(),
            groups: "choir".to_owned(),
            ..EditForm::default()
        },
        sessions: vec![session(lang, name)],
        identities: vec![identity(lang, name)],
        expected: vec![ExpectedRow {
            id: 4,
            provider: "openid".to_owned(),
            sign: named(),
            until: moment(lang, 700),
        }],
        has_providers: true,
        devices: vec![device(lang, name)],
        keys: vec![key(lang, name)],
        scores: vec![(texts.admin.bans.score_now)(
            (texts.admin.bans.kinds)(Violation::Logins),
            "22",
            "20",
        )],
        bans: vec![BanRow::of(
            &ban,
            (named(), texts.admin.bans.by_rules.to_owned()),
            Timestamp::from_seconds(1_780_300_060),
            texts,
        )],
        violations: vec![ViolationRow {
            at: moment(lang, 0),
            kind: (texts.admin.bans.kinds)(Violation::Logins),
            points: "1".to_owned(),
            user: named(),
            address: named(),
            source: "server".to_owned(),
            detail: named(),
        }],
        events: sample_rows(lang),
        made: None,
    }
}

fn bare(lang: Lang) -> PersonPage<'static> {
    let texts = lang.texts();
    let mut page = lists(lang, "Grace Hopper");
    page.facts.groups.clear();
    (page.facts.username, page.facts.valid_until, page.facts.last_login) = (None, None, None);
    (page.facts.two_factor, page.facts.is_required, page.facts.demanded) = (None, false, None);
    (page.facts.has_password, page.facts.is_proved) = (false, false);
    page.facts.waiting = Some(moment(lang, 1));
    page.facts.state = (
        "waiting",
        (texts.admin.users.state_word)(crate::domain::directory::State::Waiting),
    );
    page.sessions.clear();
    page.identities.clear();
    page.devices.clear();
    page.expected.clear();
    page.has_providers = false;
    page.keys.clear();
    page.scores.clear();
    page.bans.clear();
    page.violations.clear();
    page.events.clear();
    page
}

impl PersonPage<'_> {
    /// Every state, in every language.
    #[must_use]
    pub fn samples() -> Vec<(String, PersonPage<'static>)> {
        Lang::ALL.iter().flat_map(|&lang| samples_in(lang)).collect()
    }
}

fn samples_in(lang: Lang) -> Vec<(String, PersonPage<'static>)> {
    let w = lang.texts().admin.person;
    let with = |change: &dyn Fn(&mut PersonPage<'static>)| {
        let mut page = lists(lang, "Grace Hopper");
        change(&mut page);
        page
    };
    let hostile = || {
        let mut page = lists(lang, HOSTILE);
        HOSTILE.clone_into(&mut page.facts.email);
        HOSTILE.clone_into(&mut page.facts.role);
        HOSTILE.clone_into(&mut page.form.groups);
        page
    };
    [
        ("some", with(&|_| {})),
        ("bare", bare(lang)),
        (
            "locked",
            with(&|page| {
                page.facts.disabled = Some(moment(lang, 4));
                page.facts.state = (
                    "disabled",
                    (lang.texts().admin.users.state_word)(crate::domain::directory::State::Disabled),
                );
            }),
        ),
        ("over", with(&|page| page.facts.state = (EXPIRED, w.expired))),
        ("auditor", with(&|page| page.bar.may_change = false)),
        ("own", with(&|page| page.is_own = true)),
        (
            "wrong",
            with(&|page| {
                page.form.problems = vec![("until", w.bad_expiry.to_owned()), ("", w.last_admin.to_owned())];
            }),
        ),
        (
            "link",
            with(&|page| page.made = Some("https://login.example.org/reset-password?token=0123".to_owned())),
        ),
        ("hostile", hostile()),
    ]
    .into_iter()
    .map(|(name, page)| (format!("person-{name}-{}", lang.code()), page))
    .collect()
}

impl PersonAsk<'_> {
    /// Every state, in every language.
    #[must_use]
    pub fn samples() -> Vec<(String, PersonAsk<'static>)> {
        Lang::ALL.iter().flat_map(|&lang| asks_in(lang)).collect()
    }
}

fn ask(lang: Lang, name: &str, deed: &str, fields: Fields) -> PersonAsk<'static> {
    PersonAsk {
        frame: frame(lang, PATH),
        bar: Bar::sample(Section::Users),
        id: ID.to_owned(),
        who: (name.to_owned(), "grace@example.org".to_owned()),
        deed: deed.to_owned(),
        which: None,
        fields,
        problem: None,
    }
}

fn asks_in(lang: Lang) -> Vec<(String, PersonAsk<'static>)> {
    let w = lang.texts().admin.person;
    let plain = |deed: &str| ask(lang, "Grace Hopper", deed, Fields::None);
    let mut all: Vec<(String, PersonAsk<'static>)> = crate::app::person::Deed::KEYS
        .iter()
        .map(|key| ((*key).to_owned(), plain(key)))
        .collect();
    let refused = PersonAsk {
        problem: Some(w.last_admin.to_owned()),
        ..plain("disable")
    };
    let one = PersonAsk {
        which: Some(("42".to_owned(), (lang.texts().device_on)("Firefox", "Linux"))),
        ..plain("end-session")
    };
    let hostile = PersonAsk {
        which: Some((HOSTILE.to_owned(), HOSTILE.to_owned())),
        problem: Some(HOSTILE.to_owned()),
        ..ask(lang, HOSTILE, "ban", Fields::Ban("1d".to_owned(), HOSTILE.to_owned()))
    };
    let erase = plain("erase");
    let ban = ask(lang, "Grace Hopper", "ban", Fields::Ban("1d".to_owned(), String::new()));
    let providers = vec!["google".to_owned(), "openid".to_owned()];
    let expect = ask(lang, "Grace Hopper", "expect", Fields::Expect(providers, String::new()));
    let link = |by_mail| ask(lang, "Grace Hopper", "reset-link", Fields::Link(String::new(), by_mail));
    for (name, page) in [
        ("refused", refused),
        ("one", one),
        ("erase", erase),
        ("ban", ban),
        ("link", link(Ok(true))),
        ("link-shown", link(Err(w.link_no_mail))),
        ("expect", expect),
        ("hostile", hostile),
    ] {
        all.push((name.to_owned(), page));
    }
    all.into_iter()
        .map(|(name, page)| (format!("personask-{name}-{}", lang.code()), page))
        .collect()
}

impl GonePage<'_> {
    /// Every state, in every language.
    #[must_use]
    pub fn samples() -> Vec<(String, GonePage<'static>)> {
        Lang::ALL.iter().flat_map(|&lang| gone_in(lang)).collect()
    }
}

fn gone_in(lang: Lang) -> Vec<(String, GonePage<'static>)> {
    let page = |name: &str| GonePage {
        frame: frame(lang, PATH),
        bar: Bar::sample(Section::Users),
        id: ID.to_owned(),
        name: name.to_owned(),
        email: "grace@example.org".to_owned(),
        role: "USER".to_owned(),
        at: moment(lang, 0),
        by: lang.texts().admin.person.by_owner.to_owned(),
        until: moment(lang, 168),
    };
    let mut auditor = page("Grace Hopper");
    auditor.bar.may_change = false;
    [
        ("some", page("Grace Hopper")),
        ("auditor", auditor),
        ("hostile", page(HOSTILE)),
    ]
    .into_iter()
    .map(|(name, page)| (format!("persongone-{name}-{}", lang.code()), page))
    .collect()
}
