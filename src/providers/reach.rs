//! Which addresses a request may go to. Whoever can make the server fetch something must not reach what lies beside it: its
//! own machine, its network, the metadata service of its cloud.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use url::{Host, Url};

/// Where a request may go.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Reach {
    /// To the public internet, by https.
    Public,
    /// Anywhere but to addresses that no server has, by https: a provider that its operator allowed to be private.
    Anywhere,
    /// To this machine and to private networks, also by http: the same provider where it has no certificate.
    Near,
}

/// Why a request may not be sent.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum OutOfReach {
    /// The scheme is another, or http where only https is allowed.
    #[error("the address {0} does not start with https://")]
    Scheme(String),
    /// The address has a user name, a password, or no host.
    #[error("the address {0} is of no use for a request")]
    Shape(String),
    /// The address of the server is one that may not be reached.
    #[error(
        "{host} is {address}, which is {}; a provider there needs allow_private",
        kind(*.address)
    )]
    Address {
        /// Name or address as written.
        host: String,
        /// Where that is.
        address: IpAddr,
    },
    /// By http only private addresses may be reached.
    #[error("{host} is {address}, a public address, and is asked by http; it needs https")]
    Unprotected {
        /// Name or address as written.
        host: String,
        /// Where that is.
        address: IpAddr,
    },
}

fn kind(address: IpAddr) -> &'static str {
    match nature(address) {
        Nature::Public => "a public address",
        Nature::Near => "in a private network or on this machine",
        Nature::Never => "no address of a server",
    }
}

/// What an address is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Nature {
    Public,
    Near,
    Never,
}

impl Reach {
    /// How far a request to `url` may go for somebody whom the operator allowed to be private, or not.
    ///
    /// # Errors
    /// [`OutOfReach`] for an address that is out of the question whoever it is.
    pub fn of(url: &Url, allow_private: bool) -> Result<Self, OutOfReach> {
        let shown = || shown(url);
        let reach = match (url.scheme(), allow_private) {
            ("https", false) => Self::Public,
            ("https", true) => Self::Anywhere,
            ("http", true) => Self::Near,
            _ => return Err(OutOfReach::Scheme(shown())),
        };
        if !url.username().is_empty() || url.password().is_some() {
            return Err(OutOfReach::Shape(shown()));
        }
        match url.host() {
            // Decimal, octal and hexadecimal spellings are addresses by now (WHATWG URL §3.5).
            Some(Host::Ipv4(address)) => reach.admit(&address.to_string(), address.into())?,
            Some(Host::Ipv6(address)) => reach.admit(&address.to_string(), address.into())?,
            Some(Host::Domain(name)) if !name.is_empty() => {}
            Some(Host::Domain(_)) | None => return Err(OutOfReach::Shape(shown())),
        }
        Ok(reach)
    }

    /// Whether a server at `address`, which is `host`, may be asked.
    ///
    /// # Errors
    /// [`OutOfReach`] if not.
    pub fn admit(self, host: &str, address: IpAddr) -> Result<(), OutOfReach> {
        let host = host.to_owned();
        match (self, nature(address)) {
            (Self::Public | Self::Anywhere, Nature::Public) | (Self::Anywhere | Self::Near, Nature::Near) => Ok(()),
            (Self::Near, Nature::Public) => Err(OutOfReach::Unprotected { host, address }),
            (_, Nature::Never) | (Self::Public, Nature::Near) => Err(OutOfReach::Address { host, address }),
        }
    }
}

/// The address without anything that may be secret.
#[must_use]
pub fn shown(url: &Url) -> String {
    let mut url = url.clone();
    // Only addresses that cannot have them refuse to lose them.
    let _ = url.set_username("").and_then(|()| url.set_password(None));
    url.set_query(None);
    url.set_fragment(None);
    url.to_string()
}

fn nature(address: IpAddr) -> Nature {
    match address.to_canonical() {
        IpAddr::V4(address) => nature_v4(address),
        IpAddr::V6(address) => nature_v6(address),
    }
}

/// By the registry of special addresses (RFC 6890, with RFC 6598 and RFC 7526).
fn nature_v4(address: Ipv4Addr) -> Nature {
    let [first, second, third, _] = address.octets();
    match (first, second, third) {
        (10 | 127, ..) | (172, 16..=31, _) | (192, 168, _) | (100, 64..=127, _) => Nature::Near,
        // "This network", link-local with the metadata services, protocol assignments, documentation, 6to4 relays,
        // benchmarks, multicast and reserved.
        (0 | 224..=255, ..)
        | (169, 254, _)
        | (192, 0, 0 | 2)
        | (192, 88, 99)
        | (198, 18..=19, _)
        | (198, 51, 100)
        | (203, 0, 113) => Nature::Never,
        _ => Nature::Public,
    }
}

/// Only `2000::/3` is given out (RFC 4291 §2.4); what embeds an IPv4 address is what that address is.
fn nature_v6(address: Ipv6Addr) -> Nature {
    let [first, second, third, fourth, fifth, sixth, seventh, eighth] = address.segments();
    let embedded = |high: u16, low: u16| nature_v4(Ipv4Addr::from(u32::from(high) << 16 | u32::from(low)));
    match first {
        // NAT64 (RFC 6052): how servers with IPv4 only are reached from networks with IPv6 only.
        0x0064 if second == 0xff9b && [third, fourth, fifth, sixth] == [0; 4] => match embedded(seventh, eighth) {
            Nature::Public => Nature::Public,
            Nature::Near | Nature::Never => Nature::Never,
        },
        _ if address.is_loopback() => Nature::Near,
        0xfc00..=0xfdff => Nature::Near,
        // 6to4 (RFC 7526).
        0x2002 => Nature::Never,
        // Teredo, ORCHID and other assignments for protocols; documentation.
        0x2001 if second < 0x0200 || second == 0x0db8 => Nature::Never,
        0x3fff if second < 0x1000 => Nature::Never,
        0x2000..=0x3fff => Nature::Public,
        _ => Nature::Never,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NEAR: &[&str] = &[
        "10.0.0.1",
        "127.0.0.1",
        "127.255.0.1",
        "172.16.0.1",
        "172.31.255.255",
        "192.168.1.5",
        "100.64.0.1",
        "::1",
        "fd00::1",
        "fc00::1",
        "::ffff:127.0.0.1",
        "::ffff:10.0.0.1",
    ];

    const NEVER: &[&str] = &[
        "0.0.0.0",
        "0.1.2.3",
        "169.254.169.254",
        "::ffff:169.254.169.254",
        "::ffff:a9fe:a9fe",
        "192.0.0.1",
        "192.0.2.1",
        "198.18.0.1",
        "198.51.100.7",
        "203.0.113.7",
        "224.0.0.1",
        "255.255.255.255",
        "240.0.0.1",
        "::",
        "::127.0.0.1",
        "fe80::1",
        "ff02::1",
        "64:ff9b::7f00:1",
        "64:ff9b::a9fe:a9fe",
        "64:ff9b:1::1",
        "2001::1",
        "2001:db8::1",
        "2002:7f00:1::",
        "3fff::1",
        "4000::1",
    ];

    const PUBLIC: &[&str] = &[
        "1.1.1.1",
        "8.8.8.8",
        "172.32.0.1",
        "100.128.0.1",
        "::ffff:8.8.8.8",
        "2606:4700::1111",
        "2001:4860:4860::8888",
        "64:ff9b::808:808",
    ];

    fn address(text: &str) -> IpAddr {
        text.parse().expect("an address")
    }

    #[test]
    fn addresses_are_what_the_registries_say() {
        for (list, expected) in [(NEAR, Nature::Near), (NEVER, Nature::Never), (PUBLIC, Nature::Public)] {
            for text in list {
                assert_eq!(nature(address(text)), expected, "{text}");
            }
        }
    }

    #[test]
    fn nobody_gets_where_no_server_is_and_strangers_get_nowhere_near() {
        for text in NEVER {
            for reach in [Reach::Public, Reach::Anywhere, Reach::Near] {
                assert!(reach.admit("x", address(text)).is_err(), "{text} {reach:?}");
            }
        }
        for text in NEAR {
            assert!(Reach::Public.admit("x", address(text)).is_err(), "{text}");
            assert!(Reach::Anywhere.admit("x", address(text)).is_ok(), "{text}");
            assert!(Reach::Near.admit("x", address(text)).is_ok(), "{text}");
        }
        for text in PUBLIC {
            assert!(Reach::Public.admit("x", address(text)).is_ok(), "{text}");
            assert!(Reach::Near.admit("x", address(text)).is_err(), "{text}");
        }
    }

    #[test]
    fn an_address_in_disguise_is_still_an_address() {
        for text in [
            "https://127.0.0.1/",
            "https://2130706433/",
            "https://0x7f.1/",
            "https://0177.0.0.1/",
            "https://017700000001/",
            "https://127.1/",
            "https://[::1]/",
            "https://[::ffff:127.0.0.1]/",
            "https://[::ffff:a9fe:a9fe]/",
            "https://0/",
            "https://169.254.169.254/latest/meta-data",
            "https://①②⑦.0.0.1/",
        ] {
            let url = Url::parse(text).expect("an address");
            assert!(
                matches!(Reach::of(&url, false), Err(OutOfReach::Address { .. })),
                "{text}"
            );
        }
    }

    #[test]
    fn only_https_goes_out_and_http_stays_near() {
        let of = |text: &str, allow_private| Reach::of(&Url::parse(text).expect("an address"), allow_private);
        assert_eq!(of("https://id.example.org/", false), Ok(Reach::Public));
        assert_eq!(of("https://id.example.org/", true), Ok(Reach::Anywhere));
        assert_eq!(of("http://id.example.org/", true), Ok(Reach::Near));
        assert!(matches!(
            of("http://id.example.org/", false),
            Err(OutOfReach::Scheme(_))
        ));
        assert!(matches!(
            of("http://8.8.8.8/", true),
            Err(OutOfReach::Unprotected { .. })
        ));
        for bad in ["file:///etc/passwd", "gopher://x/", "data:text/plain,x", "ftp://x/"] {
            assert!(of(bad, true).is_err(), "{bad}");
        }
        assert!(matches!(
            of("https://user:pw@id.example.org/", true),
            Err(OutOfReach::Shape(_))
        ));
    }

    #[test]
    fn what_is_shown_of_an_address_is_not_secret() {
        let url = Url::parse("https://u:p@x.example/a?access_token=t#f").expect("an address");
        assert_eq!(shown(&url), "https://x.example/a");
    }
}
