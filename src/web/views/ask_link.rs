//! `/forgot-password` and `/verify/resend`: a link is sent to an address.

use askama::Template;

use crate::domain::field::Rule;
use crate::domain::lang::Lang;
use crate::web::views::field_errors::FieldErrors;
use crate::web::views::frame::Frame;
use crate::web::views::texts::recovery::RecoveryTexts;

/// What the link is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AskFor {
    /// A new password.
    Reset,
    /// Proving the address.
    Verification,
}

/// What the page offers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AskState {
    /// The form.
    Form,
    /// It was sent, if there is such an account.
    Sent,
    /// No links are sent: whom to ask instead.
    Unavailable {
        /// As configured; `None` is whoever runs the server.
        contact: Option<String>,
    },
}

/// The page.
#[derive(Clone, Debug, Template)]
#[template(path = "ask_link.html")]
pub struct AskLink<'a> {
    /// What all pages share.
    pub frame: Frame<'a>,
    /// What the link is for.
    pub purpose: AskFor,
    /// What the page offers.
    pub state: AskState,
    /// Address as typed.
    pub email: &'a str,
    /// What was wrong with the last attempt.
    pub errors: FieldErrors,
}

impl AskLink<'_> {
    fn words(&self) -> &'static RecoveryTexts {
        &self.frame.texts.recovery
    }

    fn heading(&self) -> &'static str {
        let r = self.words();
        match (self.purpose, &self.state) {
            (AskFor::Reset, AskState::Sent) => r.forgot_sent_heading,
            (AskFor::Reset, AskState::Form | AskState::Unavailable { .. }) => r.forgot_heading,
            (AskFor::Verification, AskState::Sent) => r.resend_sent_heading,
            (AskFor::Verification, AskState::Form | AskState::Unavailable { .. }) => r.resend_heading,
        }
    }

    fn action(&self) -> &'static str {
        match self.purpose {
            AskFor::Reset => "/forgot-password",
            AskFor::Verification => "/verify/resend",
        }
    }

    fn intro(&self) -> &'static str {
        self.one_of(self.words().forgot_intro, self.words().resend_intro)
    }

    fn button(&self) -> &'static str {
        self.one_of(self.words().forgot_button, self.words().resend_button)
    }

    fn sent(&self) -> &'static str {
        self.one_of(self.words().forgot_sent, self.words().resend_sent)
    }

    fn off(&self) -> &'static str {
        self.one_of(self.words().forgot_off, self.words().resend_off)
    }

    fn one_of(&self, reset: &'static str, verification: &'static str) -> &'static str {
        match self.purpose {
            AskFor::Reset => reset,
            AskFor::Verification => verification,
        }
    }

    /// Every state, in every language.
    #[must_use]
    pub fn samples() -> Vec<(String, AskLink<'static>)> {
        let purposes = [("forgot", AskFor::Reset), ("resend", AskFor::Verification)];
        let mut all = Vec::new();
        for &lang in Lang::ALL {
            for (name, purpose) in purposes {
                let states = samples_of(lang, purpose).into_iter();
                all.extend(states.map(|(state, page)| (format!("{name}-{state}-{}", lang.code()), page)));
            }
        }
        all
    }
}

fn samples_of(lang: Lang, purpose: AskFor) -> [(&'static str, AskLink<'static>); 7] {
    const HOSTILE: &str = "\"><img src=x onerror=alert(1)>'&amp;";
    let plain = AskLink {
        frame: Frame::sample(lang, "/forgot-password"),
        purpose,
        state: AskState::Form,
        email: "",
        errors: FieldErrors::default(),
    };
    let off = |contact: Option<&str>| AskLink {
        state: AskState::Unavailable {
            contact: contact.map(str::to_owned),
        },
        ..plain.clone()
    };
    let errors = FieldErrors {
        email: Some(lang.texts().rule(Rule::InvalidEmail)),
        ..FieldErrors::default()
    };
    [
        ("plain", plain.clone()),
        (
            "sent",
            AskLink {
                state: AskState::Sent,
                ..plain.clone()
            },
        ),
        ("off", off(None)),
        ("off-contact", off(Some("ada@example.org"))),
        ("off-hostile", off(Some(HOSTILE))),
        (
            "errors",
            AskLink {
                email: "ada@example",
                errors,
                ..plain.clone()
            },
        ),
        (
            "hostile",
            AskLink {
                email: HOSTILE,
                errors: FieldErrors::of_form(HOSTILE.to_owned()),
                ..plain
            },
        ),
    ]
}
