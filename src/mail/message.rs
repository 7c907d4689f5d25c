//! A letter as it travels: RFC 5322 headers and two parts, ASCII throughout, the same bytes at every attempt.

use std::time::{Duration, SystemTime};

use lettre::address::Envelope;
use lettre::message::header::{ContentTransferEncoding, ContentType, Header, HeaderName, HeaderValue};
use lettre::message::{Body, Mailbox, MultiPart, SinglePart};
use lettre::{Address, Message};

use crate::domain::email::Email;
use crate::domain::time::Timestamp;
use crate::mail::plain::one_line;
use crate::mail::render::Rendered;
use crate::mail::trouble::Trouble;

/// A letter on its way to the mail server.
#[derive(Clone, Copy, Debug)]
pub struct Parcel<'a> {
    /// Names the letter: the same at every attempt, so that a receiver who gets it twice can tell.
    pub name: &'a str,
    /// Where it goes.
    pub to: &'a Email,
    /// When it was written.
    pub written_at: Timestamp,
    /// What it says.
    pub rendered: &'a Rendered,
}

/// Who it comes from.
#[derive(Clone, Copy, Debug)]
pub(super) struct Sender<'a> {
    pub(super) address: &'a str,
    pub(super) name: &'a str,
}

/// `Auto-Submitted: auto-generated` (RFC 3834 §5): no out-of-office notices, please.
#[derive(Clone)]
struct AutoSubmitted;

pub(super) const AUTO_SUBMITTED: (&str, &str) = ("Auto-Submitted", "auto-generated");

impl Header for AutoSubmitted {
    fn name() -> HeaderName {
        HeaderName::new_from_ascii_str(AUTO_SUBMITTED.0)
    }

    fn parse(_: &str) -> Result<Self, Box<dyn std::error::Error + Send + Sync>> {
        Ok(Self)
    }

    fn display(&self) -> HeaderValue {
        HeaderValue::new(Self::name(), AUTO_SUBMITTED.1.to_owned())
    }
}

fn unwritable(error: impl std::fmt::Display) -> Trouble {
    Trouble::Unwritable(error.to_string())
}

fn mailbox(name: Option<&str>, address: Address) -> Mailbox {
    let name = name.map(one_line).filter(|name| !name.is_empty());
    Mailbox::new(name, address)
}

impl Sender<'_> {
    fn address(&self) -> Result<Address, Trouble> {
        self.address.parse().map_err(unwritable)
    }

    /// As it stands in the header.
    pub(super) fn mailbox(&self) -> Result<Mailbox, Trouble> {
        Ok(mailbox(Some(self.name), self.address()?))
    }
}

impl Parcel<'_> {
    fn address(&self) -> Result<Address, Trouble> {
        self.to.as_str().parse().map_err(unwritable)
    }

    /// As it stands in the header.
    pub(super) fn mailbox(&self) -> Result<Mailbox, Trouble> {
        Ok(mailbox(self.rendered.name.as_deref(), self.address()?))
    }

    /// `Message-ID`, with its brackets.
    pub(super) fn id(&self, from: &Sender<'_>) -> String {
        let domain = from.address.rsplit_once('@').map_or("localhost", |(_, domain)| domain);
        format!("<{}@{domain}>", self.name)
    }

    /// The addresses of the envelope, and the whole message.
    pub(super) fn message(&self, from: &Sender<'_>) -> Result<(Envelope, Vec<u8>), Trouble> {
        let millis = u64::try_from(self.written_at.millis()).unwrap_or(0);
        let parts = MultiPart::alternative()
            .boundary(format!("=_{}", self.name))
            .singlepart(part(ContentType::TEXT_PLAIN, &self.rendered.text)?)
            .singlepart(part(ContentType::TEXT_HTML, &self.rendered.html)?);
        let message = Message::builder()
            .date(SystemTime::UNIX_EPOCH + Duration::from_millis(millis))
            .from(from.mailbox()?)
            .to(self.mailbox()?)
            .subject(&self.rendered.subject)
            .message_id(Some(self.id(from)))
            .header(AutoSubmitted)
            .multipart(parts)
            .map_err(unwritable)?;
        let envelope = Envelope::new(Some(from.address()?), vec![self.address()?]).map_err(unwritable)?;
        Ok((envelope, message.formatted()))
    }
}

fn part(kind: ContentType, text: &str) -> Result<SinglePart, Trouble> {
    let body = Body::new_with_encoding(text.to_owned(), ContentTransferEncoding::QuotedPrintable)
        .map_err(|_| unwritable("the text cannot be encoded"))?;
    Ok(SinglePart::builder().content_type(kind).body(body))
}
