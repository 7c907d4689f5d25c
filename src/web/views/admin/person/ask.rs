//! What a deed will do, and how it can be undone: asked once before it is done.

use askama::Template;

use crate::web::views::Frame;
use crate::web::views::admin::Bar;
use crate::web::views::admin::bans::Choice;

/// The page that asks.
#[derive(Clone, Debug, Template)]
#[template(path = "admin/person_ask.html")]
pub struct PersonAsk<'a> {
    /// What all pages share.
    pub frame: Frame<'a>,
    /// What all pages of the administration share.
    pub bar: Bar,
    /// The id of the account.
    pub id: String,
    /// Its owner: name and address.
    pub who: (String, String),
    /// The key of the deed.
    pub deed: String,
    /// The number of what it is about, where it is about one of several, and its name.
    pub which: Option<(String, String)>,
    /// What there is to fill in.
    pub fields: Fields,
    /// Why it was not done.
    pub problem: Option<String>,
}

/// What has to be filled in before it is done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fields {
    /// Nothing.
    None,
    /// How long somebody is banned, as chosen, and a remark.
    Ban(String, String),
    /// How long a link works, and whether it is to be mailed, or why it cannot be.
    Link(String, Result<bool, &'static str>),
    /// From which of these providers somebody is expected, and with which address.
    Expect(Vec<String>, String),
}

impl PersonAsk<'_> {
    /// Whether the button warns.
    fn is_destructive(&self) -> bool {
        let harmless = [
            "enable",
            "approve",
            "unban",
            "restore",
            "reset-link",
            "expect",
            "require-2fa",
        ];
        !harmless.contains(&self.deed.as_str())
    }

    /// How a link gets to the owner.
    fn ways(&self, by_mail: bool) -> [Choice; 2] {
        let w = self.frame.texts.admin.person;
        [("show", w.link_show, !by_mail), ("mail", w.link_mail, by_mail)].map(|(key, words, is_chosen)| Choice {
            key: key.to_owned(),
            words,
            is_chosen,
        })
    }

    fn lengths(&self) -> Vec<Choice> {
        let Fields::Ban(chosen, _) = &self.fields else {
            return Vec::new();
        };
        let lengths = self.frame.texts.admin.bans.lengths;
        let choice = |(key, words): (&str, &'static str)| Choice {
            key: key.to_owned(),
            words,
            is_chosen: key == chosen,
        };
        lengths.into_iter().map(choice).collect()
    }
}
