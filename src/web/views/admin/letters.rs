//! Views of the administration: what letters look like.

use askama::Template;

use crate::domain::lang::Lang;
use crate::web::views::Frame;
use crate::web::views::admin::{Bar, Section};

/// Every letter, by name and subject.
#[derive(Clone, Debug, Template)]
#[template(path = "admin/letters.html")]
pub struct LettersPage<'a> {
    /// What all pages share.
    pub frame: Frame<'a>,
    /// What all pages of the administration share.
    pub bar: Bar,
    /// The language of the letters.
    pub spoken: Lang,
    /// Name and subject of each.
    pub letters: Vec<(&'static str, String)>,
}

/// One letter.
#[derive(Clone, Debug, Template)]
#[template(path = "admin/letter.html")]
pub struct LetterPage<'a> {
    /// What all pages share.
    pub frame: Frame<'a>,
    /// What all pages of the administration share.
    pub bar: Bar,
    /// The language of the letter.
    pub spoken: Lang,
    /// Its name.
    pub name: &'static str,
    /// Its subject.
    pub subject: String,
    /// Its text part.
    pub text: String,
    /// The name of the letter before it in the list.
    pub previous: Option<&'static str>,
    /// The name of the letter after it.
    pub next: Option<&'static str>,
}

/// A language in which the same can be seen.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Tongue {
    lang: Lang,
    url: String,
    is_spoken: bool,
}

fn tongues(url: impl Fn(Lang) -> String, spoken: Lang) -> Vec<Tongue> {
    let tongue = |lang: &Lang| Tongue {
        lang: *lang,
        url: url(*lang),
        is_spoken: *lang == spoken,
    };
    Lang::ALL.iter().map(tongue).collect()
}

/// Where all letters are, in a language.
fn list_url(frame: &Frame<'_>, lang: Lang) -> String {
    format!("{}/admin/mail/letters?in={}", frame.base, lang.code())
}

/// Where a letter is, or something below it.
fn letter_url(frame: &Frame<'_>, path: &str, lang: Lang) -> String {
    format!("{}/admin/mail/letters/{path}?in={}", frame.base, lang.code())
}

const HOSTILE: &str = "\"><img src=x onerror=alert(1)>'&amp;";

fn frame(lang: Lang) -> Frame<'static> {
    Frame {
        signed_in_as: Some("Ada Lovelace"),
        ..Frame::sample(lang, "/admin/mail/letters")
    }
}

impl LettersPage<'_> {
    fn url(&self, name: &str) -> String {
        letter_url(&self.frame, name, self.spoken)
    }

    fn tongues(&self) -> Vec<Tongue> {
        tongues(|lang| list_url(&self.frame, lang), self.spoken)
    }

    /// Every state, in every language.
    #[must_use]
    pub fn samples() -> Vec<(String, LettersPage<'static>)> {
        let page = |lang: Lang, subject: &str| LettersPage {
            frame: frame(lang),
            bar: Bar::sample(Section::Mail),
            spoken: lang,
            letters: vec![("reset_password", subject.to_owned()), ("test", "Test".to_owned())],
        };
        let both = Lang::ALL.iter().flat_map(|lang| {
            [("all", "Home"), ("hostile", HOSTILE)].map(|(name, subject)| (name, *lang, page(*lang, subject)))
        });
        both.map(|(name, lang, page)| (format!("adminletters-{name}-{}", lang.code()), page))
            .collect()
    }
}

impl LetterPage<'_> {
    fn back(&self) -> String {
        list_url(&self.frame, self.spoken)
    }

    fn url(&self, name: &str) -> String {
        letter_url(&self.frame, name, self.spoken)
    }

    fn html_url(&self) -> String {
        self.url(&format!("{}/html", self.name))
    }

    fn tongues(&self) -> Vec<Tongue> {
        tongues(|lang| letter_url(&self.frame, self.name, lang), self.spoken)
    }

    /// Every state, in every language.
    #[must_use]
    pub fn samples() -> Vec<(String, LetterPage<'static>)> {
        let page = |lang: Lang, subject: &str, text: &str| LetterPage {
            frame: frame(lang),
            bar: Bar::sample(Section::Mail),
            spoken: lang,
            name: "reset_password",
            subject: subject.to_owned(),
            text: text.to_owned(),
            previous: Some("verify_address"),
            next: Some("test"),
        };
        let both = Lang::ALL.iter().flat_map(|lang| {
            let text = lang.texts().admin.mail.letters_hint;
            [("one", "Home", text), ("hostile", HOSTILE, HOSTILE)]
                .map(|(name, subject, text)| (name, *lang, page(*lang, subject, text)))
        });
        both.map(|(name, lang, page)| (format!("adminletter-{name}-{}", lang.code()), page))
            .collect()
    }
}
