//! Backups that the server makes by itself, once a day, and how old the newest one is.
//!
//! The files say everything: a backup in the folder was read back before it got its name, and its name has its time.

use std::fs::{self, DirBuilder};
use std::io::ErrorKind;
use std::os::unix::fs::DirBuilderExt as _;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::time::Duration;

use super::make::{Circumstances, into_file};
use super::{BackupError, Manifest, failed};
use crate::app::App;
use crate::config::Config;
use crate::domain::time::Timestamp;

/// How often the server looks whether a backup is due.
pub const LOOK_EVERY: Duration = Duration::from_mins(1);

/// From then on a missing backup is something to worry about.
pub const WORRY_AFTER: Duration = Duration::from_hours(3 * 24);

/// A first backup is made when the server has run for so long, and one that failed is tried again.
const PATIENCE: Duration = Duration::from_hours(1);

const PREFIX: &str = "librechat-auth-";
const PLAIN: &str = ".tar.gz";
const ENCRYPTED: &str = ".tar.gz.age";

/// A backup in the folder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kept {
    /// Where.
    pub file: PathBuf,
    /// When it was made.
    pub made_at: Timestamp,
    /// Its size.
    pub bytes: u64,
    /// Whether it takes a passphrase.
    pub is_encrypted: bool,
}

/// What became of the last attempt, as long as the server runs.
#[derive(Debug, Default)]
pub(in crate::app) struct Attempts(Mutex<Option<Attempt>>);

#[derive(Clone, Debug)]
struct Attempt {
    /// By the clock that nobody sets.
    at: Duration,
    problem: Option<String>,
}

/// The name of a backup made at this moment.
#[must_use]
pub fn file_name(made_at: Timestamp, is_encrypted: bool) -> String {
    let ending = if is_encrypted { ENCRYPTED } else { PLAIN };
    format!("{PREFIX}{}{ending}", made_at.stamp())
}

/// The backups in a folder, newest first; a folder that is not there has none.
///
/// # Errors
/// If it cannot be read.
pub fn list(dir: &Path) -> Result<Vec<Kept>, BackupError> {
    let entries = match fs::read_dir(dir) {
        Ok(entries) => entries,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(failed("read", dir)(error)),
    };
    let mut found: Vec<Kept> = entries.flatten().filter_map(|entry| kept(&entry)).collect();
    found.sort_by(|one, other| other.made_at.cmp(&one.made_at).then_with(|| one.file.cmp(&other.file)));
    Ok(found)
}

fn kept(entry: &fs::DirEntry) -> Option<Kept> {
    let name = entry.file_name().into_string().ok()?;
    let rest = name.strip_prefix(PREFIX)?;
    let (stamp, is_encrypted) = match (rest.strip_suffix(ENCRYPTED), rest.strip_suffix(PLAIN)) {
        (Some(stamp), _) => (stamp, true),
        (None, plain) => (plain?, false),
    };
    let metadata = entry.metadata().ok().filter(fs::Metadata::is_file)?;
    Some(Kept {
        file: entry.path(),
        made_at: Timestamp::from_stamp(stamp)?,
        bytes: metadata.len(),
        is_encrypted,
    })
}

/// Makes the folder for backups if it is missing, for its owner only.
///
/// # Errors
/// If it cannot be made.
pub fn create_dir(dir: &Path) -> Result<(), BackupError> {
    DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(dir)
        .map_err(failed("make the folder", dir))
}

impl App {
    /// The newest backup in the folder that was made in the past.
    ///
    /// # Errors
    /// If the folder cannot be read.
    pub fn newest_backup(&self) -> Result<Option<Kept>, BackupError> {
        let soon = self.now().after(PATIENCE);
        let all = list(&self.config.backups.dir)?;
        Ok(all.into_iter().find(|kept| kept.made_at <= soon))
    }

    /// Why the last backup that the server tried to make failed, if it did.
    #[must_use]
    pub fn backup_problem(&self) -> Option<String> {
        self.backup_attempts.last().and_then(|attempt| attempt.problem)
    }

    /// Whether it is time for a backup.
    #[must_use]
    pub fn backup_is_due(&self) -> bool {
        if !self.config.backups.enabled {
            return false;
        }
        let uptime = self.clock.uptime();
        let is_fresh = |since: Duration| uptime.saturating_sub(since) < PATIENCE;
        let failed_lately = |attempt: Attempt| attempt.problem.is_some() && is_fresh(attempt.at);
        if self.backup_attempts.last().is_some_and(failed_lately) {
            return false;
        }
        match self.newest_backup() {
            Ok(Some(newest)) => newest.made_at < self.config.backups.at.last(self.now()),
            Ok(None) => !is_fresh(self.uptime_at_start),
            // Trying says what is wrong.
            Err(_) => true,
        }
    }

    /// Makes a backup in the folder and removes those that are too many; says so in the log and answers with the
    /// file. Blocks.
    pub fn back_up(&self) -> Option<PathBuf> {
        let outcome = self.make_backup();
        match &outcome {
            Ok(file) => tell_success(file),
            Err(error) => tell_problem(error),
        }
        self.backup_attempts.note(Attempt {
            at: self.clock.uptime(),
            problem: outcome.as_ref().err().map(ToString::to_string),
        });
        outcome.ok()
    }

    fn make_backup(&self) -> Result<PathBuf, BackupError> {
        let backups = &self.config.backups;
        let how = Circumstances {
            now: self.now(),
            entropy: &*self.entropy,
            passphrase: backups.passphrase.as_ref(),
        };
        let (file, _) = into_folder(&self.config, how)?;
        prune(&backups.dir, backups.keep)?;
        Ok(file)
    }
}

fn tell_success(file: &Path) {
    tracing::info!(file = %file.display(), "made a backup");
}

fn tell_problem(error: &BackupError) {
    tracing::error!(%error, "the daily backup was not made; it is tried again in an hour");
}

/// Makes a backup in the folder for them; answers with its name. Blocks.
///
/// # Errors
/// [`BackupError`]; then there is no new file.
pub fn into_folder(config: &Config, how: Circumstances<'_>) -> Result<(PathBuf, Manifest), BackupError> {
    let dir = &config.backups.dir;
    create_dir(dir)?;
    let file = dir.join(file_name(how.now, how.passphrase.is_some()));
    let manifest = into_file(config, &file, false, how)?;
    Ok((file, manifest))
}

/// Removes all backups but the newest ones.
fn prune(dir: &Path, keep: usize) -> Result<(), BackupError> {
    for old in list(dir)?.into_iter().skip(keep.max(1)) {
        fs::remove_file(&old.file).map_err(failed("remove", &old.file))?;
    }
    Ok(())
}

impl Attempts {
    fn last(&self) -> Option<Attempt> {
        self.0
            .lock()
            .map_or_else(|broken| broken.into_inner().clone(), |last| last.clone())
    }

    fn note(&self, attempt: Attempt) {
        let mut last = self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        *last = Some(attempt);
    }
}
