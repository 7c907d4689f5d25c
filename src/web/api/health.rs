//! Probes for supervisors and proxies.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::web::Data;

use crate::web::Web;
use crate::web::reply;

fn text(status: StatusCode, body: &'static str) -> HttpResponse {
    reply::respond(status)
        .content_type("text/plain; charset=utf-8")
        .body(body)
}

/// `GET /health` and `GET /livez`: the process answers.
pub async fn live(_: Data<Web>) -> HttpResponse {
    text(StatusCode::OK, "OK")
}

/// `GET /readyz`: the database answers too.
pub async fn ready(web: Data<Web>) -> HttpResponse {
    if web.app.is_ready().await {
        text(StatusCode::OK, "OK")
    } else {
        text(StatusCode::SERVICE_UNAVAILABLE, "NOT_READY")
    }
}
