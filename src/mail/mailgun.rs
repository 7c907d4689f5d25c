//! Mailgun's HTTP API: one POST per letter.

use std::time::Duration;

use reqwest::multipart::Form;
use reqwest::redirect::Policy;
use reqwest::{Client, NoProxy, Proxy, Response};
use url::Url;

use crate::config::Outgoing;
use crate::config::federation::proxy_url;
use crate::domain::secret::Secret;
use crate::mail::dialogue::Dialogue;
use crate::mail::message::{AUTO_SUBMITTED, Parcel, Sender};
use crate::mail::tls::Trust;
use crate::mail::trouble::{Answer, Step, Trouble};

/// More of an answer is not read.
const LONGEST_ANSWER: usize = 16 * 1024;
/// More of an answer is not shown.
const SHOWN: usize = 400;

/// An account at Mailgun.
pub(super) struct Mailgun<'a> {
    pub(super) api_key: &'a Secret,
    pub(super) domain: &'a str,
    pub(super) host: &'a Url,
    pub(super) trust: Trust<'a>,
    /// The proxy on the way, if there is one.
    pub(super) outgoing: &'a Outgoing,
    /// How long the whole request may take.
    pub(super) limit: Duration,
}

impl Mailgun<'_> {
    /// Delivers one letter and returns what Mailgun said about it.
    pub(super) async fn deliver(
        &self,
        from: &Sender<'_>,
        parcel: &Parcel<'_>,
        talk: &mut Dialogue<'_>,
    ) -> Result<String, Trouble> {
        talk.mask(self.api_key.expose());
        let url = self.address()?;
        let form = Form::new()
            .text("from", from.mailbox()?.to_string())
            .text("to", parcel.mailbox()?.to_string())
            .text("subject", parcel.rendered.subject.clone())
            .text("text", parcel.rendered.text.clone())
            .text("html", parcel.rendered.html.clone())
            .text("o:tracking-clicks", "no")
            .text("h:Message-Id", parcel.id(from))
            .text(format!("h:{}", AUTO_SUBMITTED.0), AUTO_SUBMITTED.1);
        talk.us(&format!("POST {url}"));
        let request = self
            .client()?
            .post(url)
            .basic_auth("api", Some(self.api_key.expose()))
            .multipart(form);
        let response = request.send().await.map_err(|error| self.failed(&error))?;
        let mut answer = self.answer(response).await?;
        answer.text = talk.masked(&answer.text);
        talk.server(&answer.text);
        judged(answer)
    }

    fn address(&self) -> Result<Url, Trouble> {
        let mut url = self.host.clone();
        url.path_segments_mut()
            .map_err(|()| Trouble::Unwritable("MAILGUN_HOST is no web address".to_owned()))?
            .pop_if_empty()
            .extend(["v3", self.domain, "messages"]);
        Ok(url)
    }

    fn client(&self) -> Result<Client, Trouble> {
        let builder = match self.proxy()? {
            Some(proxy) => Client::builder().proxy(proxy),
            None => Client::builder().no_proxy(),
        };
        let client = builder
            .tls_backend_preconfigured(self.trust.client()?)
            .redirect(Policy::none())
            .connect_timeout(self.limit)
            .timeout(self.limit)
            .user_agent(concat!("librechat-auth/", env!("CARGO_PKG_VERSION")));
        client.build().map_err(|error| Trouble::Tls {
            reason: error.to_string(),
        })
    }

    fn proxy(&self) -> Result<Option<Proxy>, Trouble> {
        let named = self.outgoing.proxy.as_ref().and_then(|text| proxy_url(text.expose()));
        let Some(url) = named else { return Ok(None) };
        let proxy = Proxy::all(url).map_err(|error| Trouble::Unwritable(error.to_string()))?;
        Ok(Some(proxy.no_proxy(NoProxy::from_string(&self.outgoing.no_proxy))))
    }

    async fn answer(&self, mut response: Response) -> Result<Answer, Trouble> {
        let status = response.status();
        let mut body = Vec::new();
        while let Some(part) = response.chunk().await.map_err(|error| self.failed(&error))? {
            body.extend_from_slice(&part);
            if body.len() > LONGEST_ANSWER {
                break;
            }
        }
        let text = String::from_utf8_lossy(&body);
        let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
        let shown: String = format!("{status} {line}").chars().take(SHOWN).collect();
        Ok(Answer {
            code: status.as_u16(),
            text: shown.trim_end().to_owned(),
        })
    }

    fn failed(&self, error: &reqwest::Error) -> Trouble {
        let host = self.host.host_str().unwrap_or_default();
        if error.is_timeout() {
            return Trouble::TooSlow {
                step: Step::Http,
                after: self.limit,
            };
        }
        let mut source: Option<&(dyn std::error::Error + 'static)> = std::error::Error::source(error);
        let mut reason = error.to_string();
        while let Some(inner) = source {
            if let Some(tls) = in_disguise(inner) {
                return crate::mail::tls::explained(tls, host);
            }
            reason = inner.to_string();
            source = inner.source();
        }
        if error.is_connect() {
            return Trouble::Unreachable {
                host: host.to_owned(),
                port: self.host.port_or_known_default().unwrap_or(443),
                reason,
            };
        }
        Trouble::Broken {
            step: Step::Http,
            reason,
        }
    }
}

/// An error of TLS arrives inside one of input and output.
fn in_disguise<'e>(error: &'e (dyn std::error::Error + 'static)) -> Option<&'e rustls::Error> {
    error
        .downcast_ref::<rustls::Error>()
        .or_else(|| error.downcast_ref::<std::io::Error>()?.get_ref()?.downcast_ref())
}

fn judged(answer: Answer) -> Result<String, Trouble> {
    match answer.code {
        200..300 => Ok(answer.text),
        401 => Err(Trouble::KeyRefused(answer)),
        404 => Err(Trouble::DomainUnknown(answer)),
        400 | 403 | 413 => Err(Trouble::MailgunRefused(answer)),
        _ => Err(Trouble::MailgunFailed(answer)),
    }
}
