//! `/enter`: on the way to another program, or lost on it.

use askama::Template;

use crate::domain::lang::Lang;
use crate::web::views::frame::Frame;

/// The page between the login and another program.
#[derive(Clone, Debug, Template)]
#[template(path = "enter.html")]
pub struct Enter<'a> {
    /// What all pages share.
    pub frame: Frame<'a>,
    /// The program's host, as people know it.
    pub host: &'a str,
    /// The page that was wanted.
    pub target: &'a str,
    /// Where the browser goes on by itself; `None` if it was lost.
    pub next: Option<&'a str>,
}

impl Enter<'_> {
    fn heading(&self) -> &'static str {
        let words = &self.frame.texts.access;
        if self.next.is_some() {
            words.enter_heading
        } else {
            words.lost_heading
        }
    }

    fn text(&self) -> String {
        let words = &self.frame.texts.access;
        if self.next.is_some() {
            (words.enter)(self.host)
        } else {
            (words.lost)(self.host)
        }
    }

    /// Both, in every language.
    #[must_use]
    pub fn samples() -> Vec<(String, Enter<'static>)> {
        const HOSTILE: &str = "\"><img src=x onerror=alert(1)>'&amp;";
        let states = [
            (
                "on",
                "photos.example.net",
                "https://photos.example.net/2026",
                Some("/enter?rd=https%3A%2F%2Fphotos.example.net%2F2026"),
            ),
            ("lost", "photos.example.net", "https://photos.example.net/2026", None),
            ("hostile", HOSTILE, HOSTILE, Some(HOSTILE)),
        ];
        let in_lang = |&lang: &Lang| {
            states.map(|(name, host, target, next)| {
                let page = Enter {
                    frame: Frame::sample(lang, "/enter"),
                    host,
                    target,
                    next,
                };
                (format!("enter-{name}-{}", lang.code()), page)
            })
        };
        Lang::ALL.iter().flat_map(in_lang).collect()
    }
}
