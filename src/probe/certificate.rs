//! How long a certificate is good, read from its bytes (RFC 5280 §4.1).

use rustls::pki_types::CertificateDer;
use time::PrimitiveDateTime;
use time::format_description::StaticFormatDescription;
use time::macros::format_description;

use crate::domain::time::Timestamp;

const GENERALIZED: StaticFormatDescription = format_description!("[year][month][day][hour][minute][second]Z");

/// Tags of ASN.1 (X.690).
const INTEGER: u8 = 0x02;
const SEQUENCE: u8 = 0x30;
const VERSION: u8 = 0xa0;
const UTC_TIME: u8 = 0x17;
const GENERALIZED_TIME: u8 = 0x18;

/// A certificate that was shown to us.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seen {
    /// When it ends, if that can be read.
    pub ends: Option<Timestamp>,
    /// Why browsers do not trust it, if they do not.
    pub problem: Option<String>,
}

impl Seen {
    pub(super) fn new(certificate: &CertificateDer<'_>, problem: Option<String>) -> Self {
        Self {
            ends: not_after(certificate),
            problem,
        }
    }
}

/// The end of the validity: the second time in the fourth or fifth field.
fn not_after(der: &[u8]) -> Option<Timestamp> {
    let (certificate, _) = field(der, SEQUENCE)?;
    let (fields, _) = field(certificate, SEQUENCE)?;
    let rest = field(fields, VERSION).map_or(fields, |(_, rest)| rest);
    let (_, rest) = field(rest, INTEGER)?;
    let (_signature, rest) = field(rest, SEQUENCE)?;
    let (_issuer, rest) = field(rest, SEQUENCE)?;
    let (validity, _) = field(rest, SEQUENCE)?;
    let (_, after) = moment(validity)?;
    moment(after).map(|(moment, _)| moment)
}

/// The content of the first field, if it has this tag, and what follows it.
fn field(bytes: &[u8], tag: u8) -> Option<(&[u8], &[u8])> {
    let (&found, rest) = bytes.split_first()?;
    let (&first, mut rest) = rest.split_first()?;
    let mut length = usize::from(first);
    if first >= 0x80 {
        length = 0;
        for _ in 0..(first & 0x7f).min(5) {
            let (&digit, further) = rest.split_first()?;
            length = length.checked_mul(256)?.checked_add(usize::from(digit))?;
            rest = further;
        }
    }
    (found == tag && rest.len() >= length).then(|| rest.split_at(length))
}

fn moment(bytes: &[u8]) -> Option<(Timestamp, &[u8])> {
    let (text, rest) = if let Some((text, rest)) = field(bytes, UTC_TIME) {
        let text = std::str::from_utf8(text).ok()?;
        // Two digits of the year: 50 and above are of the last century.
        let century = if text.get(..2)?.parse::<u8>().ok()? >= 50 {
            "19"
        } else {
            "20"
        };
        (format!("{century}{text}"), rest)
    } else {
        let (text, rest) = field(bytes, GENERALIZED_TIME)?;
        (std::str::from_utf8(text).ok()?.to_owned(), rest)
    };
    let moment = PrimitiveDateTime::parse(&text, GENERALIZED).ok()?.assume_utc();
    Some((Timestamp::from_seconds(moment.unix_timestamp()), rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wrapped(tag: u8, content: &[u8]) -> Vec<u8> {
        let length = u8::try_from(content.len()).expect("short");
        [&[tag, 0x81, length], content].concat()
    }

    fn certificate(times: &[u8]) -> Vec<u8> {
        let fields = [
            wrapped(VERSION, &[2, 1, 2]),
            wrapped(INTEGER, &[5]),
            wrapped(SEQUENCE, &[]),
            wrapped(SEQUENCE, &[]),
            wrapped(SEQUENCE, times),
        ];
        wrapped(SEQUENCE, &wrapped(SEQUENCE, &fields.concat()))
    }

    #[test]
    fn both_forms_of_times_are_read() {
        let first = wrapped(UTC_TIME, b"230101000000Z");
        let short = certificate(&[first.clone(), wrapped(UTC_TIME, b"231114221320Z")].concat());
        let long = certificate(&[first, wrapped(GENERALIZED_TIME, b"20231114221320Z")].concat());
        for der in [short, long] {
            assert_eq!(not_after(&der), Some(Timestamp::from_seconds(1_700_000_000)));
            for at in 0..der.len() {
                assert_eq!(not_after(&der[..at]), None, "cut at {at}");
            }
        }
        assert_eq!(not_after(b""), None);
        assert_eq!(not_after(&[0x30, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff]), None);
    }
}
