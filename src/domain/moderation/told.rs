//! Bans and violations as JSON, the same wherever programs read of them.

use serde_json::{Value as Json, json};

use crate::domain::moderation::ban::Ban;
use crate::domain::moderation::subject::Subject;
use crate::domain::moderation::violation::Recorded;
use crate::domain::time::Timestamp;

/// A ban; `email` is the address of the account it is about.
#[must_use]
pub fn ban(ban: &Ban, email: Option<&str>, now: Timestamp) -> Json {
    let (user, network) = parts(ban.subject);
    json!({
        "reference": ban.reference,
        "state": ban.state(now).key(),
        "user": user,
        "email": email,
        "network": network,
        "cause": ban.cause,
        "points": number(ban.points.thousandths()),
        "interval": number(ban.interval.thousandths()),
        "by": ban.by,
        "note": ban.note,
        "startedAt": ban.started_at.to_string(),
        "endsAt": ban.ends_at.map(|at| at.to_string()),
        "liftedAt": ban.lifted_at.map(|at| at.to_string()),
    })
}

/// A violation.
#[must_use]
pub fn violation(event: &Recorded) -> Json {
    json!({
        "id": event.id,
        "at": event.at.to_string(),
        "kind": event.kind.key(),
        "points": number(event.points.thousandths()),
        "user": event.user.map(|id| id.to_string()),
        "address": event.address,
        "source": event.source,
        "detail": event.detail,
    })
}

/// A subject in two fields, one of which is null.
#[must_use]
pub fn parts(subject: Subject) -> (Option<String>, Option<String>) {
    match subject {
        Subject::User(id) => (Some(id.to_string()), None),
        Subject::Network(network) => (None, Some(network.to_string())),
    }
}

/// Thousandths as a JSON number.
#[expect(clippy::cast_precision_loss, reason = "scores are far below 2^53 thousandths")]
#[must_use]
pub fn number(thousandths: i64) -> Json {
    if thousandths % 1000 == 0 {
        json!(thousandths / 1000)
    } else {
        json!(thousandths as f64 / 1000.0)
    }
}
