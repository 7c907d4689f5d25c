//! Everything of an installation in one file: a compressed tar archive with a manifest before the parts.
//!
//! What is read back is believed only as far as the manifest can be checked: known names, regular files, announced
//! lengths, digests. Nothing is ever written under a name that an archive chose.

use std::fs::File;
use std::io::{self, Read, Write};

use flate2::Compression;
use flate2::write::GzEncoder;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use tar::{Builder, EntryType, Header};

use crate::domain::hex::hex;
use crate::domain::secret::Secret;
use crate::domain::time::Timestamp;

mod unpack;

pub use unpack::{ArchiveError, unpack};

/// The database.
pub const DATABASE: &str = "librechat-auth.db";
/// The keys in force.
pub const SECRETS: &str = "secrets.env";
/// What the pages decided.
pub const SETTINGS: &str = "settings.toml";
/// The configuration in use.
pub const CONFIGURATION: &str = "librechat-auth.toml";

const MANIFEST: &str = "manifest.json";
const PROGRAM: &str = "librechat-auth";
/// Grows when an older program could not read the archive any more.
const FORMAT: u32 = 1;
/// Bytes at a time.
const BLOCK: usize = 64 * 1024;

/// What an archive says of itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    format: u32,
    program: String,
    /// The version of the program that made it.
    pub version: String,
    /// When it was made, for people.
    pub made_at: String,
    made_at_ms: Timestamp,
    /// The schema version of the database.
    pub schema: i64,
    /// What identifies the key that seals values in the database, without telling it.
    pub key: String,
    /// Settings that were decided outside the files in the archive.
    pub elsewhere: Vec<String>,
    /// What is in it.
    pub parts: Vec<Part>,
}

/// One file of an archive.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Part {
    /// Its name.
    pub name: String,
    /// Its length.
    pub bytes: u64,
    /// SHA-256 in hexadecimal digits.
    pub sha256: String,
}

/// What there is to say of a new archive.
#[derive(Clone, Debug)]
pub struct About {
    /// The version of this program.
    pub version: &'static str,
    /// When.
    pub made_at: Timestamp,
    /// As [`Manifest::schema`].
    pub schema: i64,
    /// As [`Manifest::key`].
    pub key: String,
    /// As [`Manifest::elsewhere`].
    pub elsewhere: Vec<String>,
}

/// A file to be put into an archive.
pub struct Piece {
    /// One of the four names.
    pub name: &'static str,
    /// What is in it.
    pub content: Content,
}

/// Where a piece is.
pub enum Content {
    /// In a file, from its beginning.
    File(File),
    /// Here.
    Text(Secret),
}

impl Manifest {
    /// When the archive was made.
    #[must_use]
    pub fn made_at(&self) -> Timestamp {
        self.made_at_ms
    }

    /// The part of that name.
    #[must_use]
    pub fn part(&self, name: &str) -> Option<&Part> {
        self.parts.iter().find(|part| part.name == name)
    }
}

impl Content {
    fn reader(&self) -> io::Result<Box<dyn Read + '_>> {
        use std::io::Seek as _;
        Ok(match self {
            Self::File(file) => {
                (&*file).rewind()?;
                Box::new(file)
            }
            Self::Text(text) => Box::new(text.expose().as_bytes()),
        })
    }
}

/// Writes an archive.
///
/// # Errors
/// If a piece cannot be read, or the output not be written.
pub fn pack<W: Write>(output: W, about: About, pieces: &[Piece]) -> io::Result<(W, Manifest)> {
    let manifest = Manifest {
        format: FORMAT,
        program: PROGRAM.to_owned(),
        version: about.version.to_owned(),
        made_at: about.made_at.to_string(),
        made_at_ms: about.made_at,
        schema: about.schema,
        key: about.key,
        elsewhere: about.elsewhere,
        parts: pieces.iter().map(described).collect::<io::Result<_>>()?,
    };
    let mut archive = Builder::new(GzEncoder::new(output, Compression::fast()));
    let text = serde_json::to_vec_pretty(&manifest)?;
    append(
        &mut archive,
        MANIFEST,
        text.len() as u64,
        text.as_slice(),
        about.made_at,
    )?;
    for (piece, part) in pieces.iter().zip(&manifest.parts) {
        let content = piece.content.reader()?.take(part.bytes);
        append(&mut archive, piece.name, part.bytes, content, about.made_at)?;
    }
    let output = archive.into_inner()?.finish()?;
    Ok((output, manifest))
}

fn described(piece: &Piece) -> io::Result<Part> {
    let (mut reader, mut digest) = (piece.content.reader()?, Sha256::new());
    let (mut bytes, mut buffer) = (0, vec![0; BLOCK]);
    while let read @ 1.. = next_block(&mut reader, &mut buffer)? {
        digest.update(&buffer[..read]);
        bytes += read as u64;
    }
    Ok(Part {
        name: piece.name.to_owned(),
        bytes,
        sha256: hex(&digest.finalize()),
    })
}

fn append<W: Write>(
    archive: &mut Builder<W>,
    name: &str,
    bytes: u64,
    content: impl Read,
    made_at: Timestamp,
) -> io::Result<()> {
    let mut header = Header::new_ustar();
    header.set_path(name)?;
    header.set_entry_type(EntryType::Regular);
    header.set_size(bytes);
    header.set_mode(0o600);
    header.set_mtime(made_at.seconds().unsigned_abs());
    header.set_cksum();
    archive.append(&header, content)
}

/// Reads what is there, at most a buffer full; 0 is the end.
fn next_block(reader: &mut impl Read, buffer: &mut [u8]) -> io::Result<usize> {
    loop {
        match reader.read(buffer) {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            outcome => return outcome,
        }
    }
}

#[cfg(test)]
mod tests;
