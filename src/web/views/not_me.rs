//! `/not-me`: somebody says that a sign-in or a change was not their doing.

use askama::Template;

use crate::domain::lang::Lang;
use crate::web::views::frame::Frame;

/// The page behind "this was not me".
#[derive(Clone, Debug, Template)]
#[template(path = "not_me.html")]
pub struct NotMe<'a> {
    /// What all pages share.
    pub frame: Frame<'a>,
    /// How far it is.
    pub state: NotMeState<'a>,
}

/// How far it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NotMeState<'a> {
    /// Says what the button does.
    Ask {
        /// The token from the link.
        token: &'a str,
    },
    /// It is done, and a link to choose a new password is on its way.
    Mailed,
    /// It is done, and somebody has to be asked for a new password.
    DoneAsk {
        /// Whom, if that is configured.
        contact: Option<&'a str>,
    },
    /// It is done, and the account has no password of ours.
    DoneSignIn,
    /// The link is wrong, used or too old.
    Gone,
}

impl NotMe<'_> {
    fn heading(&self) -> &'static str {
        let words = &self.frame.texts.not_me;
        match self.state {
            NotMeState::Ask { .. } => words.heading,
            NotMeState::Mailed | NotMeState::DoneAsk { .. } | NotMeState::DoneSignIn => words.done_heading,
            NotMeState::Gone => words.gone_heading,
        }
    }

    /// Every state, in every language.
    #[must_use]
    pub fn samples() -> Vec<(String, NotMe<'static>)> {
        const HOSTILE: &str = "\"><img src=x onerror=alert(1)>'&amp;";
        const TOKEN: &str = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8";
        let states = [
            ("ask", NotMeState::Ask { token: TOKEN }),
            ("mailed", NotMeState::Mailed),
            (
                "done-ask",
                NotMeState::DoneAsk {
                    contact: Some("admin@example.org"),
                },
            ),
            ("done-ask-admin", NotMeState::DoneAsk { contact: None }),
            ("done-sign-in", NotMeState::DoneSignIn),
            ("gone", NotMeState::Gone),
            ("hostile", NotMeState::Ask { token: HOSTILE }),
            ("hostile-contact", NotMeState::DoneAsk { contact: Some(HOSTILE) }),
        ];
        let in_lang = |&lang: &Lang| {
            let page = move |(name, state): &(&str, NotMeState<'static>)| {
                let frame = Frame::sample(lang, "/not-me");
                let page = NotMe {
                    frame,
                    state: state.clone(),
                };
                (format!("not-me-{name}-{}", lang.code()), page)
            };
            states.iter().map(page).collect::<Vec<_>>()
        };
        Lang::ALL.iter().flat_map(in_lang).collect()
    }
}
