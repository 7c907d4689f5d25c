//! How often anybody has committed, whichever process it was: SQLite keeps count in the index of the write-ahead log.
//!
//! The index is the file beside the database whose name ends in `-shm`; its header stands twice at the beginning, 48 bytes
//! each, in the byte order of the machine (SQLite, "WAL-mode File Format", section 2.1): bytes 0 to 3 are the version, bytes
//! 8 to 11 count transactions, byte 12 says whether the header is ready. A header whose copies differ is being written.

use std::ffi::OsString;
use std::fs::File;
use std::io;
use std::os::unix::fs::{FileExt as _, MetadataExt as _};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError, Weak};

/// The only version there is.
const VERSION: u32 = 3_007_000;
/// One copy of the header, in bytes.
const HEADER: usize = 48;

/// Device and number of a file.
type Place = (u64, u64);

/// Files that are open. Closing one drops every lock that this process holds on the file, whoever took it, so it is opened
/// once in a process and closed after the last database that reads it.
static OPEN: Mutex<Vec<(Place, Weak<File>)>> = Mutex::new(Vec::new());

/// The count of one database.
pub(super) struct Commits(Arc<File>);

impl Commits {
    /// Opens the index of the database at `path`, which must be open.
    pub(super) fn open(path: &Path) -> io::Result<Self> {
        let index = index_of(path);
        let found = std::fs::metadata(&index)?;
        let place = (found.dev(), found.ino());
        let mut open = OPEN.lock().unwrap_or_else(PoisonError::into_inner);
        open.retain(|(_, file)| file.strong_count() > 0);
        let known = open.iter().find(|(other, _)| *other == place);
        if let Some(file) = known.and_then(|(_, file)| file.upgrade()) {
            return Ok(Self(file));
        }
        let file = Arc::new(File::open(&index)?);
        open.push((place, Arc::downgrade(&file)));
        Ok(Self(file))
    }

    /// The count, which wraps; `None` while somebody writes it, or where the file is not as described.
    pub(super) fn count(&self) -> Option<u32> {
        let mut both = [0; 2 * HEADER];
        self.0.read_exact_at(&mut both, 0).ok()?;
        count_of(&both)
    }
}

fn count_of(both: &[u8; 2 * HEADER]) -> Option<u32> {
    let (first, second) = both.split_at(HEADER);
    let number = |at: usize| first.get(at..at + 4)?.try_into().ok().map(u32::from_ne_bytes);
    let is_ready = first == second && number(0) == Some(VERSION) && first.get(12) == Some(&1);
    if is_ready { number(8) } else { None }
}

fn index_of(path: &Path) -> PathBuf {
    let mut name = OsString::from(path);
    name.push("-shm");
    PathBuf::from(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn header(count: u32) -> [u8; HEADER] {
        let mut header = [7; HEADER];
        header[..4].copy_from_slice(&VERSION.to_ne_bytes());
        header[8..12].copy_from_slice(&count.to_ne_bytes());
        header[12] = 1;
        header
    }

    fn both(first: [u8; HEADER], second: [u8; HEADER]) -> [u8; 2 * HEADER] {
        let mut both = [0; 2 * HEADER];
        both[..HEADER].copy_from_slice(&first);
        both[HEADER..].copy_from_slice(&second);
        both
    }

    #[test]
    fn a_header_is_believed_if_its_copies_are_equal_and_it_is_ready() {
        assert_eq!(count_of(&both(header(41), header(41))), Some(41));
        assert_eq!(count_of(&both(header(42), header(41))), None, "being written");
        let mut unready = header(41);
        unready[12] = 0;
        assert_eq!(count_of(&both(unready, unready)), None);
        let mut later = header(41);
        later[0] ^= 1;
        assert_eq!(count_of(&both(later, later)), None, "another version");
    }
}
