//! `.env` files, read as LibreChat's own reader does: quotes, comments, values over several lines, the last line wins.

/// One assignment of a `.env` file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Assignment {
    /// Line on which it starts, from 1.
    pub line: usize,
    /// Left of the sign.
    pub name: String,
    /// Right of the sign, without quotes and comments.
    pub value: String,
    /// Whether an unquoted `#` right after other characters cut the value.
    pub is_cut: bool,
}

/// All assignments, in order; lines that are none are skipped, as LibreChat does.
#[must_use]
pub fn parse(text: &str) -> Vec<Assignment> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let lines: Vec<&str> = text.lines().collect();
    let mut found = Vec::new();
    let mut index = 0;
    while let Some(line) = lines.get(index) {
        let start = index;
        index += 1;
        let Some((name, value)) = split(line) else {
            continue;
        };
        let quoted = value.chars().next().filter(|c| matches!(c, '"' | '\'' | '`'));
        let quoted = quoted.and_then(|quote| read_quoted(quote, value, lines.get(index..).unwrap_or_default()));
        let assignment = if let Some((value, further)) = quoted {
            index += further;
            (value, false)
        } else {
            let plain = value.split('#').next().unwrap_or_default();
            let is_cut = plain.len() < value.len() && plain.ends_with(|c: char| !c.is_whitespace());
            (plain.trim().to_owned(), is_cut)
        };
        found.push(Assignment {
            line: start + 1,
            name: name.to_owned(),
            value: assignment.0,
            is_cut: assignment.1,
        });
    }
    found
}

fn split(line: &str) -> Option<(&str, &str)> {
    let line = line.trim_start();
    let line = line.strip_prefix("export ").unwrap_or(line).trim_start();
    let end = line.find(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | '-')))?;
    let (name, rest) = line.split_at(end);
    let colon = rest
        .strip_prefix(':')
        .filter(|value| value.starts_with(char::is_whitespace));
    let value = rest.trim_start().strip_prefix('=').or(colon)?;
    (!name.is_empty()).then(|| (name, value.trim()))
}

/// The value up to the closing quote, and how many further lines it took; `None` if the quote is never closed.
fn read_quoted(quote: char, first: &str, further: &[&str]) -> Option<(String, usize)> {
    let mut value = String::new();
    let mut part = first.strip_prefix(quote)?;
    let mut taken = 0;
    loop {
        if let Some(end) = closing(quote, part) {
            value.push_str(part.get(..end)?);
            return Some((unescaped(quote, &value), taken));
        }
        value.push_str(part);
        value.push('\n');
        part = further.get(taken)?;
        taken += 1;
    }
}

fn closing(quote: char, text: &str) -> Option<usize> {
    let mut escaped = false;
    text.char_indices().find_map(|(at, c)| {
        let closes = c == quote && !escaped;
        escaped = c == '\\' && !escaped;
        closes.then_some(at)
    })
}

fn unescaped(quote: char, value: &str) -> String {
    if quote == '"' {
        value.replace("\\n", "\n").replace("\\r", "\r")
    } else {
        value.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn value(text: &str) -> Option<String> {
        parse(text).into_iter().next().map(|assignment| assignment.value)
    }

    #[test]
    fn values_lose_quotes_blanks_and_comments() {
        for (line, expected) in [
            ("A=b", "b"),
            ("  export A = b  ", "b"),
            ("A: b", "b"),
            ("A=", ""),
            ("A=1000 * 60 * 15 # a quarter", "1000 * 60 * 15"),
            ("A=\"b # c\" # d", "b # c"),
            ("A='b\\nc'", "b\\nc"),
            ("A=\"b\\nc\"", "b\nc"),
            ("A=`b \"c\"`", "b \"c\""),
            ("A=\"never closed", "\"never closed"),
            ("\u{feff}A=b\r\n", "b"),
            ("A=b=c", "b=c"),
        ] {
            assert_eq!(value(line).as_deref(), Some(expected), "{line}");
        }
    }

    #[test]
    fn values_may_span_lines_and_lines_are_counted() {
        let found = parse("# comment\n\nA=\"one\ntwo\"\nnonsense\nB=3\n");
        let lines: Vec<_> = found
            .iter()
            .map(|a| (a.line, a.name.as_str(), a.value.as_str()))
            .collect();
        assert_eq!(lines, [(3, "A", "one\ntwo"), (6, "B", "3")]);
    }

    #[test]
    fn a_value_cut_by_a_hash_is_noticed() {
        assert!(parse("A=se#cret").iter().all(|a| a.is_cut && a.value == "se"));
        assert!(parse("A=secret # comment").iter().all(|a| !a.is_cut));
    }

    proptest! {
        #[test]
        fn no_file_makes_it_panic(text in "[A-Z=: \"'`#\\\\\nné]{0,60}") {
            let _ = parse(&text);
        }
    }
}
