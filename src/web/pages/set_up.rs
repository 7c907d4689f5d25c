//! `/setup`: the owner makes the first admin. Afterwards there is no such page.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse};
use serde::Deserialize;

use crate::app::set_up::{SetUp, Stage};
use crate::app::{Failure, register};
use crate::domain::refusal::Refusal;
use crate::domain::secret::{Secret, Token};
use crate::web::extract::Body;
use crate::web::pages::{FormCheck, Page, Scene, State};
use crate::web::reply;
use crate::web::views::{FieldErrors, Setup, SetupState};

#[derive(Default, Deserialize)]
struct Asked {
    #[serde(default)]
    token: String,
}

/// `GET /setup?token=…`
pub async fn show(web: State, req: HttpRequest) -> HttpResponse {
    let scene = Scene::open(&web, &req);
    let outcome = async {
        let form = Form {
            token: scene.query::<Asked>().token,
            ..Form::default()
        };
        match web.app.set_up_stage(Token::parse(&form.token).as_ref()).await? {
            Stage::Done => Err(Refusal::NotFound.into()),
            Stage::Open => scene.page(
                StatusCode::OK,
                &view(&scene, &form, SetupState::Form, FieldErrors::default()),
            ),
            Stage::Waiting => waiting(&scene, &form),
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
    token: String,
    #[serde(default)]
    name: String,
    #[serde(default)]
    email: String,
    #[serde(default)]
    password: String,
    #[serde(default)]
    confirm_password: String,
    /// A ticked box, whatever its value.
    registration: Option<String>,
}

/// `POST /setup`
pub async fn submit(web: State, req: HttpRequest, body: Body) -> HttpResponse {
    let scene = Scene::open(&web, &req);
    let outcome = async {
        scene.same_site()?;
        let form: Form = body.parse()?;
        if web.app.set_up_stage(None).await? == Stage::Done {
            return Err(Refusal::NotFound.into());
        }
        if scene.check_form(&form.csrf) != FormCheck::Good {
            let errors = FieldErrors::of_form(scene.lang.texts().form_expired.to_owned());
            return scene.page(StatusCode::BAD_REQUEST, &view(&scene, &form, SetupState::Form, errors));
        }
        set_up(&scene, &form).await
    };
    scene.finish(outcome.await)
}

async fn set_up(scene: &Scene<'_>, form: &Form) -> Page {
    let wanted = SetUp {
        token: Token::parse(&form.token),
        form: register::Form {
            name: form.name.clone(),
            username: None,
            email: form.email.trim().to_owned(),
            password: Secret::new(form.password.as_str()),
            confirm_password: Secret::new(form.confirm_password.as_str()),
        },
        registration: form.registration.is_some(),
        lang: scene.lang,
    };
    match scene.web.app.set_up(wanted, scene.origin()).await {
        Ok(signed_in) => Ok(reply::with_cookies(
            scene.to("/"),
            scene.web.place.signed_in(&signed_in),
        )),
        Err(Failure::Refused(Refusal::Invalid(issues))) => {
            let errors = FieldErrors::of(&issues, scene.lang.texts());
            scene.page(StatusCode::BAD_REQUEST, &view(scene, form, SetupState::Form, errors))
        }
        Err(Failure::Refused(Refusal::BadSetUpToken)) => waiting(scene, form),
        Err(other) => Err(other),
    }
}

fn waiting(scene: &Scene<'_>, form: &Form) -> Page {
    scene.refusal_page(&Refusal::BadSetUpToken, || {
        view(scene, form, SetupState::Pending, FieldErrors::default())
    })
}

fn view<'s>(scene: &'s Scene<'_>, form: &'s Form, state: SetupState, errors: FieldErrors) -> Setup<'s> {
    Setup {
        frame: scene.frame(None),
        token: &form.token,
        state,
        name: &form.name,
        email: &form.email,
        registration_open: form.registration.is_some(),
        min_length: scene.web.app.config.password.min_length,
        errors,
    }
}
