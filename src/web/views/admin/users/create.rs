//! The form for a new account, and the account that was made.

use askama::Template;

use crate::domain::lang::Lang;
use crate::web::views::admin::{Bar, Section};
use crate::web::views::{FieldErrors, Frame};

use super::{HOSTILE, frame};

/// The page.
#[derive(Clone, Debug, Template)]
#[template(path = "admin/users_new.html")]
pub struct UsersNew<'a> {
    /// What all pages share.
    pub frame: Frame<'a>,
    /// What all pages of the administration share.
    pub bar: Bar,
    /// What was wrong.
    pub errors: FieldErrors,
    /// What was wrong with the role.
    pub bad_role: Option<String>,
    /// What was typed.
    pub typed: TypedUser,
    /// The account that was made, this once.
    pub made: Option<MadeUser>,
}

/// What was typed into the form.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TypedUser {
    /// Address.
    pub email: String,
    /// Display name.
    pub name: String,
    /// User name.
    pub username: String,
    /// Role.
    pub role: String,
    /// Whether the address counts as proved.
    pub is_verified: bool,
}

/// An account that was made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MadeUser {
    /// Public id.
    pub id: String,
    /// Address.
    pub email: String,
    /// The password, if it was generated.
    pub password: Option<String>,
}

impl UsersNew<'_> {
    /// Every state, in every language.
    #[must_use]
    pub fn samples() -> Vec<(String, UsersNew<'static>)> {
        Lang::ALL.iter().flat_map(|&lang| samples_in(lang)).collect()
    }
}

fn samples_in(lang: Lang) -> Vec<(String, UsersNew<'static>)> {
    let texts = lang.texts();
    let page = |typed: TypedUser, errors: FieldErrors| UsersNew {
        frame: frame(lang, "/admin/users/new"),
        bar: Bar::sample(Section::Users),
        errors,
        bad_role: None,
        typed,
        made: None,
    };
    let typed = |text: &str| TypedUser {
        email: text.to_owned(),
        name: text.to_owned(),
        username: text.to_owned(),
        role: text.to_owned(),
        is_verified: true,
    };
    let wrong = FieldErrors {
        email: Some(texts.rule(crate::domain::field::Rule::InvalidEmail)),
        ..FieldErrors::default()
    };
    let made = UsersNew {
        made: Some(MadeUser {
            id: "6662f0ab01020304050607ff".to_owned(),
            email: "grace@example.org".to_owned(),
            password: Some("sample-generated-value".to_owned()),
        }),
        ..page(TypedUser::default(), FieldErrors::default())
    };
    let bad_role = UsersNew {
        bad_role: Some(texts.admin.users.bad_role.to_owned()),
        ..page(typed("grace"), wrong)
    };
    [
        ("empty", page(TypedUser::default(), FieldErrors::default())),
        ("errors", bad_role),
        ("made", made),
        ("hostile", page(typed(HOSTILE), FieldErrors::default())),
    ]
    .into_iter()
    .map(|(name, page)| (format!("usersnew-{name}-{}", lang.code()), page))
    .collect()
}
