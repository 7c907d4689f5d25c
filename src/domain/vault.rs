//! Who keeps personal data of the audit log readable only as long as somebody's key exists, and signs the log.
//!
//! Rooms that store may not seal; they are handed a [`Vault`] and keep what it gives them.

use std::fmt;

use zeroize::Zeroizing;

/// Seals under keys that are kept elsewhere, each of them sealed itself.
pub trait Vault: fmt::Debug + Send + Sync {
    /// A new random key for `owner`, sealed: what is kept of it.
    fn new_key(&self, owner: &str) -> Vec<u8>;

    /// Seals `plain` for `place` under a key of `owner`; `None` if the key cannot be opened.
    fn seal(&self, owner: &str, key: &[u8], place: &str, plain: &[u8]) -> Option<Vec<u8>>;

    /// Opens what was sealed for the same place; `None` if the key or the text is another.
    fn open(&self, owner: &str, key: &[u8], place: &str, sealed: &[u8]) -> Option<Zeroizing<Vec<u8>>>;

    /// What only this installation can say of `message`.
    fn sign(&self, message: &[u8]) -> [u8; 32];
}
