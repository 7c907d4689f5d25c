//! New accounts, and changes of many.

use actix_web::HttpRequest;
use actix_web::http::StatusCode;
use actix_web::web::Data;
use serde::Deserialize;
use serde_json::{Value as Json, json};

use crate::app::manage::NewUser;
use crate::app::register::Form;
use crate::domain::account::Role;
use crate::domain::bulk::{Change, Progress, Selection};
use crate::domain::directory::Asked;
use crate::domain::email::Email;
use crate::domain::field::{Issue, Rule};
use crate::domain::job::JobId;
use crate::domain::refusal::Refusal;
use crate::domain::secret::Secret;
use crate::web::Web;
use crate::web::admin::api::{changer, reader};
use crate::web::admin::jobs;
use crate::web::admin::pages::users::change::begin;
use crate::web::extract::{Body, Field, given};
use crate::web::reply::{self, Reply};

use super::detailed;

/// Most ids in one request.
const MOST_IDS: usize = 1_000;

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct NewForm {
    #[serde(default)]
    email: Field,
    #[serde(default)]
    name: Field,
    #[serde(default)]
    username: Field,
    #[serde(default)]
    password: Field,
    #[serde(default)]
    role: Field,
    #[serde(default, deserialize_with = "given")]
    email_verified: Option<bool>,
}

/// `POST /api/admin/users`
///
/// # Errors
/// 400 naming the field; 403 for an address that may not have an account.
pub async fn create(web: Data<Web>, req: HttpRequest, body: Body) -> Reply {
    let changer = changer(&req, &web).await?;
    let form: NewForm = body.parse()?;
    let (new, made) = new_user(form, &web).map_err(|issue| Refusal::Invalid(vec![issue]))?;
    let account = web.app.create_user(new, &changer.by).await?;
    let body = json!({
        "user": detailed(&account, &web.place),
        "password": made.as_ref().map(Secret::expose),
    });
    Ok(reply::respond(StatusCode::CREATED).json(body))
}

/// What is asked for, and the password if it was thought up here.
fn new_user(form: NewForm, web: &Web) -> Result<(NewUser, Option<Secret>), Issue> {
    let email = form.email.required("email")?;
    let role = match form.role.optional("role")? {
        Some(text) => Role::parse(&text).map_err(|_| Issue::new("role", Rule::InvalidInput))?,
        None => Role::User,
    };
    let chosen = form.password.optional("password")?.map(Secret::new);
    let made = chosen.is_none().then(|| web.app.new_password());
    let password = chosen
        .or_else(|| made.clone())
        .unwrap_or_else(|| web.app.new_password());
    let local = email.split('@').next().unwrap_or_default().to_owned();
    let new = NewUser {
        form: Form {
            name: form.name.optional("name")?.unwrap_or(local),
            username: form.username.optional("username")?,
            email,
            confirm_password: password.clone(),
            password,
        },
        email_verified: form.email_verified.unwrap_or(true),
        provider: "local".to_owned(),
        role,
    };
    Ok((new, made))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ChangeForm {
    #[serde(default)]
    action: Field,
    #[serde(default)]
    value: Field,
    #[serde(default, deserialize_with = "given")]
    ids: Option<Vec<String>>,
    #[serde(default, deserialize_with = "given")]
    matching: Option<serde_json::Map<String, Json>>,
}

impl ChangeForm {
    fn parse(self) -> Result<(Change, Selection), Vec<Issue>> {
        let one = |issue| vec![issue];
        let action = self.action.required("action").map_err(one)?;
        let value = self.value.optional("value").map_err(one)?.unwrap_or_default();
        let change = Change::parse(&action, &value).map_err(one)?;
        let selection = match (self.ids, self.matching) {
            (Some(ids), None) if ids.is_empty() => return Err(one(Issue::new("ids", Rule::Required))),
            (Some(ids), None) if ids.len() <= MOST_IDS => {
                let ids: Result<Vec<_>, _> = ids.iter().map(|id| id.parse()).collect();
                Selection::These(ids.map_err(|_| one(Issue::new("ids", Rule::InvalidInput)))?)
            }
            (Some(_), None) => return Err(one(Issue::new("ids", Rule::TooLong(MOST_IDS)))),
            (None, Some(matching)) => {
                let mut asked = Asked::default();
                for (name, value) in &matching {
                    let known = value.as_str().is_some_and(|value| asked.set(name, value));
                    if !known {
                        return Err(one(Issue::new("matching", Rule::InvalidInput)));
                    }
                }
                Selection::Matching(Box::new(asked.parse()?))
            }
            // Everybody is `"matching": {}`: nobody means that by leaving something out.
            (None, None) => return Err(one(Issue::new("ids", Rule::Required))),
            (Some(_), Some(_)) => return Err(one(Issue::new("matching", Rule::InvalidInput))),
        };
        Ok((change, selection))
    }
}

/// `POST /api/admin/users/bulk`
///
/// # Errors
/// 400 naming the field; 503 while too many changes go on.
pub async fn make(web: Data<Web>, req: HttpRequest, body: Body) -> Reply {
    let changer = changer(&req, &web).await?;
    let form: ChangeForm = body.parse()?;
    let (change, selection) = form.parse().map_err(Refusal::Invalid)?;
    let job = begin(&web, selection, change, changer.by).await?;
    told(&web, job)
}

/// `GET /api/admin/users/bulk/{job}`
///
/// # Errors
/// 404 if nothing is known of it.
pub async fn follow(web: Data<Web>, req: HttpRequest) -> Reply {
    reader(&req, &web).await?;
    told(&web, jobs::number(&req)?)
}

fn told(web: &Web, job: JobId) -> Reply {
    let progress = web.app.job(job).ok_or(Refusal::NotFound)?;
    Ok(jobs::told(&progress, &object(job, &progress)))
}

fn object(job: JobId, progress: &Progress) -> Json {
    let left: Vec<Json> = progress
        .so_far
        .skipped()
        .map(|(why, left)| {
            let some: Vec<&str> = left.some.iter().map(Email::as_str).collect();
            json!({ "reason": why.key(), "count": left.count, "some": some })
        })
        .collect();
    json!({
        "job": job.to_string(),
        "action": progress.what.key(),
        "value": progress.what.value(),
        "done": progress.so_far.done,
        "skipped": left,
        "over": progress.is_over,
        "reference": progress.fault,
    })
}
