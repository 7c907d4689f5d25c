//! Who sent a request: address, device, keys. Everything here is untrusted except the address.

use std::net::{IpAddr, Ipv4Addr};

use actix_web::http::header::{ACCEPT_LANGUAGE, AUTHORIZATION, HeaderName, USER_AGENT};
use actix_web::{HttpMessage as _, HttpRequest};

use crate::app::logout::Keys;
use crate::domain::api_key::PREFIX;
use crate::domain::ids::UserId;
use crate::domain::lang::Lang;
use crate::domain::moderation::network::Network;
use crate::domain::secret::Secret;
use crate::domain::session::Origin;
use crate::web::client::Derived;
use crate::web::observed::Known;
use crate::web::proxy_protocol::Introduced;
use crate::web::{Web, cookies};

const API_KEY: HeaderName = HeaderName::from_static("x-api-key");

/// A device description longer than this is cut.
const MOST_OF_USER_AGENT: usize = 255;

/// The client's address and how it is known: the peer's, or what trusted proxies say of it.
#[must_use]
pub fn derived(req: &HttpRequest, web: &Web) -> Derived {
    let source = req.peer_addr().map(|address| address.ip());
    let derive = |peer| web.proxies.derive(peer, req.headers(), || web.app.now());
    match (req.conn_data::<Introduced>(), source) {
        (None, peer) => derive(peer.unwrap_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED))),
        // The proxy speaks for itself or for nobody: then headers are not its word either.
        (Some(introduced), None) => Derived::direct(introduced.by),
        (Some(introduced), Some(source)) => introduced.describe(derive(source)),
    }
}

/// Whether whoever sent the request is a proxy that is believed about others' requests.
#[must_use]
pub fn is_proxy(req: &HttpRequest, web: &Web) -> bool {
    req.peer_addr().is_some_and(|peer| web.proxies.believes(peer.ip()))
}

/// The client's address.
#[must_use]
pub fn address(req: &HttpRequest, web: &Web) -> IpAddr {
    derived(req, web).address
}

/// Address and device, as kept with a session.
#[must_use]
pub fn origin(req: &HttpRequest, web: &Web) -> Origin {
    let agent = req
        .headers()
        .get(USER_AGENT)
        .map(|value| String::from_utf8_lossy(value.as_bytes()));
    let mut user_agent: String = agent.unwrap_or_default().chars().filter(|c| !c.is_control()).collect();
    user_agent.truncate(user_agent.floor_char_boundary(MOST_OF_USER_AGENT));
    Origin {
        address: address(req, web).to_string(),
        user_agent,
    }
}

/// Notes whose request it is, for the log.
pub fn note_user(req: &HttpRequest, id: UserId) {
    req.extensions_mut().insert(Known(id));
}

/// What the client calls itself; empty if it does not say, or not in ASCII.
#[must_use]
pub fn user_agent(req: &HttpRequest) -> &str {
    let agent = req.headers().get(USER_AGENT).and_then(|value| value.to_str().ok());
    agent.unwrap_or_default()
}

/// The language that the browser asks for.
#[must_use]
pub fn accepted_language(req: &HttpRequest) -> Lang {
    let header = req.headers().get(ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok());
    Lang::negotiate(header.unwrap_or_default())
}

/// What a limit counts this visitor as: the address, or the network that one household has to itself.
#[must_use]
pub fn limit_key(req: &HttpRequest, web: &Web) -> String {
    Network::of_client(address(req, web)).to_string()
}

/// What the browser kept of an earlier login, for [`crate::app::login::Attempt`].
#[must_use]
pub fn device(req: &HttpRequest, web: &Web) -> Option<Secret> {
    cookies::find(req.headers(), web.place.device_cookie()).map(Secret::new)
}

/// What the browser kept to be trusted, for [`crate::app::login::Attempt`].
#[must_use]
pub fn trust(req: &HttpRequest, web: &Web) -> Option<Secret> {
    cookies::find(req.headers(), web.place.trust_cookie()).map(Secret::new)
}

/// The ticket for the next step of a login.
#[must_use]
pub fn ticket(req: &HttpRequest, web: &Web) -> Option<Secret> {
    let held = cookies::find(req.headers(), web.place.ticket_cookie());
    held.filter(|value| !value.is_empty()).map(Secret::new)
}

/// The access token of `Authorization: Bearer …` (RFC 6750 §2.1); the scheme's case does not matter.
#[must_use]
pub fn bearer(req: &HttpRequest) -> Option<&str> {
    let value = req.headers().get(AUTHORIZATION)?.to_str().ok()?;
    let (scheme, token) = value.split_once(' ')?;
    (scheme.eq_ignore_ascii_case("bearer") && !token.trim().is_empty()).then(|| token.trim())
}

/// An API key, as `Authorization: Bearer …` or `X-API-Key`; what does not look like one of ours is somebody else's.
#[must_use]
pub fn api_key(req: &HttpRequest) -> Option<&str> {
    let header = req.headers().get(API_KEY).and_then(|value| value.to_str().ok());
    let held = bearer(req).into_iter().chain(header.map(str::trim));
    held.into_iter().find(|text| text.starts_with(PREFIX))
}

/// Every key to a session that came with the request.
#[must_use]
pub fn keys(req: &HttpRequest, web: &Web) -> Keys {
    let cookie = |name| cookies::find(req.headers(), name).map(str::to_owned);
    Keys {
        access: bearer(req).map(str::to_owned),
        refresh: cookie(cookies::REFRESH),
        page: cookie(web.place.page_cookie()),
    }
}
