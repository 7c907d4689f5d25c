//! Groups that Entra keeps back because there are too many (groups overage): they are asked of Microsoft Graph in the person's
//! name, with a token that the provider gives for theirs (OAuth 2.0 on-behalf-of). The address that the token itself names is
//! never asked: whoever wrote the claims would choose where the token goes.

use reqwest::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, HeaderValue};
use reqwest::{Body, Method, Request};
use serde::Deserialize;
use url::{Url, form_urlencoded};

use super::discovery;
use super::outgoing::{MOST_BYTES, Outgoing, Reply, bearer};
use crate::domain::federation::trouble::{Trouble, quoted};
use crate::domain::secret::Secret;

const EXCHANGE: &str = "the token endpoint, asked for a token of Graph";
const GRAPH: &str = "Graph";

/// Whom to ask, and as whom.
pub struct Question<'q> {
    /// Sends the requests.
    pub outgoing: &'q Outgoing,
    /// The provider's token endpoint.
    pub token: &'q Url,
    /// Where Graph is.
    pub graph: &'q Url,
    /// Our name at the provider.
    pub client_id: &'q str,
    /// Our secret there.
    pub client_secret: Option<&'q Secret>,
    /// Whether the provider may be private.
    pub allow_private: bool,
    /// The person's access token.
    pub access: &'q str,
}

#[derive(Deserialize)]
struct Exchanged {
    access_token: String,
}

#[derive(Deserialize)]
struct Refused {
    error: String,
    #[serde(default)]
    error_description: String,
}

#[derive(Deserialize)]
struct Members {
    value: Vec<String>,
}

impl Question<'_> {
    /// The ids of the groups that the person is in.
    ///
    /// # Errors
    /// [`Trouble::Unreachable`].
    pub async fn groups(&self) -> Result<Vec<String>, Trouble> {
        let token = self.exchange().await?;
        let url = self.at_graph("/v1.0/me/getMemberObjects");
        let url = Url::parse(&url).map_err(|error| Trouble::unreachable(GRAPH, error.to_string()))?;
        let mut request = post(url, "application/json", r#"{"securityEnabledOnly":false}"#.to_owned());
        request.headers_mut().insert(AUTHORIZATION, bearer(token.expose())?);
        let reply = self.send(GRAPH, request).await?;
        discovery::json::<Members>(GRAPH, &reply).map(|members| members.value)
    }

    async fn exchange(&self) -> Result<Secret, Trouble> {
        let scope = self.at_graph("/User.Read");
        let mut form = form_urlencoded::Serializer::new(String::new());
        form.append_pair("grant_type", "urn:ietf:params:oauth:grant-type:jwt-bearer")
            .append_pair("requested_token_use", "on_behalf_of")
            .append_pair("client_id", self.client_id)
            .append_pair("scope", &scope)
            .append_pair("assertion", self.access);
        if let Some(secret) = self.client_secret {
            form.append_pair("client_secret", secret.expose());
        }
        let request = post(self.token.clone(), "application/x-www-form-urlencoded", form.finish());
        let reply = self.send(EXCHANGE, request).await?;
        if let Ok(Refused {
            error,
            error_description,
        }) = serde_json::from_slice(&reply.body)
        {
            let cause = format!("it says \"{}\" ({})", quoted(&error), quoted(&error_description));
            return Err(Trouble::unreachable(EXCHANGE, cause));
        }
        let exchanged: Exchanged = discovery::json(EXCHANGE, &reply)?;
        Ok(Secret::new(exchanged.access_token))
    }

    fn at_graph(&self, path: &str) -> String {
        format!("{}{path}", self.graph.as_str().trim_end_matches('/'))
    }

    async fn send(&self, what: &'static str, request: Request) -> Result<Reply, Trouble> {
        let reply = self.outgoing.send(request, self.allow_private, MOST_BYTES).await;
        reply.map_err(|error| Trouble::unreachable(what, error.to_string()))
    }
}

fn post(url: Url, kind: &'static str, body: String) -> Request {
    let mut request = Request::new(Method::POST, url);
    let headers = request.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(kind));
    headers.insert(ACCEPT, HeaderValue::from_static("application/json"));
    *request.body_mut() = Some(Body::from(body));
    request
}
