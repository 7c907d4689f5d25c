//! `/oauth/connect`: connecting a provider to the account of somebody who is signed in.

use askama::Template;

use crate::domain::federation::denial::Denial;
use crate::domain::lang::Lang;
use crate::web::views::frame::Frame;
use crate::web::views::provider::TurnedAway;

/// The page.
#[derive(Clone, Debug, Template)]
#[template(path = "connect.html")]
pub struct Connect<'a> {
    /// What all pages share.
    pub frame: Frame<'a>,
    /// What there is to say.
    pub state: ConnectState<'a>,
}

/// What there is to say.
#[derive(Clone, Debug)]
pub enum ConnectState<'a> {
    /// Somebody came from a provider before they signed in.
    Question {
        /// What the provider is called.
        provider: &'a str,
        /// What it calls the person; may be empty.
        called: &'a str,
    },
    /// The session was there before the offer: it is connected from the account page.
    Stale {
        /// What the provider is called.
        provider: &'a str,
    },
    /// It is connected.
    Done {
        /// What the provider is called.
        provider: &'a str,
    },
    /// It was not.
    Denied(TurnedAway<'a>),
    /// There is nothing to connect.
    Nothing,
}

impl Connect<'_> {
    fn heading(&self) -> String {
        let texts = &self.frame.texts.federation;
        match &self.state {
            ConnectState::Question { provider, .. } | ConnectState::Stale { provider } => {
                (texts.connect_heading)(provider)
            }
            ConnectState::Done { .. } => texts.connected_heading.to_owned(),
            ConnectState::Denied(_) | ConnectState::Nothing => texts.nothing_heading.to_owned(),
        }
    }

    fn text(&self) -> String {
        let texts = &self.frame.texts.federation;
        match &self.state {
            ConnectState::Question { provider, called } => (texts.connect_question)(provider, called),
            ConnectState::Stale { provider } => (self.frame.texts.connections.stale_offer)(provider),
            ConnectState::Done { provider } => (texts.connected)(provider),
            ConnectState::Denied(turned_away) => turned_away.text(self.frame.texts),
            ConnectState::Nothing => texts.nothing.to_owned(),
        }
    }

    /// Every state, in every language.
    #[must_use]
    pub fn samples() -> Vec<(String, Connect<'static>)> {
        const HOSTILE: &str = "\"><img src=x onerror=alert(1)>'&amp;";
        let denied = TurnedAway {
            denial: Denial::ConnectedElsewhere,
            provider: Some("Office"),
        };
        let states = [
            (
                "question",
                ConnectState::Question {
                    provider: "Office",
                    called: "ada@example.org",
                },
            ),
            (
                "question-nameless",
                ConnectState::Question {
                    provider: "Office",
                    called: "",
                },
            ),
            (
                "hostile",
                ConnectState::Question {
                    provider: HOSTILE,
                    called: HOSTILE,
                },
            ),
            ("stale", ConnectState::Stale { provider: "Office" }),
            ("done", ConnectState::Done { provider: "Office" }),
            ("denied", ConnectState::Denied(denied)),
            ("nothing", ConnectState::Nothing),
        ];
        let named = |lang: Lang| {
            states.clone().map(|(name, state)| {
                let frame = Frame {
                    signed_in_as: Some("Ada"),
                    ..Frame::sample(lang, "/oauth/connect")
                };
                (format!("connect-{name}-{}", lang.code()), Connect { frame, state })
            })
        };
        Lang::ALL.iter().flat_map(|&lang| named(lang)).collect()
    }
}
