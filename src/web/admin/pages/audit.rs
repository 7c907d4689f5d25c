//! Pages of the administration: what happened.

use std::collections::HashMap;

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse};
use serde::Deserialize;

use crate::app::audit::Actor;
use crate::app::audit_log::{Found, Wanted};
use crate::app::{App, Failure};
use crate::domain::account::Account;
use crate::domain::audit::Event;
use crate::domain::audit_chain::Mark;
use crate::domain::audit_export::Shape;
use crate::domain::ids::UserId;
use crate::domain::refusal::Refusal;
use crate::domain::session::Identity;
use crate::web::admin::audit_query::{Asked, Wrong};
use crate::web::admin::{audit_file, bar, reading};
use crate::web::pages::{Page, Scene, State};
use crate::web::views::admin::Section;
use crate::web::views::admin::audit::{AuditPage, AuditRow, AuditVerified, Typed};

/// Rows of a page.
const PAGE: usize = 50;

/// `GET /admin/audit`
pub async fn show(web: State, req: HttpRequest) -> HttpResponse {
    let scene = Scene::open(&web, &req);
    let outcome = reading(&scene, async |who| {
        let asked: Asked = scene.query();
        match asked.wanted(&web.app).await? {
            Err(wrong) => page(&scene, who, asked, Err(wrong)).await,
            Ok(wanted) => {
                let found = web.app.audit_before(&wanted, asked.before, PAGE).await?;
                page(&scene, who, asked, Ok((wanted, found))).await
            }
        }
    });
    scene.finish(outcome.await)
}

async fn page(scene: &Scene<'_>, who: &Identity, asked: Asked, found: Result<(Wanted, Found), Wrong>) -> Page {
    let (status, wrong) = match &found {
        Ok(_) => (StatusCode::OK, ""),
        Err(wrong) => (StatusCode::BAD_REQUEST, *wrong),
    };
    let (wanted, found) = found.unwrap_or_default();
    let names = names(&scene.web.app, &found.events, wanted.filter.person).await?;
    let name = |id: &str| {
        let id: UserId = id.parse().ok()?;
        names.get(&id).map(|account| account.email.to_string())
    };
    let texts = scene.lang.texts();
    let person = wanted.filter.person.map(|id| id.to_string());
    let view = AuditPage {
        frame: scene.frame(Some(&who.account.name)),
        bar: bar(who, Section::Audit, None),
        wrong,
        person: person.map(|id| name(&id).unwrap_or(id)),
        rows: found
            .events
            .iter()
            .map(|(id, event)| AuditRow::of(*id, event, &name, texts))
            .collect(),
        query: asked.query(),
        older: found.next,
        is_newest: asked.before.is_none(),
        typed: Typed {
            user: asked.user,
            actor: asked.actor,
            kind: asked.kind,
            address: asked.address,
            reference: asked.reference,
            since: asked.since,
            until: asked.until,
        },
    };
    scene.page(status, &view)
}

/// The accounts that are spoken of and are still there.
pub(in crate::web::admin) async fn names(
    app: &App,
    events: &[(i64, Event)],
    person: Option<UserId>,
) -> Result<HashMap<UserId, Account>, Failure> {
    let ids = events
        .iter()
        .flat_map(|(_, event)| [event.subject, event.actor.parse().ok()]);
    let ids: Vec<UserId> = ids.chain([person]).flatten().collect();
    app.known_accounts(ids).await
}

/// `GET /admin/audit/export`
pub async fn export(web: State, req: HttpRequest) -> HttpResponse {
    let scene = Scene::open(&web, &req);
    let outcome = reading(&scene, async |who| {
        let asked: Asked = scene.query();
        let shape = Shape::from_key(&asked.format).ok_or(Refusal::NotFound)?;
        let wanted = match asked.wanted(&web.app).await? {
            Ok(wanted) => wanted,
            Err(wrong) => return page(&scene, who, asked, Err(wrong)).await,
        };
        let by = Actor::Admin {
            id: who.account.id,
            origin: scene.origin(),
        };
        audit_file::answer(&web.app, wanted, shape, &by).await
    });
    scene.finish(outcome.await)
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Kept {
    head: String,
}

/// `GET /admin/audit/verify`
pub async fn verify(web: State, req: HttpRequest) -> HttpResponse {
    let scene = Scene::open(&web, &req);
    let outcome = reading(&scene, async |who| {
        let Kept { head: kept } = scene.query();
        let heads = Mark::read_heads(&kept);
        let is_wrong = heads.is_empty() && !kept.trim().is_empty();
        let texts = scene.lang.texts();
        let found = web.app.verify_audit(heads).await?;
        let (sentence, notes) = AuditVerified::said(&found, texts);
        let view = AuditVerified {
            frame: scene.frame(Some(&who.account.name)),
            bar: bar(who, Section::Audit, None),
            is_whole: found.is_ok(),
            sentence,
            notes,
            head: web.app.audit_head().await?.map(|head| head.to_string()),
            kept,
            wrong: is_wrong.then_some(texts.admin.audit.no_head),
        };
        let status = if is_wrong {
            StatusCode::BAD_REQUEST
        } else {
            StatusCode::OK
        };
        scene.page(status, &view)
    });
    scene.finish(outcome.await)
}
