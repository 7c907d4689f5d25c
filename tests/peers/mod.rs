//! Real programs: proxies, started for one test with the files that are given away, clients that come from chosen addresses,
//! and a mail server.

pub mod node;
pub mod smtp;

mod app;
mod guards;

use std::fs;
use std::io::{Read as _, Write as _};
use std::net::{IpAddr, SocketAddr, TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use librechat_auth::domain::proxy::{self as program, Purpose, Setup};
use tempfile::TempDir;
use tokio::net::TcpSocket;

pub use app::{App, Seen};
pub use guards::{Guard, test_tools};

const PATIENCE: Duration = Duration::from_secs(20);

/// The host of the login.
const HOST: &str = "auth.example.org";

/// Ends the proxy when the test's end of the pipe closes, however the test ends.
const TIED: &str = "\"$@\" & proxy=$!; cat >/dev/null; kill $proxy; wait $proxy";

/// What `proxy show --login` prints for a proxy in front of `backend`.
fn login(proxy: program::Proxy, purpose: Purpose, backend: SocketAddr) -> String {
    let setup = Setup {
        host: HOST.to_owned(),
        server: backend.to_string(),
        ..Setup::default()
    };
    proxy.files(purpose, &setup).swap_remove(0).1
}

fn without(text: &str, words: &[&str]) -> String {
    let kept = text
        .lines()
        .filter(|line| !words.iter().any(|word| line.contains(word)));
    kept.collect::<Vec<_>>().join("\n") + "\n"
}

/// Which proxy leads to the login, and how.
#[derive(Clone, Copy, Debug)]
pub enum Kind {
    Nginx,
    NginxConnections,
    Caddy,
    Traefik,
    Apache,
    Haproxy,
    HaproxyConnections,
}

/// A program and its configuration.
pub struct Program {
    /// Its name and first arguments.
    command: Vec<String>,
    /// The arguments that name its configuration.
    file: fn(&Path) -> Vec<String>,
    /// What the configuration's name must end with.
    extension: &'static str,
    /// A host that it does not know until it has read its routes.
    host: Option<&'static str>,
    text: String,
}

impl Program {
    /// nginx with the whole of its configuration around an `http` or `stream` part.
    pub fn nginx(inner: &str, dir: &Path) -> Self {
        let dir = dir.display();
        let text = format!(
            "user root;\nworker_processes 1;\ndaemon off;\npid {dir}/pid;\nerror_log stderr;\n{inner}\nevents {{}}\n"
        );
        Self {
            command: ["nginx", "-e", "stderr"].map(str::to_owned).to_vec(),
            file: |file| vec!["-c".to_owned(), file.display().to_string()],
            extension: "",
            host: None,
            text,
        }
    }

    /// Where nginx keeps what is too large for its memory.
    pub fn nginx_paths(dir: &Path) -> String {
        ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
            .map(|what| format!("{what}_temp_path {}/{what};", dir.display()))
            .join(" ")
    }

    /// Caddy with this site.
    pub fn caddy(site: &str) -> Self {
        Self {
            command: ["caddy", "run", "--adapter", "caddyfile"].map(str::to_owned).to_vec(),
            file: |file| vec!["--config".to_owned(), file.display().to_string()],
            extension: "",
            host: None,
            text: format!("{{\n  admin off\n  auto_https off\n}}\n{site}"),
        }
    }

    fn haproxy(plain: &str) -> Self {
        let timeouts = "defaults\n    timeout connect 5s\n    timeout client 30s\n    timeout server 30s\n";
        Self {
            command: ["haproxy", "-db"].map(str::to_owned).to_vec(),
            file: |file| vec!["-f".to_owned(), file.display().to_string()],
            extension: "",
            host: None,
            text: format!("{timeouts}{plain}"),
        }
    }

    fn spawn(&self, dir: &Path) -> Child {
        let file = dir.join(format!("configuration{}", self.extension));
        fs::write(&file, &self.text).expect("written");
        let log = fs::File::create(dir.join("log")).expect("created");
        let path = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
        Command::new("sh")
            .args(["-c", TIED, "proxy"])
            .args(&self.command)
            .args((self.file)(&file))
            .env("PATH", path)
            .env("HOME", dir)
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(log)
            .spawn()
            .expect("sh runs")
    }
}

impl Kind {
    /// Whether it passes on connections, with the PROXY protocol.
    pub const fn is_for_connections(self) -> bool {
        matches!(self, Self::NginxConnections | Self::HaproxyConnections)
    }

    /// Which program, and its configuration to listen on `listen` and pass on to `backend`.
    fn configured(self, listen: SocketAddr, backend: SocketAddr, dir: &Path) -> Program {
        use program::Proxy;
        let here = listen.to_string();
        let requests = |proxy| login(proxy, Purpose::Login, backend);
        let connections = |proxy| login(proxy, Purpose::LoginConnections, backend);
        let certificate = ":443 ssl crt /etc/haproxy/auth.example.org.pem";
        match self {
            Self::Nginx => {
                let server = without(&requests(Proxy::Nginx).replace("443 ssl", &here), &["ssl_certificate"]);
                let paths = Program::nginx_paths(dir);
                Program::nginx(&format!("http {{ access_log off; {paths}\n{server} }}"), dir)
            }
            Self::NginxConnections => {
                let stream = connections(Proxy::Nginx).replace("443 ssl", &here);
                let mut program = Program::nginx(&without(&stream, &["ssl_certificate"]), dir);
                let module = "load_module /usr/lib/nginx/modules/ngx_stream_module.so;\n";
                program.text.insert_str(0, module);
                program
            }
            Self::Caddy => {
                let address = format!("http://{HOST}:{} {{\n    bind {}\n", listen.port(), listen.ip());
                Program::caddy(&requests(Proxy::Caddy).replace(&format!("{HOST} {{\n"), &address))
            }
            Self::Traefik => Program::traefik(&requests(Proxy::Traefik), HOST, listen, dir),
            Self::Apache => Program::apache(&requests(Proxy::Apache), listen, dir),
            Self::Haproxy => Program::haproxy(&requests(Proxy::Haproxy).replace(certificate, &here)),
            Self::HaproxyConnections => Program::haproxy(&connections(Proxy::Haproxy).replace(certificate, &here)),
        }
    }
}

/// An address on which nobody listens yet.
pub fn free_address(host: &str) -> SocketAddr {
    let address = TcpListener::bind((host, 0)).and_then(|free| free.local_addr());
    address.expect("a free port")
}

/// A running proxy. It ends when this goes.
pub struct Proxy {
    process: Child,
    dir: TempDir,
    pub address: SocketAddr,
}

impl Proxy {
    /// A proxy on `host` in front of `backend`.
    pub fn start(kind: Kind, host: &str, backend: SocketAddr) -> Self {
        Self::run(&format!("{kind:?}"), host, |listen, dir| {
            kind.configured(listen, backend, dir)
        })
    }

    /// Runs a program that is to listen on `host`, with a folder of its own.
    fn run(name: &str, host: &str, configured: impl Fn(SocketAddr, &Path) -> Program) -> Self {
        // Between finding a free port and listening on it, somebody else may take it.
        let mut log = String::new();
        for _ in 0..3 {
            match Self::attempt(host, &configured) {
                Ok(proxy) => return proxy,
                Err(said) => log = said,
            }
        }
        panic!("{name} does not start: {log}");
    }

    /// A proxy of one's own making, on this address: the program, and its configuration with files in a folder.
    pub fn custom(address: SocketAddr, configure: impl FnOnce(&Path) -> Program) -> Self {
        let dir = tempfile::tempdir().expect("a folder");
        let program = configure(dir.path());
        Self::spawned(address, dir, &program).unwrap_or_else(|said| panic!("the proxy does not start: {said}"))
    }

    fn attempt(host: &str, configured: impl Fn(SocketAddr, &Path) -> Program) -> Result<Self, String> {
        let dir = tempfile::tempdir().expect("a folder");
        let address = free_address(host);
        let program = configured(address, dir.path());
        Self::spawned(address, dir, &program)
    }

    fn spawned(address: SocketAddr, dir: TempDir, program: &Program) -> Result<Self, String> {
        let process = program.spawn(dir.path());
        let mut proxy = Self { process, dir, address };
        if proxy.listens() && proxy.knows(program.host) {
            return Ok(proxy);
        }
        Err(proxy.log())
    }

    /// Waits until the host is not unknown any more.
    fn knows(&self, host: Option<&str>) -> bool {
        let Some(host) = host else { return true };
        let end = Instant::now() + PATIENCE;
        let probe = format!("GET / HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n");
        while Instant::now() < end {
            let answer = TcpStream::connect(self.address).map(|stream| exchange(stream, probe.as_bytes()));
            if answer.is_ok_and(|answer| !answer.starts_with("HTTP/1.1 404")) {
                return true;
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        false
    }

    /// What it said so far.
    pub fn log(&self) -> String {
        fs::read_to_string(self.dir.path().join("log")).unwrap_or_default()
    }

    fn listens(&mut self) -> bool {
        let end = Instant::now() + PATIENCE;
        while Instant::now() < end {
            if TcpStream::connect(self.address).is_ok() {
                return true;
            }
            if self.process.try_wait().is_ok_and(|ended| ended.is_some()) {
                return false;
            }
            std::thread::sleep(Duration::from_millis(10));
        }
        false
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        drop(self.process.stdin.take());
        // It was tied to the pipe, so it ends by itself.
        let _status = self.process.wait();
    }
}

/// A connection that comes from the address `from`, which is one of this machine's.
pub fn connect(from: &str, to: SocketAddr) -> TcpStream {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let stream = runtime.expect("a runtime").block_on(async {
        let from = SocketAddr::new(from.parse::<IpAddr>().expect("an address"), 0);
        let socket = if to.is_ipv4() {
            TcpSocket::new_v4()
        } else {
            TcpSocket::new_v6()
        };
        let socket = socket.expect("a socket");
        socket.bind(from).expect("an address of this machine");
        socket.connect(to).await.expect("somebody listens").into_std()
    });
    let stream = stream.expect("a plain socket");
    stream.set_nonblocking(false).expect("a blocking socket");
    stream.set_read_timeout(Some(PATIENCE)).expect("a timeout");
    stream
}

/// Writes and reads until the other side has closed.
pub fn exchange(mut stream: TcpStream, bytes: &[u8]) -> String {
    // A server that refuses may close before it has read everything.
    let _written = stream.write_all(bytes);
    let mut answer = Vec::new();
    let _end = stream.read_to_end(&mut answer);
    String::from_utf8_lossy(&answer).into_owned()
}
