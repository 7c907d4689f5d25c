//! The built program in a folder of its own, with nothing of the tests' own environment.

use std::ffi::OsStr;
use std::fs;
use std::io::Write as _;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use rusqlite::Connection;
use serde_json::Value as Json;
use tempfile::TempDir;

pub use crate::support::PASSWORD;

/// A folder with a data directory in it.
pub struct Home {
    pub dir: TempDir,
}

/// How a command ended.
#[derive(Debug)]
pub struct Ended {
    pub code: Option<i32>,
    pub out: String,
    pub err: String,
}

impl Home {
    pub fn new() -> Self {
        Self {
            dir: tempfile::tempdir().expect("a directory"),
        }
    }

    /// With ada, an admin, and bob.
    pub fn with_people() -> Self {
        let home = Self::new();
        home.create("ada", &["--role", "ADMIN"]);
        home.create("bob", &[]);
        home
    }

    /// Writes `librechat-auth.toml`.
    pub fn configure(&self, text: &str) {
        fs::write(self.dir.path().join("librechat-auth.toml"), text).expect("written");
    }

    pub fn data(&self) -> PathBuf {
        self.dir.path().join("data")
    }

    pub fn database(&self) -> PathBuf {
        self.data().join("librechat-auth.db")
    }

    /// The program, not started yet: no arguments but `--data`, no environment, nothing on standard input.
    pub fn command(&self) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_librechat-auth"));
        command
            .env_clear()
            .current_dir(self.dir.path())
            .arg("--data")
            .arg(self.data())
            .stdin(Stdio::null());
        command
    }

    pub fn run<S: AsRef<OsStr>>(&self, arguments: &[S]) -> Ended {
        ended(self.command().args(arguments))
    }

    /// As [`Home::run`], with this on standard input.
    pub fn run_with(&self, arguments: &[&str], input: &str) -> Ended {
        let mut child = self
            .command()
            .args(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the program starts");
        let mut stdin = child.stdin.take().expect("piped");
        // A program that refuses early does not read; its answer is what counts.
        let _unread = stdin.write_all(input.as_bytes());
        drop(stdin);
        Ended::from(child.wait_with_output().expect("the program ends"))
    }

    /// Runs a command that must succeed with `--json`; answers with what it printed.
    pub fn json(&self, arguments: &[&str]) -> Json {
        let ended = self.run(&[arguments, &["--json"]].concat());
        assert_eq!(ended.code, Some(0), "{arguments:?}: {ended:?}");
        serde_json::from_str(&ended.out).expect("JSON")
    }

    /// Makes an account with [`PASSWORD`] and an address at example.org; answers with its id.
    pub fn create(&self, name: &str, flags: &[&str]) -> String {
        let email = format!("{name}@example.org");
        let arguments = [
            &["create-user", &email, name, name, "--password-stdin", "--json"],
            flags,
        ]
        .concat();
        let ended = self.run_with(&arguments, PASSWORD);
        assert_eq!(ended.code, Some(0), "{ended:?}");
        let account: Json = serde_json::from_str(&ended.out).expect("JSON");
        account["id"].as_str().expect("an id").to_owned()
    }

    /// The account as `list-users --json` shows it.
    pub fn account(&self, email: &str) -> Option<Json> {
        let all = self.json(&["list-users"]);
        let found = all.as_array().expect("an array").iter();
        found.clone().find(|account| account["email"] == email).cloned()
    }
}

fn ended(command: &mut Command) -> Ended {
    Ended::from(command.output().expect("the program starts"))
}

impl From<std::process::Output> for Ended {
    fn from(output: std::process::Output) -> Self {
        let text = |bytes| String::from_utf8(bytes).expect("UTF-8");
        Self {
            code: output.status.code(),
            out: text(output.stdout),
            err: text(output.stderr),
        }
    }
}

impl Ended {
    /// Asserts that it failed with this code, said this on standard error and nothing on standard output.
    #[track_caller]
    pub fn refused(&self, code: i32, saying: &str) {
        assert_eq!(self.code, Some(code), "{self:?}");
        assert!(self.err.contains(saying), "{self:?}");
        assert_eq!(self.out, "", "{self:?}");
    }

    /// Asserts that it succeeded; answers with standard output.
    #[track_caller]
    pub fn done(&self) -> &str {
        assert_eq!(self.code, Some(0), "{self:?}");
        &self.out
    }
}

impl Home {
    /// Puts so many people into the database at once, behind the program's back.
    pub fn populate(&self, count: u32) {
        let sql = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?1) \
                   INSERT INTO users (id, email, name, provider, role, terms_accepted_at, created_at, updated_at, login_count) \
                   SELECT printf('%024x', i), 'p' || i || '@example.org', 'Person ' || i, 'local', 'USER', 5, 6, 7, 8 FROM n";
        Connection::open(self.database())
            .and_then(|database| database.execute(sql, [count]))
            .expect("people");
    }
}
