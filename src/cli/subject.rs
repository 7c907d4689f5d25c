//! Whom a ban is about, as people name it: an account, an address or a network.

use std::time::Duration;

use serde_json::{Map, Value as Json, json};

use crate::app::App;
use crate::cli::{Stop, who};
use crate::domain::account::Account;
use crate::domain::duration;
use crate::domain::moderation::network::Network;
use crate::domain::moderation::subject::Subject;

/// Shorter bans are slips of the unit.
const SHORTEST: Duration = Duration::from_secs(1);

/// A subject with the address of its account, if it has one.
#[derive(Clone, Debug)]
pub struct Named {
    /// Whom.
    pub subject: Subject,
    /// The account, unless it is a network or the account is gone.
    pub account: Option<Account>,
}

impl Named {
    /// An account.
    #[must_use]
    pub fn account(account: Account) -> Self {
        Self {
            subject: Subject::User(account.id),
            account: Some(account),
        }
    }

    /// The subject as the database has it, with its account looked up.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub async fn of(app: &App, subject: Subject) -> Result<Self, Stop> {
        let account = match subject {
            Subject::User(id) => app.find_user(&id.to_string()).await?,
            Subject::Network(_) => None,
        };
        Ok(Self { subject, account })
    }

    /// The subject with this name.
    ///
    /// # Errors
    /// If it is neither an address nor a network, and there is no such account.
    pub async fn find(app: &App, name: &str) -> Result<Self, Stop> {
        match name.parse::<Network>() {
            Ok(network) => Ok(Self {
                subject: Subject::Network(network),
                account: None,
            }),
            Err(_) if name.contains(['/', ':']) => Err(Stop::failed(format!("{name:?} is no network: write {BAD}"))),
            Err(_) => Ok(Self::account(who::find(app, name).await?)),
        }
    }

    /// The name for people.
    #[must_use]
    pub fn label(&self) -> String {
        match (&self.account, self.subject) {
            (Some(account), _) => account.email.to_string(),
            (None, Subject::User(id)) => format!("{id} (the account is gone)"),
            (None, Subject::Network(network)) => network.to_string(),
        }
    }

    /// The keys that every object about a subject has.
    #[must_use]
    pub fn keys(&self) -> Map<String, Json> {
        let (user, network) = match self.subject {
            Subject::User(id) => (Some(id.to_string()), None),
            Subject::Network(network) => (None, Some(network.to_string())),
        };
        let email = self.account.as_ref().map(|account| account.email.to_string());
        [
            ("user".to_owned(), json!(user)),
            ("email".to_owned(), json!(email)),
            ("network".to_owned(), json!(network)),
        ]
        .into_iter()
        .collect()
    }
}

const BAD: &str = "an address such as 203.0.113.7 or 2001:db8::1, or a network such as 203.0.113.0/24";

/// Reads the length of a ban for the parser of arguments.
///
/// # Errors
/// What is wrong with the text.
pub fn length(text: &str) -> Result<Duration, String> {
    let span = duration::parse(text).map_err(|error| format!("Invalid duration! {text:?} {error}"))?;
    if span < SHORTEST {
        let written = duration::format(span);
        return Err(format!(
            "Invalid duration! {text:?} is {written}; say the unit, as in 30m, 2h or 7d"
        ));
    }
    Ok(span)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ban_of_milliseconds_is_taken_for_the_slip_it_is() {
        assert_eq!(length("2h"), Ok(Duration::from_hours(2)));
        assert_eq!(length("7200000"), Ok(Duration::from_hours(2)));
        assert!(length("30").is_err_and(|error| error.contains("30ms")));
        assert!(length("soon").is_err());
    }
}
