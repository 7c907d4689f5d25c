//! Changes of many accounts: what will happen, that it happens, and what came of it.

use std::sync::Arc;

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse};

use crate::app::Failure;
use crate::app::audit::Actor;
use crate::domain::account::Account;
use crate::domain::bulk::{Change, Selection};
use crate::domain::directory::{Order, Start, Total};
use crate::domain::job::JobId;
use crate::domain::refusal::Refusal;
use crate::domain::session::Identity;
use crate::web::admin::pages::users::{change_of, selection};
use crate::web::admin::{self, bar, jobs};
use crate::web::extract::{Body, Pairs};
use crate::web::pages::{Page, Scene, State};
use crate::web::views::admin::users::change::Told;
use crate::web::views::admin::{Section, UsersChange, UsersJob};

/// Accounts that the page names.
const NAMED: usize = 20;

/// `GET /admin/users/change`
pub async fn ask(web: State, req: HttpRequest) -> HttpResponse {
    let scene = Scene::open(&web, &req);
    let outcome = admin::reading(&scene, async |who| {
        let query = Pairs::of(req.query_string());
        let view = asked(&scene, who, query.all().collect()).await?;
        scene.page(StatusCode::OK, &view)
    })
    .await;
    scene.finish(outcome)
}

async fn asked<'s>(
    scene: &'s Scene<'_>,
    who: &'s Identity,
    pairs: Vec<(&str, &str)>,
) -> Result<UsersChange<'s>, Failure> {
    let texts = scene.lang.texts().admin.users;
    let field = |name: &str| {
        let found = pairs.iter().find(|(known, _)| *known == name);
        found.map_or("", |(_, value)| value)
    };
    let change = change_of(field("action"), field("value"));
    let (some, total) = match selection(pairs.iter().copied()) {
        Some(selection) => meant(scene, &selection).await?,
        None => (Vec::new(), Total::Exactly(0)),
    };
    let named = some.len() as u64;
    let more = total.number().saturating_sub(named);
    Ok(UsersChange {
        frame: scene.frame(Some(&who.account.name)),
        bar: bar(who, Section::Users, None),
        change,
        about: (total.number() > 0).then(|| match total {
            Total::Exactly(number) => (texts.about)(number),
            Total::AtLeast(number) => (texts.about_at_least)(number),
        }),
        some: some.iter().map(|account| account.email.to_string()).collect(),
        more: (more > 0).then(|| (texts.about_more)(more)),
        carried: pairs
            .iter()
            .filter(|(_, value)| !value.is_empty())
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect(),
    })
}

/// The first of those who are meant, and how many they are.
async fn meant(scene: &Scene<'_>, selection: &Selection) -> Result<(Vec<Account>, Total), Failure> {
    let app = &scene.web.app;
    match selection {
        Selection::Matching(filter) => {
            let filter = (**filter).clone();
            let found = app
                .find_users(filter, Order::default(), Start::Beginning, NAMED)
                .await?;
            let rows = found.rows.into_iter().map(|row| row.account).collect();
            Ok((rows, found.total))
        }
        Selection::These(ids) => {
            let known = app.users_with(ids).await?;
            let total = Total::Exactly(known.len() as u64);
            Ok((known.into_iter().take(NAMED).collect(), total))
        }
    }
}

/// `POST /admin/users/change`
pub async fn make(web: State, req: HttpRequest, body: Body) -> HttpResponse {
    let scene = Scene::open(&web, &req);
    let outcome = admin::changing(&scene, body.fields(), async |changer, fields| {
        let pairs: Vec<(&str, &str)> = fields
            .pairs()
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str()))
            .collect();
        let field = |name: &str| {
            pairs
                .iter()
                .find(|(known, _)| *known == name)
                .map_or("", |(_, value)| value)
        };
        let change = change_of(field("action"), field("value"));
        let (Some(change), Some(selection)) = (change, selection(pairs.iter().copied())) else {
            let view = asked(&scene, &changer.who, pairs).await?;
            return scene.page(StatusCode::BAD_REQUEST, &view);
        };
        let job = begin(&web, selection, change, changer.by.clone()).await?;
        Ok(scene.to(&format!("/admin/users/change/{job}")))
    })
    .await;
    scene.finish(outcome)
}

/// Begins a change, and waits a moment: small ones are over by then.
///
/// # Errors
/// [`Refusal::Busy`] while too many go on.
pub(in crate::web::admin) async fn begin(
    web: &State,
    selection: Selection,
    change: Change,
    by: Actor,
) -> Result<JobId, Refusal> {
    let app = Arc::clone(&web.app);
    let job = app.new_job(&change)?;
    jobs::start(async move { app.run_job(job, &selection, &change, &by).await }).await;
    Ok(job)
}

/// `GET /admin/users/change/{job}`
pub async fn follow(web: State, req: HttpRequest) -> HttpResponse {
    let scene = Scene::open(&web, &req);
    let outcome = admin::reading(&scene, async |who| followed(&scene, &req, who)).await;
    scene.finish(outcome)
}

fn followed(scene: &Scene<'_>, req: &HttpRequest, who: &Identity) -> Page {
    let id = jobs::number(req)?;
    let progress = scene.web.app.job(id);
    let view = UsersJob {
        frame: scene.frame(Some(&who.account.name)),
        bar: bar(who, Section::Users, None),
        progress: progress.map(|progress| Told::of(&progress, scene.lang.texts())),
        here: format!("/admin/users/change/{id}"),
    };
    scene.page(StatusCode::OK, &view)
}
