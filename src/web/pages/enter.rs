//! `/enter`: sends whoever is signed in on to a page of another program, and everybody else to the login page first.

use actix_web::{HttpRequest, HttpResponse};
use serde::Deserialize;
use url::form_urlencoded::byte_serialize;

use crate::domain::elsewhere::Elsewhere;
use crate::web::pages::{Scene, State};

#[derive(Default, Deserialize)]
struct Asked {
    #[serde(default)]
    rd: String,
}

/// `GET /enter?rd=…`
pub async fn show(web: State, req: HttpRequest) -> HttpResponse {
    let scene = Scene::open(&web, &req);
    let outcome = async {
        let asked: Asked = scene.query();
        let Some(target) = Elsewhere::parse(&asked.rd, &web.place.hosts) else {
            return Ok(scene.to("/"));
        };
        if scene.identity().await?.is_none() {
            let rd: String = byte_serialize(target.as_str().as_bytes()).collect();
            return Ok(scene.to(&format!("/login?rd={rd}")));
        }
        Ok(scene.see_other(target.as_str()))
    };
    scene.finish(outcome.await)
}
