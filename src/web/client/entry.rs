//! What stands in a forwarding header, read from the right: the left end may be anything a client liked to send.

use std::net::{IpAddr, Ipv6Addr, SocketAddr};

/// An address, bare or with a port; IPv6 with a port stands in brackets.
pub fn address(entry: &[u8]) -> Option<IpAddr> {
    let entry = std::str::from_utf8(entry).ok()?.trim();
    let bracketed = entry.strip_prefix('[').and_then(|rest| rest.strip_suffix(']'));
    match bracketed {
        Some(inner) => inner.parse::<Ipv6Addr>().ok().map(IpAddr::V6),
        None => entry
            .parse()
            .ok()
            .or_else(|| entry.parse::<SocketAddr>().ok().map(|with_port| with_port.ip())),
    }
}

/// The elements of a `Forwarded` line, the last one first (RFC 7239 §4). Commas inside quotes separate nothing.
///
/// Quotes are paired from the right, so that an open quote sent by a client cannot swallow what a proxy appended.
pub fn elements(line: &[u8]) -> impl Iterator<Item = &[u8]> {
    split_from_right(line, b',')
}

/// The address in the `for` parameter of an element; `None` if there is no such parameter, more than one, or none that
/// contains an address: `unknown` and obfuscated identifiers hide it on purpose (RFC 7239 §6).
pub fn forwarded_for(element: &[u8]) -> Option<IpAddr> {
    let mut named = split_from_right(element, b';').filter_map(|pair| {
        let equals = pair.iter().position(|&c| c == b'=')?;
        let (name, value) = pair.split_at(equals);
        name.trim_ascii()
            .eq_ignore_ascii_case(b"for")
            .then(|| value[1..].trim_ascii())
    });
    let value = named.next()?;
    if named.next().is_some() {
        return None;
    }
    node(unquoted(value))
}

/// A node: an address and perhaps a port, which may be obfuscated (RFC 7239 §6.2, §6.3).
fn node(text: &[u8]) -> Option<IpAddr> {
    address(text).or_else(|| {
        let colon = text.iter().rposition(|&c| c == b':')?;
        let (host, port) = text.split_at(colon);
        let is_alone = host.contains(&b'[') || !host.contains(&b':');
        (port.get(1) == Some(&b'_') && is_alone)
            .then(|| address(host))
            .flatten()
    })
}

fn unquoted(value: &[u8]) -> &[u8] {
    value
        .strip_prefix(b"\"")
        .and_then(|rest| rest.strip_suffix(b"\""))
        .unwrap_or(value)
}

fn split_from_right(text: &[u8], separator: u8) -> impl Iterator<Item = &[u8]> {
    let mut rest = Some(text);
    std::iter::from_fn(move || {
        let whole = rest?;
        let Some(at) = last_outside_quotes(whole, separator) else {
            rest = None;
            return Some(whole);
        };
        rest = Some(&whole[..at]);
        Some(&whole[at + 1..])
    })
}

/// Where the last `separator` stands that is not between quotes. A quotation mark after a backslash ends no quotation.
fn last_outside_quotes(text: &[u8], separator: u8) -> Option<usize> {
    let mut quoted = false;
    for (at, &c) in text.iter().enumerate().rev() {
        if c == b'"' {
            let escapes = text[..at].iter().rev().take_while(|&&c| c == b'\\').count();
            quoted ^= !quoted || escapes.is_multiple_of(2);
        } else if c == separator && !quoted {
            return Some(at);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(line: &str) -> Vec<String> {
        let nodes = elements(line.as_bytes()).map(forwarded_for);
        nodes
            .map(|node| node.map_or("-".to_owned(), |address| address.to_string()))
            .collect()
    }

    #[test]
    fn the_forms_of_the_standard_are_read() {
        for (line, expected) in [
            ("for=192.0.2.43", "192.0.2.43"),
            ("For=\"[2001:db8:cafe::17]:4711\"", "2001:db8:cafe::17"),
            ("for=192.0.2.60;proto=http;by=203.0.113.43", "192.0.2.60"),
            ("proto=https ; FOR = \"192.0.2.60:80\" ; host=\"a;b,c\"", "192.0.2.60"),
            ("for=\"[2001:db8::1]\"", "2001:db8::1"),
            ("for=\"[2001:db8::1]:_hidden\"", "2001:db8::1"),
            ("for=\"192.0.2.1:_a\"", "192.0.2.1"),
            ("for=unknown", "-"),
            ("for=_gazonk", "-"),
            ("for=\"_SEVKISEK\"", "-"),
            ("proto=https;by=203.0.113.43", "-"),
            ("for=192.0.2.1;for=192.0.2.2", "-"),
            ("for=", "-"),
            ("for", "-"),
            ("", "-"),
        ] {
            assert_eq!(read(line), [expected], "{line}");
        }
    }

    #[test]
    fn elements_come_from_the_right() {
        let line = "for=192.0.2.43, for=\"[2001:db8::1]\";host=\"x,y\",for=unknown";
        assert_eq!(read(line), ["-", "2001:db8::1", "192.0.2.43"]);
    }

    #[test]
    fn no_quote_of_a_client_swallows_what_a_proxy_appended() {
        for sent in [
            "for=6.6.6.6;x=\"",
            "\"",
            "for=\"",
            "a\\",
            "x=\"\\\"",
            "for=6.6.6.6;host=\"a\\\\",
        ] {
            for appended in [
                "for=192.0.2.1",
                "for=\"192.0.2.1\"",
                "for=192.0.2.1;host=\"a\\\"b\\\\\"",
            ] {
                let line = format!("{sent}, {appended}");
                assert_eq!(read(&line)[0], "192.0.2.1", "{line}");
            }
        }
    }
}
