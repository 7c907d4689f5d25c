//! An e-mail address: parsed once, lower-cased, then trusted to be well-formed.

use std::fmt;

use email_address::EmailAddress;

use crate::domain::guest;

/// An address with a dotted, ASCII domain, lower-cased. Two addresses are one account if they are equal here.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Email(String);

/// The text is no address that can have an account.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("Invalid email")]
pub struct BadEmail;

impl Email {
    /// Reads an address. As in LibreChat: ASCII, no blanks around, a dotted domain whose last label has two letters or more.
    ///
    /// # Errors
    /// [`BadEmail`] for anything else, quoted local parts, address literals and more than 254 bytes included.
    pub fn parse(text: &str) -> Result<Self, BadEmail> {
        let plain = text.is_ascii() && text.len() <= 254 && !text.contains(['"', '[', '(', ' ']);
        if !plain || !EmailAddress::is_valid(text) {
            return Err(BadEmail);
        }
        let (_, domain) = text.split_once('@').ok_or(BadEmail)?;
        let (rest, top) = domain.rsplit_once('.').ok_or(BadEmail)?;
        let dotted = !rest.is_empty() && top.len() >= 2 && top.chars().all(|c| c.is_ascii_alphabetic());
        if dotted {
            Ok(Self(text.to_ascii_lowercase()))
        } else {
            Err(BadEmail)
        }
    }

    /// From the database, where only parsed addresses are.
    #[must_use]
    pub fn from_row(text: String) -> Self {
        Self(text)
    }

    /// The address.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The part before the `@`.
    #[must_use]
    pub fn local_part(&self) -> &str {
        self.0.split_once('@').map_or(self.0.as_str(), |(local, _)| local)
    }

    /// The part after the `@`.
    #[must_use]
    pub fn domain(&self) -> &str {
        self.0.split_once('@').map_or("", |(_, domain)| domain)
    }

    /// Whether the domain is in `allowed`; an empty list allows all (contract §6.8: exact, no subdomains). The guests'
    /// address is nobody's.
    #[must_use]
    pub fn is_allowed(&self, allowed: &[String]) -> bool {
        let is_listed = allowed.iter().any(|domain| domain.eq_ignore_ascii_case(self.domain()));
        self.0 != guest::EMAIL && (allowed.is_empty() || is_listed)
    }
}

impl fmt::Display for Email {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_lower_cased() {
        assert_eq!(
            Email::parse("Ada@Example.ORG").map(|e| e.to_string()),
            Ok("ada@example.org".to_owned())
        );
    }

    #[test]
    fn what_is_no_address_is_refused() {
        let long = format!("{}@example.org", "a".repeat(250));
        for bad in [
            "",
            "ada",
            "ada@",
            "@example.org",
            "ada@localhost",
            "ada@example.o",
            "ada@example.o1",
            " ada@example.org",
            "ada@example.org ",
            "ada@[127.0.0.1]",
            "\"ada\"@example.org",
            "ada@exämple.org",
            "ada@.org",
            "a b@example.org",
            "ada@example.org\n",
            "ada@@example.org",
            "ada@example..org",
            &long,
        ] {
            assert_eq!(Email::parse(bad), Err(BadEmail), "{bad:?}");
        }
    }

    #[test]
    fn allowed_domains_are_exact() {
        let ada = Email::parse("ada@example.org").expect("valid");
        assert!(ada.is_allowed(&[]));
        assert!(ada.is_allowed(&["Example.org".into()]));
        assert!(!ada.is_allowed(&["org".into(), "sub.example.org".into()]));
    }
}
