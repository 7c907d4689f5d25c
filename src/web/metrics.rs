//! `GET /metrics`: what is measured, for Prometheus and whoever reads the same form. Strangers find nothing there.

use actix_web::http::StatusCode;
use actix_web::http::header::{ACCEPT, FORWARDED, HeaderName, VIA};
use actix_web::{HttpRequest, HttpResponse};

use crate::observe::exposition::Format;
use crate::web::admin::api::reader;
use crate::web::pages::{Scene, State, error};
use crate::web::proxy_protocol::Introduced;
use crate::web::{Web, reply, visitor};

/// What proxies add to requests that they pass on.
const PASSED_ON: [HeaderName; 5] = [
    FORWARDED,
    VIA,
    HeaderName::from_static("x-forwarded-for"),
    HeaderName::from_static("x-real-ip"),
    HeaderName::from_static("x-forwarded-host"),
];

/// `GET /metrics`
pub async fn show(web: State, req: HttpRequest) -> HttpResponse {
    if !is_allowed(&req, &web).await {
        return error::not_found(web, req).await;
    }
    let accept = req.headers().get(ACCEPT).and_then(|value| value.to_str().ok());
    let format = Format::negotiate(accept.unwrap_or_default());
    match web.app.measurements(format).await {
        Ok(text) => reply::respond(StatusCode::OK)
            .content_type(format.content_type())
            .body(text),
        Err(failure) => error::page(&Scene::open(&web, &req), &failure),
    }
}

async fn is_allowed(req: &HttpRequest, web: &Web) -> bool {
    if has_token(req, web) || is_near(req, web) {
        return true;
    }
    let has_keys = visitor::api_key(req).or(visitor::bearer(req)).is_some();
    has_keys && reader(req, web).await.is_ok()
}

fn has_token(req: &HttpRequest, web: &Web) -> bool {
    let token = web.app.config.metrics.token.as_ref();
    token
        .zip(visitor::bearer(req))
        .is_some_and(|(token, sent)| token.matches(sent))
}

/// Whether whoever is connected may read, and asks for themselves: who comes through a proxy is a stranger.
fn is_near(req: &HttpRequest, web: &Web) -> bool {
    let is_passed_on = PASSED_ON.iter().any(|name| req.headers().contains_key(name));
    let is_introduced = req.conn_data::<Introduced>().is_some();
    let peer = req.peer_addr().map(|peer| peer.ip().to_canonical());
    let networks = &web.app.config.metrics.networks;
    !is_passed_on && !is_introduced && peer.is_some_and(|peer| networks.iter().any(|network| network.contains(peer)))
}
