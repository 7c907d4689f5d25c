//! Pages of the administration: how the server is doing.

use std::sync::Arc;
use std::time::Duration;

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, rt};
use serde::Deserialize;

use crate::app::doctor::Report;
use crate::app::online::Online;
use crate::app::overview::{Counts, Overview};
use crate::domain::session::Identity;
use crate::domain::tally::Span;
use crate::domain::time::Timestamp;
use crate::web::admin::{bar, reading};
use crate::web::client::CONNECTION;
use crate::web::pages::{Page, Scene, State};
use crate::web::views::admin::Section;
use crate::web::views::admin::overview::{Chart, CountRow, OverviewPage, PresentRow, Step};
use crate::web::views::{DoctorRow, Frame, describe_device};
use crate::web::{Web, views::Texts};

/// Nobody waits longer than this for what other servers answer.
const PATIENCE: Duration = Duration::from_millis(500);

#[derive(Default, Deserialize)]
#[serde(default)]
struct Asked {
    span: String,
}

/// `GET /admin`
pub async fn show(web: State, req: HttpRequest) -> HttpResponse {
    let scene = Scene::open(&web, &req);
    let outcome = reading(&scene, async |who| page(&scene, who).await).await;
    scene.finish(outcome)
}

/// What was found wrong with the installation. If it has to be examined again, that goes on in the background.
pub async fn examined(web: &Web) -> Option<(Report, Timestamp)> {
    let app = Arc::clone(&web.app);
    let examining = rt::spawn(async move { app.renew_health().await });
    let is_known = web.app.health().is_some();
    if !is_known && rt::time::timeout(PATIENCE, examining).await.is_err() {
        tracing::debug!("the installation is still being examined");
    }
    web.app.health()
}

async fn page(scene: &Scene<'_>, who: &Identity) -> Page {
    let asked: Asked = scene.query();
    let span = Span::from_key(&asked.span).unwrap_or_default();
    let health = examined(scene.web).await;
    let Overview {
        now,
        curves,
        online,
        counts,
        uptime,
    } = scene.web.app.overview(span).await?;
    let texts = scene.lang.texts();
    let view = OverviewPage {
        frame: Frame {
            alarm: scene.alarm(),
            ..scene.frame(Some(&who.account.name))
        },
        bar: bar(who, Section::Overview, None),
        span,
        charts: Chart::all(&curves, texts),
        steps: Step::all(&curves, texts),
        online: online.count,
        present: present(&online, texts),
        counts: counted(counts, texts),
        health: health.map(|(report, _)| DoctorRow::all(&report, scene.lang, texts)),
        sight: sight(scene, texts),
        uptime: OverviewPage::lasting(uptime, texts),
        at: texts.moment(now),
    };
    scene.page(StatusCode::OK, &view)
}

fn present(online: &Online, texts: &Texts) -> Vec<PresentRow> {
    let row = |(identity, at): &(Identity, Timestamp)| PresentRow {
        name: identity.account.name.clone(),
        email: identity.account.email.to_string(),
        device: describe_device(&identity.session.origin.user_agent, texts),
        address: identity.session.origin.address.clone(),
        at: texts.moment(*at),
    };
    online.newest.iter().map(row).collect()
}

fn counted(counts: Counts, texts: &Texts) -> Vec<CountRow> {
    let w = texts.admin.overview;
    let row = |label, count: String, section: Option<Section>| CountRow {
        label,
        count,
        path: section.map(Section::path),
    };
    vec![
        row(w.users, counts.users.to_string(), Some(Section::Users)),
        row(w.waiting, counts.waiting.to_string(), Some(Section::Invitations)),
        row(w.sessions, counts.sessions.to_string(), None),
        row(w.bans, counts.bans.to_string(), Some(Section::Bans)),
    ]
}

fn sight(scene: &Scene<'_>, texts: &Texts) -> String {
    let seen = scene.seen();
    let address = seen.address.to_string();
    if seen.by == CONNECTION {
        (texts.you_appear_as)(&address)
    } else {
        (texts.you_appear_through)(&address, &seen.peer.to_string(), seen.by)
    }
}
