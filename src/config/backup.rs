//! Backups that the server makes by itself: `[store] backup_…`.

use std::path::{Path, PathBuf};

use super::data_dir::{SECRETS_FILE, SETTINGS_FILE};
use super::settled::{Origin, Settled};
use super::{Secrets, dotenv};
use crate::domain::secret::Secret;
use crate::domain::time_of_day::TimeOfDay;

/// Backups that the server makes by itself.
#[derive(Clone, Debug)]
pub struct Backups {
    /// Whether it makes any.
    pub enabled: bool,
    /// When, every day.
    pub at: TimeOfDay,
    /// How many of them are kept.
    pub keep: usize,
    /// Where they are.
    pub dir: PathBuf,
    /// What they are encrypted with; `None` leaves them plain.
    pub passphrase: Option<Secret>,
}

/// Where the settings were written, for those who save or explain them.
#[derive(Clone, Debug, Default)]
pub struct Written {
    /// The `librechat-auth.toml` in use.
    pub file: Option<PathBuf>,
    /// Settings decided outside that file and the data directory, with their place: `server.port (environment)`.
    pub elsewhere: Vec<String>,
}

impl Settled {
    pub(super) fn backups(&self, data_dir: &Path) -> Backups {
        let dir = self.text("store.backup_dir");
        Backups {
            enabled: self.flag("store.backup"),
            at: TimeOfDay::parse(&self.text("store.backup_at")).expect("a time of day was read"),
            keep: self.number("store.backup_keep"),
            dir: data_dir.join(if dir.is_empty() { "backups" } else { &dir }),
            passphrase: self.secret("store.backup_passphrase"),
        }
    }
}

/// What `origins` say about where settings were written. The keys are left out: backups hold those in force.
pub(super) fn written(file: Option<PathBuf>, data_dir: &Path, origins: &[Origin], working_dir: &Path) -> Written {
    let inside: Vec<PathBuf> = [SECRETS_FILE, SETTINGS_FILE]
        .map(|name| data_dir.join(name))
        .into_iter()
        .chain(file.clone())
        .collect();
    let is_inside = |source: &str| source == "default" || inside.contains(&working_dir.join(source));
    let elsewhere = origins
        .iter()
        .filter(|origin| !origin.setting.key.starts_with("secrets.") && origin.setting.key != "data_dir")
        .filter(|origin| !is_inside(&origin.given.place.source))
        .map(|origin| format!("{} ({})", origin.setting.key, origin.given.place.source))
        .collect();
    Written { file, elsewhere }
}

/// The keys in force as the text of a `secrets.env`; `None` if one has all kinds of quotes in it, so that no line can
/// hold it.
#[must_use]
pub fn spelt_secrets(secrets: &Secrets) -> Option<Secret> {
    let keys = [
        ("JWT_SECRET", &secrets.jwt),
        ("JWT_REFRESH_SECRET", &secrets.jwt_refresh),
        ("CREDS_KEY", &secrets.creds_key),
    ];
    let lines: Option<Vec<String>> = keys.map(|(name, key)| spelt(name, key.expose())).into_iter().collect();
    lines.map(|lines| Secret::new(lines.concat()))
}

/// A line that is read back as this value.
fn spelt(name: &str, value: &str) -> Option<String> {
    ["", "'", "`", "\""]
        .map(|quote| format!("{name}={quote}{value}{quote}\n"))
        .into_iter()
        .find(|line| matches!(dotenv::parse(line).as_slice(), [one] if one.name == name && one.value == value))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_spelt_so_that_they_read_back() {
        assert_eq!(spelt("A", "b1c2").as_deref(), Some("A=b1c2\n"));
        for awkward in [
            "two words",
            " a ",
            "a#b",
            "it's",
            "\"quoted\"",
            "'",
            "a\nb",
            "a\\",
            "\\n",
            "`'",
            "x=y",
        ] {
            let line = spelt("A", awkward).expect("some quotes do");
            assert_eq!(dotenv::parse(&line)[0].value, awkward, "{line}");
        }
        assert_eq!(spelt("A", "'`\"#"), None);
    }
}
