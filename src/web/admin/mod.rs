//! The administration: pages below `/admin` and routes below `/api/admin`, and the gate before all of them.
//!
//! ```text
//!   to look    ADMIN or AUDITOR
//!   to change  ADMIN, from one of our own pages, confirmed within the last quarter of an hour
//! ```
//!
//! Everything that is done here is a use case of `app` that the command line has too.

use std::sync::Arc;

use actix_web::http::StatusCode;

use crate::app::Failure;
use crate::app::audit::Actor;
use crate::app::second_factor::change::Change;
use crate::domain::refusal::Refusal;
use crate::domain::second_factor::Answer;
use crate::domain::secret::Secret;
use crate::domain::session::Identity;
use crate::web::extract::Fields;
use crate::web::pages::{FormCheck, Page, Scene, code, connections};
use crate::web::reply;
use crate::web::views::admin::{AdminConfirm, Bar, Section};
use crate::web::views::{FieldErrors, Presence};

pub mod api;
pub mod audit_file;
pub mod audit_query;
pub mod jobs;
pub mod list_query;
pub mod openapi;
pub mod pages;
pub mod policy_form;
pub mod routes;
pub mod subjects;

/// Fields of the page that asks for a confirmation, beside those of the form that it interrupts.
const PASSWORD: &str = "confirm_it_is_you_password";
const CODE: &str = "confirm_it_is_you_code";

/// An admin who may change something now.
#[derive(Debug)]
pub struct Changer {
    /// Who.
    pub who: Arc<Identity>,
    /// The same, for use cases and the audit log.
    pub by: Actor,
}

/// Shows a page to an admin or an auditor. To everybody else there is no such page.
///
/// # Errors
/// [`Refusal::NotFound`], and whatever `show` fails with.
pub async fn reading<F>(scene: &Scene<'_>, show: F) -> Page
where
    F: AsyncFnOnce(&Identity) -> Page,
{
    let Some(who) = scene.identity().await? else {
        return Ok(scene.to_login_and_back());
    };
    if who.account.role.may_read_admin() {
        show(&who).await
    } else {
        Err(Refusal::NotFound.into())
    }
}

/// Runs a form of an admin. If a confirmation is due, a page asks for it and carries the form along.
///
/// # Errors
/// [`Refusal::CrossSite`]; [`Refusal::NotFound`] for whoever may not even look; [`Refusal::Forbidden`] for an auditor; and
/// whatever `act` fails with.
pub async fn changing<F>(scene: &Scene<'_>, fields: Result<Fields, Refusal>, act: F) -> Page
where
    F: AsyncFnOnce(&Changer, Fields) -> Page,
{
    scene.same_site()?;
    let Some(who) = scene.identity().await? else {
        return Ok(scene.to_login());
    };
    let role = &who.account.role;
    if !role.is_admin() {
        let answer = if role.may_read_admin() {
            Refusal::Forbidden
        } else {
            Refusal::NotFound
        };
        return Err(answer.into());
    }
    let mut fields = fields?;
    if scene.check_form(&fields.take("csrf")) != FormCheck::Good {
        return Err(Refusal::CrossSite.into());
    }
    let (password, code) = (fields.take(PASSWORD), fields.take(CODE));
    if scene.web.app.confirmed_until(&who).is_none() {
        if password.is_empty() && code.is_empty() {
            return confirmation(scene, StatusCode::FORBIDDEN, &who, (&fields, FieldErrors::default())).await;
        }
        if let Some(again) = confirm(scene, &who, (&password, &code), &fields).await? {
            return Ok(again);
        }
    }
    let by = Actor::Admin {
        id: who.account.id,
        origin: scene.origin(),
    };
    act(&Changer { who, by }, fields).await
}

/// Takes a confirmation; answers with the page that asks again if it is not right.
async fn confirm(
    scene: &Scene<'_>,
    who: &Identity,
    (password, code): (&str, &str),
    fields: &Fields,
) -> Result<Option<actix_web::HttpResponse>, Failure> {
    let (app, origin) = (&scene.web.app, scene.origin());
    let mut quota = app.take_confirmation(who);
    let change = Change {
        who,
        answer: Answer::parse_either(code),
        origin: &origin,
    };
    let refusal = match app.confirm(change, Secret::new(password), &mut quota).await {
        Ok(_) => return Ok(None),
        Err(Failure::Refused(refusal)) => refusal,
        Err(fault) => return Err(fault),
    };
    let Some(errors) = code::errors(&refusal, scene.lang.texts()) else {
        return Err(refusal.into());
    };
    let status = match refusal {
        Refusal::TooMany(_) | Refusal::Busy => reply::status(&refusal),
        _ => StatusCode::BAD_REQUEST,
    };
    let mut response = confirmation(scene, status, who, (fields, errors)).await?;
    reply::explain(&mut response, &refusal);
    Ok(Some(reply::with_quota(response, &quota)))
}

async fn confirmation(
    scene: &Scene<'_>,
    status: StatusCode,
    who: &Identity,
    (fields, errors): (&Fields, FieldErrors),
) -> Page {
    let needs_code = who.account.two_factor_at.is_some();
    let presence = match connections::presence(scene, who, "/admin").await? {
        // The code alone is proof enough for an account without a password.
        presence if needs_code && !presence.has_password => Presence {
            again: None,
            ..presence
        },
        presence => presence,
    };
    let view = AdminConfirm {
        frame: scene.frame(Some(&who.account.name)),
        email: who.account.email.as_str(),
        presence,
        needs_code,
        errors,
        action: scene.path(),
        carried: fields.pairs(),
    };
    scene.page(status, &view)
}

/// What all pages of the administration show around their content.
#[must_use]
pub fn bar(who: &Identity, section: Section, flash: Option<String>) -> Bar {
    Bar {
        section,
        may_change: who.account.role.is_admin(),
        flash,
    }
}
