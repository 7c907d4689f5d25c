//! Bans in words, and as JSON: the same keys in every command.

use serde_json::{Value as Json, json};

use crate::app::App;
use crate::cli::Stop;
use crate::cli::list_users::moment;
use crate::cli::rows::Rows;
use crate::cli::subject::Named;
use crate::domain::moderation::ban::{Ban, BanState, Spared, Unbannable};
use crate::domain::moderation::points::Points;
use crate::domain::time::Timestamp;

/// Points as a JSON number.
#[must_use]
pub fn number(points: Points) -> Json {
    let thousandths = points.thousandths();
    if thousandths % 1000 == 0 {
        return json!(thousandths / 1000);
    }
    // A decimal with three places is read back exactly.
    serde_json::from_str(&points.to_string()).unwrap_or(Json::Null)
}

/// A moment as JSON: ISO 8601 in UTC, or null.
#[must_use]
pub fn time(at: Option<Timestamp>) -> Json {
    json!(at.map(|at| at.to_string()))
}

/// A ban as JSON.
#[must_use]
pub fn object(ban: &Ban, named: &Named, now: Timestamp) -> Json {
    let mut object = named.keys();
    let more = json!({
        "reference": ban.reference,
        "state": state(ban, now),
        "cause": ban.cause,
        "points": number(ban.points),
        "interval": number(ban.interval),
        "by": ban.by,
        "note": ban.note,
        "started_at": time(Some(ban.started_at)),
        "ends_at": time(ban.ends_at),
        "lifted_at": time(ban.lifted_at),
    });
    if let Json::Object(more) = more {
        object.extend(more);
    }
    Json::Object(object)
}

/// One word for how a ban stands now.
#[must_use]
pub fn state(ban: &Ban, now: Timestamp) -> &'static str {
    match ban.state(now) {
        BanState::Shadow => "shadow",
        BanState::Lifted => "lifted",
        BanState::InForce => "in force",
        BanState::Over => "over",
    }
}

/// Until when, in words.
#[must_use]
pub fn until(ban: &Ban) -> String {
    match ban.ends_at {
        Some(end) => format!("until {} UTC", moment(Some(end))),
        None => "until somebody lifts it".to_owned(),
    }
}

/// A list of bans.
///
/// # Errors
/// If an account cannot be looked up.
pub(super) async fn rows(app: &App, bans: &[Ban]) -> Result<Rows, Stop> {
    let now = app.now();
    let mut rows = Vec::with_capacity(bans.len());
    for ban in bans {
        let named = Named::of(app, ban.subject).await?;
        let cells = vec![
            ban.reference.clone(),
            named.label(),
            ban.cause.clone(),
            ban.points.to_string(),
            moment(Some(ban.started_at)),
            moment(ban.ends_at),
            state(ban, now).to_owned(),
            ban.by.clone(),
            ban.note.clone(),
        ];
        rows.push((cells, object(ban, &named, now)));
    }
    Ok(Rows {
        titles: &[
            "Reference",
            "Subject",
            "Cause",
            "Points",
            "Since",
            "Until",
            "State",
            "By",
            "Note",
        ],
        rows,
    })
}

/// Why somebody may not be banned, and what would change that.
#[must_use]
pub fn refused(name: &str, reason: Unbannable) -> String {
    match reason {
        Unbannable::Spared(Spared::Loopback) => {
            format!("{name} is not banned: this machine is in it, and with it the proxy and the probes that run here")
        }
        Unbannable::Spared(Spared::TrustedProxy) => format!(
            "{name} is not banned: a trusted proxy is in it, and a ban would shut out everybody behind that proxy; ban \
             the address of the visitor instead"
        ),
        Unbannable::Spared(Spared::Exempt) => {
            format!("{name} is not banned: the setting moderation.exempt spares it or a part of it")
        }
        Unbannable::Spared(Spared::Listed) => format!(
            "{name} is not banned: it, or a part of it, is on the list of networks that are never banned; \
             `librechat-auth bans spared` shows the list, `bans unspare` takes a network off it"
        ),
        Unbannable::Spared(Spared::GoodLogin) => {
            format!("{name} is not banned: somebody logged in well from there within 24 hours")
        }
        Unbannable::OwnAccount => format!("{name} is not banned: it is the account of whoever asks"),
        Unbannable::OwnAddress => format!("{name} is not banned: whoever asks is there"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn points_are_exact_numbers() {
        assert_eq!(number(Points::whole(20)).to_string(), "20");
        assert_eq!(number(Points::from_thousandths(1_005)).to_string(), "1.005");
    }
}
