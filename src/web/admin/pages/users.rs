//! Pages of the administration: everybody with an account.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse};

use crate::app::Failure;
use crate::domain::bulk::{Change, Selection};
use crate::domain::directory::{Asked, Filter, Found, Order, Start};
use crate::domain::ids::UserId;
use crate::domain::session::Identity;
use crate::web::admin::{self, bar, list_query};
use crate::web::extract::Pairs;
use crate::web::pages::{Scene, State};
use crate::web::views::admin::users::{Pages, UserRow, count, list_url};
use crate::web::views::admin::{Section, UsersPage};

pub mod change;
pub mod create;
pub mod deleted;
pub mod import;
pub mod person;

/// Rows of a page.
const ROWS: usize = 50;

/// What a list was asked for.
pub(super) struct List {
    asked: Asked,
    order: Order,
    start: Start,
}

impl List {
    /// From a query. An order or a place that makes no sense is the usual one: addresses are typed and kept.
    fn of(query: &Pairs) -> Self {
        let mut asked = Asked::default();
        for (name, value) in query.all() {
            asked.set(name, value);
        }
        let order: Order = list_query::order(query).unwrap_or_default();
        let start = list_query::start(query, |text| order.sort.place(text)).unwrap_or_default();
        Self { asked, order, start }
    }
}

/// Whom a form or a query means: everybody who matches, or those whose ids it has.
pub(super) fn selection<'p>(pairs: impl Iterator<Item = (&'p str, &'p str)>) -> Option<Selection> {
    let (mut asked, mut ids, mut is_all) = (Asked::default(), Vec::new(), false);
    for (name, value) in pairs {
        match name {
            "id" => ids.extend(value.parse::<UserId>().ok()),
            "all" => is_all |= value == "yes",
            other => {
                asked.set(other, value);
            }
        }
    }
    if is_all {
        return asked.parse().ok().map(|filter| Selection::Matching(Box::new(filter)));
    }
    ids.sort_unstable();
    ids.dedup();
    (!ids.is_empty()).then_some(Selection::These(ids))
}

/// `GET /admin/users`
pub async fn show(web: State, req: HttpRequest) -> HttpResponse {
    let scene = Scene::open(&web, &req);
    let outcome = admin::reading(&scene, async |who| {
        let list = List::of(&Pairs::of(req.query_string()));
        let (found, is_bad) = match list.asked.parse() {
            Ok(filter) => (find(&scene, filter, &list).await?, false),
            Err(_) => (Found::nothing(), true),
        };
        scene.page(StatusCode::OK, &view(&scene, who, list, &found, is_bad))
    })
    .await;
    scene.finish(outcome)
}

async fn find(scene: &Scene<'_>, filter: Filter, list: &List) -> Result<Found, Failure> {
    let app = &scene.web.app;
    app.find_users(filter, list.order, list.start.clone(), ROWS).await
}

fn view<'s>(scene: &'s Scene<'_>, who: &'s Identity, list: List, found: &Found, is_bad: bool) -> UsersPage<'s> {
    let texts = scene.lang.texts();
    UsersPage {
        frame: scene.frame(Some(&who.account.name)),
        bar: bar(who, Section::Users, None),
        is_bad,
        order: list.order,
        rows: found.rows.iter().map(|row| UserRow::of(&row.account, texts)).collect(),
        count: count(found.total, texts),
        is_cut_short: found.is_cut_short,
        pages: Pages::around(found, |place| list_url(&list.asked, list.order, place)),
        providers: std::iter::once("local".to_owned()).chain(providers(scene)).collect(),
        asked: list.asked,
    }
}

/// Names of the providers through which people come.
pub(super) fn providers(scene: &Scene<'_>) -> Vec<String> {
    let federation = &scene.web.app.config.federation;
    let openid = federation.openid.iter().map(|provider| provider.id.to_string());
    let social = federation.social.iter();
    let social = social.map(|provider| provider.social.key().to_owned());
    openid.chain(social).collect()
}

/// What a form or a query wants to be done.
pub(super) fn change_of(action: &str, value: &str) -> Option<Change> {
    Change::parse(action, value).ok()
}
