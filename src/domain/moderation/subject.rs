//! Whom scores and bans are about: a user, or an address (a network).

use std::fmt;
use std::net::IpAddr;
use std::str::FromStr;

use crate::domain::ids::UserId;
use crate::domain::moderation::network::Network;

/// A user or a network.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Subject {
    /// An account.
    User(UserId),
    /// An address, or a network.
    Network(Network),
}

impl Subject {
    /// The client at an address: the address itself, or its /64.
    #[must_use]
    pub fn client(address: IpAddr) -> Self {
        Self::Network(Network::of_client(address))
    }

    /// As the audit log names it: an account, or where an address stands.
    #[must_use]
    pub fn of_event(self) -> (Option<UserId>, String) {
        match self {
            Self::User(id) => (Some(id), String::new()),
            Self::Network(network) => (None, network.to_string()),
        }
    }
}

impl fmt::Display for Subject {
    /// `user:<24 hex>` or `net:<network>`, as the database has it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::User(id) => write!(f, "user:{id}"),
            Self::Network(network) => write!(f, "net:{network}"),
        }
    }
}

/// The text is no subject.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a subject is user:<id> or net:<network>")]
pub struct BadSubject;

impl FromStr for Subject {
    type Err = BadSubject;

    fn from_str(text: &str) -> Result<Self, BadSubject> {
        match text.split_once(':') {
            Some(("user", id)) => id.parse().map(Self::User).map_err(|_| BadSubject),
            Some(("net", network)) => network.parse().map(Self::Network).map_err(|_| BadSubject),
            _ => Err(BadSubject),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn subjects_survive_their_text_form() {
        for text in [
            "user:6662f0ab01020304050607ff",
            "net:203.0.113.7",
            "net:2001:db8::/64",
            "net:10.0.0.0/8",
        ] {
            assert_eq!(
                text.parse::<Subject>().map(|subject| subject.to_string()).as_deref(),
                Ok(text)
            );
        }
        assert!("203.0.113.7".parse::<Subject>().is_err() && "user:x".parse::<Subject>().is_err());
    }
}
