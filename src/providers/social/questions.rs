//! A provider without ID tokens: a code is redeemed for an access token, and with that token it is asked who the person is.
//! Who answers is known by the connection alone, so that every question goes to a fixed address by https.

use hmac::{Hmac, KeyInit as _, Mac as _};
use oauth2::AccessToken;
use reqwest::StatusCode;
use reqwest::header::{ACCEPT, AUTHORIZATION, HeaderValue, USER_AGENT};
use serde_json::Value;
use sha2::Sha256;
use url::Url;

use super::led;
use crate::config::federation::social::{Credential, SocialProvider};
use crate::domain::federation::claims::{Claims, Said, at, text};
use crate::domain::federation::connection::Subject;
use crate::domain::federation::social::Social;
use crate::domain::federation::trouble::{Trouble, quoted};
use crate::domain::federation::vouched::{ClaimNames, Vouched};
use crate::domain::hex::hex;
use crate::domain::secret::Secret;
use crate::providers::code_flow::{Grant, Registration};
use crate::providers::discovery::json;
use crate::providers::outgoing::{MOST_BYTES, Outgoing, Reply, bearer};
use crate::providers::{Arrival, Redeemed, Secrets};

/// How such a provider is talked to.
pub(super) struct Questions {
    /// Which.
    pub(super) social: Social,
    /// Where people are sent.
    pub(super) authorization: &'static str,
    /// Where codes are redeemed.
    pub(super) token: &'static str,
    /// What is asked for.
    pub(super) scope: &'static str,
    /// What else people are sent with.
    pub(super) more: &'static [(&'static str, &'static str)],
    /// What is asked about the person.
    pub(super) asks: &'static [Question],
    /// Whether each question proves that we are who the token was given to (`appsecret_proof`).
    pub(super) proves_token: bool,
    /// Turns the answers into claims; `None` if they do not say who the person is.
    pub(super) profile: fn(&[Value]) -> Option<Claims>,
}

/// A question about the person.
pub(super) struct Question {
    /// What is asked for, in words.
    pub(super) what: &'static str,
    /// Where.
    pub(super) url: &'static str,
    /// Whether we can do without the answer.
    pub(super) may_be_refused: bool,
}

/// A provider that is asked questions.
pub struct QuestionedProvider {
    settings: SocialProvider,
    questions: &'static Questions,
    /// What addresses start with, and what instead.
    detours: Vec<(String, String)>,
}

impl QuestionedProvider {
    pub(super) fn new(settings: SocialProvider, questions: &'static Questions) -> Self {
        let mut detours = settings.detours.clone();
        if let Some(server) = &settings.enterprise {
            let base = &server.base_url;
            detours.push(("https://api.github.com".to_owned(), format!("{base}/api/v3")));
            detours.push(("https://github.com".to_owned(), base.clone()));
        }
        Self {
            settings,
            questions,
            detours,
        }
    }

    fn url(&self, what: &'static str, address: &str) -> Result<Url, Trouble> {
        let led = led(address, &self.detours);
        Url::parse(&led).map_err(|error| Trouble::unreachable(what, error.to_string()))
    }

    fn secret(&self) -> Option<&Secret> {
        match &self.settings.credential {
            Credential::Secret(secret) => Some(secret),
            Credential::Key(_) => None,
        }
    }

    fn doors(&self) -> Result<(Url, Url), Trouble> {
        let authorization = self.url("the address where people log in", self.questions.authorization)?;
        Ok((authorization, self.url("the token endpoint", self.questions.token)?))
    }

    fn registration<'r>(&'r self, doors: &'r (Url, Url), callback: &'r str) -> Registration<'r> {
        Registration {
            client_id: &self.settings.client_id,
            client_secret: self.secret(),
            secret_in_body: true,
            authorization: &doors.0,
            token: &doors.1,
            callback,
            allow_private: self.settings.allow_private,
        }
    }

    /// Where the person is sent.
    ///
    /// # Errors
    /// If an address of the configuration is none.
    pub fn authorization(&self, secrets: &Secrets, callback: &str) -> Result<String, Trouble> {
        let doors = self.doors()?;
        let Questions { scope, more, .. } = self.questions;
        self.registration(&doors, callback)
            .authorization(&secrets.state, &secrets.verifier, scope, more)
    }

    /// Turns an answer into a person.
    ///
    /// # Errors
    /// What is wrong with it.
    pub async fn redeem(&self, outgoing: &Outgoing, arrival: &Arrival<'_>) -> Result<Redeemed, Trouble> {
        let code = arrival.answer.code()?;
        let doors = self.doors()?;
        let registration = self.registration(&doors, arrival.callback);
        let verifier = &arrival.secrets.verifier;
        let tokens = registration.ask(outgoing, &Grant::Code { code, verifier }).await?;
        let mut answers = Vec::new();
        for question in self.questions.asks {
            answers.push(self.ask(outgoing, question, &tokens.access).await?);
        }
        let claims = (self.questions.profile)(&answers).ok_or(Trouble::NoSubject)?;
        Ok(Redeemed {
            vouched: self.vouched(claims)?,
            // There is nothing to be renewed and nowhere to log out.
            tokens: None,
        })
    }

    fn vouched(&self, claims: Claims) -> Result<Vouched, Trouble> {
        let subject = Subject {
            issuer: self.issuer(),
            subject: text(&claims, "sub").ok_or(Trouble::NoSubject)?,
        };
        let said = Said {
            id: claims,
            ..Said::default()
        };
        // Anybody can have an account there, but for a server of one's own.
        let is_open_to_many = self.settings.enterprise.is_none();
        let mut vouched = Vouched::from_claims(subject, said, &ClaimNames::default(), is_open_to_many);
        vouched.believe(self.settings.trust_email);
        Ok(vouched)
    }

    /// Who vouches: a server of one's own is another one than the public one, with people of its own.
    pub(in crate::providers) fn issuer(&self) -> String {
        match &self.settings.enterprise {
            Some(server) => server.base_url.clone(),
            None => self.questions.social.issuer().to_owned(),
        }
    }

    async fn ask(&self, outgoing: &Outgoing, question: &Question, access: &AccessToken) -> Result<Value, Trouble> {
        let mut url = self.url(question.what, question.url)?;
        if let (true, Some(secret)) = (self.questions.proves_token, self.secret()) {
            let proof = token_proof(secret, access.secret());
            url.query_pairs_mut().append_pair("appsecret_proof", &proof);
        }
        let mut request = Outgoing::get(url);
        let headers = request.headers_mut();
        headers.insert(AUTHORIZATION, bearer(access.secret())?);
        headers.insert(ACCEPT, HeaderValue::from_static("application/json"));
        let agent = self
            .settings
            .enterprise
            .as_ref()
            .and_then(|server| server.user_agent.as_deref());
        headers.extend(agent.and_then(|name| Some((USER_AGENT, HeaderValue::from_str(name).ok()?))));
        let reply = outgoing
            .send(request, self.settings.allow_private, MOST_BYTES)
            .await
            .map_err(|error| Trouble::unreachable(question.what, error.to_string()))?;
        let is_refused = matches!(reply.status, StatusCode::FORBIDDEN | StatusCode::NOT_FOUND);
        match reply.status {
            StatusCode::OK => json(question.what, &reply),
            _ if question.may_be_refused && is_refused => Ok(Value::Null),
            status => {
                let cause = format!("it answers {status}{}", complaint(&reply));
                Err(Trouble::unreachable(question.what, cause))
            }
        }
    }
}

/// HMAC of the token with our secret: proves to Facebook that it is not somebody else who found the token.
fn token_proof(secret: &Secret, token: &str) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.expose().as_bytes()).expect("HMAC takes a key of any length");
    mac.update(token.as_bytes());
    hex(&mac.finalize().into_bytes())
}

/// What the provider says is wrong.
fn complaint(reply: &Reply) -> String {
    let Ok(Value::Object(body)) = serde_json::from_slice(&reply.body) else {
        return String::new();
    };
    let message = ["message", "error.message", "error_description", "error"]
        .iter()
        .find_map(|path| at(&body, path)?.as_str());
    message.map_or_else(String::new, |message| format!(" ({})", quoted(message)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_proved_by_hmac() {
        // RFC 4231 §4.3.
        let proof = token_proof(&Secret::new("Jefe"), "what do ya want for nothing?");
        assert_eq!(
            proof,
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
        );
    }

    #[test]
    fn a_complaint_is_quoted_where_there_is_one() {
        let said = |body: &str| {
            complaint(&Reply {
                status: StatusCode::BAD_REQUEST,
                headers: reqwest::header::HeaderMap::new(),
                body: body.as_bytes().to_vec(),
            })
        };
        assert_eq!(said(r#"{"message":"Bad credentials"}"#), " (Bad credentials)");
        assert_eq!(said(r#"{"error":{"message":"Invalid\r\ntoken"}}"#), " (Invalidtoken)");
        for nothing in ["", "<html>", "[]", r#"{"message":7}"#] {
            assert_eq!(said(nothing), "");
        }
    }
}
