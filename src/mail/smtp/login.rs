//! AUTH (RFC 4954): PLAIN, or LOGIN for servers that know nothing else.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use tokio::io::{AsyncRead, AsyncWrite};
use zeroize::Zeroizing;

use super::wire::{Reply, Wire};
use crate::domain::secret::Secret;
use crate::mail::trouble::{Step, Trouble};

/// What is told instead of a secret.
const MASK: &str = "***";

fn encoded(text: &str) -> Zeroizing<String> {
    Zeroizing::new(STANDARD.encode(text))
}

impl<S: AsyncRead + AsyncWrite + Unpin> Wire<'_, '_, S> {
    /// Logs in the way the server offers.
    pub(super) async fn log_in(&mut self, offers: &Reply, name: &str, password: &Secret) -> Result<(), Trouble> {
        let ways = offers.words_after("AUTH").unwrap_or_default();
        let offered = |way: &str| ways.iter().any(|other| other == way);
        let password = password.expose();
        let plain = encoded(&Zeroizing::new(format!("\0{name}\0{password}")));
        for secret in [password, &encoded(password), &plain] {
            self.talk.mask(secret);
        }
        let reply = if offered("PLAIN") {
            let line = Zeroizing::new(format!("AUTH PLAIN {}\r\n", *plain));
            self.secretly(line.as_bytes(), &format!("AUTH PLAIN {MASK}")).await?
        } else if offered("LOGIN") {
            self.log_in_by_turns(name, password).await?
        } else {
            return Err(Trouble::NoLogin);
        };
        reply.expect(235, Trouble::LoginRefused).map(drop)
    }

    /// AUTH LOGIN: the server asks for the name, then for the password.
    async fn log_in_by_turns(&mut self, name: &str, password: &str) -> Result<Reply, Trouble> {
        let mut reply = self.command(&"AUTH LOGIN\r\n", Step::Login).await?;
        for answer in [name, password] {
            if reply.code != 334 {
                break;
            }
            let line = Zeroizing::new(format!("{}\r\n", *encoded(answer)));
            reply = self.secretly(line.as_bytes(), MASK).await?;
        }
        Ok(reply)
    }
}
