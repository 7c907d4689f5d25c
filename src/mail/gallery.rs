//! Renders every letter in every language, checks what must hold for all of them, and leaves them in `target/pages/` to be
//! looked at.

use std::collections::{BTreeSet, HashSet};
use std::path::Path;

use crate::domain::lang::Lang;
use crate::domain::time::Timestamp;
use crate::mail::samples::{Links, Props, samples};
use crate::mail::{Letter, Look, Rendered};

const NOW: Timestamp = Timestamp::from_seconds(1_717_788_018);
const MARKUP: &str = "<img src=x onerror=alert(1)>\"'&\r\nBcc: eve@example.org\r\n\r\n\u{202e}txet\u{2068}\u{2069}";

fn links() -> Links {
    Links::new(|path| format!("https://auth.example.org{path}"))
}

fn rendered(letter: &Letter<'_>, lang: Lang, site: &str, name: &str) -> Rendered {
    let look = Look {
        site,
        url: "https://auth.example.org/",
        accent: "#1a6b54",
    };
    letter.render(&look, lang, Some(name), NOW)
}

/// Every letter in every language, by its name.
fn ordinary() -> Vec<(String, Lang, Rendered)> {
    let links = links();
    // What no letter says today, but could.
    let by_admin = Letter::Recovered {
        who: "grace@example.org",
        by_console: false,
    };
    let mut letters: Vec<_> = samples(&Props::new(&links, NOW))
        .iter()
        .map(|sample| (sample.name, sample.letter))
        .collect();
    letters.push(("recovered_by_admin", by_admin));
    let both = Lang::ALL
        .iter()
        .flat_map(|lang| letters.iter().map(|letter| (*lang, letter)));
    both.map(|(lang, (name, letter))| {
        let name = format!("mail-{name}-{}", lang.code());
        (name, lang, rendered(letter, lang, "Home", "Ada Lovelace"))
    })
    .collect()
}

fn hostile() -> Vec<(String, Rendered)> {
    let links = links();
    let props = Props {
        name: MARKUP,
        email: MARKUP,
        provider: MARKUP,
        device: MARKUP,
        address: MARKUP,
        ..Props::new(&links, NOW)
    };
    let both = Lang::ALL
        .iter()
        .flat_map(|lang| samples(&props).into_iter().map(|sample| (*lang, sample)));
    both.map(|(lang, sample)| {
        let name = format!("mail-hostile-{}-{}", sample.name, lang.code());
        (name, rendered(&sample.letter, lang, MARKUP, MARKUP))
    })
    .collect()
}

#[test]
fn every_kind_of_letter_has_a_sample_of_its_own_name() {
    let links = links();
    let all = samples(&Props::new(&links, NOW));
    let names: BTreeSet<&str> = all.iter().map(|sample| sample.name).collect();
    assert_eq!(names.len(), all.len(), "a name twice");
    let (_, keys) = include_str!("letter.rs").split_once("fn key(").unwrap();
    let (keys, _) = keys.split_once("impl Writer").unwrap();
    let kinds: BTreeSet<&str> = keys.split('"').skip(1).step_by(2).collect();
    let drawn: BTreeSet<&str> = all.iter().map(|sample| sample.letter.key()).collect();
    assert_eq!(drawn, kinds);
}

#[test]
fn letters_are_written_for_the_eye() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/pages");
    std::fs::create_dir_all(&folder).unwrap();
    let ordinary = ordinary().into_iter().map(|(name, _, letter)| (name, letter));
    for (name, letter) in ordinary.chain(hostile()) {
        std::fs::write(folder.join(&name).with_extension("html"), letter.html).unwrap();
        let text = format!("Subject: {}\n\n{}", letter.subject, letter.text);
        std::fs::write(folder.join(name).with_extension("txt"), text).unwrap();
    }
}

#[test]
fn every_letter_has_a_subject_a_greeting_and_its_link_in_both_parts() {
    for (name, lang, letter) in ordinary() {
        let hello = if lang == Lang::Fr {
            "Bonjour Ada Lovelace,"
        } else {
            "Hello Ada Lovelace,"
        };
        assert!(!letter.subject.is_empty() && !letter.subject.contains('\n'), "{name}");
        assert!(
            letter.text.starts_with(&format!("{hello}\n\n")),
            "{name}: {}",
            letter.text
        );
        assert!(letter.html.contains(hello), "{name}");
        assert!(
            letter.html.contains(&format!("<html lang=\"{}\">", lang.code())),
            "{name}"
        );
        assert!(
            letter.text.contains("\n-- \nHome\nhttps://auth.example.org/\n"),
            "{name}: {}",
            letter.text
        );
        assert!(!letter.text.contains("\n\n\n"), "{name}: {}", letter.text);
        for link in letter.text.lines().filter(|line| line.starts_with("https://")) {
            assert!(letter.html.contains(&link.replace('&', "&#38;")), "{name}: {link}");
        }
    }
    let with_link = ordinary()
        .iter()
        .filter(|(_, _, letter)| letter.text.contains("token="))
        .count();
    assert_eq!(with_link, 2 * 15);
}

#[test]
fn what_others_wrote_stays_text() {
    for (name, letter) in hostile() {
        let Rendered {
            subject, text, html, ..
        } = &letter;
        assert!(
            !subject.contains(['\r', '\n', '\u{202e}', '\u{2068}', '\u{2069}']),
            "{name}: {subject:?}"
        );
        for part in [text, html] {
            assert!(!part.contains(['\r', '\u{202e}', '\u{2068}', '\u{2069}']), "{name}");
            assert!(!part.contains("\nBcc:"), "{name}");
        }
        assert!(!html.contains("<img") && !html.contains("<script"), "{name}");
        assert!(
            html.contains("&#60;img src=x onerror=alert(1)&#62;&#34;&#39;&#38; Bcc: eve@example.org txet"),
            "{name}"
        );
        assert!(
            text.starts_with("Hello,\n") || text.starts_with("Bonjour,\n"),
            "{name}: {text}"
        );
    }
}

#[test]
fn letters_load_nothing_and_run_nothing() {
    for (name, _, letter) in ordinary() {
        for refused in [
            "<img",
            "<script",
            "<link",
            "<iframe",
            "<form",
            "url(",
            "@import",
            "javascript:",
            "src=",
        ] {
            assert!(!letter.html.contains(refused), "{name}: {refused}");
        }
    }
}

#[test]
fn the_two_languages_share_no_sentence() {
    let sentences = |wanted: Lang| -> HashSet<String> {
        let all = ordinary().into_iter().filter(|(_, lang, _)| *lang == wanted);
        let lines = all.flat_map(|(_, _, letter)| letter.text.lines().map(str::to_owned).collect::<Vec<_>>());
        // The head of the audit log is for programs.
        let is_said = |line: &String| line.split(' ').count() > 3 && !line.starts_with("librechat-auth-audit-head");
        lines.filter(is_said).collect()
    };
    let shared: Vec<_> = sentences(Lang::En)
        .intersection(&sentences(Lang::Fr))
        .cloned()
        .collect();
    assert!(shared.is_empty(), "{shared:?}");
}

#[test]
fn french_puts_a_narrow_space_before_double_punctuation() {
    for (name, _, letter) in ordinary().into_iter().filter(|(_, lang, _)| *lang == Lang::Fr) {
        let plain = letter
            .text
            .lines()
            .filter(|line| !line.contains("://") && !line.contains("2001:"));
        for line in plain {
            for (at, _) in line.match_indices(['?', '!', ':', ';']) {
                let inside = line[at + 1..].starts_with(|after: char| !after.is_whitespace());
                assert!(inside || line[..at].ends_with('\u{202f}'), "{name}: {line}");
            }
            assert!(!line.contains('\''), "{name}: {line}");
        }
    }
}
