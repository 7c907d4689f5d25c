//! `/account/activity`.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse};
use serde::Deserialize;

use crate::web::pages::{Scene, State};
use crate::web::views::{ActivityPage, ActivityRow};

#[derive(Default, Deserialize)]
struct Asked {
    #[serde(default)]
    before: String,
}

/// `GET /account/activity`
pub async fn show(web: State, req: HttpRequest) -> HttpResponse {
    let scene = Scene::open(&web, &req);
    let outcome = async {
        let Some(who) = scene.identity().await? else {
            return Ok(scene.to_login());
        };
        let before = scene.query::<Asked>().before.parse().ok();
        let activity = web.app.activity_of(&who.account, before).await?;
        let texts = scene.lang.texts();
        let view = ActivityPage {
            frame: scene.frame(Some(&who.account.name)),
            rows: activity
                .entries
                .iter()
                .map(|entry| ActivityRow::of(entry, texts))
                .collect(),
            older: activity.older.map(|place| place.to_string()),
            is_newest: before.is_none(),
        };
        scene.page(StatusCode::OK, &view)
    };
    scene.finish(outcome.await)
}
