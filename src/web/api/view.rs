//! A user as LibreChat's client sees one. The same fields everywhere: LibreChat itself leaks more at login and forgets
//! `id` at refresh.

use std::borrow::Cow;

use serde::Serialize;

use crate::app::pictures;
use crate::domain::account::Account;
use crate::web::place::Place;

/// The public fields of an account.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct UserView<'a> {
    #[serde(rename = "_id")]
    object_id: String,
    id: String,
    name: &'a str,
    username: Option<&'a str>,
    email: &'a str,
    email_verified: bool,
    avatar: Option<Cow<'a, str>>,
    provider: &'a str,
    role: &'a str,
    plugins: [&'a str; 0],
    two_factor_enabled: bool,
    terms_accepted: bool,
    created_at: String,
    updated_at: String,
}

impl<'a> UserView<'a> {
    /// An account as its owner's client sees it.
    #[must_use]
    pub fn new(account: &'a Account, place: &Place) -> Self {
        let id = account.id.to_string();
        Self {
            object_id: id.clone(),
            id,
            name: &account.name,
            username: account.username.as_deref(),
            email: account.email.as_str(),
            email_verified: account.email_verified,
            avatar: account.avatar.as_deref().map(|avatar| reachable(avatar, place)),
            provider: &account.provider,
            role: account.role.as_str(),
            plugins: [],
            two_factor_enabled: account.two_factor_at.is_some(),
            terms_accepted: account.terms_accepted_at.is_some(),
            created_at: account.created_at.to_string(),
            updated_at: account.updated_at.to_string(),
        }
    }
}

/// Ours is at this server, which may not be where the client is; what LibreChat wrote is left as it is.
pub(in crate::web) fn reachable<'a>(avatar: &'a str, place: &Place) -> Cow<'a, str> {
    if avatar.starts_with(pictures::PATH) {
        Cow::Owned(format!("{}{avatar}", place.url))
    } else {
        Cow::Borrowed(avatar)
    }
}

/// The answer to a login or a refresh.
#[derive(Debug, Serialize)]
pub struct SignedInView<'a> {
    /// The access token.
    pub token: &'a str,
    /// Whose it is.
    pub user: UserView<'a>,
}
