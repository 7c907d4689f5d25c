//! Error pages: 400, 403, 404, 429, 500, 503.

use actix_web::http::StatusCode;
use actix_web::http::header::RETRY_AFTER;
use actix_web::{HttpRequest, HttpResponse};

use crate::app::Failure;
use crate::domain::refusal::Refusal;
use crate::web::pages::{Scene, State};
use crate::web::reply;
use crate::web::views::{ErrorKind, ErrorPage};

/// Every path that leads nowhere.
pub async fn not_found(web: State, req: HttpRequest) -> HttpResponse {
    page(&Scene::open(&web, &req), &Refusal::NotFound.into())
}

/// The page for what went wrong.
#[must_use]
pub fn page(scene: &Scene<'_>, failure: &Failure) -> HttpResponse {
    let (status, kind, reference, wait) = match failure {
        Failure::Refused(refusal) => (
            reply::status(refusal),
            kind(scene, refusal),
            None,
            reply::retry_after(refusal),
        ),
        Failure::Fault(fault) => {
            fault.log();
            (
                StatusCode::INTERNAL_SERVER_ERROR,
                ErrorKind::Internal,
                Some(fault.reference()),
                None,
            )
        }
    };
    let view = ErrorPage {
        frame: scene.frame(None),
        status: status.as_u16(),
        kind,
        reference,
    };
    // If even this page cannot be rendered, the API's answer is still an answer.
    let mut response = scene
        .page(status, &view)
        .unwrap_or_else(|broken| reply::failed(&broken));
    if let Some(wait) = wait {
        response.headers_mut().insert(RETRY_AFTER, wait);
    }
    response
}

fn kind(scene: &Scene<'_>, refusal: &Refusal) -> ErrorKind {
    match refusal {
        Refusal::CrossSite => ErrorKind::CrossSite {
            here: scene.here(),
            public_url: scene.web.place.url.clone(),
        },
        Refusal::NotFound => ErrorKind::NotFound,
        Refusal::TooMany(excess) => ErrorKind::TooMany {
            minutes: excess.window_minutes,
        },
        Refusal::Busy => ErrorKind::Busy,
        other if reply::status(other) == StatusCode::FORBIDDEN => ErrorKind::Forbidden,
        _ => ErrorKind::BadRequest,
    }
}
