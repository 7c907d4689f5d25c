//! A backup that is to be read: a file or a stream, perhaps encrypted.

use std::fs::File;
use std::io::{BufRead as _, BufReader, Read};
use std::path::Path;

use super::{BackupError, Manifest};
use crate::crypto::age::{self, AgeError, Decrypting};
use crate::domain::secret::Secret;
use crate::store;
use crate::store::archive::{ArchiveError, unpack};

/// How SQLite's files begin.
const SQLITE: &[u8] = b"SQLite format 3\0";

/// The backup; reading it uses it up.
pub struct Archive<'a> {
    input: BufReader<Box<dyn Read + 'a>>,
    shown: String,
    is_encrypted: bool,
}

impl<'a> Archive<'a> {
    /// Opens a file.
    ///
    /// # Errors
    /// If it cannot be read.
    pub fn open(file: &Path) -> Result<Self, BackupError> {
        let shown = file.display().to_string();
        let opened = File::open(file).and_then(|opened| {
            if opened.metadata()?.is_dir() {
                return Err(std::io::ErrorKind::IsADirectory.into());
            }
            Ok(opened)
        });
        match opened {
            Ok(opened) => Self::from_reader(opened, shown),
            Err(error) => Err(BackupError::Unusable {
                shown,
                reason: format!("it cannot be read: {error}"),
            }),
        }
    }

    /// Takes whatever can be read, such as standard input; people know it as `shown`.
    ///
    /// # Errors
    /// If it cannot be read.
    pub fn from_reader(input: impl Read + 'a, shown: String) -> Result<Self, BackupError> {
        let mut input = BufReader::new(Box::new(input) as Box<dyn Read>);
        let reason = match input.fill_buf() {
            Ok(start) if start.starts_with(SQLITE) => {
                "it is a database alone: put it back with `librechat-auth db restore`".to_owned()
            }
            Ok(start) => {
                let is_encrypted = age::is_encrypted(start);
                return Ok(Self {
                    input,
                    shown,
                    is_encrypted,
                });
            }
            Err(error) => format!("it cannot be read: {error}"),
        };
        Err(BackupError::Unusable { shown, reason })
    }

    /// Whether it takes a passphrase.
    #[must_use]
    pub fn is_encrypted(&self) -> bool {
        self.is_encrypted
    }

    /// As people know it.
    #[must_use]
    pub fn shown(&self) -> &str {
        &self.shown
    }

    /// Reads and checks all of it; writes the parts into an empty folder, if one is given. Blocks.
    ///
    /// # Errors
    /// [`BackupError::Locked`] without a passphrase where one is needed, [`BackupError::Unusable`].
    pub fn read(self, passphrase: Option<&Secret>, into: Option<&Path>) -> Result<Manifest, BackupError> {
        let Self {
            input,
            shown,
            is_encrypted,
        } = self;
        let unusable = |reason: String| BackupError::Unusable {
            shown: shown.clone(),
            reason,
        };
        let manifest = match passphrase {
            None if is_encrypted => return Err(BackupError::Locked(shown)),
            Some(passphrase) if is_encrypted => {
                let plain =
                    Decrypting::open(input, passphrase).map_err(|error: AgeError| unusable(error.to_string()))?;
                unpack(plain, into)
            }
            Some(_) | None => unpack(input, into),
        };
        manifest.map_err(|error: ArchiveError| unusable(error.to_string()))
    }

    /// As [`Archive::read`], if this version of the program can use what is in it.
    ///
    /// # Errors
    /// As [`Archive::read`], and if it was made by a later version.
    pub fn read_usable(self, passphrase: Option<&Secret>, into: &Path) -> Result<Manifest, BackupError> {
        let shown = self.shown.clone();
        let manifest = self.read(passphrase, Some(into))?;
        let known = store::latest_version();
        if manifest.schema > known {
            let reason = format!(
                "it has schema version {}, made by version {} of the program, and this one knows versions up to {known}: \
                 use that version",
                manifest.schema, manifest.version
            );
            return Err(BackupError::Unusable { shown, reason });
        }
        Ok(manifest)
    }
}
