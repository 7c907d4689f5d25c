//! What went wrong between us and a provider, in words for whoever set it up. No secret and no token is in them.

use std::fmt;

/// Why a provider's answer, or its silence, is no proof of anything.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Trouble {
    /// It could not be reached, or did not answer as the protocol says; what was asked for, and what came.
    Unreachable {
        /// What was asked for, such as `the token endpoint`.
        what: &'static str,
        /// What happened.
        cause: String,
    },
    /// It sent the person back with an error.
    SaidNo {
        /// The error's code.
        error: String,
        /// What it says more.
        description: String,
    },
    /// It refused the code.
    CodeRefused {
        /// The error's code.
        error: String,
        /// What it says more.
        description: String,
    },
    /// The provider did not take a refresh token that it had issued.
    RefreshRefused {
        /// Its code.
        error: String,
        /// What it says more.
        description: String,
    },
    /// It calls itself otherwise than the configuration.
    OtherIssuer {
        /// What was expected.
        expected: String,
        /// What came.
        said: String,
    },
    /// The way back names another issuer, or none although this one always does (RFC 9207).
    MixedUp {
        /// What came.
        said: Option<String>,
    },
    /// The token is none, or not of the kind that was asked for.
    Malformed(&'static str),
    /// It is signed with an algorithm that is not accepted.
    Algorithm(String),
    /// No published key has the name that the token says.
    UnknownKey(String),
    /// A published key has that name, but did not make this signature.
    BadSignature,
    /// The token is meant for somebody else.
    Audience(String),
    /// A claim is absent or of another type than the standard says.
    Claim(&'static str),
    /// The token is from the future.
    ClockAhead {
        /// By how many seconds.
        seconds: i64,
    },
    /// The token is over.
    Expired {
        /// Since how many seconds.
        seconds: i64,
    },
    /// The token belongs to another attempt.
    Nonce,
    /// The access token is not the one that the ID token speaks of.
    AccessToken,
    /// Userinfo speaks of somebody else.
    OtherSubject,
    /// It says nothing by which the person could be known again.
    NoSubject,
    /// Our own key cannot sign what the provider wants.
    OwnKey,
}

impl Trouble {
    /// What could not be reached, and why.
    #[must_use]
    pub fn unreachable(what: &'static str, cause: impl Into<String>) -> Self {
        Self::Unreachable {
            what,
            cause: cause.into(),
        }
    }

    /// The stable key, the same in the log and in records.
    #[must_use]
    pub const fn key(&self) -> &'static str {
        match self {
            Self::Unreachable { .. } => "provider_unreachable",
            Self::SaidNo { .. } => "provider_said_no",
            Self::CodeRefused { .. } => "code_refused",
            Self::RefreshRefused { .. } => "refresh_refused",
            Self::OtherIssuer { .. } => "other_issuer",
            Self::MixedUp { .. } => "mixed_up",
            Self::Malformed(_) => "malformed_token",
            Self::Algorithm(_) => "algorithm",
            Self::UnknownKey(_) => "unknown_key",
            Self::BadSignature => "bad_signature",
            Self::Audience(_) => "audience",
            Self::Claim(_) => "claim",
            Self::ClockAhead { .. } => "clock_ahead",
            Self::Expired { .. } => "token_expired",
            Self::Nonce => "nonce",
            Self::AccessToken => "access_token",
            Self::OtherSubject => "other_subject",
            Self::NoSubject => "no_subject",
            Self::OwnKey => "own_key",
        }
    }

    /// Whether the provider does not take us for the client that we say we are.
    #[must_use]
    pub fn is_of_the_client(&self) -> bool {
        match self {
            Self::CodeRefused { error, .. } | Self::RefreshRefused { error, .. } => error == "invalid_client",
            _ => false,
        }
    }

    /// Whether trying again later may help without anybody changing anything.
    #[must_use]
    pub const fn is_passing(&self) -> bool {
        matches!(self, Self::Unreachable { .. })
    }
}

impl fmt::Display for Trouble {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unreachable { what, cause } => write!(f, "{what} does not answer as it should: {cause}"),
            Self::SaidNo { error, description } => {
                write!(f, "the provider sent the person back with {}", said(error, description))
            }
            Self::CodeRefused { error, description } => code_refused(f, error, description),
            Self::RefreshRefused { error, description } => write!(
                f,
                "the provider refused to renew its tokens with {}",
                said(error, description)
            ),
            Self::OtherIssuer { expected, said } => write!(
                f,
                "the issuer calls itself {said}, and {expected} is configured; write the one it calls itself"
            ),
            Self::MixedUp { said: Some(said) } => write!(
                f,
                "the way back names the issuer {said}, which is not the one that was asked (RFC 9207)"
            ),
            Self::MixedUp { said: None } => f.write_str(
                "the way back names no issuer, although this provider promises to name itself there (RFC 9207)",
            ),
            Self::Malformed(what) => write!(f, "the provider sent {what}"),
            Self::Algorithm(name) => write!(
                f,
                "the ID token is signed with {name}, which is not accepted: let the provider use RS256, ES256 or EdDSA"
            ),
            Self::UnknownKey(name) => write!(
                f,
                "the ID token is signed with a key called {name}, which the provider does not publish"
            ),
            Self::BadSignature => f.write_str("the ID token's signature is wrong"),
            Self::Audience(said) => write!(
                f,
                "the ID token is meant for {said}, not for our client id: is the client id right?"
            ),
            Self::Claim(name) => write!(f, "the token has no proper claim {name}"),
            Self::ClockAhead { seconds } => write!(f, "the provider's clock is {seconds} s ahead of ours"),
            Self::Expired { seconds } => write!(
                f,
                "the ID token is over for {seconds} s: the provider's clock is behind ours, or the way took too long"
            ),
            Self::Nonce => f.write_str("the ID token was made for another attempt"),
            Self::AccessToken => f.write_str("the access token is not the one that the ID token speaks of"),
            Self::OtherSubject => f.write_str("userinfo speaks of somebody else than the ID token"),
            Self::NoSubject => f.write_str("the provider does not say who the person is"),
            Self::OwnKey => f.write_str("the private key that was configured cannot sign"),
        }
    }
}

/// The errors that operators meet while they set a provider up, with what to do.
fn code_refused(f: &mut fmt::Formatter<'_>, error: &str, description: &str) -> fmt::Result {
    let hint = match error {
        "invalid_client" | "unauthorized_client" | "incorrect_client_credentials" => {
            "; client id, client secret or the way it is sent is wrong"
        }
        "redirect_uri_mismatch" => "; the redirect URI is not registered there",
        "invalid_grant" | "bad_verification_code" => {
            "; the code was used before or is too old, or the redirect URI is not registered there"
        }
        "invalid_scope" => "; the provider does not know one of the scopes",
        _ => "",
    };
    write!(
        f,
        "the provider refused the code with {}{hint}",
        said(error, description)
    )
}

fn said(error: &str, description: &str) -> String {
    if description.is_empty() {
        format!("\"{error}\"")
    } else {
        format!("\"{error}\" ({description})")
    }
}

/// Text of a stranger for our own records: short, in one line, and without anything that hides or turns text around.
#[must_use]
pub fn quoted(text: &str) -> String {
    const MOST: usize = 200;
    let plain = text.chars().filter(|c| !crate::domain::name::is_deceptive(*c));
    let mut quoted: String = plain.take(MOST).collect();
    if text.chars().count() > MOST {
        quoted.push('…');
    }
    quoted
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_strangers_say_is_quoted_briefly_and_in_one_line() {
        assert_eq!(quoted("no\r\nSet-Cookie: a\u{202e}b"), "noSet-Cookie: ab");
        assert_eq!(quoted(&"x".repeat(500)).chars().count(), 201);
    }

    #[test]
    fn verdicts_say_what_to_do() {
        let refused = |error: &str| Trouble::CodeRefused {
            error: error.to_owned(),
            description: String::new(),
        };
        assert!(refused("invalid_client").to_string().contains("client secret"));
        assert!(refused("redirect_uri_mismatch").to_string().contains("not registered"));
        let ahead = Trouble::ClockAhead { seconds: 94 };
        assert_eq!(ahead.to_string(), "the provider's clock is 94 s ahead of ours");
    }
}
