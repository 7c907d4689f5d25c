//! Routes of the administration: bans, the networks that are spared, violations and policies.

use std::collections::HashMap;
use std::time::Duration;

use actix_web::http::StatusCode;
use actix_web::web::{Data, Path, Query};
use actix_web::{HttpRequest, HttpResponse};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value as Json, json};

use crate::app::audit::Actor;
use crate::app::ban_list::{BanFilter, Standing, ViolationFilter};
use crate::app::unban::Whose;
use crate::app::{App, Failure};
use crate::domain::account::Account;
use crate::domain::duration;
use crate::domain::field::{Issue, Rule};
use crate::domain::ids::UserId;
use crate::domain::moderation::ban::{Ban, SparedNetwork};
use crate::domain::moderation::network::Network;
use crate::domain::moderation::subject::Subject;
use crate::domain::moderation::told;
use crate::domain::moderation::violation::Violation;
use crate::domain::refusal::{BodyError, Refusal};
use crate::domain::time::Timestamp;
use crate::web::Web;
use crate::web::admin::api::{changer, reader};
use crate::web::admin::subjects;
use crate::web::extract::Body;
use crate::web::reply::{self, Reply};

pub(super) use crate::domain::moderation::told::{number, parts, violation};

pub mod explain;
pub mod simulate;

/// Rows of a page unless somebody says otherwise, and at most.
const PAGE: u32 = 50;
const MOST: u32 = 500;

/// More of a remark is surely something else.
const LONGEST_NOTE: usize = 200;

#[derive(Deserialize)]
struct Listed {
    #[serde(default)]
    q: String,
    #[serde(default)]
    cause: String,
    #[serde(default)]
    standing: String,
    before: Option<i64>,
    limit: Option<u32>,
}

/// `GET /api/admin/bans`
///
/// # Errors
/// As [`reader`]; 400 naming what makes no sense.
pub async fn list(web: Data<Web>, req: HttpRequest) -> Reply {
    reader(&req, &web).await?;
    let asked: Listed = query(&req)?;
    let standing = match asked.standing.as_str() {
        "" => Standing::Any,
        key => Standing::from_key(key).ok_or_else(|| bad("standing"))?,
    };
    let filter = BanFilter {
        about: web.app.sought(&asked.q).await?.ok_or_else(|| bad("q"))?,
        cause: Some(asked.cause).filter(|cause| !cause.is_empty()),
        standing,
        before: asked.before,
        limit: asked.limit.unwrap_or(PAGE).min(MOST),
    };
    let page = web.app.find_bans(filter).await?;
    let names = names(&web.app, &page.rows).await?;
    let now = web.app.now();
    let bans: Vec<Json> = page.rows.iter().map(|ban| object(ban, &names, now)).collect();
    Ok(reply::ok(&json!({ "bans": bans, "next": page.next })))
}

/// The accounts that bans are about.
pub(super) async fn names(app: &App, bans: &[Ban]) -> Result<HashMap<UserId, Account>, Failure> {
    let ids = bans.iter().filter_map(|ban| match ban.subject {
        Subject::User(id) => Some(id),
        Subject::Network(_) => None,
    });
    app.known_accounts(ids).await
}

/// A ban as JSON.
pub(super) fn object(ban: &Ban, names: &HashMap<UserId, Account>, now: Timestamp) -> Json {
    let account = match ban.subject {
        Subject::User(id) => names.get(&id),
        Subject::Network(_) => None,
    };
    told::ban(ban, account.map(|account| account.email.as_str()), now)
}

/// A moment, or null.
pub(super) fn time(at: Option<Timestamp>) -> Json {
    json!(at.map(|at| at.to_string()))
}

/// The query.
pub(super) fn query<T: DeserializeOwned>(req: &HttpRequest) -> Result<T, Failure> {
    let read = Query::<T>::from_query(req.query_string());
    let wrong = |error: actix_web::error::QueryPayloadError| Refusal::BadBody(BodyError::Shape(error.to_string()));
    Ok(read.map(Query::into_inner).map_err(wrong)?)
}

/// That a field makes no sense.
pub(super) fn bad(field: &'static str) -> Failure {
    Refusal::Invalid(vec![Issue::new(field, Rule::InvalidInput)]).into()
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct NewBan {
    /// An account by address or id, an address, or a network.
    subject: String,
    #[serde(default)]
    duration: Option<String>,
    #[serde(default)]
    note: String,
}

/// `POST /api/admin/bans`
///
/// # Errors
/// As [`changer`]; 400 naming the field.
pub async fn add(web: Data<Web>, req: HttpRequest, body: Body) -> Reply {
    let changer = changer(&req, &web).await?;
    let form: NewBan = body.parse()?;
    let subject = subjects::find(&web.app, &form.subject)
        .await?
        .ok_or_else(|| bad("subject"))?;
    let length = length(form.duration.as_deref())?;
    let note = note(&form.note)?;
    ban(&web, (subject, length, &note), &changer.by).await
}

/// Bans somebody by hand, for so long, with a remark.
pub(super) async fn ban(web: &Web, (subject, length, note): (Subject, Option<Duration>, &str), by: &Actor) -> Reply {
    match web.app.add_ban(subject, length, note, by).await? {
        Ok(ban) => {
            let names = names(&web.app, std::slice::from_ref(&ban)).await?;
            let body = object(&ban, &names, web.app.now());
            Ok(reply::respond(StatusCode::CREATED).json(body))
        }
        Err(reason) => {
            let body = json!({ "message": "This may not be banned", "code": "unbannable", "reason": reason.key() });
            Ok(reply::respond(StatusCode::CONFLICT).json(body))
        }
    }
}

/// A length of time; `None` for ever.
pub(super) fn length(text: Option<&str>) -> Result<Option<Duration>, Failure> {
    let read = |text: &str| duration::parse(text).map_err(|_| bad("duration"));
    text.filter(|text| !text.trim().is_empty()).map(read).transpose()
}

/// A remark that is no essay.
pub(super) fn note(text: &str) -> Result<String, Failure> {
    if text.chars().count() > LONGEST_NOTE || text.chars().any(char::is_control) {
        return Err(bad("note"));
    }
    Ok(text.trim().to_owned())
}

/// `GET /api/admin/bans/{reference}`
///
/// # Errors
/// As [`reader`]; 404 if nothing is known of the number.
pub async fn show(web: Data<Web>, req: HttpRequest, reference: Path<String>) -> Reply {
    reader(&req, &web).await?;
    let told = explain::told(&web.app, &reference).await?;
    Ok(reply::ok(&told.ok_or(Refusal::NotFound)?))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Lift {
    /// The bans that were issued for the same violation as well.
    #[serde(default)]
    together: bool,
}

/// `POST /api/admin/bans/{reference}/lift`
///
/// # Errors
/// As [`changer`]; 404 if there is no such ban.
pub async fn lift(web: Data<Web>, req: HttpRequest, reference: Path<String>, body: Body) -> Reply {
    let changer = changer(&req, &web).await?;
    let Lift { together } = body.parse()?;
    let explained = web.app.explain_ban(&reference).await?.ok_or(Refusal::NotFound)?;
    let lifted = if together {
        web.app.unban_together(&explained.ban, &changer.by).await?
    } else {
        let whose = Whose::Reference(explained.ban.reference);
        web.app.unban(whose, &changer.by).await?
    };
    Ok(lifted_object(&lifted))
}

fn lifted_object(lifted: &[Ban]) -> HttpResponse {
    let references: Vec<&str> = lifted.iter().map(|ban| ban.reference.as_str()).collect();
    reply::ok(&json!({ "lifted": references }))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Forgiven {
    subject: String,
}

/// `POST /api/admin/unban`
///
/// # Errors
/// As [`changer`]; 400 for what is neither account nor network.
pub async fn unban(web: Data<Web>, req: HttpRequest, body: Body) -> Reply {
    let changer = changer(&req, &web).await?;
    let form: Forgiven = body.parse()?;
    let subject = subjects::find(&web.app, &form.subject)
        .await?
        .ok_or_else(|| bad("subject"))?;
    let lifted = web.app.unban(Whose::Of(subject), &changer.by).await?;
    Ok(lifted_object(&lifted))
}

/// `GET /api/admin/spared-networks`
///
/// # Errors
/// As [`reader`].
pub async fn spared(web: Data<Web>, req: HttpRequest) -> Reply {
    reader(&req, &web).await?;
    let listed: Vec<Json> = web.app.spared_networks().await?.iter().map(spared_object).collect();
    let exempt = &web.app.config.moderation.policy.exempt;
    let configured: Vec<String> = exempt.iter().map(ToString::to_string).collect();
    Ok(reply::ok(&json!({ "networks": listed, "configured": configured })))
}

fn spared_object(spared: &SparedNetwork) -> Json {
    json!({
        "network": spared.network.to_string(),
        "note": spared.note,
        "by": spared.by,
        "createdAt": spared.created_at.to_string(),
    })
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct NewSpared {
    network: String,
    #[serde(default)]
    note: String,
}

/// `POST /api/admin/spared-networks`
///
/// # Errors
/// As [`changer`]; 400 naming the field.
pub async fn spare(web: Data<Web>, req: HttpRequest, body: Body) -> Reply {
    let changer = changer(&req, &web).await?;
    let form: NewSpared = body.parse()?;
    let network: Network = form.network.parse().map_err(|_| bad("network"))?;
    let lifted = web.app.spare_network(network, &note(&form.note)?, &changer.by).await?;
    Ok(lifted_object(&lifted))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Unspared {
    network: String,
}

/// `POST /api/admin/spared-networks/remove`
///
/// # Errors
/// As [`changer`]; 400 for what is no network, 404 if it is not on the list.
pub async fn unspare(web: Data<Web>, req: HttpRequest, body: Body) -> Reply {
    let changer = changer(&req, &web).await?;
    let form: Unspared = body.parse()?;
    let network: Network = form.network.parse().map_err(|_| bad("network"))?;
    web.app.unspare_network(network, &changer.by).await?;
    Ok(reply::ok(&json!({ "network": network.to_string() })))
}

#[derive(Deserialize)]
struct Violations {
    #[serde(default)]
    subject: String,
    #[serde(default)]
    kind: String,
    #[serde(default)]
    hours: Option<u32>,
    before: Option<i64>,
    limit: Option<u32>,
}

/// `GET /api/admin/violations`
///
/// # Errors
/// As [`reader`]; 400 naming what makes no sense.
pub async fn violations(web: Data<Web>, req: HttpRequest) -> Reply {
    reader(&req, &web).await?;
    let asked: Violations = query(&req)?;
    let subject = match asked.subject.trim() {
        "" => None,
        text => Some(subjects::find(&web.app, text).await?.ok_or_else(|| bad("subject"))?),
    };
    let kind = match asked.kind.as_str() {
        "" => None,
        key => Some(Violation::from_key(key).ok_or_else(|| bad("kind"))?),
    };
    let ago = |hours: u32| web.app.now().before(Duration::from_hours(u64::from(hours)));
    let filter = ViolationFilter {
        subject,
        kind,
        since: asked.hours.map(ago),
        until: None,
        before: asked.before,
        limit: asked.limit.unwrap_or(PAGE).min(MOST),
    };
    let page = web.app.find_violations(filter).await?;
    let counts = web.app.count_violations(ago(asked.hours.unwrap_or(24))).await?;
    let counts: Vec<Json> = counts
        .iter()
        .map(|count| {
            let points = number(count.points.thousandths());
            json!({ "kind": count.kind.key(), "times": count.times, "points": points })
        })
        .collect();
    let rows: Vec<Json> = page.rows.iter().map(violation).collect();
    Ok(reply::ok(
        &json!({ "violations": rows, "next": page.next, "counts": counts }),
    ))
}
