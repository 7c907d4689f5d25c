//! Ways to talk to a mail server: how we introduce ourselves, how we log in, what we do not fall for.

use librechat_auth::config::{Encryption, Transport};
use librechat_auth::domain::email::Email;

use super::kit::{ADA, state, with, with_mail, write};
use crate::support::Site;
use crate::support::postbox::{At, Mishap, log_in_as};

/// Sends a test letter and answers with what was said and what came of it.
fn dialogue(site: &Site) -> (Vec<String>, Result<String, String>) {
    let mut lines = Vec::new();
    let to = Email::parse(ADA).expect("an address");
    let tested = site.run(
        site.app
            .send_test_letter(&to, None, |line| lines.push(line.to_string())),
    );
    let tested = tested.expect("the outbox").expect("mail is configured");
    (lines, tested.outcome.map_err(|trouble| trouble.key().to_owned()))
}

#[test]
fn the_whole_dialogue_is_told_without_the_letter() {
    let (postbox, site) = with_mail();
    let (lines, outcome) = dialogue(&site);
    assert_eq!(outcome, Ok("250 2.0.0 taken".to_owned()));
    let connecting = format!("· connecting to {}", postbox.address);
    let expected = [
        connecting.as_str(),
        "← 220 postbox.example.org ready",
        "→ EHLO [127.0.0.1]",
        "← 250-postbox.example.org",
        "← 250-8BITMIME",
        "← 250-AUTH PLAIN LOGIN",
        "← 250 SIZE 1000000",
        "→ MAIL FROM:<login@example.org>",
        "← 250 2.1.0 fine",
        "→ RCPT TO:<ada@example.org>",
        "← 250 2.1.5 fine",
        "→ DATA",
        "← 354 go on",
        "→ (the letter)",
        "→ .",
        "← 250 2.0.0 taken",
        "→ QUIT",
        "← 221 bye",
    ];
    let told: Vec<&str> = lines
        .iter()
        .map(|line| {
            if line.starts_with("→ (the letter: ") {
                "→ (the letter)"
            } else {
                line.as_str()
            }
        })
        .collect();
    assert_eq!(told, expected);
    assert_eq!(state(&site).0, "sent");
}

#[test]
fn the_server_is_told_the_name_of_the_site() {
    let (_postbox, site) = with(|config| {
        config.server.public_url = Some("https://home.example.org".parse().expect("an address"));
    });
    assert!(dialogue(&site).0.contains(&"→ EHLO home.example.org".to_owned()));
}

#[test]
fn both_ways_to_log_in_work_and_show_nothing() {
    for (offer, said) in [
        ("AUTH PLAIN LOGIN", vec!["AUTH PLAIN AGFkYQBzM2NyZXQgcMOkc3M="]),
        ("auth=login plain", vec!["AUTH PLAIN AGFkYQBzM2NyZXQgcMOkc3M="]),
        ("AUTH LOGIN XOAUTH2", vec!["AUTH LOGIN", "YWRh", "czNjcmV0IHDDpHNz"]),
    ] {
        let (postbox, site) = with(|config| log_in_as("ada", "s3cret päss", config));
        postbox.offers(&[offer]);
        let (lines, outcome) = dialogue(&site);
        assert!(outcome.is_ok(), "{lines:?}");
        assert_eq!(postbox.logins(), said);
        let told = lines.join("\n");
        for secret in ["s3cret", "AGFkYQBz", "czNjcmV0"] {
            assert!(!told.contains(secret), "{told}");
        }
        assert!(told.contains("***"), "{told}");
    }
}

#[test]
fn a_server_that_repeats_the_password_is_not_quoted() {
    let (postbox, site) = with(|config| log_in_as("ada", "s3cret", config));
    postbox.next(
        At::Login,
        Mishap::Says("535 s3cret is wrong, and so is AGFkYQBzM2NyZXQ="),
    );
    let (lines, outcome) = dialogue(&site);
    assert_eq!(outcome, Err("login_refused".to_owned()));
    assert!(
        lines.contains(&"← 535 *** is wrong, and so is ***".to_owned()),
        "{lines:?}"
    );
    assert_eq!(
        state(&site),
        (
            "failed",
            1,
            "the server refused the login: 535 *** is wrong, and so is ***".to_owned()
        )
    );
}

#[test]
fn a_server_without_login_gets_no_password() {
    let (postbox, site) = with(|config| log_in_as("ada", "s3cret", config));
    for offers in [vec!["8BITMIME"], vec!["AUTH CRAM-MD5"]] {
        postbox.offers(&offers);
        assert_eq!(dialogue(&site).1, Err("no_login".to_owned()));
    }
    assert_eq!(postbox.logins(), [""; 0]);
}

#[test]
fn without_starttls_nothing_is_said() {
    let (postbox, site) = with(|config| {
        log_in_as("ada", "s3cret", config);
        if let Some(Transport::Smtp(smtp)) = &mut config.mail.transport {
            smtp.encryption = Encryption::StartTls;
        }
    });
    let (lines, outcome) = dialogue(&site);
    assert_eq!(outcome, Err("no_starttls".to_owned()));
    let ours: Vec<&String> = lines.iter().filter(|line| line.starts_with('→')).collect();
    assert_eq!(ours, ["→ EHLO [127.0.0.1]", "→ QUIT"]);
    write(&site, ADA);
    site.mail_rests();
    assert_eq!((postbox.logins().len(), postbox.taken()), (0, 0));
}

#[test]
fn words_in_front_of_tls_end_the_conversation() {
    let (postbox, site) = with(|config| {
        if let Some(Transport::Smtp(smtp)) = &mut config.mail.transport {
            smtp.encryption = Encryption::StartTls;
        }
    });
    // What somebody in between would slip in, to be taken for the server's own words once TLS is there.
    postbox.offers(&["STARTTLS"]);
    postbox.next(
        At::StartTls,
        Mishap::Says("220 go ahead\r\n250-evil.example.org\r\n250 AUTH PLAIN"),
    );
    assert_eq!(dialogue(&site).1, Err("injected".to_owned()));
}

#[test]
fn what_is_no_mail_server_is_recognised() {
    let cases = [
        ("HTTP/1.1 400 Bad Request", "not_smtp"),
        ("SSH-2.0-OpenSSH_9.2", "not_smtp"),
        ("554 5.7.1 you are on a list", "unwelcome"),
    ];
    for (greeting, key) in cases {
        let (postbox, site) = with_mail();
        postbox.next(At::Connect, Mishap::Says(greeting));
        assert_eq!(dialogue(&site).1, Err(key.to_owned()), "{greeting}");
    }
    let endless: &'static str = Box::leak("2".repeat(100_000).into_boxed_str());
    let (postbox, site) = with_mail();
    postbox.next(At::Connect, Mishap::Says(endless));
    assert_eq!(dialogue(&site).1, Err("broken".to_owned()));
}

#[test]
fn a_silent_server_is_waited_for_but_not_for_ever() {
    let (postbox, site) = with(|config| config.mail.timeout = std::time::Duration::from_millis(200));
    postbox.next(At::Connect, Mishap::IsSilent);
    assert_eq!(dialogue(&site).1, Err("too_slow".to_owned()));
    postbox.release();
}
