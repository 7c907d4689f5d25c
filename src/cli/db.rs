//! `db snapshot` and `db restore`: a copy of the database while the server runs, and the way back while it does not.

use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};
use serde_json::json;

use crate::app::audit_notes::note_replaced;
use crate::app::backup::{self, upgrade};
use crate::app::clock::SystemClock;
use crate::cli::output::Format;
use crate::cli::{Outcome, Stop, context, prompt};
use crate::config::{Inputs, load};
use crate::domain::time::{Clock as _, Timestamp};

/// What to do with the database.
#[derive(Debug, Subcommand)]
pub enum Verb {
    /// Copy the database into one verified file, also while the server runs
    Snapshot(Snapshot),
    /// Put a snapshot in the place of the database; the server must not run
    Restore(Restore),
    /// Bring a copy of a database to the schema of this program, and say what was done
    #[command(hide = true)]
    CheckCopy(CheckCopy),
}

/// A copy that may be changed.
#[derive(Debug, Args)]
pub struct CheckCopy {
    /// The copy; the program that asks for this has made it, and throws it away
    file: PathBuf,
}

/// Where the copy goes.
#[derive(Debug, Args)]
pub struct Snapshot {
    /// A file that does not exist yet [default: beside the database, with the time in its name]
    file: Option<PathBuf>,
    #[command(flatten)]
    format: Format,
}

/// Which copy comes back.
#[derive(Debug, Args)]
pub struct Restore {
    /// A snapshot, made by `db snapshot` or before an upgrade
    file: PathBuf,
    /// Do not ask
    #[arg(long, short)]
    yes: bool,
    #[command(flatten)]
    format: Format,
}

impl Verb {
    /// Runs the command.
    ///
    /// # Errors
    /// If the file cannot be written, or is no snapshot, or the server runs.
    pub fn run(&self, inputs: &Inputs) -> Outcome {
        match self {
            Self::Snapshot(arguments) => arguments.run(inputs),
            Self::Restore(arguments) => arguments.run(inputs),
            Self::CheckCopy(arguments) => arguments.run(inputs),
        }
    }
}

impl CheckCopy {
    fn run(&self, inputs: &Inputs) -> Outcome {
        let migrated = upgrade::migrate(&inputs.working_dir.join(&self.file), SystemClock.now())?;
        let line = serde_json::to_string(&migrated).map_err(|error| Stop::failed(error.to_string()))?;
        let mut out = io::stdout().lock();
        writeln!(out, "{line}")?;
        Ok(out.flush()?)
    }
}

impl Snapshot {
    fn run(&self, inputs: &Inputs) -> Outcome {
        let file = context::with_accounts(inputs, async |app| {
            let file = match &self.file {
                Some(file) => inputs.working_dir.join(file),
                None => beside(&backup::database(&app.config.data_dir), app.now()),
            };
            app.snapshot(&file)?;
            Ok(file)
        })?;
        let bytes = std::fs::metadata(&file)?.len();
        self.format.done(
            &format!("Saved {} ({bytes} bytes)", file.display()),
            &[],
            &json!({ "file": file, "bytes": bytes }),
        )
    }
}

/// `librechat-auth.db.20261122T214213Z.snapshot`: sorts by time, and is no name of the snapshots before upgrades, of
/// which only the newest are kept.
fn beside(database: &Path, now: Timestamp) -> PathBuf {
    let mut name = database.as_os_str().to_owned();
    name.push(format!(".{}.snapshot", now.stamp()));
    PathBuf::from(name)
}

impl Restore {
    fn run(&self, inputs: &Inputs) -> Outcome {
        prompt::expect_consent(self.yes)?;
        let loaded = load(inputs);
        let file = inputs.working_dir.join(&self.file);
        let data_dir = loaded.data_dir;
        if !data_dir.is_dir() {
            return Err(Stop::failed(format!(
                "{} is no folder: name the data directory with --data DIR",
                data_dir.display()
            )));
        }
        let question = format!(
            "Replace the database in {} by {}? Accounts, passwords and sessions will be as they were then; the \
             present database is kept beside it. (y/N)",
            data_dir.display(),
            file.display()
        );
        prompt::confirm(&question, self.yes)?;
        let restored = backup::restore_snapshot(&data_dir, &file, SystemClock.now())?;
        note_replaced(&data_dir, "db_restore", SystemClock.now())?;
        let kept = restored
            .kept
            .iter()
            .map(|kept| format!("The replaced database is now {}", kept.display()));
        self.format.done(
            &format!("Restored {}", file.display()),
            &kept.collect::<Vec<_>>(),
            &json!({ "restored": file, "version": restored.version, "kept": restored.kept }),
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_snapshot_is_named_after_its_second() {
        let at = Timestamp::from_millis(1_717_788_018_005);
        assert_eq!(
            beside(Path::new("data/librechat-auth.db"), at),
            Path::new("data/librechat-auth.db.20240607T192018Z.snapshot")
        );
    }
}
