//! Headers as proxies send them, and as they never should.

use std::net::SocketAddr;

use proptest::prelude::*;

use super::crc32c;
use super::header::*;

const SIGNATURE: &[u8] = b"\r\n\r\n\0\r\nQUIT\n";

/// A header of version 2.
fn binary(command: u8, family: u8, rest: &[u8]) -> Vec<u8> {
    let length = u16::try_from(rest.len()).expect("short").to_be_bytes();
    [SIGNATURE, &[command, family], &length, rest].concat()
}

fn ipv4() -> Vec<u8> {
    vec![192, 0, 2, 1, 10, 0, 0, 1, 0x12, 0x34, 0, 80]
}

fn ipv6() -> Vec<u8> {
    let mut rest = vec![0x20, 0x01, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 7];
    rest.extend([0; 16]);
    rest.extend([0x12, 0x34, 0, 80]);
    rest
}

/// With a checksum after the other extensions.
fn summed(rest: &[u8]) -> Vec<u8> {
    let mut header = binary(0x21, 0x11, &[rest, &[3, 0, 4, 0, 0, 0, 0]].concat());
    let sum = crc32c::checksum(header.iter().copied()).to_be_bytes();
    let at = header.len() - 4;
    header[at..].copy_from_slice(&sum);
    header
}

fn read_2(bytes: &[u8]) -> Result<Option<SocketAddr>, Malformed> {
    let start = bytes.first_chunk().ok_or(Malformed::Unfinished)?;
    assert_eq!(Version::of(start)?, Version::Two);
    let whole = length_2(bytes)?;
    version_2(bytes.get(..whole).ok_or(Malformed::Unfinished)?)
}

fn address(text: &str) -> SocketAddr {
    text.parse().expect("an address")
}

#[test]
fn lines_of_version_1_are_read() {
    for (line, expected) in [
        (
            "PROXY TCP4 192.0.2.1 10.0.0.1 4660 80\r\n",
            Some(address("192.0.2.1:4660")),
        ),
        (
            "PROXY TCP6 2001:db8::7 ::1 4660 80\r\n",
            Some(address("[2001:db8::7]:4660")),
        ),
        ("PROXY UNKNOWN\r\n", None),
        ("PROXY UNKNOWN ffff::1 ffff::1 65535 65535\r\n", None),
    ] {
        assert_eq!(version_1(line.as_bytes()), Ok(expected), "{line:?}");
    }
}

#[test]
fn other_lines_of_version_1_are_refused() {
    for line in [
        "PROXY TCP4 192.0.2.1 10.0.0.1 4660 80\n",
        "PROXY TCP4 192.0.2.1 10.0.0.1 4660\r\n",
        "PROXY TCP4  192.0.2.1 10.0.0.1 4660 80\r\n",
        "PROXY TCP4 2001:db8::7 ::1 4660 80\r\n",
        "PROXY TCP6 192.0.2.1 10.0.0.1 4660 80\r\n",
        "PROXY TCP4 192.0.2.1 10.0.0.1 65536 80\r\n",
        "PROXY TCP4 192.0.2.1 10.0.0.1 +466 80\r\n",
        "PROXY TCP4 192.0.2.1 10.0.0.1 4660 80 81\r\n",
        "PROXY TCP4 192.0.2.999 10.0.0.1 4660 80\r\n",
        "PROXY UDP4 192.0.2.1 10.0.0.1 4660 80\r\n",
        "PROXY \r\n",
    ] {
        assert!(version_1(line.as_bytes()).is_err(), "{line:?}");
    }
    assert_eq!(version_1(&[b'P'; LONGEST_V1]), Err(Malformed::TooLong));
}

#[test]
fn headers_of_version_2_are_read() {
    for (header, expected) in [
        (binary(0x21, 0x11, &ipv4()), Some(address("192.0.2.1:4660"))),
        (binary(0x21, 0x21, &ipv6()), Some(address("[2001:db8::7]:4660"))),
        (binary(0x20, 0x00, &[]), None),
        (binary(0x20, 0x11, &ipv4()), None),
        (binary(0x20, 0xff, b"whatever"), None),
        (binary(0x21, 0x00, &[]), None),
        (binary(0x21, 0x31, &[0; 216]), None),
        (
            binary(0x21, 0x11, &[ipv4(), vec![0x04, 0, 2, 9, 9]].concat()),
            Some(address("192.0.2.1:4660")),
        ),
        (summed(&ipv4()), Some(address("192.0.2.1:4660"))),
        (
            summed(&[ipv4(), vec![0x05, 0, 1, 7]].concat()),
            Some(address("192.0.2.1:4660")),
        ),
    ] {
        assert_eq!(read_2(&header), Ok(expected), "{header:x?}");
    }
}

#[test]
fn other_headers_of_version_2_are_refused() {
    let twice = summed(&[ipv4(), vec![3, 0, 4, 0, 0, 0, 0]].concat());
    for header in [
        binary(0x11, 0x11, &ipv4()),
        binary(0x22, 0x11, &ipv4()),
        binary(0x21, 0x12, &ipv4()),
        binary(0x21, 0x41, &ipv4()),
        binary(0x21, 0x11, &ipv4()[..11]),
        binary(0x21, 0x21, &ipv4()),
        binary(0x21, 0x31, &[0; 215]),
        binary(0x21, 0x11, &[ipv4(), vec![4, 0]].concat()),
        binary(0x21, 0x11, &[ipv4(), vec![4, 0, 2, 9]].concat()),
        binary(0x21, 0x11, &[ipv4(), vec![3, 0, 4, 0, 0, 0, 0]].concat()),
        binary(0x21, 0x11, &[ipv4(), vec![3, 0, 0]].concat()),
        twice,
    ] {
        assert!(matches!(read_2(&header), Err(Malformed::Wrong(_))), "{header:x?}");
    }
    assert_eq!(read_2(&binary(0x21, 0x00, &[0; 600])), Err(Malformed::TooLong));
}

#[test]
fn a_request_is_no_header() {
    assert_eq!(Version::of(b"GET / HTTP/1"), Err(Malformed::Absent));
    assert_eq!(Version::of(b"PROXYTCP4 19"), Err(Malformed::Absent));
}

#[test]
fn any_flipped_bit_of_a_summed_header_is_noticed_or_changes_no_address() {
    let header = summed(&[ipv4(), vec![0x05, 0, 1, 7]].concat());
    for bit in V2_FIXED * 8..header.len() * 8 {
        let mut changed = header.clone();
        changed[bit / 8] ^= 1 << (bit % 8);
        // An extension whose kind or length changed may hide the checksum; the addresses cannot have changed then.
        let read = read_2(&changed);
        assert!(
            read.is_err() || read == Ok(Some(address("192.0.2.1:4660"))),
            "bit {bit}"
        );
    }
}

proptest! {
    #[test]
    fn no_bytes_make_the_readers_panic(bytes in prop::collection::vec(any::<u8>(), 0..700)) {
        let _ = version_1(&bytes);
        let _ = length_2(&bytes);
        let _ = version_2(&bytes);
        let _ = version_2(&[SIGNATURE, &bytes].concat());
    }

    #[test]
    fn nearly_right_headers_make_no_reader_panic(
        family in prop::sample::select(vec![0u8, 0x11, 0x21, 0x31]),
        rest in prop::collection::vec(any::<u8>(), 0..300),
    ) {
        let header = binary(0x21, family, &rest);
        let read = read_2(&header);
        let least = match family { 0x11 => 12, 0x21 => 36, 0x31 => 216, _ => 0 };
        prop_assert!(read.is_err() || rest.len() >= least);
    }

    #[test]
    fn every_client_comes_through_both_versions(source: SocketAddr, destination: std::net::IpAddr) {
        // Both ends are of one family; scopes and flow labels are not part of a header.
        prop_assume!(source.is_ipv4() == destination.is_ipv4());
        let source = SocketAddr::new(source.ip(), source.port());
        let family = if source.is_ipv4() { "TCP4" } else { "TCP6" };
        let line = format!("PROXY {family} {} {destination} {} 80\r\n", source.ip(), source.port());
        prop_assert!(line.len() <= LONGEST_V1);
        prop_assert_eq!(version_1(line.as_bytes()), Ok(Some(source)));
        let bytes = |ip: std::net::IpAddr| match ip {
            std::net::IpAddr::V4(v4) => v4.octets().to_vec(),
            std::net::IpAddr::V6(v6) => v6.octets().to_vec(),
        };
        let ports = [source.port().to_be_bytes(), [0, 80]].concat();
        let rest = [bytes(source.ip()), bytes(destination), ports].concat();
        let family = if source.is_ipv4() { 0x11 } else { 0x21 };
        prop_assert_eq!(read_2(&binary(0x21, family, &rest)), Ok(Some(source)));
    }
}
