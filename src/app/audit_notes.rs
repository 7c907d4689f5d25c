//! What the audit log is told of that happens beside the use cases: other settings at a start, backups, and an older
//! database that was put in place while nobody could write it down.

use std::collections::BTreeMap;
use std::fs;
use std::io::{self, ErrorKind, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use sha2::{Digest as _, Sha256};

use crate::app::audit::CONSOLE;
use crate::app::{App, Failure};
use crate::domain::audit::{Event, EventKind};
use crate::domain::audit_chain::Hex;
use crate::domain::time::Timestamp;
use crate::store::{audit, setup};

/// Where it is written down that a database was replaced, until the next start reads it.
const PENDING: &str = "audit.pending";

/// Longest list of settings in a remark, in bytes.
const LONGEST: usize = 500;

/// Notes for the next start that a database was put in the place of the present one; `what` says how. The database itself may
/// be one of an older program, which must not be touched.
///
/// # Errors
/// If the file cannot be written.
pub fn note_replaced(data_dir: &Path, what: &str, now: Timestamp) -> io::Result<()> {
    let mut file = fs::OpenOptions::new()
        .append(true)
        .create(true)
        .mode(0o600)
        .open(data_dir.join(PENDING))?;
    writeln!(file, "{} {what}", now.millis())?;
    file.sync_all()
}

fn pending(text: &str) -> impl Iterator<Item = (Timestamp, &str)> {
    text.lines().filter_map(|line| {
        let (at, what) = line.split_once(' ')?;
        Some((Timestamp::from_millis(at.parse().ok()?), what))
    })
}

impl App {
    /// Records what was noted while nobody could write it down.
    ///
    /// # Errors
    /// Only a fault.
    pub async fn take_audit_notes(&self) -> Result<(), Failure> {
        let file: PathBuf = self.config.data_dir.join(PENDING);
        let text = match fs::read_to_string(&file) {
            Ok(text) => text,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(()),
            Err(error) => return Err(unreadable(&file, error)),
        };
        let events: Vec<Event> = pending(&text)
            .map(|(at, what)| Event {
                at,
                ..self.event_by(EventKind::Restored, None, CONSOLE, what)
            })
            .collect();
        self.store
            .write(move |tx| events.iter().try_for_each(|event| audit::append(tx, event)))
            .await?;
        fs::remove_file(&file).map_err(|error| unreadable(&file, error))
    }

    /// Notes with which settings the server starts, and records which of them are others than the last time. `settings` are
    /// keys and values as they may be shown; secrets are not among them.
    ///
    /// # Errors
    /// Only a fault.
    pub async fn note_settings(&self, settings: &[(&'static str, String)]) -> Result<(), Failure> {
        let digest = |value: &str| Hex(&Sha256::digest(value)[..8]).to_string();
        let present: BTreeMap<&str, String> = settings.iter().map(|(key, value)| (*key, digest(value))).collect();
        let written: Vec<String> = present.iter().map(|(key, value)| format!("{key} {value}")).collect();
        let written = written.join("\n");
        let before = self.store.read(setup::settings).await?;
        if before.as_deref() == Some(&written) {
            return Ok(());
        }
        let event = before.and_then(|before| {
            let changed = changed(&before, &present);
            (!changed.is_empty()).then(|| self.event_by(EventKind::SettingsChanged, None, CONSOLE, &changed))
        });
        self.store
            .write(move |tx| {
                event.iter().try_for_each(|event| audit::append(tx, event))?;
                setup::note_settings(tx, &written)
            })
            .await?;
        Ok(())
    }

    /// Records that a backup was made.
    ///
    /// # Errors
    /// Only a fault.
    pub async fn note_backup(&self, file: &Path, by: &str) -> Result<(), Failure> {
        let name = file.file_name().map(|name| name.to_string_lossy().into_owned());
        let event = self.event_by(EventKind::BackupMade, None, by, &name.unwrap_or_default());
        Ok(self.store.write(move |tx| audit::append(tx, &event)).await?)
    }
}

/// The settings that are others than before. One that is new in this version of the program has not been changed.
fn changed(before: &str, present: &BTreeMap<&str, String>) -> String {
    let old = before.lines().filter_map(|line| line.split_once(' '));
    let keys: Vec<&str> = old
        .filter(|(key, value)| present.get(key).is_some_and(|now| now != value))
        .map(|(key, _)| key)
        .collect();
    let mut list = keys.join(", ");
    list.truncate(list.floor_char_boundary(LONGEST));
    list
}

fn unreadable(file: &Path, error: io::Error) -> Failure {
    let error = anyhow::Error::new(error).context(format!("cannot use {}", file.display()));
    Failure::Fault(crate::app::Fault::new(error))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_settings_that_were_there_before_have_changed() {
        let present = BTreeMap::from([("a", "1".to_owned()), ("b", "2".to_owned()), ("new", "3".to_owned())]);
        assert_eq!(changed("a 1\nb 9\ngone 4", &present), "b");
        assert_eq!(changed("a 1\nb 2", &present), "");
    }
}
