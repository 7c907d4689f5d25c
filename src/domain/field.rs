//! What is wrong with one field of a form. `Display` has LibreChat's words for its API; pages translate the rule.

use std::fmt;

/// A rule that a field can break.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rule {
    /// It is not there.
    Required,
    /// It is of another JSON type, named as LibreChat names it.
    NotText(&'static str),
    /// It is optional, and of another JSON type.
    InvalidInput,
    /// Fewer characters than this.
    TooShort(usize),
    /// More characters than this.
    TooLong(usize),
    /// A password of nothing but white space.
    OnlySpaces,
    /// Not an e-mail address.
    InvalidEmail,
    /// An e-mail address of a domain that may not register.
    DomainNotAllowed,
    /// Characters of a script that LibreChat does not take, or control characters.
    InvalidCharacters,
    /// Text that LibreChat takes for an injection.
    Injection,
    /// The password and its repetition differ.
    Mismatch,
    /// One of the passwords that everybody guesses first.
    TooCommon,
    /// The password is not the account's.
    WrongPassword,
    /// There is no password to ask for, and the last login is too long ago to do without.
    SignInAgain,
    /// An account has this already; said only where that is no secret.
    Taken,
}

impl fmt::Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Required => f.write_str("Required"),
            Self::NotText(kind) => write!(f, "Expected string, received {kind}"),
            Self::InvalidInput => f.write_str("Invalid input"),
            Self::TooShort(least) => write!(f, "String must contain at least {least} character(s)"),
            Self::TooLong(most) => write!(f, "String must contain at most {most} character(s)"),
            Self::OnlySpaces => f.write_str("Password cannot be only spaces"),
            Self::InvalidEmail => f.write_str("Invalid email"),
            Self::DomainNotAllowed => {
                f.write_str("The email address provided cannot be used. Please use a different email address.")
            }
            Self::InvalidCharacters => f.write_str("Invalid characters in username"),
            Self::Injection => f.write_str("Potential injection attack detected"),
            Self::Mismatch => f.write_str("The passwords did not match"),
            Self::TooCommon => f.write_str("This password is on the list of the most common ones; choose another"),
            Self::WrongPassword => f.write_str("Incorrect password."),
            Self::SignInAgain => f.write_str("Sign in again first"),
            Self::Taken => f.write_str("A user with that email or username already exists!"),
        }
    }
}

/// A field and the rule it breaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Issue {
    /// The field's name on the wire.
    pub field: &'static str,
    /// What is wrong.
    pub rule: Rule,
}

impl Issue {
    /// One broken rule.
    #[must_use]
    pub const fn new(field: &'static str, rule: Rule) -> Self {
        Self { field, rule }
    }
}

/// All issues as LibreChat joins them: `field: message field: message`. It reports a mismatch without a field's name, and
/// a user name's characters with it.
#[must_use]
pub fn joined(issues: &[Issue]) -> String {
    let text = |Issue { field, rule }: &Issue| match rule {
        Rule::Mismatch => format!(": {rule}"),
        Rule::InvalidCharacters => format!("{field}: Invalid characters in {field}"),
        _ => format!("{field}: {rule}"),
    };
    issues.iter().map(text).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn issues_are_joined_by_one_blank() {
        let issues = [
            Issue::new("email", Rule::InvalidEmail),
            Issue::new("password", Rule::TooShort(8)),
        ];
        assert_eq!(
            joined(&issues),
            "email: Invalid email password: String must contain at least 8 character(s)"
        );
    }

    #[test]
    fn a_mismatch_has_no_field_name() {
        assert_eq!(
            joined(&[Issue::new("confirm_password", Rule::Mismatch)]),
            ": The passwords did not match"
        );
    }
}
