//! Display names and user names: LibreChat's rules in LibreChat's words, and no characters that hide or turn text around.
//!
//! Lengths are counted as JavaScript counts them, in UTF-16 units: an emoji is two.

use unicode_script::{Script, UnicodeScript as _};

use crate::domain::field::{Issue, Rule};

const NAME: &str = "name";
const USERNAME: &str = "username";

/// Scripts that LibreChat lets into a user name. `Common` holds digits, blanks, punctuation and emoji.
const SCRIPTS: &[Script] = &[
    Script::Latin,
    Script::Common,
    Script::Cyrillic,
    Script::Devanagari,
    Script::Han,
    Script::Arabic,
    Script::Hiragana,
    Script::Katakana,
    Script::Hangul,
];

/// What LibreChat takes for an attack in a user name, in any case.
const INJECTIONS: &[&str] = &[
    "'", "--", "$ne", "$gt", "$lt", "$or", "{", "}", "*", ";", "<", ">", "/", "=",
];

/// Reads a display name: 3 to 80 characters, not only blanks, no control or bidirectional formatting characters.
///
/// # Errors
/// Every rule that is broken. LibreChat has the length rules only.
pub fn parse_display_name(text: &str) -> Result<String, Vec<Issue>> {
    let mut issues = length_issues(NAME, text, 3);
    let is_blank = !text.is_empty() && text.trim().is_empty();
    if is_blank || text.chars().any(is_deceptive) {
        issues.push(Issue::new(NAME, Rule::InvalidCharacters));
    }
    if issues.is_empty() {
        Ok(text.to_owned())
    } else {
        Err(issues)
    }
}

/// Reads a user name: absent or empty is none; otherwise 2 to 80 characters of the scripts LibreChat allows and nothing it
/// takes for an injection. User names need not be unique.
///
/// # Errors
/// Every rule that is broken, in LibreChat's order.
pub fn parse_username(text: Option<&str>) -> Result<Option<String>, Vec<Issue>> {
    let Some(text) = text.filter(|text| !text.is_empty()) else {
        return Ok(None);
    };
    let mut issues = length_issues(USERNAME, text, 2);
    if text.chars().any(|c| is_deceptive(c) || !SCRIPTS.contains(&c.script())) {
        issues.push(Issue::new(USERNAME, Rule::InvalidCharacters));
    }
    let lower = text.to_ascii_lowercase();
    if INJECTIONS.iter().any(|pattern| lower.contains(pattern)) {
        issues.push(Issue::new(USERNAME, Rule::Injection));
    }
    if issues.is_empty() {
        Ok(Some(text.to_owned()))
    } else {
        Err(issues)
    }
}

fn length_issues(field: &'static str, text: &str, at_least: usize) -> Vec<Issue> {
    let length = text.encode_utf16().count();
    let rule = match length {
        _ if length < at_least => Rule::TooShort(at_least),
        _ if length > 80 => Rule::TooLong(80),
        _ => return Vec::new(),
    };
    vec![Issue::new(field, rule)]
}

/// Makes a display name of what a provider calls somebody: no deceptive characters, no blanks around, at most 80 characters.
/// `None` if nothing is left. Unlike people who type a name, providers may say a short one.
#[must_use]
pub fn tidy_display_name(text: &str) -> Option<String> {
    let mut length = 0;
    let short = |c: &char| {
        length += c.len_utf16();
        length <= 80
    };
    let clean: String = text.chars().filter(|c| !is_deceptive(*c)).collect();
    let tidy: String = clean.trim().chars().take_while(short).collect();
    let tidy = tidy.trim_end();
    (!tidy.is_empty()).then(|| tidy.to_owned())
}

/// Control characters, line separators, and the marks that change the direction of what follows (Unicode UAX #9 §2).
#[must_use]
pub fn is_deceptive(c: char) -> bool {
    c.is_control() || matches!(c, '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::field::joined;

    fn name_error(text: &str) -> String {
        parse_display_name(text).map_or_else(|issues| joined(&issues), |_| String::new())
    }

    fn username_error(text: &str) -> String {
        parse_username(Some(text)).map_or_else(|issues| joined(&issues), |_| String::new())
    }

    #[test]
    fn names_of_3_to_80_characters_are_kept_as_they_are() {
        for text in [
            "Ada",
            "  Ada  ",
            "O'Brien <o>",
            "Σωκράτης",
            "明日香",
            "e\u{301}ve",
            &"x".repeat(80),
        ] {
            assert_eq!(parse_display_name(text), Ok(text.to_owned()), "{text:?}");
        }
    }

    #[test]
    fn names_too_short_or_too_long_get_librechats_words() {
        for text in ["", "Jo"] {
            assert_eq!(name_error(text), "name: String must contain at least 3 character(s)");
        }
        assert_eq!(
            name_error(&"x".repeat(81)),
            "name: String must contain at most 80 character(s)"
        );
    }

    #[test]
    fn length_is_counted_in_utf_16_units() {
        assert_eq!(name_error("\u{1f600}\u{1f600}"), "");
        assert_eq!(
            name_error("\u{1f600}"),
            "name: String must contain at least 3 character(s)"
        );
        assert_ne!(name_error(&"\u{1f600}".repeat(41)), "");
        assert_eq!(name_error(&"\u{e9}".repeat(80)), "");
    }

    #[test]
    fn names_of_blanks_or_with_deceptive_characters_are_refused() {
        assert_eq!(name_error("   "), "name: Invalid characters in name");
        for text in [
            "Ada\u{0}",
            "Ada\nL",
            "Ada\u{7f}",
            "Ada\u{85}",
            "\u{202e}adA",
            "Ada\u{2066}x",
            "A\u{2028}da",
        ] {
            assert_eq!(name_error(text), "name: Invalid characters in name", "{text:?}");
        }
    }

    #[test]
    fn no_user_name_and_an_empty_one_are_none() {
        assert_eq!(parse_username(None), Ok(None));
        assert_eq!(parse_username(Some("")), Ok(None));
    }

    #[test]
    fn user_names_of_the_allowed_scripts_pass() {
        for text in [
            "ad",
            "ada.l@x_1",
            "Ada L.",
            "анна",
            "अनु",
            "明日香",
            "محمد",
            "ひらがな",
            "カナ",
            "한글",
            "a-b",
            "$10",
            "\u{1f600}",
        ] {
            assert_eq!(parse_username(Some(text)), Ok(Some(text.to_owned())), "{text:?}");
        }
    }

    #[test]
    fn user_names_of_other_scripts_do_not() {
        for text in ["Σωκράτης", "שלום", "ทดสอบ", "e\u{301}ve", "ab\u{202e}", "a\tb", "ab\n"] {
            assert_eq!(
                username_error(text),
                "username: Invalid characters in username",
                "{text:?}"
            );
        }
    }

    #[test]
    fn user_names_that_look_like_an_attack_do_not() {
        for text in [
            "a'b", "a--b", "a$NE", "$gt1", "x$lt", "$Or", "a{", "a}", "a*", "a;", "a<", "a>", "a/b", "a=b",
        ] {
            assert_eq!(
                username_error(text),
                "username: Potential injection attack detected",
                "{text:?}"
            );
        }
    }

    #[test]
    fn every_broken_rule_is_named() {
        assert_eq!(
            username_error("<"),
            "username: String must contain at least 2 character(s) username: Potential injection attack detected"
        );
        assert_eq!(
            username_error(&"Σ".repeat(81)),
            "username: String must contain at most 80 character(s) username: Invalid characters in username"
        );
    }
}
