//! The forms of `/account/two-factor` that ask trusted devices for a code again.

use actix_web::{HttpRequest, HttpResponse};
use serde::Deserialize;

use crate::domain::refusal::Refusal;
use crate::web::extract::Body;
use crate::web::pages::account::signed_in_form;
use crate::web::pages::{Scene, State};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Form {
    #[serde(default)]
    csrf: String,
    #[serde(default)]
    id: String,
}

/// `POST /account/two-factor/distrust`
pub async fn distrust(web: State, req: HttpRequest, body: Body) -> HttpResponse {
    let scene = Scene::open(&web, &req);
    let outcome = async {
        let Form { csrf, id } = body.parse()?;
        signed_in_form(&scene, &csrf, async |who| {
            let id = id.parse().map_err(|_| Refusal::NotFound)?;
            web.app.distrust_device(who, id, &scene.origin()).await?;
            Ok(scene.to("/account/two-factor?done=distrusted"))
        })
        .await
    };
    scene.finish(outcome.await)
}

/// `POST /account/two-factor/distrust-all`
pub async fn distrust_all(web: State, req: HttpRequest, body: Body) -> HttpResponse {
    let scene = Scene::open(&web, &req);
    let outcome = async {
        let Form { csrf, .. } = body.parse()?;
        signed_in_form(&scene, &csrf, async |who| {
            let count = web.app.distrust_all_devices(who, &scene.origin()).await?;
            Ok(scene.to(&format!("/account/two-factor?done=distrusted_all&count={count}")))
        })
        .await
    };
    scene.finish(outcome.await)
}
