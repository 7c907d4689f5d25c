//! Letters as the outbox holds them: what somebody would get if the mail server were up.

use librechat_auth::config::{Config, Encryption, Smtp, Transport};
use librechat_auth::domain::email::Email;

use super::site::Site;

/// A letter in the outbox.
#[derive(Clone, Debug)]
pub struct Posted {
    /// The key of its kind.
    pub kind: String,
    /// Where it goes.
    pub to: String,
    /// Its subject.
    pub subject: String,
    /// Its text part.
    pub text: String,
}

impl Posted {
    /// The first link in it whose path starts with `path`, without the address of the site.
    pub fn link(&self, path: &str) -> String {
        let words = self.text.split_whitespace();
        let mut links = words.filter_map(|word| Some(&word[word.find("://")? + 3..]));
        let found = links.find_map(|link| {
            let local = &link[link.find('/')?..];
            local.starts_with(path).then(|| local.to_owned())
        });
        found.unwrap_or_else(|| panic!("no link to {path}: {}", self.text))
    }
}

/// Mail is configured, and its server does not answer: letters stay where they can be read.
pub fn with_mail(config: &mut Config) {
    config.mail.from = "login@example.org".to_owned();
    config.mail.transport = Some(Transport::Smtp(Smtp {
        host: "127.0.0.1".to_owned(),
        // The discard service, which nobody runs any more.
        port: 9,
        encryption: Encryption::None,
        certificate_name: "127.0.0.1".to_owned(),
        allow_selfsigned: false,
        credentials: None,
    }));
}

impl Site {
    /// Every letter in the outbox, oldest first.
    pub fn letters(&self) -> Vec<Posted> {
        let path = self.app.config.data_dir.join("librechat-auth.db");
        let connection = rusqlite::Connection::open(path).expect("the database opens");
        let mut rows = connection
            .prepare("SELECT name, kind, address, sealed FROM outbox ORDER BY id")
            .expect("the table is there");
        let read = |row: &rusqlite::Row<'_>| {
            Ok((
                row.get::<_, String>(0)?,
                row.get::<_, String>(1)?,
                row.get::<_, String>(2)?,
                row.get::<_, Vec<u8>>(3)?,
            ))
        };
        let rows = rows.query_map([], read).expect("rows");
        rows.map(|row| {
            let (name, kind, to, sealed) = row.expect("a row");
            let email = Email::parse(&to).expect("an address");
            let letter = self.app.unsealed(&name, &email, &sealed).expect("sealed with our key");
            Posted {
                kind,
                to,
                subject: letter.subject,
                text: letter.text,
            }
        })
        .collect()
    }

    /// The letters of one kind, oldest first.
    pub fn letters_of(&self, kind: &str) -> Vec<Posted> {
        self.letters()
            .into_iter()
            .filter(|letter| letter.kind == kind)
            .collect()
    }
}
