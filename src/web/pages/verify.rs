//! `/verify`: opens from a link, changes nothing until its button is pressed.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse};
use serde::Deserialize;

use crate::app::Failure;
use crate::app::change_email::ChangeLink;
use crate::app::verify_email::VerificationLink;
use crate::domain::email_change::{Confirmed, Obstacle};
use crate::domain::refusal::{LimitedAction, Refusal};
use crate::web::extract::Body;
use crate::web::pages::{FormCheck, Page, Scene, State};
use crate::web::reply;
use crate::web::views::{Verify, VerifyState};

/// How LibreChat's links say that they are about a change of address.
const EMAIL_CHANGE: &str = "email-change";

#[derive(Default, Deserialize)]
struct Asked {
    #[serde(default, rename = "type")]
    kind: String,
    #[serde(default)]
    email: String,
    #[serde(default)]
    token: String,
    #[serde(default, rename = "userId")]
    user_id: String,
}

/// `GET /verify?token=…&email=…`, and with `type=email-change` and `userId=…` for a change.
pub async fn show(web: State, req: HttpRequest) -> HttpResponse {
    let scene = Scene::open(&web, &req);
    scene.keep_address_to_ourselves();
    let outcome = async {
        let asked: Asked = scene.query();
        if asked.kind == EMAIL_CHANGE {
            let form = ChangeForm {
                email: asked.email,
                token: asked.token,
                user_id: asked.user_id,
                csrf: String::new(),
            };
            change_page(&scene, StatusCode::OK, &form, None).await
        } else {
            let form = Form {
                email: asked.email,
                token: asked.token,
                csrf: String::new(),
            };
            verify_page(&scene, StatusCode::OK, &form, None).await
        }
    };
    scene.finish(outcome.await)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Form {
    #[serde(default)]
    csrf: String,
    #[serde(default)]
    email: String,
    #[serde(default)]
    token: String,
}

impl Form {
    fn link(&self) -> Option<VerificationLink> {
        VerificationLink::parse(&self.email, &self.token)
    }
}

/// The button, if the link is good.
async fn verify_page(scene: &Scene<'_>, status: StatusCode, form: &Form, problem: Option<&str>) -> Page {
    match scene.web.app.look_at_verification(form.link().as_ref()).await {
        Ok(()) => {
            let state = VerifyState::Confirm {
                email: form.email.clone(),
                token: form.token.clone(),
            };
            scene.page(status, &view(scene, state, problem))
        }
        Err(Failure::Refused(Refusal::BadVerificationLink)) => dead(scene),
        Err(other) => Err(other),
    }
}

fn dead(scene: &Scene<'_>) -> Page {
    scene.refusal_page(&Refusal::BadVerificationLink, || view(scene, VerifyState::Dead, None))
}

fn view<'s>(scene: &'s Scene<'_>, state: VerifyState, problem: Option<&'s str>) -> Verify<'s> {
    Verify {
        frame: scene.frame(None),
        state,
        problem,
    }
}

/// `POST /verify`
pub async fn verify(web: State, req: HttpRequest, body: Body) -> HttpResponse {
    let scene = Scene::open(&web, &req);
    scene.keep_address_to_ourselves();
    let quota = web
        .app
        .take_quota(LimitedAction::VerifyEmailSubmission, &scene.limit_key());
    let outcome = async {
        quota.check()?;
        scene.same_site()?;
        let form: Form = body.parse()?;
        if scene.check_form(&form.csrf) != FormCheck::Good {
            let late = Some(scene.lang.texts().form_expired);
            return verify_page(&scene, StatusCode::BAD_REQUEST, &form, late).await;
        }
        match web.app.verify_email(form.link(), &scene.origin()).await {
            Ok(()) => done(&scene, "email_verified").await,
            Err(Failure::Refused(Refusal::BadVerificationLink)) => dead(&scene),
            Err(other) => Err(other),
        }
    };
    let outcome = outcome.await;
    reply::with_quota(scene.finish(outcome), &quota)
}

/// On to the account page if somebody is signed in here, or to the login.
async fn done(scene: &Scene<'_>, what: &str) -> Page {
    Ok(match scene.identity().await? {
        Some(_) => scene.to(&format!("/?done={what}")),
        None => scene.to(&format!("/login?notice={what}")),
    })
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ChangeForm {
    #[serde(default)]
    csrf: String,
    #[serde(default)]
    email: String,
    #[serde(default)]
    token: String,
    #[serde(default)]
    user_id: String,
}

impl ChangeForm {
    fn link(&self) -> Option<ChangeLink> {
        ChangeLink::parse(&self.user_id, &self.email, &self.token)
    }
}

/// The button of one side of a change, if the link is good.
async fn change_page(scene: &Scene<'_>, status: StatusCode, form: &ChangeForm, problem: Option<&str>) -> Page {
    match scene.web.app.look_at_email_change(form.link().as_ref()).await {
        Ok(side) => {
            let state = VerifyState::Change {
                side,
                user: form.user_id.clone(),
                new: form.email.clone(),
                token: form.token.clone(),
            };
            scene.page(status, &view(scene, state, problem))
        }
        Err(failure) => change_failed(scene, failure),
    }
}

fn change_failed(scene: &Scene<'_>, failure: Failure) -> Page {
    let problem = match &failure {
        Failure::Refused(Refusal::EmailChange(Obstacle::BadLink | Obstacle::SwitchedOff)) => None,
        Failure::Refused(Refusal::EmailChange(Obstacle::InUse)) => Some(scene.lang.texts().error_email_taken),
        Failure::Refused(Refusal::EmailChange(_)) => Some(scene.lang.texts().recovery.address_modified),
        Failure::Refused(_) | Failure::Fault(_) => return Err(failure),
    };
    let Failure::Refused(refusal) = failure else {
        return Err(failure);
    };
    scene.refusal_page(&refusal, || view(scene, VerifyState::ChangeDead, problem))
}

/// `POST /verify/change`
pub async fn confirm_change(web: State, req: HttpRequest, body: Body) -> HttpResponse {
    let scene = Scene::open(&web, &req);
    scene.keep_address_to_ourselves();
    let outcome = async {
        scene.same_site()?;
        let form: ChangeForm = body.parse()?;
        if scene.check_form(&form.csrf) != FormCheck::Good {
            let late = Some(scene.lang.texts().form_expired);
            return change_page(&scene, StatusCode::BAD_REQUEST, &form, late).await;
        }
        match web.app.confirm_email_change(form.link(), &scene.origin()).await {
            Ok(Confirmed::Changed) => done(&scene, "email_changed").await,
            Ok(Confirmed::WaitsFor(side)) => {
                let state = VerifyState::ChangeWaits { side };
                scene.page(StatusCode::OK, &view(&scene, state, None))
            }
            Err(failure) => change_failed(&scene, failure),
        }
    };
    scene.finish(outcome.await)
}
