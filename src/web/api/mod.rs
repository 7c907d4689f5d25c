//! LibreChat's HTTP API: same routes, bodies, cookies and texts.

use std::sync::Arc;

use actix_web::HttpRequest;
use actix_web::web::Data;

use crate::app::Failure;
use crate::domain::api_key::Need;
use crate::domain::refusal::Refusal;
use crate::domain::session::Identity;
use crate::web::reply::Reply;
use crate::web::{Web, guests, visitor};

pub mod auth;
pub mod backchannel;
pub mod config;
pub mod doctor;
pub mod health;
pub mod reset;
pub mod roles;
pub mod set_up_two_factor;
pub mod two_factor;
pub mod user;
pub mod verify;
pub mod view;
pub mod violations;

/// Whose access token came with the request: somebody who has logged in.
pub(in crate::web) async fn identity(req: &HttpRequest, web: &Web) -> Result<Arc<Identity>, Failure> {
    if visitor::api_key(req).is_some() {
        return Err(Refusal::Forbidden.into());
    }
    let who = anybody(req, web, Need::ApiRead).await?;
    if who.is_guest() {
        return Err(Refusal::Forbidden.into());
    }
    Ok(who)
}

/// Whose access token or API key came with the request, a guest's included: for what changes no account.
pub(in crate::web) async fn anybody(req: &HttpRequest, web: &Web, need: Need<'_>) -> Result<Arc<Identity>, Failure> {
    let who = holder(req, web, need).await?;
    visitor::note_user(req, who.account.id);
    Ok(who)
}

async fn holder(req: &HttpRequest, web: &Web, need: Need<'_>) -> Result<Arc<Identity>, Failure> {
    if let Some(key) = visitor::api_key(req) {
        // Apart: what every request takes is smaller then.
        return Box::pin(web.app.identify_key(key, need, &visitor::limit_key(req, web))).await;
    }
    let token = visitor::bearer(req).ok_or(Refusal::NoAccessToken)?;
    let is_welcome = guests::is_welcome(req, web, None);
    web.app.identify_bearer_or_guest(token, is_welcome).await
}

/// Every unknown path and method below `/api`: 404 in JSON.
///
/// # Errors
/// Always [`Refusal::NotFound`].
pub async fn not_found(_: Data<Web>) -> Reply {
    Err(Refusal::NotFound.into())
}
