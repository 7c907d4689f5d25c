//! People who are expected from providers: the list, and the end of an expectation.

use actix_web::HttpRequest;
use actix_web::web::{Data, Path};
use serde_json::{Value as Json, json};

use crate::app::person::expectation;
use crate::app::{App, Failure};
use crate::domain::federation::expectation::Expectation;
use crate::domain::refusal::Refusal;
use crate::web::Web;
use crate::web::admin::api::bans::bad;
use crate::web::admin::api::{changer, reader};
use crate::web::admin::list_query;
use crate::web::extract::Pairs;
use crate::web::reply::{self, Reply};

/// Rows of a page unless somebody says otherwise, and at most.
pub(in crate::web::admin) const ROWS: usize = 50;
const MOST: usize = 200;

/// Some of those who are expected.
pub(in crate::web::admin) struct Page {
    /// The newest first.
    pub rows: Vec<Expectation>,
    /// The number to go on from.
    pub next: Option<i64>,
}

/// Those below the number `before`.
///
/// # Errors
/// Only a fault.
pub(in crate::web::admin) async fn page(app: &App, before: Option<i64>, rows: usize) -> Result<Page, Failure> {
    let wanted = u32::try_from(rows.saturating_add(1)).unwrap_or(u32::MAX);
    let mut found = app.expectations_before(before, wanted).await?;
    let is_more = found.len() > rows;
    found.truncate(rows);
    Ok(Page {
        next: found.last().map(|last| last.id).filter(|_| is_more),
        rows: found,
    })
}

/// `GET /api/admin/expected`
///
/// # Errors
/// As [`reader`]; 400 naming what makes no sense.
pub async fn list(web: Data<Web>, req: HttpRequest) -> Reply {
    reader(&req, &web).await?;
    let query = Pairs::of(req.query_string());
    list_query::once(&query, &["before", "limit"]).map_err(Refusal::Invalid)?;
    let limit = list_query::limit(&query, ROWS, MOST).map_err(Refusal::Invalid)?;
    let before = query.first("before").map(number);
    let before = before.map(|number| number.ok_or_else(|| bad("before"))).transpose()?;
    let page = page(&web.app, before, limit).await?;
    let rows: Vec<Json> = page.rows.iter().map(expectation).collect();
    Ok(reply::ok(&json!({ "expected": rows, "next": page.next })))
}

fn number(text: &str) -> Option<i64> {
    text.parse().ok().filter(|number| *number > 0)
}

/// `POST /api/admin/expected/{id}/withdraw`
///
/// # Errors
/// As [`changer`]; 404 if they came, or are not expected any more.
pub async fn withdraw(web: Data<Web>, req: HttpRequest, id: Path<String>) -> Reply {
    let changer = changer(&req, &web).await?;
    let id = number(&id).ok_or(Refusal::NotFound)?;
    let gone = web.app.withdraw_expectation(id, &changer.by).await?;
    Ok(reply::ok(&expectation(&gone)))
}
