//! Where requests go, and where they do not: with names that lead wherever a test wants.

use std::collections::HashMap;
use std::future::Future;
use std::io::{Read as _, Write as _};
use std::net::{IpAddr, SocketAddr, TcpListener};
use std::pin::Pin;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use librechat_auth::config;
use librechat_auth::domain::secret::Secret;
use librechat_auth::providers::outgoing::{Lookup, Outgoing, Reply, Unanswered};
use tokio::runtime::Builder;
use url::Url;

/// Names and where they lead, one answer after the other.
#[derive(Default)]
struct Names(Mutex<HashMap<String, Vec<Vec<IpAddr>>>>);

impl Names {
    fn with(names: &[(&str, &[&[&str]])]) -> Arc<dyn Lookup> {
        let address = |text: &&str| text.parse().expect("an address");
        let map = names.iter().map(|(name, answers)| {
            let answers = answers
                .iter()
                .map(|answer| answer.iter().map(address).collect())
                .collect();
            ((*name).to_owned(), answers)
        });
        Arc::new(Self(Mutex::new(map.collect())))
    }
}

impl Lookup for Names {
    fn lookup(&self, host: String) -> Pin<Box<dyn Future<Output = std::io::Result<Vec<IpAddr>>> + Send>> {
        let mut names = self.0.lock().expect("no test panics here");
        let found = names.get_mut(&host).map(|answers| {
            if answers.len() > 1 {
                answers.remove(0)
            } else {
                answers[0].clone()
            }
        });
        Box::pin(async move { found.ok_or_else(|| std::io::Error::other(format!("{host} is unknown"))) })
    }
}

/// A server that counts who comes.
struct Trap {
    address: SocketAddr,
    visits: Arc<AtomicUsize>,
}

impl Trap {
    /// Answers everybody with these bytes, and goes on with `more` as long as anybody listens.
    fn start(answer: &'static str, more: &'static [u8]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let address = listener.local_addr().expect("an address");
        let visits = Arc::new(AtomicUsize::new(0));
        let counted = Arc::clone(&visits);
        thread::spawn(move || {
            for stream in listener.incoming() {
                let Ok(mut stream) = stream else { return };
                counted.fetch_add(1, Ordering::SeqCst);
                let _asked = stream.read(&mut [0; 4096]);
                let mut sent = stream.write_all(answer.as_bytes());
                while !more.is_empty() && sent.is_ok() {
                    sent = stream.write_all(more);
                }
            }
        });
        Self { address, visits }
    }

    fn visits(&self) -> usize {
        self.visits.load(Ordering::SeqCst)
    }

    fn url(&self, host: &str) -> String {
        format!("http://{host}:{}/", self.address.port())
    }
}

const OK: &str = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\nconnection: close\r\n\r\nok";

fn settings() -> config::Outgoing {
    config::Outgoing {
        proxy: None,
        no_proxy: String::new(),
        ca_file: None,
        timeout: Duration::from_secs(2),
    }
}

fn send_with(
    settings: &config::Outgoing,
    names: &Arc<dyn Lookup>,
    url: &str,
    private: bool,
) -> Result<Reply, Unanswered> {
    let outgoing = Outgoing::new(settings, names).expect("a client");
    let request = Outgoing::get(Url::parse(url).expect("an address"));
    let runtime = Builder::new_current_thread().enable_all().build().expect("a runtime");
    runtime.block_on(outgoing.send(request, private, 1000))
}

fn send(names: &Arc<dyn Lookup>, url: &str, private: bool) -> Result<Reply, Unanswered> {
    send_with(&settings(), names, url, private)
}

fn refusal(outcome: Result<Reply, Unanswered>) -> String {
    outcome
        .map(|reply| reply.status)
        .expect_err("nobody answers")
        .to_string()
}

#[test]
fn no_name_leads_into_the_network_of_the_server() {
    let names = Names::with(&[
        ("loopback.example", &[&["127.0.0.1"]]),
        ("private.example", &[&["10.0.0.1"]]),
        ("metadata.example", &[&["169.254.169.254"]]),
        ("mapped.example", &[&["::ffff:a9fe:a9fe"]]),
        ("six.example", &[&["::1", "fd00::1", "fe80::1"]]),
        ("zero.example", &[&["0.0.0.0"]]),
        ("nat.example", &[&["64:ff9b::7f00:1"]]),
        ("metadata.google.internal", &[&["169.254.169.254"]]),
    ]);
    for host in [
        "loopback.example",
        "private.example",
        "metadata.example",
        "mapped.example",
        "six.example",
        "zero.example",
        "nat.example",
        "metadata.google.internal",
    ] {
        let told = refusal(send(&names, &format!("https://{host}/"), false));
        assert!(told.contains(host) && told.contains("needs allow_private"), "{told}");
    }
}

#[test]
fn a_private_provider_needs_the_operator_s_word_and_even_then_reaches_no_metadata() {
    let trap = Trap::start(OK, b"");
    let names = Names::with(&[("id.home", &[&["127.0.0.1"]]), ("metadata", &[&["169.254.169.254"]])]);
    let reply = send(&names, &trap.url("id.home"), true).expect("an answer");
    assert_eq!(reply.body, b"ok");
    assert!(refusal(send(&names, &trap.url("id.home"), false)).contains("https://"));
    assert!(refusal(send(&names, "http://metadata/", true)).contains("no address of a server"));
    assert!(refusal(send(&names, "http://169.254.169.254/", true)).contains("no address of a server"));
    assert_eq!(trap.visits(), 1);
}

#[test]
fn a_name_that_changes_its_mind_reaches_nothing() {
    let trap = Trap::start(OK, b"");
    // Public when asked first, private when asked again: there is no second time.
    let names = Names::with(&[("rebinding.example", &[&["203.0.113.1"], &["127.0.0.1"]])]);
    for _ in 0..2 {
        refusal(send(
            &names,
            &format!("https://rebinding.example:{}/", trap.address.port()),
            false,
        ));
    }
    // Of several addresses only those that may be reached are tried.
    let names = Names::with(&[("both.example", &[&["127.0.0.1", "203.0.113.1"]])]);
    refusal(send(
        &names,
        &format!("https://both.example:{}/", trap.address.port()),
        false,
    ));
    assert_eq!(trap.visits(), 0);
}

#[test]
fn http_stays_in_private_networks() {
    let names = Names::with(&[("public.example", &[&["8.8.8.8"]])]);
    let told = refusal(send(&names, "http://public.example/", true));
    assert!(told.contains("needs https"), "{told}");
}

#[test]
fn no_redirect_is_followed() {
    let trap = Trap::start(OK, b"");
    let names = Names::with(&[("id.home", &[&["127.0.0.1"]])]);
    for target in [
        "http://169.254.169.254/latest",
        "http://127.0.0.1:1/",
        "/elsewhere",
        "file:///etc/passwd",
    ] {
        let answer = format!("HTTP/1.1 302 Found\r\nlocation: {target}?token=x\r\ncontent-length: 0\r\n\r\n");
        let redirecting = Trap::start(answer.leak(), b"");
        let told = refusal(send(&names, &redirecting.url("id.home"), true));
        assert!(
            told.contains("redirect") && told.contains("not followed") && !told.contains("token"),
            "{told}"
        );
    }
    assert_eq!(trap.visits(), 0);
}

#[test]
fn no_answer_is_read_for_ever() {
    let names = Names::with(&[("id.home", &[&["127.0.0.1"]])]);
    let announced = Trap::start("HTTP/1.1 200 OK\r\ncontent-length: 10000000000\r\n\r\n", b"x");
    let told = refusal(send(&names, &announced.url("id.home"), true));
    assert!(told.contains("longer than 1000 bytes"), "{told}");
    let endless = Trap::start("HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n", &[b'x'; 4096]);
    let told = refusal(send(&names, &endless.url("id.home"), true));
    assert!(told.contains("longer than 1000 bytes"), "{told}");
}

#[test]
fn a_server_that_says_nothing_is_left() {
    let names = Names::with(&[("id.home", &[&["127.0.0.1"]])]);
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let url = format!("http://id.home:{}/", listener.local_addr().expect("an address").port());
    let quick = config::Outgoing {
        timeout: Duration::from_millis(200),
        ..settings()
    };
    let begun = Instant::now();
    let told = refusal(send_with(&quick, &names, &url, true));
    assert!(told.contains("takes too long"), "{told}");
    assert!(begun.elapsed() < Duration::from_secs(5));
}

#[test]
fn a_proxy_is_asked_for_public_servers_and_not_for_private_ones() {
    // It refuses to connect, which shows that it was asked.
    let proxy = Trap::start("HTTP/1.1 403 no\r\ncontent-length: 0\r\nconnection: close\r\n\r\n", b"");
    let trap = Trap::start(OK, b"");
    let through = config::Outgoing {
        proxy: Some(Secret::new(format!("127.0.0.1:{}", proxy.address.port()))),
        no_proxy: "direct.example".to_owned(),
        ..settings()
    };
    let names = Names::with(&[
        ("id.home", &[&["127.0.0.1"]]),
        ("direct.example", &[&["127.0.0.1"]]),
        ("id.example", &[&["203.0.113.1"]]),
    ]);
    refusal(send_with(&through, &names, "https://id.example/", false));
    assert_eq!(proxy.visits(), 1);
    send_with(&through, &names, &trap.url("id.home"), true).expect("an answer");
    let told = refusal(send_with(&through, &names, "https://direct.example/", false));
    assert!(told.contains("allow_private"), "{told}");
    refusal(send_with(&through, &names, "https://169.254.169.254/", false));
    assert_eq!((proxy.visits(), trap.visits()), (1, 1));
}

#[test]
fn certificates_of_one_s_own_are_read_or_named() {
    let names = Names::with(&[]);
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("ca.pem");
    for (text, part) in [
        ("", "there is none in it"),
        (
            "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
            "ca.pem",
        ),
    ] {
        std::fs::write(&file, text).expect("written");
        let settings = config::Outgoing {
            ca_file: Some(file.clone()),
            ..settings()
        };
        let error = Outgoing::new(&settings, &names).err().expect("of no use").to_string();
        assert!(error.contains(part), "{error}");
    }
}
