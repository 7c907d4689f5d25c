//! Around every request: its number, its line in the log, its place in the metrics, and its trace.

use std::sync::Arc;
use std::time::{Duration, Instant};

use actix_web::HttpRequest;
use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::header::{HeaderName, HeaderValue};
use actix_web::http::{Method, StatusCode};
use actix_web::middleware::Next;
use actix_web::web::Data;
use actix_web::{Error, HttpMessage as _};

use crate::config::LogRequests;
use crate::domain::ids::UserId;
use crate::observe::request::{Request, RequestId};
use crate::observe::trace::{About, Parent, Trace};
use crate::web::reply::{Noted, Offender, REFERENCE, Unremarkable};
use crate::web::{Web, door, visitor};

/// Where a request's number comes from and goes to.
pub const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// What a request belongs to (W3C Trace Context).
const TRACEPARENT: HeaderName = HeaderName::from_static("traceparent");

/// The pattern of the route that a request took, kept with the resource.
#[derive(Clone, Copy, Debug)]
pub struct Pattern(pub &'static str);

/// What stands in its place for a path that leads nowhere.
const UNMATCHED: &str = "unmatched";

/// The cause of refusals that come as often as somebody likes who is banned.
const BANNED: &str = "banned";

/// Whose request it turned out to be, kept with the request.
#[derive(Clone, Copy, Debug)]
pub struct Known(pub UserId);

/// Everything about a request that is known once it is answered.
struct Seen {
    route: &'static str,
    method: &'static str,
    status: StatusCode,
    took: Duration,
    user: Option<UserId>,
    reference: Option<String>,
    cause: Option<&'static str>,
    is_remarkable: bool,
}

/// Gives a request its number, leads it through the door, and takes note of how it was answered.
///
/// # Errors
/// Those of the handlers.
pub async fn watch<B>(req: ServiceRequest, next: Next<B>) -> Result<ServiceResponse<BoxBody>, Error>
where
    B: MessageBody + 'static,
{
    let Some(web) = req.app_data::<Data<Web>>().cloned() else {
        return next.call(req).await.map(ServiceResponse::map_into_boxed_body);
    };
    let begun = Instant::now();
    let request = Request {
        id: number(req.request(), &web),
        trace: traced(req.request(), &web),
    };
    let (id, trace) = (request.id.clone(), request.trace.clone());
    let _in_flight = web.app.meters().in_flight.hold();
    request
        .scope(async {
            let mut response = door::guard(&web, req, next).await?;
            let seen = Seen::of(&response, begun);
            count(&seen, &web);
            log(&seen, response.request(), &web);
            if let Some(trace) = trace {
                hand_over(&trace, seen, &id, &web);
            }
            if let Ok(value) = id.with_text(HeaderValue::from_str) {
                response.headers_mut().insert(REQUEST_ID, value);
            }
            Ok(response)
        })
        .await
}

/// The number that a trusted proxy gave, or a new one.
fn number(req: &HttpRequest, web: &Web) -> RequestId {
    let given = header(req, &REQUEST_ID).and_then(RequestId::parse);
    given
        .filter(|_| visitor::is_proxy(req, web))
        .unwrap_or_else(|| web.numbers.request())
}

/// Where the request is to be traced: a trusted proxy decides that for its own, the configuration for the others.
fn traced(req: &HttpRequest, web: &Web) -> Option<Arc<Trace>> {
    let collector = web.app.config.telemetry.as_ref()?;
    let parent = header(req, &TRACEPARENT)
        .and_then(Parent::parse)
        .filter(|_| visitor::is_proxy(req, web));
    let is_wanted = match parent {
        Some(parent) => parent.is_sampled,
        None => web.numbers.bits() % 100 < u64::from(collector.percent),
    };
    let random = [(); 3].map(|()| web.numbers.bits());
    is_wanted.then(|| Arc::new(Trace::begin(parent, random, web.app.now())))
}

fn header<'r>(req: &'r HttpRequest, name: &HeaderName) -> Option<&'r str> {
    req.headers().get(name).and_then(|value| value.to_str().ok())
}

impl Seen {
    fn of<B>(response: &ServiceResponse<B>, begun: Instant) -> Self {
        let req = response.request();
        let extensions = response.response().extensions();
        let known = req.extensions().get::<Known>().map(|known| known.0);
        let offender = extensions.get::<Offender>().map(|offender| offender.0);
        let reference = response.headers().get(REFERENCE).and_then(|value| value.to_str().ok());
        Self {
            route: req.app_data::<Pattern>().map_or(UNMATCHED, |pattern| pattern.0),
            method: method(req.method()),
            status: response.status(),
            took: begun.elapsed(),
            user: known.or(offender),
            reference: reference.map(str::to_owned),
            cause: extensions.get::<Noted>().map(|noted| noted.cause),
            is_remarkable: extensions.get::<Unremarkable>().is_none(),
        }
    }

    /// Whether it failed, or was refused so that somebody may ask why. Whoever is banned already is not worth a line each time.
    fn is_error(&self) -> bool {
        self.status.is_server_error() || (self.reference.is_some() && self.is_remarkable && self.cause != Some(BANNED))
    }
}

/// One of the usual methods: whoever invents others fills no table.
fn method(method: &Method) -> &'static str {
    match *method {
        Method::GET => "GET",
        Method::HEAD => "HEAD",
        Method::POST => "POST",
        Method::PUT => "PUT",
        Method::PATCH => "PATCH",
        Method::DELETE => "DELETE",
        Method::OPTIONS => "OPTIONS",
        _ => "other",
    }
}

fn class(status: StatusCode) -> &'static str {
    match status.as_u16() / 100 {
        1 => "1xx",
        2 => "2xx",
        3 => "3xx",
        4 => "4xx",
        _ => "5xx",
    }
}

fn count(seen: &Seen, web: &Web) {
    let meters = web.app.meters();
    meters
        .requests
        .of([seen.route, seen.method, class(seen.status)])
        .increase();
    meters.durations.of([seen.route, seen.method]).took(seen.took);
    if let Some(cause) = seen.cause {
        meters.refusals.of([cause]).increase();
    }
}

/// One line with nothing in it that the sender typed.
fn log(seen: &Seen, req: &HttpRequest, web: &Web) {
    let is_wanted = match web.app.config.log.requests {
        LogRequests::Off => false,
        LogRequests::Errors => seen.is_error(),
        LogRequests::All => true,
    };
    if !is_wanted {
        return;
    }
    let (method, route, status) = (seen.method, seen.route, seen.status.as_u16());
    let ms = format!("{:.3}", seen.took.as_secs_f64() * 1000.0);
    tracing::info!(
        method = %method,
        route = %route,
        status,
        ms = %ms,
        address = %visitor::address(req, web).to_canonical(),
        user = seen.user.map(tracing::field::display),
        reference = seen.reference.as_deref().map(tracing::field::display),
        "answered"
    );
}

fn hand_over(trace: &Trace, seen: Seen, id: &RequestId, web: &Web) {
    let Some(traces) = web.app.traces() else { return };
    let is_secure = web.place.url.starts_with("https:");
    traces.put(trace.end(About {
        method: seen.method,
        route: seen.route,
        status: seen.status.as_u16(),
        request: id.to_string(),
        reference: seen.reference,
        scheme: if is_secure { "https" } else { "http" },
    }));
}
