//! Why somebody whom a provider vouches for, or would, does not get in. Each has a stable key: the login page and the log
//! say the same thing.

macro_rules! denials {
    ($($(#[$doc:meta])* $variant:ident = $key:literal,)+) => {
        /// A reason to turn somebody away who comes from a provider.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum Denial { $($(#[$doc])* $variant,)+ }

        impl Denial {
            /// Every reason there is.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)+];

            /// The stable key, the same in addresses, in records and in the log.
            #[must_use]
            pub const fn key(self) -> &'static str {
                match self { $(Self::$variant => $key,)+ }
            }
        }
    };
}

denials! {
    /// No provider of that name can be used to log in.
    NoProvider = "no_provider",
    /// The provider does not answer as it should.
    ProviderDown = "provider_down",
    /// The person or the provider said no.
    Cancelled = "cancelled",
    /// What came back is no proof.
    BadAnswer = "bad_answer",
    /// The attempt is over, was finished already, or belongs to another browser.
    AttemptOver = "attempt_over",
    /// Nobody may log in this way.
    LoginOff = "login_off",
    /// No new account is made this way.
    SignUpOff = "sign_up_off",
    /// Nothing may be connected to an account this way.
    ConnectOff = "connect_off",
    /// The address is of a domain that may not come in.
    Domain = "domain",
    /// Only some domains may come in, and the address was not proved.
    EmailUnproved = "email_unproved",
    /// The provider named no address, and an account needs one.
    EmailMissing = "email_missing",
    /// Somebody has that address already.
    AccountExists = "account_exists",
    /// The identity belongs to another account.
    ConnectedElsewhere = "connected_elsewhere",
    /// Somebody who was to prove who they are is somebody else at the provider.
    OtherPerson = "other_person",
    /// The account is locked.
    Locked = "locked",
    /// The account waits for an admin.
    Waiting = "waiting",
    /// The time of the account is over.
    Over = "over",
    /// The person is known, but lacks the role that is required.
    RoleMissing = "role_missing",
    /// The person, or the address they come from, is banned.
    Banned = "banned",
    /// Too many attempts.
    TooMany = "too_many",
    /// Too much to do at the moment.
    Busy = "busy",
}

impl Denial {
    /// From the key in an address; `None` for anything else.
    #[must_use]
    pub fn from_key(key: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|denial| denial.key() == key)
    }

    /// What the operator is told, where nothing more is known.
    #[must_use]
    pub const fn verdict(self) -> &'static str {
        match self {
            Self::NoProvider => "there is no provider of that name",
            Self::ProviderDown => "the provider does not answer as it should",
            Self::Cancelled => "the person, or the provider, said no",
            Self::BadAnswer => "the provider sent neither a code nor an error",
            Self::AttemptOver => "it was finished in another session than the one in which it began",
            Self::LoginOff => "nobody may log in this way (setting login)",
            Self::SignUpOff => "no account is made this way (setting sign_up), and the person has none",
            Self::ConnectOff => "nothing may be connected this way (setting connect)",
            Self::Domain => "the address is of no domain that may come in (settings domains, accounts.allowed_domains)",
            Self::EmailUnproved => {
                "only some domains may come in, and the provider does not say that the address is proved"
            }
            Self::EmailMissing => "the provider named no address, and a new account needs one",
            Self::AccountExists => {
                "an account has this address and is not connected to the provider; its owner signs in the old way once"
            }
            Self::ConnectedElsewhere => "the identity is connected to another account",
            Self::OtherPerson => "whoever was to prove again who they are is somebody else at the provider",
            Self::Locked => "the account is locked",
            Self::Waiting => "the account waits for an admin",
            Self::Over => "the time that an admin gave the account is over",
            Self::RoleMissing => "the required role is absent",
            Self::Banned => "the account or the address is banned",
            Self::TooMany => "too many attempts",
            Self::Busy => "the server had too much to do",
        }
    }

    /// Whether it is the account that keeps somebody out whom the provider could let in.
    #[must_use]
    pub const fn is_at_the_door(self) -> bool {
        matches!(
            self,
            Self::Locked | Self::Waiting | Self::Over | Self::Banned | Self::TooMany | Self::Busy
        )
    }

    /// The code under which LibreChat's client knows it (contract §6.3).
    #[must_use]
    pub const fn librechat_code(self) -> &'static str {
        match self {
            Self::TooMany => "auth_rate_limited",
            Self::Banned => "auth_banned",
            _ => "auth_failed",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_read_back() {
        for denial in Denial::ALL {
            assert_eq!(Denial::from_key(denial.key()), Some(*denial));
        }
        assert_eq!(Denial::from_key("<b>"), None);
    }
}
