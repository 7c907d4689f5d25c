//! The configuration as an operator meets it: files in a folder, variables, flags, and what `check` and `explain` print.

mod access;
mod example;
mod mail;
mod mistakes;
mod moderation;
mod printing;
mod providers;
mod social;
mod sources;

use std::fs;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU8, Ordering};

use librechat_auth::cli::config::explain;
use librechat_auth::config::{Config, Inputs, Loaded, Problem, load, prepare};
use librechat_auth::domain::secret::Entropy;

/// Different bytes each time.
#[derive(Default)]
struct Counting(AtomicU8);

impl Entropy for Counting {
    fn fill(&self, bytes: &mut [u8]) {
        bytes.fill(self.0.fetch_add(1, Ordering::Relaxed));
    }
}

/// A working directory with files in it, and an environment.
struct Folder {
    root: tempfile::TempDir,
    inputs: Inputs,
}

impl Folder {
    fn new() -> Self {
        let root = tempfile::tempdir().expect("folder");
        let inputs = Inputs {
            working_dir: root.path().to_owned(),
            ..Inputs::default()
        };
        Self { root, inputs }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.root.path().join(name)
    }

    fn file(self, name: &str, text: &str) -> Self {
        let path = self.path(name);
        fs::create_dir_all(path.parent().expect("below the root")).expect("folder");
        fs::write(path, text).expect("written");
        self
    }

    fn env(mut self, name: &str, value: &str) -> Self {
        self.inputs.environment.insert(name.into(), value.into());
        self
    }

    fn flag(mut self, key: &str, value: &str) -> Self {
        self.inputs.flags.push((key.into(), value.into()));
        self
    }

    fn load(&self) -> Loaded {
        load(&self.inputs)
    }

    fn prepare(&self) -> Loaded {
        prepare(&self.inputs, &Counting::default())
    }

    fn config(&self) -> Config {
        let loaded = self.prepare();
        assert_eq!(lines(&loaded.errors), "");
        loaded.config.expect("there are no errors")
    }

    fn errors(&self) -> String {
        lines(&self.load().errors)
    }

    fn warnings(&self) -> String {
        lines(&self.load().warnings)
    }

    fn explain(&self, key: &str) -> serde_json::Value {
        let mut out = Vec::new();
        let explained = explain(&self.inputs, Some(key), true, &mut out);
        explained.expect("printed").expect("a setting");
        serde_json::from_slice(&out).expect("JSON")
    }
}

/// Problems as they are printed, one a line.
fn lines(problems: &[Problem]) -> String {
    problems
        .iter()
        .fold(String::new(), |text, problem| text + &problem.to_string() + "\n")
}
