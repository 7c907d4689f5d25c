//! `/` for a guest: somebody who uses the server without a login.

use askama::Template;

use crate::domain::lang::Lang;
use crate::web::views::frame::Frame;

/// The page.
#[derive(Clone, Debug, Template)]
#[template(path = "guest.html")]
pub struct GuestPage<'a> {
    /// What all pages share.
    pub frame: Frame<'a>,
    /// Whether the whole world is a guest, not only some networks.
    pub is_open: bool,
    /// Whether accounts can be made.
    pub can_register: bool,
}

impl GuestPage<'_> {
    /// Every state, in every language.
    #[must_use]
    pub fn samples() -> Vec<(String, GuestPage<'static>)> {
        const HOSTILE: &str = "\"><img src=x onerror=alert(1)>'&amp;";
        let states = [
            ("home", false, true),
            ("closed", false, false),
            ("open", true, true),
            ("hostile", false, true),
        ];
        let in_lang = |&lang: &Lang| {
            let page = move |(name, is_open, can_register)| {
                let mut frame = Frame::sample(lang, "/");
                if name == "hostile" {
                    frame.title = HOSTILE;
                }
                let page = GuestPage {
                    frame,
                    is_open,
                    can_register,
                };
                (format!("guest-{name}-{}", lang.code()), page)
            };
            states.map(page)
        };
        Lang::ALL.iter().flat_map(in_lang).collect()
    }
}
