//! `/reset-password` and `/recover`: a link that sets a new password.

use askama::Template;

use crate::domain::field::Rule;
use crate::domain::lang::Lang;
use crate::web::views::field_errors::FieldErrors;
use crate::web::views::frame::Frame;

/// What the page offers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ResetState {
    /// The link is good: the form.
    Form {
        /// The account's public id, as in the link.
        user: String,
        /// The token, as in the link.
        token: String,
        /// The account's address, for the reader and for password managers.
        email: String,
    },
    /// It was made at the console and is good: the form.
    Recovery {
        /// The token, as in the link.
        token: String,
        /// The account's address, for the reader and for password managers.
        email: String,
    },
    /// It was made at the console and does not work: which command makes another one.
    RecoveryDead,
    /// It does not work: how to get another one.
    Dead {
        /// Whether people may ask for one themselves.
        offered: bool,
        /// Whom to ask otherwise, as configured; `None` is whoever runs the server.
        contact: Option<String>,
    },
}

/// The page.
#[derive(Clone, Debug, Template)]
#[template(path = "reset_password.html")]
pub struct ResetPassword<'a> {
    /// What all pages share.
    pub frame: Frame<'a>,
    /// What the page offers.
    pub state: ResetState,
    /// Fewest characters of a password.
    pub min_length: usize,
    /// What was wrong with the last attempt.
    pub errors: FieldErrors,
}

/// What the form holds.
struct ResetForm<'a> {
    action: &'static str,
    user: Option<&'a str>,
    token: &'a str,
    email: &'a str,
}

impl ResetPassword<'_> {
    fn heading(&self) -> &'static str {
        match self.state {
            ResetState::Form { .. } | ResetState::Recovery { .. } => self.frame.texts.recovery.reset_heading,
            ResetState::Dead { .. } | ResetState::RecoveryDead => self.frame.texts.recovery.reset_dead_heading,
        }
    }

    /// The form, if there is one: where it goes, the account's public id, the token and the address.
    fn form(&self) -> Option<ResetForm<'_>> {
        match &self.state {
            ResetState::Form { user, token, email } => Some(ResetForm {
                action: "/reset-password",
                user: Some(user),
                token,
                email,
            }),
            ResetState::Recovery { token, email } => Some(ResetForm {
                action: "/recover",
                user: None,
                token,
                email,
            }),
            ResetState::Dead { .. } | ResetState::RecoveryDead => None,
        }
    }

    fn password_hint(&self) -> String {
        (self.frame.texts.password_hint)(self.min_length)
    }

    /// Every state, in every language.
    #[must_use]
    pub fn samples() -> Vec<(String, ResetPassword<'static>)> {
        Lang::ALL.iter().flat_map(|&lang| samples_in(lang)).collect()
    }
}

fn samples_in(lang: Lang) -> Vec<(String, ResetPassword<'static>)> {
    const HOSTILE: &str = "\"><img src=x onerror=alert(1)>'&amp;";
    let texts = lang.texts();
    let with = |state| ResetPassword {
        frame: Frame::sample(
            lang,
            "/reset-password?token=0123456789abcdef&userId=6662f0ab01020304050607ff",
        ),
        state,
        min_length: 8,
        errors: FieldErrors::default(),
    };
    let form = |user: &str, token: &str, email: &str| {
        with(ResetState::Form {
            user: user.to_owned(),
            token: token.to_owned(),
            email: email.to_owned(),
        })
    };
    let recovery = |token: &str, email: &str| ResetPassword {
        frame: Frame::sample(lang, "/recover?token=0123456789abcdef"),
        ..with(ResetState::Recovery {
            token: token.to_owned(),
            email: email.to_owned(),
        })
    };
    let dead = |offered, contact: Option<&str>| {
        with(ResetState::Dead {
            offered,
            contact: contact.map(str::to_owned),
        })
    };
    let plain = form("6662f0ab01020304050607ff", "0123456789abcdef", "ada@example.org");
    let errors = FieldErrors {
        password: Some(texts.rule(Rule::TooCommon)),
        confirm_password: Some(texts.rule(Rule::Mismatch)),
        ..FieldErrors::default()
    };
    [
        ("form", plain.clone()),
        ("errors", ResetPassword { errors, ..plain }),
        ("dead", dead(true, None)),
        ("dead-ask", dead(false, None)),
        ("dead-contact", dead(false, Some("ada@example.org"))),
        ("recovery", recovery("0123456789abcdef", "ada@example.org")),
        ("recovery-dead", with(ResetState::RecoveryDead)),
        ("hostile", form(HOSTILE, HOSTILE, HOSTILE)),
        ("hostile-recovery", recovery(HOSTILE, HOSTILE)),
        ("hostile-contact", dead(false, Some(HOSTILE))),
    ]
    .into_iter()
    .map(|(name, page)| (format!("reset-{name}-{}", lang.code()), page))
    .collect()
}
