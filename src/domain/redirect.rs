//! Where a person may be sent after logging in: a path on this very origin, and nothing that a browser or a proxy could
//! read as another one.

use std::fmt;

use url::Url;

/// Longest accepted target, in bytes.
const MAX_BYTES: usize = 2048;
/// Stands for our own origin while a target is resolved the way a browser does (WHATWG URL §4.4).
const ORIGIN: &str = "http://origin.invalid";
/// A target still changing after this many rounds of percent-decoding was nested to deceive.
const MAX_DECODINGS: usize = 4;

/// A same-origin path with its query and fragment: starts with exactly one `/`, is ASCII and already resolved.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LocalPath(String);

impl LocalPath {
    /// Reads a target that came from outside. `None` for everything that is not plainly a local path: another scheme
    /// or host, `//` or a backslash (also percent-encoded, also after resolving `.` and `..`), blanks, control
    /// characters, more than 2048 bytes.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        if text.len() > MAX_BYTES || !text.starts_with('/') || text.contains(is_deceptive) {
            return None;
        }
        let base = Url::parse(ORIGIN).ok()?;
        let target = base.join(text).ok()?;
        if target.origin() != base.origin() || !is_plain_path(target.path()) {
            return None;
        }
        target.as_str().strip_prefix(ORIGIN).map(|rest| Self(rest.to_owned()))
    }

    /// The path, for a `Location` header or a link.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Default for LocalPath {
    /// The start page.
    fn default() -> Self {
        Self("/".to_owned())
    }
}

impl fmt::Display for LocalPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Browsers drop some of these before they resolve a URL and read `\` as `/`.
fn is_deceptive(c: char) -> bool {
    c == '\\' || c.is_whitespace() || c.is_control()
}

/// Whether the path still has no `//`, backslash or control character once every percent-encoding is undone, as a proxy
/// on the way may do.
fn is_plain_path(path: &str) -> bool {
    let mut bytes = path.as_bytes().to_vec();
    for _ in 0..MAX_DECODINGS {
        let deceptive = bytes.iter().any(|b| *b == b'\\' || b.is_ascii_control());
        if deceptive || bytes.windows(2).any(|pair| pair == b"//") {
            return false;
        }
        let decoded = percent_decoded(&bytes);
        if decoded.len() == bytes.len() {
            return true;
        }
        bytes = decoded;
    }
    false
}

fn percent_decoded(bytes: &[u8]) -> Vec<u8> {
    let mut decoded = Vec::with_capacity(bytes.len());
    let mut rest = bytes;
    while let [first, tail @ ..] = rest {
        let (byte, after) = match tail {
            [high, low, after @ ..] if *first == b'%' => match (hex_value(*high), hex_value(*low)) {
                (Some(high), Some(low)) => (high << 4 | low, after),
                _ => (*first, tail),
            },
            _ => (*first, tail),
        };
        decoded.push(byte);
        rest = after;
    }
    decoded
}

fn hex_value(digit: u8) -> Option<u8> {
    char::from(digit)
        .to_digit(16)
        .and_then(|value| u8::try_from(value).ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    const LOCAL: &[(&str, &str)] = &[
        ("/", "/"),
        ("/c/new", "/c/new"),
        ("/c/new?prompt=a%20b%0Ac", "/c/new?prompt=a%20b%0Ac"),
        ("/c?next=https://example.org//x", "/c?next=https://example.org//x"),
        ("/c?q=%5C", "/c?q=%5C"),
        ("/c#part", "/c#part"),
        ("/c/", "/c/"),
        ("/a/../b", "/b"),
        ("/./b", "/b"),
        ("/../..", "/"),
        ("/a//../b", "/a/b"),
        ("/@evil.example", "/@evil.example"),
        ("/:80/evil", "/:80/evil"),
        ("/evil.example", "/evil.example"),
        ("/javascript:alert(1)", "/javascript:alert(1)"),
        ("/https:evil.example", "/https:evil.example"),
        ("/50%", "/50%"),
        ("/100%25", "/100%25"),
        ("/caf\u{e9}", "/caf%C3%A9"),
        ("/\u{ff0f}evil.example", "/%EF%BC%8Fevil.example"),
        ("/<b>\"", "/%3Cb%3E%22"),
    ];

    const ELSEWHERE: &[&str] = &[
        "",
        "c",
        "./c",
        "../c",
        "?q",
        "#x",
        "//evil.example",
        "///evil.example",
        "////evil.example",
        "//evil.example@good.example",
        "/\\evil.example",
        "\\/evil.example",
        "\\\\evil.example",
        "/\\/evil.example",
        "/c\\..\\evil",
        "https:evil.example",
        "https:/evil.example",
        "https://evil.example",
        "HTTPS://evil.example",
        "https://origin.invalid@evil.example",
        "http://origin.invalid/",
        "https://origin.invalid.evil.example",
        "http:///evil.example",
        "javascript:alert(1)",
        "JaVaScRiPt:alert(1)",
        "data:text/html,x",
        "vbscript:x",
        "blob:https://evil.example/x",
        "file:///etc/passwd",
        "mailto:a@evil.example",
        " /c",
        "/c ",
        "\t//evil.example",
        "/\t/evil.example",
        "/\n/evil.example",
        "/\r\n/evil.example",
        "/c\r\nSet-Cookie: a=b",
        "/c\u{0}",
        "/\u{a0}/evil.example",
        "/\u{2028}/evil.example",
        "/\u{85}x",
        "/%2F/evil.example",
        "/%2fevil.example",
        "/%5cevil.example",
        "/%5C/evil.example",
        "/%255cevil.example",
        "/%25255cevil.example",
        "/%2525252525255cevil.example",
        "/%252525252525harmless",
        "/%09/evil.example",
        "/%0d%0aSet-Cookie:a=b",
        "/%00",
        "/.//evil.example",
        "/..//evil.example",
        "/%2e//evil.example",
        "/%2e%2e//evil.example",
        "/%2e/%2fevil.example",
        "/./%2fevil.example",
        "/a/..//evil.example",
        "/a//evil.example",
        "/c/;//evil.example",
        "\u{ff0f}\u{ff0f}evil.example",
        "\u{3002}evil.example",
        "evil\u{3002}example",
        "xn--vil-9la.example",
        "good.example:8080/c",
    ];

    fn parsed(text: &str) -> Option<String> {
        LocalPath::parse(text).map(|path| path.to_string())
    }

    #[test]
    fn local_paths_are_kept_and_resolved() {
        for (text, expected) in LOCAL {
            assert_eq!(parsed(text).as_deref(), Some(*expected), "{text:?}");
        }
    }

    #[test]
    fn whatever_could_lead_elsewhere_is_refused() {
        for text in ELSEWHERE {
            assert_eq!(parsed(text), None, "{text:?}");
        }
    }

    #[test]
    fn a_target_may_have_2048_bytes_and_no_more() {
        assert!(LocalPath::parse(&format!("/{}", "a".repeat(2047))).is_some());
        assert!(LocalPath::parse(&format!("/{}", "a".repeat(2048))).is_none());
    }
}
