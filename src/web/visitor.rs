//! Who sent a request: address, device, keys. Everything here is untrusted except the address.

use std::net::{IpAddr, Ipv4Addr};

use actix_web::HttpRequest;
use actix_web::http::header::{AUTHORIZATION, HeaderName, USER_AGENT};

use crate::app::logout::Keys;
use crate::domain::session::Origin;
use crate::web::{Web, client_ip, cookies};

const FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");

/// A device description longer than this is cut.
const MOST_OF_USER_AGENT: usize = 255;

/// The client's address: the peer, or what trusted proxies say of it.
#[must_use]
pub fn address(req: &HttpRequest, web: &Web) -> IpAddr {
    let peer = req
        .peer_addr()
        .map_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED), |peer| peer.ip());
    let forwarded = req
        .headers()
        .get_all(FORWARDED_FOR)
        .filter_map(|value| value.to_str().ok());
    client_ip::client_address(peer, forwarded, web.app.config.server.trust_proxy)
}

/// How the address was found, in words for an admin.
#[must_use]
pub fn derived(req: &HttpRequest, web: &Web) -> String {
    let peer = req.peer_addr().map_or_else(String::new, |peer| peer.ip().to_string());
    if web.app.config.server.trust_proxy == 0 {
        return format!("the connection from {peer}");
    }
    format!("X-Forwarded-For, through {peer}")
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

/// What a limit counts this visitor as.
#[must_use]
pub fn limit_key(req: &HttpRequest, web: &Web) -> String {
    client_ip::limit_key(address(req, web))
}

/// The access token of `Authorization: Bearer …` (RFC 6750 §2.1); the scheme's case does not matter.
#[must_use]
pub fn bearer(req: &HttpRequest) -> Option<&str> {
    let value = req.headers().get(AUTHORIZATION)?.to_str().ok()?;
    let (scheme, token) = value.split_once(' ')?;
    (scheme.eq_ignore_ascii_case("bearer") && !token.trim().is_empty()).then(|| token.trim())
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
