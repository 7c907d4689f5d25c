//! A real mail server with TLS and logins, see `smtp_server.py`, and certificates, see `certs.sh`.

use std::io::{BufRead as _, BufReader};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use librechat_auth::config::{Config, Encryption, Smtp, Transport};
use librechat_auth::domain::secret::Secret;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::support::postbox::Received;
use crate::support::{Client, postbox};

/// The only one who may log in.
pub const LOGIN: &str = "ada";
pub const PASSWORD: &str = "s3cret-of-the-mail-server";

/// How the server protects connections.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Speaks {
    Plainly,
    StartTls,
    Tls,
}

/// Which certificate it shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Certificate {
    Good,
    Expired,
    /// For other.example.org.
    Other,
    SelfSigned,
}

impl Certificate {
    fn file(self) -> &'static str {
        match self {
            Self::Good => "good.pem",
            Self::Expired => "expired.pem",
            Self::Other => "other.pem",
            Self::SelfSigned => "selfsigned.pem",
        }
    }
}

/// The running server. It ends when this goes.
pub struct MailServer {
    process: Child,
    dir: TempDir,
    control: Client,
    speaks: Speaks,
    pub address: SocketAddr,
}

/// A letter, and how it came.
#[derive(Clone, Debug)]
pub struct Taken {
    pub letter: Received,
    pub tls: bool,
    pub login: Option<String>,
}

fn beside(file: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/peers").join(file)
}

impl MailServer {
    /// A server that wants a login.
    pub fn start(speaks: Speaks, certificate: Certificate) -> Self {
        let dir = tempfile::tempdir().expect("a folder");
        let made = Command::new("sh").arg(beside("certs.sh")).arg(dir.path()).output();
        let made = made.expect("sh runs");
        assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
        let mut command = Command::new("/usr/bin/python3");
        command
            .arg(beside("smtp_server.py"))
            .args(["--login", &format!("{LOGIN}:{PASSWORD}")]);
        if speaks != Speaks::Plainly {
            let kind = if speaks == Speaks::Tls { "implicit" } else { "starttls" };
            command.args(["--tls", kind]);
            command.arg("--cert").arg(dir.path().join(certificate.file()));
            command.arg("--key").arg(dir.path().join("server.key"));
        }
        // The pipe ties it to this test, however that ends.
        let mut process = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("python runs; make test installs it");
        let mut line = String::new();
        let mut out = BufReader::new(process.stdout.take().expect("piped"));
        out.read_line(&mut line).expect("text");
        let ports: Vec<u16> = line.split_whitespace().filter_map(|word| word.parse().ok()).collect();
        let [smtp, http] = ports.as_slice() else {
            panic!("the mail server does not start: {line}; make test installs aiosmtpd");
        };
        let at = |port: u16| SocketAddr::from(([127, 0, 0, 1], port));
        Self {
            process,
            dir,
            control: Client::new(at(*http)),
            speaks,
            address: at(*smtp),
        }
    }

    /// Makes this server the one that mail goes to, with its login and its authority.
    pub fn serve(&self, config: &mut Config) {
        postbox::route_to(self.address, config);
        config.mail.timeout = Duration::from_secs(15);
        config.outgoing.ca_file = Some(self.authority());
        config.mail.transport = Some(Transport::Smtp(Smtp {
            host: "127.0.0.1".to_owned(),
            port: self.address.port(),
            encryption: match self.speaks {
                Speaks::Plainly => Encryption::None,
                Speaks::StartTls => Encryption::StartTls,
                Speaks::Tls => Encryption::Tls,
            },
            certificate_name: "localhost".to_owned(),
            allow_selfsigned: false,
            credentials: Some((LOGIN.to_owned(), Secret::new(PASSWORD))),
        }));
    }

    /// The certificate of the authority that signed the server's.
    pub fn authority(&self) -> PathBuf {
        self.dir.path().join("ca.pem")
    }

    /// Waits until so many letters were taken.
    pub fn letters(&self, count: usize) -> Vec<Taken> {
        let answer = self.control.get(&format!("/letters?count={count}")).json();
        let all = answer.as_array().expect("a list").iter().map(taken);
        let all: Vec<Taken> = all.collect();
        assert!(all.len() >= count, "{all:?}");
        all
    }

    /// At this command (`mail`, `rcpt` or `data`) the connection is cut, once.
    pub fn drops_at(&self, command: &str) {
        let answer = self.control.post("/fail", &json!({ "at": command, "drop": true }));
        assert_eq!(answer.status, 200);
    }
}

fn taken(value: &Value) -> Taken {
    let text = |value: &Value| value.as_str().map(str::to_owned);
    let raw = STANDARD.decode(value["raw"].as_str().expect("bytes")).expect("base64");
    Taken {
        letter: Received {
            from: text(&value["from"]).expect("a sender"),
            to: text(&value["to"][0]).expect("a recipient"),
            raw: String::from_utf8(raw).expect("ASCII"),
        },
        tls: value["tls"].as_bool().expect("yes or no"),
        login: text(&value["login"]),
    }
}

impl Drop for MailServer {
    fn drop(&mut self) {
        drop(self.process.stdin.take());
        // It was tied to the pipe, so it ends by itself.
        let _status = self.process.wait();
    }
}
