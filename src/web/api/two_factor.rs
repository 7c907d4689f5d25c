//! `/api/auth/2fa`: the second factor, at login and in the settings.

use actix_web::http::StatusCode;
use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse};
use serde::{Deserialize, Serialize};

use crate::app::quota::Quota;
use crate::app::second_factor::change::{Change, CodeMark};
use crate::app::second_factor::login::SecondStep;
use crate::domain::refusal::{LimitedAction, Refusal};
use crate::domain::second_factor::{Answer, BackupCode};
use crate::domain::secret::Secret;
use crate::web::api::{auth, identity};
use crate::web::extract::{Body, Field};
use crate::web::reply::{self, Reply};
use crate::web::{Web, guard, visitor};

/// The answer in a request's body; LibreChat's client sends one of the two.
pub(in crate::web) fn answer(token: Field, backup_code: Field) -> Option<Answer> {
    let text = |field: Field| match field {
        Field::Text(text) => Some(text),
        Field::Absent | Field::Null => None,
        // Something was sent, and it is wrong.
        Field::Other(kind) => Some(kind.to_owned()),
    };
    Answer::parse(text(token).as_deref(), text(backup_code).as_deref())
}

/// Codes as their owner reads them.
pub(super) fn shown(codes: &[BackupCode]) -> Vec<&str> {
    codes.iter().map(BackupCode::expose).collect()
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct AnswerForm {
    #[serde(default)]
    token: Field,
    #[serde(default, rename = "backupCode")]
    backup_code: Field,
}

/// Runs something that somebody signed in does with their second factor: limited by account.
async fn settings<F>(web: &Web, req: &HttpRequest, body: Body, act: F) -> HttpResponse
where
    F: AsyncFnOnce(Change<'_>, &mut Quota) -> Reply,
{
    let mut quota = Quota::default();
    let outcome = async {
        guard::same_site(req, &web.place)?;
        let who = identity(req, web).await?;
        quota = web
            .app
            .take_quota(LimitedAction::TwoFactorSettings, &who.account.id.to_string());
        quota.check()?;
        let form: AnswerForm = body.parse()?;
        let change = Change {
            who: &who,
            answer: answer(form.token, form.backup_code),
            origin: &visitor::origin(req, web),
        };
        act(change, &mut quota).await
    };
    let outcome = outcome.await;
    reply::limited(&quota, outcome)
}

fn nothing() -> HttpResponse {
    reply::respond(StatusCode::OK).finish()
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct EnabledView<'a> {
    otpauth_url: &'a str,
    backup_codes: Vec<&'a str>,
}

/// `POST /api/auth/2fa/enable`, and GET for older clients
pub async fn enable(web: Data<Web>, req: HttpRequest, body: Body) -> HttpResponse {
    settings(&web, &req, body, async |change, quota| {
        let made = web.app.begin_enrolment(change, quota).await?;
        Ok(reply::ok(&EnabledView {
            otpauth_url: made.pairing.uri.expose(),
            backup_codes: shown(&made.codes),
        }))
    })
    .await
}

/// `POST /api/auth/2fa/verify`
pub async fn verify(web: Data<Web>, req: HttpRequest, body: Body) -> HttpResponse {
    settings(&web, &req, body, async |change, quota| {
        web.app.verify_enrolment(change, quota).await?;
        Ok(nothing())
    })
    .await
}

/// `POST /api/auth/2fa/confirm`
pub async fn confirm(web: Data<Web>, req: HttpRequest, body: Body) -> HttpResponse {
    settings(&web, &req, body, async |change, _| {
        web.app.confirm_enrolment(change, false).await?;
        Ok(nothing())
    })
    .await
}

/// `POST /api/auth/2fa/disable`
pub async fn disable(web: Data<Web>, req: HttpRequest, body: Body) -> HttpResponse {
    settings(&web, &req, body, async |change, quota| {
        web.app.disable_second_factor(change, quota).await?;
        Ok(nothing())
    })
    .await
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct MarkView<'a> {
    code_hash: &'a str,
    used: bool,
    used_at: Option<String>,
}

impl<'a> From<&'a CodeMark> for MarkView<'a> {
    fn from(mark: &'a CodeMark) -> Self {
        Self {
            code_hash: &mark.name,
            used: mark.used_at.is_some(),
            used_at: mark.used_at.map(|at| at.to_string()),
        }
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct RegeneratedView<'a> {
    backup_codes: Vec<&'a str>,
    backup_codes_hash: Vec<MarkView<'a>>,
}

/// `POST /api/auth/2fa/backup/regenerate`
pub async fn regenerate(web: Data<Web>, req: HttpRequest, body: Body) -> HttpResponse {
    settings(&web, &req, body, async |change, quota| {
        let made = web.app.regenerate_backup_codes(change, quota).await?;
        Ok(reply::ok(&RegeneratedView {
            backup_codes: shown(&made.codes),
            backup_codes_hash: made.marks.iter().map(MarkView::from).collect(),
        }))
    })
    .await
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct VerifyForm {
    #[serde(default, rename = "tempToken")]
    ticket: Field,
    #[serde(default)]
    token: Field,
    #[serde(default, rename = "backupCode")]
    backup_code: Field,
}

/// `POST /api/auth/2fa/verify-temp`: the second step of a login.
pub async fn verify_temp(web: Data<Web>, req: HttpRequest, body: Body) -> HttpResponse {
    let form = body.parse::<VerifyForm>().map(|form| {
        let answer = answer(form.token, form.backup_code);
        (Secret::new(form.ticket.text()), answer)
    });
    let client = visitor::limit_key(&req, &web);
    let device = visitor::device(&req, &web);
    let counted = match &form {
        Ok((ticket, _)) if !ticket.expose().is_empty() => {
            web.app.take_code_quota(&client, ticket, device.as_ref()).await
        }
        Ok(_) | Err(_) => Ok(web.app.take_quota(LimitedAction::TwoFactor, &client)),
    };
    let mut quota = match counted {
        Ok(quota) => quota,
        Err(failure) => return reply::failed(&failure),
    };
    let outcome = async {
        quota.check()?;
        guard::same_site(&req, &web.place)?;
        let (ticket, answer) = form?;
        if ticket.expose().is_empty() {
            return Err(Refusal::NoTicket.into());
        }
        let step = SecondStep {
            ticket,
            answer,
            device,
            trust: None,
            origin: visitor::origin(&req, &web),
        };
        let signed_in = web.app.complete_login(step, &mut quota).await?;
        Ok(auth::welcome(&web, &signed_in))
    };
    let outcome = outcome.await;
    reply::limited(&quota, outcome)
}
