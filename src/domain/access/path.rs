//! Paths as requests name them, resolved before any rule looks at them, and the patterns of rules.
//!
//! Servers disagree on what a path means: whether `;` starts a parameter, whether `%2F` separates, whether `/Admin` is
//! `/admin`. So a path has up to two readings, as it is written and as a lenient server reads it, and rules are asked
//! about both. What no honest client sends has no reading at all.

/// Longer targets have no reading, in bytes.
const MAX_BYTES: usize = 8192;
/// Stands for an encoded slash: a control character, which no path with a reading contains.
const ENCODED_SLASH: char = '\u{1}';

/// Why a path has no reading.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Odd {
    /// It does not begin with a slash.
    #[error("it does not begin with a slash")]
    NoPath,
    /// It is longer than 8192 bytes.
    #[error("it is too long")]
    TooLong,
    /// It has a character that is never sent bare: a blank, a control character, a backslash, `#`, or beyond ASCII.
    #[error("it contains a character that must not be there")]
    Character,
    /// A `%` without two hexadecimal digits.
    #[error("a % is not followed by two hexadecimal digits")]
    Escape,
    /// Encoded characters that are no text: control characters, a backslash, no UTF-8.
    #[error("it hides a character that must not be there")]
    Hidden,
    /// Something is percent-encoded twice.
    #[error("something in it is percent-encoded twice")]
    Twice,
    /// A `..` after an empty segment: servers that merge slashes go up from elsewhere than those that do not.
    #[error("it goes up after two slashes in a row")]
    Climb,
}

/// The path of a request: resolved, without its query.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RequestPath {
    written: String,
    lenient: Option<String>,
}

/// One way to read a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reading<'p> {
    text: &'p str,
    folded: bool,
}

impl<'p> Reading<'p> {
    /// The path: segments between single slashes, no slash at the end. An encoded slash that separates nothing is `%2F`.
    #[must_use]
    pub const fn text(self) -> &'p str {
        self.text
    }
}

impl RequestPath {
    /// Reads a request target in origin form (RFC 9112 §3.2.1); what follows a `?` is dropped.
    ///
    /// # Errors
    /// [`Odd`] for what is to be refused unseen.
    pub fn parse(target: &str) -> Result<Self, Odd> {
        if target.len() > MAX_BYTES {
            return Err(Odd::TooLong);
        }
        let path = target.split_once('?').map_or(target, |(path, _)| path);
        if !path.starts_with('/') {
            return Err(Odd::NoPath);
        }
        if path
            .bytes()
            .any(|c| !(0x21..=0x7e).contains(&c) || c == b'\\' || c == b'#')
        {
            return Err(Odd::Character);
        }
        if is_simple(path) {
            let written = path.strip_suffix('/').filter(|rest| !rest.is_empty()).unwrap_or(path);
            return Ok(Self {
                written: written.to_owned(),
                lenient: None,
            });
        }
        let decoded = decoded(path)?;
        if climbs_over_nothing(&decoded) {
            return Err(Odd::Climb);
        }
        let written = resolved(decoded.split('/').map(str::to_owned)).replace(ENCODED_SLASH, "%2F");
        let separated = decoded.replace(ENCODED_SLASH, "/").to_lowercase();
        let separated = separated.split(['?', '#']).next().unwrap_or_default();
        let lenient = resolved(separated.split('/').map(leniently));
        let lenient = (lenient != written).then_some(lenient);
        Ok(Self { written, lenient })
    }

    /// As it is written.
    #[must_use]
    pub fn as_written(&self) -> Reading<'_> {
        Reading {
            text: &self.written,
            folded: false,
        }
    }

    /// As a server reads it that separates at encoded slashes, ends at an encoded `?` or `#`, drops parameters, blanks and
    /// dots at the end of a segment, and does not tell capitals apart.
    #[must_use]
    pub fn as_lenient(&self) -> Reading<'_> {
        Reading {
            text: self.lenient.as_deref().unwrap_or(&self.written),
            folded: true,
        }
    }

    /// Whether both readings are the same text.
    #[must_use]
    pub const fn is_plain(&self) -> bool {
        self.lenient.is_none()
    }
}

/// Whether every server reads the path alike, and as it is: most are.
fn is_simple(path: &str) -> bool {
    let bytes = path.as_bytes();
    let plain = bytes.iter().all(|c| {
        c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, b'/' | b'-' | b'_' | b'.' | b'~' | b'@' | b'=')
    });
    let is_odd = |pair: &[u8]| matches!(pair, [b'/', b'/' | b'.'] | [b'.', b'/']);
    plain && !bytes.ends_with(b".") && !bytes.windows(2).any(is_odd)
}

/// Undoes percent-encoding once. An encoded slash becomes [`ENCODED_SLASH`].
fn decoded(path: &str) -> Result<String, Odd> {
    if !path.contains('%') {
        return Ok(path.to_owned());
    }
    let mut bytes = Vec::with_capacity(path.len());
    let mut rest = path.bytes();
    while let Some(byte) = rest.next() {
        if byte != b'%' {
            bytes.push(byte);
            continue;
        }
        let mut digit = || rest.next().and_then(hex_value).ok_or(Odd::Escape);
        match digit()? << 4 | digit()? {
            b'/' => bytes.push(ENCODED_SLASH as u8),
            b'\\' | 0x00..=0x1f | 0x7f => return Err(Odd::Hidden),
            other => bytes.push(other),
        }
    }
    let text = String::from_utf8(bytes).map_err(|_| Odd::Hidden)?;
    if text.chars().any(|c| c.is_control() && c != ENCODED_SLASH) {
        Err(Odd::Hidden)
    } else if has_escape(&text) {
        Err(Odd::Twice)
    } else {
        Ok(text)
    }
}

fn has_escape(text: &str) -> bool {
    let is_escape = |three: &[u8]| three[0] == b'%' && three[1..].iter().all(u8::is_ascii_hexdigit);
    text.as_bytes().windows(3).any(is_escape)
}

fn hex_value(digit: u8) -> Option<u8> {
    char::from(digit)
        .to_digit(16)
        .and_then(|value| u8::try_from(value).ok())
}

/// Whether a `..`, as a lenient server reads it, comes after an empty segment.
fn climbs_over_nothing(decoded: &str) -> bool {
    let separated = decoded.replace(ENCODED_SLASH, "/");
    let mut after_nothing = false;
    separated.split('/').skip(1).map(leniently).any(|segment| {
        after_nothing |= segment.is_empty();
        after_nothing && segment == ".."
    })
}

/// Segments without `.`, `..` (RFC 3986 §5.2.4) and empty ones, joined by single slashes.
fn resolved(segments: impl Iterator<Item = String>) -> String {
    let mut kept: Vec<String> = Vec::new();
    for segment in segments {
        match segment.as_str() {
            "" | "." => {}
            ".." => drop(kept.pop()),
            _ => kept.push(segment),
        }
    }
    format!("/{}", kept.join("/"))
}

/// A segment as a lenient server reads it: without parameters, and without dots and blanks at its end.
fn leniently(segment: &str) -> String {
    let bare = segment.split(';').next().unwrap_or_default();
    match bare.trim_end_matches(['.', ' ']) {
        // Nothing but dots: those mean something.
        "" => bare.to_owned(),
        trimmed => trimmed.to_owned(),
    }
}

/// What a rule says of paths: one path and all below it, or with `=` in front that path alone. `*` stands for any text
/// within a segment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PathPattern {
    segments: Vec<String>,
    folded: Vec<String>,
    exact: bool,
}

/// The text is no pattern for paths.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a path such as /admin, =/health or /files/*/edit, as people read it: not encoded, without ? and #, resolved")]
pub struct BadPath;

impl PathPattern {
    /// Reads a pattern.
    ///
    /// # Errors
    /// [`BadPath`], also for what no resolved path could ever fit.
    pub fn parse(text: &str) -> Result<Self, BadPath> {
        let (exact, path) = match text.strip_prefix('=') {
            Some(path) => (true, path),
            None => (false, text),
        };
        let inner = path.strip_prefix('/').ok_or(BadPath)?;
        let inner = inner.strip_suffix('/').filter(|rest| !rest.is_empty()).unwrap_or(inner);
        let is_bad = |c: char| c.is_control() || matches!(c, '?' | '#' | ';' | '%' | '\\');
        if inner.contains(is_bad) {
            return Err(BadPath);
        }
        let segments: Vec<String> = match inner {
            "" => Vec::new(),
            inner => inner.split('/').map(str::to_owned).collect(),
        };
        if segments
            .iter()
            .any(|segment| matches!(segment.as_str(), "" | "." | ".."))
        {
            return Err(BadPath);
        }
        let folded = segments
            .iter()
            .map(|segment| leniently(&segment.to_lowercase()))
            .collect();
        Ok(Self {
            segments,
            folded,
            exact,
        })
    }

    /// Whether a lenient server reads the pattern as it is written.
    pub(super) fn is_plain(&self) -> bool {
        self.segments == self.folded
    }

    /// Whether a reading of a path fits.
    #[must_use]
    pub fn fits(&self, reading: Reading<'_>) -> bool {
        let mut rest = reading.text.split('/').filter(|segment| !segment.is_empty());
        let wanted = if reading.folded { &self.folded } else { &self.segments };
        let begins = wanted
            .iter()
            .all(|wanted| rest.next().is_some_and(|segment| segment_fits(wanted, segment)));
        begins && (!self.exact || rest.next().is_none())
    }
}

impl std::fmt::Display for PathPattern {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}/{}", if self.exact { "=" } else { "" }, self.segments.join("/"))
    }
}

/// Whether a segment fits, where `*` is any text. The last star that could take more is the only one tried again.
fn segment_fits(pattern: &str, segment: &str) -> bool {
    let (pattern, segment) = (pattern.as_bytes(), segment.as_bytes());
    let (mut at, mut here) = (0, 0);
    let mut star = None;
    while here < segment.len() {
        if pattern.get(at) == Some(&b'*') {
            star = Some((at, here));
            at += 1;
        } else if pattern.get(at) == Some(&segment[here]) {
            at += 1;
            here += 1;
        } else if let Some((star_at, taken)) = star {
            star = Some((star_at, taken + 1));
            at = star_at + 1;
            here = taken + 1;
        } else {
            return false;
        }
    }
    pattern[at..].iter().all(|c| *c == b'*')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn readings(target: &str) -> Result<(String, Option<String>), Odd> {
        RequestPath::parse(target).map(|path| {
            let lenient = (!path.is_plain()).then(|| path.as_lenient().text().to_owned());
            (path.as_written().text().to_owned(), lenient)
        })
    }

    fn fits(pattern: &str, target: &str) -> bool {
        let pattern = PathPattern::parse(pattern).expect("a pattern");
        pattern.fits(RequestPath::parse(target).expect("a path").as_written())
    }

    fn fits_leniently(pattern: &str, target: &str) -> bool {
        let pattern = PathPattern::parse(pattern).expect("a pattern");
        let path = RequestPath::parse(target).expect("a path");
        pattern.fits(path.as_lenient())
    }

    #[test]
    fn plain_paths_have_one_reading() {
        for (target, expected) in [
            ("/", "/"),
            ("/admin", "/admin"),
            ("/admin/", "/admin"),
            ("//admin///x", "/admin/x"),
            ("/a/./b/../c", "/a/c"),
            ("/public/../admin", "/admin"),
            ("/public/%2e%2e/admin", "/admin"),
            ("/public/%2E./admin", "/admin"),
            ("/../../admin", "/admin"),
            ("/admin?next=/public", "/admin"),
            ("/admin?a#b", "/admin"),
            ("/%61dmin", "/admin"),
            ("/a%20b", "/a b"),
            ("/caf%C3%A9", "/caf\u{e9}"),
            ("/100%25", "/100%"),
            ("/a:b@c,d=e&f+g~h", "/a:b@c,d=e&f+g~h"),
        ] {
            assert_eq!(readings(target), Ok((expected.to_owned(), None)), "{target}");
        }
    }

    #[test]
    fn the_short_way_for_simple_paths_leads_where_the_long_one_does() {
        for target in ["/", "/admin/", "/a.b/c-d_e~f@g=h", "/admin", "/.well-known/x", "/a./b"] {
            let long = RequestPath::parse(&target.replace('a', "%61")).expect("a path");
            assert_eq!(RequestPath::parse(target).as_ref(), Ok(&long), "{target}");
        }
        assert!(is_simple("/admin/") && !is_simple("/.well-known/x") && !is_simple("/a./b"));
    }

    #[test]
    fn what_servers_read_differently_has_two_readings() {
        for (target, written, lenient) in [
            ("/Admin", "/Admin", "/admin"),
            ("/admin;x=1", "/admin;x=1", "/admin"),
            ("/public;a/../admin", "/admin", "/admin"),
            ("/public/..;/admin", "/public/..;/admin", "/admin"),
            ("/public/..;a=b/admin", "/public/..;a=b/admin", "/admin"),
            ("/public%2f..%2fadmin", "/public%2F..%2Fadmin", "/admin"),
            ("/a%2Fb", "/a%2Fb", "/a/b"),
            ("/admin%3bx", "/admin;x", "/admin"),
            ("/admin%3f/public", "/admin?/public", "/admin"),
            ("/admin%23/public", "/admin#/public", "/admin"),
            ("/admin.", "/admin.", "/admin"),
            ("/admin%20", "/admin ", "/admin"),
            ("/admin...;x", "/admin...;x", "/admin"),
            ("/.;/admin", "/.;/admin", "/admin"),
            ("/CAF%C3%89", "/CAF\u{c9}", "/caf\u{e9}"),
        ] {
            let lenient = (lenient != written).then(|| lenient.to_owned());
            assert_eq!(readings(target), Ok((written.to_owned(), lenient)), "{target}");
        }
    }

    #[test]
    fn what_no_honest_client_sends_has_no_reading() {
        for (target, odd) in [
            ("", Odd::NoPath),
            ("*", Odd::NoPath),
            ("admin", Odd::NoPath),
            ("?x", Odd::NoPath),
            ("http://a.example/admin", Odd::NoPath),
            ("/admin#x", Odd::Character),
            ("/admin#?x", Odd::Character),
            ("/pub\\admin", Odd::Character),
            ("/\\admin", Odd::Character),
            ("/a b", Odd::Character),
            ("/a\tb", Odd::Character),
            ("/a\r\nb", Odd::Character),
            ("/\u{e9}", Odd::Character),
            ("/\u{ff0f}admin", Odd::Character),
            ("/%", Odd::Escape),
            ("/%2", Odd::Escape),
            ("/%zz", Odd::Escape),
            ("/%%32e", Odd::Escape),
            ("/a%00", Odd::Hidden),
            ("/a%0d%0ab", Odd::Hidden),
            ("/a%5cb", Odd::Hidden),
            ("/a%5Cb", Odd::Hidden),
            ("/a%7f", Odd::Hidden),
            ("/a%01b", Odd::Hidden),
            ("/a%C2%85b", Odd::Hidden),
            ("/a%ff", Odd::Hidden),
            ("/a%c0%af", Odd::Hidden),
            ("/%252e%252e/admin", Odd::Twice),
            ("/%2561dmin", Odd::Twice),
            ("/a%252fb", Odd::Twice),
            ("/a%25%32%66b", Odd::Twice),
            ("/admin//..", Odd::Climb),
            ("/a//b/../c", Odd::Climb),
            ("/a%2f%2f..", Odd::Climb),
            ("/admin/;x/..;y", Odd::Climb),
        ] {
            assert_eq!(readings(target), Err(odd), "{target:?}");
        }
        assert_eq!(readings(&format!("/{}", "a".repeat(8192))), Err(Odd::TooLong));
    }

    #[test]
    fn a_pattern_covers_its_path_and_what_is_below() {
        assert!(fits("/admin", "/admin") && fits("/admin/", "/admin/") && fits("/admin", "/admin/x/y"));
        assert!(!fits("/admin", "/administrator") && !fits("/admin", "/") && !fits("/admin", "/x/admin"));
        assert!(fits("/", "/") && fits("/", "/anything"));
        assert!(fits("=/", "/") && !fits("=/", "/x") && fits("=/a", "/a/") && !fits("=/a", "/a/b"));
        assert!(fits("/files/*/edit", "/files/7/edit/x") && !fits("/files/*/edit", "/files/7/8/edit"));
        assert!(
            fits("/a/*", "/a/b") && !fits("/a/*", "/a") && fits("=/*.js", "/app.min.js") && !fits("=/*.js", "/app.css")
        );
        assert!(fits("=/a*b*c", "/aXbYbZc") && !fits("=/a*b*c", "/aXbYbZ") && fits("=/**", "/x"));
        assert!(fits("/caf\u{e9}", "/caf%C3%A9"));
    }

    #[test]
    fn only_the_lenient_reading_ignores_case_and_parameters() {
        assert!(!fits("/admin", "/Admin") && fits_leniently("/admin", "/Admin"));
        assert!(!fits("/Admin", "/admin") && fits("/Admin", "/Admin") && fits_leniently("/Admin", "/ADMIN"));
        assert!(!fits("/admin", "/admin;a") && fits_leniently("/admin", "/admin;a"));
        assert!(fits("/files/*", "/files/a%2Fb") && fits_leniently("=/files/*/b", "/files/a%2Fb"));
    }

    #[test]
    fn what_is_no_pattern_is_refused() {
        for text in [
            "", "admin", "=", "=admin", "/a?b", "/a#b", "/a;b", "/a%20b", "/a\\b", "/a//b", "/a/../b", "/./a", "//",
        ] {
            assert_eq!(PathPattern::parse(text), Err(BadPath), "{text:?}");
        }
    }
}
