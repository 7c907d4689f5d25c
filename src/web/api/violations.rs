//! `POST /api/violations`: other programs report what happens in them, and it counts here.

use std::net::IpAddr;

use actix_web::HttpRequest;
use actix_web::web::Data;
use serde::Deserialize;
use serde_json::json;

use crate::app::Failure;
use crate::app::moderation::Report;
use crate::domain::field::{Issue, Rule};
use crate::domain::ids::UserId;
use crate::domain::moderation::violation::Violation;
use crate::domain::refusal::Refusal;
use crate::web::extract::{Body, Field};
use crate::web::reply::{self, Reply};
use crate::web::{Web, visitor};

/// A remark longer than this is cut.
const MOST_OF_DETAIL: usize = 200;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Form {
    #[serde(default, rename = "type")]
    kind: Field,
    #[serde(default)]
    user: Field,
    #[serde(default)]
    address: Field,
    #[serde(default)]
    detail: Field,
}

/// `POST /api/violations`
///
/// # Errors
/// 404 while no secret is configured; 401 for a wrong one; 400 naming the field.
pub async fn report(web: Data<Web>, req: HttpRequest, body: Body) -> Reply {
    admit(&web, &req)?;
    let form: Form = body.parse()?;
    let kind = form.kind.required("type").map_err(one)?;
    let kind = Violation::from_key(&kind).ok_or_else(|| one(Issue::new("type", Rule::InvalidInput)))?;
    let user = match form.user.optional("user").map_err(one)? {
        Some(text) => Some(user(&web, &text).await?),
        None => None,
    };
    let address = form
        .address
        .optional("address")
        .map_err(one)?
        .map(|text| address(&text))
        .transpose()?;
    if user.is_none() && address.is_none() {
        return Err(one(Issue::new("user", Rule::Required)));
    }
    let detail = form.detail.optional("detail").map_err(one)?.unwrap_or_default();
    let detail = detail
        .chars()
        .filter(|c| !c.is_control())
        .take(MOST_OF_DETAIL)
        .collect();
    let reported = web
        .app
        .report(Report {
            kind,
            user,
            address,
            source: "api",
            detail,
        })
        .await?;
    let bans: Vec<_> = reported
        .bans
        .iter()
        .map(|ban| {
            json!({
                "subject": ban.subject.to_string(),
                "reference": ban.reference,
                "endsAt": ban.ends_at.map(|end| end.to_string()),
                "shadow": ban.shadow,
            })
        })
        .collect();
    let spared = reported.spared.map(crate::domain::moderation::ban::Spared::key);
    let body = json!({ "points": reported.points.to_string(), "bans": bans, "addressSpared": spared });
    Ok(reply::ok(&body))
}

fn admit(web: &Web, req: &HttpRequest) -> Result<(), Failure> {
    let secret = web.app.config.moderation.api_secret.as_ref().ok_or(Refusal::NotFound)?;
    let token = visitor::bearer(req).ok_or(Refusal::NoAccessToken)?;
    if secret.matches(token) {
        Ok(())
    } else {
        Err(Refusal::SessionOver.into())
    }
}

async fn user(web: &Web, text: &str) -> Result<UserId, Failure> {
    let found = web.app.find_user(text).await?;
    found
        .map(|account| account.id)
        .ok_or_else(|| one(Issue::new("user", Rule::InvalidInput)))
}

fn address(text: &str) -> Result<IpAddr, Failure> {
    text.trim()
        .parse()
        .map_err(|_| one(Issue::new("address", Rule::InvalidInput)))
}

fn one(issue: Issue) -> Failure {
    Refusal::Invalid(vec![issue]).into()
}
