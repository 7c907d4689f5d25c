//! A supervisor: it listens to what `serve` tells on the notification socket.

use std::fs::{self, File};
use std::os::unix::net::UnixDatagram;
use std::path::PathBuf;
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};

use crate::cli::kit::Home;

const PATIENCE: Duration = Duration::from_secs(30);

/// `serve` below a supervisor.
pub struct Supervised {
    child: Child,
    socket: UnixDatagram,
    log: PathBuf,
    /// Every message so far, split into lines.
    pub heard: Vec<String>,
}

impl Supervised {
    pub fn start(home: &Home, environment: &[(&str, &str)]) -> Self {
        let path = home.dir.path().join("notify");
        let socket = UnixDatagram::bind(&path).expect("bound");
        socket
            .set_read_timeout(Some(Duration::from_millis(50)))
            .expect("a timeout");
        let log = home.dir.path().join("log");
        let child = home
            .command()
            .args(["serve", "--port", "0"])
            .env("NOTIFY_SOCKET", &path)
            .envs(environment.iter().copied())
            .stdout(Stdio::null())
            .stderr(File::create(&log).expect("a log"))
            .spawn()
            .expect("the program starts");
        Self {
            child,
            socket,
            log,
            heard: Vec::new(),
        }
    }

    /// Listens for a moment.
    fn listen(&mut self) {
        let mut buffer = [0; 4096];
        if let Ok(length) = self.socket.recv(&mut buffer) {
            let text = String::from_utf8_lossy(&buffer[..length]).into_owned();
            self.heard.extend(text.lines().map(str::to_owned));
        }
    }

    /// How often this was heard.
    pub fn count(&self, line: &str) -> usize {
        self.heard.iter().filter(|heard| heard.starts_with(line)).count()
    }

    /// Listens until this was heard so often; answers with the last such line.
    #[track_caller]
    pub fn expect(&mut self, line: &str, times: usize) -> String {
        let end = Instant::now() + PATIENCE;
        while self.count(line) < times {
            assert!(
                Instant::now() < end,
                "{line} was not heard {times} times: {:?}\n{}",
                self.heard,
                self.log()
            );
            self.listen();
        }
        let found = self.heard.iter().rfind(|heard| heard.starts_with(line));
        found.expect("counted").clone()
    }

    /// Listens for so long.
    pub fn listen_for(&mut self, span: Duration) {
        let end = Instant::now() + span;
        while Instant::now() < end {
            self.listen();
        }
    }

    pub fn log(&self) -> String {
        fs::read_to_string(&self.log).expect("the log")
    }

    /// Waits until the log has this.
    #[track_caller]
    pub fn expect_log(&mut self, text: &str) {
        let end = Instant::now() + PATIENCE;
        while !self.log().contains(text) {
            assert!(Instant::now() < end, "{text}: {}", self.log());
            self.listen();
        }
    }

    pub fn signal(&self, signal: Signal) {
        let number = i32::try_from(self.child.id()).expect("a process id");
        kill_process(Pid::from_raw(number).expect("a process id"), signal).expect("sent");
    }

    /// Stops it; answers with the exit code.
    pub fn stop(mut self) -> (Option<i32>, Vec<String>) {
        self.signal(Signal::TERM);
        self.expect("STOPPING=1", 1);
        let code = self.child.wait().expect("it ends").code();
        (code, std::mem::take(&mut self.heard))
    }
}

impl Drop for Supervised {
    fn drop(&mut self) {
        // It has ended already unless the test failed.
        let _ended = self.child.kill();
        let _status = self.child.wait();
    }
}
