//! `/api/auth/2fa/setup`: setting up a second factor before anything else, because one is required.

use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse};
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::app::Failure;
use crate::domain::refusal::{LimitedAction, Refusal};
use crate::domain::secret::Secret;
use crate::domain::ticket::TicketKind;
use crate::web::api::auth;
use crate::web::api::two_factor::{answer, shown};
use crate::web::extract::{Body, Field};
use crate::web::reply::{self, Reply};
use crate::web::{Web, guard, visitor};

/// The ticket, or the refusal for one that is not good.
fn ticket(field: Field, kind: TicketKind) -> Result<Secret, Failure> {
    let text = field.text();
    if text.is_empty() {
        return Err(Refusal::BadTicket(kind).into());
    }
    Ok(Secret::new(text))
}

/// Runs a step that could be repeated often: limited by address, as codes at login are.
async fn step<F>(web: &Web, req: &HttpRequest, act: F) -> HttpResponse
where
    F: AsyncFnOnce() -> Reply,
{
    let quota = web
        .app
        .take_quota(LimitedAction::TwoFactor, &visitor::limit_key(req, web));
    let outcome = async {
        quota.check()?;
        guard::same_site(req, &web.place)?;
        act().await
    };
    reply::limited(&quota, outcome.await)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct BeginForm {
    #[serde(default, rename = "tempToken")]
    ticket: Field,
}

/// `POST /api/auth/2fa/setup`
pub async fn begin(web: Data<Web>, req: HttpRequest, body: Body) -> HttpResponse {
    step(&web, &req, async || {
        let form: BeginForm = body.parse()?;
        let pairing = web.app.begin_set_up(&ticket(form.ticket, TicketKind::SetUp)?).await?;
        Ok(reply::ok(&json!({ "otpauthUrl": pairing.uri.expose() })))
    })
    .await
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ConfirmForm {
    #[serde(default, rename = "tempToken")]
    ticket: Field,
    #[serde(default)]
    token: Field,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ConfirmedView<'a> {
    backup_codes: Vec<&'a str>,
    acknowledgement_token: &'a str,
}

/// `POST /api/auth/2fa/setup/confirm`
pub async fn confirm(web: Data<Web>, req: HttpRequest, body: Body) -> HttpResponse {
    step(&web, &req, async || {
        let form: ConfirmForm = body.parse()?;
        let answer = answer(form.token, Field::Absent);
        let ticket = ticket(form.ticket, TicketKind::SetUp)?;
        let kept = web.app.confirm_set_up(&ticket, answer).await?;
        Ok(reply::ok(&ConfirmedView {
            backup_codes: shown(&kept.codes),
            acknowledgement_token: kept.next.ticket.expose(),
        }))
    })
    .await
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct AcknowledgeForm {
    #[serde(default, rename = "acknowledgementToken")]
    ticket: Field,
}

/// `POST /api/auth/2fa/setup/acknowledge`
///
/// # Errors
/// 401 for a ticket that is not good, 400 for one that was overtaken.
pub async fn acknowledge(web: Data<Web>, req: HttpRequest, body: Body) -> Reply {
    guard::same_site(&req, &web.place)?;
    let form: AcknowledgeForm = body.parse()?;
    let ticket = ticket(form.ticket, TicketKind::Acknowledge)?;
    let next = web.app.acknowledge_set_up(&ticket).await?;
    Ok(reply::ok(&json!({ "finalizationToken": next.ticket.expose() })))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FinalizeForm {
    #[serde(default, rename = "finalizationToken")]
    ticket: Field,
}

/// `POST /api/auth/2fa/setup/finalize`
///
/// # Errors
/// As [`acknowledge`].
pub async fn finalize(web: Data<Web>, req: HttpRequest, body: Body) -> Reply {
    guard::same_site(&req, &web.place)?;
    let form: FinalizeForm = body.parse()?;
    let ticket = ticket(form.ticket, TicketKind::Finalize)?;
    let (device, origin) = (visitor::device(&req, &web), visitor::origin(&req, &web));
    let signed_in = web.app.finalize_set_up(&ticket, device, origin).await?;
    Ok(auth::welcome(&web, &signed_in))
}
