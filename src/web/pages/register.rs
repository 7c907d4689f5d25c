//! `/register`.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse};
use serde::Deserialize;

use crate::app::{Failure, register};
use crate::domain::field::{Issue, Rule};
use crate::domain::refusal::{LimitedAction, Refusal};
use crate::domain::secret::Secret;
use crate::web::extract::Body;
use crate::web::pages::{FormCheck, Page, Scene, State};
use crate::web::reply;
use crate::web::views::{FieldErrors, Register};

/// `GET /register`
pub async fn show(web: State, req: HttpRequest) -> HttpResponse {
    let scene = Scene::open(&web, &req);
    let outcome = async {
        if scene.identity().await?.is_some() {
            return Ok(scene.to("/"));
        }
        let form = Form::default();
        if web.app.registration_open() {
            scene.page(StatusCode::OK, &view(&scene, &form, FieldErrors::default()))
        } else {
            closed(&scene, &form)
        }
    };
    scene.finish(outcome.await)
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Form {
    #[serde(default)]
    csrf: String,
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
        if scene.check_form(&form.csrf) != FormCheck::Good {
            let errors = FieldErrors::of_form(scene.lang.texts().form_expired.to_owned());
            return scene.page(StatusCode::BAD_REQUEST, &view(&scene, &form, errors));
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
    let errors = match scene.web.app.register(wanted, &scene.origin()).await {
        Ok(()) => return Ok(scene.to("/login?notice=registered")),
        Err(Failure::Refused(Refusal::Invalid(issues))) => FieldErrors::of(&issues, texts),
        Err(Failure::Refused(Refusal::DomainNotAllowed)) => {
            FieldErrors::of(&[Issue::new("email", Rule::DomainNotAllowed)], texts)
        }
        Err(Failure::Refused(Refusal::RegistrationClosed)) => return closed(scene, form),
        Err(other) => return Err(other),
    };
    scene.page(StatusCode::BAD_REQUEST, &view(scene, form, errors))
}

fn closed(scene: &Scene<'_>, form: &Form) -> Page {
    scene.refusal_page(&Refusal::RegistrationClosed, || {
        view(scene, form, FieldErrors::default())
    })
}

fn view<'s>(scene: &'s Scene<'_>, form: &'s Form, errors: FieldErrors) -> Register<'s> {
    Register {
        frame: scene.frame(None),
        name: &form.name,
        username: &form.username,
        email: &form.email,
        min_length: scene.web.app.config.password.min_length,
        errors,
        closed: !scene.web.app.registration_open(),
    }
}
