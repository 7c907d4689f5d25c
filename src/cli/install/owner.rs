//! The system user that the service runs as. Its numbers are read from the files themselves: a static program cannot
//! ask the modules of the system's name service.

use std::ffi::OsString;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

/// Where the user is at home: nobody ever logs in there.
const HOME: &str = "/var/lib/librechat-auth";

/// The user, below some root.
#[derive(Clone, Debug)]
pub(super) struct Owner {
    root: PathBuf,
    pub(super) name: String,
}

impl Owner {
    pub(super) fn new(root: &Path, name: &str) -> Self {
        Self {
            root: root.to_owned(),
            name: name.to_owned(),
        }
    }

    pub(super) fn uid(&self) -> Option<u32> {
        number(&self.root.join("etc/passwd"), &self.name)
    }

    pub(super) fn gid(&self) -> Option<u32> {
        number(&self.root.join("etc/group"), &self.name)
    }

    /// Makes the user with a group of the same name.
    pub(super) fn make(&self) -> io::Result<()> {
        let made = self.useradd().or_else(|error| match error.kind() {
            io::ErrorKind::NotFound => self.adduser(),
            _ => Err(error),
        })?;
        if made.status.success() && self.uid().is_some() {
            Ok(())
        } else {
            let said = String::from_utf8_lossy(&made.stderr).trim().to_owned();
            Err(io::Error::other(said))
        }
    }

    fn useradd(&self) -> io::Result<Output> {
        let mut arguments = ["--system", "--user-group", "--no-create-home", "--home-dir", HOME]
            .map(OsString::from)
            .to_vec();
        arguments.extend(["--shell", "/usr/sbin/nologin"].map(OsString::from));
        if self.root != Path::new("/") {
            arguments.extend(["--prefix".into(), self.root.clone().into_os_string()]);
        }
        arguments.push(self.name.clone().into());
        run("useradd", &arguments)
    }

    /// As Alpine has it.
    fn adduser(&self) -> io::Result<Output> {
        let mut arguments = ["-S", "-D", "-H", "-h", HOME, "-s", "/sbin/nologin"]
            .map(OsString::from)
            .to_vec();
        arguments.push(self.name.clone().into());
        run("adduser", &arguments)
            .map_err(|_| io::Error::other("neither useradd nor adduser is here: make the user yourself"))
    }
}

/// Runs a program of the administrator's, which lies where not everybody searches.
fn run(program: &str, arguments: &[OsString]) -> io::Result<Output> {
    let mut outcome = Err(io::ErrorKind::NotFound.into());
    for place in ["", "/usr/sbin/", "/sbin/"] {
        let command = format!("{place}{program}");
        outcome = Command::new(command).args(arguments).stdin(Stdio::null()).output();
        match &outcome {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Ok(_) | Err(_) => break,
        }
    }
    outcome
}

/// The third field of the line that begins with this name.
fn number(file: &Path, name: &str) -> Option<u32> {
    let text = fs::read_to_string(file).ok()?;
    let line = text
        .lines()
        .find_map(|line| line.strip_prefix(name)?.strip_prefix(':'))?;
    line.split(':').nth(1)?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_read_from_the_files() {
        let root = tempfile::tempdir().expect("a folder");
        fs::create_dir(root.path().join("etc")).expect("made");
        let text =
            "root:x:0:0:root:/root:/bin/sh\nauth-old:x:7:7::/:/bin/false\nauth:x:998:997::/var/lib/auth:/bin/false\n";
        fs::write(root.path().join("etc/passwd"), text).expect("written");
        let of = |name| Owner::new(root.path(), name).uid();
        assert_eq!(
            (of("auth"), of("root"), of("aut"), of("nobody")),
            (Some(998), Some(0), None, None)
        );
        assert_eq!(Owner::new(root.path(), "auth").gid(), None);
    }
}
