//! `/login/2fa/setup`: setting up two-step sign-in before anything else, because it is required.
//!
//! ```text
//!   password ──► picture and first code ──► backup codes ──► "I have kept them" ──► in
//! ```
//!
//! Each step leaves the ticket for the next one in the cookie.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse};
use serde::Deserialize;

use crate::app::quota::Quota;
use crate::app::{Failure, second_factor};
use crate::domain::redirect::LocalPath;
use crate::domain::refusal::{LimitedAction, Refusal};
use crate::domain::second_factor::{Answer, BackupCode};
use crate::domain::secret::Secret;
use crate::domain::ticket::TicketKind;
use crate::web::extract::Body;
use crate::web::pages::login::enter;
use crate::web::pages::{FormCheck, Page, Scene, State, code};
use crate::web::reply;
use crate::web::views::{BackupCodes, CodeProblem, CodesMade, Pairing};

#[derive(Default, Deserialize)]
struct Asked {
    #[serde(default)]
    redirect_to: String,
}

/// `GET /login/2fa/setup`
pub async fn show(web: State, req: HttpRequest) -> HttpResponse {
    let scene = Scene::open(&web, &req);
    let outcome = async {
        let target = LocalPath::parse(&scene.query::<Asked>().redirect_to);
        let shown = match pairing(&scene).await {
            Ok(pairing) => {
                let view = view(&scene, &pairing, target.as_ref(), None);
                scene.page(StatusCode::OK, &view)
            }
            Err(failure) => Err(failure),
        };
        or_start_again(&scene, target.as_ref(), shown)
    };
    scene.finish(outcome.await)
}

/// The secret that this login has begun with, or a new one.
async fn pairing(scene: &Scene<'_>) -> Result<second_factor::pairing::Pairing, Failure> {
    let app = &scene.web.app;
    let ticket = scene.ticket().ok_or(Refusal::NoTicket)?;
    match app.pending_set_up(&ticket).await? {
        Some(pairing) => Ok(pairing),
        None => app.begin_set_up(&ticket).await,
    }
}

fn or_start_again(scene: &Scene<'_>, target: Option<&LocalPath>, outcome: Page) -> Page {
    match outcome {
        Err(failure) if code::is_over(&failure) => Ok(code::start_again(scene, target)),
        other => other,
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct CodeForm {
    #[serde(default)]
    csrf: String,
    #[serde(default)]
    redirect_to: String,
    #[serde(default)]
    code: String,
}

/// `POST /login/2fa/setup`
pub async fn confirm(web: State, req: HttpRequest, body: Body) -> HttpResponse {
    let scene = Scene::open(&web, &req);
    let quota = web.app.take_quota(LimitedAction::TwoFactor, &scene.limit_key());
    let outcome = async {
        scene.same_site()?;
        let form: CodeForm = body.parse()?;
        let target = LocalPath::parse(&form.redirect_to);
        let outcome = match try_code(&scene, &form, target.as_ref(), &quota).await {
            Err(Failure::Refused(refusal)) => again(&scene, refusal, target.as_ref()).await,
            other => other,
        };
        or_start_again(&scene, target.as_ref(), outcome)
    };
    let outcome = outcome.await;
    reply::with_quota(scene.finish(outcome), &quota)
}

async fn try_code(scene: &Scene<'_>, form: &CodeForm, target: Option<&LocalPath>, quota: &Quota) -> Page {
    quota.check()?;
    let ticket = scene.ticket().ok_or(Refusal::NoTicket)?;
    if scene.check_form(&form.csrf) != FormCheck::Good {
        let pairing = pairing(scene).await?;
        let expired = view(scene, &pairing, target, Some(CodeProblem::FormExpired));
        return scene.page(StatusCode::BAD_REQUEST, &expired);
    }
    let answer = Answer::parse(Some(&form.code), None);
    let kept = scene.web.app.confirm_set_up(&ticket, answer).await?;
    let view = BackupCodes {
        frame: scene.frame(None),
        codes: kept.codes.iter().map(BackupCode::expose).map(str::to_owned).collect(),
        made: CodesMade::AtLogin {
            redirect_to: target.map_or("", LocalPath::as_str),
        },
        is_told: false,
    };
    let response = scene.page(StatusCode::OK, &view)?;
    Ok(reply::with_cookies(response, scene.web.place.ticket(&kept.next.ticket)))
}

/// The picture once more, with what was wrong.
async fn again(scene: &Scene<'_>, refusal: Refusal, target: Option<&LocalPath>) -> Page {
    let is_over = code::is_over(&Failure::Refused(refusal.clone()));
    match code::problem(&refusal, CodeProblem::WrongFirstCode) {
        Some(problem) if !is_over => {
            let pairing = pairing(scene).await?;
            code::page(scene, &refusal, || view(scene, &pairing, target, Some(problem)))
        }
        _ => Err(refusal.into()),
    }
}

fn view<'s>(
    scene: &'s Scene<'_>,
    pairing: &'s second_factor::pairing::Pairing,
    target: Option<&'s LocalPath>,
    problem: Option<CodeProblem>,
) -> Pairing<'s> {
    Pairing {
        frame: scene.frame(None),
        is_required: true,
        redirect_to: target.map_or("", LocalPath::as_str),
        uri: pairing.uri.expose(),
        secret: pairing.secret.expose(),
        problem,
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct KeptForm {
    #[serde(default)]
    csrf: String,
    #[serde(default)]
    redirect_to: String,
}

/// `POST /login/2fa/setup/done`
pub async fn done(web: State, req: HttpRequest, body: Body) -> HttpResponse {
    let scene = Scene::open(&web, &req);
    let outcome = async {
        scene.same_site()?;
        let form: KeptForm = body.parse()?;
        let target = LocalPath::parse(&form.redirect_to);
        if scene.check_form(&form.csrf) != FormCheck::Good {
            return Ok(code::start_again(&scene, target.as_ref()));
        }
        let outcome = finish(&scene, target.as_ref()).await;
        or_start_again(&scene, target.as_ref(), outcome)
    };
    scene.finish(outcome.await)
}

async fn finish(scene: &Scene<'_>, target: Option<&LocalPath>) -> Page {
    let app = &scene.web.app;
    let ticket: Secret = scene.ticket().ok_or(Refusal::BadTicket(TicketKind::Acknowledge))?;
    let next = app.acknowledge_set_up(&ticket).await?;
    let signed_in = app
        .finalize_set_up(&next.ticket, scene.device(), scene.origin())
        .await?;
    enter(scene, &signed_in, target).await
}
