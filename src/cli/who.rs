//! Which account a command is about, and how an account is printed.

use clap::Args;
use serde_json::{Value as Json, json};

use crate::app::App;
use crate::cli::{Stop, prompt};
use crate::domain::account::Account;
use crate::domain::time::Timestamp;

/// The argument that names an account.
#[derive(Debug, Args)]
pub struct Who {
    /// E-mail address, or id of 24 hexadecimal digits
    #[arg(value_name = "EMAIL|ID")]
    user: Option<String>,
}

impl Who {
    /// The argument, or the answer to `question`.
    ///
    /// # Errors
    /// A usage error if there is neither.
    pub fn named(&self, question: &str) -> Result<String, Stop> {
        prompt::unless_given(self.user.as_deref(), question, "name an account: EMAIL or ID")
    }
}

/// The account with this address or id.
///
/// # Errors
/// If there is none.
pub async fn find(app: &App, name: &str) -> Result<Account, Stop> {
    app.find_user(name)
        .await?
        .ok_or_else(|| Stop::failed(format!("User not found! No account has the address or id {name:?}")))
}

/// The same account as it is now.
///
/// # Errors
/// If it is gone.
pub async fn again(app: &App, account: &Account) -> Result<Account, Stop> {
    find(app, &account.id.to_string()).await
}

/// An account as JSON: the same keys in every command. Times are ISO 8601 in UTC, or null.
#[must_use]
pub fn object(account: &Account) -> Json {
    let time = |at: Option<Timestamp>| at.map(|at| at.to_string());
    json!({
        "id": account.id.to_string(),
        "email": account.email.as_str(),
        "email_verified": account.email_verified,
        "name": account.name,
        "username": account.username,
        "role": account.role.as_str(),
        "provider": account.provider,
        "disabled_at": time(account.disabled_at),
        "valid_until": time(account.valid_until),
        "waiting_since": time(account.waiting_since),
        "terms_accepted_at": time(account.terms_accepted_at),
        "created_at": time(Some(account.created_at)),
        "updated_at": time(Some(account.updated_at)),
        "last_login_at": time(account.last_login_at),
        "login_count": account.login_count,
        "two_factor_at": time(account.two_factor_at),
        "two_factor_demanded_at": time(account.two_factor_demanded_at),
    })
}

/// [`object`] with one more key.
#[must_use]
pub fn object_with(account: &Account, key: &str, value: impl Into<Json>) -> Json {
    let mut object = object(account);
    object[key] = value.into();
    object
}
