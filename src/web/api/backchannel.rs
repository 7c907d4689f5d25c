//! `POST /oauth/{provider}/backchannel-logout`: a provider says that somebody logged out there (OpenID Connect Back-Channel
//! Logout 1.0). It comes from the provider itself: no cookie, no form token; the signed message is what counts.

use actix_web::http::StatusCode;
use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, HttpResponse};
use serde::Deserialize;
use serde_json::json;

use crate::app::federated_login::sign_out::NotTaken;
use crate::domain::refusal::LimitedAction;
use crate::web::extract::Body;
use crate::web::{Web, reply, visitor};

#[derive(Default, Deserialize)]
struct Message {
    #[serde(default)]
    logout_token: String,
}

/// `POST /oauth/{provider}/backchannel-logout`: 200, or 400 with the reason (§2.8).
pub async fn told(web: Data<Web>, req: HttpRequest, provider: Path<String>, body: Body) -> HttpResponse {
    let quota = web
        .app
        .take_quota(LimitedAction::BackChannel, &visitor::limit_key(&req, &web));
    if quota.check().is_err() {
        // Not counted as a violation: whoever sends too much here may be the provider itself.
        let busy = refused(
            StatusCode::TOO_MANY_REQUESTS,
            "too many messages; try again in a minute",
        );
        return reply::with_quota(busy, &quota);
    }
    let message: Message = body.parse().unwrap_or_default();
    if message.logout_token.is_empty() {
        return refused(StatusCode::BAD_REQUEST, "there is no logout_token in a form");
    }
    let origin = visitor::origin(&req, &web);
    match web.app.told_of_logout(&provider, &message.logout_token, &origin).await {
        Ok(_) => reply::respond(StatusCode::OK).finish(),
        Err(NotTaken::NoProvider) => refused(StatusCode::NOT_FOUND, "there is no such provider here"),
        Err(NotTaken::Refused(why)) => refused(StatusCode::BAD_REQUEST, &why),
        Err(NotTaken::Failed(failure)) => reply::failed(&failure),
    }
}

fn refused(status: StatusCode, why: &str) -> HttpResponse {
    reply::respond(status).json(json!({ "error": "invalid_request", "error_description": why }))
}
