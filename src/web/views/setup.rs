//! `/setup`: the first admin is made here.

use askama::Template;

use crate::domain::field::Rule;
use crate::domain::lang::Lang;
use crate::web::views::field_errors::FieldErrors;
use crate::web::views::frame::Frame;

/// What the set-up page offers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SetupState {
    /// The link is good: the form.
    Form,
    /// No link, or one that is wrong, used or expired: how to get one.
    Pending,
}

/// The set-up page.
#[derive(Clone, Debug, Template)]
#[template(path = "setup.html")]
pub struct Setup<'a> {
    /// What all pages share.
    pub frame: Frame<'a>,
    /// The one-time token of the link, or empty. With [`SetupState::Pending`] it only decides which
    /// explanation is given and is not printed.
    pub token: &'a str,
    /// Form or explanation.
    pub state: SetupState,
    /// Display name as typed.
    pub name: &'a str,
    /// Address as typed.
    pub email: &'a str,
    /// Whether the box "others may register" is ticked.
    pub registration_open: bool,
    /// Fewest characters of a password.
    pub min_length: usize,
    /// What was wrong with the last attempt.
    pub errors: FieldErrors,
}

impl Setup<'_> {
    fn password_hint(&self) -> String {
        (self.frame.texts.password_hint)(self.min_length)
    }

    /// Every state, in every language.
    #[must_use]
    pub fn samples() -> Vec<(String, Setup<'static>)> {
        let mut all = Vec::new();
        for &lang in Lang::ALL {
            let texts = lang.texts();
            let plain = Setup {
                frame: Frame::sample(lang, "/setup?token=0123456789abcdef"),
                token: "0123456789abcdef",
                state: SetupState::Form,
                name: "",
                email: "",
                registration_open: true,
                min_length: 8,
                errors: FieldErrors::default(),
            };
            let errors = FieldErrors {
                email: Some(texts.rule(Rule::Required)),
                password: Some(texts.rule(Rule::TooShort(8))),
                ..FieldErrors::default()
            };
            let mut add = |name: &str, page: Setup<'static>| all.push((format!("setup-{name}-{}", lang.code()), page));
            add("form", plain.clone());
            let typed = Setup {
                name: "Ada Lovelace",
                registration_open: false,
                ..plain.clone()
            };
            add("errors", Setup { errors, ..typed });
            add(
                "bad-link",
                Setup {
                    state: SetupState::Pending,
                    ..plain.clone()
                },
            );
            let pending = Setup {
                state: SetupState::Pending,
                token: "",
                ..plain.clone()
            };
            add(
                "no-link",
                Setup {
                    frame: Frame::sample(lang, "/setup"),
                    ..pending
                },
            );
            let hostile = "\"><img src=x onerror=alert(1)>'&amp;";
            add(
                "hostile",
                Setup {
                    token: hostile,
                    name: hostile,
                    email: hostile,
                    ..plain
                },
            );
        }
        all
    }
}
