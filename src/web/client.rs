//! Whose request it is: the peer's address, or the one that trusted proxies pass on.
//!
//! A header is believed only as far as trusted proxies wrote it. They append on the right, so the walk goes from right to
//! left and ends with the first address that is no trusted proxy's; whatever stands further left, the client said.

mod entry;
mod notice;

use std::fmt;
use std::net::IpAddr;

use crate::config::{ForwardedHeader, Server};
use crate::domain::moderation::network::Network;
use crate::domain::time::Timestamp;
use actix_web::http::header::{FORWARDED, HeaderMap, HeaderName, HeaderValue};

pub use notice::{Ignored, Kind, Notices};

const X_FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");
const X_REAL_IP: HeaderName = HeaderName::from_static("x-real-ip");

/// What says who a client is that is connected itself.
pub const CONNECTION: &str = "connection";

/// A client's address and how it is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Derived {
    /// The client's address; IPv4 is never written as IPv6.
    pub address: IpAddr,
    /// Who is connected to this server: the client, or the last proxy.
    pub peer: IpAddr,
    /// What says so: `connection`, `PROXY protocol`, or the name of a header.
    pub by: &'static str,
}

impl Derived {
    /// The client is who is connected.
    #[must_use]
    pub fn direct(peer: IpAddr) -> Self {
        let peer = peer.to_canonical();
        Self {
            address: peer,
            peer,
            by: CONNECTION,
        }
    }
}

impl fmt::Display for Derived {
    /// How the address was found, in words for an admin.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.by == CONNECTION {
            write!(f, "the connection from {}", self.peer)
        } else {
            write!(f, "{}, through {}", self.by, self.peer)
        }
    }
}

/// Who is believed about whose request it is.
#[derive(Clone, Debug)]
enum Trust {
    /// Nobody.
    Nobody,
    /// Whoever connects, and so many entries of the header, as LibreChat counts.
    Hops(usize),
    /// Who has one of these addresses.
    Listed(Vec<Network>),
}

/// What proxies are believed, and what was said by others.
#[derive(Debug)]
pub struct Proxies {
    trust: Trust,
    header: ForwardedHeader,
    /// What was not believed.
    pub notices: Notices,
}

impl Proxies {
    /// As configured.
    #[must_use]
    pub fn new(server: &Server) -> Self {
        let trust = match (server.trust_proxy, server.trusted_proxies.as_slice()) {
            (0, []) => Trust::Nobody,
            (0, listed) => Trust::Listed(listed.to_vec()),
            (hops, _) => Trust::Hops(usize::from(hops)),
        };
        Self {
            trust,
            header: server.forwarded_header,
            notices: Notices::new(server),
        }
    }

    /// Whether `peer` is a listed proxy.
    #[must_use]
    pub fn lists(&self, peer: IpAddr) -> bool {
        match &self.trust {
            Trust::Listed(networks) => networks.iter().any(|network| network.contains(peer)),
            Trust::Nobody | Trust::Hops(_) => false,
        }
    }

    /// Whether `peer` is believed about whose request it passes on.
    #[must_use]
    pub fn believes(&self, peer: IpAddr) -> bool {
        matches!(self.trust, Trust::Hops(_)) || self.lists(peer.to_canonical())
    }

    /// The client behind a request that came from `peer`. Allocates nothing unless there is something to tell the admin.
    #[must_use]
    pub fn derive(&self, peer: IpAddr, headers: &HeaderMap, now: impl FnOnce() -> Timestamp) -> Derived {
        let direct = Derived::direct(peer);
        if !self.believes(direct.peer) {
            if let Some(header) = self.present(headers) {
                self.notices.header_ignored(header, direct.peer, now());
            }
            return direct;
        }
        match self.walk(headers) {
            Some(address) => Derived {
                address,
                peer: direct.peer,
                by: written(self.header),
            },
            None => direct,
        }
    }

    /// A header by which `peer` says whose request it is, without being believed.
    #[must_use]
    pub fn ignored(&self, peer: IpAddr, headers: &HeaderMap) -> Option<&'static str> {
        let is_believed = matches!(self.trust, Trust::Hops(_)) || self.lists(peer.to_canonical());
        self.present(headers).filter(|_| !is_believed).map(written)
    }

    /// The header that is believed.
    #[must_use]
    pub fn header_name(&self) -> &'static str {
        written(self.header)
    }

    fn walk(&self, headers: &HeaderMap) -> Option<IpAddr> {
        let lines = headers.get_all(name(self.header)).rev().map(HeaderValue::as_bytes);
        match self.header {
            ForwardedHeader::XForwardedFor => {
                self.client(lines.flat_map(|line| line.rsplit(|&c| c == b',')).map(entry::address))
            }
            ForwardedHeader::Forwarded => self.client(lines.flat_map(entry::elements).map(entry::forwarded_for)),
            ForwardedHeader::XRealIp => self.client(lines.take(1).map(entry::address)),
        }
    }

    /// Walks over entries, the nearest first, as far as they were written by proxies that are believed. What is no address
    /// ends the walk at the last one that is.
    fn client(&self, entries: impl Iterator<Item = Option<IpAddr>>) -> Option<IpAddr> {
        let mut addresses = entries.map_while(|entry| entry.map(|address| address.to_canonical()));
        match self.trust {
            Trust::Nobody => None,
            Trust::Hops(hops) => addresses.take(hops).last(),
            Trust::Listed(_) => {
                let mut last = None;
                addresses.find(|&address| {
                    last = Some(address);
                    !self.lists(address)
                });
                last
            }
        }
    }

    /// A header that says whose request it is: the one that would be read, else another.
    fn present(&self, headers: &HeaderMap) -> Option<ForwardedHeader> {
        use ForwardedHeader::{Forwarded, XForwardedFor, XRealIp};
        [self.header, XForwardedFor, Forwarded, XRealIp]
            .into_iter()
            .find(|&header| headers.contains_key(name(header)))
    }
}

fn name(header: ForwardedHeader) -> HeaderName {
    match header {
        ForwardedHeader::XForwardedFor => X_FORWARDED_FOR,
        ForwardedHeader::Forwarded => FORWARDED,
        ForwardedHeader::XRealIp => X_REAL_IP,
    }
}

/// A header's name as people write it.
const fn written(header: ForwardedHeader) -> &'static str {
    match header {
        ForwardedHeader::XForwardedFor => "X-Forwarded-For",
        ForwardedHeader::Forwarded => "Forwarded",
        ForwardedHeader::XRealIp => "X-Real-IP",
    }
}

#[cfg(test)]
mod tests;
