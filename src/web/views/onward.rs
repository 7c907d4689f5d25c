//! On the way from a form of ours to a provider. A form may lead to our own pages only (`form-action 'self'`), and browsers
//! hold redirects to that too, so that the way out is a page of its own that goes on by itself.

use askama::Template;

use crate::domain::lang::Lang;
use crate::web::views::frame::Frame;

/// The page.
#[derive(Clone, Debug, Template)]
#[template(path = "onward.html")]
pub struct Onward<'a> {
    /// What all pages share.
    pub frame: Frame<'a>,
    /// Where it goes on: an address that the provider named.
    pub url: &'a str,
    /// What the provider is called.
    pub provider: &'a str,
    /// What for.
    pub errand: Errand,
}

/// What somebody goes to a provider for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Errand {
    /// To log out there, too.
    SignOut,
    /// To connect it.
    Connect,
    /// To prove again who they are.
    Prove,
}

impl Onward<'_> {
    fn heading(&self) -> String {
        let texts = &self.frame.texts.federation;
        match self.errand {
            Errand::SignOut => texts.signed_out_here.to_owned(),
            Errand::Connect => (texts.connect_heading)(self.provider),
            Errand::Prove => (self.frame.texts.connections.leaving)(self.provider),
        }
    }

    fn text(&self) -> String {
        let texts = &self.frame.texts.federation;
        match self.errand {
            Errand::SignOut => (texts.sign_out_there)(self.provider),
            Errand::Connect | Errand::Prove => (texts.going_on)(self.provider),
        }
    }

    fn link(&self) -> String {
        (self.frame.texts.federation.go_on)(self.provider)
    }

    /// Both errands, in every language.
    #[must_use]
    pub fn samples() -> Vec<(String, Onward<'static>)> {
        const HOSTILE: &str = "\"><img src=x onerror=alert(1)>'&amp;";
        let pages = [
            (
                "sign-out",
                "https://id.example.org/end?state=1&client_id=a",
                "Office",
                Errand::SignOut,
            ),
            (
                "connect",
                "https://id.example.org/auth?state=1",
                "Office",
                Errand::Connect,
            ),
            ("prove", "https://id.example.org/auth?state=1", "Office", Errand::Prove),
            ("hostile", HOSTILE, HOSTILE, Errand::SignOut),
        ];
        let named = |lang: Lang| {
            pages.map(|(name, url, provider, errand)| {
                let frame = Frame::sample(lang, "/login");
                let page = Onward {
                    frame,
                    url,
                    provider,
                    errand,
                };
                (format!("onward-{name}-{}", lang.code()), page)
            })
        };
        Lang::ALL.iter().flat_map(|&lang| named(lang)).collect()
    }
}
