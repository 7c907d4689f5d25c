//! What is known of a reference number: a refused request, a ban, or both.

use std::collections::HashMap;

use serde_json::{Value as Json, json};

use crate::app::bans::{Explained, Standing, Why};
use crate::app::{App, Failure};
use crate::web::admin::api::bans::{names, number, object, time, violation};

/// Everything; `None` if nothing is known.
pub(super) async fn told(app: &App, reference: &str) -> Result<Option<Json>, Failure> {
    let (why, explained) = (app.why(reference).await?, app.explain_ban(reference).await?);
    if why.is_none() && explained.is_none() {
        return Ok(None);
    }
    let ban = match &explained {
        Some(explained) => ban(app, explained).await?,
        None => Json::Null,
    };
    Ok(Some(
        json!({ "refusal": why.as_ref().map(refusal), "standing": standings(app, why.as_ref()), "ban": ban }),
    ))
}

fn refusal(why: &Why) -> Json {
    let refused = &why.refused;
    json!({
        "reference": refused.reference,
        "at": refused.at.to_string(),
        "status": refused.status,
        "cause": refused.cause,
        "route": refused.route,
        "address": refused.address,
        "derived": refused.derived,
        "user": refused.user.map(|id| id.to_string()),
    })
}

fn standings(app: &App, why: Option<&Why>) -> Json {
    let of = |standing: &Option<Standing>| standing.as_ref().map(|standing| stands(app, standing));
    match why {
        Some(why) => json!({ "address": of(&why.address), "user": of(&why.user) }),
        None => Json::Null,
    }
}

fn stands(app: &App, standing: &Standing) -> Json {
    let scores: Vec<Json> = standing
        .scores
        .iter()
        .map(|(kind, stored, worth)| {
            json!({
                "kind": kind.key(),
                "points": number(worth.thousandths()),
                "stored": number(stored.points.thousandths()),
                "updatedAt": stored.updated_at.to_string(),
            })
        })
        .collect();
    let nobody = HashMap::new();
    let bans: Vec<Json> = standing
        .bans
        .iter()
        .map(|ban| object(ban, &nobody, app.now()))
        .collect();
    json!({ "scores": scores, "bans": bans })
}

async fn ban(app: &App, explained: &Explained) -> Result<Json, Failure> {
    let Explained { ban, sum, together, .. } = explained;
    let all = [std::slice::from_ref(ban), together].concat();
    let (names, now) = (names(app, &all).await?, app.now());
    let mut told = object(ban, &names, now);
    if let Some(line) = app.timeline(explained) {
        told["arithmetic"] = json!(sum.written());
        told["threshold"] = number(line.threshold.thousandths());
        told["fadesAt"] = time(line.fades_at);
    }
    told["complete"] = json!(sum.is_complete || ban.is_by_hand());
    told["violations"] = sum.events.iter().map(violation).collect();
    told["together"] = together.iter().map(|other| object(other, &names, now)).collect();
    Ok(told)
}
