//! `/second-factor`: another program wants the second factor of somebody who came in without it.

use askama::Template;

use crate::domain::lang::Lang;
use crate::web::views::FieldErrors;
use crate::web::views::frame::Frame;

/// The page.
#[derive(Clone, Debug, Template)]
#[template(path = "step_up.html")]
pub struct StepUp<'a> {
    /// What all pages share.
    pub frame: Frame<'a>,
    /// The program's host, as people know it.
    pub host: &'a str,
    /// The page that was wanted.
    pub target: &'a str,
    /// Whether there is a second factor to ask for.
    pub is_set_up: bool,
    /// What was wrong with the code.
    pub errors: FieldErrors,
}

impl StepUp<'_> {
    fn text(&self) -> String {
        let words = &self.frame.texts.access;
        if self.is_set_up {
            (words.step_up)(self.host)
        } else {
            (words.step_up_none)(self.host)
        }
    }

    /// Every state, in every language.
    #[must_use]
    pub fn samples() -> Vec<(String, StepUp<'static>)> {
        Lang::ALL.iter().flat_map(|&lang| samples_in(lang)).collect()
    }
}

fn samples_in(lang: Lang) -> [(String, StepUp<'static>); 4] {
    const HOSTILE: &str = "\"><img src=x onerror=alert(1)>'&amp;";
    let wrong = FieldErrors {
        code: Some(lang.texts().two_factor.wrong_either.to_owned()),
        ..FieldErrors::default()
    };
    [
        ("code", "files.example.net", true, FieldErrors::default()),
        ("wrong", "files.example.net", true, wrong),
        ("none", "files.example.net", false, FieldErrors::default()),
        ("hostile", HOSTILE, false, FieldErrors::of_form(HOSTILE.to_owned())),
    ]
    .map(|(name, host, is_set_up, errors)| {
        let page = StepUp {
            frame: Frame {
                signed_in_as: Some("Ada Lovelace"),
                ..Frame::sample(lang, "/second-factor")
            },
            host,
            target: if name == "hostile" {
                HOSTILE
            } else {
                "https://files.example.net/2026"
            },
            is_set_up,
            errors,
        };
        (format!("stepup-{name}-{}", lang.code()), page)
    })
}
