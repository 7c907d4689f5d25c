//! Routes of the administration: letters and the mail service.

use actix_web::HttpRequest;
use actix_web::web::{Data, Path};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::app::Failure;
use crate::app::post::Trouble;
use crate::app::sample_letters::Rendered;
use crate::domain::email::Email;
use crate::domain::lang::Lang;
use crate::domain::outbox::{Posted, Progress};
use crate::domain::refusal::Refusal;
use crate::web::Web;
use crate::web::admin::api::bans::{bad, query};
use crate::web::admin::api::{changer, reader};
use crate::web::extract::Body;
use crate::web::reply::{self, Reply};

/// Letters of a page unless somebody says otherwise, and at most.
const PAGE: u32 = 50;
const MOST: u32 = 500;

#[derive(Deserialize)]
struct Listed {
    #[serde(default)]
    all: bool,
    before: Option<i64>,
    limit: Option<u32>,
}

#[derive(Deserialize)]
struct Spoken {
    lang: Option<String>,
}

impl Spoken {
    /// English unless another language is named.
    fn lang(&self) -> Result<Lang, Failure> {
        let Some(code) = &self.lang else {
            return Ok(Lang::default());
        };
        let found = Lang::ALL.iter().find(|lang| lang.code() == code);
        Ok(*found.ok_or_else(|| bad("lang"))?)
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Test {
    to: String,
}

/// `GET /api/admin/mail`
///
/// # Errors
/// As [`reader`]; 400 naming what makes no sense.
pub async fn list(web: Data<Web>, req: HttpRequest) -> Reply {
    reader(&req, &web).await?;
    let asked: Listed = query(&req)?;
    let limit = asked.limit.unwrap_or(PAGE).clamp(1, MOST);
    let letters = web
        .app
        .posted(asked.all, asked.before.unwrap_or(i64::MAX), limit)
        .await?;
    let is_full = u32::try_from(letters.len()) == Ok(limit);
    Ok(reply::ok(&json!({
        "configured": web.app.mail_is_configured(),
        "letters": letters.iter().map(object).collect::<Vec<_>>(),
        "next": letters.last().map(|letter| letter.id).filter(|_| is_full),
    })))
}

/// `GET /api/admin/mail/letters`
///
/// # Errors
/// As [`reader`]; 400 for a language that letters do not speak.
pub async fn letters(web: Data<Web>, req: HttpRequest) -> Reply {
    reader(&req, &web).await?;
    let lang = query::<Spoken>(&req)?.lang()?;
    let all = web.app.sample_letters(lang);
    let object = |(name, letter): &(&str, Rendered)| json!({ "name": name, "subject": letter.subject });
    Ok(reply::ok(&json!({
        "lang": lang.code(),
        "letters": all.iter().map(object).collect::<Vec<_>>(),
    })))
}

/// `GET /api/admin/mail/letters/{name}`
///
/// # Errors
/// As [`letters`]; 404 if there is no such letter.
pub async fn letter(web: Data<Web>, req: HttpRequest, name: Path<String>) -> Reply {
    reader(&req, &web).await?;
    let lang = query::<Spoken>(&req)?.lang()?;
    let letter = web.app.sample_letter(&name, lang).ok_or(Refusal::NotFound)?;
    Ok(reply::ok(&json!({
        "name": *name,
        "lang": lang.code(),
        "subject": letter.subject,
        "text": letter.text,
        "html": letter.html,
    })))
}

/// `POST /api/admin/mail/test`
///
/// # Errors
/// As [`changer`]; 400 for what is no address; 404 if mail is not configured.
pub async fn test(web: Data<Web>, req: HttpRequest, body: Body) -> Reply {
    changer(&req, &web).await?;
    let form: Test = body.parse()?;
    let address = Email::parse(&form.to).map_err(|_| bad("to"))?;
    let mut said = Vec::new();
    let lang = Lang::default().code();
    let tested = web
        .app
        .send_test_letter(&address, Some(lang), |line| said.push(line.to_string()))
        .await?
        .ok_or(Refusal::NotFound)?;
    let trouble = tested.outcome.as_ref().err();
    Ok(reply::ok(&json!({
        "id": tested.id,
        "address": address.as_str(),
        "sent": trouble.is_none(),
        "dialogue": said,
        "answer": tested.outcome.as_ref().ok(),
        "error": trouble.map(Trouble::key),
        "message": trouble.map(ToString::to_string),
        "advice": trouble.map(Trouble::advice),
    })))
}

/// `POST /api/admin/mail/retry`
///
/// # Errors
/// As [`changer`].
pub async fn retry_all(web: Data<Web>, req: HttpRequest) -> Reply {
    let changer = changer(&req, &web).await?;
    let count = web.app.retry_letters(None, &changer.by).await?;
    Ok(reply::ok(&json!({ "retried": count })))
}

/// `POST /api/admin/mail/{id}/retry`
///
/// # Errors
/// As [`changer`]; 404 if there is no such letter to be tried.
pub async fn retry(web: Data<Web>, req: HttpRequest, id: Path<String>) -> Reply {
    let changer = changer(&req, &web).await?;
    let id = id.parse().map_err(|_| Refusal::NotFound)?;
    match web.app.retry_letters(Some(id), &changer.by).await? {
        0 => Err(Refusal::NotFound.into()),
        count => Ok(reply::ok(&json!({ "retried": count }))),
    }
}

/// `DELETE /api/admin/mail/{id}`
///
/// # Errors
/// As [`changer`]; 404 if there is no such letter, or it is being sent.
pub async fn discard(web: Data<Web>, req: HttpRequest, id: Path<String>) -> Reply {
    let changer = changer(&req, &web).await?;
    let id = id.parse().map_err(|_| Refusal::NotFound)?;
    if web.app.drop_letter(id, &changer.by).await? {
        Ok(reply::ok(&json!({ "dropped": id })))
    } else {
        Err(Refusal::NotFound.into())
    }
}

fn object(letter: &Posted) -> Value {
    let (next, sent) = match letter.progress {
        Progress::Waiting(at) => (Some(at.to_string()), None),
        Progress::Sent(at) => (None, Some(at.to_string())),
        Progress::Sending | Progress::Failed(_) => (None, None),
    };
    json!({
        "id": letter.id,
        "kind": letter.kind,
        "address": letter.address.as_str(),
        "state": letter.progress.key(),
        "attempts": letter.attempts,
        "createdAt": letter.created_at.to_string(),
        "nextAttemptAt": next,
        "sentAt": sent,
        "lastError": letter.last_error,
    })
}
