//! The lock that a running server holds on its data directory, so that there is never a second one.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{Read as _, Seek as _, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

/// The lock's file name in the data directory. The file stays; the system frees the lock when its holder ends.
const FILE: &str = "serve.lock";

/// Held as long as this value lives.
#[derive(Debug)]
pub struct ServeLock {
    _file: File,
}

/// Why the lock could not be had, in one sentence that says what to do.
#[derive(Debug, thiserror::Error)]
pub enum LockError {
    /// Another process holds it.
    #[error("librechat-auth is already running on {}{}: stop it first", dir.display(), process(*pid))]
    Running {
        /// The data directory.
        dir: PathBuf,
        /// The other process, if it has written its number down.
        pid: Option<u32>,
    },
    /// The lock file cannot be used.
    #[error("cannot lock {}: {reason}", path.display())]
    Unusable {
        /// The lock file.
        path: PathBuf,
        /// What the system says.
        reason: String,
    },
}

impl ServeLock {
    /// Takes the lock of a data directory without waiting, and notes this process in it.
    ///
    /// # Errors
    /// [`LockError::Running`] while another holder lives; [`LockError::Unusable`] if the file cannot be written.
    pub fn acquire(data_dir: &Path) -> Result<Self, LockError> {
        let path = data_dir.join(FILE);
        let unusable = |error: std::io::Error| LockError::Unusable {
            path: path.clone(),
            reason: error.to_string(),
        };
        let mut file = file_options().create(true).open(&path).map_err(unusable)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                return Err(LockError::Running {
                    dir: data_dir.to_owned(),
                    pid: holder(&mut file),
                });
            }
            Err(TryLockError::Error(error)) => return Err(unusable(error)),
        }
        note(&mut file).map_err(unusable)?;
        Ok(Self { _file: file })
    }
}

/// Looks whether another process than this one holds the lock.
///
/// # Errors
/// [`LockError::Running`] if one does.
pub(super) fn refuse_others(data_dir: &Path) -> Result<(), LockError> {
    let Ok(mut file) = file_options().open(data_dir.join(FILE)) else {
        return Ok(());
    };
    let held = matches!(file.try_lock(), Err(TryLockError::WouldBlock));
    let pid = holder(&mut file);
    if held && pid != Some(std::process::id()) {
        let dir = data_dir.to_owned();
        return Err(LockError::Running { dir, pid });
    }
    Ok(())
}

fn file_options() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.read(true).write(true).truncate(false).mode(0o600);
    options
}

fn note(file: &mut File) -> std::io::Result<()> {
    file.set_len(0)?;
    file.rewind()?;
    writeln!(file, "{}", std::process::id())
}

fn holder(file: &mut File) -> Option<u32> {
    let mut text = String::new();
    file.take(32).read_to_string(&mut text).ok()?;
    text.trim().parse().ok()
}

fn process(pid: Option<u32>) -> String {
    pid.map_or_else(String::new, |pid| format!(" (process {pid})"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_lock_names_the_first_holder_until_that_one_ends() {
        let dir = tempfile::tempdir().expect("a directory");
        let first = ServeLock::acquire(dir.path()).expect("free");
        match ServeLock::acquire(dir.path()) {
            Err(LockError::Running { pid, .. }) => assert_eq!(pid, Some(std::process::id())),
            other => panic!("{other:?}"),
        }
        drop(first);
        assert!(ServeLock::acquire(dir.path()).is_ok());
    }

    #[test]
    fn a_missing_directory_is_said_by_name() {
        let dir = tempfile::tempdir().expect("a directory");
        let error = ServeLock::acquire(&dir.path().join("missing")).expect_err("no directory");
        assert!(error.to_string().contains("missing/serve.lock"), "{error}");
    }
}
