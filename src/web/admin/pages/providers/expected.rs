//! Pages of the administration: people who are expected from providers.

use actix_web::http::StatusCode;
use actix_web::web::Path;
use actix_web::{HttpRequest, HttpResponse};
use serde::Deserialize;

use crate::app::Failure;
use crate::domain::refusal::Refusal;
use crate::domain::session::Identity;
use crate::web::admin::api::providers::expected::{Page, ROWS, page};
use crate::web::admin::subjects::Names;
use crate::web::admin::{bar, changing, reading};
use crate::web::extract::Body;
use crate::web::pages::{Scene, State};
use crate::web::views::admin::providers::ExpectedPerson;
use crate::web::views::admin::{ExpectedPage, Section};

const HERE: &str = "/admin/providers/expected";

#[derive(Default, Deserialize)]
#[serde(default)]
struct Asked {
    before: Option<i64>,
    done: String,
}

/// `GET /admin/providers/expected`
pub async fn show(web: State, req: HttpRequest) -> HttpResponse {
    let scene = Scene::open(&web, &req);
    let outcome = reading(&scene, async |who| {
        let view = view(&scene, who, scene.query()).await?;
        scene.page(StatusCode::OK, &view)
    });
    scene.finish(outcome.await)
}

async fn view<'s>(scene: &'s Scene<'_>, who: &'s Identity, asked: Asked) -> Result<ExpectedPage<'s>, Failure> {
    let (app, texts) = (&scene.web.app, scene.lang.texts());
    let w = texts.admin.providers;
    let Page { rows, next } = page(app, asked.before, ROWS).await?;
    let names = Names::find(app, &[], rows.iter().map(|one| one.terms.by.as_str())).await?;
    let flash = match asked.done.as_str() {
        "withdrawn" => Some(w.withdrawn.to_owned()),
        "gone" => Some(w.expected_gone.to_owned()),
        _ => None,
    };
    Ok(ExpectedPage {
        frame: scene.frame(Some(&who.account.name)),
        bar: bar(who, Section::Providers, flash),
        rows: rows
            .iter()
            .map(|one| ExpectedPerson::of(one, names.maker(&one.terms.by, texts), texts))
            .collect(),
        older: next.map(|next| format!("before={next}")),
        is_newest: asked.before.is_none(),
    })
}

/// `POST /admin/providers/expected/{id}/withdraw`
pub async fn withdraw(web: State, req: HttpRequest, id: Path<String>, body: Body) -> HttpResponse {
    let scene = Scene::open(&web, &req);
    let outcome = changing(&scene, body.fields(), async |changer, _| {
        let id = id.parse().map_err(|_| Refusal::NotFound)?;
        let done = match web.app.withdraw_expectation(id, &changer.by).await {
            Ok(_) => "withdrawn",
            Err(Failure::Refused(Refusal::NotFound)) => "gone",
            Err(other) => return Err(other),
        };
        Ok(scene.to(&format!("{HERE}?done={done}")))
    });
    scene.finish(outcome.await)
}
