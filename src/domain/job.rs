//! What goes on in the background: its number, and how far it has come.

use std::fmt;

/// The number of a job that goes on in the background.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct JobId(u64);

impl JobId {
    /// A new number; nobody can guess it.
    #[must_use]
    pub const fn new(random: [u8; 8]) -> Self {
        Self(u64::from_be_bytes(random))
    }

    /// Reads 16 hexadecimal digits.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let is_whole = text.len() == 16 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
        is_whole.then(|| u64::from_str_radix(text, 16).ok().map(Self)).flatten()
    }
}

impl fmt::Display for JobId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:016x}", self.0)
    }
}

/// How far a job has come.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Progress<W, T> {
    /// What is done.
    pub what: W,
    /// What came of it so far.
    pub so_far: T,
    /// Whether it is over.
    pub is_over: bool,
    /// The number of the fault that ended it before its time.
    pub fault: Option<String>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_of_jobs_survive_their_text_form() {
        let id = JobId::new([0, 1, 2, 3, 4, 5, 6, 0xff]);
        assert_eq!(id.to_string(), "00010203040506ff");
        assert_eq!(JobId::parse("00010203040506FF"), Some(id));
        for bad in ["", "+0010203040506ff", "00010203040506f", "00010203040506ffa"] {
            assert_eq!(JobId::parse(bad), None, "{bad}");
        }
    }
}
