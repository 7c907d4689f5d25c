//! Renders every letter in every language, checks what must hold for all of them, and leaves them in `target/pages/` to be
//! looked at.

use std::collections::HashSet;
use std::path::Path;

use crate::domain::lang::Lang;
use crate::domain::time::Timestamp;
use crate::mail::{Letter, Look, Rendered};

const NOW: Timestamp = Timestamp::from_seconds(1_717_788_018);
const LINK: &str = "https://auth.example.org/reset-password?token=Zm9vYmFyYmF6cXV4&userId=6662f0ab01020304050607ff";
const DISOWN: &str = "https://auth.example.org/disown?token=Zm9vYmFyYmF6cXV4";
const FIREFOX: &str = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0";
const MARKUP: &str = "<img src=x onerror=alert(1)>\"'&\r\nBcc: eve@example.org\r\n\r\n\u{202e}txet\u{2068}\u{2069}";

fn letters(foreign: &str) -> Vec<Letter<'_>> {
    let (device, address, disown) = (FIREFOX, "203.0.113.7", DISOWN);
    let seen = if foreign == MARKUP {
        (MARKUP, MARKUP)
    } else {
        (device, address)
    };
    let mut all = vec![
        Letter::VerifyAddress { link: LINK },
        Letter::ResetPassword { link: LINK },
        Letter::PasswordWasReset {
            device,
            address,
            disown,
        },
        Letter::AddressHasAccount {
            login_link: "https://auth.example.org/login",
            reset_link: Some(LINK),
        },
        Letter::Invitation {
            link: LINK,
            from: Some(foreign),
            until: NOW,
        },
        Letter::WaitingForApproval,
        Letter::ApprovalWanted {
            name: foreign,
            email: foreign,
        },
        Letter::Approved {
            link: "https://auth.example.org/login",
        },
        Letter::Rejected,
        Letter::LeaveAddress {
            new: foreign,
            link: LINK,
        },
        Letter::JoinAddress { link: LINK },
        Letter::AddressChanged { new: foreign },
        Letter::NewDevice {
            device: seen.0,
            address: seen.1,
            disown,
        },
        Letter::PasswordChanged {
            device,
            address,
            disown,
        },
    ];
    all.extend(more(foreign));
    all
}

fn more(foreign: &str) -> [Letter<'_>; 8] {
    let (device, address, disown) = (FIREFOX, "203.0.113.7", DISOWN);
    [
        Letter::TwoFactorChanged {
            enabled: true,
            device,
            address,
            disown,
        },
        Letter::BackupCodesMade {
            device,
            address,
            disown,
        },
        Letter::ProviderChanged {
            connected: true,
            provider: foreign,
            device,
            address,
            disown,
        },
        Letter::Recovered {
            who: foreign,
            by_console: true,
        },
        Letter::AuditHead {
            line: "librechat-auth-audit-head v1 seq=42 at=1717788018000 \
                   digest=9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08 \
                   mac=60303ae22b998861bce3b28f33eec1be758a213c86c93c076dbe9f558c11c752",
        },
        Letter::AccessEnds { until: NOW },
        Letter::AccountDeleted { until: Some(NOW) },
        Letter::Test,
    ]
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
fn samples() -> Vec<(String, Lang, Rendered)> {
    let mut all = Vec::new();
    for lang in Lang::ALL {
        let mut letters = letters("grace@example.org");
        let first = letters.len();
        let (device, address, disown) = ("curl/8.5.0", "2001:db8::7", DISOWN);
        letters.push(Letter::TwoFactorChanged {
            enabled: false,
            device,
            address,
            disown,
        });
        letters.push(Letter::ProviderChanged {
            connected: false,
            provider: "Office",
            device,
            address,
            disown,
        });
        letters.push(Letter::Recovered {
            who: "grace@example.org",
            by_console: false,
        });
        letters.push(Letter::Invitation {
            link: LINK,
            from: None,
            until: NOW,
        });
        letters.push(Letter::AccountDeleted { until: None });
        for (at, letter) in letters.iter().enumerate() {
            let number = if at < first { String::new() } else { "-2".to_owned() };
            let name = format!("mail-{}{number}-{}", letter.key(), lang.code());
            all.push((name, *lang, rendered(letter, *lang, "Home", "Ada Lovelace")));
        }
    }
    all
}

fn hostile() -> Vec<(String, Rendered)> {
    let both = Lang::ALL
        .iter()
        .flat_map(|lang| letters(MARKUP).into_iter().map(|letter| (*lang, letter)));
    both.map(|(lang, letter)| {
        let name = format!("mail-hostile-{}-{}", letter.key(), lang.code());
        (name, rendered(&letter, lang, MARKUP, MARKUP))
    })
    .collect()
}

#[test]
fn letters_are_written_for_the_eye() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/pages");
    std::fs::create_dir_all(&folder).unwrap();
    let ordinary = samples().into_iter().map(|(name, _, letter)| (name, letter));
    for (name, letter) in ordinary.chain(hostile()) {
        std::fs::write(folder.join(&name).with_extension("html"), letter.html).unwrap();
        let text = format!("Subject: {}\n\n{}", letter.subject, letter.text);
        std::fs::write(folder.join(name).with_extension("txt"), text).unwrap();
    }
}

#[test]
fn every_letter_has_a_subject_a_greeting_and_its_link_in_both_parts() {
    for (name, lang, letter) in samples() {
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
        for link in [LINK, DISOWN] {
            assert_eq!(
                letter.text.contains(link),
                letter.html.contains(&link.replace('&', "&#38;")),
                "{name}"
            );
        }
    }
    let with_link = samples()
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
    for (name, _, letter) in samples() {
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
        let all = samples().into_iter().filter(|(_, lang, _)| *lang == wanted);
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
    for (name, _, letter) in samples().into_iter().filter(|(_, lang, _)| *lang == Lang::Fr) {
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
