//! Whom bans and violations are about, as people type it.

use crate::app::ban_list::Sought;
use crate::app::{App, Failure};
use crate::domain::moderation::subject::Subject;

/// An account by address or id, an address, or a network; `None` for anything else.
///
/// # Errors
/// Only a fault.
pub async fn find(app: &App, text: &str) -> Result<Option<Subject>, Failure> {
    Ok(match app.sought(text).await? {
        Some(Sought::Of(Subject::User(id))) => {
            let known = app.find_user(&id.to_string()).await?;
            known.map(|account| Subject::User(account.id))
        }
        Some(Sought::Of(network)) => Some(network),
        Some(Sought::Anybody | Sought::Reference(_)) | None => None,
    })
}
