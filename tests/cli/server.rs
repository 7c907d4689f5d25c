//! `serve` as a process of its own, and people who are logged in to it.

use std::fs::{self, File};
use std::io::{BufRead as _, BufReader};
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::{Child, ChildStdout, Stdio};

use rustix::process::{Pid, Signal, kill_process};
use serde_json::{Value as Json, json};

use super::kit::{Ended, Home, PASSWORD};
use crate::support::{Answer, Client, Person};

/// The running server; killed if the test forgets to stop it.
pub struct Server {
    child: Child,
    /// Kept open, so that the server has somebody to tell.
    _out: BufReader<ChildStdout>,
    pub address: SocketAddr,
    /// The set-up link, while there is no admin.
    pub link: Option<String>,
    log: PathBuf,
}

impl Server {
    pub fn start(home: &Home) -> Self {
        let log = home.dir.path().join("log");
        let mut child = home
            .command()
            .args(["serve", "--port", "0"])
            .stdout(Stdio::piped())
            .stderr(File::create(&log).expect("a log"))
            .spawn()
            .expect("the program starts");
        let mut out = BufReader::new(child.stdout.take().expect("piped"));
        let (mut address, mut link) = (None, None);
        let mut text = String::new();
        // The block ends with the data directory, or with the set-up link if that is needed.
        while link.is_none() && out.read_line(&mut text).expect("text") > 0 {
            if let Some((_, rest)) = text.split_once("listening on ") {
                address = rest.trim_end().trim_end_matches(')').parse().ok();
            }
            if let Some((_, rest)) = text.split_once("set-up    ") {
                link = Some(rest.trim_end().to_owned());
            }
            if text.trim_start().starts_with("data ") && home.has_admin() {
                break;
            }
            text.clear();
        }
        Self {
            child,
            _out: out,
            address: address.unwrap_or_else(|| panic!("no address: {}", fs::read_to_string(&log).unwrap_or_default())),
            link,
            log,
        }
    }

    pub fn client(&self) -> Client {
        Client::new(self.address)
    }

    pub fn log_in(&self, name: &str, password: &str) -> Answer {
        let credentials = json!({ "email": format!("{name}@example.org"), "password": password });
        self.client().post("/api/auth/login", &credentials)
    }

    /// Somebody who is logged in by [`PASSWORD`].
    pub fn person(&self, name: &str) -> Person {
        let client = self.client();
        let credentials = json!({ "email": format!("{name}@example.org"), "password": PASSWORD });
        let answer = client.post("/api/auth/login", &credentials);
        assert_eq!(answer.status, 200, "{answer:?}");
        let token = answer.json()["token"].as_str().expect("a token").to_owned();
        Person {
            name: name.to_owned(),
            client,
            token,
        }
    }

    pub fn signal(&self, signal: Signal) {
        let number = i32::try_from(self.child.id()).expect("a process id");
        kill_process(Pid::from_raw(number).expect("a process id"), signal).expect("sent");
    }

    /// Sends the signal and waits; answers with the exit code and the log.
    pub fn stop(mut self, signal: Signal) -> (Option<i32>, String) {
        self.signal(signal);
        let code = self.child.wait().expect("it ends").code();
        (code, fs::read_to_string(&self.log).expect("the log"))
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It has ended already unless the test failed or forgot it.
        let _ended = self.child.kill();
        let _status = self.child.wait();
    }
}

impl Home {
    fn has_admin(&self) -> bool {
        self.json(&["list-users"])
            .as_array()
            .is_some_and(|all| all.iter().any(|account| account["role"] == "ADMIN"))
    }

    /// Runs `serve` where it cannot start.
    pub fn serve_fails(&self, flags: &[&str]) -> Ended {
        self.run(&[&["serve", "--port", "0"], flags].concat())
    }
}

/// The user as the server shows it to the holder of the access token; `None` if it refuses.
pub fn seen_by(person: &Person) -> Option<Json> {
    let answer = person.api("GET", "/api/user");
    (answer.status == 200).then(|| answer.json())
}
