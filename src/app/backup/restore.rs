//! Putting a backup in the place of an installation that does not run. First it is unpacked beside it and checked, then it
//! is said what would be replaced, and only then anything is touched. What is replaced stays, under another name.

use std::fs::{self, OpenOptions};
use std::io::{self, ErrorKind, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use super::archive::Archive;
use super::workshop::Workshop;
use super::{BackupError, Manifest, database, failed};
use crate::app::ServeLock;
use crate::config::create_data_dir;
use crate::domain::secret::{Entropy, Secret};
use crate::domain::time::Timestamp;
use crate::store::RestoreError;
use crate::store::archive::{CONFIGURATION, DATABASE, SECRETS, SETTINGS};
use crate::store::backup::{UNFINISHED, inspect, put_in_place, settle};

/// Where a backup is to be put.
#[derive(Clone, Debug)]
pub struct Place {
    /// The data directory; it is made if it is missing.
    pub data_dir: PathBuf,
    /// Where the configuration is, or would be.
    pub configuration: PathBuf,
    /// Whether a configuration that differs is replaced too.
    pub with_configuration: bool,
}

/// What happens to one file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
    /// It is not there yet.
    Add,
    /// It is there, and another one takes its place.
    Replace,
    /// It is there, and the backup has none.
    Remove,
    /// It is the same.
    Keep,
    /// It differs, and stays because nobody asked for it to be replaced.
    Leave,
}

/// One file and what happens to it.
#[derive(Clone, Debug)]
pub struct Step {
    /// Which part of the backup.
    pub part: &'static str,
    /// Where it belongs.
    pub to: PathBuf,
    /// What happens.
    pub change: Change,
}

/// A backup that was checked and may be put in place; nothing has been touched.
pub struct Restoration {
    /// No server starts meanwhile.
    _lock: ServeLock,
    workshop: Workshop,
    data_dir: PathBuf,
    /// What the backup says of itself.
    pub manifest: Manifest,
    /// What would happen.
    pub steps: Vec<Step>,
}

/// What was done.
#[derive(Clone, Debug, Default)]
pub struct Done {
    /// Files that were written.
    pub restored: Vec<PathBuf>,
    /// What was replaced, under its new names.
    pub kept: Vec<PathBuf>,
}

impl Restoration {
    /// Unpacks a backup beside the installation and checks it. Blocks.
    ///
    /// # Errors
    /// [`RestoreError::Locked`] while the server runs; [`BackupError`] if the backup is not usable.
    pub fn prepare(
        archive: Archive<'_>,
        passphrase: Option<&Secret>,
        place: &Place,
        entropy: &dyn Entropy,
    ) -> Result<Self, BackupError> {
        create_data_dir(&place.data_dir).map_err(|error| failed("use", &place.data_dir)(io::Error::other(error)))?;
        let lock = ServeLock::acquire(&place.data_dir).map_err(RestoreError::from)?;
        let workshop = Workshop::new(&place.data_dir, entropy)?;
        let shown = archive.shown().to_owned();
        let manifest = archive.read_usable(passphrase, workshop.path())?;
        inspect(&workshop.path().join(DATABASE)).map_err(|reason| BackupError::Unusable { shown, reason })?;
        let targets = [
            (DATABASE, database(&place.data_dir), true),
            (SECRETS, place.data_dir.join(SECRETS), true),
            (SETTINGS, place.data_dir.join(SETTINGS), true),
            (CONFIGURATION, place.configuration.clone(), place.with_configuration),
        ];
        let steps = targets
            .into_iter()
            .filter_map(|(part, to, may_replace)| {
                let from = workshop.path().join(part);
                match change(part, &from, &to, may_replace) {
                    Ok(change) => change.map(|change| Ok(Step { part, to, change })),
                    Err(error) => Some(Err(failed("read", &to)(error))),
                }
            })
            .collect::<Result<_, _>>()?;
        Ok(Self {
            _lock: lock,
            workshop,
            data_dir: place.data_dir.clone(),
            manifest,
            steps,
        })
    }

    /// Where it is put.
    #[must_use]
    pub fn data_dir(&self) -> &Path {
        &self.data_dir
    }

    /// Puts everything in place. Blocks.
    ///
    /// # Errors
    /// [`BackupError`]. If that happens after the first file, the installation does not start until the restore was done
    /// again.
    pub fn carry_out(self, now: Timestamp) -> Result<Done, BackupError> {
        let unfinished = self.data_dir.join(UNFINISHED);
        let mut done = Done::default();
        for step in &self.steps {
            let is_change = matches!(step.change, Change::Add | Change::Replace | Change::Remove);
            if is_change {
                let from = self.workshop.path().join(step.part);
                if step.part == DATABASE {
                    // Refused while somebody uses the database; until then nothing has changed.
                    done.kept.extend(self.database(&from, &step.to, &unfinished, now)?);
                } else {
                    done.kept.extend(file(step, &from, now)?);
                }
            }
            if matches!(step.change, Change::Add | Change::Replace) {
                done.restored.push(step.to.clone());
            }
        }
        match fs::remove_file(&unfinished) {
            Err(error) if error.kind() != ErrorKind::NotFound => Err(failed("remove", &unfinished)(error)),
            Ok(()) | Err(_) => Ok(done),
        }
    }

    fn database(
        &self,
        from: &Path,
        to: &Path,
        unfinished: &Path,
        now: Timestamp,
    ) -> Result<Option<PathBuf>, BackupError> {
        mark(unfinished, &self.manifest).map_err(failed("write", unfinished))?;
        let placed = put_in_place(to, from, now);
        if placed.is_err() {
            let _unmarked = fs::remove_file(unfinished);
        }
        Ok(placed?)
    }
}

/// What would happen to a file; `None` if it is neither here nor there.
fn change(part: &str, from: &Path, to: &Path, may_replace: bool) -> io::Result<Option<Change>> {
    let is_there = match fs::symlink_metadata(to) {
        Ok(_) => true,
        Err(error) if error.kind() == ErrorKind::NotFound => false,
        Err(error) => return Err(error),
    };
    Ok(match (from.exists(), is_there) {
        (false, false) => None,
        (true, false) => Some(Change::Add),
        // An installation has no configuration file, or has one for a reason of its own.
        (false, true) => (part == SETTINGS).then_some(Change::Remove),
        (true, true) if part != DATABASE && fs::read(from)? == fs::read(to)? => Some(Change::Keep),
        (true, true) if may_replace => Some(Change::Replace),
        (true, true) => Some(Change::Leave),
    })
}

fn mark(unfinished: &Path, manifest: &Manifest) -> io::Result<()> {
    let mut file = OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(true)
        .mode(0o600)
        .open(unfinished)?;
    writeln!(file, "A backup of {} is being put in place.", manifest.made_at)?;
    file.sync_all()
}

/// Puts a small file in place; answers with the new name of what was there.
fn file(step: &Step, from: &Path, now: Timestamp) -> Result<Option<PathBuf>, BackupError> {
    let to = &step.to;
    let mut name = to.as_os_str().to_owned();
    name.push(format!(".replaced-{}", now.stamp()));
    let kept = PathBuf::from(name);
    let kept = match step.change {
        Change::Add | Change::Keep | Change::Leave => None,
        Change::Replace | Change::Remove => {
            fs::rename(to, &kept).map_err(failed("rename", to))?;
            Some(kept)
        }
    };
    if step.change != Change::Remove {
        bring(from, to).map_err(failed("write", to))?;
    }
    Ok(kept)
}

/// Moves a file, also to another disk.
fn bring(from: &Path, to: &Path) -> io::Result<()> {
    if let Some(folder) = to.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        fs::create_dir_all(folder)?;
    }
    match settle(from, to) {
        Err(error) if error.kind() == ErrorKind::CrossesDevices => {
            let mut copy = OpenOptions::new().write(true).create_new(true).mode(0o600).open(to)?;
            copy.write_all(&fs::read(from)?)?;
            copy.sync_all()
        }
        outcome => outcome,
    }
}
