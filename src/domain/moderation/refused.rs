//! A refusal that somebody may ask about: every 401, 403 and 429 carries a reference number.

use crate::domain::ids::UserId;
use crate::domain::time::Timestamp;

/// Letters and digits that are not mistaken for each other when read aloud (Crockford's base 32).
const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/// What is remembered of a refusal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refused {
    /// The number that its sender was given.
    pub reference: String,
    /// When.
    pub at: Timestamp,
    /// HTTP status.
    pub status: u16,
    /// The key of the refusal.
    pub cause: String,
    /// Method and route.
    pub route: String,
    /// The client's address.
    pub address: String,
    /// How the address was found: by which header, through which peer.
    pub derived: String,
    /// Who, if the request was authenticated.
    pub user: Option<UserId>,
}

/// A reference number of eight characters from five random bytes, such as `K7QW-3M9P`.
#[must_use]
pub fn reference(random: [u8; 5]) -> String {
    let bits = random.iter().fold(0_u64, |bits, byte| bits << 8 | u64::from(*byte));
    let letter = |place: u32| char::from(ALPHABET[usize::try_from(bits >> (5 * place) & 31).unwrap_or(0)]);
    let text: String = (0..8).rev().map(letter).collect();
    format!("{}-{}", &text[..4], &text[4..])
}

/// Reads a reference number as people pass it on: in any case, with or without its dash, and with the letters I, L and O
/// for the digits they look like. `None` if it is none.
#[must_use]
pub fn read_reference(text: &str) -> Option<String> {
    let text = text.trim();
    let compact = match text.split_once('-') {
        Some((left, right)) if left.chars().count() == 4 => format!("{left}{right}"),
        Some(_) => return None,
        None => text.to_owned(),
    };
    let meant = |c: char| match c.to_ascii_uppercase() {
        'I' | 'L' => '1',
        'O' => '0',
        other => other,
    };
    let letters: String = compact.chars().map(meant).collect();
    let is_one = letters.len() == 8 && letters.bytes().all(|letter| ALPHABET.contains(&letter));
    is_one.then(|| format!("{}-{}", &letters[..4], &letters[4..]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_are_read_as_people_write_them() {
        for text in ["K7QW-3M10", "k7qw3m10", " k7qw-3mIo "] {
            assert_eq!(read_reference(text).as_deref(), Some("K7QW-3M10"), "{text}");
        }
        for bad in [
            "",
            "K7QW",
            "K7QW-3M1",
            "K7Q-W3M10",
            "K7QW-3M1U",
            "ada@example.org",
            "K7QW--3M1",
            "é7QW-3M1",
        ] {
            assert_eq!(read_reference(bad), None, "{bad}");
        }
    }

    #[test]
    fn references_are_eight_plain_characters() {
        assert_eq!(reference([0; 5]), "0000-0000");
        assert_eq!(reference([0xff; 5]), "ZZZZ-ZZZZ");
        assert_eq!(reference([0, 0, 0, 0, 1]), "0000-0001");
    }
}
