//! Error pages: 400, 403, 404, 429, 500, 503.

use actix_web::http::StatusCode;
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

/// The page for whoever may not open another program's page.
#[must_use]
pub fn not_admitted(scene: &Scene<'_>, failure: &Failure, email: Option<&str>) -> HttpResponse {
    let who = email.map(str::to_owned);
    rendered(scene, failure, StatusCode::FORBIDDEN, ErrorKind::NotAdmitted { who })
}

/// The page for what went wrong.
#[must_use]
pub fn page(scene: &Scene<'_>, failure: &Failure) -> HttpResponse {
    let (status, kind) = match failure {
        Failure::Refused(refusal) => {
            scene.refer_as(refusal);
            (reply::status(refusal), kind(scene, refusal))
        }
        Failure::Fault(fault) => {
            fault.log();
            scene.refer_to(fault.reference());
            (StatusCode::INTERNAL_SERVER_ERROR, ErrorKind::Internal)
        }
    };
    rendered(scene, failure, status, kind)
}

fn rendered(scene: &Scene<'_>, failure: &Failure, status: StatusCode, kind: ErrorKind) -> HttpResponse {
    let view = ErrorPage {
        frame: scene.frame(None),
        status: status.as_u16(),
        kind,
    };
    // If even this page cannot be rendered, the API's answer is still an answer.
    let mut response = scene
        .page(status, &view)
        .unwrap_or_else(|broken| reply::failed(&broken));
    if let Failure::Refused(refusal) = failure {
        reply::explain(&mut response, refusal);
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
        Refusal::Banned(sentence) => ErrorKind::Banned {
            until: sentence.ends_at.map(|end| scene.lang.texts().moment(end)),
            contact: scene.live.moderation.contact.clone(),
        },
        other if reply::status(other) == StatusCode::FORBIDDEN => ErrorKind::Forbidden,
        _ => ErrorKind::BadRequest,
    }
}
