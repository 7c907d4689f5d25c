//! The headers of the PROXY protocol, as bytes: version 1 is a line of text, version 2 is binary.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use super::crc32c;

/// As many bytes tell the versions apart; both headers are longer.
pub const START: usize = 12;

/// The longest line of version 1, with its end (specification §2.1).
pub const LONGEST_V1: usize = 107;

/// Of version 2: the signature, version and command, family, length.
pub const V2_FIXED: usize = 16;

/// The longest header of version 2 that is accepted: what fits into the smallest packet every host takes.
pub const LONGEST_V2: usize = 536;

const SIGNATURE: [u8; START] = *b"\r\n\r\n\0\r\nQUIT\n";
const CHECKSUM: u8 = 0x03;
const CHECKSUM_BYTES: usize = 4;

/// Which version a header is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Version {
    /// Text.
    One,
    /// Binary.
    Two,
}

/// What is wrong with a header.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Malformed {
    /// Neither version begins so.
    #[error("it did not begin with a PROXY header")]
    Absent,
    /// The connection ended within it.
    #[error("its PROXY header was not finished")]
    Unfinished,
    /// More than [`LONGEST_V1`] or [`LONGEST_V2`].
    #[error("its PROXY header was too long")]
    TooLong,
    /// A part that the specification does not allow.
    #[error("its PROXY header had a wrong {0}")]
    Wrong(&'static str),
}

impl Version {
    /// By the first bytes.
    ///
    /// # Errors
    /// [`Malformed::Absent`].
    pub fn of(start: &[u8; START]) -> Result<Self, Malformed> {
        if *start == SIGNATURE {
            Ok(Self::Two)
        } else if start.starts_with(b"PROXY ") {
            Ok(Self::One)
        } else {
            Err(Malformed::Absent)
        }
    }
}

/// The client's address in a line of version 1, with its end; `None` for `UNKNOWN`.
///
/// # Errors
/// [`Malformed`].
pub fn version_1(line: &[u8]) -> Result<Option<SocketAddr>, Malformed> {
    let Some(line) = line.strip_suffix(b"\r\n") else {
        let is_full = line.len() >= LONGEST_V1;
        return Err(if is_full {
            Malformed::TooLong
        } else {
            Malformed::Wrong("line end")
        });
    };
    let text = std::str::from_utf8(line).map_err(|_| Malformed::Wrong("character"))?;
    let words: Vec<&str> = text.split(' ').collect();
    match words.as_slice() {
        ["PROXY", "UNKNOWN", ..] => Ok(None),
        ["PROXY", family, source, destination, source_port, destination_port] => {
            let address = address(family, source)?;
            self::address(family, destination)?;
            port(destination_port)?;
            Ok(Some(SocketAddr::new(address, port(source_port)?)))
        }
        _ => Err(Malformed::Wrong("number of words")),
    }
}

fn address(family: &str, text: &str) -> Result<IpAddr, Malformed> {
    let parsed = match family {
        "TCP4" => text.parse::<Ipv4Addr>().map(IpAddr::V4),
        "TCP6" => text.parse::<Ipv6Addr>().map(IpAddr::V6),
        _ => return Err(Malformed::Wrong("family")),
    };
    parsed.map_err(|_| Malformed::Wrong("address"))
}

fn port(text: &str) -> Result<u16, Malformed> {
    let digits = text.bytes().all(|c| c.is_ascii_digit());
    digits
        .then(|| text.parse().ok())
        .flatten()
        .ok_or(Malformed::Wrong("port"))
}

/// How long a header of version 2 is in all, by its first [`V2_FIXED`] bytes.
///
/// # Errors
/// [`Malformed`].
pub fn length_2(fixed: &[u8]) -> Result<usize, Malformed> {
    let length: [u8; 2] = part(fixed, 14)?;
    let whole = V2_FIXED + usize::from(u16::from_be_bytes(length));
    if whole > LONGEST_V2 {
        return Err(Malformed::TooLong);
    }
    Ok(whole)
}

/// The client's address in a whole header of version 2; `None` if the proxy speaks for itself (`LOCAL`) or of something
/// that is no address of the internet.
///
/// # Errors
/// [`Malformed`].
pub fn version_2(header: &[u8]) -> Result<Option<SocketAddr>, Malformed> {
    let [command, family] = part(header, 12)?;
    match command {
        // What follows LOCAL is to be skipped, whatever it is.
        0x20 => return Ok(None),
        0x21 => {}
        0x22..=0x2f => return Err(Malformed::Wrong("command")),
        _ => return Err(Malformed::Wrong("version")),
    }
    let (source, addresses) = match family {
        0x00 => (None, 0),
        0x11 => {
            let address = Ipv4Addr::from(part::<4>(header, V2_FIXED)?);
            (Some((IpAddr::V4(address), V2_FIXED + 8)), 12)
        }
        0x21 => {
            let address = Ipv6Addr::from(part::<16>(header, V2_FIXED)?);
            (Some((IpAddr::V6(address), V2_FIXED + 32)), 36)
        }
        0x31 => (None, 216),
        _ => return Err(Malformed::Wrong("family")),
    };
    extensions(header, V2_FIXED + addresses)?;
    source
        .map(|(address, at)| Ok(SocketAddr::new(address, u16::from_be_bytes(part(header, at)?))))
        .transpose()
}

fn part<const N: usize>(header: &[u8], at: usize) -> Result<[u8; N], Malformed> {
    header
        .get(at..at + N)
        .and_then(|bytes| bytes.try_into().ok())
        .ok_or(Malformed::Wrong("length"))
}

/// Walks over the extensions that follow the addresses; a checksum among them must be right (specification §2.2.3).
fn extensions(header: &[u8], start: usize) -> Result<(), Malformed> {
    let mut at = start;
    let mut checked = false;
    if header.len() < start {
        return Err(Malformed::Wrong("length"));
    }
    while at < header.len() {
        let [kind, high, low] = part(header, at)?;
        let length = usize::from(u16::from_be_bytes([high, low]));
        let value = at + 3;
        if header.len() < value + length {
            return Err(Malformed::Wrong("extension"));
        }
        if kind == CHECKSUM {
            if checked || length != CHECKSUM_BYTES || !sum_is_right(header, value)? {
                return Err(Malformed::Wrong("checksum"));
            }
            checked = true;
        }
        at = value + length;
    }
    Ok(())
}

fn sum_is_right(header: &[u8], at: usize) -> Result<bool, Malformed> {
    let told = u32::from_be_bytes(part(header, at)?);
    let own = at..at + CHECKSUM_BYTES;
    let bytes = header.iter().enumerate();
    let sum = crc32c::checksum(bytes.map(|(at, &byte)| if own.contains(&at) { 0 } else { byte }));
    Ok(sum == told)
}
