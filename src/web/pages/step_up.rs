//! `/second-factor`: where a proxy sends somebody whose session lacks the second factor that a rule asks for.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse};
use serde::Deserialize;
use url::form_urlencoded::byte_serialize;

use crate::app::Failure;
use crate::app::second_factor::change::Change;
use crate::domain::elsewhere::Elsewhere;
use crate::domain::refusal::LimitedAction;
use crate::domain::second_factor::Answer;
use crate::domain::session::Identity;
use crate::web::extract::Body;
use crate::web::pages::account::signed_in_form;
use crate::web::pages::{Page, Scene, State, code};
use crate::web::reply;
use crate::web::views::{FieldErrors, StepUp};

#[derive(Default, Deserialize)]
struct Asked {
    #[serde(default)]
    rd: String,
}

/// `GET /second-factor?rd=…`
pub async fn show(web: State, req: HttpRequest) -> HttpResponse {
    let scene = Scene::open(&web, &req);
    let outcome = async {
        let asked: Asked = scene.query();
        let Some(target) = Elsewhere::parse(&asked.rd, &web.place.hosts) else {
            return Ok(scene.to("/"));
        };
        let Some(who) = scene.identity().await? else {
            return Ok(scene.to(&with_target("/login", &target)));
        };
        if who.session.has_second_factor() {
            return Ok(scene.to(&with_target("/enter", &target)));
        }
        scene.page(StatusCode::OK, &view(&scene, &who, &target, FieldErrors::default()))
    };
    scene.finish(outcome.await)
}

fn with_target(path: &str, target: &Elsewhere) -> String {
    let rd: String = byte_serialize(target.as_str().as_bytes()).collect();
    format!("{path}?rd={rd}")
}

fn view<'s>(scene: &'s Scene<'_>, who: &'s Identity, target: &'s Elsewhere, errors: FieldErrors) -> StepUp<'s> {
    StepUp {
        frame: scene.frame(Some(&who.account.name)),
        host: target.host().name(),
        target: target.as_str(),
        is_set_up: who.account.two_factor_at.is_some(),
        errors,
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Form {
    #[serde(default)]
    csrf: String,
    #[serde(default)]
    rd: String,
    #[serde(default)]
    code: String,
}

/// `POST /second-factor`
pub async fn submit(web: State, req: HttpRequest, body: Body) -> HttpResponse {
    let scene = Scene::open(&web, &req);
    let outcome = async {
        let Form { csrf, rd, code } = body.parse()?;
        let Some(target) = Elsewhere::parse(&rd, &web.place.hosts) else {
            return Ok(scene.to("/"));
        };
        signed_in_form(&scene, &csrf, async |who| prove(&scene, who, &target, &code).await).await
    };
    scene.finish(outcome.await)
}

async fn prove(scene: &Scene<'_>, who: &Identity, target: &Elsewhere, typed: &str) -> Page {
    let (app, origin) = (&scene.web.app, scene.origin());
    let mut quota = app.take_quota(LimitedAction::TwoFactorSettings, &who.account.id.to_string());
    let change = Change {
        who,
        answer: Answer::parse_either(typed),
        origin: &origin,
    };
    let outcome = match app.step_up(change, &mut quota).await {
        Ok(()) => Ok(scene.to(&with_target("/enter", target))),
        Err(Failure::Refused(refusal)) => match code::errors(&refusal, scene.lang.texts()) {
            Some(errors) => code::page(scene, &refusal, || view(scene, who, target, errors)),
            None => Err(refusal.into()),
        },
        Err(fault) => Err(fault),
    };
    outcome.map(|response| reply::with_quota(response, &quota))
}
