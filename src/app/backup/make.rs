//! Making a backup while the server runs: a verified copy of the database, the keys in force, and the configuration in use.

use std::fs;
use std::io::{self, BufWriter, ErrorKind, Write};
use std::path::{Path, PathBuf};

use super::archive::Archive;
use super::{BackupError, Manifest, database, failed};
use crate::config::{Config, spelt_secrets};
use crate::crypto::age::{Encrypting, Work};
use crate::crypto::seal::fingerprint;
use crate::domain::secret::{Entropy, Secret};
use crate::domain::time::Timestamp;
use crate::store::archive::{About, CONFIGURATION, Content, DATABASE, Piece, SECRETS, SETTINGS, pack};
use crate::store::backup::copy_out;
use crate::store::fresh_file::FreshFile;

/// What makes backups differ from each other.
#[derive(Clone, Copy)]
pub struct Circumstances<'a> {
    /// The present moment.
    pub now: Timestamp,
    /// For encrypting.
    pub entropy: &'a dyn Entropy,
    /// With what it is encrypted, if at all.
    pub passphrase: Option<&'a Secret>,
}

/// Makes a backup of the installation with this configuration in a new file. Blocks; works beside a running server, and
/// neither migrates nor changes anything. The file appears when it is complete and was read back.
///
/// # Errors
/// [`BackupError`]; then there is no file, or the one that was to be replaced is as it was.
pub fn into_file(
    config: &Config,
    path: &Path,
    may_replace: bool,
    how: Circumstances<'_>,
) -> Result<Manifest, BackupError> {
    // A name that is taken is worth knowing before the work begins.
    let mut fresh = FreshFile::create(path, may_replace).map_err(failed("write", path))?;
    let (about, pieces) = contents(config, how.now)?;
    let manifest = write(&mut fresh, about, &pieces, how).map_err(failed("write", path))?;
    read_back(&mut fresh, path, how.passphrase)?;
    fresh.publish(may_replace).map_err(failed("write", path))?;
    Ok(manifest)
}

/// As [`into_file`], into a stream.
///
/// # Errors
/// [`BackupError`]; then what was written is no backup.
pub fn into_stream(config: &Config, output: impl Write, how: Circumstances<'_>) -> Result<Manifest, BackupError> {
    let (about, pieces) = contents(config, how.now)?;
    write(output, about, &pieces, how).map_err(failed("write", Path::new("standard output")))
}

fn contents(config: &Config, now: Timestamp) -> Result<(About, Vec<Piece>), BackupError> {
    let copied = copy_out(&database(&config.data_dir))?;
    let about = About {
        version: env!("CARGO_PKG_VERSION"),
        made_at: now,
        schema: copied.schema,
        key: fingerprint(&config.secrets.creds_key),
        elsewhere: config.written.elsewhere.clone(),
    };
    Ok((about, pieces(config, copied.file)?))
}

fn write(output: impl Write, about: About, pieces: &[Piece], how: Circumstances<'_>) -> io::Result<Manifest> {
    let output = BufWriter::new(output);
    let (mut output, manifest) = match how.passphrase {
        None => pack(output, about, pieces)?,
        Some(passphrase) => {
            let encrypting = Encrypting::start(output, passphrase, Work::RECOMMENDED, how.entropy)?;
            let (encrypting, manifest) = pack(encrypting, about, pieces)?;
            (encrypting.finish()?, manifest)
        }
    };
    output.flush()?;
    Ok(manifest)
}

/// A backup that does not read back is none.
fn read_back(fresh: &mut FreshFile, path: &Path, passphrase: Option<&Secret>) -> Result<(), BackupError> {
    let written = fresh.written().map_err(failed("read", path))?;
    let read = Archive::from_reader(written, path.display().to_string())?.read(passphrase, None);
    match read {
        Ok(_) => Ok(()),
        Err(BackupError::Unusable { reason, .. }) => Err(BackupError::Unsound {
            path: path.to_owned(),
            reason,
        }),
        Err(other) => Err(other),
    }
}

fn pieces(config: &Config, copy: fs::File) -> Result<Vec<Piece>, BackupError> {
    let keys = spelt_secrets(&config.secrets).ok_or(BackupError::UnspeakableKey)?;
    let mut pieces = vec![
        Piece {
            name: DATABASE,
            content: Content::File(copy),
        },
        Piece {
            name: SECRETS,
            content: Content::Text(keys),
        },
    ];
    let files: [(&'static str, Option<PathBuf>); 2] = [
        (SETTINGS, Some(config.data_dir.join(SETTINGS))),
        (CONFIGURATION, config.written.file.clone()),
    ];
    for (name, path) in files.into_iter().filter_map(|(name, path)| Some((name, path?))) {
        match fs::read_to_string(&path) {
            Ok(text) => pieces.push(Piece {
                name,
                content: Content::Text(Secret::new(text)),
            }),
            Err(error) if error.kind() == ErrorKind::NotFound => {}
            Err(error) => return Err(failed("read", &path)(error)),
        }
    }
    Ok(pieces)
}
