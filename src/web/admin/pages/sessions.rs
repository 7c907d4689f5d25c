//! Pages of the administration: who is signed in where, and the end of sessions.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse};

use crate::app::Failure;
use crate::domain::ids::SessionId;
use crate::domain::list::{Start, Total};
use crate::domain::session::Identity;
use crate::domain::session_list::{Asked, Asker, Found, Order, Selection};
use crate::web::admin::api::sessions::end_them;
use crate::web::admin::pages::users::providers;
use crate::web::admin::{self, bar, jobs, list_query};
use crate::web::extract::{Body, Pairs};
use crate::web::pages::{Scene, State};
use crate::web::views::admin::sessions::{SessionRow, Told, count, list_url};
use crate::web::views::admin::users::Pages;
use crate::web::views::admin::{Section, SessionsEnd, SessionsEnding, SessionsPage};
use crate::web::views::device::describe_device;

/// Rows of a page.
const ROWS: usize = 50;

/// Sessions that the page before the end names.
const NAMED: usize = 20;

/// `GET /admin/sessions`
pub async fn show(web: State, req: HttpRequest) -> HttpResponse {
    let scene = Scene::open(&web, &req);
    let outcome = admin::reading(&scene, async |who| {
        let query = Pairs::of(req.query_string());
        let asked = asked(query.all());
        // An order or a place that makes no sense is the usual one: addresses are typed and kept.
        let order: Order = list_query::order(&query).unwrap_or_default();
        let start = list_query::start(&query, order.sort.reader()).unwrap_or_default();
        let (found, is_bad) = match asked.parse() {
            Ok(filter) => (web.app.find_sessions(filter, order, start, ROWS).await?, false),
            Err(_) => (Found::nothing(), true),
        };
        let mut view = view(&scene, who, (asked, order), &found);
        view.is_bad = is_bad;
        view.bar.flash = flash(&scene, &query);
        scene.page(StatusCode::OK, &view)
    })
    .await;
    scene.finish(outcome)
}

fn asked<'p>(pairs: impl Iterator<Item = (&'p str, &'p str)>) -> Asked {
    let mut asked = Asked::default();
    for (name, value) in pairs {
        asked.set(name, value);
    }
    asked
}

fn view<'s>(
    scene: &'s Scene<'_>,
    who: &'s Identity,
    (asked, order): (Asked, Order),
    found: &Found,
) -> SessionsPage<'s> {
    let (texts, now) = (scene.lang.texts(), scene.web.app.now());
    let row = |known: &Identity| SessionRow::of(known, known.session.id == who.session.id, now, texts);
    SessionsPage {
        frame: scene.frame(Some(&who.account.name)),
        bar: bar(who, Section::Sessions, None),
        is_bad: false,
        order,
        rows: found.rows.iter().map(row).collect(),
        count: count(found.total, texts),
        is_cut_short: found.is_cut_short,
        pages: Pages::around(found, |place| list_url(&asked, order, place)),
        ways: std::iter::once("password".to_owned()).chain(providers(scene)).collect(),
        asked,
    }
}

fn flash(scene: &Scene<'_>, query: &Pairs) -> Option<String> {
    let w = scene.lang.texts().admin.sessions;
    Some((w.ended)(query.first("ended")?.parse().ok()?))
}

/// Which sessions a form or a query means: all that match, or those whose numbers it has.
fn selection(pairs: &[(&str, &str)]) -> Option<Selection> {
    if pairs.contains(&("all", "yes")) {
        let filter = asked(pairs.iter().copied()).parse().ok()?;
        return Some(Selection::Matching(Box::new(filter)));
    }
    let ids = pairs.iter().filter(|(name, _)| *name == "id");
    let mut ids: Vec<SessionId> = ids.filter_map(|(_, value)| value.parse().ok()).collect();
    ids.sort_unstable();
    ids.dedup();
    (!ids.is_empty()).then_some(Selection::These(ids))
}

/// `GET /admin/sessions/end`
pub async fn ask(web: State, req: HttpRequest) -> HttpResponse {
    let scene = Scene::open(&web, &req);
    let outcome = admin::reading(&scene, async |who| {
        let query = Pairs::of(req.query_string());
        let view = question(&scene, who, &query.all().collect::<Vec<_>>()).await?;
        scene.page(StatusCode::OK, &view)
    })
    .await;
    scene.finish(outcome)
}

async fn question<'s>(
    scene: &'s Scene<'_>,
    who: &'s Identity,
    pairs: &[(&str, &str)],
) -> Result<SessionsEnd<'s>, Failure> {
    let texts = scene.lang.texts();
    let chosen = selection(pairs);
    let is_own = chosen.as_ref().is_some_and(|chosen| chosen.is_only(who.session.id));
    let is_everybody = chosen == Some(Selection::Matching(Box::default()));
    let (mut some, total) = match &chosen {
        Some(chosen) => meant(scene, chosen, Asker::of(who)).await?,
        None => (Vec::new(), Total::Exactly(0)),
    };
    some.truncate(NAMED);
    let more = total.number().saturating_sub(some.len() as u64);
    let w = texts.admin.sessions;
    Ok(SessionsEnd {
        frame: scene.frame(Some(&who.account.name)),
        bar: bar(who, Section::Sessions, None),
        is_everybody,
        about: (total.number() > 0).then(|| match total {
            Total::Exactly(number) => (w.about)(number),
            Total::AtLeast(number) => (w.about_at_least)(number),
        }),
        some: some
            .iter()
            .map(|known| {
                let device = describe_device(&known.session.origin.user_agent, texts);
                (known.account.email.to_string(), device)
            })
            .collect(),
        more: (more > 0).then(|| (texts.admin.users.about_more)(more)),
        is_own,
        carried: pairs
            .iter()
            .filter(|(_, value)| !value.is_empty())
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect(),
    })
}

/// The first of those that are meant, and how many they are, without those that stay.
async fn meant(scene: &Scene<'_>, chosen: &Selection, asker: Asker) -> Result<(Vec<Identity>, Total), Failure> {
    let app = &scene.web.app;
    let mut some = match chosen {
        Selection::These(ids) => app.sessions_with(ids).await?,
        Selection::Matching(filter) => {
            let found = app.find_sessions((**filter).clone(), Order::default(), Start::Beginning, NAMED + 1);
            found.await?.rows
        }
    };
    some.retain(|known| !chosen.spares(known, asker));
    Ok((some, app.count_meant(chosen, asker).await?))
}

/// `POST /admin/sessions/end`
pub async fn end(web: State, req: HttpRequest, body: Body) -> HttpResponse {
    let scene = Scene::open(&web, &req);
    let outcome = admin::changing(&scene, body.fields(), async |changer, fields| {
        let pairs = fields.pairs().iter();
        let pairs: Vec<(&str, &str)> = pairs.map(|(name, value)| (name.as_str(), value.as_str())).collect();
        let Some(chosen) = selection(&pairs) else {
            let view = question(&scene, &changer.who, &pairs).await?;
            return scene.page(StatusCode::BAD_REQUEST, &view);
        };
        let is_own = chosen.is_only(changer.who.session.id);
        let job = end_them(&web, chosen, changer).await?;
        if is_own {
            return Ok(scene.signed_out("logged_out"));
        }
        Ok(scene.to(&match web.app.ending(job) {
            Some(ending) if ending.is_over && ending.fault.is_none() => {
                format!("/admin/sessions?ended={}", ending.so_far)
            }
            Some(_) | None => format!("/admin/sessions/end/{job}"),
        }))
    })
    .await;
    scene.finish(outcome)
}

/// `GET /admin/sessions/end/{job}`
pub async fn follow(web: State, req: HttpRequest) -> HttpResponse {
    let scene = Scene::open(&web, &req);
    let outcome = admin::reading(&scene, async |who| {
        let id = jobs::number(&req)?;
        let ending = web.app.ending(id);
        let view = SessionsEnding {
            frame: scene.frame(Some(&who.account.name)),
            bar: bar(who, Section::Sessions, None),
            ending: ending.map(|ending| Told::of(&ending, scene.lang.texts())),
            here: format!("/admin/sessions/end/{id}"),
        };
        scene.page(StatusCode::OK, &view)
    })
    .await;
    scene.finish(outcome)
}
