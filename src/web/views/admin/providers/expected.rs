//! `/admin/providers/expected`: people who are expected from providers.

use askama::Template;

use super::{HOSTILE, NOW};
use crate::domain::federation::expectation::{Expectation, Sign};
use crate::domain::lang::Lang;
use crate::web::views::Frame;
use crate::web::views::admin::{Bar, Section};
use crate::web::views::texts::{Moment, Texts};

/// The page.
#[derive(Clone, Debug, Template)]
#[template(path = "admin/expected.html")]
pub struct ExpectedPage<'a> {
    /// What all pages share.
    pub frame: Frame<'a>,
    /// What all pages of the administration share.
    pub bar: Bar,
    /// Who is expected, the newest first.
    pub rows: Vec<ExpectedPerson>,
    /// The query of the next page.
    pub older: Option<String>,
    /// Whether this is the first page.
    pub is_newest: bool,
}

/// Somebody who is expected.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExpectedPerson {
    /// The number.
    pub id: i64,
    /// The address of the account.
    pub email: String,
    /// Its public id, if it is there.
    pub user: Option<String>,
    /// From where.
    pub provider: String,
    /// By what they are recognised.
    pub sign: String,
    /// What that is: an address, or whose word it is.
    pub sign_is: String,
    /// What happens when they come.
    pub happens: &'static str,
    /// Since when.
    pub since: Moment,
    /// Who said so, in words.
    pub by: String,
    /// Until when.
    pub until: Moment,
}

impl ExpectedPerson {
    /// From what is stored.
    #[must_use]
    pub fn of(one: &Expectation, by: String, texts: &Texts) -> Self {
        let (terms, w) = (&one.terms, texts.admin.providers);
        let (sign, sign_is) = match &terms.sign {
            Sign::Subject(subject) => (subject.subject.clone(), subject.issuer.clone()),
            Sign::Address(address) => (address.to_string(), w.proved_address.to_owned()),
        };
        Self {
            id: one.id,
            email: one.email.clone(),
            user: one.user.map(|id| id.to_string()),
            provider: terms.provider.to_string(),
            sign,
            sign_is,
            happens: (w.happens_of)(terms.prospect.key()),
            since: texts.moment(terms.created_at),
            by,
            until: texts.moment(terms.expires_at),
        }
    }
}

impl ExpectedPage<'_> {
    fn withdraw_text(&self, row: &ExpectedPerson) -> String {
        (self.frame.texts.admin.providers.withdraw_one)(&row.email)
    }

    /// Every state, in every language.
    #[must_use]
    pub fn samples() -> Vec<(String, ExpectedPage<'static>)> {
        Lang::ALL.iter().flat_map(|&lang| samples_in(lang)).collect()
    }
}

fn sample_row(lang: Lang, happens: &str, sign: &str, sign_is: &str) -> ExpectedPerson {
    let texts = lang.texts();
    ExpectedPerson {
        id: 7,
        email: "grace@example.org".to_owned(),
        user: (happens != "make").then(|| "6662f0ab01020304050607ff".to_owned()),
        provider: "openid".to_owned(),
        sign: sign.to_owned(),
        sign_is: sign_is.to_owned(),
        happens: (texts.admin.providers.happens_of)(happens),
        since: texts.moment(NOW),
        by: "ada@example.org".to_owned(),
        until: texts.moment(NOW),
    }
}

fn sample(lang: Lang, subject: &str) -> ExpectedPage<'static> {
    let proved = lang.texts().admin.providers.proved_address;
    ExpectedPage {
        frame: Frame {
            signed_in_as: Some("Ada Lovelace"),
            ..Frame::sample(lang, "/admin/providers/expected")
        },
        bar: Bar::sample(Section::Providers),
        rows: vec![
            sample_row(lang, "connect", "grace@office.example", proved),
            sample_row(lang, "make", "grace@office.example", proved),
            sample_row(lang, "move", subject, "https://id.example.org"),
        ],
        older: None,
        is_newest: true,
    }
}

fn samples_in(lang: Lang) -> Vec<(String, ExpectedPage<'static>)> {
    let mut more = sample(lang, "248289761001");
    (more.older, more.is_newest) = (Some("before=1".to_owned()), false);
    let mut none = sample(lang, "");
    none.rows.clear();
    let mut auditor = sample(lang, "248289761001");
    auditor.bar.may_change = false;
    let mut hostile = sample(lang, HOSTILE);
    hostile
        .rows
        .iter_mut()
        .for_each(|row| HOSTILE.clone_into(&mut row.email));
    [
        ("some", sample(lang, "248289761001")),
        ("more", more),
        ("none", none),
        ("auditor", auditor),
        ("hostile", hostile),
    ]
    .into_iter()
    .map(|(name, page)| (format!("adminexpected-{name}-{}", lang.code()), page))
    .collect()
}
