//! Routes of the administration: who is signed in where.

use std::sync::Arc;

use actix_web::HttpRequest;
use actix_web::web::Data;
use serde::Deserialize;
use serde_json::{Map, Value as Json, json};

use crate::app::Failure;
use crate::domain::device::Device;
use crate::domain::field::{Issue, Rule};
use crate::domain::ids::SessionId;
use crate::domain::job::JobId;
use crate::domain::list::Total;
use crate::domain::refusal::Refusal;
use crate::domain::session::Identity;
use crate::domain::session_list::{Asked, Asker, Order, Present, Selection, WITHIN};
use crate::web::Web;
use crate::web::admin::api::{changer, reader};
use crate::web::admin::{Changer, jobs, list_query};
use crate::web::extract::{Body, Pairs, given};
use crate::web::reply::{self, Reply};

/// Sessions of an answer unless somebody says otherwise, and at most.
const USUAL: usize = 50;
const MOST: usize = 200;

/// Most ids in one request.
pub const MOST_IDS: usize = 1_000;

/// `GET /api/admin/sessions`
///
/// # Errors
/// As [`reader`]; 400 naming what makes no sense.
pub async fn list(web: Data<Web>, req: HttpRequest) -> Reply {
    let who = reader(&req, &web).await?;
    let query = Pairs::of(req.query_string());
    let mut asked = Asked::default();
    for (name, value) in query.all() {
        asked.set(name, value);
    }
    let checked = (|| {
        let formed = [
            "address",
            "used_after",
            "used_before",
            "here",
            "sort",
            "after",
            "before",
            "limit",
        ];
        list_query::once(&query, &formed)?;
        list_query::once(&query, &["q", "way", "device"])?;
        list_query::filled(&query, &formed)?;
        let order: Order = list_query::order(&query)?;
        let start = list_query::start(&query, order.sort.reader())?;
        Ok((asked.parse()?, order, start, list_query::limit(&query, USUAL, MOST)?))
    })();
    let (filter, order, start, limit) = checked.map_err(Refusal::Invalid)?;
    let found = web.app.find_sessions(filter, order, start, limit).await?;
    let present = web.app.present();
    let rows: Vec<Json> = found
        .rows
        .iter()
        .map(|row| object(row, who.session.id, present))
        .collect();
    Ok(reply::ok(&json!({
        "sessions": rows,
        "total": found.total.number(),
        "totalIsExact": matches!(found.total, Total::Exactly(_)),
        "previous": found.previous.as_ref().map(ToString::to_string),
        "next": found.next.as_ref().map(ToString::to_string),
        "cutShort": found.is_cut_short,
    })))
}

/// A session as JSON.
fn object(known: &Identity, own: SessionId, present: Present) -> Json {
    let Identity { session, account } = known;
    let needs_code = account.two_factor_at.is_some();
    json!({
        "id": session.id.to_string(),
        "user": account.id.to_string(),
        "email": account.email.as_str(),
        "name": account.name,
        "device": Device::of(&session.origin.user_agent).plain(),
        "userAgent": session.origin.user_agent,
        "address": session.origin.address,
        "method": session.method,
        "startedAt": session.created_at.to_string(),
        "lastUsedAt": session.last_used_at.to_string(),
        "expiresAt": session.expires_at.to_string(),
        "confirmedUntil": session.confirmed_until(present.now, needs_code).map(|at| at.to_string()),
        "here": present.now.since(session.last_used_at) < WITHIN,
        "own": session.id == own,
    })
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct EndForm {
    #[serde(default, deserialize_with = "given")]
    ids: Option<Vec<String>>,
    #[serde(default, deserialize_with = "given")]
    matching: Option<Map<String, Json>>,
}

impl EndForm {
    fn parse(self) -> Result<Selection, Vec<Issue>> {
        let bad = |field| vec![Issue::new(field, Rule::InvalidInput)];
        match (self.ids, self.matching) {
            (Some(ids), None) if ids.is_empty() => Err(vec![Issue::new("ids", Rule::Required)]),
            (Some(ids), None) if ids.len() > MOST_IDS => Err(vec![Issue::new("ids", Rule::TooLong(MOST_IDS))]),
            (Some(ids), None) => {
                let ids: Result<Vec<SessionId>, _> = ids.iter().map(|id| id.parse()).collect();
                let mut ids = ids.map_err(|_| bad("ids"))?;
                ids.sort_unstable();
                ids.dedup();
                Ok(Selection::These(ids))
            }
            (None, Some(matching)) => {
                let mut asked = Asked::default();
                let is_known =
                    |(name, value): (&String, &Json)| value.as_str().is_some_and(|value| asked.set(name, value));
                if !matching.iter().all(is_known) {
                    return Err(bad("matching"));
                }
                Ok(Selection::Matching(Box::new(asked.parse()?)))
            }
            // All is `"matching": {}`: nobody means that by leaving something out.
            (None, None) => Err(vec![Issue::new("ids", Rule::Required)]),
            (Some(_), Some(_)) => Err(bad("matching")),
        }
    }
}

/// `POST /api/admin/sessions/end`
///
/// # Errors
/// As [`changer`]; 400 naming the field; 503 while too many go on.
pub async fn end(web: Data<Web>, req: HttpRequest, body: Body) -> Reply {
    let changer = changer(&req, &web).await?;
    let form: EndForm = body.parse()?;
    let chosen = form.parse().map_err(Refusal::Invalid)?;
    let job = end_them(&web, chosen, &changer).await?;
    told(&web, job)
}

/// `GET /api/admin/sessions/end/{job}`
///
/// # Errors
/// As [`reader`]; 404 if nothing is known of it.
pub async fn follow(web: Data<Web>, req: HttpRequest) -> Reply {
    reader(&req, &web).await?;
    told(&web, jobs::number(&req)?)
}

fn told(web: &Web, job: JobId) -> Reply {
    let ending = web.app.ending(job).ok_or(Refusal::NotFound)?;
    let body = json!({
        "job": job.to_string(),
        "total": ending.what.number(),
        "totalIsExact": matches!(ending.what, Total::Exactly(_)),
        "ended": ending.so_far,
        "over": ending.is_over,
        "reference": ending.fault,
    });
    Ok(jobs::told(&ending, &body))
}

/// Begins the end of sessions, and waits a moment: few have ended by then, and many go on without whoever asked.
///
/// # Errors
/// [`Refusal::Busy`] while too many go on, or a fault.
pub async fn end_them(web: &Data<Web>, chosen: Selection, changer: &Changer) -> Result<JobId, Failure> {
    let (app, asker, by) = (Arc::clone(&web.app), Asker::of(&changer.who), changer.by.clone());
    let job = app.new_ending(&chosen, asker).await?;
    jobs::start(async move { app.run_ending(job, &chosen, asker, &by).await }).await;
    Ok(job)
}
