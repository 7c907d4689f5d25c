//! What the process was started with: flags, environment, folder. The only place that reads the environment.

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};

/// Everything from which the configuration is made; nothing else is looked at.
#[derive(Clone, Default)]
pub struct Inputs {
    /// Flags as pairs of a setting's path (`server.port`) and its value.
    pub flags: Vec<(String, String)>,
    /// The process environment.
    pub environment: BTreeMap<String, String>,
    /// Where relative paths start and the usual files are looked for.
    pub working_dir: PathBuf,
    /// `--config`: must exist if named; otherwise `librechat-auth.toml` is read if it is there.
    pub config_file: Option<PathBuf>,
    /// `--env-file`: must exist if named; otherwise `.env` is read if it is there.
    pub env_file: Option<PathBuf>,
}

impl Inputs {
    /// The environment and folder of this process, with what its command line said.
    ///
    /// # Errors
    /// If the current folder is gone.
    #[expect(clippy::disallowed_methods, reason = "the one place where the environment is read")]
    pub fn from_process(
        flags: Vec<(String, String)>,
        config_file: Option<PathBuf>,
        env_file: Option<PathBuf>,
    ) -> io::Result<Self> {
        let environment = std::env::vars_os()
            .map(|(name, value)| (lossy(&name), lossy(&value)))
            .collect();
        Ok(Self {
            flags,
            environment,
            working_dir: std::env::current_dir()?,
            config_file,
            env_file,
        })
    }

    /// A path as somebody wrote it, seen from the working directory.
    #[must_use]
    pub fn resolve(&self, path: impl AsRef<Path>) -> PathBuf {
        let path = path.as_ref();
        self.working_dir.join(path.strip_prefix("./").unwrap_or(path))
    }

    /// A variable, unless it is unset or empty.
    #[must_use]
    pub fn variable(&self, name: &str) -> Option<&str> {
        self.environment
            .get(name)
            .map(String::as_str)
            .filter(|value| !value.is_empty())
    }
}

impl std::fmt::Debug for Inputs {
    /// Leaves out values, which may be secret.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Inputs")
            .field("working_dir", &self.working_dir)
            .field("config_file", &self.config_file)
            .field("env_file", &self.env_file)
            .finish_non_exhaustive()
    }
}

fn lossy(text: &std::ffi::OsStr) -> String {
    text.to_string_lossy().into_owned()
}
