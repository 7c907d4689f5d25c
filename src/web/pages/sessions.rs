//! The smaller forms of the account page: end a session, end all others, dismiss a notice.

use actix_web::{HttpRequest, HttpResponse};
use serde::Deserialize;

use crate::domain::refusal::Refusal;
use crate::web::extract::Body;
use crate::web::pages::account::signed_in_form;
use crate::web::pages::{Scene, State};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct OneForm {
    #[serde(default)]
    csrf: String,
    #[serde(default)]
    id: String,
}

/// `POST /sessions/end`
pub async fn end(web: State, req: HttpRequest, body: Body) -> HttpResponse {
    let scene = Scene::open(&web, &req);
    let outcome = async {
        let OneForm { csrf, id } = body.parse()?;
        signed_in_form(&scene, &csrf, async |who| {
            let id = id.parse().map_err(|_| Refusal::NotFound)?;
            web.app.end_session(who, id, &scene.origin()).await?;
            if id == who.session.id {
                Ok(scene.signed_out("logged_out"))
            } else {
                Ok(scene.to("/?done=session_ended"))
            }
        })
        .await
    };
    scene.finish(outcome.await)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct AllForm {
    #[serde(default)]
    csrf: String,
}

/// `POST /sessions/end-others`
pub async fn end_others(web: State, req: HttpRequest, body: Body) -> HttpResponse {
    let scene = Scene::open(&web, &req);
    let outcome = async {
        let AllForm { csrf } = body.parse()?;
        signed_in_form(&scene, &csrf, async |who| {
            let count = web.app.end_other_sessions(who, &scene.origin()).await?;
            Ok(scene.to(&format!("/?done=others_ended&count={count}")))
        })
        .await
    };
    scene.finish(outcome.await)
}

/// `POST /account/notices`
pub async fn dismiss(web: State, req: HttpRequest, body: Body) -> HttpResponse {
    let scene = Scene::open(&web, &req);
    let outcome = async {
        let OneForm { csrf, id } = body.parse()?;
        signed_in_form(&scene, &csrf, async |who| {
            let id = id.parse().map_err(|_| Refusal::NotFound)?;
            web.app.dismiss_notice(who.account.key, id).await?;
            Ok(scene.to("/"))
        })
        .await
    };
    scene.finish(outcome.await)
}
