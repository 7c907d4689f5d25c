//! A small mail server inside the test: it speaks enough SMTP, keeps what it gets, and has mishaps on demand. Encryption is
//! tried against a real one, see `tests/peers/smtp.rs`.

use std::collections::VecDeque;
use std::io::{self, BufRead as _, BufReader, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Condvar, Mutex, MutexGuard};
use std::thread;
use std::time::Duration;

use librechat_auth::config::{Config, Encryption, Smtp, Transport};
use librechat_auth::domain::secret::Secret;

pub use super::letter::Received;

const PATIENCE: Duration = Duration::from_secs(20);

/// Where something goes wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum At {
    Connect,
    Hello,
    StartTls,
    Login,
    Sender,
    Recipient,
    Data,
    /// After the letter's last line.
    Content,
}

/// What goes wrong.
#[derive(Clone, Debug)]
pub enum Mishap {
    /// This is the reply.
    Says(&'static str),
    /// The connection ends without a word.
    HangsUp,
    /// The letter is kept, and then the connection ends without a word.
    KeepsAndHangsUp,
    /// Nothing is said until the test goes on.
    IsSilent,
}

#[derive(Default)]
struct State {
    letters: VecDeque<Received>,
    /// How many letters came in all.
    taken: usize,
    mishaps: VecDeque<(At, Mishap)>,
    connections: usize,
    logins: Vec<String>,
    offers: Vec<&'static str>,
    released: bool,
}

/// The server. Clones share it.
#[derive(Clone)]
pub struct Postbox {
    pub address: SocketAddr,
    state: Arc<(Mutex<State>, Condvar)>,
}

impl Postbox {
    pub fn open() -> Self {
        Self::listening(TcpListener::bind("127.0.0.1:0").expect("a free port"))
    }

    fn listening(listener: TcpListener) -> Self {
        let postbox = Self {
            address: listener.local_addr().expect("an address"),
            state: Arc::default(),
        };
        postbox.state().offers = vec!["8BITMIME", "AUTH PLAIN LOGIN"];
        let its = postbox.clone();
        thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                let its = its.clone();
                // A client that breaks off is a test's own doing.
                thread::spawn(move || Visit::new(stream, its).and_then(Visit::receive));
            }
        });
        postbox
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.0.lock().expect("no test panics here")
    }

    /// Makes this server the one that mail goes to.
    pub fn serve(&self, config: &mut Config) {
        route_to(self.address, config);
    }

    /// What EHLO is answered with.
    pub fn offers(&self, lines: &[&'static str]) {
        self.state().offers = lines.to_vec();
    }

    /// What goes wrong next, after what was said before.
    pub fn next(&self, at: At, mishap: Mishap) {
        self.state().mishaps.push_back((at, mishap));
    }

    /// Lets go of whoever waits in silence.
    pub fn release(&self) {
        self.state().released = true;
        self.state.1.notify_all();
    }

    /// Waits for the oldest letter to somebody that was not taken out yet.
    pub fn letter_to(&self, address: &str) -> Received {
        let (found, _) = self
            .state
            .1
            .wait_timeout_while(self.state(), PATIENCE, |state| {
                !state.letters.iter().any(|letter| letter.to == address)
            })
            .expect("no test panics here");
        let mut state = found;
        let at = state.letters.iter().position(|letter| letter.to == address);
        let at = at.unwrap_or_else(|| panic!("no letter to {address}, but {:?}", state.letters));
        state.letters.remove(at).expect("it is there")
    }

    /// The letters that were not taken out yet; only true once the outbox is at rest, see [`super::Site::mail_rests`].
    pub fn letters(&self) -> Vec<Received> {
        self.state().letters.iter().cloned().collect()
    }

    /// How many letters came in all.
    pub fn taken(&self) -> usize {
        self.state().taken
    }

    pub fn connections(&self) -> usize {
        self.state().connections
    }

    /// Waits until so many connections were opened.
    pub fn wait_for_connections(&self, count: usize) {
        let (state, _) = self
            .state
            .1
            .wait_timeout_while(self.state(), PATIENCE, |state| state.connections < count)
            .expect("no test panics here");
        assert!(state.connections >= count, "{} connections", state.connections);
    }

    /// What was said to AUTH.
    pub fn logins(&self) -> Vec<String> {
        self.state().logins.clone()
    }

    fn mishap(&self, at: At) -> Option<Mishap> {
        let mut state = self.state();
        let is_next = state.mishaps.front().is_some_and(|(when, _)| *when == at);
        is_next.then(|| state.mishaps.pop_front().expect("it is there").1)
    }
}

/// Makes a server the one that mail goes to, without encryption and login.
pub fn route_to(server: SocketAddr, config: &mut Config) {
    config.mail.from = "login@example.org".to_owned();
    config.mail.from_name = "Home".to_owned();
    config.mail.timeout = Duration::from_secs(10);
    config.mail.transport = Some(Transport::Smtp(Smtp {
        host: server.ip().to_string(),
        port: server.port(),
        encryption: Encryption::None,
        certificate_name: "localhost".to_owned(),
        allow_selfsigned: false,
        credentials: None,
    }));
}

/// The same with a login.
pub fn log_in_as(name: &str, password: &str, config: &mut Config) {
    if let Some(Transport::Smtp(smtp)) = &mut config.mail.transport {
        smtp.credentials = Some((name.to_owned(), Secret::new(password)));
    }
}

/// One connection.
struct Visit {
    lines: BufReader<TcpStream>,
    postbox: Postbox,
    from: String,
    to: Vec<String>,
}

impl Visit {
    fn new(stream: TcpStream, postbox: Postbox) -> io::Result<Self> {
        stream.set_read_timeout(Some(PATIENCE))?;
        postbox.state().connections += 1;
        postbox.state.1.notify_all();
        Ok(Self {
            lines: BufReader::new(stream),
            postbox,
            from: String::new(),
            to: Vec::new(),
        })
    }

    fn receive(mut self) -> io::Result<()> {
        self.reply(At::Connect, "220 postbox.example.org ready")?;
        loop {
            let line = self.line()?;
            let (verb, rest) = line.split_at(line.len().min(4));
            match verb.to_ascii_uppercase().as_str() {
                "EHLO" => {
                    let offers = self.postbox.state().offers.clone();
                    let lines = [&["postbox.example.org"], offers.as_slice()].concat().join("\r\n250-");
                    self.reply(At::Hello, &format!("250-{lines}\r\n250 SIZE 1000000"))?;
                }
                "AUTH" => self.login(&line)?,
                "MAIL" => {
                    self.from = bare(rest);
                    self.reply(At::Sender, "250 2.1.0 fine")?;
                }
                "RCPT" => {
                    self.to.push(bare(rest));
                    self.reply(At::Recipient, "250 2.1.5 fine")?;
                }
                "DATA" => self.data()?,
                "STAR" => self.reply(At::StartTls, "454 not now")?,
                "QUIT" => return self.say("221 bye"),
                _ => self.say("502 what?")?,
            }
        }
    }

    fn login(&mut self, line: &str) -> io::Result<()> {
        self.postbox.state().logins.push(line.to_owned());
        if line.eq_ignore_ascii_case("AUTH LOGIN") {
            for question in ["334 VXNlcm5hbWU6", "334 UGFzc3dvcmQ6"] {
                self.say(question)?;
                let answer = self.line()?;
                self.postbox.state().logins.push(answer);
            }
        }
        self.reply(At::Login, "235 2.7.0 welcome")
    }

    fn data(&mut self) -> io::Result<()> {
        self.reply(At::Data, "354 go on")?;
        let mut raw = String::new();
        loop {
            let line = self.line()?;
            match line.strip_prefix('.') {
                Some("") => break,
                Some(unstuffed) => raw.push_str(unstuffed),
                None => raw.push_str(&line),
            }
            raw.push_str("\r\n");
        }
        match self.postbox.mishap(At::Content) {
            Some(Mishap::KeepsAndHangsUp) => {
                self.keep(&raw);
                Err(io::ErrorKind::ConnectionAborted.into())
            }
            Some(mishap) => self.suffer(&mishap),
            None => {
                self.keep(&raw);
                self.say("250 2.0.0 taken")
            }
        }
    }

    fn keep(&mut self, raw: &str) {
        let mut state = self.postbox.state();
        for to in self.to.drain(..) {
            state.taken += 1;
            state.letters.push_back(Received {
                from: self.from.clone(),
                to,
                raw: raw.to_owned(),
            });
        }
        drop(state);
        self.postbox.state.1.notify_all();
    }

    /// Says this, unless something goes wrong here.
    fn reply(&mut self, at: At, usual: &str) -> io::Result<()> {
        match self.postbox.mishap(at) {
            Some(mishap) => self.suffer(&mishap),
            None => self.say(usual),
        }
    }

    fn suffer(&mut self, mishap: &Mishap) -> io::Result<()> {
        match mishap {
            Mishap::Says(line) => self.say(line),
            Mishap::HangsUp | Mishap::KeepsAndHangsUp => Err(io::ErrorKind::ConnectionAborted.into()),
            Mishap::IsSilent => {
                let (lock, changed) = &*self.postbox.state;
                let state = lock.lock().expect("no test panics here");
                let waited = changed.wait_timeout_while(state, PATIENCE, |state| !state.released);
                drop(waited.expect("no test panics here"));
                Err(io::ErrorKind::ConnectionAborted.into())
            }
        }
    }

    fn say(&mut self, line: &str) -> io::Result<()> {
        self.lines.get_mut().write_all(format!("{line}\r\n").as_bytes())
    }

    fn line(&mut self) -> io::Result<String> {
        let mut line = String::new();
        if self.lines.read_line(&mut line)? == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        assert!(line.ends_with("\r\n") && line.is_ascii(), "{line:?}");
        Ok(line.trim_end_matches("\r\n").to_owned())
    }
}

/// The address between the angle brackets.
fn bare(rest: &str) -> String {
    let (_, inner) = rest.split_once('<').expect("an opening bracket");
    inner.split_once('>').expect("a closing bracket").0.to_owned()
}
