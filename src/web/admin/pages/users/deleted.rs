//! Pages of the administration: deleted accounts that can be restored.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse};
use serde::Deserialize;

use super::person::burier;
use crate::app::Failure;
use crate::domain::session::Identity;
use crate::web::admin::api::users::deleted::{Page, ROWS, page, place};
use crate::web::admin::subjects::Names;
use crate::web::admin::{bar, reading};
use crate::web::pages::{Scene, State};
use crate::web::views::admin::users::DeletedRow;
use crate::web::views::admin::{Section, UsersDeleted};

#[derive(Default, Deserialize)]
#[serde(default)]
struct Asked {
    q: String,
    after: String,
    done: String,
}

/// `GET /admin/users/deleted`
pub async fn show(web: State, req: HttpRequest) -> HttpResponse {
    let scene = Scene::open(&web, &req);
    let outcome = reading(&scene, async |who| {
        let view = view(&scene, who, scene.query()).await?;
        scene.page(StatusCode::OK, &view)
    });
    scene.finish(outcome.await)
}

async fn view<'s>(scene: &'s Scene<'_>, who: &'s Identity, asked: Asked) -> Result<UsersDeleted<'s>, Failure> {
    let (app, texts) = (&scene.web.app, scene.lang.texts());
    // A place that makes no sense is the beginning: addresses are typed and kept.
    let after = place(&asked.after);
    let Page { rows, next } = page(app, &asked.q, after, ROWS).await?;
    let names = Names::find(app, &[], rows.iter().map(|gone| gone.deleted_by.as_str())).await?;
    let mut bar = bar(who, Section::Users, None);
    bar.flash = (texts.admin.person.done)(&asked.done).map(str::to_owned);
    Ok(UsersDeleted {
        frame: scene.frame(Some(&who.account.name)),
        bar,
        rows: rows
            .iter()
            .map(|gone| DeletedRow::of(gone, app.kept_until(gone), burier(gone, &names, texts), texts))
            .collect(),
        older: next.map(|next| format!("after={next}")),
        is_newest: after.is_none(),
        q: asked.q,
        keep: app.config.accounts.keep_deleted,
    })
}
