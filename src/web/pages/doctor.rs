//! `/account/doctor`: for admins only; to everybody else there is no such page.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse};

use crate::app::doctor::Authority;
use crate::app::{Failure, Fault};
use crate::domain::refusal::Refusal;
use crate::web::client::CONNECTION;
use crate::web::pages::{Scene, State};
use crate::web::views::{DoctorPage, DoctorRow};

/// `GET /account/doctor`
pub async fn show(web: State, req: HttpRequest) -> HttpResponse {
    let scene = Scene::open(&web, &req);
    let outcome = async {
        let Some(who) = scene.identity().await? else {
            return Ok(scene.to_login());
        };
        if !who.account.role.is_admin() {
            return Err(Failure::Refused(Refusal::NotFound));
        }
        let mut report = web.app.examine_here().await;
        let url = web.app.config.server.public_url.clone();
        if let Some(url) = &url {
            let trust = Authority::new(None).map_err(|error| Fault::new(anyhow::anyhow!(error)))?;
            let door = web.app.examine_door(url, &trust).await?;
            report.proxy = door.proxy;
            report.findings.extend(door.findings);
        }
        let (seen, texts) = (scene.seen(), scene.lang.texts());
        let address = seen.address.to_string();
        let view = DoctorPage {
            frame: scene.frame(Some(&who.account.name)),
            sight: if seen.by == CONNECTION {
                (texts.you_appear_as)(&address)
            } else {
                (texts.you_appear_through)(&address, &seen.peer.to_string(), seen.by)
            },
            has_address: url.is_some(),
            rows: DoctorRow::all(&report, scene.lang, texts),
        };
        scene.page(StatusCode::OK, &view)
    };
    scene.finish(outcome.await)
}
