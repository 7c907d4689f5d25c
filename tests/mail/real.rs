//! Against a real mail server with STARTTLS, TLS, certificates and logins.

use librechat_auth::app::post::{Tested, Trouble};
use librechat_auth::config::{Config, Encryption, Smtp, Transport};
use librechat_auth::domain::email::Email;
use librechat_auth::domain::secret::Secret;

use super::kit::{ADA, state, with, write};
use crate::cli::kit::Home;
use crate::peers::smtp::{Certificate, LOGIN, MailServer, PASSWORD, Speaks};
use crate::support::{Site, minutes};

fn site(server: &MailServer, change: impl FnOnce(&mut Smtp)) -> Site {
    Site::with(|config| {
        server.serve(config);
        change(smtp(config));
    })
}

fn smtp(config: &mut Config) -> &mut Smtp {
    match &mut config.mail.transport {
        Some(Transport::Smtp(smtp)) => smtp,
        other => panic!("{other:?}"),
    }
}

/// Sends a test letter; what was said, and what came of it.
fn test_letter(site: &Site) -> (String, Result<String, Trouble>) {
    let mut lines = Vec::new();
    let to = Email::parse(ADA).expect("an address");
    let tested = site.run(
        site.app
            .send_test_letter(&to, None, |line| lines.push(line.to_string())),
    );
    let Tested { outcome, .. } = tested.expect("the outbox").expect("mail is configured");
    (lines.join("\n"), outcome)
}

fn trouble(site: &Site) -> &'static str {
    test_letter(site).1.expect_err("trouble").key()
}

#[test]
#[ignore = "needs python3, aiosmtpd and openssl: run make test"]
fn starttls_and_a_login_deliver_the_letter_byte_for_byte() {
    let server = MailServer::start(Speaks::StartTls, Certificate::Good);
    let secure = site(&server, |_| {});
    write(&secure, ADA);
    let taken = server.letters(1).remove(0);
    assert_eq!((taken.tls, taken.login.as_deref()), (true, Some(LOGIN)));
    assert_eq!(
        (taken.letter.from.as_str(), taken.letter.to.as_str()),
        ("login@example.org", ADA)
    );
    assert!(taken.letter.text().contains("can send mail") && taken.letter.html().contains("can send mail"));
    // The same letter over a plain connection, but for its name and the address of the site.
    let (postbox, plain) = with(|_| {});
    write(&plain, ADA);
    let other = postbox.letter_to(ADA);
    let general = |raw: &str, id: &str, site: &Site| {
        let name = id.trim_start_matches('<').split('@').next().expect("a name").to_owned();
        raw.replace(&name, "NAME")
            .replace(&site.address.port().to_string(), "PORT")
    };
    assert_eq!(
        general(&taken.letter.raw, &taken.letter.id(), &secure),
        general(&other.raw, &other.id(), &plain)
    );
    secure.mail_rests();
    assert_eq!(state(&secure).0, "sent");
}

#[test]
#[ignore = "needs python3, aiosmtpd and openssl: run make test"]
fn tls_from_the_first_byte_works_and_the_password_is_not_told() {
    let server = MailServer::start(Speaks::Tls, Certificate::Good);
    let (lines, outcome) = test_letter(&site(&server, |_| {}));
    assert!(outcome.is_ok(), "{lines}");
    assert!(
        lines.contains("· TLS 1.3 with localhost: the certificate is good"),
        "{lines}"
    );
    assert!(
        lines.contains("→ AUTH PLAIN ***") && !lines.contains(PASSWORD),
        "{lines}"
    );
    assert!(server.letters(1)[0].tls);
}

#[test]
#[ignore = "needs python3, aiosmtpd and openssl: run make test"]
fn only_a_good_certificate_is_good_enough() {
    for (speaks, certificate, key) in [
        (Speaks::StartTls, Certificate::Expired, "certificate_time"),
        (Speaks::StartTls, Certificate::SelfSigned, "certificate_unknown"),
        (Speaks::Tls, Certificate::Other, "certificate_name"),
    ] {
        let server = MailServer::start(speaks, certificate);
        let site = site(&server, |_| {});
        assert_eq!(trouble(&site), key, "{certificate:?}");
        assert_eq!(server.letters(0).len(), 0);
    }
    let server = MailServer::start(Speaks::Tls, Certificate::Good);
    let without_authority = Site::with(|config| {
        server.serve(config);
        config.outgoing.ca_file = None;
    });
    assert_eq!(trouble(&without_authority), "certificate_unknown");
}

#[test]
#[ignore = "needs python3, aiosmtpd and openssl: run make test"]
fn a_wrong_name_is_told_with_both_names_and_can_be_overridden() {
    let server = MailServer::start(Speaks::StartTls, Certificate::Other);
    let (_, outcome) = test_letter(&site(&server, |_| {}));
    assert_eq!(
        outcome.expect_err("trouble").to_string(),
        "the server's certificate is not for localhost but for other.example.org"
    );
    let overridden = site(&server, |smtp| smtp.certificate_name = "other.example.org".to_owned());
    assert!(test_letter(&overridden).1.is_ok());
    assert_eq!(server.letters(1).len(), 1);
}

#[test]
#[ignore = "needs python3, aiosmtpd and openssl: run make test"]
fn any_certificate_is_accepted_on_request_only() {
    for certificate in [Certificate::SelfSigned, Certificate::Expired, Certificate::Other] {
        let server = MailServer::start(Speaks::StartTls, certificate);
        let trusting = site(&server, |smtp| smtp.allow_selfsigned = true);
        let (lines, outcome) = test_letter(&trusting);
        assert!(outcome.is_ok(), "{lines}");
        assert!(lines.contains("any certificate is accepted"), "{lines}");
        assert!(server.letters(1)[0].tls);
    }
}

#[test]
#[ignore = "needs python3, aiosmtpd and openssl: run make test"]
fn a_wrong_password_a_missing_login_and_missing_tls_are_told_apart() {
    let server = MailServer::start(Speaks::StartTls, Certificate::Good);
    let wrong = |smtp: &mut Smtp| smtp.credentials = Some((LOGIN.to_owned(), Secret::new("guess")));
    let (lines, outcome) = test_letter(&site(&server, wrong));
    let refused = outcome.expect_err("trouble");
    assert_eq!(refused.key(), "login_refused");
    assert!(
        refused.to_string().contains("535") && refused.advice().contains("EMAIL_PASSWORD"),
        "{refused}"
    );
    assert!(!lines.contains("guess"), "{lines}");
    assert_eq!(trouble(&site(&server, |smtp| smtp.credentials = None)), "login_wanted");
    let bare = |smtp: &mut Smtp| {
        smtp.credentials = None;
        smtp.encryption = Encryption::None;
    };
    assert_eq!(trouble(&site(&server, bare)), "tls_wanted");
    assert_eq!(server.letters(0).len(), 0);
}

#[test]
#[ignore = "needs python3, aiosmtpd and openssl: run make test"]
fn the_wrong_kind_of_tls_is_recognised() {
    let plain = MailServer::start(Speaks::Plainly, Certificate::Good);
    assert_eq!(
        trouble(&site(&plain, |smtp| smtp.encryption = Encryption::Tls)),
        "not_tls"
    );
    assert_eq!(
        trouble(&site(&plain, |smtp| smtp.encryption = Encryption::StartTls)),
        "no_starttls"
    );
    let encrypted = MailServer::start(Speaks::Tls, Certificate::Good);
    let impatient = Site::with(|config| {
        encrypted.serve(config);
        config.mail.timeout = std::time::Duration::from_millis(300);
        smtp(config).encryption = Encryption::StartTls;
    });
    let (_, outcome) = test_letter(&impatient);
    let silent = outcome.expect_err("trouble");
    assert!(
        silent.advice().contains("EMAIL_ENCRYPTION=tls"),
        "{silent}: {}",
        silent.advice()
    );
}

#[test]
#[ignore = "needs python3, aiosmtpd and openssl: run make test"]
fn a_server_that_dies_in_mid_dialogue_gets_the_letter_once() {
    for command in ["mail", "rcpt", "data"] {
        let server = MailServer::start(Speaks::StartTls, Certificate::Good);
        server.drops_at(command);
        let site = site(&server, |_| {});
        write(&site, ADA);
        site.mail_rests();
        let (progress, attempts, error) = state(&site);
        assert_eq!((progress, attempts), ("waiting", 1), "{command}: {error}");
        site.clock.advance(minutes(2));
        site.mail_rests();
        assert_eq!(state(&site).0, "sent", "{command}");
        assert_eq!(server.letters(1).len(), 1, "{command}");
    }
}

#[test]
#[ignore = "needs python3, aiosmtpd and openssl: run make test"]
fn the_command_says_what_is_wrong_with_a_certificate_and_shows_no_password() {
    let run = |certificate: Certificate, more: &str| {
        let server = MailServer::start(Speaks::StartTls, certificate);
        let home = Home::new();
        home.create("ada", &["--role", "ADMIN"]);
        let settings = format!(
            "EMAIL_FROM=login@example.org\nEMAIL_HOST=localhost\nEMAIL_PORT={}\nEMAIL_ENCRYPTION=starttls\n\
             EMAIL_USERNAME={LOGIN}\nEMAIL_PASSWORD={PASSWORD}\nLIBRECHAT_AUTH_CA_FILE={}\n{more}",
            server.address.port(),
            server.authority().display()
        );
        std::fs::write(home.dir.path().join(".env"), settings).expect("written");
        let ended = home.run(&["mail", "test", ADA]);
        assert!(!format!("{ended:?}").contains(PASSWORD), "{ended:?}");
        ended
    };
    let good = run(Certificate::Good, "");
    let out = good.done();
    assert!(
        out.contains("STARTTLS, as ada\n") && out.contains("→ STARTTLS\n"),
        "{out}"
    );
    assert!(
        out.contains("→ AUTH PLAIN ***\n← 235 ") && out.contains("✔ The mail server has taken"),
        "{out}"
    );
    for (certificate, verdict, advice) in [
        (
            Certificate::Expired,
            "not valid now: it expired at 2020-02-01T00:00:00",
            "clock",
        ),
        (
            Certificate::Other,
            "is not for localhost but for other.example.org",
            "EMAIL_ENCRYPTION_HOSTNAME",
        ),
        (
            Certificate::SelfSigned,
            "signed by no authority that is known here",
            "EMAIL_ALLOW_SELFSIGNED=true",
        ),
    ] {
        let ended = run(certificate, "");
        assert_eq!(ended.code, Some(1), "{ended:?}");
        assert!(ended.err.contains(verdict) && ended.err.contains(advice), "{ended:?}");
    }
    run(Certificate::Other, "EMAIL_ENCRYPTION_HOSTNAME=other.example.org\n").done();
    run(Certificate::SelfSigned, "EMAIL_ALLOW_SELFSIGNED=true\n").done();
}
