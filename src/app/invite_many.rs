//! Many invitations at once, one for each address: each has its own outcome, and what goes wrong with one is told beside it,
//! so that no link that was made is lost.

use std::collections::HashSet;

use crate::app::audit::Actor;
use crate::app::invitations::{Invited, Wanted};
use crate::app::{App, Failure};
use crate::domain::email::Email;
use crate::domain::invitation::Guests;
use crate::domain::refusal::Refusal;

/// More addresses than this are not taken at once.
pub const MOST: usize = 200;

/// Why an address is not invited.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NotInvited {
    /// It is no e-mail address.
    NoAddress,
    /// It was on the list before.
    Twice,
    /// It has an account.
    Taken,
    /// Nobody at this domain may have an account.
    DomainNotAllowed,
    /// The role is not given away like that.
    Forbidden,
    /// Something failed here; the log says what.
    Failed,
}

impl NotInvited {
    /// Every reason there is.
    pub const ALL: [Self; 6] = [
        Self::NoAddress,
        Self::Twice,
        Self::Taken,
        Self::DomainNotAllowed,
        Self::Forbidden,
        Self::Failed,
    ];

    /// The stable key, as in JSON.
    #[must_use]
    pub const fn key(self) -> &'static str {
        match self {
            Self::NoAddress => "no_address",
            Self::Twice => "twice",
            Self::Taken => "taken",
            Self::DomainNotAllowed => "domain_not_allowed",
            Self::Forbidden => "forbidden",
            Self::Failed => "failed",
        }
    }
}

/// What became of one line.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// As it was typed.
    pub typed: String,
    /// The invitation and its link, or why there is none.
    pub result: Result<Invited, NotInvited>,
}

/// The addresses of a text, one a line; commas and semicolons separate them as well. Empty ones do not count.
#[must_use]
pub fn lines(text: &str) -> Vec<&str> {
    let parts = text.split(['\n', '\r', ',', ';']).map(str::trim);
    parts.filter(|part| !part.is_empty()).collect()
}

impl App {
    /// Invites everybody on a list on the terms of `wanted`, whose guests are those on the list. What is beyond [`MOST`] is
    /// left out; look before.
    pub async fn invite_many(&self, typed: &[&str], wanted: &Wanted, by: &Actor) -> Vec<Outcome> {
        let mut seen = HashSet::new();
        let mut outcomes = Vec::new();
        for typed in typed.iter().take(MOST) {
            let result = match Email::parse(typed) {
                Err(_) => Err(NotInvited::NoAddress),
                Ok(email) if !seen.insert(email.clone()) => Err(NotInvited::Twice),
                Ok(email) => self.invite_one(email, wanted.clone(), by).await,
            };
            outcomes.push(Outcome {
                typed: (*typed).to_owned(),
                result,
            });
        }
        outcomes
    }

    async fn invite_one(&self, email: Email, terms: Wanted, by: &Actor) -> Result<Invited, NotInvited> {
        let mailed = matches!(terms.guests, Guests::One { mailed: true, .. });
        let wanted = Wanted {
            guests: Guests::One { email, mailed },
            ..terms
        };
        self.invite(wanted, by).await.map_err(|failure| match failure {
            Failure::Refused(Refusal::Invalid(_)) => NotInvited::Taken,
            Failure::Refused(Refusal::DomainNotAllowed) => NotInvited::DomainNotAllowed,
            Failure::Refused(Refusal::Forbidden) => NotInvited::Forbidden,
            Failure::Refused(_) => NotInvited::Failed,
            Failure::Fault(fault) => {
                fault.log();
                NotInvited::Failed
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_is_read_however_it_was_pasted() {
        assert_eq!(
            lines(" a@example.org\r\n\nb@example.org, c@example.org;"),
            ["a@example.org", "b@example.org", "c@example.org"]
        );
    }
}
