//! Pages of the administration: everybody with an account.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse};

use crate::app::Failure;
use crate::domain::bulk::{Change, Selection};
use crate::domain::directory::{Asked, Filter, Found, Order, Place, Start, Total};
use crate::domain::ids::UserId;
use crate::domain::session::Identity;
use crate::web::admin::{self, bar};
use crate::web::extract::Pairs;
use crate::web::pages::{Scene, State};
use crate::web::views::admin::users::{Pages, UserRow, count};
use crate::web::views::admin::{Section, UsersPage};

pub mod change;
pub mod create;
pub mod import;

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
        let order = query.first("sort").and_then(Order::parse).unwrap_or_default();
        let place = |name| query.first(name).and_then(|text| Place::parse(text, order.sort));
        let start = match (place("after"), place("before"), query.first("before")) {
            (Some(place), _, _) => Start::After(place),
            (None, Some(place), _) => Start::Before(place),
            (None, None, Some("end")) => Start::End,
            (None, None, _) => Start::Beginning,
        };
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
            Err(_) => (nobody(), true),
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

const fn nobody() -> Found {
    Found {
        rows: Vec::new(),
        previous: None,
        next: None,
        total: Total::Exactly(0),
        is_cut_short: false,
    }
}

fn view<'s>(scene: &'s Scene<'_>, who: &'s Identity, list: List, found: &Found, is_bad: bool) -> UsersPage<'s> {
    let texts = scene.lang.texts();
    let federation = &scene.web.app.config.federation;
    let openid = federation.openid.iter().map(|provider| provider.id.to_string());
    let social = federation
        .social
        .iter()
        .map(|provider| provider.social.key().to_owned());
    UsersPage {
        frame: scene.frame(Some(&who.account.name)),
        bar: bar(who, Section::Users, None),
        is_bad,
        order: list.order,
        rows: found.rows.iter().map(|row| UserRow::of(&row.account, texts)).collect(),
        count: count(found.total, texts),
        is_cut_short: found.is_cut_short,
        pages: Pages::around(found, &list.asked, list.order),
        providers: std::iter::once("local".to_owned())
            .chain(openid)
            .chain(social)
            .collect(),
        asked: list.asked,
    }
}

/// What a form or a query wants to be done.
pub(super) fn change_of(action: &str, value: &str) -> Option<Change> {
    Change::parse(action, value).ok()
}
