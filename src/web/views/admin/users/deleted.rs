//! `/admin/users/deleted`: accounts that can be restored.

use std::time::Duration;

use askama::Template;

use super::{HOSTILE, frame};
use crate::domain::lang::Lang;
use crate::domain::time::Timestamp;
use crate::domain::trash::Deleted;
use crate::web::views::Frame;
use crate::web::views::admin::{Bar, Section};
use crate::web::views::texts::{Moment, Texts};

/// The page.
#[derive(Clone, Debug, Template)]
#[template(path = "admin/users_deleted.html")]
pub struct UsersDeleted<'a> {
    /// What all pages share.
    pub frame: Frame<'a>,
    /// What all pages of the administration share.
    pub bar: Bar,
    /// With this address or id only.
    pub q: String,
    /// The accounts, the last deleted first.
    pub rows: Vec<DeletedRow>,
    /// The query of the next page.
    pub older: Option<String>,
    /// Whether this is the first page.
    pub is_newest: bool,
    /// For how long deleted accounts are kept.
    pub keep: Duration,
}

/// A deleted account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeletedRow {
    /// Its public id.
    pub id: String,
    /// The address it had.
    pub email: String,
    /// Display name.
    pub name: String,
    /// When it was deleted.
    pub at: Moment,
    /// By whom, in words.
    pub by: String,
    /// Until when it can be restored.
    pub until: Moment,
}

impl DeletedRow {
    /// From what is kept.
    #[must_use]
    pub fn of(gone: &Deleted, until: Timestamp, by: String, texts: &Texts) -> Self {
        Self {
            id: gone.id.to_string(),
            email: gone.email.to_string(),
            name: gone.name.clone(),
            at: texts.moment(gone.deleted_at),
            by,
            until: texts.moment(until),
        }
    }
}

impl UsersDeleted<'_> {
    /// For how long deleted accounts are kept, in words.
    fn kept(&self) -> String {
        let w = self.frame.texts.admin.person;
        if self.keep.is_zero() {
            w.deleted_not_kept.to_owned()
        } else {
            (w.deleted_kept)(&self.frame.texts.span(self.keep))
        }
    }

    /// Every state, in every language.
    #[must_use]
    pub fn samples() -> Vec<(String, UsersDeleted<'static>)> {
        Lang::ALL.iter().flat_map(|&lang| samples_in(lang)).collect()
    }
}

fn sample(lang: Lang, name: &str, rows: usize) -> UsersDeleted<'static> {
    let texts = lang.texts();
    let moment = |hours: i64| texts.moment(Timestamp::from_seconds(1_780_300_000 + hours * 3600));
    let row = DeletedRow {
        id: "6662f0ab01020304050607ff".to_owned(),
        email: "grace@example.org".to_owned(),
        name: name.to_owned(),
        at: moment(0),
        by: texts.admin.person.by_owner.to_owned(),
        until: moment(168),
    };
    UsersDeleted {
        frame: frame(lang, "/admin/users/deleted"),
        bar: Bar::sample(Section::Users),
        q: String::new(),
        rows: vec![row; rows],
        older: None,
        is_newest: true,
        keep: Duration::from_hours(168),
    }
}

fn samples_in(lang: Lang) -> Vec<(String, UsersDeleted<'static>)> {
    let some = UsersDeleted {
        older: Some("after=1.6662f0ab01020304050607ff".to_owned()),
        is_newest: false,
        ..sample(lang, "Grace Hopper", 3)
    };
    let unknown = UsersDeleted {
        q: "grace@example.org".to_owned(),
        ..sample(lang, "", 0)
    };
    let not_kept = UsersDeleted {
        keep: Duration::ZERO,
        ..sample(lang, "", 0)
    };
    let mut hostile = UsersDeleted {
        q: HOSTILE.to_owned(),
        ..sample(lang, HOSTILE, 1)
    };
    hostile
        .rows
        .iter_mut()
        .for_each(|row| HOSTILE.clone_into(&mut row.email));
    [
        ("some", some),
        ("none", sample(lang, "", 0)),
        ("unknown", unknown),
        ("notkept", not_kept),
        ("hostile", hostile),
    ]
    .into_iter()
    .map(|(name, page)| (format!("usersdeleted-{name}-{}", lang.code()), page))
    .collect()
}
