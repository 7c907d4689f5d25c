//! `/not-me`: the link of letters that say what was done with an account. Looking at it changes nothing, so that programs
//! that open the links of letters do no harm.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse};
use serde::Deserialize;

use crate::app::disown::Disowned;
use crate::domain::refusal::{LimitedAction, Refusal};
use crate::domain::secret::Token;
use crate::web::extract::Body;
use crate::web::pages::{FormCheck, Page, Scene, State};
use crate::web::reply;
use crate::web::views::{NotMe, NotMeState};

#[derive(Default, Deserialize)]
struct Asked {
    #[serde(default)]
    token: String,
    #[serde(default)]
    done: String,
}

/// `GET /not-me`
pub async fn show(web: State, req: HttpRequest) -> HttpResponse {
    let scene = Scene::open(&web, &req);
    let outcome = async {
        let Asked { token, done } = scene.query();
        let contact = scene.live.moderation.contact.as_deref();
        match done.as_str() {
            "mailed" => return page(&scene, StatusCode::OK, NotMeState::Mailed),
            "sign_in" => return page(&scene, StatusCode::OK, NotMeState::DoneSignIn),
            "ask" => return page(&scene, StatusCode::OK, NotMeState::DoneAsk { contact }),
            _ => {}
        }
        match Token::parse(&token) {
            Some(known) if web.app.can_disown(&known).await? => ask(&scene, StatusCode::OK, &token),
            _ => gone(&scene),
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
    token: String,
}

/// `POST /not-me`
pub async fn submit(web: State, req: HttpRequest, body: Body) -> HttpResponse {
    let scene = Scene::open(&web, &req);
    let quota = web
        .app
        .take_quota(LimitedAction::ResetPasswordSubmission, &scene.limit_key());
    let outcome = async {
        scene.same_site()?;
        quota.check()?;
        let Form { csrf, token } = body.parse()?;
        match scene.check_form(&csrf) {
            FormCheck::Good => {}
            // The browser was restarted since, or keeps no cookies: asked once more, it has one now.
            FormCheck::CookieMissing => return ask(&scene, StatusCode::BAD_REQUEST, &token),
            FormCheck::Stale => return Err(Refusal::CrossSite.into()),
        }
        let Some(token) = Token::parse(&token) else {
            return gone(&scene);
        };
        match web.app.disown(&token, &scene.origin()).await? {
            Some(Disowned::Mailed) => Ok(scene.to("/not-me?done=mailed")),
            Some(Disowned::Ask) => Ok(scene.to("/not-me?done=ask")),
            Some(Disowned::SignIn) => Ok(scene.to("/not-me?done=sign_in")),
            None => gone(&scene),
        }
    };
    let outcome = outcome.await;
    reply::with_quota(scene.finish(outcome), &quota)
}

fn ask(scene: &Scene<'_>, status: StatusCode, token: &str) -> Page {
    page(scene, status, NotMeState::Ask { token })
}

/// One answer to every link that opens nothing.
fn gone(scene: &Scene<'_>) -> Page {
    page(scene, StatusCode::NOT_FOUND, NotMeState::Gone)
}

fn page(scene: &Scene<'_>, status: StatusCode, state: NotMeState<'_>) -> Page {
    let frame = scene.frame(None);
    scene.page(status, &NotMe { frame, state })
}
