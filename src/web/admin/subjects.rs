//! Whom bans and violations are about, as people type it and read it.

use std::collections::HashMap;

use crate::app::audit::CONSOLE;
use crate::app::ban_list::Sought;
use crate::app::moderation::MODERATION;
use crate::app::{App, Failure};
use crate::domain::account::Account;
use crate::domain::ids::UserId;
use crate::domain::moderation::subject::Subject;
use crate::web::views::texts::Texts;

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

/// Names of accounts and networks, for people.
#[derive(Clone, Debug, Default)]
pub struct Names(HashMap<UserId, Account>);

impl Names {
    /// Looks up whom `subjects` and the makers `by` mean.
    ///
    /// # Errors
    /// Only a fault.
    pub async fn find<'b>(
        app: &App,
        subjects: &[Subject],
        by: impl IntoIterator<Item = &'b str>,
    ) -> Result<Self, Failure> {
        let users = subjects.iter().filter_map(|subject| match subject {
            Subject::User(id) => Some(*id),
            Subject::Network(_) => None,
        });
        let makers = by.into_iter().filter_map(|text| text.parse().ok());
        let ids: Vec<UserId> = users.chain(makers).collect();
        Ok(Self(app.known_accounts(ids).await?))
    }

    /// The address of an account, or the network.
    #[must_use]
    pub fn subject(&self, subject: Subject, texts: &Texts) -> String {
        match subject {
            Subject::Network(network) => network.to_string(),
            Subject::User(id) => match self.0.get(&id) {
                Some(account) => account.email.to_string(),
                None => format!("{id} ({})", texts.admin.bans.account_gone),
            },
        }
    }

    /// Who did something: `moderation`, `console`, or an admin.
    #[must_use]
    pub fn maker(&self, by: &str, texts: &Texts) -> String {
        let w = texts.admin.bans;
        match by {
            MODERATION => w.by_rules.to_owned(),
            CONSOLE => w.by_console.to_owned(),
            other => {
                let known = other.parse().ok().and_then(|id: UserId| self.0.get(&id));
                known.map_or_else(|| w.by_gone.to_owned(), |account| account.email.to_string())
            }
        }
    }
}
