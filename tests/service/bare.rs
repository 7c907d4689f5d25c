//! The program alone: in a folder with nothing else in it, as the image of `packaging/container` has it.

use std::collections::HashMap;
use std::fs::{self, File};
use std::io::{BufRead as _, BufReader};
use std::net::SocketAddr;
use std::os::unix::fs::{PermissionsExt as _, chown};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use rustix::process::{Pid, Signal, kill_process};
use tempfile::TempDir;

use crate::support::Client;

const BINARY: &str = env!("CARGO_BIN_EXE_librechat-auth");

/// What the lines of the Containerfile say.
#[derive(Debug, Default)]
struct Image {
    /// From where in the repository, to where.
    copies: Vec<(String, String)>,
    environment: HashMap<String, String>,
    user: u32,
    command: Vec<String>,
}

impl Image {
    fn read() -> Self {
        let text = fs::read_to_string(in_repository("packaging/container/Containerfile")).expect("in the repository");
        let mut image = Self::default();
        for line in text.lines().filter(|line| !line.starts_with('#')) {
            let (word, rest) = line.split_once(' ').unwrap_or((line, ""));
            match word {
                "COPY" => image.copies.push(copied(rest)),
                "ENV" => {
                    let pairs = rest.split(' ').filter_map(|pair| pair.split_once('='));
                    let owned = pairs.map(|(name, value)| (name.to_owned(), value.to_owned()));
                    image.environment.extend(owned);
                }
                "USER" => image.user = rest.split(':').next().and_then(|id| id.parse().ok()).expect("a number"),
                "ENTRYPOINT" | "CMD" => {
                    let words: Vec<String> = serde_json::from_str(rest).expect("a list of words");
                    image.command.extend(words);
                }
                "FROM" => assert_eq!(rest, "scratch", "nothing comes along"),
                _ => {}
            }
        }
        image
    }

    /// Its files in a folder of their own, with the tested program for the released one.
    fn unpacked(&self) -> TempDir {
        let root = tempfile::tempdir().expect("a folder");
        fs::set_permissions(root.path(), fs::Permissions::from_mode(0o755)).expect("set");
        for (from, to) in &self.copies {
            let to = root.path().join(to.trim_start_matches('/'));
            if from.starts_with("target/") {
                fs::copy(BINARY, to).expect("copied");
            } else {
                fs::create_dir(&to).expect("made");
                chown(&to, Some(self.user), Some(self.user)).expect("root gives it away; the tests run as root");
            }
        }
        root
    }
}

fn copied(rest: &str) -> (String, String) {
    let paths: Vec<&str> = rest.split(' ').filter(|word| !word.starts_with("--")).collect();
    let [from, to] = paths.as_slice() else {
        panic!("one file to one place: {rest}");
    };
    ((*from).to_owned(), (*to).to_owned())
}

fn in_repository(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

/// A server in there.
struct Contained {
    process: Child,
    address: SocketAddr,
}

impl Contained {
    fn start(image: &Image, root: &Path) -> Self {
        let mut process = Command::new("chroot")
            .arg(format!("--userspec={0}:{0}", image.user))
            .arg(root)
            .args(&image.command)
            .args(["--port", "0"])
            .env_clear()
            .env("PATH", "/usr/sbin:/usr/bin:/sbin:/bin")
            .envs(&image.environment)
            // This machine may be on a network.
            .env("HOST", "127.0.0.1")
            .stdout(Stdio::piped())
            .stderr(File::create(root.join("log")).expect("a log"))
            .spawn()
            .expect("chroot runs");
        let address = BufReader::new(process.stdout.take().expect("piped"))
            .lines()
            .map_while(Result::ok)
            .find_map(|line| Some(line.split_once("listening on ")?.1.trim_end_matches(')').to_owned()));
        let address =
            address.unwrap_or_else(|| panic!("it does not start: {:?}", fs::read_to_string(root.join("log"))));
        Self {
            process,
            address: address.parse().expect("an address"),
        }
    }

    fn stop(mut self) -> Option<i32> {
        let pid = Pid::from_raw(i32::try_from(self.process.id()).expect("small")).expect("a process");
        kill_process(pid, Signal::TERM).expect("told to stop");
        self.process.wait().expect("ended").code()
    }
}

#[test]
#[ignore = "needs root and a static program: run make test"]
fn it_runs_with_nothing_around_it() {
    let image = Image::read();
    let root = image.unpacked();
    let server = Contained::start(&image, root.path());
    let client = Client::new(server.address);
    assert_eq!(client.get("/readyz").status, 200);
    let set_up = client.get("/login");
    assert!(set_up.status < 400, "{set_up:?}");
    let style = client.get("/api/config");
    assert!(style.json().is_object());
    assert_eq!(server.stop(), Some(0));
    let data = root.path().join("data");
    assert!(data.join("librechat-auth.db").exists(), "in the volume");
}

#[test]
#[ignore = "needs a static program: run make test"]
fn it_needs_no_library() {
    let output = Command::new("ldd").arg(BINARY).output().expect("ldd runs");
    let said = [output.stdout, output.stderr].concat();
    let said = String::from_utf8_lossy(&said);
    assert!(
        said.contains("statically linked") || said.contains("not a dynamic executable"),
        "{said}"
    );
}
