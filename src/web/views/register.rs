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
    /// The form, or why there is none.
    pub offer: Offer,
    /// The token of the invitation, or empty. Printed with a form only.
    pub token: &'a str,
    /// Display name as typed.
    pub name: &'a str,
    /// User name as typed.
    pub username: &'a str,
    /// Address as typed, or the one that is invited.
    pub email: &'a str,
    /// Fewest characters of a password.
    pub min_length: usize,
    /// What was wrong with the last attempt.
    pub errors: FieldErrors,
}

/// Who may register.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Offer {
    /// Strangers.
    Anybody,
    /// The holder of an invitation.
    Invited {
        /// Whether it is for one address, which cannot be changed.
        bound: bool,
    },
    /// Nobody, as far as this visitor is concerned.
    Closed,
    /// The link leads nowhere.
    Dead {
        /// What is wrong with it.
        link: DeadLink,
        /// Whether strangers may register, so that nobody needs a link.
        is_open: bool,
    },
}

/// What is wrong with the link of an invitation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DeadLink {
    /// Everybody it was for has come.
    UsedUp,
    /// Its time is over.
    Expired,
    /// It was taken back.
    Revoked,
    /// There is no such invitation.
    Unknown,
}

impl Register<'_> {
    fn heading(&self) -> &'static str {
        let texts = self.frame.texts;
        match self.offer {
            Offer::Anybody | Offer::Invited { .. } => texts.register_heading,
            Offer::Closed => texts.registration_closed_heading,
            Offer::Dead { .. } => texts.registration.dead_link_heading,
        }
    }

    fn has_form(&self) -> bool {
        matches!(self.offer, Offer::Anybody | Offer::Invited { .. })
    }

    fn is_invited(&self) -> bool {
        matches!(self.offer, Offer::Invited { .. })
    }

    fn is_bound(&self) -> bool {
        matches!(self.offer, Offer::Invited { bound: true })
    }

    /// What is wrong with the link.
    fn dead_link_text(&self) -> Option<&'static str> {
        match self.offer {
            Offer::Dead { link, .. } => Some(self.frame.texts.registration.dead_link(link)),
            Offer::Anybody | Offer::Invited { .. } | Offer::Closed => None,
        }
    }

    /// Whether nobody needs the link that is dead.
    fn is_open_anyway(&self) -> bool {
        matches!(self.offer, Offer::Dead { is_open: true, .. })
    }

    fn password_hint(&self) -> String {
        (self.frame.texts.password_hint)(self.min_length)
    }

    /// What stands below the address.
    fn email_hint(&self) -> &'static str {
        if self.is_bound() {
            self.frame.texts.registration.invited_address
        } else {
            ""
        }
    }

    /// Every state, in every language.
    #[must_use]
    pub fn samples() -> Vec<(String, Register<'static>)> {
        Lang::ALL.iter().flat_map(|&lang| samples_in(lang)).collect()
    }
}

fn samples_in(lang: Lang) -> Vec<(String, Register<'static>)> {
    let mut all = sample_forms(lang);
    all.extend(sample_links(lang));
    all.into_iter()
        .map(|(name, page)| (format!("register-{name}-{}", lang.code()), page))
        .collect()
}

fn plain(lang: Lang) -> Register<'static> {
    Register {
        frame: Frame::sample(lang, "/register"),
        offer: Offer::Anybody,
        token: "",
        name: "",
        username: "",
        email: "",
        min_length: 8,
        errors: FieldErrors::default(),
    }
}

fn sample_forms(lang: Lang) -> Vec<(&'static str, Register<'static>)> {
    const HOSTILE: &str = "\"><img src=x onerror=alert(1)>'&amp;";
    let texts = lang.texts();
    let plain = plain(lang);
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
        offer: Offer::Invited { bound: true },
        token: HOSTILE,
        name: HOSTILE,
        username: HOSTILE,
        email: HOSTILE,
        errors: hostile,
        ..plain.clone()
    };
    let closed = Register {
        offer: Offer::Closed,
        ..plain.clone()
    };
    let refused = Register {
        errors,
        ..typed.clone()
    };
    let limited = Register {
        errors: too_many,
        ..typed
    };
    vec![
        ("plain", plain),
        ("closed", closed),
        ("errors", refused),
        ("too-many", limited),
        ("hostile", hostile),
    ]
}

fn sample_links(lang: Lang) -> Vec<(&'static str, Register<'static>)> {
    let invited = Register {
        frame: Frame::sample(lang, "/register?token=0123456789abcdef"),
        offer: Offer::Invited { bound: false },
        token: "0123456789abcdef",
        ..plain(lang)
    };
    let bound = Register {
        offer: Offer::Invited { bound: true },
        email: "ada@example.org",
        ..invited.clone()
    };
    let errors = FieldErrors {
        email: Some(lang.texts().registration.not_your_invitation.to_owned()),
        ..FieldErrors::default()
    };
    let not_yours = Register {
        errors,
        ..bound.clone()
    };
    let dead = |link, is_open| Register {
        offer: Offer::Dead { link, is_open },
        ..invited.clone()
    };
    vec![
        ("used-up", dead(DeadLink::UsedUp, false)),
        ("expired", dead(DeadLink::Expired, false)),
        ("revoked", dead(DeadLink::Revoked, true)),
        ("unknown", dead(DeadLink::Unknown, true)),
        ("invited", invited),
        ("bound", bound),
        ("not-yours", not_yours),
    ]
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
