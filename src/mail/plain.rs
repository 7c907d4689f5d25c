//! What others wrote, made fit for a letter: one line of text that cannot pass for anything else.

use crate::domain::name::is_deceptive;

/// Characters kept of a value; longer ones end with an ellipsis.
const MOST: usize = 120;

/// Opens and closes a value inside a sentence (Unicode UAX #9 §2.4), so that one written from right to left leaves the
/// rest of the sentence alone. [`pieces`] takes both away again.
const OPEN: char = '\u{2068}';
const CLOSE: char = '\u{2069}';

/// The value on one line: control characters and line breaks become blanks, marks that change directions or take no room
/// go, the length is bounded.
pub fn one_line(value: &str) -> String {
    let visible = value.chars().filter_map(|c| match c {
        '\u{061c}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}' => {
            (matches!(c, '\u{2028}' | '\u{2029}')).then_some(' ')
        }
        _ if is_deceptive(c) => Some(' '),
        _ => Some(c),
    });
    let text: String = visible.collect();
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    if line.chars().count() <= MOST {
        return line;
    }
    line.chars().take(MOST - 1).chain(['…']).collect()
}

/// The value inside a sentence.
pub fn quoted(value: &str) -> String {
    format!("{OPEN}{}{CLOSE}", one_line(value))
}

/// A name to greet somebody by. Strangers choose the names of the accounts they make for other people's addresses, so one
/// that could be an address or an advertisement is not used.
pub fn greetable(name: &str) -> Option<String> {
    let line = one_line(name);
    let suspicious = line.contains(['/', ':', '@', '\\', '<', '>', '%', '$', '€', '!', '?', '#'])
        || line.to_ascii_lowercase().contains("www")
        || dotted(&line)
        || line.chars().filter(char::is_ascii_digit).count() > 2;
    let fits = (1..=40).contains(&line.chars().count());
    (fits && !suspicious).then_some(line)
}

/// Whether a dot stands between two letters, as in `example.org`; after an initial there is a blank.
fn dotted(line: &str) -> bool {
    let letters: Vec<char> = line.chars().collect();
    letters
        .windows(3)
        .any(|three| three[1] == '.' && three[0].is_alphanumeric() && three[2].is_alphanumeric())
}

/// A part of a sentence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Piece {
    pub text: String,
    /// Whether somebody else wrote it.
    pub foreign: bool,
}

/// A sentence, taken apart at its values.
pub fn pieces(sentence: &str) -> Vec<Piece> {
    let mut found = Vec::new();
    for (at, part) in sentence.split(OPEN).enumerate() {
        let (value, rest) = if at == 0 {
            ("", part)
        } else {
            part.split_once(CLOSE).unwrap_or((part, ""))
        };
        for (text, foreign) in [(value, true), (rest, false)] {
            if !text.is_empty() {
                let text = text.to_owned();
                found.push(Piece { text, foreign });
            }
        }
    }
    found
}

/// The sentence without the marks around its values.
pub fn unmarked(sentence: &str) -> String {
    sentence.replace([OPEN, CLOSE], "")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_is_one_line_without_marks_that_turn_text_around() {
        assert_eq!(one_line("Ada\r\nBcc: eve@example.org"), "Ada Bcc: eve@example.org");
        assert_eq!(one_line("  a\t\u{0}b\u{2028}c "), "a b c");
        assert_eq!(
            one_line("\u{202e}gro.elpmaxe\u{2069}\u{200b}\u{feff}\u{200f}"),
            "gro.elpmaxe"
        );
        assert_eq!(one_line(&"x".repeat(500)).chars().count(), MOST);
    }

    #[test]
    fn only_what_looks_like_a_name_is_a_greeting() {
        for name in [
            "Ada",
            "Ada Lovelace",
            "J. R. R. Tolkien",
            "Σωκράτης",
            "明日香",
            "O'Brien",
            "Ada 2",
        ] {
            assert_eq!(greetable(name).as_deref(), Some(name));
        }
        for name in [
            "",
            "   ",
            "https://evil.example",
            "evil.example",
            "You won $1000",
            "Click www evil",
            "eve@example.org",
            "<img src=x>",
            "call 0123456",
            &"x".repeat(41),
        ] {
            assert_eq!(greetable(name), None, "{name}");
        }
    }

    #[test]
    fn sentences_come_apart_at_their_values() {
        let sentence = format!("From {} to {}.", quoted("a\u{2069}b"), quoted("c"));
        let all: Vec<_> = pieces(&sentence).into_iter().map(|p| (p.text, p.foreign)).collect();
        let expected = [
            ("From ", false),
            ("ab", true),
            (" to ", false),
            ("c", true),
            (".", false),
        ];
        assert_eq!(all, expected.map(|(text, foreign)| (text.to_owned(), foreign)));
        assert_eq!(unmarked(&sentence), "From ab to c.");
    }
}
