//! What letters say: nothing that a stranger chose becomes markup, a header or a link, and nothing is kept in the open.

use std::fs;

use librechat_auth::domain::outbox::Progress;

use super::kit::{ADA, only, with, with_mail, write, write_in};
use crate::support::postbox::{At, Mishap};

const MARKUP: &str = "<img src=x onerror=alert(1)>\r\nBcc: eve@example.org\r\n\r\n\u{202e}\"Zoé\"";

#[test]
fn a_hostile_title_stays_text_in_both_parts_and_in_the_headers() {
    let (postbox, site) = with(|config| {
        config.site.title = MARKUP.to_owned();
        config.mail.from_name = MARKUP.to_owned();
    });
    for lang in ["en", "fr"] {
        write_in(&site, ADA, lang);
        let letter = postbox.letter_to(ADA);
        assert_eq!(
            (letter.count("bcc"), letter.count("subject"), letter.count("to")),
            (0, 1, 1),
            "{}",
            letter.raw
        );
        assert!(
            letter
                .subject()
                .contains("<img src=x onerror=alert(1)> Bcc: eve@example.org \"Zoé\"")
        );
        assert!(
            letter
                .header("from")
                .expect("a sender")
                .ends_with("<login@example.org>")
        );
        assert!(!letter.html().contains("<img") && letter.html().contains("&#60;img src=x onerror=alert(1)&#62;"));
        for part in [letter.text(), letter.html(), letter.subject()] {
            assert!(!part.contains('\u{202e}'), "{part}");
        }
    }
}

#[test]
fn links_name_the_configured_address_only() {
    let (postbox, site) = with(|config| {
        config.server.public_url = Some("https://home.example.org/auth/".parse().expect("an address"));
    });
    write(&site, ADA);
    let letter = postbox.letter_to(ADA);
    assert_eq!(letter.links(), ["https://home.example.org/auth/"]);
    assert_eq!(letter.path_to("/auth"), "/auth/");
}

#[test]
fn nobody_who_reads_the_database_reads_letters() {
    let (postbox, site) = with_mail();
    postbox.next(At::Recipient, Mishap::Says("451 later"));
    write(&site, ADA);
    site.mail_rests();
    assert!(matches!(only(&site).progress, Progress::Waiting(_)) && only(&site).is_whole);
    let mut looked = 0;
    for entry in fs::read_dir(&site.app.config.data_dir).expect("the data directory") {
        let bytes = fs::read(entry.expect("an entry").path()).unwrap_or_default();
        looked += usize::from(bytes.windows(15).any(|part| part == b"ada@example.org"));
        for words in ["can send mail", "http://localhost", "Test letter", "<html"] {
            assert!(
                !bytes.windows(words.len()).any(|part| part == words.as_bytes()),
                "{words}"
            );
        }
    }
    assert!(looked > 0, "the letter is in none of the files");
}

#[test]
fn a_letter_moved_to_another_address_or_row_does_not_open() {
    let (postbox, site) = with_mail();
    postbox.next(At::Recipient, Mishap::Says("451 later"));
    write(&site, ADA);
    site.mail_rests();
    site.sql("UPDATE outbox SET address = 'eve@example.org', due_at = 0");
    site.mail_rests();
    let letter = only(&site);
    assert_eq!(letter.progress.key(), "failed");
    assert!(letter.last_error.expect("a reason").contains("cannot be unsealed"));
    assert_eq!(postbox.taken(), 0);
}
