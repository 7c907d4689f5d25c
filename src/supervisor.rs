//! What a supervisor such as systemd wants to hear (`sd_notify`), and what it hands over (socket activation).
//!
//! Without one, everything here does nothing.

use std::io;
use std::net::TcpListener;
use std::os::linux::net::SocketAddrExt as _;
use std::os::unix::net::{SocketAddr, UnixDatagram};
use std::time::Duration;

use listenfd::ListenFd;
use rustix::time::{ClockId, clock_gettime};

use crate::config::Inputs;

/// The way to the supervisor, if there is one.
#[derive(Debug)]
pub struct Supervisor {
    way: Option<(UnixDatagram, SocketAddr)>,
    watchdog: Option<Duration>,
}

impl Supervisor {
    /// From what the process was started with.
    #[must_use]
    pub fn new(inputs: &Inputs) -> Self {
        Self {
            way: inputs.variable("NOTIFY_SOCKET").and_then(|name| way(name).ok()),
            watchdog: watchdog(inputs),
        }
    }

    /// How long the supervisor waits for a sign of life before it starts the program anew; `None` if it does not.
    #[must_use]
    pub fn watchdog(&self) -> Option<Duration> {
        self.watchdog
    }

    /// The server serves; `status` is shown by `systemctl status`.
    pub fn ready(&self, status: &str) {
        self.say(&format!("READY=1\nSTATUS={}", status.replace('\n', " ")));
    }

    /// The configuration is being read again.
    pub fn reloading(&self) {
        let now = clock_gettime(ClockId::Monotonic);
        let micros = i128::from(now.tv_sec) * 1_000_000 + i128::from(now.tv_nsec) / 1000;
        self.say(&format!("RELOADING=1\nMONOTONIC_USEC={micros}"));
    }

    /// The server ends.
    pub fn stopping(&self) {
        self.say("STOPPING=1\nSTATUS=finishing requests in flight");
    }

    /// A sign of life.
    pub fn alive(&self) {
        self.say("WATCHDOG=1");
    }

    fn say(&self, message: &str) {
        if let Some((socket, address)) = &self.way
            && let Err(error) = socket.send_to_addr(message.as_bytes(), address)
        {
            tracing::warn!(%error, "the supervisor does not listen");
        }
    }
}

/// A socket of this process and the address of the supervisor's; a name that begins with `@` is an abstract one.
fn way(name: &str) -> io::Result<(UnixDatagram, SocketAddr)> {
    let address = match name.strip_prefix('@') {
        Some(name) => SocketAddr::from_abstract_name(name)?,
        None => SocketAddr::from_pathname(name)?,
    };
    Ok((UnixDatagram::unbound()?, address))
}

/// The watchdog, if it is meant for this process.
fn watchdog(inputs: &Inputs) -> Option<Duration> {
    let is_ours = inputs
        .variable("WATCHDOG_PID")
        .is_none_or(|pid| pid.parse() == Ok(std::process::id()));
    let micros = inputs.variable("WATCHDOG_USEC")?.parse().ok()?;
    (is_ours && micros > 0).then(|| Duration::from_micros(micros))
}

/// The socket that a supervisor has opened for us, if there is one.
///
/// # Errors
/// A sentence, if what was handed over is no TCP socket, or more than one.
pub fn handed_over() -> Result<Option<TcpListener>, String> {
    let mut sockets = ListenFd::from_env();
    match sockets.len() {
        0 => Ok(None),
        1 => sockets.take_tcp_listener(0).map_err(|error| {
            format!(
                "the socket that the supervisor hands over cannot be used ({error}): it must be one TCP stream socket"
            )
        }),
        several => Err(format!(
            "the supervisor hands over {several} sockets: leave one ListenStream= in the socket unit"
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn inputs(environment: &[(&str, &str)]) -> Inputs {
        let owned = environment
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        Inputs {
            environment: owned.collect(),
            ..Inputs::default()
        }
    }

    #[test]
    fn a_watchdog_counts_if_it_is_meant_for_this_process() {
        let own = std::process::id().to_string();
        for (environment, expected) in [
            (&[("WATCHDOG_USEC", "2000000")][..], Some(Duration::from_secs(2))),
            (
                &[("WATCHDOG_USEC", "2000000"), ("WATCHDOG_PID", &own)],
                Some(Duration::from_secs(2)),
            ),
            (&[("WATCHDOG_USEC", "2000000"), ("WATCHDOG_PID", "1")], None),
            (&[("WATCHDOG_USEC", "0")], None),
            (&[("WATCHDOG_USEC", "soon")], None),
            (&[], None),
        ] {
            assert_eq!(
                Supervisor::new(&inputs(environment)).watchdog(),
                expected,
                "{environment:?}"
            );
        }
    }

    #[test]
    fn both_kinds_of_addresses_are_spoken_to_and_a_missing_one_is_no_trouble() {
        let dir = tempfile::tempdir().expect("a folder");
        let path = dir.path().join("notify");
        let listener = UnixDatagram::bind(&path).expect("bound");
        let name = format!("librechat-auth-test-{}", std::process::id());
        let address = SocketAddr::from_abstract_name(&name).expect("a name");
        let hidden = UnixDatagram::bind_addr(&address).expect("bound");
        for (socket, name) in [(&listener, path.display().to_string()), (&hidden, format!("@{name}"))] {
            Supervisor::new(&inputs(&[("NOTIFY_SOCKET", &name)])).ready("one\ntwo");
            let mut buffer = [0; 100];
            let length = socket.recv(&mut buffer).expect("a message");
            assert_eq!(buffer[..length], *b"READY=1\nSTATUS=one two");
        }
        Supervisor::new(&inputs(&[("NOTIFY_SOCKET", "/nowhere/at/all")])).alive();
        Supervisor::new(&inputs(&[])).alive();
    }
}
