//! `GET /api/admin/simulate`: a policy tried on what was recorded. Nobody is banned by it.

use std::time::Duration;

use actix_web::HttpRequest;
use actix_web::web::Data;
use serde_json::{Value as Json, json};

use crate::app::simulate::AT_A_GLANCE;
use crate::config;
use crate::domain::ids::UserId;
use crate::domain::moderation::compare::{Change, Hit, Tally, compare};
use crate::domain::moderation::policy::Policy;
use crate::domain::moderation::subject::Subject;
use crate::domain::moderation::violation::Violation;
use crate::domain::refusal::{BodyError, Refusal};
use crate::web::Web;
use crate::web::admin::api::bans::{number, parts, time};
use crate::web::admin::api::reader;
use crate::web::admin::policy_form::PolicyForm;
use crate::web::reply::{self, Reply};

/// Those hit that are named, at most.
const MOST_HITS: usize = 1_000;

/// `GET /api/admin/simulate`
///
/// # Errors
/// As [`reader`]; 400 saying what makes no sense.
pub async fn simulate(web: Data<Web>, req: HttpRequest) -> Reply {
    reader(&req, &web).await?;
    let live = web.app.live();
    let present = &live.moderation.policy;
    let form = PolicyForm::read(req.query_string(), present);
    if let Some((name, value)) = form.misread.first() {
        return Err(Refusal::BadBody(BodyError::Shape(format!("{name} cannot be {value:?}"))).into());
    }
    let since = web.app.now().before(Duration::from_hours(24 * u64::from(form.days)));
    let trial = web.app.simulate(&form.policy, since, Some(AT_A_GLANCE)).await?;
    let hits = compare(&trial.tried, &trial.present);
    let ids = hits.iter().take(MOST_HITS).filter_map(user);
    let names = web.app.known_accounts(ids).await?;
    let count = |change| hits.iter().filter(|hit| hit.change() == change).count();
    let told = |hit: &Hit| {
        let email = user(hit)
            .and_then(|id| names.get(&id))
            .map(|account| account.email.to_string());
        hit_object(hit, email.as_deref())
    };
    Ok(reply::ok(&json!({
        "since": since.to_string(),
        "cutAt": time(trial.cut_at),
        "violations": trial.violations,
        "present": { "policy": policy(present), "result": tally(Tally::of(&trial.present)) },
        "tried": { "policy": policy(&form.policy), "result": tally(Tally::of(&trial.tried)) },
        "changes": {
            "newly": count(Change::Newly),
            "noLonger": count(Change::NoLonger),
            "both": count(Change::Both),
        },
        "hits": hits.iter().take(MOST_HITS).map(told).collect::<Vec<Json>>(),
        "configuration": config::moderation_lines(&form.policy, present),
    })))
}

fn user(hit: &Hit) -> Option<UserId> {
    match hit.subject {
        Subject::User(id) => Some(id),
        Subject::Network(_) => None,
    }
}

fn hit_object(hit: &Hit, email: Option<&str>) -> Json {
    let (user, network) = parts(hit.subject);
    json!({
        "change": match hit.change() {
            Change::Newly => "newly",
            Change::NoLonger => "noLonger",
            Change::Both => "both",
        },
        "user": user,
        "email": email,
        "network": network,
        "tried": hit.tried,
        "present": hit.present,
        "cause": hit.cause.key(),
        "firstAt": hit.first_at.to_string(),
        "cameBackAt": time(hit.came_back_at),
    })
}

fn tally(tally: Tally) -> Json {
    json!({
        "users": tally.users,
        "addresses": tally.addresses,
        "bans": tally.bans,
        "cameBack": tally.came_back,
    })
}

fn policy(policy: &Policy) -> Json {
    let score = |kind: &Violation| (kind.key().to_owned(), number(policy.score(*kind).thousandths()));
    let scores: serde_json::Map<String, Json> = Violation::ALL.iter().map(score).collect();
    json!({
        "interval": number(policy.interval.thousandths()),
        "durationSeconds": policy.duration.as_secs_f64(),
        "scoreTtlSeconds": policy.score_lifetime.map(|life| life.as_secs_f64()),
        "scores": scores,
    })
}
