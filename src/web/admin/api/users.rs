//! Routes of the administration: everybody with an account. What LibreChat has keeps its bodies, bounds and texts.

use actix_web::http::StatusCode;
use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse};
use serde::Serialize;
use serde_json::{Value as Json, json};

use crate::app::Failure;
use crate::domain::account::Account;
use crate::domain::directory::{Asked, Found, LONGEST_SEARCH, Order, Start, State, Total};
use crate::domain::field::{Issue, Rule};
use crate::domain::group::GroupName;
use crate::domain::refusal::Refusal;
use crate::web::Web;
use crate::web::admin::api::reader;
use crate::web::api::auth::login_to;
use crate::web::api::view::{UserView, reachable};
use crate::web::extract::{Body, Pairs};
use crate::web::place::Place as Here;
use crate::web::reply::{self, Reply};

pub mod change;
pub mod file;
pub mod person;

/// Most rows of one answer.
const MOST: i64 = 200;
/// Rows of one answer if nobody says.
const USUAL: i64 = 50;
/// Most people that a search finds.
const MOST_FOUND: i64 = 50;
/// How many a search finds if nobody says.
const USUALLY_FOUND: i64 = 20;

/// `POST /api/admin/login/local`
pub async fn login(web: Data<Web>, req: HttpRequest, body: Body) -> HttpResponse {
    login_to(&web, &req, body, true).await
}

/// `GET /api/admin/verify`
///
/// # Errors
/// 401 without a key, 403 for whoever may not look at the administration.
pub async fn verify(web: Data<Web>, req: HttpRequest) -> Reply {
    let who = reader(&req, &web).await?;
    Ok(reply::ok(&json!({ "user": UserView::new(&who.account, &web.place) })))
}

/// A row of the list, as LibreChat prints it: nothing is missing, everything is text.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Row<'a> {
    id: String,
    name: &'a str,
    username: &'a str,
    email: &'a str,
    avatar: String,
    role: &'a str,
    provider: &'a str,
    created_at: String,
    updated_at: String,
}

impl<'a> Row<'a> {
    fn new(account: &'a Account, here: &Here) -> Self {
        Self {
            id: account.id.to_string(),
            name: &account.name,
            username: account.username.as_deref().unwrap_or_default(),
            email: account.email.as_str(),
            avatar: avatar(account, here).unwrap_or_default(),
            role: account.role.as_str(),
            provider: &account.provider,
            created_at: account.created_at.to_string(),
            updated_at: account.updated_at.to_string(),
        }
    }
}

fn avatar(account: &Account, here: &Here) -> Option<String> {
    let avatar = account.avatar.as_deref()?;
    Some(reachable(avatar, here).into_owned())
}

/// `GET /api/admin/users`: LibreChat's list, or with filters and an order one that is paged by places.
///
/// # Errors
/// 401 or 403; 400 for a filter that makes no sense.
pub async fn list(web: Data<Web>, req: HttpRequest) -> Reply {
    reader(&req, &web).await?;
    let query = Pairs::of(req.query_string());
    let limit = query.first("limit").and_then(whole).unwrap_or(USUAL).clamp(1, MOST);
    let wanted = Wanted::parse(&query).map_err(Refusal::Invalid)?;
    let outcome = match wanted {
        Some(wanted) => filtered(&web, wanted, limit).await,
        None => newest(&web, limit, query.first("offset").and_then(whole).unwrap_or(0).max(0)).await,
    };
    match outcome {
        Err(Failure::Fault(fault)) => {
            fault.log();
            let body = json!({ "error": "Failed to list users" });
            Ok(reply::respond(StatusCode::INTERNAL_SERVER_ERROR).json(body))
        }
        outcome => outcome,
    }
}

async fn newest(web: &Web, limit: i64, offset: i64) -> Reply {
    let rows = u32::try_from(limit).unwrap_or(0);
    let (users, total) = web.app.newest_users(rows, offset.unsigned_abs()).await?;
    let users: Vec<_> = users.iter().map(|account| Row::new(account, &web.place)).collect();
    let body = Newest {
        users,
        total,
        limit,
        offset,
    };
    Ok(reply::ok(&body))
}

#[derive(Serialize)]
struct Newest<'a> {
    users: Vec<Row<'a>>,
    total: u64,
    limit: i64,
    offset: i64,
}

/// What LibreChat cannot be asked.
pub(super) struct Wanted {
    asked: Asked,
    order: Order,
    start: Start,
}

impl Wanted {
    /// `None` if nothing of it is in the query.
    fn parse(query: &Pairs) -> Result<Option<Self>, Vec<Issue>> {
        let (mut asked, mut is_wanted) = (Asked::default(), false);
        for (name, value) in query.all() {
            is_wanted |= asked.set(name, value) || ["sort", "after", "before"].contains(&name);
        }
        if !is_wanted {
            return Ok(None);
        }
        let bad = |field| vec![Issue::new(field, Rule::InvalidInput)];
        let order = match query.first("sort").filter(|text| !text.is_empty()) {
            Some(text) => Order::parse(text).ok_or_else(|| bad("sort"))?,
            None => Order::default(),
        };
        let place = |field: &'static str, text: &str| order.sort.place(text).ok_or_else(|| bad(field));
        let start = match (query.first("after"), query.first("before")) {
            (Some(text), _) => Start::After(place("after", text)?),
            (None, Some("end")) => Start::End,
            (None, Some(text)) => Start::Before(place("before", text)?),
            (None, None) => Start::Beginning,
        };
        asked.parse()?;
        Ok(Some(Self { asked, order, start }))
    }
}

async fn filtered(web: &Web, wanted: Wanted, limit: i64) -> Reply {
    let filter = wanted.asked.parse().map_err(Refusal::Invalid)?;
    let rows = usize::try_from(limit).unwrap_or(0);
    let found = web.app.find_users(filter, wanted.order, wanted.start, rows).await?;
    Ok(reply::ok(&page(&found, &web.place, limit)))
}

fn page(found: &Found, here: &Here, limit: i64) -> Json {
    let users: Vec<Json> = found.rows.iter().map(|row| detailed(&row.account, here)).collect();
    json!({
        "users": users,
        "total": found.total.number(),
        "totalIsExact": matches!(found.total, Total::Exactly(_)),
        "limit": limit,
        "previous": found.previous.as_ref().map(ToString::to_string),
        "next": found.next.as_ref().map(ToString::to_string),
        "cutShort": found.is_cut_short,
    })
}

/// A row with what LibreChat's list does not tell.
fn detailed(account: &Account, here: &Here) -> Json {
    let row = Row::new(account, here);
    let groups: Vec<&str> = account.groups.iter().map(GroupName::as_str).collect();
    json!({
        "id": row.id,
        "name": row.name,
        "username": row.username,
        "email": row.email,
        "avatar": row.avatar,
        "role": row.role,
        "provider": row.provider,
        "createdAt": row.created_at,
        "updatedAt": row.updated_at,
        "state": State::of(account).key(),
        "emailVerified": account.email_verified,
        "twoFactorEnabled": account.two_factor_at.is_some(),
        "lastLoginAt": account.last_login_at.map(|at| at.to_string()),
        "groups": groups,
    })
}

/// Somebody who was found, as LibreChat prints them: what registration leaves empty is null.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Hit<'a> {
    id: String,
    name: &'a str,
    email: &'a str,
    username: Option<&'a str>,
    avatar_url: Option<String>,
}

#[derive(Serialize)]
struct Hits<'a> {
    users: Vec<Hit<'a>>,
    total: usize,
    capped: bool,
}

/// `GET /api/admin/users/search`
///
/// # Errors
/// 401 or 403.
pub async fn search(web: Data<Web>, req: HttpRequest) -> Reply {
    reader(&req, &web).await?;
    let query = Pairs::of(req.query_string());
    // As the original: what is given twice is not given.
    let text = query.only("q").map(str::trim).unwrap_or_default();
    let length = text.encode_utf16().count();
    let problem = match length {
        0 => "Query parameter \"q\" is required",
        1 => "Query must be at least 2 characters",
        _ if length > LONGEST_SEARCH => "Query must not exceed 200 characters",
        _ => "",
    };
    if !problem.is_empty() {
        return Ok(reply::respond(StatusCode::BAD_REQUEST).json(json!({ "error": problem })));
    }
    let limit = query.only("limit").and_then(whole).filter(|limit| *limit != 0);
    let limit = limit.unwrap_or(USUALLY_FOUND).clamp(1, MOST_FOUND);
    let limit = usize::try_from(limit).unwrap_or(1);
    let found = match web.app.users_beginning_with(text, limit).await {
        Err(Failure::Fault(fault)) => {
            fault.log();
            let body = json!({ "error": "Failed to search users" });
            return Ok(reply::respond(StatusCode::INTERNAL_SERVER_ERROR).json(body));
        }
        found => found?,
    };
    let users: Vec<_> = found
        .iter()
        .map(|account| Hit {
            id: account.id.to_string(),
            name: &account.name,
            email: account.email.as_str(),
            username: account.username.as_deref(),
            avatar_url: avatar(account, &web.place),
        })
        .collect();
    let total = users.len();
    Ok(reply::ok(&Hits {
        users,
        total,
        capped: total >= limit,
    }))
}

/// A whole number as JavaScript's `parseInt` reads it: what stands after it does not matter.
fn whole(text: &str) -> Option<i64> {
    let text = text.trim_start();
    let (sign, digits) = match text.strip_prefix('-') {
        Some(rest) => (-1, rest),
        None => (1, text.strip_prefix('+').unwrap_or(text)),
    };
    let end = digits.find(|c: char| !c.is_ascii_digit()).unwrap_or(digits.len());
    let digits = digits.get(..end).filter(|digits| !digits.is_empty())?;
    Some(sign * digits.parse().unwrap_or(i64::from(i32::MAX)))
}

#[cfg(test)]
mod tests {
    use super::whole;

    #[test]
    fn numbers_are_read_as_javascript_reads_them() {
        for (text, number) in [
            ("7", Some(7)),
            (" -3x", Some(-3)),
            ("1e9", Some(1)),
            ("+5.9", Some(5)),
            ("99999999999999999999", Some(2_147_483_647)),
            ("", None),
            ("x1", None),
            ("--1", None),
        ] {
            assert_eq!(whole(text), number, "{text:?}");
        }
    }
}
