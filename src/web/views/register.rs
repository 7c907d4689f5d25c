//! `/register`.

use askama::Template;

use crate::domain::field::Rule;
use crate::domain::lang::Lang;
use crate::web::views::field_errors::FieldErrors;
use crate::web::views::frame::Frame;
use crate::web::views::texts::Texts;

/// The registration page.
#[derive(Clone, Debug, Template)]
#[template(path = "register.html")]
pub struct Register<'a> {
    /// What all pages share.
    pub frame: Frame<'a>,
    /// Display name as typed.
    pub name: &'a str,
    /// User name as typed.
    pub username: &'a str,
    /// Address as typed.
    pub email: &'a str,
    /// Fewest characters of a password.
    pub min_length: usize,
    /// What was wrong with the last attempt.
    pub errors: FieldErrors,
    /// Whether registration is closed: the page then says so and shows no form.
    pub closed: bool,
}

impl Register<'_> {
    fn password_hint(&self) -> String {
        (self.frame.texts.password_hint)(self.min_length)
    }

    /// Every state, in every language.
    #[must_use]
    pub fn samples() -> Vec<(String, Register<'static>)> {
        Lang::ALL.iter().flat_map(|&lang| samples_in(lang)).collect()
    }
}

fn samples_in(lang: Lang) -> Vec<(String, Register<'static>)> {
    const HOSTILE: &str = "\"><img src=x onerror=alert(1)>'&amp;";
    let texts = lang.texts();
    let plain = Register {
        frame: Frame::sample(lang, "/register"),
        name: "",
        username: "",
        email: "",
        min_length: 8,
        errors: FieldErrors::default(),
        closed: false,
    };
    let errors = sample_errors(texts);
    let typed = Register {
        name: "Al",
        username: "ada",
        email: "ada@example",
        ..plain.clone()
    };
    let too_many = FieldErrors::of_form(texts.registration_limit(12.0));
    let hostile = FieldErrors {
        name: Some(HOSTILE.to_owned()),
        ..FieldErrors::of_form(HOSTILE.to_owned())
    };
    let hostile = Register {
        name: HOSTILE,
        username: HOSTILE,
        email: HOSTILE,
        errors: hostile,
        ..plain.clone()
    };
    let closed = Register {
        closed: true,
        ..plain.clone()
    };
    [
        ("plain", plain),
        ("closed", closed),
        (
            "errors",
            Register {
                errors,
                ..typed.clone()
            },
        ),
        (
            "too-many",
            Register {
                errors: too_many,
                ..typed
            },
        ),
        ("hostile", hostile),
    ]
    .into_iter()
    .map(|(name, page)| (format!("register-{name}-{}", lang.code()), page))
    .collect()
}

fn sample_errors(texts: &Texts) -> FieldErrors {
    FieldErrors {
        name: Some(texts.rule(Rule::TooShort(3))),
        username: Some(texts.rule(Rule::TooLong(80))),
        email: Some(texts.rule(Rule::InvalidEmail)),
        password: Some(texts.rule(Rule::TooCommon)),
        confirm_password: Some(texts.rule(Rule::Mismatch)),
        ..FieldErrors::default()
    }
}
