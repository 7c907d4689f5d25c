//! Routes of the administration: logins with other providers.

use actix_web::HttpRequest;
use actix_web::web::{Data, Path};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::app::federated_login::states::ProviderState;
use crate::app::flights::Wanted;
use crate::domain::federation::flight::Flight;
use crate::domain::refusal::Refusal;
use crate::web::Web;
use crate::web::admin::api::bans::{bad, query};
use crate::web::admin::api::{changer, reader};
use crate::web::extract::Body;
use crate::web::reply::{self, Reply};

pub mod expected;

/// Logins of an answer unless somebody says otherwise, and at most.
const PAGE: usize = 50;
const MOST: usize = 500;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Listed {
    provider: Option<String>,
    #[serde(default)]
    failed: bool,
    limit: Option<usize>,
}

/// `GET /api/admin/providers`
///
/// # Errors
/// As [`reader`].
pub async fn list(web: Data<Web>, req: HttpRequest) -> Reply {
    reader(&req, &web).await?;
    let states = web.app.provider_states().await?;
    Ok(reply::ok(
        &json!({ "providers": states.iter().map(object).collect::<Vec<_>>() }),
    ))
}

/// `POST /api/admin/providers/{id}/test`
///
/// # Errors
/// As [`changer`]; 404 if there is no such provider.
pub async fn test(web: Data<Web>, req: HttpRequest, id: Path<String>) -> Reply {
    changer(&req, &web).await?;
    let state = web.app.test_provider(&id).await?.ok_or(Refusal::NotFound)?;
    Ok(reply::ok(&object(&state)))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Pasted {
    claims: Value,
}

/// `POST /api/admin/providers/{id}/claims`
///
/// # Errors
/// As [`changer`]; 400 for what are no claims; 404 if there is no such provider.
pub async fn try_claims(web: Data<Web>, req: HttpRequest, id: Path<String>, body: Body) -> Reply {
    changer(&req, &web).await?;
    if !web.app.provider_ids().any(|known| known == id.as_str()) {
        return Err(Refusal::NotFound.into());
    }
    let Pasted { claims } = body.parse()?;
    let vouched = web.app.read_claims(&id, &claims.to_string());
    let trial = web.app.try_claims(&id, vouched.map_err(|_| bad("claims"))?).await?;
    Ok(reply::ok(&trial.object(&id)))
}

/// `GET /api/admin/flights`
///
/// # Errors
/// As [`reader`]; 400 naming what makes no sense.
pub async fn flights(web: Data<Web>, req: HttpRequest) -> Reply {
    reader(&req, &web).await?;
    let asked: Listed = query(&req)?;
    if asked.limit == Some(0) {
        return Err(bad("limit"));
    }
    let wanted = Wanted {
        provider: asked.provider,
        only_failed: asked.failed,
        most: asked.limit.unwrap_or(PAGE).min(MOST),
    };
    let flights = web.app.flights(&wanted).await?;
    Ok(reply::ok(
        &json!({ "flights": flights.iter().map(Flight::object).collect::<Vec<_>>() }),
    ))
}

/// `GET /api/admin/flights/{reference}`
///
/// # Errors
/// As [`reader`]; 404 if no login of that number is recorded.
pub async fn flight(web: Data<Web>, req: HttpRequest, reference: Path<String>) -> Reply {
    reader(&req, &web).await?;
    let flight = web.app.flight(&reference).await?.ok_or(Refusal::NotFound)?;
    let mut body = flight.object();
    let trial = web.app.try_flight(&flight).await?;
    body["trial"] = trial.map_or(Value::Null, |trial| trial.object(flight.provider.as_str()));
    Ok(reply::ok(&body))
}

fn object(state: &ProviderState) -> Value {
    json!({
        "id": state.id,
        "label": state.label,
        "redirectUri": state.redirect_uri,
        "askedAt": state.asked_at.map(|at| at.to_string()),
        "wellAt": state.well_at.map(|at| at.to_string()),
        "trouble": state.trouble,
        "identities": state.identities,
    })
}
