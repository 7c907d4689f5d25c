//! `[mail]` and what needs mail.

use librechat_auth::config::{Encryption, Transport};

use super::Folder;

fn with(variables: &[(&str, &str)]) -> Folder {
    let mut folder = Folder::new().env("EMAIL_FROM", "login@example.org");
    for (name, value) in variables {
        folder = folder.env(name, value);
    }
    folder
}

fn smtp(variables: &[(&str, &str)]) -> (String, u16, Encryption, String) {
    match with(variables).config().mail.transport {
        Some(Transport::Smtp(smtp)) => (smtp.host, smtp.port, smtp.encryption, smtp.certificate_name),
        other => panic!("{other:?}"),
    }
}

#[test]
fn encryption_and_port_follow_from_each_other() {
    for (host, more, port, encryption) in [
        ("mail.example.org", vec![], 587, Encryption::StartTls),
        ("mail.example.org", vec![("EMAIL_PORT", "465")], 465, Encryption::Tls),
        ("mail.example.org", vec![("EMAIL_PORT", "25")], 25, Encryption::StartTls),
        (
            "mail.example.org",
            vec![("EMAIL_ENCRYPTION", "tls")],
            465,
            Encryption::Tls,
        ),
        ("127.0.0.1", vec![], 25, Encryption::None),
        ("localhost", vec![("EMAIL_PORT", "2525")], 2525, Encryption::None),
        (
            "localhost",
            vec![("EMAIL_ENCRYPTION", "starttls")],
            587,
            Encryption::StartTls,
        ),
    ] {
        let all: Vec<_> = [("EMAIL_HOST", host)].into_iter().chain(more).collect();
        assert_eq!(
            smtp(&all),
            (host.to_owned(), port, encryption, host.to_owned()),
            "{all:?}"
        );
    }
}

#[test]
fn a_known_service_is_stronger_than_host_and_port() {
    let found = smtp(&[
        ("EMAIL_SERVICE", "Gmail"),
        ("EMAIL_HOST", "mail.example.org"),
        ("EMAIL_PORT", "25"),
        ("EMAIL_ENCRYPTION_HOSTNAME", "certificate.example.org"),
    ]);
    let expected = (
        "smtp.gmail.com".to_owned(),
        465,
        Encryption::Tls,
        "certificate.example.org".to_owned(),
    );
    assert_eq!(found, expected);
}

#[test]
fn mailgun_is_used_when_key_and_domain_are_there() {
    let folder = with(&[
        ("EMAIL_HOST", "mail.example.org"),
        ("MAILGUN_API_KEY", "key"),
        ("MAILGUN_DOMAIN", "example.org"),
    ]);
    let Some(Transport::Mailgun { domain, host, .. }) = folder.config().mail.transport else {
        panic!("no Mailgun");
    };
    assert_eq!(
        (domain.as_str(), host.as_str()),
        ("example.org", "https://api.mailgun.net/")
    );
}

#[test]
fn without_a_sender_no_mail_is_sent_and_the_owner_is_told() {
    let folder = Folder::new().env("EMAIL_HOST", "mail.example.org");
    assert!(!folder.config().mail.is_configured());
    assert!(folder.warnings().contains("EMAIL_FROM"), "{}", folder.warnings());
}

#[test]
fn mail_leaves_this_machine_unprotected_only_on_purpose() {
    let plain = [("EMAIL_HOST", "mail.example.org"), ("EMAIL_ENCRYPTION", "none")];
    let errors = with(&plain).errors();
    assert!(
        errors.contains("EMAIL_ENCRYPTION") && errors.contains("MAIL_ALLOW_PLAIN"),
        "{errors}"
    );
    let allowed = with(&plain).env("LIBRECHAT_AUTH_MAIL_ALLOW_PLAIN", "true");
    assert_eq!(allowed.errors(), "");
}

#[test]
fn mistakes_are_named() {
    for (name, value, part) in [
        ("EMAIL_SERVICE", "gmale", "gmale"),
        ("EMAIL_FROM", "login at example.org", "must be an address"),
        ("EMAIL_ENCRYPTION", "ssl", "tls or starttls"),
        ("LIBRECHAT_AUTH_TWO_FACTOR_REQUIRED_ROLES", "ADMIN,<b>", "<b>"),
    ] {
        let errors = with(&[("EMAIL_HOST", "localhost"), (name, value)]).errors();
        assert!(errors.contains(name) && errors.contains(part), "{errors}");
    }
    for (name, value, part) in [
        ("EMAIL_USERNAME", "ada", "EMAIL_PASSWORD"),
        ("EMAIL_PASSWORD", "hunter2", "EMAIL_USERNAME"),
        ("MAILGUN_API_KEY", "key", "MAILGUN_DOMAIN"),
        ("ALLOW_PASSWORD_RESET", "true", "reset-link"),
    ] {
        let folder = Folder::new().env(name, value);
        let warnings = folder.warnings();
        assert!(warnings.contains(name) && warnings.contains(part), "{warnings}");
        assert!(!warnings.contains("hunter2"));
    }
}

#[test]
fn limits_that_say_nothing_are_those_they_belong_to() {
    let limits = Folder::new()
        .env("RESET_PASSWORD_MAX", "9")
        .env("VERIFY_EMAIL_WINDOW", "7")
        .env("LOGIN_MAX", "3")
        .env("TWO_FACTOR_TEMP_WINDOW", "11")
        .config()
        .limits;
    assert_eq!(limits.reset_password_submission.max, Some(9));
    assert!((limits.verify_email_submission.window_minutes - 7.0).abs() < f64::EPSILON);
    assert_eq!(limits.two_factor.max, Some(3));
    assert!((limits.two_factor.window_minutes - 11.0).abs() < f64::EPSILON);
}
