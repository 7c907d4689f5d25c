//! What a site has written, read out of its outbox: tests about letters need no mail server.

use std::time::Duration;

use librechat_auth::config::{Config, Encryption, Smtp, Transport};
use librechat_auth::domain::email::Email;
use rusqlite::Connection;

use super::site::Site;

/// A queued letter.
#[derive(Clone, Debug)]
pub struct Letter {
    pub kind: String,
    pub to: String,
    pub subject: String,
    pub text: String,
    pub html: String,
}

impl Letter {
    /// The first link in it.
    pub fn link(&self) -> String {
        let found = self.text.split_whitespace().find(|word| word.starts_with("http"));
        found
            .unwrap_or_else(|| panic!("no link in {}", self.text))
            .trim_matches(['<', '>'])
            .to_owned()
    }

    /// The path and query of the first link whose path starts like that.
    pub fn link_to(&self, path: &str) -> String {
        let words = self.text.split_whitespace();
        let mut links = words.filter_map(|word| Some(&word[word.find("://")? + 3..]));
        let found = links.find_map(|link| {
            let local = &link[link.find('/')?..];
            local.starts_with(path).then(|| local.trim_end_matches('>').to_owned())
        });
        found.unwrap_or_else(|| panic!("no link to {path}: {}", self.text))
    }

    /// The path and query of [`Letter::link`].
    pub fn path(&self) -> String {
        let link = url::Url::parse(&self.link()).expect("a link");
        match link.query() {
            Some(query) => format!("{}?{query}", link.path()),
            None => link.path().to_owned(),
        }
    }

    /// A value in the query of the link.
    pub fn value(&self, name: &str) -> String {
        let link = url::Url::parse(&self.link()).expect("a link");
        let found = link.query_pairs().find(|(key, _)| key == name);
        found.unwrap_or_else(|| panic!("no {name} in {link}")).1.into_owned()
    }
}

/// Mail is configured, and nobody listens there: letters stay in the outbox.
pub fn with_mail(config: &mut Config) {
    config.mail.from = "login@example.org".to_owned();
    config.mail.transport = Some(Transport::Smtp(Smtp {
        host: "127.0.0.1".to_owned(),
        port: 9,
        encryption: Encryption::None,
        certificate_name: "127.0.0.1".to_owned(),
        allow_selfsigned: false,
        credentials: None,
    }));
}

impl Site {
    /// Everything written so far, oldest first; what was asked for is seen to before.
    pub fn letters(&self) -> Vec<Letter> {
        self.run(self.app.run_errands()).expect("errands that can be run");
        let path = self.app.config.data_dir.join("librechat-auth.db");
        let connection = Connection::open(path).expect("the database opens");
        connection.busy_timeout(Duration::from_secs(5)).expect("a timeout");
        let mut query = connection
            .prepare("SELECT name, kind, address, sealed FROM outbox ORDER BY id")
            .expect("a query");
        let rows = query.query_map([], |row| {
            let sealed: Option<Vec<u8>> = row.get(3)?;
            let (name, kind, to): (String, String, String) = (row.get(0)?, row.get(1)?, row.get(2)?);
            Ok((name, kind, to, sealed.expect("not sent yet")))
        });
        let rows = rows.expect("rows").map(|row| row.expect("a row"));
        rows.map(|(name, kind, to, sealed)| {
            let address = Email::parse(&to).expect("an address");
            let read = self.app.unsealed(&name, &address, &sealed).expect("ours");
            Letter {
                kind,
                to,
                subject: read.subject,
                text: read.text,
                html: read.html,
            }
        })
        .collect()
    }

    /// The letters of one kind, oldest first.
    pub fn letters_of(&self, kind: &str) -> Vec<Letter> {
        let all = self.letters().into_iter();
        all.filter(|letter| letter.kind == kind).collect()
    }

    /// Kind and addressee of everything written so far, oldest first.
    pub fn letters_to(&self) -> Vec<(String, String)> {
        let letters = self.letters().into_iter();
        letters.map(|letter| (letter.kind, letter.to)).collect()
    }

    /// The newest letter of that kind to somebody.
    pub fn letter(&self, kind: &str, name: &str) -> Letter {
        let to = if name.contains('@') {
            name.to_owned()
        } else {
            format!("{name}@example.org")
        };
        let letters = self.letters();
        let found = letters.iter().rfind(|letter| letter.kind == kind && letter.to == to);
        found
            .unwrap_or_else(|| panic!("no {kind} to {to} among {letters:?}"))
            .clone()
    }
}
