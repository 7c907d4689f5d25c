//! Accounts in a file: out as a stream, in after it was said what would happen.

use actix_web::http::StatusCode;
use actix_web::http::header::{CONTENT_DISPOSITION, HeaderValue};
use actix_web::web::{Bytes, Data};
use actix_web::{HttpRequest, HttpResponse};
use futures_util::stream;
use serde_json::{Value as Json, json};

use crate::app::import::{Fate, Obstacle, Plan};
use crate::app::{App, Failure};
use crate::domain::account::AccountKey;
use crate::domain::directory::Filter;
use crate::domain::field::{Issue, Rule};
use crate::domain::people_file::{csv_head, csv_line, object};
use crate::domain::refusal::Refusal;
use crate::web::Web;
use crate::web::admin::api::users::filter;
use crate::web::admin::api::{changer, reader};
use crate::web::admin::list_query;
use crate::web::extract::{Body, Pairs};
use crate::web::reply::{self, Reply};

/// The largest file that is taken, in bytes; the command line takes larger ones.
pub const MOST_BYTES: usize = 4 * 1024 * 1024;

/// `GET /api/admin/users/export`
///
/// # Errors
/// 400 for a filter that makes no sense.
pub async fn export(web: Data<Web>, req: HttpRequest) -> Reply {
    reader(&req, &web).await?;
    exported(&web, req.query_string())
}

/// The accounts that a query means, a thousand at a time: as many as there are take no more memory.
pub(in crate::web::admin) fn exported(web: &Web, query: &str) -> Reply {
    let query = Pairs::of(query);
    let filter = filter(&query).map_err(Refusal::Invalid)?;
    list_query::once(&query, &["format"]).map_err(Refusal::Invalid)?;
    let is_json = match query.first("format") {
        None | Some("csv") => false,
        Some("json") => true,
        Some(_) => return Err(Refusal::Invalid(vec![Issue::new("format", Rule::InvalidInput)]).into()),
    };
    let (kind, name) = if is_json {
        ("application/x-ndjson", "attachment; filename=\"users.jsonl\"")
    } else {
        (
            "text/csv; charset=utf-8; header=present",
            "attachment; filename=\"users.csv\"",
        )
    };
    let begin = Position {
        app: std::sync::Arc::clone(&web.app),
        filter,
        is_json,
        next: Next::Head,
    };
    Ok(reply::respond(StatusCode::OK)
        .insert_header((CONTENT_DISPOSITION, HeaderValue::from_static(name)))
        .content_type(kind)
        .streaming(stream::unfold(begin, Position::step)))
}

/// How far an export has come.
struct Position {
    app: std::sync::Arc<App>,
    filter: Filter,
    is_json: bool,
    next: Next,
}

enum Next {
    Head,
    After(Option<AccountKey>),
    Nothing,
}

impl Position {
    async fn step(mut self) -> Option<(Result<Bytes, actix_web::Error>, Self)> {
        let after = match self.next {
            Next::Nothing => return None,
            Next::Head => {
                self.next = Next::After(None);
                let head = if self.is_json { String::new() } else { csv_head() };
                return Some((Ok(head.into()), self));
            }
            Next::After(after) => after,
        };
        match self.app.matching_after(&self.filter, after).await {
            Ok((found, next)) => {
                let line = |account| format!("{}\n", object(account));
                let text: String = if self.is_json {
                    found.iter().map(line).collect()
                } else {
                    found.iter().map(csv_line).collect()
                };
                self.next = next.map_or(Next::Nothing, |next| Next::After(Some(next)));
                Some((Ok(text.into()), self))
            }
            // The answer has begun: all that can be done is to break it off.
            Err(failure) => {
                self.next = Next::Nothing;
                Some((Err(failure.into()), self))
            }
        }
    }
}

/// `POST /api/admin/users/import`: what would happen, or with the digest of that, that.
///
/// # Errors
/// 400 for what cannot be read, 409 if it would not do any more what was said.
pub async fn import(web: Data<Web>, req: HttpRequest, body: Body) -> Reply {
    let changer = changer(&req, &web).await?;
    let bytes = body.raw()?;
    let query = Pairs::of(req.query_string());
    list_query::once(&query, &["digest"]).map_err(Refusal::Invalid)?;
    let outcome = match query.first("digest") {
        Some(digest) => web.app.apply_import(&bytes, digest, &changer.by).await,
        None => web.app.plan_import(&bytes).await,
    };
    let (status, body) = match outcome {
        Ok(plan) => (StatusCode::OK, described(&plan)),
        Err(Obstacle::Outdated(plan)) => {
            let mut body = described(&plan);
            body["message"] = json!("The accounts have changed: it would do something else by now");
            body["code"] = json!("outdated");
            (StatusCode::CONFLICT, body)
        }
        Err(Obstacle::Unreadable(why)) => (StatusCode::BAD_REQUEST, json!({ "message": why })),
        Err(Obstacle::Failure(failure)) => return Err(failure),
    };
    Ok::<HttpResponse, Failure>(reply::respond(status).json(body))
}

fn described(plan: &Plan) -> Json {
    let rows: Vec<Json> = plan
        .rows
        .iter()
        .map(|row| {
            let (changes, why) = match &row.fate {
                Fate::Changed(differences) => (differences.as_slice(), None),
                Fate::Refused(why) => (&[][..], Some(why)),
                Fate::New | Fate::Unchanged => (&[][..], None),
            };
            let changes: Vec<Json> = changes
                .iter()
                .map(|(field, before, after)| json!({ "field": field, "before": before, "after": after }))
                .collect();
            json!({
                "line": row.line,
                "email": row.email,
                "fate": row.fate.key(),
                "changes": changes,
                "reason": why,
            })
        })
        .collect();
    json!({
        "digest": plan.digest,
        "new": plan.count("new"),
        "changed": plan.count("changed"),
        "unchanged": plan.count("unchanged"),
        "refused": plan.count("refused"),
        "rows": rows,
    })
}
