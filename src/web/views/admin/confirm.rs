//! The page between a form and what it does: an admin confirms that it is them.

use askama::Template;

use crate::domain::lang::Lang;
use crate::web::views::presence::Presence;
use crate::web::views::{FieldErrors, Frame};

/// The page.
#[derive(Clone, Debug, Template)]
#[template(path = "admin/confirm.html")]
pub struct AdminConfirm<'a> {
    /// What all pages share.
    pub frame: Frame<'a>,
    /// The account's address, for password managers.
    pub email: &'a str,
    /// Whether there is a password to ask for, or a provider.
    pub presence: Presence<'a>,
    /// Whether a code is asked for.
    pub needs_code: bool,
    /// What was wrong.
    pub errors: FieldErrors,
    /// Where the interrupted form goes, below the base.
    pub action: &'a str,
    /// What was typed into it.
    pub carried: &'a [(String, String)],
}

impl AdminConfirm<'_> {
    /// Every state, in every language.
    #[must_use]
    pub fn samples() -> Vec<(String, AdminConfirm<'static>)> {
        Lang::ALL.iter().flat_map(|&lang| samples_in(lang)).collect()
    }
}

const HOSTILE: &str = "\"><img src=x onerror=alert(1)>'&amp;";

fn samples_in(lang: Lang) -> Vec<(String, AdminConfirm<'static>)> {
    let texts = lang.texts();
    let page = |presence, needs_code, errors| AdminConfirm {
        frame: Frame {
            signed_in_as: Some("Ada Lovelace"),
            ..Frame::sample(lang, "/admin/users")
        },
        email: "ada@example.org",
        presence,
        needs_code,
        errors,
        action: "/admin/users/1/disable",
        carried: &[],
    };
    let wrong = FieldErrors {
        password: Some(texts.error_wrong_password.to_owned()),
        code: Some(texts.two_factor.wrong_either.to_owned()),
        ..FieldErrors::default()
    };
    let none = FieldErrors::default;
    let hostile = || {
        let mut page = page(Presence::due("/admin"), false, none());
        page.frame.signed_in_as = Some(HOSTILE);
        page.email = HOSTILE;
        page
    };
    [
        ("password", page(Presence::by_password(), false, none())),
        ("both", page(Presence::by_password(), true, none())),
        ("wrong", page(Presence::by_password(), true, wrong)),
        ("provider", page(Presence::due("/admin"), false, none())),
        ("hostile", hostile()),
    ]
    .into_iter()
    .map(|(name, page)| (format!("adminconfirm-{name}-{}", lang.code()), page))
    .collect()
}
