//! The flight recorder: how logins with other providers ended, with what the provider said, for whoever runs the server.
//!
//! Kept are the newest failures and the last success of each identity. Nothing of it opens anything: no token, no code and no
//! secret is kept, and of what is personal only what decides (see [`redacted`](super::redacted)).

use serde_json::{Value, json};

use crate::domain::federation::connection::Subject;
use crate::domain::federation::provider::ProviderId;
use crate::domain::time::Timestamp;

macro_rules! words {
    ($(#[$doc:meta])* $name:ident { $($(#[$vdoc:meta])* $variant:ident = $key:literal, $says:literal;)+ }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum $name { $($(#[$vdoc])* $variant,)+ }

        impl $name {
            /// Every one, in order.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)+];

            /// The stable key.
            #[must_use]
            pub const fn key(self) -> &'static str {
                match self { $(Self::$variant => $key,)+ }
            }

            /// In words.
            #[must_use]
            pub const fn says(self) -> &'static str {
                match self { $(Self::$variant => $says,)+ }
            }

            /// From the key.
            #[must_use]
            pub fn from_key(key: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|one| one.key() == key)
            }
        }
    };
}

words! {
    /// How far a login came.
    Stage {
        /// Nobody was sent to the provider: it could not be asked where to.
        Departure = "departure", "before anybody was sent to the provider";
        /// The provider sent the person back without a proof.
        Return = "return", "on the way back from the provider";
        /// What the provider answered to us was no proof.
        Answer = "answer", "when the provider was asked who it is";
        /// The provider vouched for somebody who is not let in.
        Decision = "decision", "when it was decided who gets in";
        /// The person is in, or has to show their second factor.
        Entry = "entry", "at the door";
    }
}

words! {
    /// What is kept for how long: what strangers can cause never crowds out what is about people.
    Kind {
        /// A login that succeeded.
        Success = "success", "succeeded";
        /// Somebody for whom the provider vouched was turned away.
        Refused = "refused", "refused";
        /// The provider vouched for nobody.
        Failed = "failed", "failed";
    }
}

/// One login, as it is remembered.
#[derive(Clone, Debug, PartialEq)]
pub struct Flight {
    /// The number that the person was shown.
    pub reference: String,
    /// When.
    pub at: Timestamp,
    /// With which provider.
    pub provider: ProviderId,
    /// How it ended.
    pub kind: Kind,
    /// How far it came.
    pub stage: Stage,
    /// The stable key of the reason.
    pub cause: String,
    /// What happened, in words.
    pub verdict: String,
    /// Who the person is at the provider, if it vouched for anybody.
    pub subject: Option<Subject>,
    /// What the provider said, as JSON without anything secret; see [`redacted`](super::redacted).
    pub claims: Option<String>,
}

impl Flight {
    /// What the provider said; `null` if it vouched for nobody.
    #[must_use]
    pub fn said(&self) -> Value {
        let text = self.claims.as_deref().unwrap_or("null");
        serde_json::from_str(text).unwrap_or(Value::Null)
    }

    /// The address that the provider named, else who the person is there.
    #[must_use]
    pub fn who(&self) -> Option<String> {
        let email = self.said()["vouched"]["email"].as_str().map(str::to_owned);
        email.or_else(|| self.subject.as_ref().map(|subject| subject.subject.clone()))
    }

    /// For programs: the same keys wherever it is told.
    #[must_use]
    pub fn object(&self) -> Value {
        json!({
            "reference": self.reference,
            "at": self.at.to_string(),
            "provider": self.provider.as_str(),
            "outcome": self.kind.key(),
            "stage": self.stage.key(),
            "cause": self.cause,
            "verdict": self.verdict,
            "issuer": self.subject.as_ref().map(|subject| &subject.issuer),
            "subject": self.subject.as_ref().map(|subject| &subject.subject),
            "claims": self.said(),
        })
    }
}

/// How many of a kind of failure are kept.
pub const MOST_FAILURES: u32 = 200;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_read_back() {
        for stage in Stage::ALL {
            assert_eq!(Stage::from_key(stage.key()), Some(*stage));
        }
        for kind in Kind::ALL {
            assert_eq!(Kind::from_key(kind.key()), Some(*kind));
        }
        assert_eq!(Kind::from_key("x"), None);
    }
}
