//! Deleted accounts: those that can be restored, the last deleted first.

use actix_web::HttpRequest;
use actix_web::web::Data;
use serde_json::{Value as Json, json};

use crate::app::person::deleted;
use crate::app::{App, Failure};
use crate::domain::ids::UserId;
use crate::domain::refusal::Refusal;
use crate::domain::time::Timestamp;
use crate::domain::trash::Deleted;
use crate::web::Web;
use crate::web::admin::api::bans::bad;
use crate::web::admin::api::reader;
use crate::web::admin::list_query;
use crate::web::extract::Pairs;
use crate::web::reply::{self, Reply};

/// Rows of a page unless somebody says otherwise, and at most.
pub(in crate::web::admin) const ROWS: usize = 50;
const MOST: usize = 200;

/// Some of the deleted accounts.
pub(in crate::web::admin) struct Page {
    /// The last deleted first.
    pub rows: Vec<Deleted>,
    /// The place to go on from.
    pub next: Option<String>,
}

/// Those that had this address or id; all, page by page, if that is empty.
///
/// # Errors
/// Only a fault.
pub(in crate::web::admin) async fn page(
    app: &App,
    q: &str,
    after: Option<(Timestamp, UserId)>,
    rows: usize,
) -> Result<Page, Failure> {
    if !q.trim().is_empty() {
        let rows = app.find_deleted(q.trim()).await?;
        return Ok(Page { rows, next: None });
    }
    let wanted = u32::try_from(rows.saturating_add(1)).unwrap_or(u32::MAX);
    let mut found = app.deleted_after(after, wanted).await?;
    let is_more = found.len() > rows;
    found.truncate(rows);
    let last = found.last().filter(|_| is_more);
    Ok(Page {
        next: last.map(|last| format!("{}.{}", last.deleted_at.millis(), last.id)),
        rows: found,
    })
}

/// The place behind a page.
pub(in crate::web::admin) fn place(text: &str) -> Option<(Timestamp, UserId)> {
    let (at, id) = text.split_once('.')?;
    Some((Timestamp::from_millis(at.parse().ok()?), id.parse().ok()?))
}

/// `GET /api/admin/users/deleted`
///
/// # Errors
/// As [`reader`]; 400 naming what makes no sense.
pub async fn list(web: Data<Web>, req: HttpRequest) -> Reply {
    reader(&req, &web).await?;
    let query = Pairs::of(req.query_string());
    list_query::once(&query, &["q", "after", "limit"]).map_err(Refusal::Invalid)?;
    let limit = list_query::limit(&query, ROWS, MOST).map_err(Refusal::Invalid)?;
    let after = query.first("after");
    let after = after.map(|text| place(text).ok_or_else(|| bad("after"))).transpose()?;
    let page = page(&web.app, query.first("q").unwrap_or_default(), after, limit).await?;
    let rows = page.rows.iter();
    let users: Vec<Json> = rows.map(|gone| deleted(gone, web.app.kept_until(gone))).collect();
    Ok(reply::ok(&json!({ "users": users, "next": page.next })))
}
