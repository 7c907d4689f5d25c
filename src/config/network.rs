//! Addresses and networks of single hosts, such as `127.0.0.1`, `::1`, `172.16.0.0/12` or `fd00::/8`. Unlike for clients,
//! an IPv6 address is just that address here and not its /64.

use std::net::IpAddr;

use super::reading::items;
use super::value::{ABSENT, Raw, Reading, Value};
use crate::domain::moderation::network::Network;

/// The bits of an IPv6 address before the IPv4 one that is mapped into it (RFC 4291 §2.5.5.2).
const MAPPED_PREFIX: u8 = 96;

/// Reads a list of them.
///
/// # Errors
/// A sentence without subject that names the first item that is neither an address nor a network, or is everybody.
pub fn proxies(raw: &Raw) -> Result<Reading, String> {
    let Some(items) = items(
        raw,
        "must be a list of addresses and networks, such as [\"127.0.0.1\", \"::1\"]",
    )?
    else {
        return Ok(ABSENT);
    };
    let written = items
        .iter()
        .map(|item| Written::parse(item))
        .collect::<Result<Vec<_>, _>>()?;
    let warning = written.iter().zip(&items).find_map(|(one, item)| {
        let (all, address) = (one.network(), one.address);
        let is_wider = all.prefix() < one.longest() && Network::around(address, all.prefix()).to_string() != one.text();
        is_wider.then(|| format!("contains {item}, which means all of {all}; write {address} if one address was meant"))
    });
    let networks = written.iter().map(Written::network).collect();
    Ok(Reading {
        value: Some(Value::Networks(networks)),
        warning,
    })
}

/// An address and how many of its bits count; IPv4 is IPv4, however it is written.
struct Written {
    address: IpAddr,
    prefix: u8,
}

impl Written {
    fn parse(item: &str) -> Result<Self, String> {
        let written = Self::read(item).ok_or_else(|| {
            format!(
                "contains `{item}`, which is no address and no network; write for example 127.0.0.1 or 172.16.0.0/12"
            )
        })?;
        if written.prefix == 0 {
            return Err(format!(
                "contains {item}, which is everybody: anybody could forge an address; name the proxies"
            ));
        }
        Ok(written)
    }

    fn read(item: &str) -> Option<Self> {
        let (address, prefix) = match item.split_once('/') {
            Some((address, prefix)) => (address, Some(prefix.parse::<u8>().ok()?)),
            None => (item, None),
        };
        let address: IpAddr = address.parse().ok()?;
        let canonical = address.to_canonical();
        let skipped = if canonical == address { 0 } else { MAPPED_PREFIX };
        let mut written = Self {
            address: canonical,
            prefix: 0,
        };
        written.prefix = match prefix {
            Some(prefix) => prefix.checked_sub(skipped)?,
            None => written.longest(),
        };
        (written.prefix <= written.longest()).then_some(written)
    }

    fn longest(&self) -> u8 {
        if self.address.is_ipv4() { 32 } else { 128 }
    }

    fn network(&self) -> Network {
        Network::around(self.address, self.prefix)
    }

    fn text(&self) -> String {
        format!("{}/{}", self.address, self.prefix)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Reading, String> {
        proxies(&Raw::Environment(text.to_owned()))
    }

    fn shown(text: &str) -> String {
        let reading = read(text).expect("readable");
        assert_eq!(reading.warning, None, "{text}");
        reading.value.expect("written").shown().to_string()
    }

    #[test]
    fn addresses_and_networks_are_read_and_ipv4_stays_ipv4() {
        for (text, expected) in [
            ("127.0.0.1", r#"["127.0.0.1"]"#),
            (" 10.0.0.0/8 , ::1 ", r#"["10.0.0.0/8","::1/128"]"#),
            ("2001:DB8::/32", r#"["2001:db8::/32"]"#),
            ("::ffff:10.0.0.7", r#"["10.0.0.7"]"#),
            ("::ffff:10.0.0.0/104", r#"["10.0.0.0/8"]"#),
        ] {
            assert_eq!(shown(text), expected, "{text}");
        }
        assert_eq!(read(""), Ok(ABSENT));
    }

    #[test]
    fn what_is_neither_is_named() {
        for text in [
            "localhost",
            "10.0.0.0/33",
            "10.0.0.1:80",
            "[::1]",
            "fe80::1%eth0",
            "10.0.0",
            "::ffff:10.0.0.0/95",
        ] {
            let error = read(&format!("127.0.0.1,{text}")).expect_err(text);
            assert!(error.contains(&format!("`{text}`")), "{error}");
        }
    }

    #[test]
    fn everybody_is_never_trusted() {
        for text in ["0.0.0.0/0", "::/0", "::ffff:0.0.0.0/96", "10.1.2.3/0"] {
            assert!(read(text).expect_err(text).contains("everybody"), "{text}");
        }
    }

    #[test]
    fn an_address_with_a_length_is_pointed_out() {
        let reading = read("192.168.1.5/24").expect("readable");
        assert_eq!(
            reading.value.map(|value| value.shown().to_string()).as_deref(),
            Some(r#"["192.168.1.0/24"]"#)
        );
        assert!(
            reading
                .warning
                .is_some_and(|warning| warning.contains("write 192.168.1.5 if"))
        );
    }
}
