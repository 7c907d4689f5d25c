//! `/login/2fa`: the code, after the password.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse};
use serde::Deserialize;

use crate::app::Failure;
use crate::app::quota::Quota;
use crate::app::second_factor::login;
use crate::domain::redirect::LocalPath;
use crate::domain::refusal::{LimitedAction, Refusal};
use crate::domain::second_factor::Answer;
use crate::domain::secret::Secret;
use crate::domain::ticket::TicketKind;
use crate::web::extract::Body;
use crate::web::pages::login::enter;
use crate::web::pages::{FormCheck, Page, Scene, State, code};
use crate::web::reply;
use crate::web::views::{CodeProblem, SecondStep, TrustSpan};

#[derive(Default, Deserialize)]
struct Asked {
    #[serde(default)]
    redirect_to: String,
    #[serde(default)]
    with: String,
}

/// `GET /login/2fa`
pub async fn show(web: State, req: HttpRequest) -> HttpResponse {
    let scene = Scene::open(&web, &req);
    let outcome = async {
        let Asked { redirect_to, with } = scene.query();
        let target = LocalPath::parse(&redirect_to);
        let is_good = |ticket: &Secret| web.app.ticket_account(TicketKind::Login, ticket.expose()).is_some();
        if scene.ticket().is_some_and(|ticket| is_good(&ticket)) {
            let ask = Ask {
                target: target.as_ref(),
                with_backup: with == "backup",
                trust: false,
            };
            return scene.page(StatusCode::OK, &view(&scene, ask, None));
        }
        Ok(code::start_again(&scene, target.as_ref()))
    };
    scene.finish(outcome.await)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Form {
    #[serde(default)]
    csrf: String,
    #[serde(default)]
    redirect_to: String,
    code: Option<String>,
    backup: Option<String>,
    trust: Option<String>,
}

/// What the page keeps over a failed attempt.
#[derive(Clone, Copy)]
struct Ask<'s> {
    target: Option<&'s LocalPath>,
    with_backup: bool,
    trust: bool,
}

/// `POST /login/2fa`
pub async fn submit(web: State, req: HttpRequest, body: Body) -> HttpResponse {
    let scene = Scene::open(&web, &req);
    let (ticket, device, client) = (scene.ticket(), scene.device(), scene.limit_key());
    let counted = match &ticket {
        Some(ticket) => web.app.take_code_quota(&client, ticket, device.as_ref()).await,
        None => Ok(web.app.take_quota(LimitedAction::TwoFactor, &client)),
    };
    let mut quota = match counted {
        Ok(quota) => quota,
        Err(failure) => return scene.finish(Err(failure)),
    };
    let outcome = async {
        scene.same_site()?;
        let form: Form = body.parse()?;
        let target = LocalPath::parse(&form.redirect_to);
        let ask = Ask {
            target: target.as_ref(),
            with_backup: form.backup.is_some(),
            trust: form.trust.is_some(),
        };
        if scene.check_form(&form.csrf) != FormCheck::Good {
            let expired = view(&scene, ask, Some(CodeProblem::FormExpired));
            return scene.page(StatusCode::BAD_REQUEST, &expired);
        }
        let answer = Answer::parse(form.code.as_deref(), form.backup.as_deref());
        match complete(&scene, ticket, answer, ask, &mut quota).await {
            Err(failure) if code::is_over(&failure) => Ok(code::start_again(&scene, target.as_ref())),
            Err(Failure::Refused(refusal)) => {
                let wrong = if ask.with_backup {
                    CodeProblem::WrongBackup
                } else {
                    CodeProblem::WrongCode
                };
                match code::problem(&refusal, wrong) {
                    Some(problem) => code::page(&scene, &refusal, || view(&scene, ask, Some(problem))),
                    None => Err(refusal.into()),
                }
            }
            other => other,
        }
    };
    let outcome = outcome.await;
    reply::with_quota(scene.finish(outcome), &quota)
}

async fn complete(
    scene: &Scene<'_>,
    ticket: Option<Secret>,
    answer: Option<Answer>,
    ask: Ask<'_>,
    quota: &mut Quota,
) -> Page {
    quota.check()?;
    let step = login::SecondStep {
        ticket: ticket.ok_or(Refusal::NoTicket)?,
        answer,
        device: scene.device(),
        trust: ask.trust.then(|| scene.trust()),
        origin: scene.origin(),
    };
    let signed_in = scene.web.app.complete_login(step, quota).await?;
    enter(scene, &signed_in, ask.target).await
}

fn view<'s>(scene: &'s Scene<'_>, ask: Ask<'s>, problem: Option<CodeProblem>) -> SecondStep<'s> {
    SecondStep {
        frame: scene.frame(None),
        redirect_to: ask.target.map_or("", LocalPath::as_str),
        with_backup: ask.with_backup,
        trust: TrustSpan::of(scene.web.app.config.two_factor.trust_device),
        trust_ticked: ask.trust,
        problem,
    }
}
