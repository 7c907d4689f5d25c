//! The built program as a process of its own, with its log in a file.

use std::fs::File;
use std::io::{BufRead as _, BufReader};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};

use tempfile::TempDir;

use super::client::Client;

/// The running program; it ends with the test.
pub struct Running {
    process: Child,
    pub client: Client,
    pub log: PathBuf,
    pub dir: TempDir,
}

impl Running {
    /// With these settings in its environment, and no others.
    pub fn start(settings: &[(&str, &str)]) -> Self {
        let dir = tempfile::tempdir().expect("a directory");
        let log = dir.path().join("log");
        let mut process = Command::new(env!("CARGO_BIN_EXE_librechat-auth"))
            .args(["serve", "--port", "0", "--data"])
            .arg(dir.path().join("data"))
            .current_dir(dir.path())
            .env_clear()
            .envs(settings.iter().copied())
            .stdout(Stdio::piped())
            .stderr(File::create(&log).expect("a file"))
            .spawn()
            .expect("the program starts");
        let lines = BufReader::new(process.stdout.take().expect("piped")).lines();
        let address = lines
            .map_while(Result::ok)
            .find_map(|line| Some(line.split_once("listening on ")?.1.trim_end_matches(')').to_owned()))
            .expect("the server says where it listens");
        Self {
            process,
            client: Client::new(address.parse().expect("an address")),
            log,
            dir,
        }
    }

    /// What it has written so far.
    pub fn text(&self) -> String {
        std::fs::read_to_string(&self.log).expect("text")
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // A server that ended before its test has already failed it.
        let _ended = self.process.kill().and_then(|()| self.process.wait());
    }
}
