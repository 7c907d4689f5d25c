//! Routes of the administration: how the server is doing.

use actix_web::HttpRequest;
use actix_web::web::{Data, Query};
use serde::Deserialize;
use serde_json::{Map, Value, json};

use crate::app::doctor::Report;
use crate::domain::lang::Lang;
use crate::domain::refusal::Refusal;
use crate::domain::session::Identity;
use crate::domain::tally::{Curve, Curves, Span};
use crate::domain::time::Timestamp;
use crate::web::Web;
use crate::web::admin::api::reader;
use crate::web::admin::pages::overview::examined;
use crate::web::reply::{self, Reply};

/// How far back.
#[derive(Deserialize)]
pub struct Asked {
    #[serde(default)]
    span: Option<String>,
}

/// `GET /api/admin/overview?span=24h`
///
/// # Errors
/// Those of the gate; [`Refusal::NotFound`] for a span that is none.
pub async fn show(web: Data<Web>, req: HttpRequest, asked: Query<Asked>) -> Reply {
    reader(&req, &web).await?;
    let span = match &asked.span {
        Some(key) => Span::from_key(key).ok_or(Refusal::NotFound)?,
        None => Span::default(),
    };
    let health = examined(&web).await;
    let overview = web.app.overview(span).await?;
    let online = &overview.online;
    Ok(reply::ok(&json!({
        "at": overview.now.to_string(),
        "version": env!("CARGO_PKG_VERSION"),
        "uptimeSeconds": overview.uptime.as_secs(),
        "users": overview.counts.users,
        "waiting": overview.counts.waiting,
        "sessions": overview.counts.sessions,
        "bans": overview.counts.bans,
        "online": online.count,
        "newest": online.newest.iter().map(present).collect::<Vec<_>>(),
        "span": span.key(),
        "stepHours": span.step(),
        "starts": overview.curves.starts.iter().map(ToString::to_string).collect::<Vec<_>>(),
        "curves": curves(&overview.curves),
        "health": health.map(|(report, _)| findings(&report)),
    })))
}

fn present((identity, at): &(Identity, Timestamp)) -> Value {
    json!({
        "id": identity.account.id.to_string(),
        "name": identity.account.name,
        "email": identity.account.email.as_str(),
        "address": identity.session.origin.address,
        "userAgent": identity.session.origin.user_agent,
        "lastUsedAt": at.to_string(),
    })
}

fn curves(curves: &Curves) -> Map<String, Value> {
    let named = |curve: &Curve| (curve.tally.key().to_owned(), json!(curve.counts));
    curves.curves.iter().map(named).collect()
}

/// Findings as `doctor --json` prints them.
fn findings(report: &Report) -> Value {
    report
        .findings
        .iter()
        .map(|finding| {
            json!({
                "check": finding.key(),
                "grade": finding.grade().key(),
                "finding": finding.sentence(Lang::En),
                "remedy": finding.remedy(Lang::En, report.proxy),
            })
        })
        .collect()
}
