//! A folder for the time of one piece of work, for its owner only.

use std::fs::{self, DirBuilder};
use std::os::unix::fs::DirBuilderExt as _;
use std::path::{Path, PathBuf};

use super::{BackupError, failed};
use crate::domain::secret::Entropy;

/// The folder; it goes with everything in it when this goes.
#[derive(Debug)]
pub(super) struct Workshop(PathBuf);

impl Workshop {
    /// Makes one below `parent`, under a name that nobody can guess.
    pub(super) fn new(parent: &Path, entropy: &dyn Entropy) -> Result<Self, BackupError> {
        let mut number = [0; 8];
        entropy.fill(&mut number);
        let path = parent.join(format!(".librechat-auth-{:016x}", u64::from_le_bytes(number)));
        DirBuilder::new()
            .mode(0o700)
            .create(&path)
            .map_err(failed("make the folder", &path))?;
        Ok(Self(path))
    }

    pub(super) fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for Workshop {
    fn drop(&mut self) {
        if let Err(error) = fs::remove_dir_all(&self.0) {
            tracing::warn!(folder = %self.0.display(), %error, "a folder for temporary files could not be removed");
        }
    }
}
