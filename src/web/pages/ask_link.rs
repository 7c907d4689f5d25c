//! `/forgot-password` and `/verify/resend`. The answer is the same for every address.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse};
use serde::Deserialize;

use crate::app::Failure;
use crate::domain::email::Email;
use crate::domain::field::{Issue, Rule};
use crate::domain::refusal::{LimitedAction, Refusal};
use crate::web::extract::Body;
use crate::web::pages::{FormCheck, Page, Scene, State};
use crate::web::reply;
use crate::web::views::{AskFor, AskLink, AskState, FieldErrors};

#[derive(Default, Deserialize)]
struct Asked {
    /// Set, whatever its value, once something was sent.
    sent: Option<String>,
}

/// `GET /forgot-password`
pub async fn show_reset(web: State, req: HttpRequest) -> HttpResponse {
    show(&Scene::open(&web, &req), AskFor::Reset)
}

/// `GET /verify/resend`
pub async fn show_verification(web: State, req: HttpRequest) -> HttpResponse {
    show(&Scene::open(&web, &req), AskFor::Verification)
}

fn show(scene: &Scene<'_>, purpose: AskFor) -> HttpResponse {
    let state = match scene.query::<Asked>().sent {
        _ if !is_offered(scene, purpose) => unavailable(scene),
        Some(_) => AskState::Sent,
        None => AskState::Form,
    };
    scene.finish(scene.page(StatusCode::OK, &view(scene, purpose, state)))
}

fn is_offered(scene: &Scene<'_>, purpose: AskFor) -> bool {
    match purpose {
        AskFor::Reset => scene.web.app.reset_is_offered(),
        AskFor::Verification => scene.web.app.config.mail.is_configured(),
    }
}

fn unavailable(scene: &Scene<'_>) -> AskState {
    AskState::Unavailable {
        contact: scene.live.moderation.contact.clone(),
    }
}

fn view<'s>(scene: &'s Scene<'_>, purpose: AskFor, state: AskState) -> AskLink<'s> {
    AskLink {
        frame: scene.frame(None),
        purpose,
        state,
        email: "",
        errors: FieldErrors::default(),
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Form {
    #[serde(default)]
    csrf: String,
    #[serde(default)]
    email: String,
}

/// `POST /forgot-password`
pub async fn ask_reset(web: State, req: HttpRequest, body: Body) -> HttpResponse {
    ask(&Scene::open(&web, &req), AskFor::Reset, body).await
}

/// `POST /verify/resend`
pub async fn ask_verification(web: State, req: HttpRequest, body: Body) -> HttpResponse {
    ask(&Scene::open(&web, &req), AskFor::Verification, body).await
}

async fn ask(scene: &Scene<'_>, purpose: AskFor, body: Body) -> HttpResponse {
    let action = match purpose {
        AskFor::Reset => LimitedAction::ResetPassword,
        AskFor::Verification => LimitedAction::VerifyEmail,
    };
    let quota = scene.web.app.take_quota(action, &scene.limit_key());
    let outcome = async {
        quota.check()?;
        scene.same_site()?;
        let form: Form = body.parse()?;
        let errors = if scene.check_form(&form.csrf) == FormCheck::Good {
            match send(scene, purpose, &form.email).await {
                Ok(response) => return Ok(response),
                Err(Failure::Refused(Refusal::Invalid(issues))) => FieldErrors::of(&issues, scene.lang.texts()),
                Err(other) => return Err(other),
            }
        } else {
            FieldErrors::of_form(scene.lang.texts().form_expired.to_owned())
        };
        let again = AskLink {
            email: &form.email,
            errors,
            ..view(scene, purpose, AskState::Form)
        };
        scene.page(StatusCode::BAD_REQUEST, &again)
    };
    let outcome = outcome.await;
    reply::with_quota(scene.finish(outcome), &quota)
}

async fn send(scene: &Scene<'_>, purpose: AskFor, email: &str) -> Page {
    if !is_offered(scene, purpose) {
        let refusal = match purpose {
            AskFor::Reset => Refusal::ResetNotOffered,
            AskFor::Verification => Refusal::NoMail,
        };
        return scene.refusal_page(&refusal, || view(scene, purpose, unavailable(scene)));
    }
    let invalid = |_| Refusal::Invalid(vec![Issue::new("email", Rule::InvalidEmail)]);
    let email = Email::parse(email.trim()).map_err(invalid)?;
    let (app, origin) = (&scene.web.app, scene.origin());
    match purpose {
        AskFor::Reset => app.ask_reset(email, &origin).await?,
        AskFor::Verification => app.ask_verification(email, &origin).await?,
    }
    Ok(scene.to(match purpose {
        AskFor::Reset => "/forgot-password?sent=1",
        AskFor::Verification => "/verify/resend?sent=1",
    }))
}
