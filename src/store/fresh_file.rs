//! A new file that has its name only once it is complete: whatever happens before, nothing half is left behind.

use std::fs::{self, File};
use std::io::{self, ErrorKind, Read, Seek as _, Write};
use std::os::fd::AsRawFd as _;
use std::path::{Path, PathBuf};

use rustix::fs::{AtFlags, CWD, Mode, OFlags, linkat, open};

use super::backup::{beside, directory, new_file};

/// The links by which a file without a name can be given one.
const HANDLES: &str = "/proc/self/fd";

/// A file being written.
#[derive(Debug)]
pub struct FreshFile {
    file: File,
    target: PathBuf,
    /// Where the file is meanwhile, on file systems that cannot hold one without a name.
    named: Option<PathBuf>,
}

impl FreshFile {
    /// Begins a file that will be `target`, for its owner only.
    ///
    /// # Errors
    /// What the system says; [`ErrorKind::AlreadyExists`] if the name is taken and may not be.
    pub fn create(target: &Path, may_replace: bool) -> io::Result<Self> {
        if !may_replace && fs::symlink_metadata(target).is_ok() {
            return Err(ErrorKind::AlreadyExists.into());
        }
        if let Some(file) = nameless(directory(target)) {
            return Ok(Self {
                file,
                target: target.to_owned(),
                named: None,
            });
        }
        let named = beside(target, ".partial");
        Ok(Self {
            file: new_file(&named)?,
            target: target.to_owned(),
            named: Some(named),
        })
    }

    /// What was written, from its beginning.
    ///
    /// # Errors
    /// What the system says.
    pub fn written(&mut self) -> io::Result<impl Read + '_> {
        self.file.rewind()?;
        Ok(&self.file)
    }

    /// Gives the file its name once it is on disk.
    ///
    /// # Errors
    /// What the system says; [`ErrorKind::AlreadyExists`] if somebody else took the name meanwhile and may keep it.
    pub fn publish(mut self, may_replace: bool) -> io::Result<()> {
        self.file.sync_all()?;
        let source = match &self.named {
            Some(named) => named.clone(),
            None => self.name_it(may_replace)?,
        };
        if source != self.target {
            // From here on the name is to be removed if anything fails.
            self.named = Some(source.clone());
            if !may_replace && fs::symlink_metadata(&self.target).is_ok() {
                return Err(ErrorKind::AlreadyExists.into());
            }
            fs::rename(&source, &self.target)?;
            self.named = None;
        }
        File::open(directory(&self.target))?.sync_all()
    }

    /// Links the nameless file to its target, or beside it if the target is to be replaced.
    fn name_it(&self, may_replace: bool) -> io::Result<PathBuf> {
        let place = if may_replace {
            let partial = beside(&self.target, ".partial");
            // Left over if an earlier attempt was killed.
            let _leftover = fs::remove_file(&partial);
            partial
        } else {
            self.target.clone()
        };
        let handle = format!("{HANDLES}/{}", self.file.as_raw_fd());
        linkat(CWD, handle.as_str(), CWD, &place, AtFlags::SYMLINK_FOLLOW)?;
        Ok(place)
    }
}

impl Write for FreshFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.file.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

impl Drop for FreshFile {
    fn drop(&mut self) {
        if let Some(named) = &self.named {
            // The error that matters is the first one.
            let _leftover = fs::remove_file(named);
        }
    }
}

/// A file that is gone with its last user unless it gets a name; not every file system has such.
fn nameless(directory: &Path) -> Option<File> {
    if !Path::new(HANDLES).is_dir() {
        return None;
    }
    let flags = OFlags::TMPFILE | OFlags::RDWR | OFlags::CLOEXEC;
    open(directory, flags, Mode::RUSR | Mode::WUSR).ok().map(File::from)
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    fn names(dir: &Path) -> Vec<String> {
        let entries = fs::read_dir(dir).expect("a folder").flatten();
        entries
            .map(|entry| entry.file_name().to_string_lossy().into_owned())
            .collect()
    }

    fn by_name(target: &Path) -> FreshFile {
        let named = beside(target, ".partial");
        FreshFile {
            file: new_file(&named).expect("made"),
            target: target.to_owned(),
            named: Some(named),
        }
    }

    #[test]
    fn a_file_appears_complete_and_private_or_not_at_all() {
        let dir = tempfile::tempdir().expect("a folder");
        let target = dir.path().join("saved");
        for make in [|target: &Path| FreshFile::create(target, false).expect("made"), by_name] {
            let mut given_up = make(&target);
            given_up.write_all(b"half").expect("written");
            drop(given_up);
            assert_eq!(names(dir.path()), Vec::<String>::new());
            let mut file = make(&target);
            file.write_all(b"whole").expect("written");
            let mut text = String::new();
            file.written().expect("read").read_to_string(&mut text).expect("text");
            file.publish(false).expect("published");
            assert_eq!((text.as_str(), names(dir.path())), ("whole", vec!["saved".to_owned()]));
            let mode = fs::metadata(&target).expect("there").permissions().mode();
            assert_eq!(mode & 0o777, 0o600);
            fs::remove_file(&target).expect("removed");
        }
    }

    #[test]
    fn a_name_that_is_taken_is_kept_unless_it_may_be_replaced() {
        let dir = tempfile::tempdir().expect("a folder");
        let target = dir.path().join("saved");
        fs::write(&target, "precious").expect("made");
        let taken = FreshFile::create(&target, false).expect_err("refused");
        assert_eq!(taken.kind(), ErrorKind::AlreadyExists);
        for make in [|target: &Path| FreshFile::create(target, true).expect("made"), by_name] {
            let late = make(&target).publish(false).expect_err("refused");
            assert_eq!(late.kind(), ErrorKind::AlreadyExists);
            assert_eq!(fs::read_to_string(&target).expect("there"), "precious");
        }
        for make in [|target: &Path| FreshFile::create(target, true).expect("made"), by_name] {
            let mut file = make(&target);
            file.write_all(b"new").expect("written");
            file.publish(true).expect("published");
            assert_eq!(fs::read_to_string(&target).expect("there"), "new");
            assert_eq!(names(dir.path()), ["saved"]);
        }
    }
}
