//! Encryption of what must not be readable in the database: AES-256-GCM (NIST SP 800-38D) with a key derived from
//! `CREDS_KEY`, bound to the place where the text belongs, so that no row can be passed off as another.

use std::fmt;

use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;
use zeroize::Zeroizing;

use crate::domain::secret::Secret;

/// Bytes of randomness that one sealing needs.
pub const RANDOM: usize = NONCE_LEN;

/// The first byte of everything sealed: which cipher and which key.
const VERSION: u8 = 1;

/// The server's key for sealing, prepared once.
pub struct Sealer {
    key: LessSafeKey,
}

impl Sealer {
    /// Derives the key. As with the other secrets, the text's UTF-8 bytes are what counts.
    #[must_use]
    pub fn new(creds_key: &Secret) -> Self {
        Self {
            key: LessSafeKey::new(derived(creds_key)),
        }
    }

    /// With a key of 32 random bytes; `None` for any other number of bytes.
    pub(super) fn with_key(key: &[u8]) -> Option<Self> {
        let key = UnboundKey::new(&AES_256_GCM, key).ok()?;
        Some(Self {
            key: LessSafeKey::new(key),
        })
    }

    /// Seals `plain` for the place that `context` names, such as `second_factors/6662…`.
    #[must_use]
    pub fn seal(&self, context: &str, plain: &[u8], random: [u8; RANDOM]) -> Vec<u8> {
        let sealed = encrypted(&self.key, context, plain, random);
        [&[VERSION], random.as_slice(), &sealed].concat()
    }

    /// Opens what was sealed for the same place; `None` if anything about it was changed, or the key is another.
    #[must_use]
    pub fn open(&self, context: &str, sealed: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
        let (version, rest) = sealed.split_first()?;
        let (random, rest) = rest.split_first_chunk::<RANDOM>()?;
        if *version != VERSION {
            return None;
        }
        let mut plain = Zeroizing::new(rest.to_vec());
        let nonce = Nonce::assume_unique_for_key(*random);
        let length = self
            .key
            .open_in_place(nonce, Aad::from(context.as_bytes()), &mut plain)
            .ok()?
            .len();
        plain.truncate(length);
        Some(plain)
    }
}

fn derived(creds_key: &Secret) -> UnboundKey {
    let bytes = mac(creds_key, b"librechat-auth sealed column v1");
    UnboundKey::new(&AES_256_GCM, bytes.as_slice()).expect("the cipher's key has 32 bytes")
}

fn encrypted(key: &LessSafeKey, context: &str, plain: &[u8], random: [u8; RANDOM]) -> Vec<u8> {
    let mut sealed = plain.to_vec();
    let nonce = Nonce::assume_unique_for_key(random);
    key.seal_in_place_append_tag(nonce, Aad::from(context.as_bytes()), &mut sealed)
        .expect("the cipher takes 64 GiB at once");
    sealed
}

/// What tells one sealing key from another and nothing about it.
#[must_use]
pub fn fingerprint(creds_key: &Secret) -> String {
    let bytes = mac(creds_key, b"librechat-auth key fingerprint v1");
    let digits = bytes.iter().take(8).flat_map(|byte| [byte >> 4, byte & 15]);
    digits.filter_map(|digit| char::from_digit(digit.into(), 16)).collect()
}

fn mac(creds_key: &Secret, label: &[u8]) -> Zeroizing<[u8; 32]> {
    let mut mac = Hmac::<Sha256>::new_from_slice(creds_key.expose().as_bytes())
        .expect("HMAC takes keys of any length (RFC 2104 §2)");
    mac.update(label);
    Zeroizing::new(mac.finalize().into_bytes().into())
}

impl fmt::Debug for Sealer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Sealer(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sealer(key: &str) -> Sealer {
        Sealer::new(&Secret::new(key.repeat(64)))
    }

    #[test]
    fn what_is_sealed_opens_in_its_place_only() {
        let sealed = sealer("a").seal("here", b"a secret", [7; RANDOM]);
        assert!(!sealed.windows(8).any(|part| part == b"a secret"));
        let opened = sealer("a").open("here", &sealed);
        assert_eq!(opened.as_deref().map(Vec::as_slice), Some(b"a secret".as_slice()));
        assert!(sealer("a").open("there", &sealed).is_none());
        assert!(sealer("b").open("here", &sealed).is_none());
    }

    #[test]
    fn nothing_that_was_changed_opens() {
        let sealed = sealer("a").seal("here", b"a secret", [7; RANDOM]);
        for at in 0..sealed.len() {
            let mut changed = sealed.clone();
            changed[at] ^= 1;
            assert!(sealer("a").open("here", &changed).is_none(), "byte {at}");
            assert!(sealer("a").open("here", &sealed[..at]).is_none(), "cut at {at}");
        }
    }
}
