//! The door that every request passes: banned addresses are turned away, refusals get their reference number, and an
//! exceeded limit is reported as a violation.

use std::net::IpAddr;

use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::StatusCode;
use actix_web::http::header::{HeaderName, HeaderValue};
use actix_web::middleware::Next;
use actix_web::{Error, HttpRequest, HttpResponse};

use crate::app::moderation::Report;
use crate::app::{Failure, event_log};
use crate::domain::ids::UserId;
use crate::domain::moderation::refused::Refused;
use crate::domain::moderation::violation::Violation;
use crate::domain::refusal::Refusal;
use crate::web::pages::{Scene, error};
use crate::web::reply::{self, Noted, Offender, REFERENCE, Unremarkable};
use crate::web::{Web, forward_auth, visitor};

/// Keeps search engines from listing anything here, refusals and static files included.
const ROBOTS: HeaderName = HeaderName::from_static("x-robots-tag");

/// Passes a request on unless its sender is banned, and looks at the answer.
///
/// # Errors
/// None of its own: what a handler refuses is an answer already.
pub async fn guard<B>(web: &Web, req: ServiceRequest, next: Next<B>) -> Result<ServiceResponse<BoxBody>, Error>
where
    B: MessageBody + 'static,
{
    let address = visitor::address(req.request(), web);
    let mut response = match web.app.ban_of_address(address) {
        Some(sentence) if !is_open(path(web, req.request())) => {
            let answer = turned_away(web, req.request(), Refusal::Banned(sentence));
            req.into_response(answer)
        }
        _ => next.call(req).await?.map_into_boxed_body(),
    };
    if web.place.no_index {
        response
            .headers_mut()
            .insert(ROBOTS, HeaderValue::from_static("noindex"));
    }
    if turns_away(&response) {
        Box::pin(refer(web, address, &mut response)).await;
    }
    Ok(response)
}

/// Whether an answer is a refusal that somebody may ask about.
fn turns_away(response: &ServiceResponse<BoxBody>) -> bool {
    let (status, extensions) = (response.status(), response.response().extensions());
    let is_refusal = reply::is_referred(status) || (status.is_redirection() && extensions.contains::<Noted>());
    is_refusal && !extensions.contains::<Unremarkable>()
}

/// What stays open to everybody: probes, and what the page that says so looks like.
fn is_open(path: &str) -> bool {
    matches!(path, "/health" | "/livez" | "/readyz") || path.starts_with("/static/")
}

/// The path below the one of `public_url`, whether or not a proxy took that away.
fn path<'r>(web: &Web, req: &'r HttpRequest) -> &'r str {
    let below = req.path().strip_prefix(&web.place.base);
    below.filter(|path| path.starts_with('/')).unwrap_or(req.path())
}

fn turned_away(web: &Web, req: &HttpRequest, refusal: Refusal) -> HttpResponse {
    let failure = Failure::Refused(refusal);
    let path = path(web, req);
    if path.starts_with("/forward-auth/") {
        forward_auth::turned_away(&failure)
    } else if path == "/api" || path.starts_with("/api/") {
        reply::failed(&failure)
    } else {
        error::page(&Scene::open(web, req), &failure)
    }
}

/// Gives a refusal its number, remembers it, and reports an exceeded limit.
async fn refer(web: &Web, address: IpAddr, response: &mut ServiceResponse<BoxBody>) {
    let noted = response.response().extensions().get::<Noted>().copied();
    let given = response
        .headers()
        .get(REFERENCE)
        .and_then(|value| value.to_str().ok())
        .map(str::to_owned);
    let reference = given.unwrap_or_else(|| web.app.new_reference());
    if let Ok(value) = reference.parse() {
        response.headers_mut().insert(REFERENCE, value);
    }
    let kind = noted.and_then(|noted| noted.violation);
    if let Some(kind) = kind.filter(|_| is_limit(response)) {
        event_log::limit_exceeded(kind, address, &reference);
    }
    let offender = response.response().extensions().get::<Offender>().map(|who| who.0);
    let request = response.request();
    let user = offender.or_else(|| visitor::bearer(request).and_then(|token| web.app.user_of(token)));
    web.app.note_refusal(Refused {
        reference,
        at: web.app.now(),
        status: response.status().as_u16(),
        cause: noted.map_or("refused", |noted| noted.cause).to_owned(),
        route: route(request),
        address: address.to_string(),
        derived: visitor::derived(request, web).to_string(),
        user,
    });
    if let Some(kind) = kind {
        report(web, address, kind, offender).await;
    }
}

/// Whether a limit refuses it: a status of its own, or what nginx gets instead.
fn is_limit(response: &ServiceResponse<BoxBody>) -> bool {
    response.status() == StatusCode::TOO_MANY_REQUESTS || response.headers().contains_key(forward_auth::REFUSED_WITH)
}

/// Method and path, without the query, which may hold tokens.
fn route(request: &HttpRequest) -> String {
    let path: String = request.path().chars().filter(|c| !c.is_control()).take(120).collect();
    format!("{} {path}", request.method())
}

async fn report(web: &Web, address: IpAddr, kind: Violation, user: Option<UserId>) {
    let report = Report {
        kind,
        user,
        address: Some(address),
        source: "server",
        detail: String::new(),
    };
    if let Err(failure) = web.app.report(report).await {
        tracing::warn!(error = %failure, "a violation could not be recorded");
    }
}
