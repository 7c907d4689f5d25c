//! What was not believed, told once: a line in the log at most once an hour for each kind, and a word for admins.

use std::net::IpAddr;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use super::written;
use crate::config::{ForwardedHeader, Server};
use crate::domain::moderation::network::Network;
use crate::domain::time::Timestamp;

const ONCE_IN: Duration = Duration::from_hours(1);

/// How long admins are told of something that does not happen again.
const TOLD_FOR: Duration = Duration::from_hours(24);

const NEVER: i64 = i64::MIN;

/// What can be told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A header from somebody who is no trusted proxy.
    Header(ForwardedHeader),
    /// A connection to be opened by a PROXY protocol header, from somebody who is no trusted proxy.
    Stranger,
    /// A trusted proxy's connection that was not opened by a PROXY protocol header.
    Headless,
    /// A question whether somebody may pass, from somebody who is no trusted proxy.
    Question,
}

/// Kinds, each twice: neighbours, and everybody else.
const SLOTS: usize = 12;

impl Kind {
    const fn slot(self) -> usize {
        match self {
            Self::Header(ForwardedHeader::XForwardedFor) => 0,
            Self::Header(ForwardedHeader::Forwarded) => 1,
            Self::Header(ForwardedHeader::XRealIp) => 2,
            Self::Stranger => 3,
            Self::Headless => 4,
            Self::Question => 5,
        }
    }
}

/// A header that was ignored, and how it would count.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ignored {
    /// Its name.
    pub header: &'static str,
    /// Who sent it.
    pub peer: IpAddr,
    /// What to write below `[server]` in `librechat-auth.toml` if that is a proxy of ours.
    pub lines: Vec<String>,
}

/// When each kind was last told, and what admins should know.
#[derive(Debug)]
pub struct Notices {
    told: [AtomicI64; SLOTS],
    latest: Mutex<Option<(Timestamp, Ignored)>>,
    listed: Vec<Network>,
    header: ForwardedHeader,
}

impl Notices {
    pub(super) fn new(server: &Server) -> Self {
        Self {
            told: [const { AtomicI64::new(NEVER) }; SLOTS],
            latest: Mutex::new(None),
            listed: server.trusted_proxies.clone(),
            header: server.forwarded_header,
        }
    }

    /// What admins should know now. Only neighbours count here: anybody on the internet can send a header, but a proxy
    /// nearly always has a private address.
    #[must_use]
    pub fn latest(&self, now: Timestamp) -> Option<Ignored> {
        let latest = self.latest.lock().unwrap_or_else(PoisonError::into_inner);
        latest
            .as_ref()
            .filter(|(at, _)| now.since(*at) < TOLD_FOR)
            .map(|(_, ignored)| ignored.clone())
    }

    pub(super) fn header_ignored(&self, header: ForwardedHeader, peer: IpAddr, now: Timestamp) {
        if !self.is_due(Kind::Header(header), peer, now) {
            return;
        }
        let ignored = Ignored {
            header: written(header),
            peer,
            lines: self.lines(header, peer),
        };
        tracing::warn!(
            "{} from {peer} was ignored, since that is no trusted proxy. If it is your proxy, write below [server] in \
             librechat-auth.toml: {} - if it is not, somebody tried to forge an address, and nothing has to be done.",
            ignored.header,
            ignored.lines.join(" and ")
        );
        if is_neighbour(peer) {
            *self.latest.lock().unwrap_or_else(PoisonError::into_inner) = Some((now, ignored));
        }
    }

    /// Tells that somebody who is no trusted proxy asked whether somebody may pass.
    pub fn question_ignored(&self, peer: IpAddr, now: Timestamp) {
        if self.is_due(Kind::Question, peer, now) {
            let lines = self.lines(self.header, peer);
            tracing::warn!(
                "{peer} asked whether a request may pass to another program and was refused, since that is no trusted \
                 proxy. If it is your proxy, write below [server] in librechat-auth.toml: {}",
                lines.join(" and ")
            );
        }
    }

    /// Whether `kind` should be told again; if so, that counts as telling it. A clock set back does not silence it.
    #[must_use]
    pub fn is_due(&self, kind: Kind, peer: IpAddr, now: Timestamp) -> bool {
        let slot = &self.told[kind.slot() * 2 + usize::from(is_neighbour(peer))];
        let last = slot.load(Ordering::Relaxed);
        let is_recent = last != NEVER && now.millis() >= last && now.since(Timestamp::from_millis(last)) < ONCE_IN;
        !is_recent
            && slot
                .compare_exchange(last, now.millis(), Ordering::Relaxed, Ordering::Relaxed)
                .is_ok()
    }

    /// The setting that makes `peer` a trusted proxy, and the one for `header` if another is read.
    #[must_use]
    pub fn lines(&self, header: ForwardedHeader, peer: IpAddr) -> Vec<String> {
        let known = self.listed.iter().map(Network::to_string);
        let all: Vec<String> = known
            .chain([peer.to_string()])
            .map(|one| format!("\"{one}\""))
            .collect();
        let mut lines = vec![format!("trusted_proxies = [{}]", all.join(", "))];
        if header != self.header {
            lines.push(format!(
                "forwarded_header = \"{}\"",
                written(header).to_ascii_lowercase()
            ));
        }
        lines
    }
}

/// Whether an address is this machine's or of a network that the internet does not reach (RFC 1918, RFC 6598, RFC 4193).
fn is_neighbour(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(v4) => {
            let [a, b, ..] = v4.octets();
            v4.is_loopback() || v4.is_private() || v4.is_link_local() || (a == 100 && b & 0xc0 == 64)
        }
        IpAddr::V6(v6) => v6.is_loopback() || v6.is_unique_local() || v6.is_unicast_link_local(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{Config, Secrets};
    use crate::domain::secret::Secret;

    fn notices(change: impl FnOnce(&mut Server)) -> Notices {
        let secrets = Secrets {
            jwt: Secret::new("j"),
            jwt_refresh: Secret::new("r"),
            creds_key: Secret::new("c"),
        };
        let mut config = Config::defaults("data".into(), secrets);
        change(&mut config.server);
        Notices::new(&config.server)
    }

    fn ip(text: &str) -> IpAddr {
        text.parse().expect("an address")
    }

    const XFF: Kind = Kind::Header(ForwardedHeader::XForwardedFor);

    #[test]
    fn a_kind_is_told_once_an_hour_and_neighbours_are_not_drowned_out() {
        let notices = notices(|_| {});
        let at = |minutes: i64| Timestamp::from_seconds(1_000_000 + minutes * 60);
        assert!(notices.is_due(XFF, ip("203.0.113.1"), at(0)));
        assert!(!notices.is_due(XFF, ip("203.0.113.2"), at(59)));
        assert!(notices.is_due(XFF, ip("10.0.0.1"), at(59)));
        assert!(notices.is_due(Kind::Header(ForwardedHeader::Forwarded), ip("203.0.113.1"), at(59)));
        assert!(notices.is_due(XFF, ip("203.0.113.1"), at(60)));
        assert!(
            notices.is_due(XFF, ip("203.0.113.1"), at(-600)),
            "the clock was set back"
        );
    }

    #[test]
    fn of_many_threads_one_tells() {
        let notices = notices(|_| {});
        let due = std::thread::scope(|scope| {
            let asked: Vec<_> = (0..8)
                .map(|_| scope.spawn(|| notices.is_due(XFF, ip("10.0.0.1"), Timestamp::from_seconds(1))))
                .collect();
            asked
                .into_iter()
                .map(|one| one.join().expect("ends"))
                .filter(|&due| due)
                .count()
        });
        assert_eq!(due, 1);
    }

    #[test]
    fn admins_hear_of_neighbours_for_a_day_and_never_of_strangers() {
        let notices = notices(|_| {});
        let now = Timestamp::from_seconds(1_000_000);
        notices.header_ignored(ForwardedHeader::XForwardedFor, ip("203.0.113.1"), now);
        assert_eq!(notices.latest(now), None);
        notices.header_ignored(ForwardedHeader::XForwardedFor, ip("172.18.0.2"), now);
        assert_eq!(notices.latest(now).map(|ignored| ignored.peer), Some(ip("172.18.0.2")));
        assert_eq!(notices.latest(now.after(TOLD_FOR)), None);
    }

    #[test]
    fn the_lines_are_complete() {
        let plain = notices(|_| {});
        assert_eq!(
            plain.lines(ForwardedHeader::XForwardedFor, ip("127.0.0.1")),
            ["trusted_proxies = [\"127.0.0.1\"]"]
        );
        let busy = notices(|server| {
            server.trusted_proxies = vec![
                "10.0.0.0/8".parse().expect("a network"),
                "::1/128".parse().expect("a network"),
            ];
        });
        assert_eq!(
            busy.lines(ForwardedHeader::XRealIp, ip("192.168.1.9")),
            [
                "trusted_proxies = [\"10.0.0.0/8\", \"::1/128\", \"192.168.1.9\"]",
                "forwarded_header = \"x-real-ip\""
            ]
        );
    }
}
