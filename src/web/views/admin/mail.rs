//! Views of the administration: letters and the mail service.

use askama::Template;

use crate::config::{Config, Encryption, Transport};
use crate::domain::lang::Lang;
use crate::domain::outbox::{Posted, Progress};
use crate::web::views::Frame;
use crate::web::views::admin::{Bar, Section};
use crate::web::views::texts::{Moment, Texts};

/// The page.
#[derive(Clone, Debug, Template)]
#[template(path = "admin/mail.html")]
pub struct MailPage<'a> {
    /// What all pages share.
    pub frame: Frame<'a>,
    /// What all pages of the administration share.
    pub bar: Bar,
    /// How mail is sent, as label and value; empty if it is not.
    pub service: Vec<(&'static str, String)>,
    /// Where a test letter goes.
    pub to: String,
    /// What is wrong with that.
    pub error: Option<String>,
    /// What became of the test letter.
    pub tested: Option<Tested>,
    /// Whether letters that were sent are listed, too.
    pub is_all: bool,
    /// The outbox.
    pub letters: Vec<LetterRow>,
    /// Where the next page begins.
    pub older: Option<i64>,
    /// Whether this is the first page.
    pub is_newest: bool,
}

/// What became of a test letter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tested {
    /// What went wrong, and what may help; `None` if the server took it.
    pub trouble: Option<(String, &'static str)>,
    /// What was said, line by line.
    pub dialogue: String,
}

/// One letter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LetterRow {
    /// Its number.
    pub id: i64,
    /// What kind of letter it is.
    pub kind: String,
    /// Where it goes.
    pub address: String,
    /// How far it has come.
    pub state: &'static str,
    /// When it is tried again, in words.
    pub again: Option<String>,
    /// When it was written.
    pub written: Moment,
    /// How often it was tried.
    pub attempts: u32,
    /// Why the last attempt failed.
    pub error: Option<String>,
    /// Whether it can be tried again.
    pub may_retry: bool,
    /// Whether it can be forgotten.
    pub may_discard: bool,
}

impl LetterRow {
    /// From a letter in the outbox.
    #[must_use]
    pub fn of(letter: &Posted, texts: &Texts) -> Self {
        let w = texts.admin.mail;
        let again = match letter.progress {
            Progress::Waiting(at) => Some((w.again_at)(&texts.moment(at).text)),
            Progress::Sending | Progress::Sent(_) | Progress::Failed(_) => None,
        };
        let is_open = matches!(letter.progress, Progress::Waiting(_) | Progress::Failed(_));
        Self {
            id: letter.id,
            kind: letter.kind.clone(),
            address: letter.address.to_string(),
            state: (w.state_of)(letter.progress.key()),
            again,
            written: texts.moment(letter.created_at),
            attempts: letter.attempts,
            error: letter.last_error.clone(),
            may_retry: is_open && letter.is_whole,
            may_discard: is_open,
        }
    }
}

impl MailPage<'_> {
    /// How mail is sent, without anything secret.
    #[must_use]
    pub fn service(config: &Config, from_name: &str, texts: &Texts) -> Vec<(&'static str, String)> {
        let (w, mail) = (texts.admin.mail, &config.mail);
        let (way, login) = match &mail.transport {
            None => return Vec::new(),
            Some(Transport::Smtp(smtp)) => {
                let protection = match smtp.encryption {
                    Encryption::Tls => "TLS",
                    Encryption::StartTls => "STARTTLS",
                    Encryption::None => "SMTP",
                };
                let login = smtp.credentials.as_ref().map(|(name, _)| name.clone());
                (format!("{}:{} ({protection})", smtp.host, smtp.port), login)
            }
            Some(Transport::Mailgun { domain, host, .. }) => (format!("Mailgun {host}"), Some(domain.clone())),
        };
        let password = if login.is_some() { w.password_set } else { w.without };
        vec![
            (w.way, way),
            (w.account, login.unwrap_or_else(|| w.without.to_owned())),
            (w.password, password.to_owned()),
            (w.sender, format!("{from_name} <{}>", mail.from)),
            (w.retry_for, texts.span(mail.retry_for)),
            (w.kept_for, texts.span(mail.keep)),
        ]
    }

    fn retry_text(&self, row: &LetterRow) -> String {
        (self.frame.texts.admin.mail.retry_one)(row.id)
    }

    fn discard_text(&self, row: &LetterRow) -> String {
        (self.frame.texts.admin.mail.discard_one)(row.id)
    }

    fn has_open(&self) -> bool {
        self.letters.iter().any(|row| row.may_retry)
    }

    /// Every state, in every language.
    #[must_use]
    pub fn samples() -> Vec<(String, MailPage<'static>)> {
        Lang::ALL.iter().flat_map(|lang| samples_in(*lang)).collect()
    }
}

const HOSTILE: &str = "\"><img src=x onerror=alert(1)>'&amp;";

fn sample_letters(text: &str, texts: &Texts) -> Vec<LetterRow> {
    let w = texts.admin.mail;
    let at = texts.moment(crate::domain::time::Timestamp::from_seconds(1_717_788_018));
    let row = |id, key, error: Option<&str>| LetterRow {
        id,
        kind: "reset_password".to_owned(),
        address: text.to_owned(),
        state: (w.state_of)(key),
        again: (key == "waiting").then(|| (w.again_at)(&at.text)),
        written: at.clone(),
        attempts: 3,
        error: error.map(str::to_owned),
        may_retry: key != "sent",
        may_discard: key != "sent",
    };
    vec![
        row(9, "failed", Some("550 5.1.1 unknown")),
        row(8, "waiting", Some(text)),
        row(7, "sent", None),
    ]
}

fn samples_in(lang: Lang) -> Vec<(String, MailPage<'static>)> {
    let texts = lang.texts();
    let w = texts.admin.mail;
    let page = |text: &str, tested: Option<Tested>| MailPage {
        frame: Frame {
            signed_in_as: Some("Ada Lovelace"),
            ..Frame::sample(lang, "/admin/mail")
        },
        bar: Bar::sample(Section::Mail),
        service: vec![
            (w.way, "smtp.example.org:465 (TLS)".to_owned()),
            (w.password, w.password_set.to_owned()),
        ],
        to: text.to_owned(),
        error: None,
        tested,
        is_all: true,
        letters: sample_letters(text, texts),
        older: Some(7),
        is_newest: true,
    };
    let taken = || Tested {
        trouble: None,
        dialogue: "→ EHLO\n← 250".to_owned(),
    };
    let failed = |text: &str| Tested {
        trouble: Some((text.to_owned(), "SMTP")),
        dialogue: text.to_owned(),
    };
    let mut off = page("ada@example.org", None);
    (off.service, off.letters, off.older, off.is_all) = (Vec::new(), Vec::new(), None, false);
    let mut wrong = page("ada", None);
    wrong.error = Some(w.bad_address.to_owned());
    let mut auditor = page("ada@example.org", None);
    auditor.bar.may_change = false;
    [
        ("taken", page("ada@example.org", Some(taken()))),
        ("failed", page("ada@example.org", Some(failed("ECONNREFUSED")))),
        ("off", off),
        ("wrong", wrong),
        ("auditor", auditor),
        ("hostile", page(HOSTILE, Some(failed(HOSTILE)))),
    ]
    .into_iter()
    .map(|(name, page)| (format!("adminmail-{name}-{}", lang.code()), page))
    .collect()
}
