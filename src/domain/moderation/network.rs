//! Addresses and networks: IPv4-mapped addresses are IPv4, and an IPv6 client is its /64.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::str::FromStr;

/// A network: an address and how many of its leading bits count.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Network {
    base: IpAddr,
    prefix: u8,
}

/// No private network is as wide as this many leading bits; `fc00::/7` is the widest.
const WIDE: u8 = 3;

/// The text is no address and no network.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("an address such as 203.0.113.7 or 2001:db8::1, or a network such as 203.0.113.0/24 or 2001:db8::/48")]
pub struct BadNetwork;

impl Network {
    /// What one client is: an IPv4 address, or the /64 of an IPv6 one (RFC 6177: a site gets at least that).
    #[must_use]
    pub fn of_client(address: IpAddr) -> Self {
        match address.to_canonical() {
            IpAddr::V4(v4) => Self {
                base: IpAddr::V4(v4),
                prefix: 32,
            },
            IpAddr::V6(v6) => Self::masked(IpAddr::V6(v6), 64),
        }
    }

    fn masked(base: IpAddr, prefix: u8) -> Self {
        let base = match base {
            IpAddr::V4(v4) => {
                let mask = u32::MAX.checked_shl(32 - u32::from(prefix)).unwrap_or(0);
                IpAddr::V4(Ipv4Addr::from_bits(v4.to_bits() & mask))
            }
            IpAddr::V6(v6) => {
                let mask = u128::MAX.checked_shl(128 - u32::from(prefix)).unwrap_or(0);
                IpAddr::V6(Ipv6Addr::from_bits(v6.to_bits() & mask))
            }
        };
        Self { base, prefix }
    }

    /// How many leading bits count.
    #[must_use]
    pub const fn prefix(self) -> u8 {
        self.prefix
    }

    /// The network of the same length that `address` is in.
    #[must_use]
    pub fn around(address: IpAddr, prefix: u8) -> Self {
        let address = address.to_canonical();
        let longest = if address.is_ipv4() { 32 } else { 128 };
        Self::masked(address, prefix.min(longest))
    }

    /// Whether the address is inside.
    #[must_use]
    pub fn contains(self, address: IpAddr) -> bool {
        let address = address.to_canonical();
        address.is_ipv4() == self.base.is_ipv4() && Self::masked(address, self.prefix).base == self.base
    }

    /// Whether it is wider than any network that belongs to one party: a list of spared networks with it would spare everybody.
    #[must_use]
    pub const fn is_half_the_world(self) -> bool {
        self.prefix <= WIDE
    }

    /// Whether it is exactly one client: an IPv4 address or an IPv6 /64.
    #[must_use]
    pub fn is_client(self) -> bool {
        self == Self::of_client(self.base)
    }

    /// Whether it is a loopback network, where only this machine is.
    #[must_use]
    pub fn is_loopback(self) -> bool {
        match self.base {
            IpAddr::V4(v4) => v4.is_loopback() && self.prefix >= 8,
            // The /64 of ::1 is where a loopback client lands; nothing routable is in it.
            IpAddr::V6(v6) => (v6.is_loopback() || v6.is_unspecified()) && self.prefix >= 64,
        }
    }

    /// Whether any address of `other` is inside, or the other way round.
    #[must_use]
    pub fn overlaps(self, other: Self) -> bool {
        self.contains(other.base) || other.contains(self.base)
    }
}

impl FromStr for Network {
    type Err = BadNetwork;

    fn from_str(text: &str) -> Result<Self, BadNetwork> {
        let (address, prefix) = text
            .trim()
            .split_once('/')
            .map_or((text.trim(), None), |(a, p)| (a, Some(p)));
        let address: IpAddr = address.parse().map_err(|_| BadNetwork)?;
        let longest = if address.is_ipv4() { 32 } else { 128 };
        let Some(prefix) = prefix else {
            return Ok(Self::of_client(address));
        };
        let prefix: u8 = prefix.parse().map_err(|_| BadNetwork)?;
        if prefix > longest {
            Err(BadNetwork)
        } else {
            Ok(Self::masked(address, prefix))
        }
    }
}

impl fmt::Display for Network {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.base, self.prefix) {
            (IpAddr::V4(v4), 32) => write!(f, "{v4}"),
            (base, prefix) => write!(f, "{base}/{prefix}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn network(text: &str) -> Network {
        text.parse().expect("valid")
    }

    #[test]
    fn a_client_is_an_ipv4_address_or_an_ipv6_64() {
        let of = |text: &str| Network::of_client(text.parse().expect("valid")).to_string();
        assert_eq!(of("203.0.113.7"), "203.0.113.7");
        assert_eq!(of("::ffff:203.0.113.7"), "203.0.113.7");
        assert_eq!(of("2001:db8:1:2:3:4:5:6"), "2001:db8:1:2::/64");
        assert_eq!(of("2001:db8:1:2:ffff::"), of("2001:db8:1:2::1"));
        assert_ne!(of("2001:db8:1:3::1"), of("2001:db8:1:2::1"));
    }

    #[test]
    fn networks_contain_their_addresses_only() {
        let inside = |net: &str, address: &str| network(net).contains(address.parse().expect("valid"));
        assert!(inside("10.0.0.0/8", "10.255.1.2") && inside("10.0.0.0/8", "::ffff:10.1.1.1"));
        assert!(!inside("10.0.0.0/8", "11.0.0.1") && !inside("0.0.0.0/0", "2001:db8::1"));
        assert!(inside("::/0", "2001:db8::1") && inside("0.0.0.0/0", "8.8.8.8"));
        assert!(network("10.1.2.3/8").overlaps(network("10.9.0.0/16")));
    }

    #[test]
    fn loopback_is_recognised_in_all_its_forms() {
        for text in ["127.0.0.1", "127.8.9.10", "::1", "::ffff:127.0.0.1"] {
            assert!(Network::of_client(text.parse().expect("valid")).is_loopback(), "{text}");
        }
        assert!(!network("203.0.113.7").is_loopback() && !network("0.0.0.0/0").is_loopback());
    }

    #[test]
    fn what_is_no_network_is_refused() {
        for bad in [
            "",
            "10.0.0.0/33",
            "::/129",
            "10.0.0/8",
            "example.org",
            "10.0.0.1/x",
            "10.0.0.1/-1",
        ] {
            assert_eq!(bad.parse::<Network>(), Err(BadNetwork), "{bad}");
        }
    }
}
