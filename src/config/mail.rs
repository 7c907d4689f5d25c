//! `[mail]`: the way to the mail server, LibreChat's names for well-known services, and what is surely not meant.

use std::net::IpAddr;

use super::mistakes::warn;
use super::problem::Findings;
use super::settled::Settled;
use super::{Encryption, Mail, Smtp, Transport};
use crate::domain::account::Role;
use crate::domain::email::Email;

/// Port of SMTP with TLS from the first byte (RFC 8314 §7.3).
const SUBMISSIONS: u16 = 465;

/// Port of SMTP submission (RFC 6409 §3.1).
const SUBMISSION: u16 = 587;

/// A mail service that is known by name.
struct Service {
    names: &'static [&'static str],
    host: &'static str,
    port: u16,
}

const fn service(names: &'static [&'static str], host: &'static str, port: u16) -> Service {
    Service { names, host, port }
}

/// Names are compared without case, blanks and punctuation.
const SERVICES: &[Service] = &[
    service(&["aol"], "smtp.aol.com", SUBMISSION),
    service(&["brevo", "sendinblue"], "smtp-relay.brevo.com", SUBMISSION),
    service(&["fastmail"], "smtp.fastmail.com", SUBMISSIONS),
    service(&["gandi", "gandimail"], "mail.gandi.net", SUBMISSION),
    service(&["gmail", "googlemail"], "smtp.gmail.com", SUBMISSIONS),
    service(&["gmx"], "mail.gmx.com", SUBMISSION),
    service(&["hotmail", "outlook", "live"], "smtp-mail.outlook.com", SUBMISSION),
    service(&["icloud", "me", "mac"], "smtp.mail.me.com", SUBMISSION),
    service(&["infomaniak"], "mail.infomaniak.com", SUBMISSION),
    service(&["mailgun"], "smtp.mailgun.org", SUBMISSIONS),
    service(&["mailjet"], "in-v3.mailjet.com", SUBMISSION),
    service(&["mailtrap"], "live.smtp.mailtrap.io", SUBMISSION),
    service(&["office365", "outlook365"], "smtp.office365.com", SUBMISSION),
    service(&["ovh", "ssl0ovh"], "ssl0.ovh.net", SUBMISSIONS),
    service(&["postmark"], "smtp.postmarkapp.com", SUBMISSION),
    service(&["resend"], "smtp.resend.com", SUBMISSIONS),
    service(&["sendgrid"], "smtp.sendgrid.net", SUBMISSION),
    service(
        &["ses", "sesuseast1"],
        "email-smtp.us-east-1.amazonaws.com",
        SUBMISSIONS,
    ),
    service(&["seseuwest1"], "email-smtp.eu-west-1.amazonaws.com", SUBMISSIONS),
    service(&["seseucentral1"], "email-smtp.eu-central-1.amazonaws.com", SUBMISSIONS),
    service(&["yahoo"], "smtp.mail.yahoo.com", SUBMISSIONS),
    service(&["yandex"], "smtp.yandex.ru", SUBMISSIONS),
    service(&["zoho"], "smtp.zoho.com", SUBMISSIONS),
];

fn service_called(name: &str) -> Option<&'static Service> {
    let plain: String = name.chars().filter(char::is_ascii_alphanumeric).collect();
    let plain = plain.to_ascii_lowercase();
    SERVICES.iter().find(|service| service.names.contains(&plain.as_str()))
}

impl Settled {
    /// How mail is sent.
    #[must_use]
    pub fn mail(&self) -> Mail {
        let from_name = self.text("mail.from_name");
        let from = self.text("mail.from").trim().to_owned();
        Mail {
            transport: if from.is_empty() { None } else { self.transport() },
            from,
            from_name: if from_name.trim().is_empty() {
                self.text("site.title")
            } else {
                from_name
            },
            timeout: self.span("mail.timeout"),
            retry_for: self.span("mail.retry_for"),
            keep: self.span("mail.keep"),
        }
    }

    /// Mailgun if it is configured, else SMTP, as in LibreChat.
    fn transport(&self) -> Option<Transport> {
        let domain = self.text("mail.mailgun_domain");
        let mailgun = self
            .secret("mail.mailgun_api_key")
            .filter(|_| !domain.trim().is_empty());
        if let (Some(api_key), Some(host)) = (mailgun, self.url("mail.mailgun_host")) {
            return Some(Transport::Mailgun {
                api_key,
                domain: domain.trim().to_owned(),
                host,
            });
        }
        let (host, port) = self.mail_server()?;
        let encryption = self.encryption(&host, port);
        let port = match (port, encryption) {
            (0, Encryption::Tls) => SUBMISSIONS,
            (0, Encryption::StartTls) => SUBMISSION,
            (0, Encryption::None) => 25,
            (port, _) => port,
        };
        let name = self.text("mail.encryption_hostname").trim().to_owned();
        let username = self.text("mail.username");
        let password = self.secret("mail.password").filter(|_| !username.is_empty());
        Some(Transport::Smtp(Smtp {
            certificate_name: if name.is_empty() { host.clone() } else { name },
            host,
            port,
            encryption,
            allow_selfsigned: self.flag("mail.allow_selfsigned"),
            credentials: password.map(|password| (username, password)),
        }))
    }

    /// Name and port of the SMTP server; 0 if the port follows from the encryption.
    fn mail_server(&self) -> Option<(String, u16)> {
        let service = self.text("mail.service");
        if let Some(known) = service_called(&service) {
            return Some((known.host.to_owned(), known.port));
        }
        let host = self.text("mail.host").trim().to_owned();
        (!host.is_empty()).then(|| (host, self.number("mail.port")))
    }

    fn encryption(&self, host: &str, port: u16) -> Encryption {
        match self.text("mail.encryption").as_str() {
            "tls" => Encryption::Tls,
            "starttls" => Encryption::StartTls,
            "none" => Encryption::None,
            _ if port == SUBMISSIONS => Encryption::Tls,
            _ if is_this_machine(host) => Encryption::None,
            _ => Encryption::StartTls,
        }
    }
}

fn is_this_machine(host: &str) -> bool {
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    let address: Option<IpAddr> = bare.parse().ok();
    host.eq_ignore_ascii_case("localhost") || address.is_some_and(|address| address.to_canonical().is_loopback())
}

/// Looks at the settings of mail and of what needs mail.
pub fn review(settled: &Settled, findings: &mut Findings) {
    service_and_sender(settled, findings);
    credentials(settled, findings);
    protection(settled, findings);
    what_needs_mail(settled, findings);
    required_roles(settled, findings);
}

fn service_and_sender(settled: &Settled, findings: &mut Findings) {
    let origin = settled.origin("mail.service");
    let service = settled.text("mail.service");
    if !service.trim().is_empty() && service_called(&service).is_none() {
        let message = format!("names no mail service that is known here: `{service}`; write host and port instead");
        findings.error(&origin.given.place, &origin.given.name, message);
    }
    let origin = settled.origin("mail.from");
    let from = settled.text("mail.from");
    if !from.trim().is_empty() && Email::parse(from.trim()).is_err() {
        let message =
            format!("must be an address such as login@example.org, not `{from}`; the name has its own setting");
        findings.error(&origin.given.place, &origin.given.name, message);
    }
    for key in ["mail.host", "mail.service", "mail.mailgun_domain"] {
        if from.trim().is_empty() && !settled.text(key).trim().is_empty() {
            let message = "is set, but EMAIL_FROM (mail.from) is not: no mail is sent";
            warn(findings, settled.origin(key), message);
        }
    }
}

fn credentials(settled: &Settled, findings: &mut Findings) {
    let has_name = !settled.text("mail.username").is_empty();
    let has_password = settled.secret("mail.password").is_some();
    let (given, missing) = match (has_name, has_password) {
        (true, false) => ("mail.username", "EMAIL_PASSWORD (mail.password)"),
        (false, true) => ("mail.password", "EMAIL_USERNAME (mail.username)"),
        _ => return mailgun(settled, findings),
    };
    let message = format!("is set without {missing}: nobody is logged in to the mail server");
    warn(findings, settled.origin(given), message);
    mailgun(settled, findings);
}

fn mailgun(settled: &Settled, findings: &mut Findings) {
    let has_key = settled.secret("mail.mailgun_api_key").is_some();
    let has_domain = !settled.text("mail.mailgun_domain").trim().is_empty();
    let (given, missing) = match (has_key, has_domain) {
        (true, false) => ("mail.mailgun_api_key", "MAILGUN_DOMAIN (mail.mailgun_domain)"),
        (false, true) => ("mail.mailgun_domain", "MAILGUN_API_KEY (mail.mailgun_api_key)"),
        _ => return,
    };
    let message = format!("is set without {missing}: Mailgun is not used");
    warn(findings, settled.origin(given), message);
}

fn protection(settled: &Settled, findings: &mut Findings) {
    let Some(Transport::Smtp(smtp)) = settled.mail().transport else {
        return;
    };
    let away = !is_this_machine(&smtp.host);
    if smtp.encryption == Encryption::None && away && !settled.flag("mail.allow_plain") {
        let origin = settled.origin("mail.encryption");
        let message = "is none, but the mail server is another machine: passwords and reset links would travel \
                       unprotected; say starttls or tls, or set LIBRECHAT_AUTH_MAIL_ALLOW_PLAIN (mail.allow_plain) to true";
        findings.error(&origin.given.place, &origin.given.name, message);
    }
    if smtp.allow_selfsigned && away {
        let message = "is true: whoever sits between here and the mail server can read reset links; remove it once the \
                       server has a proper certificate";
        warn(findings, settled.origin("mail.allow_selfsigned"), message);
    }
}

fn what_needs_mail(settled: &Settled, findings: &mut Findings) {
    if settled.mail().is_configured() {
        return;
    }
    if settled.flag("accounts.password_reset") {
        let message = "is true, but no mail can be sent: nobody gets a link; an admin makes one with \
                       `librechat-auth reset-link EMAIL`";
        warn(findings, settled.origin("accounts.password_reset"), message);
    }
}

fn required_roles(settled: &Settled, findings: &mut Findings) {
    let origin = settled.origin("two_factor.required_roles");
    for name in settled.list("two_factor.required_roles") {
        if let Err(error) = Role::parse(&name) {
            let message = format!("contains `{name}`: {error}");
            findings.error(&origin.given.place, &origin.given.name, message);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn services_are_known_in_any_spelling() {
        for name in ["gmail", "Gmail", "Google Mail", "OUTLOOK-365", "SES-EU-WEST-1"] {
            assert!(service_called(name).is_some(), "{name}");
        }
        assert!(service_called("").is_none() && service_called("example").is_none());
    }

    #[test]
    fn this_machine_is_known_by_name_and_address() {
        for host in [
            "localhost",
            "LOCALHOST",
            "127.0.0.1",
            "127.9.9.9",
            "::1",
            "[::1]",
            "::ffff:127.0.0.1",
        ] {
            assert!(is_this_machine(host), "{host}");
        }
        for host in ["mail.example.org", "localhost.example.org", "10.0.0.1", ""] {
            assert!(!is_this_machine(host), "{host}");
        }
    }
}
