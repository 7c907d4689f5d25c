//! Digests of backup codes. A code has 32 bits, which any plain digest would give away within seconds: these are keyed with
//! a key derived from `CREDS_KEY`, so that a stolen database alone says nothing, and salted, so that no two are alike.

use std::fmt;

use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;

use crate::domain::ids::UserId;
use crate::domain::second_factor::BackupCode;
use crate::domain::secret::{Secret, TokenDigest};

/// Random bytes beside each code.
pub const SALT_BYTES: usize = 16;

/// The server's key for backup codes, prepared once.
pub struct CodeDigester(Hmac<Sha256>);

impl CodeDigester {
    /// Derives the key.
    #[must_use]
    pub fn new(creds_key: &Secret) -> Self {
        let mut kdf = keyed(creds_key.expose().as_bytes());
        kdf.update(b"librechat-auth backup codes v1");
        Self(keyed(&kdf.finalize().into_bytes()))
    }

    /// The digest of a code of one account.
    #[must_use]
    pub fn digest(&self, account: UserId, salt: &[u8; SALT_BYTES], code: &BackupCode) -> TokenDigest {
        // All parts but the last have a fixed length.
        let mut mac = self.0.clone();
        mac.update(account.to_string().as_bytes());
        mac.update(salt);
        mac.update(code.expose().as_bytes());
        TokenDigest::from_bytes(mac.finalize().into_bytes().into())
    }
}

impl fmt::Debug for CodeDigester {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("CodeDigester(…)")
    }
}

fn keyed(key: &[u8]) -> Hmac<Sha256> {
    Hmac::new_from_slice(key).expect("HMAC takes keys of any length (RFC 2104 §2)")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::time::Timestamp;

    #[test]
    fn key_account_salt_and_code_all_matter() {
        let id = |random| UserId::new(Timestamp::from_seconds(0), [random; 8]);
        let code = BackupCode::new([1, 2, 3, 4]);
        let digester = |key: &str| CodeDigester::new(&Secret::new(key));
        let digest = digester("a").digest(id(1), &[7; SALT_BYTES], &code);
        assert_eq!(digest, digester("a").digest(id(1), &[7; SALT_BYTES], &code));
        for other in [
            digester("b").digest(id(1), &[7; SALT_BYTES], &code),
            digester("a").digest(id(2), &[7; SALT_BYTES], &code),
            digester("a").digest(id(1), &[8; SALT_BYTES], &code),
            digester("a").digest(id(1), &[7; SALT_BYTES], &BackupCode::new([1, 2, 3, 5])),
        ] {
            assert_ne!(digest, other);
        }
    }
}
