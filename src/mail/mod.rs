//! Letters: what they say, in every language, as text and as HTML, and how they are handed to a mail server.
//!
//! Whatever somebody else wrote (names, addresses, what a browser calls itself) stays text in all of them: one line, no
//! markup, nothing that turns the direction of what follows. When a letter is sent is not decided here.

use crate::config::{Mail, Outgoing, Transport};

mod dialogue;
pub mod letter;
mod mailgun;
mod message;
mod plain;
mod render;
pub mod samples;
mod smtp;
mod texts;
mod tls;
mod trouble;

#[cfg(test)]
mod gallery;

pub use dialogue::{Dialogue, Line, Speaker};
pub use letter::Letter;
pub use message::Parcel;
pub use render::{Look, Rendered};
pub use trouble::{Answer, Consequence, Step, Trouble};

/// How letters leave this machine.
#[derive(Clone, Copy, Debug)]
pub struct Post<'a> {
    /// The settings.
    pub mail: &'a Mail,
    /// As whom letters are sent.
    pub from_name: &'a str,
    /// Authorities to believe, and the proxy that Mailgun is reached by.
    pub outgoing: &'a Outgoing,
    /// How this machine calls itself.
    pub hello: Option<&'a str>,
}

impl Post<'_> {
    /// Hands one letter to the mail server and returns what the server said about it. Tells the dialogue on the way.
    ///
    /// # Errors
    /// Why it could not be delivered. After [`Step::Content`] the server may have taken it all the same.
    pub async fn deliver(&self, parcel: &Parcel<'_>, talk: &mut Dialogue<'_>) -> Result<String, Trouble> {
        let from = message::Sender {
            address: &self.mail.from,
            name: self.from_name,
        };
        let authorities = self.outgoing.ca_file.as_deref();
        let outcome = match &self.mail.transport {
            None => Err(Trouble::Unwritable("mail is not configured".to_owned())),
            Some(Transport::Mailgun { api_key, domain, host }) => {
                let mailgun = mailgun::Mailgun {
                    api_key,
                    domain,
                    host,
                    trust: tls::Trust {
                        authorities,
                        any: false,
                    },
                    outgoing: self.outgoing,
                    limit: self.mail.timeout,
                };
                mailgun.deliver(&from, parcel, talk).await
            }
            Some(Transport::Smtp(server)) => {
                let (envelope, message) = parcel.message(&from)?;
                let route = smtp::Route {
                    server,
                    trust: tls::Trust {
                        authorities,
                        any: server.allow_selfsigned,
                    },
                    hello: self.hello,
                    limit: self.mail.timeout,
                };
                route.deliver(&envelope, &message, talk).await
            }
        };
        if let Err(trouble) = &outcome {
            talk.event(&trouble.to_string());
        }
        outcome
    }
}
