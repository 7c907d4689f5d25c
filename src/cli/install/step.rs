//! One step of an installation. Each can be done again: what is as it should be stays.

use std::fs::{self, DirBuilder, File, OpenOptions, Permissions};
use std::io::{self, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _, PermissionsExt as _, chown};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use super::owner::Owner;

/// What is done.
#[derive(Debug)]
pub(super) enum Step {
    /// Makes a system user.
    User(Owner),
    /// Makes a folder, and puts mode and owner right.
    Folder {
        path: PathBuf,
        mode: u32,
        /// root unless said.
        owner: Option<Owner>,
        group: Option<Owner>,
    },
    /// Writes the example of a configuration unless there is one already.
    Example {
        path: PathBuf,
        text: &'static str,
        group: Owner,
    },
    /// Copies this program.
    Program { from: PathBuf, to: PathBuf },
    /// Writes a unit; changes belong into `systemctl edit`, so another text is replaced.
    Unit { path: PathBuf, text: String },
    /// Lets systemd read its units again.
    Reload {
        /// Whether the installation is the one that runs.
        is_here: bool,
    },
}

impl Step {
    /// The step in words that follow on "would" and on "cannot".
    pub(super) fn describe(&self) -> String {
        match self {
            Self::User(owner) => format!("make the system user {}", owner.name),
            Self::Folder { path, mode, owner, .. } => {
                let whose = owner.as_ref().map_or("root", |owner| &owner.name);
                format!("make the folder {} (mode {mode:04o}, of {whose})", path.display())
            }
            Self::Example { path, .. } => format!("write {} with every setting at its default", path.display()),
            Self::Program { from, to } => format!("copy {} to {}", from.display(), to.display()),
            Self::Unit { path, .. } => format!("write {}", path.display()),
            Self::Reload { .. } => "let systemd read its units again".to_owned(),
        }
    }

    /// Does it; answers with what was done, or `None` if there was nothing to do.
    pub(super) fn carry_out(&self) -> io::Result<Option<String>> {
        match self {
            Self::User(owner) if owner.uid().is_some() => Ok(None),
            Self::User(owner) => owner
                .make()
                .map(|()| Some(format!("made the system user {}", owner.name))),
            Self::Folder {
                path,
                mode,
                owner,
                group,
            } => folder(path, *mode, owner.as_ref(), group.as_ref()),
            Self::Example { path, text, group } => example(path, text, group),
            Self::Program { from, to } => program(from, to),
            Self::Unit { path, text } => unit(path, text),
            Self::Reload { is_here } => reload(*is_here),
        }
    }
}

fn known(number: Option<u32>, owner: &Owner) -> io::Result<u32> {
    number.ok_or_else(|| io::Error::other(format!("{} is in no local list of users and groups", owner.name)))
}

fn folder(path: &Path, mode: u32, owner: Option<&Owner>, group: Option<&Owner>) -> io::Result<Option<String>> {
    let is_new = !path.is_dir();
    if let Some(parent) = path.parent() {
        fs::create_dir_all(parent)?;
    }
    DirBuilder::new().recursive(true).mode(mode).create(path)?;
    let uid = owner.map_or(Ok(0), |owner| known(owner.uid(), owner))?;
    let gid = group.map_or(Ok(0), |group| known(group.gid(), group))?;
    chown(path, Some(uid), Some(gid))?;
    fs::set_permissions(path, Permissions::from_mode(mode))?;
    Ok(is_new.then(|| format!("made {}", path.display())))
}

fn example(path: &Path, text: &str, group: &Owner) -> io::Result<Option<String>> {
    let made = OpenOptions::new().write(true).create_new(true).mode(0o640).open(path);
    let mut file = match made {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => return Ok(None),
        made => made?,
    };
    file.write_all(text.as_bytes())?;
    chown(path, Some(0), Some(known(group.gid(), group)?))?;
    Ok(Some(format!("wrote {}", path.display())))
}

/// A program that runs cannot be written over, but its name can be given to another file.
fn program(from: &Path, to: &Path) -> io::Result<Option<String>> {
    if from == to {
        return Ok(None);
    }
    let mut draft = to.as_os_str().to_owned();
    draft.push(".new");
    let draft = PathBuf::from(draft);
    if let Some(parent) = to.parent() {
        fs::create_dir_all(parent)?;
    }
    fs::copy(from, &draft)?;
    fs::set_permissions(&draft, Permissions::from_mode(0o755))?;
    File::open(&draft)?.sync_all()?;
    fs::rename(&draft, to)?;
    Ok(Some(format!("copied the program to {}", to.display())))
}

fn unit(path: &Path, text: &str) -> io::Result<Option<String>> {
    match fs::read_to_string(path) {
        Ok(present) if present == text => return Ok(None),
        Ok(_) => {
            let mut kept = path.as_os_str().to_owned();
            kept.push(".replaced");
            fs::rename(path, &kept)?;
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => {}
        Err(error) => return Err(error),
    }
    if let Some(parent) = path.parent() {
        fs::create_dir_all(parent)?;
    }
    fs::write(path, text)?;
    fs::set_permissions(path, Permissions::from_mode(0o644))?;
    Ok(Some(format!("wrote {}", path.display())))
}

fn reload(is_here: bool) -> io::Result<Option<String>> {
    if !is_here {
        return Ok(None);
    }
    if !Path::new("/run/systemd/system").is_dir() {
        return Ok(Some(
            "systemd does not run here: only the files were written".to_owned(),
        ));
    }
    let reloaded = Command::new("systemctl")
        .arg("daemon-reload")
        .stdin(Stdio::null())
        .status();
    match reloaded {
        Ok(status) if status.success() => Ok(Some("systemd has read its units again".to_owned())),
        Ok(status) => Err(io::Error::other(format!("systemctl ended with {status}"))),
        Err(error) => Err(error),
    }
}
