//! Reading an archive that may be cut, damaged, of another program, or made by somebody who wishes us ill.

use std::fs::{File, OpenOptions};
use std::io::{self, BufReader, ErrorKind, Read, Write};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use flate2::bufread::GzDecoder;
use rustix::fs::statvfs;
use sha2::{Digest as _, Sha256};
use tar::{Archive, Entry, EntryType};

use super::{
    BLOCK, CONFIGURATION, DATABASE, FORMAT, MANIFEST, Manifest, PROGRAM, Part, SECRETS, SETTINGS, hex, next_block,
};

const LONGEST_MANIFEST: u64 = 1 << 20;
const LONGEST_TEXT: u64 = 4 << 20;
/// Tar archives end with zeros up to a round length.
const LONGEST_PADDING: u64 = 1 << 20;

/// Why an archive was not read.
#[derive(Debug, thiserror::Error)]
pub enum ArchiveError {
    /// Something else than our archive.
    #[error("it is no backup of this program")]
    NotOurs,
    /// A later version of the program made it.
    #[error("version {0} of the program made it, in a form that this version cannot read: use that version")]
    Newer(String),
    /// It holds something that no backup of ours holds.
    #[error("it holds {0:?}, which belongs to no backup: nothing of it was used")]
    Stranger(String),
    /// It is cut or was changed.
    #[error("it is damaged: {0}")]
    Damaged(String),
    /// There is no room for what is in it.
    #[error("{needed} bytes are needed in {} and {free} are free", dir.display())]
    NoRoom {
        /// Where.
        dir: PathBuf,
        /// How many bytes it needs.
        needed: u64,
        /// How many there are.
        free: u64,
    },
    /// The system refused to read.
    #[error("it cannot be read: {0}")]
    Unreadable(io::Error),
    /// The system refused to write.
    #[error("cannot write {}: {reason}", path.display())]
    Unwritable {
        /// The file.
        path: PathBuf,
        /// What the system says.
        reason: io::Error,
    },
}

impl ArchiveError {
    /// What reading came to: an error of the system, or one about the bytes.
    fn reading(error: io::Error) -> Self {
        match (error.raw_os_error(), error.kind()) {
            (Some(_), _) => Self::Unreadable(error),
            (None, ErrorKind::UnexpectedEof) => Self::Damaged("it ends too early".to_owned()),
            (None, _) => Self::Damaged(error.to_string()),
        }
    }
}

/// Reads a whole archive and checks every part; writes the parts into the empty folder `into`, if one is given.
///
/// # Errors
/// [`ArchiveError`]; parts may lie in the folder then.
pub fn unpack(input: impl Read, into: Option<&Path>) -> Result<Manifest, ArchiveError> {
    let mut archive = Archive::new(GzDecoder::new(BufReader::new(input)));
    let mut entries = archive.entries().map_err(ArchiveError::reading)?.raw(true);
    let mut first = match entries.next() {
        Some(Ok(entry)) => entry,
        Some(Err(error)) if error.raw_os_error().is_some() => return Err(ArchiveError::Unreadable(error)),
        Some(Err(_)) | None => return Err(ArchiveError::NotOurs),
    };
    let manifest = read_manifest(&mut first)?;
    let mut missing = manifest.parts.clone();
    if let Some(dir) = into {
        expect_room(dir, &manifest)?;
    }
    for entry in entries {
        let mut entry = entry.map_err(ArchiveError::reading)?;
        let name = name_of(&entry)?;
        let at = missing.iter().position(|part| part.name == name);
        let part = missing.swap_remove(at.ok_or(ArchiveError::Stranger(name))?);
        take(&mut entry, &part, into)?;
    }
    if let Some(part) = missing.first() {
        return Err(ArchiveError::Damaged(format!("{} is missing", part.name)));
    }
    expect_end(archive.into_inner())?;
    Ok(manifest)
}

fn read_manifest(entry: &mut Entry<'_, impl Read>) -> Result<Manifest, ArchiveError> {
    if name_of(entry).ok().as_deref() != Some(MANIFEST) || entry.size() > LONGEST_MANIFEST {
        return Err(ArchiveError::NotOurs);
    }
    let mut text = String::new();
    entry.read_to_string(&mut text).map_err(ArchiveError::reading)?;
    let any: serde_json::Value = serde_json::from_str(&text).map_err(|_| ArchiveError::NotOurs)?;
    if any["program"] != PROGRAM {
        return Err(ArchiveError::NotOurs);
    }
    if any["format"].as_u64().is_none_or(|format| format > u64::from(FORMAT)) {
        let version = any["version"].as_str().unwrap_or("?");
        return Err(ArchiveError::Newer(
            version.chars().filter(|c| !c.is_control()).take(40).collect(),
        ));
    }
    let manifest: Manifest =
        serde_json::from_value(any).map_err(|error| ArchiveError::Damaged(format!("its manifest: {error}")))?;
    check(&manifest)?;
    Ok(manifest)
}

/// Known names, each once, none too long, and nothing missing without which there is nothing to restore.
fn check(manifest: &Manifest) -> Result<(), ArchiveError> {
    let mut seen: Vec<&str> = Vec::new();
    for part in &manifest.parts {
        let longest = match part.name.as_str() {
            DATABASE => u64::MAX,
            SECRETS | SETTINGS | CONFIGURATION => LONGEST_TEXT,
            _ => return Err(ArchiveError::Stranger(part.name.clone())),
        };
        if part.bytes > longest || seen.contains(&part.name.as_str()) {
            return Err(ArchiveError::Damaged(format!(
                "its manifest says odd things of {}",
                part.name
            )));
        }
        seen.push(&part.name);
    }
    match [DATABASE, SECRETS].iter().find(|name| !seen.contains(name)) {
        Some(name) => Err(ArchiveError::Damaged(format!("{name} is missing"))),
        None => Ok(()),
    }
}

/// The name of a regular file; whatever else an archive can hold does not belong into ours.
fn name_of(entry: &Entry<'_, impl Read>) -> Result<String, ArchiveError> {
    let name = String::from_utf8_lossy(&entry.path_bytes()).into_owned();
    if entry.header().entry_type() == EntryType::Regular {
        Ok(name)
    } else {
        Err(ArchiveError::Stranger(name))
    }
}

fn take(entry: &mut Entry<'_, impl Read>, part: &Part, into: Option<&Path>) -> Result<(), ArchiveError> {
    if entry.size() != part.bytes {
        return Err(ArchiveError::Damaged(format!("{} has another length", part.name)));
    }
    // The name is one of four, not what the archive says.
    let mut output = match into.map(|dir| dir.join(&part.name)) {
        Some(path) => Output::create(path)?,
        None => Output::Nowhere,
    };
    let mut digest = Sha256::new();
    let mut buffer = vec![0; BLOCK];
    while let read @ 1.. = next_block(entry, &mut buffer).map_err(ArchiveError::reading)? {
        digest.update(&buffer[..read]);
        output.write(&buffer[..read])?;
    }
    if hex(&digest.finalize()) != part.sha256 {
        return Err(ArchiveError::Damaged(format!("{} was changed", part.name)));
    }
    output.finish()
}

enum Output {
    Nowhere,
    File(File, PathBuf),
}

impl Output {
    fn create(path: PathBuf) -> Result<Self, ArchiveError> {
        match OpenOptions::new().write(true).create_new(true).mode(0o600).open(&path) {
            Ok(file) => Ok(Self::File(file, path)),
            Err(reason) => Err(ArchiveError::Unwritable { path, reason }),
        }
    }

    fn write(&mut self, bytes: &[u8]) -> Result<(), ArchiveError> {
        self.attempt(|file| file.write_all(bytes))
    }

    fn finish(mut self) -> Result<(), ArchiveError> {
        self.attempt(|file| file.sync_all())
    }

    fn attempt(&mut self, act: impl FnOnce(&mut File) -> io::Result<()>) -> Result<(), ArchiveError> {
        match self {
            Self::Nowhere => Ok(()),
            Self::File(file, path) => act(file).map_err(|reason| ArchiveError::Unwritable {
                path: path.clone(),
                reason,
            }),
        }
    }
}

/// Better to know before the disk is full.
fn expect_room(dir: &Path, manifest: &Manifest) -> Result<(), ArchiveError> {
    let needed = manifest
        .parts
        .iter()
        .fold(0_u64, |sum, part| sum.saturating_add(part.bytes));
    match statvfs(dir) {
        Ok(system) if system.f_bavail.saturating_mul(system.f_frsize) < needed => Err(ArchiveError::NoRoom {
            dir: dir.to_owned(),
            needed,
            free: system.f_bavail.saturating_mul(system.f_frsize),
        }),
        // Where the system cannot tell, writing will.
        Ok(_) | Err(_) => Ok(()),
    }
}

/// Only zeros may follow, and then nothing: whoever cut or added anything is noticed here.
fn expect_end(mut rest: GzDecoder<BufReader<impl Read>>) -> Result<(), ArchiveError> {
    let mut padding = Vec::new();
    (&mut rest)
        .take(LONGEST_PADDING)
        .read_to_end(&mut padding)
        .map_err(ArchiveError::reading)?;
    let mut further = [0];
    let is_over = padding.iter().all(|&byte| byte == 0)
        && rest.read(&mut further).map_err(ArchiveError::reading)? == 0
        && rest.into_inner().read(&mut further).map_err(ArchiveError::reading)? == 0;
    if is_over {
        Ok(())
    } else {
        Err(ArchiveError::Damaged("it goes on after its end".to_owned()))
    }
}
