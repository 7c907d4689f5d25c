//! Files encrypted with a passphrase, in the format of the `age` program (age-encryption.org/v1 with the scrypt
//! recipient), so that they can be opened without us.
//!
//! ```text
//!   passphrase ─ scrypt ─► wrapping key ─ opens ─► file key ─ HKDF ─┬─► header key: the HMAC over the header
//!                                                                   └─► payload key: chunks of 64 KiB, numbered
//! ```

use std::io::{self, Read, Write};

use aws_lc_rs::aead::{Aad, CHACHA20_POLY1305, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use aws_lc_rs::hkdf::{HKDF_SHA256, Salt};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;
use zeroize::Zeroizing;

use crate::domain::secret::{Entropy, Secret};

mod stream;

pub use stream::{Decrypting, Encrypting};

/// What every such file begins with.
pub const START: &[u8] = b"age-encryption.org/v1\n";

const ARMOUR: &str = "-----BEGIN AGE ENCRYPTED FILE-----";
const SCRYPT_LABEL: &[u8] = b"age-encryption.org/v1/scrypt";
const SALT_BYTES: usize = 16;
const FILE_KEY_BYTES: usize = 16;
const NONCE_BYTES: usize = 16;
const TAG_BYTES: usize = 16;
/// No header with one recipient is longer.
const LONGEST_LINE: usize = 256;
/// Beyond it a passphrase would take 2 GiB of memory to try.
const MOST_WORK: u8 = 20;

/// How much work a try at the passphrase takes: 2ⁿ rounds of scrypt, each with 1 KiB of memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Work(pub u8);

impl Work {
    /// What scrypt's authors and OWASP recommend for passphrases: 128 MiB.
    pub const RECOMMENDED: Self = Self(scrypt::Params::RECOMMENDED_LOG_N);
}

/// Why a file cannot be opened.
#[derive(Debug, thiserror::Error)]
pub enum AgeError {
    /// It does not begin as such files do.
    #[error("it is not encrypted in the age format")]
    NotEncrypted,
    /// The text form.
    #[error("it is in age's text form: turn it into the binary one with `age -d FILE | age -p > NEW`")]
    Armoured,
    /// Encrypted to public keys.
    #[error("it is encrypted to keys and not with a passphrase: decrypt it with `age -d -i KEY` first")]
    OtherRecipient,
    /// Trying a passphrase would take too much memory.
    #[error(
        "its passphrase is protected by 2^{0} rounds of scrypt, which need too much memory: decrypt it with `age -d`"
    )]
    TooExpensive(u8),
    /// The passphrase is another.
    #[error("the passphrase is wrong")]
    WrongPassphrase,
    /// The header was changed or cut.
    #[error("its header is damaged")]
    Damaged,
    /// The file cannot be read.
    #[error(transparent)]
    Io(#[from] io::Error),
}

/// Whether a file that begins with these bytes is encrypted.
#[must_use]
pub fn is_encrypted(start: &[u8]) -> bool {
    start.starts_with(START) || start.starts_with(ARMOUR.as_bytes())
}

impl<W: Write> Encrypting<W> {
    /// Writes the header; what is written from then on is encrypted.
    ///
    /// # Errors
    /// If the output cannot be written.
    pub fn start(mut output: W, passphrase: &Secret, work: Work, entropy: &dyn Entropy) -> io::Result<Self> {
        let mut file_key = Zeroizing::new([0; FILE_KEY_BYTES]);
        entropy.fill(&mut *file_key);
        let (mut salt, mut nonce) = ([0; SALT_BYTES], [0; NONCE_BYTES]);
        entropy.fill(&mut salt);
        entropy.fill(&mut nonce);
        let wrapped = wrapped(&file_key, &wrapping_key(passphrase, &salt, work));
        let salt = STANDARD_NO_PAD.encode(salt);
        let wrapped = STANDARD_NO_PAD.encode(wrapped);
        let header = format!("age-encryption.org/v1\n-> scrypt {salt} {}\n{wrapped}\n---", work.0);
        let code = STANDARD_NO_PAD.encode(header_mac(&file_key, &header).finalize().into_bytes());
        output.write_all(format!("{header} {code}\n").as_bytes())?;
        output.write_all(&nonce)?;
        Ok(Self::with_key(output, payload_key(&file_key, &nonce)))
    }
}

impl<R: Read> Decrypting<R> {
    /// Reads the header and tries the passphrase; what is read from then on is decrypted.
    ///
    /// # Errors
    /// [`AgeError`].
    pub fn open(mut input: R, passphrase: &Secret) -> Result<Self, AgeError> {
        let header = Header::read(&mut input)?;
        let mut wrapped = header.wrapped;
        let file_key = wrapping_key(passphrase, &header.salt, header.work)
            .open_in_place(Nonce::assume_unique_for_key([0; NONCE_LEN]), Aad::empty(), &mut wrapped)
            .map_err(|_| AgeError::WrongPassphrase)?;
        let file_key = Zeroizing::new(<[u8; FILE_KEY_BYTES]>::try_from(&*file_key).map_err(|_| AgeError::Damaged)?);
        header_mac(&file_key, &header.text)
            .verify_slice(&header.code)
            .map_err(|_| AgeError::Damaged)?;
        let mut nonce = [0; NONCE_BYTES];
        input.read_exact(&mut nonce).map_err(cut)?;
        Ok(Self::with_key(input, payload_key(&file_key, &nonce)))
    }
}

struct Header {
    salt: [u8; SALT_BYTES],
    work: Work,
    wrapped: [u8; FILE_KEY_BYTES + TAG_BYTES],
    /// What the code is about.
    text: String,
    code: [u8; 32],
}

impl Header {
    fn read(input: &mut impl Read) -> Result<Self, AgeError> {
        match line(input)?.as_str() {
            "age-encryption.org/v1" => {}
            ARMOUR => return Err(AgeError::Armoured),
            _ => return Err(AgeError::NotEncrypted),
        }
        let recipient = line(input)?;
        let Some(arguments) = recipient.strip_prefix("-> scrypt ") else {
            return Err(if recipient.starts_with("-> ") {
                AgeError::OtherRecipient
            } else {
                AgeError::Damaged
            });
        };
        let (salt, work) = arguments.split_once(' ').ok_or(AgeError::Damaged)?;
        let (body, end) = (line(input)?, line(input)?);
        let code = end.strip_prefix("--- ").ok_or(AgeError::Damaged)?;
        Ok(Self {
            salt: decoded(salt)?,
            work: parsed_work(work)?,
            wrapped: decoded(&body)?,
            text: format!("age-encryption.org/v1\n{recipient}\n{body}\n---"),
            code: decoded(code)?,
        })
    }
}

fn parsed_work(text: &str) -> Result<Work, AgeError> {
    let is_canonical =
        (1..=2).contains(&text.len()) && !text.starts_with('0') && text.bytes().all(|c| c.is_ascii_digit());
    match text.parse() {
        Ok(work) if is_canonical && work <= MOST_WORK => Ok(Work(work)),
        Ok(work) if is_canonical => Err(AgeError::TooExpensive(work)),
        _ => Err(AgeError::Damaged),
    }
}

fn decoded<const N: usize>(text: &str) -> Result<[u8; N], AgeError> {
    let bytes = STANDARD_NO_PAD.decode(text).map_err(|_| AgeError::Damaged)?;
    bytes.try_into().map_err(|_| AgeError::Damaged)
}

/// A line without its end; bytes that follow stay unread.
fn line(input: &mut impl Read) -> Result<String, AgeError> {
    let mut bytes = Vec::new();
    let mut byte = [0];
    while bytes.len() < LONGEST_LINE {
        input.read_exact(&mut byte).map_err(cut)?;
        if byte == *b"\n" {
            return String::from_utf8(bytes).map_err(|_| AgeError::Damaged);
        }
        bytes.push(byte[0]);
    }
    Err(AgeError::NotEncrypted)
}

fn cut(error: io::Error) -> AgeError {
    match error.kind() {
        io::ErrorKind::UnexpectedEof => AgeError::Damaged,
        _ => AgeError::Io(error),
    }
}

fn wrapping_key(passphrase: &Secret, salt: &[u8; SALT_BYTES], work: Work) -> LessSafeKey {
    let parameters = scrypt::Params::new(work.0, scrypt::Params::RECOMMENDED_R, scrypt::Params::RECOMMENDED_P)
        .expect("the work is bounded");
    let mut key = Zeroizing::new([0; 32]);
    let salt = [SCRYPT_LABEL, salt].concat();
    scrypt::scrypt(passphrase.expose().as_bytes(), &salt, &parameters, &mut *key).expect("32 bytes can be derived");
    cipher(&key)
}

/// Each wrapping key seals one file key only, so its nonce is fixed.
fn wrapped(file_key: &[u8; FILE_KEY_BYTES], wrapping: &LessSafeKey) -> Vec<u8> {
    let mut wrapped = file_key.to_vec();
    wrapping
        .seal_in_place_append_tag(Nonce::assume_unique_for_key([0; NONCE_LEN]), Aad::empty(), &mut wrapped)
        .expect("the cipher takes 256 GiB at once");
    wrapped
}

fn payload_key(file_key: &[u8; FILE_KEY_BYTES], nonce: &[u8; NONCE_BYTES]) -> LessSafeKey {
    cipher(&derived(file_key, nonce, b"payload"))
}

fn header_mac(file_key: &[u8; FILE_KEY_BYTES], header: &str) -> Hmac<Sha256> {
    let mut mac = Hmac::new_from_slice(&*derived(file_key, &[], b"header")).expect("HMAC takes keys of any length");
    mac.update(header.as_bytes());
    mac
}

/// HKDF with SHA-256 (RFC 5869).
fn derived(file_key: &[u8; FILE_KEY_BYTES], salt: &[u8], purpose: &[u8]) -> Zeroizing<[u8; 32]> {
    let mut key = Zeroizing::new([0; 32]);
    Salt::new(HKDF_SHA256, salt)
        .extract(file_key)
        .expand(&[purpose], HKDF_SHA256)
        .and_then(|material| material.fill(&mut *key))
        .expect("32 bytes can be derived");
    key
}

fn cipher(key: &[u8; 32]) -> LessSafeKey {
    LessSafeKey::new(UnboundKey::new(&CHACHA20_POLY1305, key).expect("the cipher's key has 32 bytes"))
}

#[cfg(test)]
mod tests;
