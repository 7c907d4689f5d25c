//! SMTP (RFC 5321): one connection, one letter, every line told.
//!
//! ```text
//!   connect ─► [TLS] ─► greeting ─► EHLO ─► [STARTTLS ─► TLS ─► EHLO] ─► [AUTH] ─► MAIL ─► RCPT ─► DATA ─► the letter
//! ```
//! With STARTTLS nothing but EHLO is said before TLS; a server that does not offer it gets no letter.

mod login;
mod wire;

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use lettre::address::Envelope;
use lettre::transport::smtp::commands::{Data, Ehlo, Mail, Quit, Rcpt, Starttls};
use lettre::transport::smtp::extension::ClientId;
use rustls::pki_types::ServerName;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpStream, lookup_host};
use tokio::time::timeout;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use crate::config::{Encryption, Smtp};
use crate::mail::dialogue::Dialogue;
use crate::mail::tls::{Trust, explained};
use crate::mail::trouble::{Answer, Step, Trouble};
use wire::{Reply, Wire};

/// Spam filters take their time after the letter's last line, and whoever hangs up too early delivers twice (RFC 5321
/// §4.5.3.2.6): the server gets so many times longer there.
const LONGER: u32 = 6;

/// One way to one server.
pub(super) struct Route<'a> {
    pub(super) server: &'a Smtp,
    pub(super) trust: Trust<'a>,
    /// How this machine calls itself; its address if nothing is known.
    pub(super) hello: Option<&'a str>,
    /// How long one step may take.
    pub(super) limit: Duration,
}

impl Route<'_> {
    /// Delivers one letter and returns what the server said about it.
    pub(super) async fn deliver(
        &self,
        envelope: &Envelope,
        message: &[u8],
        talk: &mut Dialogue<'_>,
    ) -> Result<String, Trouble> {
        let plain = self.connect(talk).await?;
        let hello = self.hello(&plain);
        match self.server.encryption {
            Encryption::Tls => {
                let inside = self.handshake(plain, talk).await?;
                let mut wire = Wire::new(inside, self.limit, talk);
                wire.greeting().await?;
                self.hand_over(wire, &hello, envelope, message).await
            }
            Encryption::StartTls => {
                let (plain, talk) = self.ask_for_tls(plain, &hello, talk).await?;
                let inside = self.handshake(plain, talk).await?;
                self.hand_over(Wire::new(inside, self.limit, talk), &hello, envelope, message)
                    .await
            }
            Encryption::None => {
                let mut wire = Wire::new(plain, self.limit, talk);
                wire.greeting().await?;
                self.hand_over(wire, &hello, envelope, message).await
            }
        }
    }

    /// STARTTLS (RFC 3207) up to the point where TLS begins. Whatever the server said too early would count as said inside
    /// TLS (CVE-2011-0411), so there must be nothing.
    async fn ask_for_tls<'d, 't>(
        &self,
        plain: TcpStream,
        hello: &ClientId,
        talk: &'d mut Dialogue<'t>,
    ) -> Result<(TcpStream, &'d mut Dialogue<'t>), Trouble> {
        let mut wire = Wire::new(plain, self.limit, talk);
        wire.greeting().await?;
        if !wire.hello(hello).await?.offers("STARTTLS") {
            wire.quit().await;
            return Err(Trouble::NoStartTls);
        }
        let reply = wire.command(&Starttls, Step::StartTls).await?;
        reply.expect(220, Trouble::StartTlsRefused)?;
        wire.into_bare().ok_or(Trouble::Injected)
    }

    /// A connection to the first address that takes one.
    async fn connect(&self, talk: &mut Dialogue<'_>) -> Result<TcpStream, Trouble> {
        let (host, port) = (self.server.host.trim_matches(['[', ']']), self.server.port);
        let unknown = |reason: String| Trouble::NameUnknown {
            host: host.to_owned(),
            reason,
        };
        let addresses: Vec<SocketAddr> = timeout(self.limit, lookup_host((host, port)))
            .await
            .map_err(|_| unknown("the name server does not answer".to_owned()))?
            .map_err(|error| unknown(error.to_string()))?
            .collect();
        let mut last = unknown("it has no address".to_owned());
        for address in addresses {
            talk.event(&format!("connecting to {address}"));
            last = match timeout(self.limit, TcpStream::connect(address)).await {
                Ok(Ok(stream)) => return Ok(stream),
                Ok(Err(error)) => Trouble::Unreachable {
                    host: host.to_owned(),
                    port,
                    reason: error.to_string(),
                },
                Err(_) => Trouble::TooSlow {
                    step: Step::Connect,
                    after: self.limit,
                },
            };
        }
        Err(last)
    }

    async fn handshake(&self, plain: TcpStream, talk: &mut Dialogue<'_>) -> Result<TlsStream<TcpStream>, Trouble> {
        let wanted = self.server.certificate_name.trim_matches(['[', ']']);
        let name = ServerName::try_from(wanted.to_owned()).map_err(|error| Trouble::Tls {
            reason: format!("{wanted} can be in no certificate: {error}"),
        })?;
        let connector = TlsConnector::from(Arc::new(self.trust.client()?));
        let outcome = timeout(self.limit, connector.connect(name, plain)).await;
        let stream = outcome
            .map_err(|_| Trouble::TooSlow {
                step: Step::Tls,
                after: self.limit,
            })?
            .map_err(|error| match error.get_ref().and_then(|inner| inner.downcast_ref()) {
                Some(inner) => explained(inner, wanted),
                None => Trouble::Broken {
                    step: Step::Tls,
                    reason: error.to_string(),
                },
            })?;
        let version = stream.get_ref().1.protocol_version();
        let version = version.and_then(|version| version.as_str()).unwrap_or("TLS");
        let judged = if self.trust.any {
            "any certificate is accepted"
        } else {
            "the certificate is good"
        };
        talk.event(&format!(
            "{} with {wanted}: {judged}",
            version.replace('_', ".").replace("v1", " 1")
        ));
        Ok(stream)
    }

    /// How we introduce ourselves: a name with a dot, or an address (RFC 5321 §4.1.4).
    fn hello(&self, stream: &TcpStream) -> ClientId {
        let named = self
            .hello
            .filter(|name| name.contains('.') && name.parse::<IpAddr>().is_err());
        if let Some(name) = named {
            return ClientId::Domain(name.to_owned());
        }
        match stream.local_addr().map(|local| local.ip().to_canonical()) {
            Ok(IpAddr::V4(address)) => ClientId::Ipv4(address),
            Ok(IpAddr::V6(address)) => ClientId::Ipv6(address),
            Err(_) => ClientId::default(),
        }
    }

    async fn hand_over<S: AsyncRead + AsyncWrite + Unpin>(
        &self,
        mut wire: Wire<'_, '_, S>,
        hello: &ClientId,
        envelope: &Envelope,
        message: &[u8],
    ) -> Result<String, Trouble> {
        let offers = wire.hello(hello).await?;
        if let Some((name, password)) = &self.server.credentials {
            wire.log_in(&offers, name, password).await?;
        }
        let sender = Mail::new(envelope.from().cloned(), Vec::new());
        let reply = wire.command(&sender, Step::Sender).await?;
        reply.expect(250, |answer| match answer.code {
            // RFC 3207 §4 and RFC 4954 §6 share the number.
            530 if answer.text.to_ascii_uppercase().contains("STARTTLS") => Trouble::TlsWanted(answer),
            530 | 535 | 538 => Trouble::LoginWanted(answer),
            _ => Trouble::SenderRefused(answer),
        })?;
        for to in envelope.to() {
            let reply = wire
                .command(&Rcpt::new(to.clone(), Vec::new()), Step::Recipient)
                .await?;
            reply.expect(250, |answer| match answer.code {
                530 => Trouble::LoginWanted(answer),
                _ => Trouble::RecipientRefused(answer),
            })?;
        }
        wire.command(&Data, Step::Data)
            .await?
            .expect(354, Trouble::LetterRefused)?;
        let reply = wire.content(message, self.limit * LONGER).await?;
        let said = reply.expect(250, Trouble::LetterRefused)?;
        // The letter is theirs now, whatever becomes of the farewell.
        wire.quit().await;
        Ok(said.text)
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> Wire<'_, '_, S> {
    async fn greeting(&mut self) -> Result<(), Trouble> {
        let reply = self.reply(Step::Greeting).await?;
        reply.expect(220, Trouble::Unwelcome).map(drop)
    }

    /// Introduces us; the reply says what the server can do.
    async fn hello(&mut self, name: &ClientId) -> Result<Reply, Trouble> {
        let reply = self.command(&Ehlo::new(name.clone()), Step::Hello).await?;
        reply.expect(250, Trouble::Unwelcome)?;
        Ok(reply)
    }

    /// Says good-bye; nothing depends on the answer.
    async fn quit(&mut self) {
        let _farewell = self.command(&Quit, Step::Content).await;
    }
}

impl Reply {
    /// The answer, if it has this code.
    fn expect(&self, code: u16, otherwise: impl FnOnce(Answer) -> Trouble) -> Result<Answer, Trouble> {
        // 251 is "will forward" (RFC 5321 §3.4).
        if self.code == code || (code == 250 && self.code == 251) {
            Ok(self.answer())
        } else {
            Err(otherwise(self.answer()))
        }
    }
}
