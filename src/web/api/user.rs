//! `/api/user`: the account behind the access token.

use actix_web::HttpRequest;
use actix_web::web::Data;
use serde::Deserialize;
use serde_json::json;

use crate::app::second_factor::change::Change;
use crate::domain::api_key::Need;
use crate::web::api::two_factor::answer;
use crate::web::api::view::UserView;
use crate::web::api::{anybody, identity};
use crate::web::extract::{Body, Field, Nothing};
use crate::web::reply::{self, Reply};
use crate::web::{Web, guard, visitor};

/// `GET /api/user`
///
/// # Errors
/// 401 without a valid access token.
pub async fn show(web: Data<Web>, req: HttpRequest) -> Reply {
    let who = anybody(&req, &web, Need::ApiRead).await?;
    Ok(reply::ok(&UserView::new(&who.account, &web.place)))
}

/// `GET /api/user/terms`
///
/// # Errors
/// 401 without a valid access token.
pub async fn terms(web: Data<Web>, req: HttpRequest) -> Reply {
    let accepted_at = anybody(&req, &web, Need::ApiRead).await?.account.terms_accepted_at;
    let body = json!({
        "termsAccepted": accepted_at.is_some(),
        "termsAcceptedAt": accepted_at.map(|at| at.to_string()),
    });
    Ok(reply::ok(&body))
}

/// `POST /api/user/terms/accept`
///
/// # Errors
/// 401 without a valid access token.
pub async fn accept_terms(web: Data<Web>, req: HttpRequest, body: Body) -> Reply {
    let who = anybody(&req, &web, Need::ApiWrite).await?;
    body.parse::<Nothing>()?;
    let accepted_at = web.app.accept_terms(who.account.key).await?;
    let body = json!({ "message": "Terms accepted successfully", "termsAcceptedAt": accepted_at.to_string() });
    Ok(reply::ok(&body))
}

/// What LibreChat's client may send when it deletes an account; both belong to the second factor.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct DeleteForm {
    #[serde(default)]
    token: Field,
    #[serde(default, rename = "backupCode")]
    backup_code: Field,
}

/// `DELETE /api/user/delete`
///
/// # Errors
/// 401 without a valid access token; 403 if deletion is switched off or this is the last admin.
pub async fn delete(web: Data<Web>, req: HttpRequest, body: Body) -> Reply {
    guard::same_site(&req, &web.place)?;
    let who = identity(&req, &web).await?;
    let form = body.parse::<DeleteForm>()?;
    let change = Change {
        who: &who,
        answer: answer(form.token, form.backup_code),
        origin: &visitor::origin(&req, &web),
    };
    web.app.delete_self(change, None).await?;
    let response = reply::ok(&json!({ "message": "User deleted" }));
    Ok(reply::with_cookies(response, web.place.signed_out()))
}
