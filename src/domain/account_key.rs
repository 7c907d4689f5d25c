//! Under which name failed passwords are counted, so that one account is not several: all spellings of an address share a
//! name, whether or not anybody has it. What is counted can therefore not tell whether an account exists.

use sha2::{Digest as _, Sha256};
use unicode_normalization::UnicodeNormalization as _;

use crate::domain::email::Email;
use crate::domain::ids::UserId;

/// Whose failed passwords are counted together. A digest, so that nobody can read addresses out of the counters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct GuessKey([u8; 16]);

impl GuessKey {
    /// The account of an address, known or not, in any spelling: case, dots and a `+tag` in the local part and
    /// compatibility forms of letters (Unicode NFKC) make no difference.
    ///
    /// An account that was found by another name is counted under its own address.
    #[must_use]
    pub fn account(address: &Email) -> Self {
        let spelling = one_spelling(address.local_part());
        Self::of("account", &[spelling.as_bytes(), lower(address.domain()).as_bytes()])
    }

    /// A device from which somebody has logged in to an account before.
    #[must_use]
    pub fn device(account: UserId, number: &[u8; 16]) -> Self {
        Self::of("device", &[account.to_string().as_bytes(), number])
    }

    /// Somebody who is logged in to an account and is asked for its password again.
    #[must_use]
    pub fn owner(account: UserId) -> Self {
        Self::of("owner", &[account.to_string().as_bytes()])
    }

    /// An account whose password was right, and whose second factor is tried.
    #[must_use]
    pub fn second_factor(account: UserId) -> Self {
        Self::of("second factor", &[account.to_string().as_bytes()])
    }

    /// The same device or owner, where codes are counted instead of passwords.
    #[must_use]
    pub fn of_codes(&self) -> Self {
        Self::of("codes", &[self.bytes()])
    }

    /// The 16 bytes for the database.
    #[must_use]
    pub const fn bytes(&self) -> &[u8; 16] {
        &self.0
    }

    fn of(kind: &str, parts: &[&[u8]]) -> Self {
        let mut digest = Sha256::new();
        for part in std::iter::once(kind.as_bytes()).chain(parts.iter().copied()) {
            digest.update((part.len() as u64).to_be_bytes());
            digest.update(part);
        }
        let whole: [u8; 32] = digest.finalize().into();
        let (half, _) = whole.split_first_chunk().expect("SHA-256 has 32 bytes");
        Self(*half)
    }
}

/// A local part without what most mail servers do not look at.
fn one_spelling(local: &str) -> String {
    let plain = lower(local);
    let untagged = match plain.split_once('+') {
        Some((name, _tag)) => name,
        None => &plain,
    };
    let letters: String = untagged.chars().filter(|c| *c != '.').collect();
    // An address that is nothing but a tag is its own.
    if letters.is_empty() { plain } else { letters }
}

/// Lower case and one form for each letter. There and back, because some letters have two lower cases (ς, σ) or two upper
/// cases (ẞ, SS). Changing case can undo the form, so it is made again.
fn lower(text: &str) -> String {
    let cased = text.nfkc().flat_map(char::to_lowercase).flat_map(char::to_uppercase);
    cased.flat_map(char::to_lowercase).nfkc().collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::time::Timestamp;

    fn key(address: &str) -> GuessKey {
        GuessKey::account(&Email::from_row(address.to_owned()))
    }

    #[test]
    fn spellings_of_one_account_are_counted_together() {
        for spelling in [
            "ADA@EXAMPLE.ORG",
            "a.d.a@example.org",
            "ada+letters@example.org",
            "A.da+a+b@Example.org",
            "\u{ff41}\u{ff44}\u{ff41}@example.org",
            "ada\u{ff0b}x@example.org",
            "\u{1d4d0}da@example.org",
        ] {
            assert_eq!(key(spelling), key("ada@example.org"), "{spelling}");
        }
        assert_eq!(key("e\u{301}ve@example.org"), key("\u{c9}VE@example.org"));
        assert_eq!(key("ada@xn--bcher-kva.example"), key("ada@XN--BCHER-KVA.example"));
    }

    #[test]
    fn every_letter_is_counted_with_its_other_cases() {
        for letter in ('\u{80}'..='\u{2fff}').filter(|letter| letter.is_alphabetic()) {
            let address = key(&format!("{letter}@example.org"));
            for other in [letter.to_lowercase().to_string(), letter.to_uppercase().to_string()] {
                assert_eq!(address, key(&format!("{other}@example.org")), "{letter} {other}");
            }
        }
    }

    #[test]
    fn different_accounts_are_counted_apart() {
        let addresses = [
            "ada@example.org",
            "ada@example.com",
            "ada@sub.example.org",
            "ada@exampleorg.org",
            "adam@example.org",
            "ada-x@example.org",
            "+ada@example.org",
            "+@example.org",
            "\u{430}da@example.org",
        ];
        for (at, one) in addresses.iter().enumerate() {
            for other in &addresses[at + 1..] {
                assert_ne!(key(one), key(other), "{one} {other}");
            }
        }
    }

    #[test]
    fn devices_and_owners_are_counted_for_one_account_only() {
        let id = |random| UserId::new(Timestamp::from_seconds(0), [random; 8]);
        let device = GuessKey::device(id(1), &[7; 16]);
        assert_ne!(device, GuessKey::device(id(2), &[7; 16]));
        assert_ne!(device, GuessKey::device(id(1), &[8; 16]));
        assert_ne!(GuessKey::owner(id(1)), GuessKey::owner(id(2)));
    }
}
