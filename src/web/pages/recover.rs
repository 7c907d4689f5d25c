//! `/recover`: opens from a link that was made at the console, changes nothing until its form is sent. It logs nobody in:
//! the next login asks for the second factor as ever.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse};
use serde::Deserialize;

use crate::app::Failure;
use crate::app::reset_password::{NewPassword, ResetLink};
use crate::domain::refusal::{LimitedAction, Refusal};
use crate::domain::secret::Secret;
use crate::web::extract::Body;
use crate::web::pages::{FormCheck, Page, Scene, State};
use crate::web::reply;
use crate::web::views::{FieldErrors, ResetPassword, ResetState};

#[derive(Default, Deserialize)]
struct Asked {
    #[serde(default)]
    token: String,
}

/// `GET /recover?token=…`
pub async fn show(web: State, req: HttpRequest) -> HttpResponse {
    let scene = Scene::open(&web, &req);
    scene.keep_address_to_ourselves();
    let outcome = async {
        let token = scene.query::<Asked>().token;
        form_page(&scene, StatusCode::OK, &token, FieldErrors::default()).await
    };
    scene.finish(outcome.await)
}

/// The form, if the link is good.
async fn form_page(scene: &Scene<'_>, status: StatusCode, token: &str, errors: FieldErrors) -> Page {
    let link = ResetLink::parse_recovery(token);
    match scene.web.app.look_at_reset(link.as_ref()).await {
        Ok(owner) => {
            let state = ResetState::Recovery {
                token: token.to_owned(),
                email: owner.email.to_string(),
            };
            scene.page(status, &view(scene, state, errors))
        }
        Err(Failure::Refused(Refusal::BadResetLink | Refusal::ResetNotOffered)) => dead(scene),
        Err(other) => Err(other),
    }
}

fn dead(scene: &Scene<'_>) -> Page {
    scene.refusal_page(&Refusal::BadResetLink, || {
        view(scene, ResetState::RecoveryDead, FieldErrors::default())
    })
}

fn view<'s>(scene: &'s Scene<'_>, state: ResetState, errors: FieldErrors) -> ResetPassword<'s> {
    ResetPassword {
        frame: scene.frame(None),
        state,
        min_length: scene.web.app.config.password.min_length,
        errors,
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Form {
    #[serde(default)]
    csrf: String,
    #[serde(default)]
    token: String,
    #[serde(default)]
    password: String,
    #[serde(default)]
    confirm_password: String,
}

/// `POST /recover`
pub async fn submit(web: State, req: HttpRequest, body: Body) -> HttpResponse {
    let scene = Scene::open(&web, &req);
    scene.keep_address_to_ourselves();
    let quota = web
        .app
        .take_quota(LimitedAction::ResetPasswordSubmission, &scene.limit_key());
    let outcome = async {
        quota.check()?;
        scene.same_site()?;
        let form: Form = body.parse()?;
        if scene.check_form(&form.csrf) != FormCheck::Good {
            let errors = FieldErrors::of_form(scene.lang.texts().form_expired.to_owned());
            return form_page(&scene, StatusCode::BAD_REQUEST, &form.token, errors).await;
        }
        redeem(&scene, form).await
    };
    let outcome = outcome.await;
    reply::with_quota(scene.finish(outcome), &quota)
}

async fn redeem(scene: &Scene<'_>, form: Form) -> Page {
    let link = ResetLink::parse_recovery(&form.token);
    let new = NewPassword {
        password: Secret::new(form.password),
        confirm: Some(Secret::new(form.confirm_password)),
    };
    match scene.web.app.redeem_reset(link, new, &scene.origin()).await {
        // Whoever is signed in here with the old password is so no longer.
        Ok(_) => Ok(reply::with_cookies(
            scene.to("/login?notice=password_reset"),
            scene.web.place.signed_out(),
        )),
        Err(Failure::Refused(Refusal::Invalid(issues))) => {
            let errors = FieldErrors::of(&issues, scene.lang.texts());
            form_page(scene, StatusCode::BAD_REQUEST, &form.token, errors).await
        }
        Err(Failure::Refused(Refusal::BadResetLink | Refusal::ResetNotOffered)) => dead(scene),
        Err(other) => Err(other),
    }
}
