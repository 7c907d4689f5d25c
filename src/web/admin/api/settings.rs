//! Routes of the administration: what is configured, and what may be changed here.

use actix_web::HttpRequest;
use actix_web::http::StatusCode;
use actix_web::web::{Data, Path};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::app::settings::{Changed, Listed, NotChanged, Said, Source};
use crate::domain::refusal::Refusal;
use crate::web::Web;
use crate::web::admin::api::{changer, reader};
use crate::web::extract::Body;
use crate::web::reply::{self, Reply};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Form {
    value: String,
}

/// `GET /api/admin/settings`
///
/// # Errors
/// As [`reader`].
pub async fn list(web: Data<Web>, req: HttpRequest) -> Reply {
    reader(&req, &web).await?;
    let settings: Vec<Value> = web.app.settings().iter().map(object).collect();
    Ok(reply::ok(&json!({ "settings": settings })))
}

/// `PUT /api/admin/settings/{key}`
///
/// # Errors
/// As [`changer`]; 404 for a setting that there is not.
pub async fn change(web: Data<Web>, req: HttpRequest, key: Path<String>, body: Body) -> Reply {
    let changer = changer(&req, &web).await?;
    let form: Form = body.parse()?;
    answer(web.app.change_setting(&key, &form.value, &changer.by).await?)
}

/// `DELETE /api/admin/settings/{key}`
///
/// # Errors
/// As [`changer`]; 404 for a setting that there is not.
pub async fn reset(web: Data<Web>, req: HttpRequest, key: Path<String>) -> Reply {
    let changer = changer(&req, &web).await?;
    answer(web.app.reset_setting(&key, &changer.by).await?)
}

fn answer(outcome: Result<Changed, NotChanged>) -> Reply {
    let why = match outcome {
        Ok(changed) => {
            let object = json!({ "key": changed.setting.key, "old": changed.old, "new": changed.new });
            return Ok(reply::ok(&object));
        }
        Err(NotChanged::Unknown(_)) => return Err(Refusal::NotFound.into()),
        Err(why) => why,
    };
    let code = match why {
        NotChanged::Mistake(_) => "no_value",
        NotChanged::Fixed(_) => "decided_elsewhere",
        NotChanged::Unknown(_) | NotChanged::NotHere => "not_here",
    };
    let body = json!({ "message": why.to_string(), "code": code });
    Ok(reply::respond(StatusCode::BAD_REQUEST).json(body))
}

fn object(listed: &Listed) -> Value {
    let overrode: Vec<Value> = listed
        .overrode
        .iter()
        .map(|(from, said)| json!({ "source": source(from), "value": value(said) }))
        .collect();
    json!({
        "key": listed.setting.key,
        "env": listed.setting.env,
        "doc": listed.setting.doc,
        "value": value(&listed.value),
        "set": match &listed.value {
            Said::Text(text) => !text.is_empty(),
            Said::Secret { is_set } => *is_set,
        },
        "secret": listed.setting.is_secret(),
        "source": source(&listed.source),
        "overrode": overrode,
        "changeable": listed.is_changeable,
    })
}

fn value(said: &Said) -> Value {
    match said {
        Said::Text(text) => json!(text),
        Said::Secret { .. } => Value::Null,
    }
}

fn source(source: &Source) -> Value {
    match source {
        Source::Default => json!({ "kind": "default" }),
        Source::Changed { at, by } => json!({ "kind": "changed", "at": at.to_string(), "by": by }),
        Source::Written(place) => json!({ "kind": "written", "place": place.source, "line": place.line }),
    }
}
