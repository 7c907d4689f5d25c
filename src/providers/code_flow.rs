//! The authorization code flow (RFC 6749 §4.1) with PKCE (RFC 7636), by the crate `oauth2` over our own client.

use std::borrow::Cow;
use std::future::Future;
use std::pin::Pin;
use std::time::Duration;

use oauth2::basic::{
    BasicErrorResponse, BasicRevocationErrorResponse, BasicTokenIntrospectionResponse, BasicTokenType,
};
use oauth2::{
    AccessToken, AuthType, AuthUrl, AuthorizationCode, Client, ClientId, ClientSecret, CsrfToken, EndpointNotSet,
    EndpointSet, ExtraTokenFields, HttpRequest, HttpResponse, PkceCodeChallenge, PkceCodeVerifier, RedirectUrl,
    RefreshToken, RequestTokenError, Scope, StandardRevocableToken, StandardTokenResponse, TokenResponse as _,
    TokenUrl,
};
use serde::{Deserialize, Serialize};
use url::Url;

use super::answers::put_right;
use super::outgoing::{MOST_BYTES, Outgoing, Unanswered};
use crate::domain::federation::trouble::{Trouble, quoted};
use crate::domain::federation::upstream::Tokens;
use crate::domain::secret::Secret;
use crate::domain::time::Timestamp;

/// A client as a provider knows it.
pub struct Registration<'r> {
    /// Its name.
    pub client_id: &'r str,
    /// Its secret.
    pub client_secret: Option<&'r Secret>,
    /// Whether the secret is sent in the body and not in a header.
    pub secret_in_body: bool,
    /// Where people are sent.
    pub authorization: &'r Url,
    /// Where codes are redeemed.
    pub token: &'r Url,
    /// Where people come back to.
    pub callback: &'r str,
    /// Whether the provider may be private.
    pub allow_private: bool,
}

/// What a code was redeemed for.
pub struct Issued {
    /// For asking the provider.
    pub access: AccessToken,
    /// For newer tokens.
    pub refresh: Option<Secret>,
    /// Who the person is.
    pub id: Option<String>,
    /// How long the access token is good, if the provider said.
    pub good_for: Option<Duration>,
}

impl Issued {
    fn of(answer: &Answered) -> Self {
        let refresh = answer.refresh_token();
        Self {
            access: answer.access_token().clone(),
            refresh: refresh.map(|token| Secret::new(token.secret().clone())),
            id: answer.extra_fields().id_token.clone(),
            good_for: answer.expires_in(),
        }
    }

    /// As they are kept by whoever may need them later.
    #[must_use]
    pub fn kept(self, session: Option<String>, now: Timestamp) -> Tokens {
        Tokens {
            access: Secret::new(self.access.secret().clone()),
            refresh: self.refresh,
            id: self.id.map(Secret::new),
            expires_at: self.good_for.map(|span| now.after(span)),
            session,
        }
    }
}

#[derive(Debug, Deserialize, Serialize)]
struct WithIdToken {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    id_token: Option<String>,
}

impl ExtraTokenFields for WithIdToken {}

type Answered = StandardTokenResponse<WithIdToken, BasicTokenType>;

type Registered = Client<
    BasicErrorResponse,
    Answered,
    BasicTokenIntrospectionResponse,
    StandardRevocableToken,
    BasicRevocationErrorResponse,
    EndpointSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointSet,
>;

impl Registration<'_> {
    fn client(&self) -> Result<Registered, Trouble> {
        let callback = RedirectUrl::new(self.callback.to_owned())
            .map_err(|error| Trouble::unreachable("our own address", error.to_string()))?;
        let client = Client::new(ClientId::new(self.client_id.to_owned()))
            .set_auth_uri(AuthUrl::from_url(self.authorization.clone()))
            .set_token_uri(TokenUrl::from_url(self.token.clone()))
            .set_redirect_uri(callback)
            .set_auth_type(if self.secret_in_body {
                AuthType::RequestBody
            } else {
                AuthType::BasicAuth
            });
        Ok(match self.client_secret {
            Some(secret) => client.set_client_secret(ClientSecret::new(secret.expose().to_owned())),
            None => client,
        })
    }

    /// Where the person is sent.
    ///
    /// # Errors
    /// If our own address is none.
    pub fn authorization(
        &self,
        state: &str,
        verifier: &Secret,
        scope: &str,
        more: &[(&str, &str)],
    ) -> Result<String, Trouble> {
        let verifier = PkceCodeVerifier::new(verifier.expose().to_owned());
        let client = self.client()?;
        let mut request = client
            .authorize_url(|| CsrfToken::new(state.to_owned()))
            .add_scopes(scope.split_whitespace().map(|scope| Scope::new(scope.to_owned())))
            .set_pkce_challenge(PkceCodeChallenge::from_code_verifier_sha256(&verifier));
        for (name, value) in more {
            request = request.add_extra_param(Cow::Owned((*name).to_owned()), Cow::Owned((*value).to_owned()));
        }
        Ok(request.url().0.into())
    }

    /// Gets tokens.
    ///
    /// # Errors
    /// [`Trouble::CodeRefused`], [`Trouble::RefreshRefused`] or [`Trouble::Unreachable`].
    pub async fn ask(&self, outgoing: &Outgoing, grant: &Grant<'_>) -> Result<Issued, Trouble> {
        let sender = Sender {
            outgoing,
            allow_private: self.allow_private,
        };
        let send = |request| sender.send(request);
        let client = self.client()?;
        let answer = match grant {
            Grant::Code { code, verifier } => {
                client
                    .exchange_code(AuthorizationCode::new((*code).to_owned()))
                    .set_pkce_verifier(PkceCodeVerifier::new(verifier.expose().to_owned()))
                    .request_async(&send)
                    .await
            }
            Grant::Refresh { token, audience } => {
                let token = RefreshToken::new(token.expose().to_owned());
                let mut request = client.exchange_refresh_token(&token);
                if let Some(audience) = audience {
                    request = request.add_extra_param("audience", (*audience).to_owned());
                }
                request.request_async(&send).await
            }
        };
        answer
            .map(|answer| Issued::of(&answer))
            .map_err(|error| refused(&error, grant))
    }
}

/// What is given for tokens.
#[derive(Clone, Copy)]
pub enum Grant<'g> {
    /// A code that a person brought.
    Code {
        /// The code.
        code: &'g str,
        /// What only whoever asked for it knows.
        verifier: &'g Secret,
    },
    /// A refresh token that was issued before. No scope is sent: it stays what was granted (RFC 6749 §6).
    Refresh {
        /// The token.
        token: &'g Secret,
        /// For whom the new access token shall be.
        audience: Option<&'g str>,
    },
}

struct Sender<'s> {
    outgoing: &'s Outgoing,
    allow_private: bool,
}

impl<'s> Sender<'s> {
    fn send(&'s self, request: HttpRequest) -> Pin<Box<dyn Future<Output = Result<HttpResponse, Unanswered>> + 's>> {
        Box::pin(async move {
            let request = reqwest::Request::try_from(request)
                .map_err(|_| Unanswered::Failed("the request cannot be made".to_owned()))?;
            let reply = self.outgoing.send(request, self.allow_private, MOST_BYTES).await?;
            let reply = put_right(reply);
            let mut response = HttpResponse::new(reply.body);
            *response.status_mut() = reply.status;
            *response.headers_mut() = reply.headers;
            Ok(response)
        })
    }
}

const WHAT: &str = "the token endpoint";

fn refused(error: &RequestTokenError<Unanswered, BasicErrorResponse>, grant: &Grant<'_>) -> Trouble {
    match error {
        RequestTokenError::ServerResponse(response) => {
            let error = quoted(response.error().as_ref());
            let description = response.error_description().map(|text| quoted(text));
            let description = description.unwrap_or_default();
            match grant {
                Grant::Code { .. } => Trouble::CodeRefused { error, description },
                Grant::Refresh { .. } => Trouble::RefreshRefused { error, description },
            }
        }
        RequestTokenError::Request(cause) => Trouble::unreachable(WHAT, cause.to_string()),
        RequestTokenError::Parse(cause, _) => {
            let cause = format!(
                "its answer is not what the standard says ({})",
                quoted(&cause.to_string())
            );
            Trouble::unreachable(WHAT, cause)
        }
        RequestTokenError::Other(cause) => Trouble::unreachable(WHAT, quoted(cause)),
    }
}
