//! Routes of the administration: everybody with an account. What LibreChat has keeps its bodies, bounds and texts.

use actix_web::http::StatusCode;
use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse};
use serde::Serialize;
use serde_json::{Value as Json, json};

use crate::app::Failure;
use crate::domain::account::Account;
use crate::domain::directory::{Asked, Filter, Found, LONGEST_SEARCH, Order, Start, State, Total};
use crate::domain::field::Issue;
use crate::domain::group::GroupName;
use crate::domain::refusal::Refusal;
use crate::web::Web;
use crate::web::admin::api::reader;
use crate::web::admin::list_query;
use crate::web::api::auth::login_to;
use crate::web::api::view::{UserView, reachable};
use crate::web::extract::{Body, Pairs};
use crate::web::place::Place as Here;
use crate::web::reply::{self, Reply};

pub mod change;
pub mod deleted;
pub mod file;
pub mod person;

/// Most rows of one answer.
const MOST: i64 = 200;
/// Rows of one answer if nobody says.
const USUAL: i64 = 50;
/// The same for a list that is paged by places.
const MOST_PLACES: usize = 200;
const USUAL_PLACES: usize = 50;
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
    let outcome = if let Some(wanted) = Wanted::parse(&query).map_err(Refusal::Invalid)? {
        filtered(&web, wanted).await
    } else {
        let number = |field| query.first(field).and_then(whole);
        let limit = number("limit").unwrap_or(USUAL).clamp(1, MOST);
        newest(&web, limit, number("offset").unwrap_or(0).max(0)).await
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

/// Fields of the list that LibreChat cannot be asked for: texts, and those that have a form.
const TEXTS: [&str; 4] = ["q", "role", "provider", "group"];
const FORMED: [&str; 8] = [
    "state",
    "two_factor",
    "two_factor_demanded",
    "login_after",
    "login_before",
    "sort",
    "after",
    "before",
];

/// The filters of a query, each of which may be there once. What has a form is not empty.
///
/// # Errors
/// Every field that makes no sense.
pub(super) fn filter(query: &Pairs) -> Result<Filter, Vec<Issue>> {
    list_query::once(query, &TEXTS)?;
    list_query::once(query, &FORMED)?;
    list_query::filled(query, &FORMED)?;
    let mut asked = Asked::default();
    for (name, value) in query.all() {
        asked.set(name, value);
    }
    asked.parse()
}

/// What LibreChat cannot be asked.
struct Wanted {
    filter: Filter,
    order: Order,
    start: Start,
    limit: usize,
}

impl Wanted {
    /// `None` if nothing of it is in the query.
    fn parse(query: &Pairs) -> Result<Option<Self>, Vec<Issue>> {
        if !query
            .all()
            .any(|(name, _)| TEXTS.contains(&name) || FORMED.contains(&name))
        {
            return Ok(None);
        }
        list_query::once(query, &["limit"])?;
        let order: Order = list_query::order(query)?;
        Ok(Some(Self {
            filter: filter(query)?,
            order,
            start: list_query::start(query, |text| order.sort.place(text))?,
            limit: list_query::limit(query, USUAL_PLACES, MOST_PLACES)?,
        }))
    }
}

async fn filtered(web: &Web, wanted: Wanted) -> Reply {
    let Wanted {
        filter,
        order,
        start,
        limit,
    } = wanted;
    let found = web.app.find_users(filter, order, start, limit).await?;
    Ok(reply::ok(&page(&found, &web.place, limit)))
}

fn page(found: &Found, here: &Here, limit: usize) -> Json {
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
        "twoFactorDemanded": account.two_factor_demanded_at.is_some(),
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
