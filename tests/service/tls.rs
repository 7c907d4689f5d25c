//! Built-in TLS, against curl and openssl: what it shows, that it is renewed under open connections, and what it refuses.

use std::fs;
use std::io::{Read as _, Write as _};
use std::net::SocketAddr;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use rustix::process::Signal;

use super::kit::Supervised;
use crate::cli::kit::Home;
use crate::doctor::certificates::Certificates;

fn configure(home: &Home, certificates: &Certificates, file: &str) {
    let text = format!(
        "[server]\ntls_cert = {:?}\ntls_key = {:?}\n",
        certificates.path(file),
        certificates.path("server.key")
    );
    fs::write(home.dir.path().join("librechat-auth.toml"), text).expect("written");
}

fn started(home: &Home) -> (Supervised, SocketAddr) {
    let mut service = Supervised::start(home, &[]);
    let status = service.expect("STATUS=serving https://localhost:", 1);
    let (_, address) = status.rsplit_once(" on ").expect("an address");
    (service, address.parse().expect("an address"))
}

/// What curl gets from `/readyz`, trusting this authority.
fn curl(address: SocketAddr, certificates: &Certificates) -> String {
    let output = Command::new("curl")
        .args(["--silent", "--show-error", "--max-time", "20", "--cacert"])
        .arg(certificates.path("ca.pem"))
        .args(["--resolve", &format!("localhost:{}:127.0.0.1", address.port())])
        .arg(format!("https://localhost:{}/readyz", address.port()))
        .output()
        .expect("curl runs");
    String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned()
}

/// A connection of openssl's own client, which stays open.
struct Open {
    child: Child,
}

impl Open {
    fn connect(address: SocketAddr) -> Self {
        let child = Command::new("openssl")
            .args([
                "s_client",
                "-quiet",
                "-no_ign_eof",
                "-servername",
                "localhost",
                "-connect",
                &address.to_string(),
            ])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("openssl runs");
        Self { child }
    }

    /// Asks on this connection; answers with the status line.
    fn ask(&mut self) -> String {
        let request = b"GET /livez HTTP/1.1\r\nHost: localhost\r\n\r\n";
        let input = self.child.stdin.as_mut().expect("piped");
        input.write_all(request).and_then(|()| input.flush()).expect("open");
        let output = self.child.stdout.as_mut().expect("piped");
        let mut answer = Vec::new();
        let mut byte = [0];
        while !answer.ends_with(b"\r\n\r\nOK") {
            output.read_exact(&mut byte).expect("an answer");
            answer.push(byte[0]);
        }
        String::from_utf8_lossy(&answer)
            .lines()
            .next()
            .unwrap_or_default()
            .to_owned()
    }
}

impl Drop for Open {
    fn drop(&mut self) {
        let _ended = self.child.kill();
        let _status = self.child.wait();
    }
}

#[test]
#[ignore = "needs curl and openssl: run make test"]
fn a_certificate_is_renewed_while_connections_stay_open() {
    let (home, certificates) = (Home::with_people(), Certificates::new());
    certificates.sign("shown.pem", "elsewhere.example", 60);
    configure(&home, &certificates, "shown.pem");
    let (service, address) = started(&home);
    let mut open = Open::connect(address);
    assert_eq!(open.ask(), "HTTP/1.1 200 OK");
    let refused = curl(address, &certificates);
    assert!(
        refused.contains("no alternative certificate subject name matches"),
        "{refused}"
    );
    certificates.sign("shown.pem", "localhost", 60);
    service.signal(Signal::HUP);
    let end = Instant::now() + Duration::from_secs(20);
    while curl(address, &certificates) != "OK" {
        assert!(Instant::now() < end, "{}", service.log());
    }
    assert_eq!(open.ask(), "HTTP/1.1 200 OK", "the connection from before");
    assert_eq!(service.stop().0, Some(0));
}

#[test]
#[ignore = "needs curl and openssl: run make test"]
fn a_new_certificate_that_is_of_no_use_leaves_the_old_one() {
    let (home, certificates) = (Home::with_people(), Certificates::new());
    certificates.sign("shown.pem", "localhost", 60);
    configure(&home, &certificates, "shown.pem");
    let (mut service, address) = started(&home);
    fs::write(certificates.path("shown.pem"), "half a certif").expect("written");
    service.signal(Signal::HUP);
    service.expect_log("holds no certificate in the PEM form");
    assert_eq!(curl(address, &certificates), "OK");
    assert_eq!(service.stop().0, Some(0));
}

#[test]
#[ignore = "needs openssl: run make test"]
fn files_that_do_not_fit_are_named_in_a_sentence() {
    let (home, certificates) = (Home::with_people(), Certificates::new());
    certificates.sign("good.pem", "localhost", 60);
    let other = Certificates::new();
    let serve = |cert: std::path::PathBuf, key: std::path::PathBuf| {
        let mut command = home.command();
        command
            .env("LIBRECHAT_AUTH_TLS_CERT", cert)
            .env("LIBRECHAT_AUTH_TLS_KEY", key);
        let ended = command.args(["serve", "--port", "0"]).output().expect("it ends");
        assert!(!ended.status.success());
        String::from_utf8_lossy(&ended.stderr).into_owned()
    };
    let (cert, key) = (certificates.path("good.pem"), certificates.path("server.key"));
    for (said, sentence) in [
        (serve(cert.clone(), other.path("server.key")), "cannot be used together"),
        (
            serve(certificates.path("missing"), key.clone()),
            "server.tls_cert names",
        ),
        (
            serve(cert.clone(), certificates.path("missing")),
            "server.tls_key names",
        ),
        (serve(key.clone(), key), "holds no certificate in the PEM form"),
        (serve(cert.clone(), cert), "holds no private key in the PEM form"),
    ] {
        assert!(said.contains(sentence), "{sentence}: {said}");
    }
}

#[test]
fn one_without_the_other_is_a_mistake() {
    let home = Home::new();
    fs::write(
        home.dir.path().join("librechat-auth.toml"),
        "[server]\ntls_cert = \"a.pem\"\n",
    )
    .expect("written");
    home.serve_fails(&[])
        .refused(1, "server.tls_cert: needs server.tls_key as well");
    let both = "[server]\ntls_cert = \"a.pem\"\ntls_key = \"a.key\"\nproxy_protocol = true\ntrusted_proxies = [\"127.0.0.1\"]\n";
    fs::write(home.dir.path().join("librechat-auth.toml"), both).expect("written");
    home.serve_fails(&[])
        .refused(1, "cannot be combined with server.proxy_protocol");
}
