//! From a letter to its subject, its text and its HTML.

use askama::Template;
use serde::{Deserialize, Serialize};

use crate::domain::accent::{Accent, LetterColours};
use crate::domain::lang::Lang;
use crate::domain::time::Timestamp;
use crate::mail::letter::{Draft, Letter, Writer};
use crate::mail::plain::{greetable, one_line, unmarked};
use crate::mail::texts::Words;

/// What all letters of a site share.
#[derive(Clone, Copy, Debug)]
pub struct Look<'a> {
    /// The site's title.
    pub site: &'a str,
    /// Where the site is.
    pub url: &'a str,
    /// Its accent colour, `#rrggbb`.
    pub accent: &'a str,
}

/// A letter as it is read: what is sealed in the outbox.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rendered {
    /// What the addressee is called, if that is fit for a header.
    pub name: Option<String>,
    /// The subject.
    pub subject: String,
    /// For readers that show text only.
    pub text: String,
    /// For all others.
    pub html: String,
}

const WRITTEN: &str = "writing into a string cannot fail";

#[derive(Template)]
#[template(path = "mail/letter.txt")]
struct Text<'a> {
    words: &'static Words,
    look: Look<'a>,
    greeting: &'a str,
    draft: &'a Draft,
}

#[derive(Template)]
#[template(path = "mail/letter.html")]
struct Html<'a> {
    lang: Lang,
    words: &'static Words,
    look: Look<'a>,
    greeting: &'a str,
    draft: &'a Draft,
    light: LetterColours,
    dark: LetterColours,
}

impl Text<'_> {
    fn footer(&self) -> String {
        (self.words.footer)(self.look.site)
    }
}

impl Html<'_> {
    fn footer(&self) -> String {
        (self.words.footer)(self.look.site)
    }
}

impl Letter<'_> {
    /// The letter in a language, to somebody whose name may be known.
    ///
    /// # Panics
    /// Never: writing into a string cannot fail.
    #[must_use]
    pub fn render(&self, look: &Look<'_>, lang: Lang, name: Option<&str>, now: Timestamp) -> Rendered {
        let site = one_line(look.site);
        let look = Look { site: &site, ..*look };
        let words = Words::of(lang);
        let writer = Writer {
            words,
            site: look.site,
            now,
        };
        let draft = &writer.draft(self);
        let name = name.and_then(greetable);
        let greeting = &name
            .as_deref()
            .map_or_else(|| words.hello.to_owned(), |name| (words.hello_to)(name));
        let [light, dark] = Accent::parse(look.accent).unwrap_or_default().letter_colours();
        let text = Text {
            words,
            look,
            greeting,
            draft,
        };
        let html = Html {
            lang,
            words,
            look,
            greeting,
            draft,
            light,
            dark,
        };
        Rendered {
            name,
            subject: one_line(&unmarked(&draft.subject)),
            text: text.render().expect(WRITTEN) + "\n",
            html: html.render().expect(WRITTEN),
        }
    }
}
