//! `/register`, also with the token of an invitation.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse};
use serde::Deserialize;

use crate::app::invitations::Standing;
use crate::app::{Failure, register};
use crate::domain::email::Email;
use crate::domain::field::{Issue, Rule};
use crate::domain::invitation::State as InvitationState;
use crate::domain::refusal::{LimitedAction, Refusal};
use crate::domain::secret::Secret;
use crate::web::extract::Body;
use crate::web::pages::{FormCheck, Page, Scene, State};
use crate::web::reply;
use crate::web::views::{DeadLink, FieldErrors, Offer, Register};

#[derive(Default, Deserialize)]
struct Asked {
    #[serde(default)]
    token: String,
}

/// `GET /register`, `GET /register?token=…`
pub async fn show(web: State, req: HttpRequest) -> HttpResponse {
    let scene = Scene::open(&web, &req);
    let outcome = async {
        if scene.identity().await?.is_some() {
            return Ok(scene.to("/"));
        }
        let token = scene.query::<Asked>().token;
        if !token.is_empty() {
            scene.keep_address_to_ourselves();
        }
        let standing = web.app.invitation_standing(&token).await?;
        let form = Form {
            token,
            email: invited_address(&standing).map(Email::to_string).unwrap_or_default(),
            ..Form::default()
        };
        offered(&scene, &form, &standing, FieldErrors::default(), StatusCode::OK)
    };
    scene.finish(outcome.await)
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Form {
    #[serde(default)]
    csrf: String,
    #[serde(default)]
    token: String,
    #[serde(default)]
    name: String,
    #[serde(default)]
    username: String,
    #[serde(default)]
    email: String,
    #[serde(default)]
    password: String,
    #[serde(default)]
    confirm_password: String,
}

/// `POST /register`
pub async fn submit(web: State, req: HttpRequest, body: Body) -> HttpResponse {
    let scene = Scene::open(&web, &req);
    let quota = web.app.take_quota(LimitedAction::Register, &scene.limit_key());
    let outcome = async {
        quota.check()?;
        scene.same_site()?;
        let form: Form = body.parse()?;
        if !form.token.is_empty() {
            scene.keep_address_to_ourselves();
        }
        if scene.check_form(&form.csrf) != FormCheck::Good {
            let errors = FieldErrors::of_form(scene.lang.texts().form_expired.to_owned());
            return refused(&scene, &form, errors).await;
        }
        register(&scene, &form).await
    };
    reply::with_quota(scene.finish(outcome.await), &quota)
}

async fn register(scene: &Scene<'_>, form: &Form) -> Page {
    let texts = scene.lang.texts();
    let wanted = register::Form {
        name: form.name.clone(),
        username: Some(form.username.clone()),
        email: form.email.trim().to_owned(),
        password: Secret::new(form.password.as_str()),
        confirm_password: Secret::new(form.confirm_password.as_str()),
    };
    let app = &scene.web.app;
    let outcome = async {
        let admission = app.admit_registration(&form.token).await?.speaking(scene.lang);
        let next = if app.asks_for_proof(&admission) {
            "/login?notice=check_mail"
        } else if app.waits_for_approval(&admission) {
            "/login?notice=waiting"
        } else {
            "/login?notice=registered"
        };
        app.register(wanted, admission, &scene.origin()).await?;
        Ok(next)
    };
    let errors = match outcome.await {
        Ok(next) => return Ok(scene.to(next)),
        Err(Failure::Refused(Refusal::Invalid(issues))) => FieldErrors::of(&issues, texts),
        Err(Failure::Refused(Refusal::DomainNotAllowed)) => {
            FieldErrors::of(&[Issue::new("email", Rule::DomainNotAllowed)], texts)
        }
        // Unless it is over, in which case the page says so, the invitation is for somebody else.
        Err(Failure::Refused(Refusal::InviteInvalid)) => FieldErrors {
            email: Some(texts.registration.not_your_invitation.to_owned()),
            ..FieldErrors::default()
        },
        Err(Failure::Refused(Refusal::RegistrationClosed)) => FieldErrors::default(),
        Err(other) => return Err(other),
    };
    refused(scene, form, errors).await
}

/// The form again, or why there is none any more.
async fn refused(scene: &Scene<'_>, form: &Form, errors: FieldErrors) -> Page {
    let standing = scene.web.app.invitation_standing(&form.token).await?;
    offered(scene, form, &standing, errors, StatusCode::BAD_REQUEST)
}

/// The page for this visitor; `status` is that of a form.
fn offered(scene: &Scene<'_>, form: &Form, standing: &Standing, errors: FieldErrors, status: StatusCode) -> Page {
    let offer = offer(standing, scene.web.app.registration_open());
    let view = || Register {
        frame: scene.frame(None),
        offer,
        token: &form.token,
        name: &form.name,
        username: &form.username,
        email: &form.email,
        min_length: scene.web.app.config.password.min_length,
        errors,
    };
    match offer {
        Offer::Anybody | Offer::Invited { .. } => scene.page(status, &view()),
        Offer::Closed => scene.refusal_page(&Refusal::RegistrationClosed, view),
        Offer::Dead { .. } => scene.refusal_page(&Refusal::InviteInvalid, view),
    }
}

fn offer(standing: &Standing, is_open: bool) -> Offer {
    let dead = |link| Offer::Dead { link, is_open };
    match standing {
        Standing::None if is_open => Offer::Anybody,
        Standing::None => Offer::Closed,
        Standing::Open(invitation) => Offer::Invited {
            bound: invitation.address().is_some(),
        },
        Standing::Over(InvitationState::UsedUp) => dead(DeadLink::UsedUp),
        Standing::Over(InvitationState::Expired) => dead(DeadLink::Expired),
        Standing::Over(InvitationState::Revoked) => dead(DeadLink::Revoked),
        Standing::Over(InvitationState::Open) | Standing::Unknown => dead(DeadLink::Unknown),
    }
}

fn invited_address(standing: &Standing) -> Option<&Email> {
    match standing {
        Standing::Open(invitation) => invitation.address(),
        Standing::None | Standing::Over(_) | Standing::Unknown => None,
    }
}
