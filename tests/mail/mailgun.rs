//! Mailgun's HTTP API, against an emulation of it at the wire.

use librechat_auth::domain::email::Email;

use super::kit::{ADA, only, state, write, write_in};
use crate::support::mailgun::answer;
use crate::support::{Mailgun, Site, minutes};

fn with_mailgun() -> (Mailgun, Site) {
    let mailgun = Mailgun::open();
    let site = Site::with(|config| mailgun.serve(config));
    (mailgun, site)
}

#[test]
fn a_letter_is_one_form_with_both_parts() {
    let (mailgun, site) = with_mailgun();
    write_in(&site, ADA, "fr");
    site.mail_rests();
    assert_eq!(state(&site), ("sent", 1, String::new()));
    let mut all = mailgun.requests();
    assert_eq!(all.len(), 1);
    let request = all.remove(0);
    assert_eq!(request.line, "POST /v3/mg.example.org/messages HTTP/1.1");
    // `api:key-0123456789`
    assert_eq!(request.header("authorization"), Some("Basic YXBpOmtleS0wMTIzNDU2Nzg5"));
    let names: Vec<&str> = request.fields.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(
        names,
        [
            "from",
            "to",
            "subject",
            "text",
            "html",
            "o:tracking-clicks",
            "h:Message-Id",
            "h:Auto-Submitted"
        ]
    );
    assert_eq!(
        (request.field("from"), request.field("to")),
        ("Home <login@mg.example.org>", ADA)
    );
    assert_eq!(
        request.field("subject"),
        format!("Message d’essai de {}", site.app.config.site.title)
    );
    assert!(request.field("text").contains("peut envoyer des e-mails."));
    assert!(request.field("html").contains("<html lang=\"fr\">"));
    assert_eq!(request.field("o:tracking-clicks"), "no");
    assert!(request.field("h:Message-Id").ends_with("@mg.example.org>"));
}

#[test]
fn a_hostile_title_adds_no_field() {
    let mailgun = Mailgun::open();
    let site = Site::with(|config| {
        mailgun.serve(config);
        config.site.title = "x\"\r\nBcc: eve@example.org\r\n\r\n--boundary".to_owned();
        config.mail.from_name = "Eve <eve@example.org>,\r\nx".to_owned();
    });
    write(&site, ADA);
    site.mail_rests();
    let request = mailgun.requests().remove(0);
    assert_eq!(request.fields.len(), 8, "{request:?}");
    assert_eq!(
        request.field("from"),
        "\"Eve <eve@example.org>, x\" <login@mg.example.org>"
    );
    assert!(!request.field("subject").contains('\n'));
}

#[test]
fn what_mailgun_says_decides_what_becomes_of_the_letter() {
    for (status, progress, key) in [
        ("401 Unauthorized", "waiting", "key_refused"),
        ("404 Not Found", "waiting", "domain_unknown"),
        ("429 Too Many Requests", "waiting", "mailgun_failed"),
        ("500 Internal Server Error", "waiting", "mailgun_failed"),
        ("302 Found", "waiting", "mailgun_failed"),
        ("400 Bad Request", "failed", "mailgun_refused"),
    ] {
        let (mailgun, site) = with_mailgun();
        let more = "location: http://127.0.0.1:1/elsewhere\r\n";
        mailgun.next(answer(status, more, r#"{"message":"because"}"#));
        write(&site, ADA);
        site.mail_rests();
        let (found, _, error) = state(&site);
        assert_eq!(found, progress, "{status}: {error}");
        assert!(
            error.contains("because") && error.contains(&status[..3]),
            "{status}: {error}"
        );
        mailgun.next(answer(status, more, "because"));
        let to = Email::parse(ADA).expect("an address");
        let tested = site
            .run(site.app.send_test_letter(&to, None, |_| {}))
            .expect("the outbox");
        let outcome = tested.expect("mail is configured").outcome;
        assert_eq!(outcome.expect_err("trouble").key(), key, "{status}");
        if progress == "waiting" {
            site.clock.advance(minutes(2));
            site.mail_rests();
            let all = site.outbox();
            assert_eq!(all.last().expect("a letter").progress.key(), "sent", "{status}");
        }
    }
}

#[test]
fn an_endless_answer_and_a_cut_one_do_no_harm() {
    let (mailgun, site) = with_mailgun();
    mailgun.next(answer("400 Bad Request", "", &"x".repeat(1_000_000)));
    write(&site, ADA);
    site.mail_rests();
    let error = only(&site).last_error.expect("a reason");
    assert!(error.len() < 600, "{}", error.len());
    let (mailgun, site) = with_mailgun();
    mailgun.next("HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nab".to_owned());
    write(&site, ADA);
    site.mail_rests();
    assert_eq!(state(&site).0, "waiting");
}

#[test]
fn the_key_is_never_told() {
    let (mailgun, site) = with_mailgun();
    mailgun.next(answer("401 Unauthorized", "", "the key key-0123456789 is wrong"));
    let mut lines = Vec::new();
    let to = Email::parse(ADA).expect("an address");
    let tested = site.run(
        site.app
            .send_test_letter(&to, None, |line| lines.push(line.to_string())),
    );
    let outcome = tested.expect("the outbox").expect("mail is configured").outcome;
    let told = format!("{lines:?} {outcome:?}");
    assert!(
        told.contains("POST http://") && told.contains("the key *** is wrong"),
        "{told}"
    );
    assert!(!told.contains("0123456789"), "{told}");
}
