//! What a new password must be like. Rules and words are LibreChat's; the refusal of common passwords is ours.
//!
//! A password is its bytes in UTF-8: nothing is trimmed, folded or normalised, so what is typed differently is different.
//! Length is counted as JavaScript counts it, in UTF-16 units: an emoji is two.

use zxcvbn::matching::patterns::MatchPattern;
use zxcvbn::zxcvbn;

use crate::domain::field::{Issue, Rule};

/// Longest password, in UTF-16 units.
pub const MAX_LENGTH: usize = 128;

/// Passwords that an attacker guesses within so many tries are common: the bundled list has 30,000 words, and each has a
/// few spellings.
const GUESSES: u64 = 100_000;
/// Longer passwords are on no list; only a repetition is looked at, by its first so many characters.
const EXAMINED_CHARS: usize = 24;
/// Symbols that stand for letters. Each kind multiplies the spellings to look up; nothing common has more than three.
const LETTER_SYMBOLS: &str = "@({[<!|$+%";
const MAX_SYMBOL_KINDS: usize = 3;
/// How many words of names, address and title are compared.
const MAX_CONTEXT_WORDS: usize = 24;

/// The rules that `password` breaks, in LibreChat's order: `min_length` to 128 characters, not only spaces.
#[must_use]
pub fn issues(field: &'static str, password: &str, min_length: usize) -> Vec<Issue> {
    let length = password.encode_utf16().count();
    let mut issues = Vec::new();
    if length < min_length {
        issues.push(Issue::new(field, Rule::TooShort(min_length)));
    }
    if length > MAX_LENGTH {
        issues.push(Issue::new(field, Rule::TooLong(MAX_LENGTH)));
    }
    if password.chars().all(is_javascript_space) {
        issues.push(Issue::new(field, Rule::OnlySpaces));
    }
    issues
}

/// What JavaScript's `trim` removes (ECMA-262 §22.1.3.32).
fn is_javascript_space(c: char) -> bool {
    c == '\u{feff}' || (c.is_whitespace() && c != '\u{85}')
}

/// Whether an attacker would try `password` early: it is one word of a dictionary (common passwords, names, frequent
/// words; in any case, backwards, repeated, or with look-alikes such as `@` for `a`), a run on the keyboard, a sequence or a
/// date, or little more than a word of `context` — name, e-mail address, title of the site.
///
/// Takes a few milliseconds at most, whatever the input.
#[must_use]
pub fn is_common(password: &str, context: &[&str]) -> bool {
    let Some(examined) = examined(password) else {
        return false;
    };
    let words = context_words(context);
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let estimate = zxcvbn(&examined, &words);
    let is_one_word = matches!(estimate.sequence(), [only] if matches!(only.pattern, MatchPattern::Dictionary(_)));
    is_one_word || estimate.guesses() < GUESSES
}

/// The part of a password that is looked up; `None` if it is surely on no list.
fn examined(password: &str) -> Option<String> {
    let characters: Vec<char> = password.chars().collect();
    let kinds = LETTER_SYMBOLS.chars().filter(|symbol| characters.contains(symbol));
    let is_short = characters.len() <= EXAMINED_CHARS;
    if kinds.count() > MAX_SYMBOL_KINDS || !(is_short || is_repetition(&characters)) {
        return None;
    }
    Some(characters.into_iter().take(EXAMINED_CHARS).collect())
}

/// Whether the characters are one shorter run again and again.
fn is_repetition(characters: &[char]) -> bool {
    (1..=EXAMINED_CHARS / 2).any(|period| {
        characters
            .iter()
            .zip(&characters[period..])
            .all(|(one, next)| one == next)
    })
}

/// The context as an attacker would use it: each text whole, without its punctuation, and word by word.
fn context_words(context: &[&str]) -> Vec<String> {
    let mut words = Vec::new();
    for text in context {
        let lower = text.to_lowercase();
        let parts: Vec<&str> = lower.split(|c: char| !c.is_alphanumeric()).collect();
        words.push(parts.concat());
        words.extend(parts.into_iter().map(str::to_owned));
        words.push(lower);
    }
    words.retain(|word| (3..=4 * EXAMINED_CHARS).contains(&word.len()));
    words.truncate(MAX_CONTEXT_WORDS);
    words
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::field::joined;

    const CONTEXT: &[&str] = &["Ada Lovelace", "ada.king@example.org", "Home cloud"];

    fn error(password: &str) -> String {
        joined(&issues("password", password, 8))
    }

    #[test]
    fn passwords_of_the_right_length_break_no_rule() {
        for password in [
            "12345678",
            "        x",
            &"x".repeat(128),
            "\u{1f600}\u{1f600}\u{1f600}\u{1f600}",
            "pass\0word",
        ] {
            assert_eq!(error(password), "", "{password:?}");
        }
    }

    #[test]
    fn broken_rules_get_librechats_words() {
        assert_eq!(
            error("1234567"),
            "password: String must contain at least 8 character(s)"
        );
        assert_eq!(
            error(&"x".repeat(129)),
            "password: String must contain at most 128 character(s)"
        );
        assert_eq!(error("        "), "password: Password cannot be only spaces");
        assert_eq!(
            error(""),
            "password: String must contain at least 8 character(s) password: Password cannot be only spaces"
        );
    }

    #[test]
    fn spaces_are_what_javascript_trims() {
        assert_eq!(
            error(&"\u{feff}\u{a0}\u{2028}\t\n".repeat(2)),
            "password: Password cannot be only spaces"
        );
        assert_eq!(error(&"\u{85}".repeat(8)), "");
    }

    #[test]
    fn the_shortest_length_is_a_setting_and_counts_utf_16_units() {
        assert!(issues("password", "\u{1f600}\u{1f600}", 4).is_empty());
        assert!(!issues("password", "\u{1f600}\u{1f600}", 5).is_empty());
        assert_eq!(
            joined(&issues("confirm_password", "x", 2)),
            "confirm_password: String must contain at least 2 character(s)"
        );
    }

    #[test]
    fn passwords_everybody_tries_are_common() {
        for password in [
            "password",
            "Password1",
            "P@ssw0rd",
            "P@$$w0rd",
            "Passw0rd!",
            "12345678",
            "123456789",
            "qwertyuiop",
            "azertyuiop",
            "letmein1",
            "iloveyou",
            "drowssap",
            "passwordpassword",
            "aaaaaaaa",
            "abcdefgh",
            "1q2w3e4r",
            "19900101",
            "changeme",
            "motdepasse",
            "elephants",
        ] {
            assert!(is_common(password, &[]), "{password}");
        }
    }

    #[test]
    fn passwords_made_of_what_is_known_about_a_person_are_common() {
        for password in [
            "adalovelace",
            "AdaLovelace1",
            "lovelace1990",
            "Lovelace!",
            "ada.king@example.org",
            "homecloud",
            "Home cloud",
            "3xample1",
        ] {
            assert!(is_common(password, CONTEXT), "{password}");
        }
        assert!(!is_common("AdaLovelace17x", &[]));
    }

    #[test]
    fn a_word_of_the_list_is_common_however_it_is_spelt() {
        assert!(is_common("wAtErMeLoN", &[]));
        assert!(is_common("d3uTsCh1@nD", &[]));
    }

    #[test]
    fn passwords_with_some_thought_in_them_are_not() {
        for password in [
            "correct horse battery staple",
            "correcthorse",
            "tr0ub4dor&3",
            "Xk7!pQ2z",
            "blue-kettle",
            "ein Kessel Buntes",
            "\u{5bc6}\u{7801}\u{5f88}\u{96be}\u{731c}\u{5bf9}\u{5427}\u{5440}",
        ] {
            assert!(!is_common(password, CONTEXT), "{password}");
        }
    }

    #[test]
    fn long_passwords_are_common_only_if_they_repeat() {
        for run in ["x", "ab", "password", "19"] {
            assert!(is_common(&run.repeat(64 / run.len()), &[]), "{run}");
        }
        assert!(!is_common(&format!("{}x", "password".repeat(8)), &[]));
    }

    #[test]
    fn what_would_take_long_to_look_up_is_not_looked_up() {
        assert_eq!(examined("4@8({[<369!1|70$5+7%2aA"), None);
        assert_eq!(examined(&"correct horse ".repeat(9)), None);
        assert_eq!(
            examined(&"\u{1f600}".repeat(64)).map(|text| text.chars().count()),
            Some(24)
        );
        let many = vec!["some words of no great interest"; 50];
        assert!(context_words(&many).len() <= MAX_CONTEXT_WORDS);
    }
}
