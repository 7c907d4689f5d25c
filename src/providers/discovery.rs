//! What a provider says of itself (OpenID Connect Discovery §3), and whether it is the one that was meant.

use reqwest::StatusCode;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use url::Url;

use super::outgoing::{MOST_BYTES, Outgoing, Reply};
use super::reach::Reach;
use crate::domain::federation::issuer::{Issuer, IssuerRule};
use crate::domain::federation::trouble::{Trouble, quoted};

/// Where a provider's doors are.
#[derive(Clone, Debug)]
pub struct Metadata {
    /// What the issuer of its tokens must be.
    pub issuer: IssuerRule,
    /// Where people are sent.
    pub authorization: Url,
    /// Where codes are redeemed.
    pub token: Url,
    /// Where more is said of the person.
    pub userinfo: Option<Url>,
    /// Where its keys are.
    pub jwks: Url,
    /// Where people are sent to log out.
    pub end_session: Option<Url>,
    /// Whether the way back always names the issuer (RFC 9207).
    pub names_itself: bool,
    /// Whether our secret is sent in the body and not in a header.
    pub secret_in_body: bool,
    /// Whether either would do, so that only the client's own registration says which.
    pub takes_secret_either_way: bool,
}

#[derive(Deserialize)]
struct Document {
    issuer: String,
    authorization_endpoint: String,
    token_endpoint: String,
    jwks_uri: String,
    #[serde(default)]
    userinfo_endpoint: Option<String>,
    #[serde(default)]
    end_session_endpoint: Option<String>,
    #[serde(default)]
    authorization_response_iss_parameter_supported: bool,
    #[serde(default)]
    token_endpoint_auth_methods_supported: Option<Vec<String>>,
}

const WHAT: &str = "the provider's description";

/// Asks a provider for its description.
///
/// # Errors
/// [`Trouble::Unreachable`], or [`Trouble::OtherIssuer`] if it is another provider than the one that was meant.
pub async fn fetch(outgoing: &Outgoing, issuer: &Issuer, allow_private: bool) -> Result<Metadata, Trouble> {
    let address = issuer.discovery();
    let url = Url::parse(&address).map_err(|error| Trouble::unreachable(WHAT, error.to_string()))?;
    let document: Document = fetch_json(outgoing, WHAT, url, allow_private).await?;
    metadata(document, issuer, allow_private)
}

fn metadata(document: Document, issuer: &Issuer, allow_private: bool) -> Result<Metadata, Trouble> {
    let Some(rule) = issuer.accepts(&document.issuer) else {
        return Err(Trouble::OtherIssuer {
            expected: issuer.as_str().to_owned(),
            said: quoted(&document.issuer),
        });
    };
    let url = |text: &str| endpoint(text, allow_private);
    let optional = |text: &Option<String>| text.as_deref().map(url).transpose();
    let methods = document.token_endpoint_auth_methods_supported.unwrap_or_default();
    let can = |method: &str| methods.iter().any(|known| known == method);
    Ok(Metadata {
        issuer: rule,
        authorization: url(&document.authorization_endpoint)?,
        token: url(&document.token_endpoint)?,
        userinfo: optional(&document.userinfo_endpoint)?,
        jwks: url(&document.jwks_uri)?,
        end_session: optional(&document.end_session_endpoint)?,
        names_itself: document.authorization_response_iss_parameter_supported,
        // Who says nothing takes the header (OpenID Connect Discovery §3).
        secret_in_body: can("client_secret_post") && !can("client_secret_basic"),
        takes_secret_either_way: can("client_secret_post") && can("client_secret_basic"),
    })
}

fn endpoint(text: &str, allow_private: bool) -> Result<Url, Trouble> {
    let url = Url::parse(text).map_err(|_| {
        let cause = format!("it names `{}`, which is no address", quoted(text));
        Trouble::unreachable(WHAT, cause)
    })?;
    match Reach::of(&url, allow_private) {
        Ok(_) => Ok(url),
        Err(error) => Err(Trouble::unreachable(WHAT, error.to_string())),
    }
}

/// Asks for JSON.
///
/// # Errors
/// [`Trouble::Unreachable`].
pub async fn fetch_json<T: DeserializeOwned>(
    outgoing: &Outgoing,
    what: &'static str,
    url: Url,
    allow_private: bool,
) -> Result<T, Trouble> {
    let reply = outgoing
        .send(Outgoing::get(url), allow_private, MOST_BYTES)
        .await
        .map_err(|error| Trouble::unreachable(what, error.to_string()))?;
    json(what, &reply)
}

/// Reads an answer that should be JSON.
///
/// # Errors
/// [`Trouble::Unreachable`].
pub fn json<T: DeserializeOwned>(what: &'static str, reply: &Reply) -> Result<T, Trouble> {
    if reply.status != StatusCode::OK {
        return Err(Trouble::unreachable(what, format!("it answers {}", reply.status)));
    }
    serde_json::from_slice(&reply.body).map_err(|error| {
        let cause = format!(
            "its answer is not what the standard says ({})",
            quoted(&error.to_string())
        );
        Trouble::unreachable(what, cause)
    })
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn described(change: impl FnOnce(&mut Value)) -> Result<Metadata, Trouble> {
        let mut document = json!({
            "issuer": "https://id.example.org",
            "authorization_endpoint": "https://id.example.org/auth",
            "token_endpoint": "https://id.example.org/token",
            "jwks_uri": "https://id.example.org/jwks",
        });
        change(&mut document);
        let document = serde_json::from_value(document).expect("a description");
        metadata(document, &Issuer::new("https://id.example.org"), false)
    }

    #[test]
    fn a_description_of_somebody_else_is_refused() {
        assert!(described(|_| {}).is_ok());
        let other = described(|document| document["issuer"] = json!("https://evil.example"));
        assert!(matches!(other, Err(Trouble::OtherIssuer { .. })));
    }

    #[test]
    fn no_door_leads_into_the_network_of_the_server() {
        for name in [
            "authorization_endpoint",
            "token_endpoint",
            "jwks_uri",
            "userinfo_endpoint",
            "end_session_endpoint",
        ] {
            for address in [
                "http://id.example.org/x",
                "https://127.0.0.1/x",
                "https://[::ffff:a9fe:a9fe]/",
                "javascript:x",
                "",
            ] {
                let refused = described(|document| document[name] = json!(address));
                assert!(matches!(refused, Err(Trouble::Unreachable { .. })), "{name} {address}");
            }
        }
    }

    #[test]
    fn the_secret_goes_where_the_provider_takes_it() {
        let in_body = |methods: Value| {
            let metadata = described(|document| document["token_endpoint_auth_methods_supported"] = methods);
            metadata.expect("a description").secret_in_body
        };
        assert!(!in_body(json!(["client_secret_basic", "client_secret_post"])));
        assert!(in_body(json!(["client_secret_post", "private_key_jwt"])));
        assert!(!in_body(json!(null)));
    }
}
