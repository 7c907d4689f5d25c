//! The vault of the audit log: a random key for each person, itself sealed with the server's, so that whatever was sealed
//! under it is gone for good once it is destroyed; and what signs the log.

use std::fmt;
use std::sync::Arc;

use aws_lc_rs::hmac;
use zeroize::Zeroizing;

use super::seal::{RANDOM, Sealer};
use crate::domain::secret::{Entropy, Secret};
use crate::domain::vault::Vault;

/// What the key that signs is derived for.
const SIGNING: &[u8] = b"librechat-auth audit head v1";

/// Bytes of a key.
const KEY: usize = 32;

/// Keys of people, sealed with a key derived from `CREDS_KEY`.
pub struct AuditVault {
    master: Sealer,
    signing: hmac::Key,
    entropy: Arc<dyn Entropy>,
}

impl AuditVault {
    /// Derives the keys.
    #[must_use]
    pub fn new(creds_key: &Secret, entropy: Arc<dyn Entropy>) -> Self {
        let root = hmac::Key::new(hmac::HMAC_SHA256, creds_key.expose().as_bytes());
        Self {
            master: Sealer::new(creds_key),
            signing: hmac::Key::new(hmac::HMAC_SHA256, hmac::sign(&root, SIGNING).as_ref()),
            entropy,
        }
    }

    fn random<const N: usize>(&self) -> [u8; N] {
        let mut bytes = [0; N];
        self.entropy.fill(&mut bytes);
        bytes
    }

    fn opened(&self, owner: &str, key: &[u8]) -> Option<Sealer> {
        let bytes = self.master.open(&context(owner), key)?;
        Sealer::with_key(&bytes)
    }
}

impl Vault for AuditVault {
    fn new_key(&self, owner: &str) -> Vec<u8> {
        let key = Zeroizing::new(self.random::<KEY>());
        self.master
            .seal(&context(owner), key.as_slice(), self.random::<RANDOM>())
    }

    fn seal(&self, owner: &str, key: &[u8], place: &str, plain: &[u8]) -> Option<Vec<u8>> {
        Some(self.opened(owner, key)?.seal(place, plain, self.random::<RANDOM>()))
    }

    fn open(&self, owner: &str, key: &[u8], place: &str, sealed: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
        self.opened(owner, key)?.open(place, sealed)
    }

    fn sign(&self, message: &[u8]) -> [u8; 32] {
        let tag = hmac::sign(&self.signing, message);
        let mut bytes = [0; 32];
        bytes.copy_from_slice(tag.as_ref());
        bytes
    }
}

fn context(owner: &str) -> String {
    format!("audit_keys/{owner}")
}

impl fmt::Debug for AuditVault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("AuditVault(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicU8, Ordering};

    /// Other bytes each time.
    #[derive(Default)]
    struct Counting(AtomicU8);

    impl Entropy for Counting {
        fn fill(&self, bytes: &mut [u8]) {
            bytes.fill(self.0.fetch_add(1, Ordering::Relaxed));
        }
    }

    fn vault(key: &str) -> AuditVault {
        AuditVault::new(&Secret::new(key.repeat(64)), Arc::new(Counting::default()))
    }

    #[test]
    fn what_is_sealed_opens_with_its_owners_key_in_its_place_only() {
        let vault = vault("a");
        let (ada, bob) = (vault.new_key("ada"), vault.new_key("bob"));
        let sealed = vault.seal("ada", &ada, "origin/1", b"192.0.2.7").expect("sealed");
        let opened = vault.open("ada", &ada, "origin/1", &sealed);
        assert_eq!(opened.as_deref().map(Vec::as_slice), Some(b"192.0.2.7".as_slice()));
        assert!(vault.open("ada", &ada, "origin/2", &sealed).is_none());
        assert!(vault.open("ada", &bob, "origin/1", &sealed).is_none());
        assert!(vault.open("bob", &bob, "origin/1", &sealed).is_none());
        // A key is nobody else's.
        assert!(vault.seal("bob", &ada, "origin/1", b"x").is_none());
        let destroyed = vec![0; ada.len()];
        assert!(vault.open("ada", &destroyed, "origin/1", &sealed).is_none());
    }

    #[test]
    fn another_server_neither_opens_nor_signs() {
        let (here, there) = (vault("a"), vault("b"));
        let key = here.new_key("ada");
        assert!(there.seal("ada", &key, "origin/1", b"x").is_none());
        assert_ne!(here.sign(b"head"), there.sign(b"head"));
        assert_eq!(here.sign(b"head"), here.sign(b"head"));
    }
}
