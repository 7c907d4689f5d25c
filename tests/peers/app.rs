//! The program behind a proxy: answers every request with what it got, and remembers who got through.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

/// A request that reached the program.
#[derive(Clone, Debug, Default)]
pub struct Seen {
    pub method: String,
    pub target: String,
    /// Names as they were spelt.
    pub headers: Vec<(String, String)>,
}

impl Seen {
    /// Every value that a program could take for the header: whatever case, with `_` for `-` or not.
    pub fn values(&self, name: &str) -> Vec<&str> {
        let plain = |text: &str| text.to_lowercase().replace('_', "-");
        let same = self.headers.iter().filter(|(spelt, _)| plain(spelt) == plain(name));
        same.map(|(_, value)| value.as_str()).collect()
    }
}

/// A running program. Its threads end with the test process.
#[derive(Clone)]
pub struct App {
    pub address: SocketAddr,
    seen: Arc<Mutex<Vec<Seen>>>,
}

impl App {
    pub fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let app = Self {
            address: listener.local_addr().expect("bound"),
            seen: Arc::default(),
        };
        let serving = app.clone();
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let app = serving.clone();
                thread::spawn(move || app.serve(&stream));
            }
        });
        app
    }

    /// What got through, oldest first.
    pub fn seen(&self) -> Vec<Seen> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Answers until the other side has enough.
    fn serve(&self, stream: &TcpStream) -> Option<()> {
        let mut reader = BufReader::new(stream.try_clone().ok()?);
        loop {
            let mut line = String::new();
            if reader.read_line(&mut line).ok()? == 0 {
                return None;
            }
            let mut parts = line.split_whitespace().map(str::to_owned);
            let mut seen = Seen {
                method: parts.next()?,
                target: parts.next()?,
                headers: Vec::new(),
            };
            loop {
                let mut line = Vec::new();
                reader.read_until(b'\n', &mut line).ok()?;
                let line = String::from_utf8_lossy(&line).trim_end().to_owned();
                if line.is_empty() {
                    break;
                }
                let (name, value) = line.split_once(':')?;
                seen.headers.push((name.to_owned(), value.trim().to_owned()));
            }
            let length = seen
                .values("content-length")
                .first()
                .and_then(|text| text.parse().ok())
                .unwrap_or(0);
            let mut body = vec![0; length];
            reader.read_exact(&mut body).ok()?;
            let is_socket = !seen.values("upgrade").is_empty();
            self.seen.lock().unwrap_or_else(PoisonError::into_inner).push(seen);
            let answer = if is_socket {
                "HTTP/1.1 101 Switching Protocols\r\nupgrade: websocket\r\nconnection: Upgrade\r\n\
                 sec-websocket-accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n"
            } else {
                "HTTP/1.1 200 OK\r\ncontent-length: 7\r\ncontent-type: text/plain\r\n\r\nthe app"
            };
            (&mut &*stream).write_all(answer.as_bytes()).ok()?;
            if is_socket {
                return None;
            }
        }
    }
}
