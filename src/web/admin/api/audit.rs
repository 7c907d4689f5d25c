//! Routes of the administration: what happened.

use actix_web::HttpRequest;
use actix_web::web::Data;
use serde::Deserialize;
use serde_json::{Value as Json, json};

use crate::app::Failure;
use crate::app::audit::Actor;
use crate::app::audit_log::Wanted;
use crate::domain::audit_chain::{Hex, Mark};
use crate::domain::audit_export::{Shape, object};
use crate::domain::field::{Issue, Rule};
use crate::domain::refusal::Refusal;
use crate::web::admin::api::bans::query;
use crate::web::admin::api::reader;
use crate::web::admin::audit_file;
use crate::web::admin::audit_query::Asked;
use crate::web::admin::list_query;
use crate::web::extract::Pairs;
use crate::web::reply::{self, Reply};
use crate::web::{Web, visitor};

/// Rows of a page unless somebody says otherwise, and at most.
const PAGE: usize = 50;
const MOST: usize = 500;

fn bad(field: &'static str) -> Failure {
    Refusal::Invalid(vec![Issue::new(field, Rule::InvalidInput)]).into()
}

/// The query. What has a form is not empty.
fn asked(req: &HttpRequest) -> Result<Asked, Failure> {
    let pairs = Pairs::of(req.query_string());
    list_query::filled(&pairs, &["kind", "format"]).map_err(Refusal::Invalid)?;
    query(req)
}

async fn wanted(web: &Web, asked: &Asked) -> Result<Wanted, Failure> {
    asked.wanted(&web.app).await?.map_err(bad)
}

/// `GET /api/admin/audit`
///
/// # Errors
/// As [`reader`]; 400 naming what makes no sense.
pub async fn list(web: Data<Web>, req: HttpRequest) -> Reply {
    reader(&req, &web).await?;
    let asked = asked(&req)?;
    let wanted = wanted(&web, &asked).await?;
    let pairs = Pairs::of(req.query_string());
    let most = list_query::limit(&pairs, PAGE, MOST).map_err(Refusal::Invalid)?;
    if asked.before.is_some_and(|before| before < 0) {
        return Err(bad("before"));
    }
    let found = web.app.audit_before(&wanted, asked.before, most).await?;
    let events: Vec<Json> = found.events.iter().map(|(id, event)| object(*id, event)).collect();
    Ok(reply::ok(&json!({ "events": events, "next": found.next })))
}

/// `GET /api/admin/audit/export`
///
/// # Errors
/// As [`reader`]; 400 naming what makes no sense.
pub async fn export(web: Data<Web>, req: HttpRequest) -> Reply {
    let who = reader(&req, &web).await?;
    let asked = asked(&req)?;
    let shape = match asked.format.as_str() {
        "" => Shape::JsonLines,
        key => Shape::from_key(key).ok_or_else(|| bad("format"))?,
    };
    let wanted = wanted(&web, &asked).await?;
    let by = Actor::Admin {
        id: who.account.id,
        origin: visitor::origin(&req, &web),
    };
    audit_file::answer(&web.app, wanted, shape, &by).await
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Kept {
    head: String,
}

/// `GET /api/admin/audit/verify`
///
/// # Errors
/// As [`reader`]; 400 if there is no head in what was kept.
pub async fn verify(web: Data<Web>, req: HttpRequest) -> Reply {
    reader(&req, &web).await?;
    let kept: Kept = query(&req)?;
    let heads = Mark::read_heads(&kept.head);
    if heads.is_empty() && !kept.head.trim().is_empty() {
        return Err(bad("head"));
    }
    Ok(reply::ok(&match web.app.verify_audit(heads).await? {
        Ok(whole) => json!({
            "whole": true,
            "rows": whole.rows,
            "first": whole.first,
            "last": whole.last,
            "headsCompared": whole.compared,
            "headsTooOld": whole.too_old,
        }),
        Err(broken) => json!({
            "whole": false,
            "problem": broken.key(),
            "row": broken.row(),
            "message": broken.to_string(),
        }),
    }))
}

/// `GET /api/admin/audit/head`
///
/// # Errors
/// As [`reader`]; 404 before the first event.
pub async fn head(web: Data<Web>, req: HttpRequest) -> Reply {
    reader(&req, &web).await?;
    let head = web.app.audit_head().await?.ok_or(Refusal::NotFound)?;
    Ok(reply::ok(&json!({
        "row": head.seq,
        "at": head.at.to_string(),
        "digest": Hex(&head.link).to_string(),
        "line": head.to_string(),
    })))
}
