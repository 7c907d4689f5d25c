//! `/api/docs`: what programs can ask. It tells nothing that the program's own source does not.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse};

use crate::web::pages::{Scene, State};
use crate::web::views::{ApiDocs, DocPart};

/// `GET /api/docs`
pub async fn show(web: State, req: HttpRequest) -> HttpResponse {
    let scene = Scene::open(&web, &req);
    let outcome = async {
        let who = scene.identity().await?;
        let view = ApiDocs {
            frame: scene.frame(who.as_ref().map(|who| who.account.name.as_str())),
            parts: DocPart::all(scene.lang.texts()),
        };
        scene.page(StatusCode::OK, &view)
    };
    scene.finish(outcome.await)
}
