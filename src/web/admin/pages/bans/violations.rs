//! `/admin/violations`: what was refused and cost points.

use std::time::Duration;

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse};
use serde::Deserialize;

use crate::app::ban_list::{Count, ViolationFilter};
use crate::app::paging::Page as Portion;
use crate::domain::moderation::subject::Subject;
use crate::domain::moderation::violation::{Recorded, Violation};
use crate::web::admin::subjects::{self, Names};
use crate::web::admin::{bar, reading};
use crate::web::pages::{Scene, State};
use crate::web::views::admin::Section;
use crate::web::views::admin::bans::{CountRow, ViolationRow, ViolationsPage};
use crate::web::views::texts::Texts;

/// Rows of a page.
const PAGE: u32 = 100;

/// Hours that the counts look back unless somebody says otherwise.
const LATELY: u32 = 24 * 90;

#[derive(Default, Deserialize)]
struct Asked {
    #[serde(default)]
    subject: String,
    #[serde(default)]
    kind: String,
    #[serde(default)]
    hours: u32,
    before: Option<i64>,
}

/// `GET /admin/violations`
pub async fn show(web: State, req: HttpRequest) -> HttpResponse {
    let scene = Scene::open(&web, &req);
    let outcome = reading(&scene, async |who| {
        let (asked, texts): (Asked, _) = (scene.query(), scene.lang.texts());
        let subject = subjects::find(&web.app, &asked.subject).await?;
        let is_unknown = subject.is_none() && !asked.subject.trim().is_empty();
        let ago = |hours: u32| web.app.now().before(Duration::from_hours(u64::from(hours)));
        let kind = Violation::from_key(&asked.kind);
        let filter = ViolationFilter {
            subject,
            kind,
            since: (asked.hours > 0).then(|| ago(asked.hours)),
            until: None,
            before: asked.before,
            limit: if is_unknown { 0 } else { PAGE },
        };
        let page = web.app.find_violations(filter).await?;
        let hours = if asked.hours == 0 { LATELY } else { asked.hours };
        let counts = web.app.count_violations(ago(hours)).await?;
        let users: Vec<Subject> = page.rows.iter().filter_map(|row| row.user).map(Subject::User).collect();
        let names = Names::find(&web.app, &users, []).await?;
        let view = ViolationsPage {
            frame: scene.frame(Some(&who.account.name)),
            bar: bar(who, Section::Bans, None),
            older: older(&asked, &page).filter(|_| !is_unknown),
            subject: asked.subject,
            kind,
            hours: asked.hours,
            is_unknown,
            counts: counts.iter().map(|count| count_row(count, texts)).collect(),
            rows: page.rows.iter().map(|event| row(event, &names, texts)).collect(),
            is_newest: asked.before.is_none(),
        };
        scene.page(StatusCode::OK, &view)
    });
    scene.finish(outcome.await)
}

fn count_row(count: &Count, texts: &Texts) -> CountRow {
    CountRow {
        key: count.kind.key(),
        kind: (texts.admin.bans.kinds)(count.kind),
        times: count.times,
        points: count.points.to_string(),
    }
}

/// A violation, with the names of whom it is about.
pub(in crate::web::admin) fn row(event: &Recorded, names: &Names, texts: &Texts) -> ViolationRow {
    let user = event.user.map(|id| names.subject(Subject::User(id), texts));
    ViolationRow {
        at: texts.moment(event.at),
        kind: (texts.admin.bans.kinds)(event.kind),
        points: event.points.to_string(),
        user: user.unwrap_or_default(),
        address: event.address.clone(),
        source: event.source.clone(),
        detail: event.detail.clone(),
    }
}

fn older(asked: &Asked, page: &Portion<Recorded>) -> Option<String> {
    let before = page.next?;
    let query = url::form_urlencoded::Serializer::new(String::new())
        .append_pair("subject", &asked.subject)
        .append_pair("kind", &asked.kind)
        .append_pair("hours", &asked.hours.to_string())
        .append_pair("before", &before.to_string())
        .finish();
    Some(query)
}
