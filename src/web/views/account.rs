//! `/`: who am I, where am I signed in, and what I can change.

use askama::Template;

use crate::domain::account::Account;
use crate::domain::audit::Notice;
use crate::domain::field::Rule;
use crate::domain::lang::Lang;
use crate::domain::session::Session;
use crate::domain::time::Timestamp;
use crate::web::views::code_problem::CodeProblem;
use crate::web::views::device::describe_device;
use crate::web::views::email_section::EmailSection;
use crate::web::views::field_errors::FieldErrors;
use crate::web::views::frame::Frame;
use crate::web::views::presence::Presence;
use crate::web::views::sight::Sight;
use crate::web::views::texts::{Moment, Texts};

/// The account page.
#[derive(Clone, Debug, Template)]
#[template(path = "account.html")]
pub struct AccountPage<'a> {
    /// What all pages share.
    pub frame: Frame<'a>,
    /// Who it is.
    pub facts: Facts,
    /// The name as typed in the name form.
    pub name_typed: &'a str,
    /// Live sessions, this one first.
    pub sessions: Vec<SessionRow>,
    /// What the person should know.
    pub notices: Vec<NoticeRow>,
    /// What was wrong with the name form.
    pub name_errors: FieldErrors,
    /// What was wrong with the password form.
    pub password_errors: FieldErrors,
    /// What was wrong with the deletion form.
    pub delete_errors: FieldErrors,
    /// The address and the form that changes it.
    pub email: EmailSection,
    /// What just worked.
    pub flash: Option<Flash>,
    /// Fewest characters of a password.
    pub min_length: usize,
    /// How the server sees an admin's own connection.
    pub sight: Option<Sight>,
    /// Whether the administration is open to the owner.
    pub reads_admin: bool,
    /// Whether people may delete their account.
    pub deletion_allowed: bool,
    /// How two-step sign-in stands.
    pub two_factor: TwoFactorLine,
    /// How many providers are connected; `None` where there are none to connect.
    pub connected: Option<usize>,
    /// What the forms ask for.
    pub presence: Presence<'a>,
}

/// Two-step sign-in in a line.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TwoFactorLine {
    /// Since when it is on.
    pub since: Option<Moment>,
    /// By when it has to be set up, if it has.
    pub due: Option<Moment>,
    /// Backup codes that were not used yet.
    pub codes_left: usize,
    /// Devices that are not asked for a code.
    pub trusted: usize,
}

impl TwoFactorLine {
    fn is_on(&self) -> bool {
        self.since.is_some()
    }
}

/// What an account page says about the account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Facts {
    /// Display name.
    pub name: String,
    /// Address.
    pub email: String,
    /// User name, if there is one.
    pub username: Option<String>,
    /// Role, in words.
    pub role: String,
    /// When the account was made.
    pub created: Moment,
}

impl Facts {
    /// From the stored account.
    #[must_use]
    pub fn of(account: &Account, texts: &Texts) -> Self {
        Self {
            name: account.name.clone(),
            email: account.email.to_string(),
            username: account.username.clone(),
            role: texts.role(&account.role),
            created: texts.moment(account.created_at),
        }
    }

    /// First letter of the name, or of the address: stands where a picture would.
    fn initial(&self) -> String {
        let letter = self
            .name
            .chars()
            .chain(self.email.chars())
            .find(|c| c.is_alphanumeric());
        letter.map(|c| c.to_uppercase().collect()).unwrap_or_default()
    }
}

/// One live session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SessionRow {
    /// Value of the field `id` when the session is ended.
    pub id: String,
    /// Such as "Firefox on Linux".
    pub device: String,
    /// Client address at login.
    pub address: String,
    /// How the person signed in, in words.
    pub method: String,
    /// When the login happened.
    pub created: Moment,
    /// The last request.
    pub last_used: Moment,
    /// Whether it is the session that looks at the page.
    pub current: bool,
}

impl SessionRow {
    /// From the stored session.
    #[must_use]
    pub fn of(session: &Session, current: bool, texts: &Texts) -> Self {
        Self {
            id: session.id.to_string(),
            device: describe_device(&session.origin.user_agent, texts),
            address: session.origin.address.clone(),
            method: texts.method(&session.method),
            created: texts.moment(session.created_at),
            last_used: texts.moment(session.last_used_at),
            current,
        }
    }
}

/// Something the person should know, until it is dismissed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NoticeRow {
    /// Value of the field `id` when it is dismissed.
    pub id: i64,
    /// What it says.
    pub text: String,
}

impl NoticeRow {
    /// From the stored notice.
    #[must_use]
    pub fn of(notice: &Notice, texts: &Texts) -> Self {
        Self {
            id: notice.id,
            text: texts.notice(notice),
        }
    }
}

/// What just worked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Flash {
    /// The name was changed.
    NameSaved,
    /// The password was changed.
    PasswordChanged,
    /// The password was changed, and a letter says so.
    PasswordChangedAndMailed,
    /// One session was ended.
    SessionEnded,
    /// So many other sessions were ended.
    OthersEnded(usize),
    /// The address was proved.
    EmailVerified,
    /// Links for another address were sent.
    EmailAsked,
    /// The address was replaced.
    EmailChanged,
    /// The owner has signed in again.
    Proved,
}

impl AccountPage<'_> {
    fn flash_text(&self) -> Option<String> {
        self.flash.map(|flash| self.frame.texts.flash(flash))
    }

    fn address_obstacle(&self) -> Option<&'static str> {
        self.email
            .obstacle
            .map(|obstacle| self.frame.texts.recovery.obstacle(obstacle))
    }

    fn password_hint(&self) -> String {
        (self.frame.texts.password_hint)(self.min_length)
    }

    fn sight_text(&self) -> Option<String> {
        let Sight { address, through, .. } = self.sight.as_ref()?;
        let texts = self.frame.texts;
        Some(match through {
            None => (texts.you_appear_as)(address),
            Some((proxy, by)) => (texts.you_appear_through)(address, proxy, by),
        })
    }

    fn ignored(&self) -> Option<(String, &[String])> {
        let ignored = self.sight.as_ref()?.ignored.as_ref()?;
        let text = (self.frame.texts.proxy_ignored)(&ignored.peer.to_string(), ignored.header);
        Some((text, &ignored.lines))
    }

    fn connected_text(&self) -> Option<String> {
        self.connected.map(self.frame.texts.connections.count)
    }

    /// Whether the deletion needs a sign-in first: a code of the second factor does as well.
    fn deletion_is_due(&self) -> bool {
        self.presence.is_due() && !self.two_factor.is_on()
    }

    fn codes_text(&self) -> String {
        (self.frame.texts.two_factor.codes_left)(self.two_factor.codes_left)
    }

    fn trusted_text(&self) -> Option<String> {
        let count = self.two_factor.trusted;
        (count > 0).then(|| (self.frame.texts.two_factor.trusted_count)(count))
    }

    fn has_other_sessions(&self) -> bool {
        self.sessions.iter().any(|session| !session.current)
    }

    /// Every state, in every language.
    #[must_use]
    pub fn samples() -> Vec<(String, AccountPage<'static>)> {
        let mut all = Vec::new();
        for &lang in Lang::ALL {
            let plain = sample(lang);
            let texts = lang.texts();
            let mut add = |name: &str, page: AccountPage<'static>| {
                all.push((format!("account-{name}-{}", lang.code()), page));
            };
            add("plain", plain.clone());
            let only = plain.sessions[..1].to_vec();
            add(
                "one-session",
                AccountPage {
                    sessions: only,
                    reads_admin: false,
                    deletion_allowed: false,
                    ..plain.clone()
                },
            );
            for (name, flash) in FLASHES {
                add(
                    name,
                    AccountPage {
                        flash: Some(*flash),
                        ..plain.clone()
                    },
                );
            }
            for (name, sight) in Sight::samples() {
                add(
                    name,
                    AccountPage {
                        sight: Some(sight),
                        ..plain.clone()
                    },
                );
            }
            for (name, email) in EmailSection::samples(texts) {
                add(name, AccountPage { email, ..plain.clone() });
            }
            for (name, presence) in presences() {
                let connected = Some(1);
                add(
                    name,
                    AccountPage {
                        connected,
                        presence,
                        ..plain.clone()
                    },
                );
            }
            add("second-factor", with_second_factor(plain.clone(), texts));
            add("second-factor-due", with_duty(plain.clone(), texts));
            add("errors", with_errors(plain.clone(), texts));
            add("right-to-left", right_to_left(plain.clone()));
            add("hostile", hostile(plain));
        }
        all
    }
}

fn sample(lang: Lang) -> AccountPage<'static> {
    const FIREFOX: &str = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0";
    const IPHONE: &str = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 \
        (KHTML, like Gecko) Version/18.5 Mobile/15E148 Safari/604.1";
    let texts = lang.texts();
    let row = |id: &str, user_agent, address: &str, used| SessionRow {
        id: id.to_owned(),
        device: describe_device(user_agent, texts),
        address: address.to_owned(),
        method: texts.method("password"),
        created: texts.moment(Timestamp::from_seconds(1_780_000_000)),
        last_used: texts.moment(Timestamp::from_seconds(used)),
        current: id == "1",
    };
    AccountPage {
        frame: Frame {
            signed_in_as: Some("Ada Lovelace"),
            ..Frame::sample(lang, "/")
        },
        facts: Facts {
            name: "Ada Lovelace".to_owned(),
            email: "ada@example.org".to_owned(),
            username: Some("ada".to_owned()),
            role: texts.role(&crate::domain::account::Role::Admin),
            created: texts.moment(Timestamp::from_seconds(1_717_788_018)),
        },
        name_typed: "Ada Lovelace",
        sessions: vec![
            row("1", FIREFOX, "192.168.1.20", 1_780_300_000),
            row("2", IPHONE, "2001:db8:85a3::8a2e:370:7334", 1_780_200_000),
            row("3", "", "203.0.113.7", 1_780_100_000),
        ],
        notices: Vec::new(),
        name_errors: FieldErrors::default(),
        password_errors: FieldErrors::default(),
        delete_errors: FieldErrors::default(),
        email: EmailSection::plain(),
        flash: None,
        min_length: 8,
        sight: None,
        reads_admin: false,
        deletion_allowed: true,
        two_factor: TwoFactorLine::default(),
        connected: None,
        presence: Presence::by_password(),
    }
}

/// Two-step sign-in has to be set up before long.
fn with_duty(page: AccountPage<'static>, texts: &Texts) -> AccountPage<'static> {
    AccountPage {
        two_factor: TwoFactorLine {
            due: Some(texts.moment(Timestamp::from_seconds(1_781_000_000))),
            ..TwoFactorLine::default()
        },
        ..page
    }
}

/// With two-step sign-in on, and a deletion that lacked its code.
fn with_second_factor(page: AccountPage<'static>, texts: &Texts) -> AccountPage<'static> {
    AccountPage {
        two_factor: TwoFactorLine {
            since: Some(texts.moment(Timestamp::from_seconds(1_780_000_000))),
            due: None,
            codes_left: 2,
            trusted: 2,
        },
        delete_errors: FieldErrors::of_code(CodeProblem::WrongEither, texts),
        ..page
    }
}

const FLASHES: &[(&str, Flash)] = &[
    ("name-saved", Flash::NameSaved),
    ("password-changed", Flash::PasswordChanged),
    ("password-changed-and-mailed", Flash::PasswordChangedAndMailed),
    ("session-ended", Flash::SessionEnded),
    ("one-other-ended", Flash::OthersEnded(1)),
    ("others-ended", Flash::OthersEnded(3)),
    ("email-verified", Flash::EmailVerified),
    ("email-asked", Flash::EmailAsked),
    ("email-changed", Flash::EmailChanged),
    ("proved", Flash::Proved),
];

fn presences() -> [(&'static str, Presence<'static>); 3] {
    [
        ("no-password", Presence::default()),
        ("sign-in-again", Presence::due("/")),
        ("sign-in-again-no-provider", Presence::due_without_providers()),
    ]
}

fn with_errors(page: AccountPage<'static>, texts: &Texts) -> AccountPage<'static> {
    use crate::domain::audit::NoticeKind;
    let message = |error| Some(texts.rule(error));
    let notice = |id, kind, detail: &str| {
        let at = Timestamp::from_seconds(1_780_250_000);
        NoticeRow::of(
            &Notice {
                id,
                kind,
                at,
                detail: detail.to_owned(),
            },
            texts,
        )
    };
    AccountPage {
        name_typed: "Ad",
        name_errors: FieldErrors {
            name: message(Rule::TooShort(3)),
            ..FieldErrors::default()
        },
        password_errors: FieldErrors {
            current_password: message(Rule::WrongPassword),
            password: message(Rule::TooCommon),
            confirm_password: message(Rule::Mismatch),
            ..FieldErrors::default()
        },
        delete_errors: FieldErrors {
            password: message(Rule::WrongPassword),
            ..FieldErrors::default()
        },
        notices: vec![
            notice(7, NoticeKind::RefreshReused, "203.0.113.7"),
            notice(8, NoticeKind::PasswordReset, ""),
        ],
        ..page
    }
}

fn right_to_left(mut page: AccountPage<'static>) -> AccountPage<'static> {
    page.frame.signed_in_as = Some("عائشة (admin");
    page.facts = Facts {
        name: "عائشة (admin".to_owned(),
        username: None,
        ..page.facts
    };
    AccountPage {
        name_typed: "عائشة (admin",
        ..page
    }
}

fn hostile(mut page: AccountPage<'static>) -> AccountPage<'static> {
    const HOSTILE: &str = "\"><img src=x onerror=alert(1)>'&amp;";
    page.frame.signed_in_as = Some(HOSTILE);
    page.frame.title = HOSTILE;
    page.facts = Facts {
        name: HOSTILE.to_owned(),
        email: HOSTILE.to_owned(),
        username: Some(HOSTILE.to_owned()),
        role: HOSTILE.to_owned(),
        created: page.facts.created,
    };
    let hostile = |session: SessionRow| SessionRow {
        id: HOSTILE.to_owned(),
        device: HOSTILE.to_owned(),
        address: "W".repeat(200),
        method: HOSTILE.to_owned(),
        ..session
    };
    page.sessions = page.sessions.into_iter().map(hostile).collect();
    page.notices = vec![NoticeRow {
        id: -1,
        text: HOSTILE.to_owned(),
    }];
    AccountPage {
        name_typed: HOSTILE,
        ..page
    }
}
