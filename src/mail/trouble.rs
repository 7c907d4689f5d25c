//! Why a letter could not be delivered: what happened, in one sentence, and what the owner of the site can do.

use std::fmt;
use std::time::Duration;

/// What a server answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// The three digits of SMTP, or an HTTP status.
    pub code: u16,
    /// The whole answer on one line.
    pub text: String,
}

impl fmt::Display for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

/// What was being done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// Opening the connection.
    Connect,
    /// Agreeing on TLS.
    Tls,
    /// Waiting for the server's first line.
    Greeting,
    /// EHLO.
    Hello,
    /// STARTTLS.
    StartTls,
    /// AUTH.
    Login,
    /// MAIL FROM.
    Sender,
    /// RCPT TO.
    Recipient,
    /// DATA.
    Data,
    /// After the letter's last line.
    Content,
    /// Mailgun's answer.
    Http,
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Connect => "connecting",
            Self::Tls => "the TLS handshake",
            Self::Greeting => "waiting for the server's greeting",
            Self::Hello => "EHLO",
            Self::StartTls => "STARTTLS",
            Self::Login => "AUTH",
            Self::Sender => "MAIL FROM",
            Self::Recipient => "RCPT TO",
            Self::Data => "DATA",
            Self::Content => "the end of the letter",
            Self::Http => "the request",
        })
    }
}

/// Why a letter could not be delivered.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[expect(missing_docs, reason = "each field is explained by the sentence it stands in")]
pub enum Trouble {
    /// No address belongs to the server's name.
    #[error("the name {host} does not resolve: {reason}")]
    NameUnknown { host: String, reason: String },
    /// Nobody listens there, or the way is closed.
    #[error("{host} port {port} cannot be reached: {reason}")]
    Unreachable { host: String, port: u16, reason: String },
    /// Nothing came back in time.
    #[error("{step} took longer than {} seconds", after.as_secs())]
    TooSlow { step: Step, after: Duration },
    /// The connection ended early.
    #[error("the connection broke during {step}: {reason}")]
    Broken { step: Step, reason: String },
    /// What came back is not SMTP.
    #[error("the server does not speak SMTP; it said {said:?}")]
    NotSmtp { said: String },
    /// What came back is not TLS.
    #[error("the server does not speak TLS on this port")]
    NotTls,
    /// The file with authorities cannot be used.
    #[error("{file} cannot be read as certificates: {reason}")]
    Authorities { file: String, reason: String },
    /// TLS failed for some other reason.
    #[error("TLS failed: {reason}")]
    Tls { reason: String },
    /// The certificate is somebody else's.
    #[error("the server's certificate is not for {wanted} but for {}", listed(found))]
    CertificateName { wanted: String, found: Vec<String> },
    /// The certificate is too old or too new.
    #[error("the server's certificate is not valid now: {reason}")]
    CertificateTime { reason: String },
    /// The certificate was signed by itself or by somebody unknown.
    #[error("the server's certificate is signed by no authority that is known here")]
    CertificateUnknown,
    /// The server offers no STARTTLS.
    #[error("the server does not offer STARTTLS, and without it nothing is sent")]
    NoStartTls,
    /// Somebody in between put words into the conversation.
    #[error("the server said more than it may before TLS began: somebody in between may be listening")]
    Injected,
    /// The server does not let this machine in.
    #[error("the server does not want to talk: {0}")]
    Unwelcome(Answer),
    /// The server refused STARTTLS.
    #[error("the server refused STARTTLS: {0}")]
    StartTlsRefused(Answer),
    /// The server has no way to log in that is known here.
    #[error("the server offers no login with a password here")]
    NoLogin,
    /// The server does not take the login.
    #[error("the server refused the login: {0}")]
    LoginRefused(Answer),
    /// The server wants a login.
    #[error("the server wants a login first: {0}")]
    LoginWanted(Answer),
    /// The server wants TLS.
    #[error("the server wants TLS first: {0}")]
    TlsWanted(Answer),
    /// The server does not take letters from this sender.
    #[error("the server refused the sender: {0}")]
    SenderRefused(Answer),
    /// The server does not take letters to this address.
    #[error("the server refused the recipient: {0}")]
    RecipientRefused(Answer),
    /// The server does not take the letter.
    #[error("the server refused the letter: {0}")]
    LetterRefused(Answer),
    /// Mailgun does not take the key.
    #[error("Mailgun refused the key: {0}")]
    KeyRefused(Answer),
    /// Mailgun does not know the domain.
    #[error("Mailgun does not know the domain: {0}")]
    DomainUnknown(Answer),
    /// Mailgun does not take the letter.
    #[error("Mailgun refused the letter: {0}")]
    MailgunRefused(Answer),
    /// Mailgun has trouble of its own.
    #[error("Mailgun answered {0}")]
    MailgunFailed(Answer),
    /// The letter cannot be written.
    #[error("the letter cannot be written: {0}")]
    Unwritable(String),
    /// The time for trying was over before it could be sent.
    #[error("it could not be sent in time{}", after(last.as_deref()))]
    Late { last: Option<String> },
}

fn listed(names: &[String]) -> String {
    if names.is_empty() {
        return "no name at all".to_owned();
    }
    names.join(", ")
}

fn after(last: Option<&str>) -> String {
    last.map_or_else(String::new, |last| format!("; at last: {last}"))
}

/// What follows for the letter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Consequence {
    /// The server said no to this letter, and will again.
    GiveUp,
    /// This letter may be taken later.
    TryLater,
    /// No letter can be sent at present.
    AllLater,
}

impl Trouble {
    /// What follows for the letter: replies of the 500 series to the letter itself are final (RFC 5321 §4.2.1), whatever
    /// lies at the server or at our settings is not.
    #[must_use]
    pub fn consequence(&self) -> Consequence {
        match self {
            Self::SenderRefused(answer) | Self::RecipientRefused(answer) | Self::LetterRefused(answer) => {
                match answer.code {
                    // The server is closing the connection (RFC 5321 §3.8).
                    421 => Consequence::AllLater,
                    400..500 => Consequence::TryLater,
                    _ => Consequence::GiveUp,
                }
            }
            Self::MailgunRefused(_) | Self::Unwritable(_) | Self::Late { .. } => Consequence::GiveUp,
            Self::Broken { step, .. } | Self::TooSlow { step, .. } if is_about_the_letter(*step) => {
                Consequence::TryLater
            }
            Self::Broken { .. }
            | Self::TooSlow { .. }
            | Self::NameUnknown { .. }
            | Self::Unreachable { .. }
            | Self::NotSmtp { .. }
            | Self::NotTls
            | Self::Authorities { .. }
            | Self::Tls { .. }
            | Self::CertificateName { .. }
            | Self::CertificateTime { .. }
            | Self::CertificateUnknown
            | Self::NoStartTls
            | Self::Injected
            | Self::Unwelcome(_)
            | Self::StartTlsRefused(_)
            | Self::NoLogin
            | Self::LoginRefused(_)
            | Self::LoginWanted(_)
            | Self::TlsWanted(_)
            | Self::KeyRefused(_)
            | Self::DomainUnknown(_)
            | Self::MailgunFailed(_) => Consequence::AllLater,
        }
    }

    /// A stable key.
    #[must_use]
    pub const fn key(&self) -> &'static str {
        match self {
            Self::NameUnknown { .. } => "name_unknown",
            Self::Unreachable { .. } => "unreachable",
            Self::TooSlow { .. } => "too_slow",
            Self::Broken { .. } => "broken",
            Self::NotSmtp { .. } => "not_smtp",
            Self::NotTls => "not_tls",
            Self::Authorities { .. } => "authorities",
            Self::Tls { .. } => "tls",
            Self::CertificateName { .. } => "certificate_name",
            Self::CertificateTime { .. } => "certificate_time",
            Self::CertificateUnknown => "certificate_unknown",
            Self::NoStartTls => "no_starttls",
            Self::Injected => "injected",
            Self::Unwelcome(_) => "unwelcome",
            Self::StartTlsRefused(_) => "starttls_refused",
            Self::NoLogin => "no_login",
            Self::LoginRefused(_) => "login_refused",
            Self::LoginWanted(_) => "login_wanted",
            Self::TlsWanted(_) => "tls_wanted",
            Self::SenderRefused(_) => "sender_refused",
            Self::RecipientRefused(_) => "recipient_refused",
            Self::LetterRefused(_) => "letter_refused",
            Self::KeyRefused(_) => "key_refused",
            Self::DomainUnknown(_) => "domain_unknown",
            Self::MailgunRefused(_) => "mailgun_refused",
            Self::MailgunFailed(_) => "mailgun_failed",
            Self::Unwritable(_) => "unwritable",
            Self::Late { .. } => "late",
        }
    }

    /// What the owner of the site can do about it.
    #[must_use]
    pub fn advice(&self) -> &'static str {
        match self {
            Self::NameUnknown { .. } => {
                "Check EMAIL_HOST for a typing mistake, and that this machine can look up names."
            }
            Self::Unreachable { .. } => {
                "Check EMAIL_HOST and EMAIL_PORT, and that no firewall is in between. Many providers close port 25: use 587 \
                 or 465."
            }
            Self::TooSlow {
                step: Step::Connect, ..
            } => {
                "Nothing answers there: a firewall drops the connection, or the port is wrong. Many providers close port 25: \
                 use 587 or 465."
            }
            Self::TooSlow {
                step: Step::Greeting, ..
            } => {
                "The server waits for us to speak first: it probably expects TLS from the first byte. Say \
                 EMAIL_ENCRYPTION=tls, or use port 587."
            }
            Self::TooSlow { .. } => "The server is slow: LIBRECHAT_AUTH_MAIL_TIMEOUT sets how long it may take.",
            Self::Broken { .. } => "If it happens every time, look at the mail server's own log.",
            Self::NotSmtp { .. } => "Something else listens on that port: check EMAIL_HOST and EMAIL_PORT.",
            Self::NotTls => "Say EMAIL_ENCRYPTION=starttls for this port (587 usually), or use port 465 for tls.",
            Self::Authorities { .. } => "Check LIBRECHAT_AUTH_CA_FILE: it names a file of PEM certificates.",
            Self::Tls { .. } => "The server may be too old: TLS 1.2 or 1.3 is needed.",
            Self::CertificateName { .. } => {
                "Use the name that is in the certificate as EMAIL_HOST, or as EMAIL_ENCRYPTION_HOSTNAME."
            }
            Self::CertificateTime { .. } => "The certificate has to be renewed, or the clock of this machine is wrong.",
            Self::CertificateUnknown => {
                "If it is your own server, name the file with its authority's certificate in LIBRECHAT_AUTH_CA_FILE, or \
                 accept any certificate with EMAIL_ALLOW_SELFSIGNED=true. Otherwise somebody may be in between."
            }
            Self::NoStartTls | Self::Injected => {
                "Use port 465 with EMAIL_ENCRYPTION=tls if the server has it. Nothing was sent."
            }
            Self::Unwelcome(_) => "The server's words say why; often this machine's address is on a block list.",
            Self::StartTlsRefused(_) => "Use port 465 with EMAIL_ENCRYPTION=tls if the server has it.",
            Self::NoLogin => "Check EMAIL_PORT and EMAIL_ENCRYPTION, or leave out EMAIL_USERNAME and EMAIL_PASSWORD.",
            Self::LoginRefused(_) => {
                "Check EMAIL_USERNAME and EMAIL_PASSWORD. Gmail, Yahoo, iCloud and others want an app password instead of \
                 your own."
            }
            Self::LoginWanted(_) => "Set EMAIL_USERNAME and EMAIL_PASSWORD.",
            Self::TlsWanted(_) => "Say EMAIL_ENCRYPTION=starttls.",
            Self::SenderRefused(_) => "Set EMAIL_FROM to an address that this login may send from.",
            Self::RecipientRefused(_) => "Check the address; the server's words say why.",
            Self::LetterRefused(_) => "The server's words say why; often the sender's domain lacks SPF or DKIM.",
            Self::KeyRefused(_) => {
                "Check MAILGUN_API_KEY, and MAILGUN_HOST: domains in Europe are at https://api.eu.mailgun.net."
            }
            Self::DomainUnknown(_) => {
                "Check MAILGUN_DOMAIN, and MAILGUN_HOST: domains in Europe are at https://api.eu.mailgun.net."
            }
            Self::MailgunRefused(_) => "Mailgun's words say why; often EMAIL_FROM is not of MAILGUN_DOMAIN.",
            Self::MailgunFailed(_) => "Mailgun's words say why; it is tried again.",
            Self::Unwritable(_) => "Check EMAIL_FROM.",
            Self::Late { .. } => "Ask for it again.",
        }
    }
}

/// Once it is about one letter, the next one may fare better.
fn is_about_the_letter(step: Step) -> bool {
    match step {
        Step::Recipient | Step::Data | Step::Content => true,
        Step::Connect
        | Step::Tls
        | Step::Greeting
        | Step::Hello
        | Step::StartTls
        | Step::Login
        | Step::Sender
        | Step::Http => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(code: u16) -> Answer {
        Answer {
            code,
            text: format!("{code} words"),
        }
    }

    #[test]
    fn only_a_final_no_to_the_letter_itself_gives_up() {
        assert_eq!(
            Trouble::RecipientRefused(answer(550)).consequence(),
            Consequence::GiveUp
        );
        assert_eq!(Trouble::LetterRefused(answer(554)).consequence(), Consequence::GiveUp);
        assert_eq!(
            Trouble::RecipientRefused(answer(451)).consequence(),
            Consequence::TryLater
        );
        assert_eq!(
            Trouble::RecipientRefused(answer(421)).consequence(),
            Consequence::AllLater
        );
        assert_eq!(Trouble::LoginRefused(answer(535)).consequence(), Consequence::AllLater);
        assert_eq!(Trouble::Unwelcome(answer(554)).consequence(), Consequence::AllLater);
        let broken = |step| {
            Trouble::Broken {
                step,
                reason: String::new(),
            }
            .consequence()
        };
        assert_eq!(broken(Step::Content), Consequence::TryLater);
        assert_eq!(broken(Step::Greeting), Consequence::AllLater);
    }
}
