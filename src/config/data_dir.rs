//! The data directory's own files: generated secrets (`secrets.env`) and what the set-up page decided (`settings.toml`).
//!
//! Both are readable by their owner only. A file is complete or absent, whenever the power goes.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, ErrorKind, Read as _, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

use super::setting::{SETTINGS, Setting, by_key};
use crate::domain::secret::Entropy;

/// Name of the file of generated secrets.
pub const SECRETS_FILE: &str = "secrets.env";
/// Name of the file of settings that pages may change.
pub const SETTINGS_FILE: &str = "settings.toml";
/// What pages may change.
pub const WRITABLE: &[&str] = &["accounts.registration"];

/// The data directory or a file in it could not be used.
#[derive(Debug, thiserror::Error)]
pub enum DataDirError {
    /// The operating system refused.
    #[error("cannot {action} {path}: {}", explained(source))]
    Io {
        /// What was tried.
        action: &'static str,
        /// With what.
        path: String,
        /// Why not.
        source: io::Error,
    },
    /// `settings.toml` is no TOML.
    #[error("{path} is damaged ({message}); put it right or delete it")]
    Damaged {
        /// The file.
        path: String,
        /// What the parser says.
        message: String,
    },
    /// Not one of the settings that pages may change.
    #[error("{0} cannot be changed while the server runs; write it in librechat-auth.toml")]
    NotWritable(String),
}

fn explained(error: &io::Error) -> String {
    match error.kind() {
        ErrorKind::PermissionDenied => {
            "permission denied; make it writable for this user, or choose another folder with --data DIR".into()
        }
        ErrorKind::StorageFull | ErrorKind::QuotaExceeded => {
            "the disk is full; free some space, or choose another folder with --data DIR".into()
        }
        ErrorKind::ReadOnlyFilesystem => "the file system is read-only; choose another folder with --data DIR".into(),
        ErrorKind::NotADirectory | ErrorKind::AlreadyExists => {
            "there is a file of that name; move it away, or choose another folder with --data DIR".into()
        }
        _ => format!("{error}; choose another folder with --data DIR if that does not go away"),
    }
}

fn failed(action: &'static str, path: &Path) -> impl FnOnce(io::Error) -> DataDirError {
    let path = path.display().to_string();
    move |source| DataDirError::Io { action, path, source }
}

/// Creates the directory if it is missing, for its owner only.
///
/// # Errors
/// [`DataDirError::Io`] with what to do.
pub fn create(data_dir: &Path) -> Result<(), DataDirError> {
    DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(data_dir)
        .map_err(failed("create the data directory", data_dir))
}

/// Makes sure that `secrets.env` has a value for every secret that is used. Of several starters the first one wins.
///
/// # Errors
/// [`DataDirError::Io`] with what to do.
pub fn complete_secrets(data_dir: &Path, entropy: &dyn Entropy) -> Result<(), DataDirError> {
    let path = data_dir.join(SECRETS_FILE);
    match fs::metadata(&path) {
        Ok(_) => append_missing(&path, entropy),
        Err(error) if error.kind() == ErrorKind::NotFound => {
            let text = generated("", entropy);
            match publish(&path, &text, Publish::UnlessPresent) {
                Err(DataDirError::Io { source, .. }) if source.kind() == ErrorKind::AlreadyExists => {
                    append_missing(&path, entropy)
                }
                outcome => outcome,
            }
        }
        Err(error) => Err(failed("read", &path)(error)),
    }
}

/// Adds lines for secrets that a complete file does not have yet; the lock makes other starters wait.
fn append_missing(path: &Path, entropy: &dyn Entropy) -> Result<(), DataDirError> {
    let mut text = String::new();
    let mut reading = File::open(path).map_err(failed("read", path))?;
    reading.read_to_string(&mut text).map_err(failed("read", path))?;
    if generated(&text, entropy).is_empty() {
        return Ok(());
    }
    let mut file = OpenOptions::new()
        .read(true)
        .append(true)
        .open(path)
        .map_err(failed("write", path))?;
    file.lock().map_err(failed("lock", path))?;
    text.clear();
    file.read_to_string(&mut text).map_err(failed("read", path))?;
    let newline = if text.is_empty() || text.ends_with('\n') {
        ""
    } else {
        "\n"
    };
    let lines = format!("{newline}{}", generated(&text, entropy));
    file.write_all(lines.as_bytes())
        .and_then(|()| file.sync_all())
        .map_err(failed("write", path))
}

/// Lines for the secrets that `present` lacks.
fn generated(present: &str, entropy: &dyn Entropy) -> String {
    let present = super::dotenv::parse(present);
    let is_present = |name: &str| present.iter().any(|line| line.name == name && !line.value.is_empty());
    let mut lines = String::new();
    for setting in SETTINGS.iter().filter(|setting| is_generated(setting)) {
        if !is_present(setting.env) {
            let mut bytes = [0; 32];
            entropy.fill(&mut bytes);
            lines += &[setting.env, "=", &hex(&bytes), "\n"].concat();
        }
    }
    lines
}

/// Whether a setting is a secret that is generated when nobody set it.
#[must_use]
pub fn is_generated(setting: &Setting) -> bool {
    // The initialisation vector is LibreChat's; nothing here uses it.
    setting.is_secret() && setting.key.starts_with("secrets.") && setting.env != "CREDS_IV"
}

/// Lower-case hexadecimal digits.
#[must_use]
pub fn hex(bytes: &[u8]) -> String {
    let digits = bytes.iter().flat_map(|byte| [byte >> 4, byte & 15]);
    digits.filter_map(|digit| char::from_digit(digit.into(), 16)).collect()
}

#[derive(Clone, Copy, PartialEq)]
enum Publish {
    UnlessPresent,
    Replacing,
}

/// Writes a file beside `path` and gives it that name once it is complete and on disk.
fn publish(path: &Path, text: &str, how: Publish) -> Result<(), DataDirError> {
    let draft = draft_of(path);
    let outcome = write(&draft, text, OpenOptions::new().create(true).truncate(true)).and_then(|()| match how {
        Publish::Replacing => fs::rename(&draft, path),
        Publish::UnlessPresent => link_or_create(&draft, path, text),
    });
    if how == Publish::UnlessPresent || outcome.is_err() {
        // Nothing to do if it cannot be removed: it harms nobody.
        let _ = fs::remove_file(&draft);
    }
    outcome.map_err(failed("write", path))?;
    let folder = path.parent().unwrap_or(path);
    File::open(folder)
        .and_then(|folder| folder.sync_all())
        .map_err(failed("write", folder))
}

/// A second name for the draft: fails if the name is taken. File systems without links get a plain exclusive creation.
fn link_or_create(draft: &Path, path: &Path, text: &str) -> io::Result<()> {
    match fs::hard_link(draft, path) {
        Err(error) if error.kind() != ErrorKind::AlreadyExists => {
            write(path, text, OpenOptions::new().create_new(true))
        }
        outcome => outcome,
    }
}

fn write(path: &Path, text: &str, options: &mut OpenOptions) -> io::Result<()> {
    let mut file = options.write(true).mode(0o600).open(path)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()
}

/// A name that no other process or thread uses now; one left behind by a crash may be overwritten.
fn draft_of(path: &Path) -> PathBuf {
    let thread = format!("{:?}", std::thread::current().id());
    let thread: String = thread.chars().filter(char::is_ascii_digit).collect();
    let mut name = path.as_os_str().to_owned();
    name.push(format!(".draft-{}-{thread}", std::process::id()));
    PathBuf::from(name)
}

/// Keeps a setting in `settings.toml`, where everything the operator writes elsewhere is stronger.
///
/// # Errors
/// [`DataDirError`] if pages may not change it, the file is damaged, or the disk refuses.
pub fn write_setting(data_dir: &Path, key: &str, value: impl Into<toml::Value>) -> Result<(), DataDirError> {
    let not_writable = || DataDirError::NotWritable(key.to_owned());
    if !WRITABLE.contains(&key) || by_key(key).is_none() {
        return Err(not_writable());
    }
    let (section, name) = key.split_once('.').ok_or_else(not_writable)?;
    let path = data_dir.join(SETTINGS_FILE);
    let damaged = |message: String| DataDirError::Damaged {
        path: path.display().to_string(),
        message,
    };
    let text = match fs::read_to_string(&path) {
        Err(error) if error.kind() == ErrorKind::NotFound => String::new(),
        text => text.map_err(failed("read", &path))?,
    };
    let mut document: toml::Table = text
        .parse()
        .map_err(|error: toml::de::Error| damaged(error.message().into()))?;
    let table = document
        .entry(section)
        .or_insert_with(|| toml::Value::Table(toml::Table::new()))
        .as_table_mut()
        .ok_or_else(|| damaged(format!("{section} is no table")))?;
    table.insert(name.to_owned(), value.into());
    publish(&path, &document.to_string(), Publish::Replacing)
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;
    use std::sync::atomic::{AtomicU64, Ordering};

    use super::*;

    struct Counting(AtomicU64);

    impl Entropy for Counting {
        fn fill(&self, bytes: &mut [u8]) {
            let number = self.0.fetch_add(1, Ordering::Relaxed).to_be_bytes();
            bytes
                .iter_mut()
                .zip(number.iter().cycle())
                .for_each(|(to, from)| *to = *from);
        }
    }

    fn counting() -> Counting {
        Counting(AtomicU64::new(0x1234_5678))
    }

    fn mode(path: &Path) -> u32 {
        fs::metadata(path).expect("exists").permissions().mode() & 0o777
    }

    fn folder() -> (tempfile::TempDir, PathBuf) {
        let root = tempfile::tempdir().expect("folder");
        let data = root.path().join("deep/data");
        create(&data).expect("created");
        (root, data)
    }

    #[test]
    fn directory_and_secrets_belong_to_their_owner_only() {
        let (_root, data) = folder();
        complete_secrets(&data, &counting()).expect("written");
        assert_eq!((mode(&data), mode(&data.join(SECRETS_FILE))), (0o700, 0o600));
        let names: Vec<_> = fs::read_dir(&data)
            .expect("read")
            .map(|entry| entry.expect("entry").file_name())
            .collect();
        assert_eq!(names, [SECRETS_FILE], "no draft is left behind");
    }

    #[test]
    fn secrets_are_generated_once_and_completed_later() {
        let (_root, data) = folder();
        let path = data.join(SECRETS_FILE);
        fs::write(&path, "JWT_SECRET=mine").expect("written");
        complete_secrets(&data, &counting()).expect("completed");
        let first = fs::read_to_string(&path).expect("read");
        complete_secrets(&data, &counting()).expect("nothing to do");
        assert_eq!(fs::read_to_string(&path).expect("read"), first);
        let names: Vec<_> = super::super::dotenv::parse(&first)
            .into_iter()
            .map(|a| (a.name, a.value.len()))
            .collect();
        assert_eq!(
            names,
            [
                ("JWT_SECRET".into(), 4),
                ("JWT_REFRESH_SECRET".into(), 64),
                ("CREDS_KEY".into(), 64)
            ]
        );
    }

    #[test]
    fn of_many_starters_all_adopt_the_first_one_s_secrets() {
        let (_root, data) = folder();
        let entropy = counting();
        let seen: Vec<String> = std::thread::scope(|scope| {
            let starters: Vec<_> = (0..16)
                .map(|_| {
                    scope.spawn(|| {
                        complete_secrets(&data, &entropy).expect("completed");
                        fs::read_to_string(data.join(SECRETS_FILE)).expect("read")
                    })
                })
                .collect();
            starters
                .into_iter()
                .map(|starter| starter.join().expect("joined"))
                .collect()
        });
        assert!(
            seen.iter()
                .all(|text| Some(text) == seen.first() && text.lines().count() == 3)
        );
    }

    #[test]
    fn a_file_in_the_way_is_reported_with_what_to_do() {
        let root = tempfile::tempdir().expect("folder");
        let path = root.path().join("data");
        fs::write(&path, "").expect("written");
        let message = create(&path).expect_err("a file is no folder").to_string();
        assert!(message.contains("data") && message.contains("--data DIR"), "{message}");
    }

    #[test]
    fn a_setting_is_kept_beside_what_was_there_and_only_allowed_ones_are() {
        let (_root, data) = folder();
        write_setting(&data, "accounts.registration", true).expect("written");
        write_setting(&data, "accounts.registration", false).expect("written again");
        let path = data.join(SETTINGS_FILE);
        let text = fs::read_to_string(&path).expect("read");
        assert_eq!(text, "[accounts]\nregistration = false\n");
        assert_eq!(mode(&path), 0o600);
        let refused = write_setting(&data, "server.port", 1);
        assert!(matches!(refused, Err(DataDirError::NotWritable(_))));
        fs::write(&path, "[[[").expect("damaged");
        let damaged = write_setting(&data, "accounts.registration", true);
        assert!(matches!(damaged, Err(DataDirError::Damaged { .. })));
    }
}
