//! Counterparts that run in Node: an OpenID provider (`oidc_provider.mjs`, around the certified npm `oidc-provider`), and one
//! server shaped like Google, GitHub, Discord, Facebook and Apple (`social_emulator.mjs`), which nobody can run at home.
//! What each can do, and how a test steers it, is told at the head of its file.

use std::collections::HashMap;
use std::io::{BufRead as _, BufReader};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use serde_json::Value;
use url::{Position, Url};

use crate::support::{Answer, Client};

/// A running counterpart. It ends when this goes.
pub struct NodePeer {
    process: Child,
    control: Client,
    /// What its first line says of it, such as its `issuer` or `base`.
    pub fields: HashMap<String, String>,
}

impl NodePeer {
    /// Starts `tests/peers/<script>` on a free port.
    pub fn start(script: &str, arguments: &[&str]) -> Self {
        let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/peers");
        // The pipe ties it to this test, however that ends.
        let mut process = Command::new("sh")
            .args(["-c", super::TIED, "peer"])
            .arg(node())
            .arg(script)
            .args(["--port", "0"])
            .args(arguments)
            .current_dir(dir)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("sh runs");
        let mut out = BufReader::new(process.stdout.take().expect("piped"));
        let mut line = String::new();
        while !line.starts_with("READY ") {
            line.clear();
            let read = out.read_line(&mut line).expect("text");
            assert!(read > 0, "{script} does not start; make test installs what it needs");
        }
        std::thread::spawn(move || std::io::copy(&mut out, &mut std::io::sink()));
        let mut words = line.split_whitespace().skip(1);
        let port: u16 = words.next().and_then(|port| port.parse().ok()).expect("a port");
        let fields = words.filter_map(|word| word.split_once('='));
        Self {
            process,
            control: Client::new(SocketAddr::from(([127, 0, 0, 1], port))),
            fields: fields
                .map(|(name, value)| (name.to_owned(), value.to_owned()))
                .collect(),
        }
    }

    /// Steers it: `POST /_ctl/<what>`.
    pub fn control(&self, what: &str, body: &Value) -> Answer {
        let answer = self.control.post(&format!("/_ctl/{what}"), body);
        assert!(answer.status < 300, "/_ctl/{what} answers {}", answer.status);
        answer
    }

    /// Goes there as a browser does, without following where it leads.
    pub fn visit(&self, address: &str) -> Answer {
        let url = Url::parse(address).expect("an address");
        self.control.get(&url[Position::BeforePath..Position::AfterQuery])
    }

    /// Asks it: `GET /_ctl/<what>`, such as the `log` of the requests that it got.
    pub fn ask(&self, what: &str) -> Value {
        self.control.get(&format!("/_ctl/{what}")).json()
    }
}

/// Node as `scripts/install-test-deps.sh` left it: its own where the system's is too old.
fn node() -> PathBuf {
    let own = super::guards::test_tools().join("node");
    if own.exists() { own } else { PathBuf::from("node") }
}

impl Drop for NodePeer {
    fn drop(&mut self) {
        drop(self.process.stdin.take());
        drop(self.process.wait());
    }
}

#[test]
fn the_counterparts_describe_themselves() {
    for (script, field, path) in [
        ("oidc_provider.mjs", "issuer", ""),
        ("social_emulator.mjs", "base", "/google"),
    ] {
        let peer = NodePeer::start(script, &[]);
        let description = peer.control.get(&format!("{path}/.well-known/openid-configuration"));
        let issuer = format!("{}{path}", peer.fields[field]);
        assert_eq!(description.json()["issuer"], issuer.as_str(), "{script}");
        peer.control("next", &serde_json::json!({}));
        assert!(peer.ask("log").is_array(), "{script}");
    }
}
