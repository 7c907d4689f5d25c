//! What is wrong with a configuration, and where it is written.

use std::fmt;

/// Where something was written.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// A file, `environment`, `command line` or `default`.
    pub source: String,
    /// Line in the file, from 1.
    pub line: Option<usize>,
}

impl Place {
    /// A source without lines.
    #[must_use]
    pub fn new(source: impl Into<String>) -> Self {
        Self {
            source: source.into(),
            line: None,
        }
    }

    /// A line of a file, counted from 1.
    #[must_use]
    pub fn line(source: impl Into<String>, line: usize) -> Self {
        Self {
            source: source.into(),
            line: Some(line),
        }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.line {
            Some(line) => write!(f, "{}:{line}", self.source),
            None => f.write_str(&self.source),
        }
    }
}

/// One thing that is wrong or surprising.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Problem {
    /// A file, `environment`, `command line` or `default`.
    pub source: String,
    /// Line in the file, from 1.
    pub line: Option<usize>,
    /// The setting, spelt as it is there.
    pub key: String,
    /// What is wrong and what to do.
    pub message: String,
}

impl Problem {
    /// A problem with what `key` says at `place`.
    #[must_use]
    pub fn new(place: &Place, key: impl Into<String>, message: impl Into<String>) -> Self {
        Self {
            source: place.source.clone(),
            line: place.line,
            key: key.into(),
            message: message.into(),
        }
    }
}

impl fmt::Display for Problem {
    /// `librechat-auth.toml:12: server.prot: unknown setting; did you mean server.port?`
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.source)?;
        if let Some(line) = self.line {
            write!(f, ":{line}")?;
        }
        if !self.key.is_empty() {
            write!(f, ": {}", self.key)?;
        }
        write!(f, ": {}", self.message)
    }
}

/// Problems found so far: errors stop the start, warnings do not.
#[derive(Clone, Debug, Default)]
pub struct Findings {
    /// What must be put right before anything starts.
    pub errors: Vec<Problem>,
    /// What is probably not meant that way.
    pub warnings: Vec<Problem>,
}

impl Findings {
    /// Notes an error.
    pub fn error(&mut self, place: &Place, key: impl Into<String>, message: impl Into<String>) {
        self.errors.push(Problem::new(place, key, message));
    }

    /// Notes a warning.
    pub fn warning(&mut self, place: &Place, key: impl Into<String>, message: impl Into<String>) {
        self.warnings.push(Problem::new(place, key, message));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn problems_name_file_line_and_setting() {
        let problem = Problem::new(
            &Place::line("librechat-auth.toml", 12),
            "server.prot",
            "unknown setting",
        );
        assert_eq!(
            problem.to_string(),
            "librechat-auth.toml:12: server.prot: unknown setting"
        );
        let problem = Problem::new(&Place::new(".env"), "", "cannot be read");
        assert_eq!(problem.to_string(), ".env: cannot be read");
    }
}
