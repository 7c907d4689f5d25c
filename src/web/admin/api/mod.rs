//! `/api/admin`: everything the admin pages do, for programs. LibreChat's routes keep its bodies and texts.

use std::sync::Arc;

use actix_web::HttpRequest;

use crate::app::Failure;
use crate::app::audit::Actor;
use crate::domain::api_key::Need;
use crate::domain::refusal::Refusal;
use crate::domain::session::Identity;
use crate::web::admin::Changer;
use crate::web::api::anybody;
use crate::web::{Web, guard, visitor};

pub mod audit;
pub mod bans;
pub mod confirm;
pub mod invitations;
pub mod mail;
pub mod overview;
pub mod providers;
pub mod sessions;
pub mod settings;
pub mod users;

/// Who wants to look: an admin or an auditor, with an access token or an API key that reads administration.
///
/// # Errors
/// 401 without either; [`Refusal::Forbidden`] for everybody else.
pub async fn reader(req: &HttpRequest, web: &Web) -> Result<Arc<Identity>, Failure> {
    let who = anybody(req, web, Need::AdminRead).await?;
    if who.account.role.may_read_admin() && !who.is_guest() {
        Ok(who)
    } else {
        Err(Refusal::Forbidden.into())
    }
}

/// Who wants to change something: an admin, with an access token and a recent confirmation, or with an API key that
/// administers, whose making was confirmed.
///
/// # Errors
/// [`Refusal::CrossSite`]; 401 without token and key; [`Refusal::Forbidden`] for everybody else;
/// [`Refusal::ConfirmationDue`].
pub async fn changer(req: &HttpRequest, web: &Web) -> Result<Changer, Failure> {
    guard::same_site(req, &web.place)?;
    let who = anybody(req, web, Need::AdminWrite).await?;
    if !who.account.role.is_admin() || who.is_guest() {
        return Err(Refusal::Forbidden.into());
    }
    if visitor::api_key(req).is_none() && web.app.confirmed_until(&who).is_none() {
        return Err(Refusal::ConfirmationDue.into());
    }
    let by = Actor::Admin {
        id: who.account.id,
        origin: visitor::origin(req, web),
    };
    Ok(Changer { who, by })
}
