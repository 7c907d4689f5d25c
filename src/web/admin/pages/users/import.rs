//! Accounts in a file: out, and in after the page has said what would happen.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse};

use crate::app::import::{Obstacle, Plan};
use crate::domain::refusal::{BodyError, Refusal};
use crate::domain::session::Identity;
use crate::web::admin::api::users::file::exported;
use crate::web::admin::{self, Changer, bar};
use crate::web::extract::{Body, Fields};
use crate::web::pages::{Page, Scene, State};
use crate::web::views::admin::users::import::{Diff, Stage};
use crate::web::views::admin::{Section, UsersImport};

/// `GET /admin/users/export`
pub async fn export(web: State, req: HttpRequest) -> HttpResponse {
    let scene = Scene::open(&web, &req);
    let outcome = admin::reading(&scene, async |_| exported(&web, req.query_string())).await;
    scene.finish(outcome)
}

/// `GET /admin/users/import`
pub async fn show(web: State, req: HttpRequest) -> HttpResponse {
    let scene = Scene::open(&web, &req);
    let outcome = admin::reading(&scene, async |who| {
        scene.page(StatusCode::OK, &view(&scene, who, Stage::Empty))
    })
    .await;
    scene.finish(outcome)
}

fn view<'s>(scene: &'s Scene<'_>, who: &'s Identity, stage: Stage) -> UsersImport<'s> {
    UsersImport {
        frame: scene.frame(Some(&who.account.name)),
        bar: bar(who, Section::Users, None),
        stage,
    }
}

/// `POST /admin/users/import`
pub async fn take(web: State, req: HttpRequest, body: Body) -> HttpResponse {
    let scene = Scene::open(&web, &req);
    let fields = body.fields();
    // The session, the form and the role are looked at first; then it is said on the page that the file is too large.
    if fields == Err(Refusal::BadBody(BodyError::TooLarge)) {
        let outcome = admin::reading(&scene, async |who| {
            let words = scene.lang.texts().admin.users.import_too_large;
            let view = view(&scene, who, Stage::Unreadable(words.to_owned()));
            scene.page(StatusCode::PAYLOAD_TOO_LARGE, &view)
        })
        .await;
        return scene.finish(outcome);
    }
    let outcome = admin::changing(&scene, fields, async |changer, fields| {
        taken(&scene, changer, fields).await
    })
    .await;
    scene.finish(outcome)
}

async fn taken(scene: &Scene<'_>, changer: &Changer, mut fields: Fields) -> Page {
    let app = &scene.web.app;
    let (file, digest) = (fields.take("file"), fields.take("digest"));
    let outcome = if digest.is_empty() {
        app.plan_import(file.as_bytes()).await
    } else {
        app.apply_import(file.as_bytes(), &digest, &changer.by).await
    };
    let told = |plan: &Plan| Diff::of(plan, scene.lang.texts());
    let (status, stage) = match outcome {
        Ok(plan) if digest.is_empty() => {
            let (diff, digest) = (told(&plan), plan.digest);
            (
                StatusCode::OK,
                Stage::Planned {
                    diff,
                    digest,
                    file,
                    is_again: false,
                },
            )
        }
        Ok(plan) => (StatusCode::OK, Stage::Done(told(&plan))),
        Err(Obstacle::Outdated(plan)) => {
            let (diff, digest) = (told(&plan), plan.digest);
            (
                StatusCode::CONFLICT,
                Stage::Planned {
                    diff,
                    digest,
                    file,
                    is_again: true,
                },
            )
        }
        Err(Obstacle::Unreadable(why)) => (StatusCode::BAD_REQUEST, Stage::Unreadable(why)),
        Err(Obstacle::Failure(failure)) => return Err(failure),
    };
    scene.page(status, &view(scene, &changer.who, stage))
}
