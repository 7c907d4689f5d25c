//! A letter as it arrived, and what a mail reader makes of it: headers decoded, both parts decoded, links found.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

/// A letter that a mail server took.
#[derive(Clone, Debug)]
pub struct Received {
    /// `MAIL FROM`.
    pub from: String,
    /// `RCPT TO`.
    pub to: String,
    /// The message, byte for byte.
    pub raw: String,
}

impl Received {
    fn head(&self) -> &str {
        self.raw.split_once("\r\n\r\n").expect("headers and a body").0
    }

    /// The value of a header, unfolded and decoded.
    pub fn header(&self, name: &str) -> Option<String> {
        let unfolded = self.head().replace("\r\n ", " ").replace("\r\n\t", " ");
        let prefix = format!("{}:", name.to_ascii_lowercase());
        let line = unfolded
            .lines()
            .find(|line| line.to_ascii_lowercase().starts_with(&prefix))?;
        Some(decoded(line[prefix.len()..].trim()))
    }

    /// How often a header occurs.
    pub fn count(&self, name: &str) -> usize {
        let prefix = format!("{}:", name.to_ascii_lowercase());
        let lines = self.head().lines();
        lines
            .filter(|line| line.to_ascii_lowercase().starts_with(&prefix))
            .count()
    }

    pub fn subject(&self) -> String {
        self.header("subject").expect("a subject")
    }

    /// `Message-ID`.
    pub fn id(&self) -> String {
        self.header("message-id").expect("an id")
    }

    /// The text part, with `\n` for line ends.
    pub fn text(&self) -> String {
        self.part("text/plain")
    }

    /// The HTML part, with `\n` for line ends.
    pub fn html(&self) -> String {
        self.part("text/html")
    }

    fn part(&self, kind: &str) -> String {
        let (_, rest) = self.raw.split_once("boundary=\"").expect("several parts");
        let (boundary, _) = rest.split_once('"').expect("a whole boundary");
        let separator = format!("\r\n--{boundary}");
        let mut parts = self.raw.split(&separator).skip(1);
        let part = parts.find(|part| part.to_ascii_lowercase().contains(&format!("content-type: {kind}")));
        let (head, body) = part.expect("such a part").split_once("\r\n\r\n").expect("a body");
        assert!(head.to_ascii_lowercase().contains("quoted-printable"), "{head}");
        quoted_printable(body).replace("\r\n", "\n")
    }

    /// Every link of the text part.
    pub fn links(&self) -> Vec<String> {
        let text = self.text();
        let words = text.split_whitespace();
        words
            .filter(|word| word.starts_with("http://") || word.starts_with("https://"))
            .map(str::to_owned)
            .collect()
    }

    /// Path and query of the first link to a page below `path`.
    pub fn path_to(&self, path: &str) -> String {
        let links = self.links();
        let mut paths = links.iter().filter_map(|link| {
            let (_, rest) = link.split_once("://")?;
            rest.find('/').map(|at| rest[at..].to_owned())
        });
        let found = paths.find(|found| found.starts_with(path));
        found.unwrap_or_else(|| panic!("no link to {path} in {links:?}"))
    }
}

fn quoted_printable(text: &str) -> String {
    String::from_utf8(unescaped(&text.replace("=\r\n", ""), b'=')).expect("UTF-8")
}

/// Bytes where `mark` and two hexadecimal digits stand for one.
fn unescaped(text: &str, mark: u8) -> Vec<u8> {
    let bytes = text.as_bytes();
    let (mut found, mut at) = (Vec::new(), 0);
    while let Some(byte) = bytes.get(at) {
        let hex = bytes.get(at + 1..at + 3).filter(|_| *byte == mark);
        let number = hex
            .and_then(|digits| std::str::from_utf8(digits).ok())
            .and_then(|digits| u8::from_str_radix(digits, 16).ok());
        found.push(number.unwrap_or(*byte));
        at += if number.is_some() { 3 } else { 1 };
    }
    found
}

/// RFC 2047: `=?utf-8?b?…?=` and `=?utf-8?q?…?=`; blanks between two of them do not count.
fn decoded(value: &str) -> String {
    let joined = value.replace("?= =?", "?==?");
    let (mut text, mut rest) = (Vec::new(), joined.as_str());
    while let Some((before, after)) = rest.split_once("=?") {
        text.extend_from_slice(before.as_bytes());
        let mut parts = after.splitn(3, '?');
        let (_charset, way) = (parts.next(), parts.next().expect("an encoding"));
        let (word, left) = parts
            .next()
            .and_then(|part| part.split_once("?="))
            .expect("a whole word");
        text.extend(match way.to_ascii_lowercase().as_str() {
            "b" => STANDARD.decode(word).expect("base64"),
            _ => unescaped(&word.replace('_', " "), b'='),
        });
        rest = left;
    }
    text.extend_from_slice(rest.as_bytes());
    String::from_utf8(text).expect("UTF-8")
}
