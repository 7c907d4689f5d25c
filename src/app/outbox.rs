//! Letters: written, sealed, and queued in the transaction that causes them, so that a mail server that is down fails no
//! request.

use crate::app::{App, Fault};
use crate::domain::account::Account;
use crate::domain::email::Email;
use crate::domain::lang::Lang;
use crate::domain::outbox::Envelope;
use crate::mail::{Letter, Look, Rendered};

/// Who gets a letter.
#[derive(Clone, Copy, Debug)]
pub struct Addressee<'a> {
    /// Where it goes.
    pub email: &'a Email,
    /// What they are called, if it is known.
    pub name: Option<&'a str>,
    /// Their language, such as `fr`, if it is known.
    pub lang: Option<&'a str>,
}

impl<'a> From<&'a Account> for Addressee<'a> {
    fn from(account: &'a Account) -> Self {
        Self {
            email: &account.email,
            name: Some(&account.name),
            lang: account.lang.as_deref(),
        }
    }
}

impl App {
    /// Whether letters can be sent.
    #[must_use]
    pub fn mail_is_configured(&self) -> bool {
        self.config.mail.is_configured()
    }

    /// A letter, ready for [`crate::store::outbox::add`]; `None` if mail is not configured.
    ///
    /// # Panics
    /// Never: three strings can be written as JSON.
    #[must_use]
    pub fn envelope(&self, to: &Addressee<'_>, letter: &Letter<'_>) -> Option<Envelope> {
        if !self.mail_is_configured() {
            return None;
        }
        let lang = to.lang.and_then(Lang::parse).unwrap_or_default();
        let now = self.now();
        let rendered = self.written(letter, lang, to.name);
        let name = format!("{:032x}", u128::from_be_bytes(self.random()));
        let plain = serde_json::to_vec(&rendered).expect("three strings are JSON");
        Some(Envelope {
            sealed: self.sealer.seal(&place(&name, to.email), &plain, self.random()),
            kind: letter.key(),
            address: to.email.clone(),
            created_at: now,
            give_up_at: now.after(self.config.mail.retry_for),
            name,
        })
    }

    /// What a letter says, with the title and the colour of the site as they are now.
    pub(super) fn written(&self, letter: &Letter<'_>, lang: Lang, name: Option<&str>) -> Rendered {
        let live = self.live();
        let look = Look {
            site: &live.site.title,
            url: &self.link("/"),
            accent: &self.config.site.accent,
        };
        letter.render(&look, lang, name, self.now())
    }

    /// A letter to somebody with an account, in their language.
    #[must_use]
    pub fn envelope_for(&self, account: &Account, letter: &Letter<'_>) -> Option<Envelope> {
        self.envelope(&account.into(), letter)
    }

    /// What a queued letter says.
    ///
    /// # Errors
    /// A [`Fault`] if it was sealed with another key.
    pub fn unsealed(&self, name: &str, address: &Email, sealed: &[u8]) -> Result<Rendered, Fault> {
        let plain = self.sealer.open(&place(name, address), sealed);
        let rendered = plain.and_then(|plain| serde_json::from_slice(&plain).ok());
        rendered.ok_or_else(|| {
            Fault::new(anyhow::anyhow!(
                "the letter to {address} cannot be unsealed: CREDS_KEY is not the one it was written with"
            ))
        })
    }
}

/// Binds what a letter says to its row and to where it goes.
fn place(name: &str, address: &Email) -> String {
    format!("outbox/{name}/{address}")
}
