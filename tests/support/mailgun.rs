//! Mailgun's HTTP API, emulated at the wire: it takes one form per request, keeps what it gets, and answers as told.

use std::collections::VecDeque;
use std::io::{self, BufRead as _, BufReader, Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use librechat_auth::config::{Config, Transport};
use librechat_auth::domain::secret::Secret;

/// A request as it came.
#[derive(Clone, Debug)]
pub struct Request {
    /// Method and path.
    pub line: String,
    /// All header lines.
    pub head: String,
    /// The fields of the form, in their order.
    pub fields: Vec<(String, String)>,
}

impl Request {
    pub fn field(&self, name: &str) -> &str {
        let found = self.fields.iter().find(|(key, _)| key == name);
        &found.unwrap_or_else(|| panic!("no {name} in {self:?}")).1
    }

    pub fn header(&self, name: &str) -> Option<&str> {
        self.head.lines().find_map(|line| {
            let (key, value) = line.split_once(':')?;
            key.eq_ignore_ascii_case(name).then(|| value.trim())
        })
    }
}

#[derive(Default)]
struct State {
    requests: Vec<Request>,
    answers: VecDeque<String>,
}

/// The emulated API.
#[derive(Clone)]
pub struct Mailgun {
    pub address: SocketAddr,
    state: Arc<Mutex<State>>,
}

const TAKEN: &str = r#"{"id":"<20231114221320.1.ABC@mg.example.org>","message":"Queued. Thank you."}"#;

/// A whole answer.
pub fn answer(status: &str, more: &str, body: &str) -> String {
    let length = body.len();
    format!("HTTP/1.1 {status}\r\ncontent-type: application/json\r\ncontent-length: {length}\r\n{more}\r\n{body}")
}

impl Mailgun {
    pub fn open() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let mailgun = Self {
            address: listener.local_addr().expect("an address"),
            state: Arc::default(),
        };
        let its = mailgun.clone();
        thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                let its = its.clone();
                // A client that breaks off is a test's own doing.
                thread::spawn(move || its.serve_one(stream));
            }
        });
        mailgun
    }

    /// Makes this the way that mail goes.
    pub fn serve(&self, config: &mut Config) {
        config.mail.from = "login@mg.example.org".to_owned();
        config.mail.from_name = "Home".to_owned();
        config.mail.timeout = Duration::from_secs(10);
        config.mail.transport = Some(Transport::Mailgun {
            api_key: Secret::new("key-0123456789"),
            domain: "mg.example.org".to_owned(),
            host: format!("http://{}", self.address).parse().expect("an address"),
        });
    }

    /// What is answered next, instead of yes.
    pub fn next(&self, answer: String) {
        self.state
            .lock()
            .expect("no test panics here")
            .answers
            .push_back(answer);
    }

    pub fn requests(&self) -> Vec<Request> {
        self.state.lock().expect("no test panics here").requests.clone()
    }

    fn serve_one(&self, mut stream: TcpStream) -> io::Result<()> {
        let request = read(&stream)?;
        let mut state = self.state.lock().expect("no test panics here");
        state.requests.push(request);
        let said = state.answers.pop_front().unwrap_or_else(|| answer("200 OK", "", TAKEN));
        drop(state);
        stream.write_all(said.as_bytes())
    }
}

fn read(stream: &TcpStream) -> io::Result<Request> {
    stream.set_read_timeout(Some(Duration::from_secs(20)))?;
    let mut lines = BufReader::new(stream);
    let mut head = String::new();
    while !head.ends_with("\r\n\r\n") {
        if lines.read_line(&mut head)? == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
    }
    let (line, head) = head.split_once("\r\n").expect("a request line");
    let mut request = Request {
        line: line.to_owned(),
        head: head.to_owned(),
        fields: Vec::new(),
    };
    let length = request.header("content-length").expect("a length");
    let mut body = vec![0; length.parse().expect("a number")];
    lines.read_exact(&mut body)?;
    let body = String::from_utf8(body).expect("UTF-8");
    let kind = request.header("content-type").expect("a type").to_owned();
    let (_, boundary) = kind
        .strip_prefix("multipart/form-data;")
        .and_then(|rest| rest.split_once("boundary="))
        .expect("a form in parts");
    let separator = format!("--{boundary}");
    let parts = body.split(&separator).skip(1);
    request.fields = parts.filter(|part| !part.starts_with("--")).map(field).collect();
    Ok(request)
}

fn field(part: &str) -> (String, String) {
    let (head, value) = part.split_once("\r\n\r\n").expect("a value");
    let (_, rest) = head.split_once("name=\"").expect("a name");
    let (name, _) = rest.split_once('"').expect("the end of a name");
    let value = value.strip_suffix("\r\n").expect("the end of a value");
    (name.to_owned(), value.to_owned())
}
