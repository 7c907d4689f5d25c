//! A provider that speaks OpenID Connect and describes itself. It is asked for its description when the first person comes:
//! one that was down when the server started is simply asked again.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use oauth2::AccessToken;
use reqwest::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, HeaderValue};
use url::Url;

use super::code_flow::{Grant, Issued, Registration};
use super::discovery::{self, Metadata};
use super::graph::Question;
use super::id_token::{Expected, Unchecked, subject, unsigned_claims};
use super::keys::{KeyRing, Source};
use super::outgoing::{MOST_BYTES, Outgoing, bearer};
use super::shelf::Shelf;
use super::sign_out::{self, Leaving};
use super::{Arrival, Moment, Redeemed, Secrets, signed_secret};
use crate::config::OpenId;
use crate::config::federation::social::SigningKey;
use crate::domain::federation::claims::{self, Claims, Said};
use crate::domain::federation::connection::Subject;
use crate::domain::federation::mapping::keeps_back;
use crate::domain::federation::trouble::{Trouble, quoted};
use crate::domain::federation::upstream::{LogoutNotice, Tokens};
use crate::domain::federation::vouched::Vouched;
use crate::domain::secret::Secret;

/// How long a description is kept.
const DESCRIPTION_KEPT: Duration = Duration::from_hours(1);

/// What a provider does in its own way.
pub struct Manner {
    /// What else people are sent there with.
    pub more: &'static [(&'static str, &'static str)],
    /// Whether anybody can have an account there.
    pub is_open_to_many: bool,
    /// What of the claims is put right, given what the provider told on the way back.
    pub read: fn(&mut Said, Option<&str>),
}

/// The standard's way.
static PLAIN: Manner = Manner {
    more: &[],
    is_open_to_many: false,
    read: unchanged,
};

/// Leaves the claims as they are.
pub fn unchanged(_: &mut Said, _: Option<&str>) {}

/// Where nobody comes back to: a refresh sends nobody anywhere, and no such address.
const NOWHERE: &str = "https://localhost/";

/// A provider and what is kept of its answers.
pub struct OpenIdProvider {
    settings: OpenId,
    manner: &'static Manner,
    key: Option<SigningKey>,
    description: Shelf<Metadata>,
    keys: KeyRing,
    /// Whether our secret is sent in the other way than the description suggests, because that worked.
    is_turned: AtomicBool,
}

impl OpenIdProvider {
    /// From the configuration. No request is sent.
    #[must_use]
    pub fn new(settings: OpenId) -> Self {
        Self::with_manner(settings, &PLAIN, None)
    }

    /// The same for a provider with manners of its own, and the key that signs our secret if there is one.
    #[must_use]
    pub fn with_manner(settings: OpenId, manner: &'static Manner, key: Option<SigningKey>) -> Self {
        Self {
            manner,
            key,
            description: Shelf::new(),
            is_turned: AtomicBool::new(false),
            keys: KeyRing::new(settings.keys_kept),
            settings,
        }
    }

    /// What the provider says of itself.
    ///
    /// # Errors
    /// [`Trouble::Unreachable`] or [`Trouble::OtherIssuer`].
    pub async fn description(&self, outgoing: &Outgoing, at: Moment) -> Result<Arc<Metadata>, Trouble> {
        let OpenId {
            issuer, allow_private, ..
        } = &self.settings;
        let fetch = || discovery::fetch(outgoing, issuer, *allow_private);
        self.description.take(at.steady, DESCRIPTION_KEPT, fetch).await
    }

    fn registration<'r>(
        &'r self,
        metadata: &'r Metadata,
        callback: &'r str,
        secret: Option<&'r Secret>,
    ) -> Registration<'r> {
        Registration {
            client_id: &self.settings.client_id,
            client_secret: secret,
            secret_in_body: metadata.secret_in_body != self.is_turned.load(Ordering::Relaxed),
            authorization: &metadata.authorization,
            token: &metadata.token,
            callback,
            allow_private: self.settings.allow_private,
        }
    }

    /// Where the person is sent.
    ///
    /// # Errors
    /// As for [`OpenIdProvider::description`].
    pub async fn authorization(
        &self,
        outgoing: &Outgoing,
        secrets: &Secrets,
        callback: &str,
        at: Moment,
    ) -> Result<String, Trouble> {
        let metadata = self.description(outgoing, at).await?;
        let mut more = vec![("nonce", secrets.nonce.as_str())];
        more.extend(
            self.settings
                .audience
                .first()
                .map(|audience| ("audience", audience.as_str())),
        );
        more.extend(self.settings.ties.prompt.as_deref().map(|prompt| ("prompt", prompt)));
        more.extend(self.manner.more);
        self.registration(&metadata, callback, None).authorization(
            &secrets.state,
            &secrets.verifier,
            &self.settings.scope,
            &more,
        )
    }

    /// Turns an answer into a person.
    ///
    /// # Errors
    /// What is wrong with it.
    pub async fn redeem(&self, outgoing: &Outgoing, arrival: &Arrival<'_>, at: Moment) -> Result<Redeemed, Trouble> {
        let metadata = self.description(outgoing, at).await?;
        same_provider(&metadata, arrival.issuer)?;
        let code = arrival.answer.code()?;
        let asking = Asking {
            outgoing,
            metadata: &metadata,
            at,
        };
        let grant = Grant::Code {
            code,
            verifier: &arrival.secrets.verifier,
        };
        let tokens = self.issued(&asking, arrival.callback, &grant).await?;
        let id = self.id_claims(&asking, &tokens, Some(&arrival.secrets.nonce)).await?;
        let who = who(&id)?;
        let session = claims::text(&id, "sid");
        let mut said = Said {
            access: unsigned_claims(tokens.access.secret()).unwrap_or_default(),
            id,
            ..Said::default()
        };
        match self.userinfo(&asking, &tokens.access, &who).await? {
            Ok(userinfo) => said.userinfo = userinfo,
            Err(trouble) => said.userinfo_failed = Some(trouble.to_string()),
        }
        let secret = self.secret(at)?;
        self.fetch_kept_back(&asking, &tokens, secret.as_ref(), &mut said).await;
        (self.manner.read)(&mut said, arrival.profile);
        let is_open = self.manner.is_open_to_many || metadata.issuer.is_open_to_many();
        let mut vouched = Vouched::from_claims(who, said, &self.settings.claims, is_open);
        vouched.believe(self.settings.trust_email);
        if let Some(picture) = &mut vouched.picture {
            picture.bearer = self.bearer_for(&picture.url, &metadata, &tokens.access);
        }
        let tokens = Some(tokens.kept(session, at.wall));
        Ok(Redeemed { vouched, tokens })
    }

    /// Puts groups that the provider keeps back where they belong, or says why that did not work.
    async fn fetch_kept_back(
        &self,
        asking: &Asking<'_>,
        tokens: &Issued,
        client_secret: Option<&Secret>,
        said: &mut Said,
    ) {
        const GROUPS: &str = "groups";
        let is_kept_back = |claims: &Claims| keeps_back(claims, GROUPS) && !claims.contains_key(GROUPS);
        let Some(graph) = &self.settings.graph else { return };
        if ![&said.id, &said.userinfo, &said.access].into_iter().any(is_kept_back) {
            return;
        }
        let question = Question {
            outgoing: asking.outgoing,
            token: &asking.metadata.token,
            graph,
            client_id: &self.settings.client_id,
            client_secret,
            allow_private: self.settings.allow_private,
            access: tokens.access.secret(),
        };
        match question.groups().await {
            Ok(groups) => {
                for claims in [&mut said.id, &mut said.userinfo, &mut said.access] {
                    if is_kept_back(claims) {
                        claims.insert(GROUPS.to_owned(), groups.clone().into());
                    }
                }
            }
            Err(trouble) => said.groups_failed = Some(trouble.to_string()),
        }
    }

    /// The access token for a picture, where LibreChat sends it: to the origins of issuer and userinfo, and to those that the
    /// operator added.
    fn bearer_for(&self, picture: &str, metadata: &Metadata, access: &AccessToken) -> Option<Secret> {
        let origin = Url::parse(picture).ok()?.origin();
        let added = self
            .settings
            .avatar_origins
            .iter()
            .flat_map(|text| text.split_whitespace());
        let issuer = [self.settings.issuer.as_str()];
        let mut own = added
            .chain(issuer)
            .filter_map(|text| Some(Url::parse(text).ok()?.origin()));
        let is_userinfo = metadata.userinfo.as_ref().is_some_and(|url| url.origin() == origin);
        let is_own = origin.is_tuple() && (is_userinfo || own.any(|known| known == origin));
        is_own.then(|| Secret::new(access.secret().clone()))
    }

    /// Our secret: the one of the configuration, or one that is signed now.
    fn secret(&self, at: Moment) -> Result<Option<Secret>, Trouble> {
        match &self.key {
            Some(key) => signed_secret::sign(key, &self.settings.client_id, at.wall).map(Some),
            None => Ok(self.settings.client_secret.clone()),
        }
    }

    /// Asks for description and keys.
    ///
    /// # Errors
    /// As for [`OpenIdProvider::description`].
    pub async fn prepare(&self, outgoing: &Outgoing, at: Moment) -> Result<(), Trouble> {
        let metadata = self.description(outgoing, at).await?;
        let asking = Asking {
            outgoing,
            metadata: &metadata,
            at,
        };
        self.keys.fill(&self.key_source(&asking)).await
    }

    /// Newer tokens for the same person (OpenID Connect Core §12).
    ///
    /// # Errors
    /// [`Trouble::RefreshRefused`], [`Trouble::Unreachable`], or what is wrong with the newer ID token.
    pub async fn renew(
        &self,
        outgoing: &Outgoing,
        tokens: &Tokens,
        subject: &Subject,
        at: Moment,
    ) -> Result<Tokens, Trouble> {
        let token = tokens.refresh.as_ref().ok_or(Trouble::Malformed("no refresh token"))?;
        let metadata = self.description(outgoing, at).await?;
        let asking = Asking {
            outgoing,
            metadata: &metadata,
            at,
        };
        let audience = self.settings.ties.refresh_audience.as_deref();
        let issued = self
            .issued(&asking, NOWHERE, &Grant::Refresh { token, audience })
            .await?;
        if issued.id.is_some() && who(&self.id_claims(&asking, &issued, None).await?)? != *subject {
            return Err(Trouble::OtherSubject);
        }
        let mut renewed = issued.kept(tokens.session.clone(), at.wall);
        renewed.refresh = renewed.refresh.or_else(|| tokens.refresh.clone());
        renewed.id = renewed.id.or_else(|| tokens.id.clone());
        Ok(renewed)
    }

    /// Where somebody is sent to log out there.
    ///
    /// # Errors
    /// As for [`OpenIdProvider::description`].
    pub async fn end_session(
        &self,
        outgoing: &Outgoing,
        leaving: &Leaving<'_>,
        at: Moment,
    ) -> Result<Option<String>, Trouble> {
        let metadata = self.description(outgoing, at).await?;
        let end = metadata.end_session.as_ref();
        Ok(end.map(|end| sign_out::address(end, &self.settings.client_id, leaving)))
    }

    /// Reads a logout token.
    ///
    /// # Errors
    /// What is wrong with it.
    pub async fn logout_notice(&self, outgoing: &Outgoing, token: &str, at: Moment) -> Result<LogoutNotice, Trouble> {
        let unchecked = Unchecked::read_logout(token)?;
        let metadata = self.description(outgoing, at).await?;
        let asking = Asking {
            outgoing,
            metadata: &metadata,
            at,
        };
        let source = self.key_source(&asking);
        let keys = self.keys.candidates(&source, &unchecked.wanted()).await?;
        let expected = sign_out::Expected {
            issuer: &metadata.issuer,
            client_id: &self.settings.client_id,
            now: at.wall,
            tolerance: self.tolerance(),
        };
        sign_out::notice(&unchecked.checked(&keys)?, &expected)
    }

    /// Gets tokens. How a client sends its secret is agreed upon when it is registered; a provider that takes it either way
    /// does not say which was chosen for ours, so that a refusal is answered by the other way, once.
    async fn issued(&self, asking: &Asking<'_>, callback: &str, grant: &Grant<'_>) -> Result<Issued, Trouble> {
        let Asking { outgoing, metadata, .. } = *asking;
        let secret = self.secret(asking.at)?;
        let mut registration = self.registration(metadata, callback, secret.as_ref());
        let refused = match registration.ask(outgoing, grant).await {
            Err(trouble) if trouble.is_of_the_client() => trouble,
            outcome => return outcome,
        };
        if !metadata.takes_secret_either_way || registration.client_secret.is_none() {
            return Err(refused);
        }
        registration.secret_in_body = !registration.secret_in_body;
        let issued = registration.ask(outgoing, grant).await.map_err(|_| refused)?;
        let is_turned = registration.secret_in_body != metadata.secret_in_body;
        self.is_turned.store(is_turned, Ordering::Relaxed);
        Ok(issued)
    }

    async fn id_claims(&self, asking: &Asking<'_>, tokens: &Issued, nonce: Option<&str>) -> Result<Claims, Trouble> {
        let token = tokens.id.as_deref().ok_or(Trouble::Malformed(
            "no ID token; the scope openid has to be granted to this client",
        ))?;
        let unchecked = Unchecked::read(token)?;
        let source = self.key_source(asking);
        let keys = self.keys.candidates(&source, &unchecked.wanted()).await?;
        let expected = Expected {
            issuer: &asking.metadata.issuer,
            client_id: &self.settings.client_id,
            nonce,
            access_token: Some(tokens.access.secret()),
            now: asking.at.wall,
            tolerance: self.tolerance(),
        };
        unchecked.verified(&keys, &expected)
    }

    fn tolerance(&self) -> i64 {
        i64::try_from(self.settings.clock_tolerance.as_secs()).unwrap_or(0)
    }

    fn key_source<'s>(&self, asking: &'s Asking<'_>) -> Source<'s> {
        Source {
            outgoing: asking.outgoing,
            url: &asking.metadata.jwks,
            allow_private: self.settings.allow_private,
            now: asking.at.steady,
        }
    }

    /// What the userinfo endpoint says of the person, or why it cannot be read, which stops no login, as in LibreChat; but an
    /// answer about somebody else is no answer at all (OpenID Connect Core §5.3.2).
    async fn userinfo(
        &self,
        asking: &Asking<'_>,
        access: &AccessToken,
        who: &Subject,
    ) -> Result<Result<Claims, Trouble>, Trouble> {
        let Some(url) = &asking.metadata.userinfo else {
            return Ok(Ok(Claims::new()));
        };
        match self.ask_userinfo(asking, url, access).await {
            Ok(claims) if subject(&claims) == Some(&who.subject) => Ok(Ok(claims)),
            Ok(_) => Err(Trouble::OtherSubject),
            Err(trouble) => {
                tracing::warn!(provider = %self.settings.id, error = %trouble, "userinfo could not be read");
                Ok(Err(trouble))
            }
        }
    }

    async fn ask_userinfo(&self, asking: &Asking<'_>, url: &Url, access: &AccessToken) -> Result<Claims, Trouble> {
        const WHAT: &str = "the userinfo endpoint";
        let mut request = Outgoing::get(url.clone());
        let headers = request.headers_mut();
        headers.insert(AUTHORIZATION, bearer(access.secret())?);
        headers.insert(ACCEPT, HeaderValue::from_static("application/json"));
        let reply = asking
            .outgoing
            .send(request, self.settings.allow_private, MOST_BYTES)
            .await
            .map_err(|error| Trouble::unreachable(WHAT, error.to_string()))?;
        let kind = reply.headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
        if !kind.is_some_and(|kind| kind.starts_with("application/jwt")) {
            return discovery::json(WHAT, &reply);
        }
        // Signed: then the signature has to be right, too.
        let token = std::str::from_utf8(&reply.body).unwrap_or_default().trim();
        let unchecked = Unchecked::read(token)?;
        let keys = self
            .keys
            .candidates(&self.key_source(asking), &unchecked.wanted())
            .await?;
        unchecked.checked(&keys)
    }
}

/// Who is asked, where, and when.
struct Asking<'a> {
    outgoing: &'a Outgoing,
    metadata: &'a Metadata,
    at: Moment,
}

/// An answer that names another issuer was made by somebody in between (RFC 9207 §2.4).
fn same_provider(metadata: &Metadata, said: Option<&str>) -> Result<(), Trouble> {
    let is_fine = match said {
        Some(said) => metadata.issuer.could_be(said),
        None => !metadata.names_itself,
    };
    if is_fine {
        return Ok(());
    }
    Err(Trouble::MixedUp { said: said.map(quoted) })
}

/// Issuer and subject, as the verified token says them.
fn who(claims: &Claims) -> Result<Subject, Trouble> {
    let issuer = claims.get("iss").and_then(serde_json::Value::as_str);
    match (issuer, subject(claims)) {
        (Some(issuer), Some(subject)) => Ok(Subject {
            issuer: issuer.to_owned(),
            subject: subject.to_owned(),
        }),
        _ => Err(Trouble::NoSubject),
    }
}
