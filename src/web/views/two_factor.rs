//! `/account/two-factor`: how two-step sign-in stands, and what can be done with it.

use askama::Template;

use crate::domain::lang::Lang;
use crate::domain::time::Timestamp;
use crate::domain::trusted_device::TrustedDevice;
use crate::web::views::code_problem::CodeProblem;
use crate::web::views::device::describe_device;
use crate::web::views::field_errors::FieldErrors;
use crate::web::views::frame::Frame;
use crate::web::views::presence::Presence;
use crate::web::views::texts::{Moment, Texts};

/// Backup codes below which the page says that it is time for new ones.
const FEW: usize = 3;

/// The page.
#[derive(Clone, Debug, Template)]
#[template(path = "two_factor.html")]
pub struct TwoFactorPage<'a> {
    /// What all pages share.
    pub frame: Frame<'a>,
    /// How it stands.
    pub standing: Standing,
    /// By when it has to be set up, if it has.
    pub due: Option<Moment>,
    /// Where the person was on the way to: a checked path of this site, or empty.
    pub redirect_to: &'a str,
    /// The address, for password managers.
    pub email: &'a str,
    /// What the forms ask for beside a code.
    pub presence: Presence<'a>,
    /// Devices that are not asked for a code.
    pub trusted: Vec<TrustedRow>,
    /// What was wrong with the form that sets it up.
    pub begin: FieldErrors,
    /// What was wrong with the form for new backup codes.
    pub regenerate: FieldErrors,
    /// What was wrong with the form that switches it off.
    pub disable: FieldErrors,
    /// What just worked.
    pub flash: Option<StepFlash>,
}

/// How two-step sign-in stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Standing {
    /// Off.
    Off,
    /// On.
    On {
        /// Since when.
        since: Moment,
        /// Backup codes that were not used yet.
        codes_left: usize,
        /// Whether it must stay on.
        is_mandatory: bool,
    },
}

/// What just worked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StepFlash {
    /// It was switched off; whether a letter says so, too.
    Disabled {
        /// Whether it does.
        is_told: bool,
    },
    /// A device is asked again.
    Distrusted,
    /// So many devices are asked again.
    DistrustedAll(u64),
    /// The owner has signed in again.
    Proved,
}

/// A device that is not asked for a code.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TrustedRow {
    /// Value of the field `id` when the trust is taken back.
    pub id: i64,
    /// Such as "Firefox on Linux".
    pub device: String,
    /// Client address when it was trusted.
    pub address: String,
    /// Since when.
    pub created: Moment,
    /// The last login without a code.
    pub last_used: Moment,
    /// From then on it is asked again.
    pub until: Moment,
}

impl TrustedRow {
    /// From the stored device.
    #[must_use]
    pub fn of(device: &TrustedDevice, texts: &Texts) -> Self {
        Self {
            id: device.id,
            device: describe_device(&device.origin.user_agent, texts),
            address: device.origin.address.clone(),
            created: texts.moment(device.created_at),
            last_used: texts.moment(device.last_used_at),
            until: texts.moment(device.expires_at),
        }
    }
}

impl TwoFactorPage<'_> {
    fn flash_text(&self) -> Option<String> {
        let w = self.frame.texts.two_factor;
        self.flash.map(|flash| match flash {
            StepFlash::Disabled { is_told: false } => w.disabled.to_owned(),
            StepFlash::Disabled { is_told: true } => format!("{} {}", w.disabled, w.told_by_mail),
            StepFlash::Distrusted => w.distrusted.to_owned(),
            StepFlash::Proved => self.frame.texts.connections.proved.to_owned(),
            StepFlash::DistrustedAll(count) => (w.distrusted_all)(count),
        })
    }

    fn codes_text(&self) -> Option<String> {
        let Standing::On { codes_left, .. } = self.standing else {
            return None;
        };
        let w = self.frame.texts.two_factor;
        let left = (w.codes_left)(codes_left);
        Some(if codes_left < FEW {
            format!("{left} {}", w.few_codes)
        } else {
            left
        })
    }

    fn is_on(&self) -> bool {
        matches!(self.standing, Standing::On { .. })
    }

    fn is_mandatory(&self) -> bool {
        matches!(self.standing, Standing::On { is_mandatory: true, .. })
    }

    /// Where "later" leads.
    fn later(&self) -> String {
        if self.redirect_to.is_empty() {
            format!("{}/", self.frame.base)
        } else {
            self.redirect_to.to_owned()
        }
    }

    /// Every state, in every language.
    #[must_use]
    pub fn samples() -> Vec<(String, TwoFactorPage<'static>)> {
        Lang::ALL.iter().flat_map(|&lang| samples_in(lang)).collect()
    }
}

const FIREFOX: &str = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0";

fn device(id: i64, user_agent: &str, address: &str) -> TrustedDevice {
    let at = |day: i64| Timestamp::from_seconds(1_780_300_000 + day * 86_400);
    TrustedDevice {
        id,
        origin: crate::domain::session::Origin {
            address: address.to_owned(),
            user_agent: user_agent.to_owned(),
        },
        created_at: at(0),
        last_used_at: at(3),
        expires_at: at(30),
    }
}

fn off(lang: Lang) -> TwoFactorPage<'static> {
    TwoFactorPage {
        frame: Frame {
            signed_in_as: Some("Ada Lovelace"),
            ..Frame::sample(lang, "/account/two-factor")
        },
        standing: Standing::Off,
        due: None,
        redirect_to: "",
        email: "ada@example.org",
        presence: Presence::by_password(),
        trusted: Vec::new(),
        begin: FieldErrors::default(),
        regenerate: FieldErrors::default(),
        disable: FieldErrors::default(),
        flash: None,
    }
}

fn on(lang: Lang, codes_left: usize, is_mandatory: bool) -> TwoFactorPage<'static> {
    let texts = lang.texts();
    let row = |id, user_agent, address| TrustedRow::of(&device(id, user_agent, address), texts);
    TwoFactorPage {
        standing: Standing::On {
            since: texts.moment(Timestamp::from_seconds(1_780_000_000)),
            codes_left,
            is_mandatory,
        },
        trusted: vec![
            row(1, FIREFOX, "192.168.1.20"),
            row(2, "", "2001:db8:85a3::8a2e:370:7334"),
        ],
        ..off(lang)
    }
}

fn with(mut page: TwoFactorPage<'static>, change: impl FnOnce(&mut TwoFactorPage<'static>)) -> TwoFactorPage<'static> {
    change(&mut page);
    page
}

fn samples_in(lang: Lang) -> Vec<(String, TwoFactorPage<'static>)> {
    let texts = lang.texts();
    let due = Some(texts.moment(Timestamp::from_seconds(1_781_000_000)));
    let on_the_way = due.clone();
    let plain = || on(lang, 10, false);
    let flashed = |flash| with(plain(), |page| page.flash = Some(flash));
    let wrong_password = FieldErrors {
        password: Some(texts.error_wrong_password.to_owned()),
        ..FieldErrors::default()
    };
    let wrong = FieldErrors {
        code: Some(CodeProblem::WrongEither.words(texts)),
        ..wrong_password.clone()
    };
    let clock = FieldErrors::of_code(CodeProblem::ClockOff(-240), texts);
    let too_many = FieldErrors::of_code(CodeProblem::TooMany { minutes: 12.0 }, texts);
    let disabled = Some(StepFlash::Disabled { is_told: true });
    let all = vec![
        ("off", off(lang)),
        (
            "no-password",
            with(off(lang), |page| page.presence.has_password = false),
        ),
        (
            "sign-in-again",
            with(off(lang), |page| page.presence = Presence::due("/account/two-factor")),
        ),
        ("due", with(off(lang), |page| page.due = due)),
        (
            "due-on-the-way",
            with(off(lang), |page| {
                page.due = on_the_way;
                page.redirect_to = "/c/new?a=1&b=2";
            }),
        ),
        ("off-wrong", with(off(lang), |page| page.begin = wrong_password)),
        ("disabled", with(off(lang), |page| page.flash = disabled)),
        ("on", plain()),
        ("mandatory", on(lang, 2, true)),
        ("untrusting", with(on(lang, 1, false), |page| page.trusted.clear())),
        ("no-codes", on(lang, 0, false)),
        ("disable-wrong", with(plain(), |page| page.disable = wrong)),
        ("regenerate-wrong", with(plain(), |page| page.regenerate = clock)),
        ("too-many", with(plain(), |page| page.disable = too_many)),
        ("distrusted", flashed(StepFlash::Distrusted)),
        ("distrusted-all", flashed(StepFlash::DistrustedAll(2))),
        ("proved", flashed(StepFlash::Proved)),
        ("hostile", hostile(lang)),
    ];
    let named = |(name, page)| (format!("two-factor-{name}-{}", lang.code()), page);
    all.into_iter().map(named).collect()
}

fn hostile(lang: Lang) -> TwoFactorPage<'static> {
    const HOSTILE: &str = "\"><img src=x onerror=alert(1)>'&amp;";
    let mut page = on(lang, 10, false);
    page.frame.signed_in_as = Some(HOSTILE);
    page.frame.title = HOSTILE;
    page.email = HOSTILE;
    page.redirect_to = HOSTILE;
    for row in &mut page.trusted {
        HOSTILE.clone_into(&mut row.device);
        row.address = "W".repeat(200);
    }
    page
}
