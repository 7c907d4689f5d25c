//! API keys: what a program holds that comes in somebody's name. `lca_`, forty characters for 200 random bits, and seven for
//! a checksum, so that scanners find lost ones without asking anybody.

use crate::domain::access::{Host, HostPattern};
use crate::domain::secret::{Secret, TokenDigest};
use crate::domain::time::Timestamp;

/// What every key starts with.
pub const PREFIX: &str = "lca_";
/// How somebody came who came with a key.
pub const METHOD: &str = "api_key";
/// Most keys of one account.
pub const MOST: usize = 50;
/// Longest name of a key, in characters.
pub const LONGEST_NAME: usize = 60;

const ALPHABET: &[u8; 32] = b"abcdefghijklmnopqrstuvwxyz234567";
const RANDOM_CHARACTERS: usize = 40;
const CHECK_CHARACTERS: usize = 7;

/// The text of a new key, shown once.
#[must_use]
pub fn reveal(random: [u8; 25]) -> Secret {
    let body = base32(&random);
    let check = checksum(&body);
    Secret::new(format!("{PREFIX}{body}{check}"))
}

/// The digest of what may be a key; `None` for what no key looks like, checksum included.
#[must_use]
pub fn digest(text: &str) -> Option<TokenDigest> {
    let rest = text.strip_prefix(PREFIX)?;
    let (body, check) = rest.split_at_checked(RANDOM_CHARACTERS)?;
    let is_whole = rest.len() == RANDOM_CHARACTERS + CHECK_CHARACTERS && checksum(body) == check;
    is_whole.then(|| TokenDigest::of(text.as_bytes()))
}

/// Eight characters for five bytes (RFC 4648 §6, in lower case).
fn base32(bytes: &[u8]) -> String {
    let mut text = String::new();
    for five in bytes.chunks(5) {
        let bits = five.iter().fold(0_u64, |bits, byte| bits << 8 | u64::from(*byte));
        let bits = bits << (8 * (5 - five.len()));
        for place in (0..8).rev() {
            text.push(letter(bits >> (5 * place)));
        }
    }
    text
}

fn letter(bits: u64) -> char {
    let at = usize::try_from(bits & 31).unwrap_or(0);
    char::from(ALPHABET[at])
}

/// CRC-32 (ISO 3309) of the text, in seven characters.
fn checksum(text: &str) -> String {
    let mut crc = u32::MAX;
    for byte in text.bytes() {
        crc ^= u32::from(byte);
        for _ in 0..8 {
            crc = (crc >> 1) ^ (0xEDB8_8320 & (crc & 1).wrapping_neg());
        }
    }
    let bits = u64::from(!crc);
    (0..CHECK_CHARACTERS)
        .rev()
        .map(|place| letter(bits >> (5 * place)))
        .collect()
}

/// What a key opens. None of them changes the owner's account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// Other programs behind forward-auth.
    Door,
    /// Reading in the API.
    ApiRead,
    /// Writing in the API.
    ApiWrite,
    /// Reading what the admin pages show, for an admin or an auditor.
    AdminRead,
    /// Doing what the admin pages do, for an admin.
    AdminWrite,
}

impl Scope {
    /// Every scope there is.
    pub const ALL: [Self; 5] = [
        Self::Door,
        Self::ApiRead,
        Self::ApiWrite,
        Self::AdminRead,
        Self::AdminWrite,
    ];

    /// The stable key.
    #[must_use]
    pub const fn key(self) -> &'static str {
        match self {
            Self::Door => "door",
            Self::ApiRead => "api_read",
            Self::ApiWrite => "api_write",
            Self::AdminRead => "admin_read",
            Self::AdminWrite => "admin_write",
        }
    }

    /// From its key.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|scope| scope.key() == text)
    }
}

/// What a request needs of a key.
#[derive(Clone, Copy, Debug)]
pub enum Need<'h> {
    /// To pass the door to this host.
    Door(&'h Host),
    /// To read in the API.
    ApiRead,
    /// To write in the API.
    ApiWrite,
    /// To read what the admin pages show.
    AdminRead,
    /// To do what the admin pages do.
    AdminWrite,
}

/// A key as its owner sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ApiKey {
    /// Row number.
    pub id: i64,
    /// What its owner calls it.
    pub name: String,
    /// What it opens.
    pub scopes: Vec<Scope>,
    /// Which hosts behind forward-auth; none means all.
    pub hosts: Vec<HostPattern>,
    /// When it was made.
    pub created_at: Timestamp,
    /// From then on it opens nothing.
    pub expires_at: Option<Timestamp>,
    /// The last use, to within a minute.
    pub last_used_at: Option<Timestamp>,
}

impl ApiKey {
    /// Whether it opens what a request needs.
    #[must_use]
    pub fn opens(&self, need: Need<'_>) -> bool {
        match need {
            Need::Door(host) => {
                let is_for_host = self.hosts.is_empty() || self.hosts.iter().any(|pattern| pattern.fits(host));
                self.scopes.contains(&Scope::Door) && is_for_host
            }
            Need::ApiRead => self.scopes.contains(&Scope::ApiRead),
            Need::ApiWrite => self.scopes.contains(&Scope::ApiWrite),
            Need::AdminRead => self.scopes.contains(&Scope::AdminRead),
            Need::AdminWrite => self.scopes.contains(&Scope::AdminWrite),
        }
    }

    /// Whether its time is not over.
    #[must_use]
    pub fn is_live(&self, now: Timestamp) -> bool {
        self.expires_at.is_none_or(|end| now < end)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(scopes: &[Scope], hosts: &[&str]) -> ApiKey {
        ApiKey {
            id: 1,
            name: "backup".to_owned(),
            scopes: scopes.to_vec(),
            hosts: hosts
                .iter()
                .map(|host| HostPattern::parse(host).expect("a host"))
                .collect(),
            created_at: Timestamp::from_seconds(1),
            expires_at: Some(Timestamp::from_seconds(9)),
            last_used_at: None,
        }
    }

    #[test]
    fn a_key_reads_back_and_a_misspelt_one_does_not() {
        let secret = reveal([7; 25]);
        let text = secret.expose();
        assert_eq!(text.len(), 51);
        assert!(text.starts_with("lca_") && digest(text).is_some());
        for at in 4..text.len() {
            let mut wrong = text.to_owned();
            let other = if &text[at..=at] == "a" { "b" } else { "a" };
            wrong.replace_range(at..=at, other);
            assert_eq!(digest(&wrong), None, "{at}");
        }
        for wrong in [
            "",
            "lca_",
            "lca_x",
            &text[1..],
            &text[..50],
            &format!("{text}a"),
            "lca_\u{e4}\u{e4}",
        ] {
            assert_eq!(digest(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn the_checksum_is_the_usual_crc() {
        // CRC-32 of "123456789" is CBF43926.
        let bits = 0xCBF4_3926_u64;
        let expected: String = (0..7).rev().map(|place| letter(bits >> (5 * place))).collect();
        assert_eq!(checksum("123456789"), expected);
        assert_eq!(base32(b"hello"), "nbswy3dp");
    }

    #[test]
    fn a_key_opens_what_its_scopes_say() {
        let host = |text| Host::parse(text).expect("a host");
        let door = key(&[Scope::Door], &["app.example.org"]);
        assert!(door.opens(Need::Door(&host("app.example.org"))));
        assert!(!door.opens(Need::Door(&host("b.example.org"))) && !door.opens(Need::ApiRead));
        assert!(key(&[Scope::Door], &[]).opens(Need::Door(&host("b.example.org"))));
        let reader = key(&[Scope::ApiRead], &[]);
        assert!(reader.opens(Need::ApiRead) && !reader.opens(Need::ApiWrite));
        assert!(!reader.opens(Need::Door(&host("app.example.org"))));
        assert!(reader.is_live(Timestamp::from_seconds(8)) && !reader.is_live(Timestamp::from_seconds(9)));
    }
}
