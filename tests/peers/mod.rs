//! Real proxies, started for one test with a snippet of the documentation, and clients that come from chosen addresses.

use std::fs;
use std::io::{Read as _, Write as _};
use std::net::{IpAddr, SocketAddr, TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use tempfile::TempDir;
use tokio::net::TcpSocket;

const PATIENCE: Duration = Duration::from_secs(20);

/// Ends the proxy when the test's end of the pipe closes, however the test ends.
const TIED: &str = "\"$@\" & proxy=$!; cat >/dev/null; kill $proxy; wait $proxy";

/// The first code block below a heading of `docs/behind-a-proxy.md`.
pub fn snippet(heading: &str) -> String {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/behind-a-proxy.md");
    let page = fs::read_to_string(page).expect("in the repository");
    let (_, section) = page.split_once(&format!("\n{heading}\n")).expect("such a heading");
    let (_, block) = section.split_once("\n```").expect("a code block");
    let (_, block) = block.split_once('\n').expect("below its language");
    block.split("\n```").next().expect("its end").to_owned() + "\n"
}

/// Which proxy, with which snippet.
#[derive(Clone, Copy, Debug)]
pub enum Kind {
    Nginx,
    NginxStream,
    Caddy,
    Haproxy,
}

impl Kind {
    /// Which program, and its configuration to listen on `listen` and pass on to `backend`.
    fn configured(self, listen: SocketAddr, backend: SocketAddr, dir: &Path) -> (&'static str, String) {
        let here = listen.to_string();
        let insert = |heading: &str| snippet(heading).replace("127.0.0.1:3081", &backend.to_string());
        let nginx = |inner: &str| {
            let dir = dir.display();
            format!(
                "user root;\nworker_processes 1;\ndaemon off;\npid {dir}/pid;\nerror_log stderr;\n{inner}\nevents {{}}\n"
            )
        };
        match self {
            Self::Nginx => {
                let location = insert("## nginx");
                let temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
                    .map(|what| format!("{what}_temp_path {}/{what};", dir.display()));
                let http = format!(
                    "http {{ access_log off; {} server {{ listen {here};\n{location} }} }}",
                    temporary.join(" ")
                );
                ("nginx", nginx(&http))
            }
            Self::NginxStream => {
                let stream = insert("### nginx with its stream module").replace("443 ssl", &here);
                let stream: Vec<_> = stream
                    .lines()
                    .filter(|line| !line.contains("ssl_certificate"))
                    .collect();
                let module = "load_module /usr/lib/nginx/modules/ngx_stream_module.so;\n";
                ("nginx", module.to_owned() + &nginx(&stream.join("\n")))
            }
            Self::Caddy => {
                let address = format!(
                    "http://auth.example.org:{} {{\n    bind {}\n",
                    listen.port(),
                    listen.ip()
                );
                let site = insert("## Caddy").replace("auth.example.org {\n", &address);
                ("caddy", format!("{{\n  admin off\n  auto_https off\n}}\n{site}"))
            }
            Self::Haproxy => {
                let plain = insert("### HAProxy").replace(":443 ssl crt /etc/haproxy/auth.example.org.pem", &here);
                let timeouts = "defaults\n    timeout connect 5s\n    timeout client 30s\n    timeout server 30s\n";
                ("haproxy", format!("{timeouts}{plain}"))
            }
        }
    }

    fn command(program: &'static str, file: &Path, dir: &Path) -> Command {
        let mut command = Command::new("sh");
        command.args(["-c", TIED, "proxy", program]);
        match program {
            "nginx" => command.args(["-e", "stderr", "-c"]).arg(file),
            "caddy" => command.args(["run", "--adapter", "caddyfile", "--config"]).arg(file),
            _ => command.args(["-db", "-f"]).arg(file),
        };
        let path = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
        command.env("PATH", path).env("HOME", dir);
        command
    }
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
        // Between finding a free port and listening on it, somebody else may take it.
        let mut log = String::new();
        for _ in 0..3 {
            match Self::attempt(kind, host, backend) {
                Ok(proxy) => return proxy,
                Err(said) => log = said,
            }
        }
        panic!("{kind:?} does not start: {log}");
    }

    fn attempt(kind: Kind, host: &str, backend: SocketAddr) -> Result<Self, String> {
        let dir = tempfile::tempdir().expect("a folder");
        let address = TcpListener::bind((host, 0)).and_then(|free| free.local_addr());
        let address = address.expect("a free port");
        let (program, text) = kind.configured(address, backend, dir.path());
        let file = dir.path().join("configuration");
        fs::write(&file, text).expect("written");
        let log = fs::File::create(dir.path().join("log")).expect("created");
        let process = Kind::command(program, &file, dir.path())
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(log)
            .spawn()
            .expect("sh runs");
        let proxy = Self { process, dir, address };
        if proxy.listens() {
            return Ok(proxy);
        }
        Err(fs::read_to_string(proxy.dir.path().join("log")).unwrap_or_default())
    }

    fn listens(&self) -> bool {
        let end = Instant::now() + PATIENCE;
        while Instant::now() < end {
            if TcpStream::connect(self.address).is_ok() {
                return true;
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
