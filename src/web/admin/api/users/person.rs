//! One account: everything about it, and everything that can be done with it.

use std::time::Duration;

use actix_web::HttpRequest;
use actix_web::http::StatusCode;
use actix_web::web::{Data, Path};
use serde::Deserialize;
use serde_json::{Value as Json, json};

use crate::app::Failure;
use crate::app::audit::Actor;
use crate::app::person::{Deed, Edit, deleted, expectation};
use crate::app::reset_password::LONGEST_LINK;
use crate::domain::account::{Account, Role};
use crate::domain::duration;
use crate::domain::federation::expectation::{LIFETIME, LONGEST};
use crate::domain::group::GroupName;
use crate::domain::ids::{SessionId, UserId};
use crate::domain::moderation::subject::Subject;
use crate::domain::proof::Purpose;
use crate::domain::refusal::Refusal;
use crate::domain::session::Identity;
use crate::domain::time::Timestamp;
use crate::domain::until;
use crate::web::admin::api::bans::{self, bad};
use crate::web::admin::api::{changer, reader};
use crate::web::extract::{Body, Nothing};
use crate::web::reply::{self, Reply};
use crate::web::{Web, visitor};

/// A shorter link is a slip of the unit.
const SHORTEST_LINK: Duration = Duration::from_mins(1);

/// The id in a path.
pub(in crate::web::admin) fn id_of(text: &str) -> Result<UserId, Failure> {
    Ok(text.parse().map_err(|_| Refusal::NotFound)?)
}

/// The account of an id in a path.
pub(in crate::web::admin) async fn account(web: &Web, id: &str) -> Result<Account, Failure> {
    let id = id_of(id)?;
    let found = web.app.find_user(&id.to_string()).await?;
    Ok(found.ok_or(Refusal::NotFound)?)
}

/// The session that stays when admins end all their own.
pub(in crate::web::admin) fn kept(who: &Identity, account: &Account) -> Option<SessionId> {
    (who.account.id == account.id).then_some(who.session.id)
}

/// `GET /api/admin/users/{id}`
///
/// # Errors
/// As [`reader`]; 404.
pub async fn show(web: Data<Web>, req: HttpRequest, id: Path<String>) -> Reply {
    reader(&req, &web).await?;
    Ok(reply::ok(&told(&web, id_of(&id)?).await?))
}

/// Everything about an account, or what is left of a deleted one.
async fn told(web: &Web, id: UserId) -> Result<Json, Failure> {
    match web.app.person(id).await {
        Ok(person) => Ok(person.object()),
        Err(Failure::Refused(Refusal::NotFound)) => {
            let gone = web.app.find_deleted(&id.to_string()).await?;
            let gone = gone.first().ok_or(Refusal::NotFound)?;
            Ok(deleted(gone, web.app.kept_until(gone)))
        }
        Err(other) => Err(other),
    }
}

/// `GET /api/admin/users/{id}/export`
///
/// # Errors
/// As [`reader`]; 404.
pub async fn export(web: Data<Web>, req: HttpRequest, id: Path<String>) -> Reply {
    let who = reader(&req, &web).await?;
    let by = Actor::Admin {
        id: who.account.id,
        origin: visitor::origin(&req, &web),
    };
    Ok(reply::ok(&web.app.export_person(id_of(&id)?, &by).await?))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct Wanted {
    name: Option<String>,
    username: Option<String>,
    email: Option<String>,
    role: Option<String>,
    /// As `set-expiry` reads it.
    valid_until: Option<String>,
    groups: Option<Vec<String>>,
}

impl Wanted {
    fn edit(self, now: Timestamp) -> Result<Edit, Failure> {
        let role = |text: String| Role::parse(text.trim()).map_err(|_| bad("role"));
        let end = |text: String| until::parse(&text, now).map_err(|_| bad("validUntil"));
        let groups = |names: Vec<String>| -> Result<Vec<GroupName>, Failure> {
            let read = names.iter().map(|name| GroupName::parse(name));
            read.collect::<Result<_, _>>().map_err(|_| bad("groups"))
        };
        Ok(Edit {
            name: self.name,
            username: self.username,
            email: self.email,
            role: self.role.map(role).transpose()?,
            valid_until: self.valid_until.map(end).transpose()?,
            groups: self.groups.map(groups).transpose()?,
        })
    }
}

/// `PATCH /api/admin/users/{id}`
///
/// # Errors
/// As [`changer`]; 400 naming the field; 403 for the last admin and for oneself; 404.
pub async fn edit(web: Data<Web>, req: HttpRequest, id: Path<String>, body: Body) -> Reply {
    let changer = changer(&req, &web).await?;
    let wanted: Wanted = body.parse()?;
    let account = account(&web, &id).await?;
    let edit = wanted.edit(web.app.now())?;
    let fields = web.app.edit_user(&account, edit, &changer.by).await?;
    let user = told(&web, account.id).await?;
    Ok(reply::ok(&json!({ "changed": fields, "user": user })))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Which {
    which: Option<String>,
}

/// `POST /api/admin/users/{id}/{deed}`
///
/// # Errors
/// As [`changer`]; 400 naming the field; 403 for the last admin and for oneself; 404 if the account, the deed or what it is
/// about is not there.
pub async fn act(web: Data<Web>, req: HttpRequest, path: Path<(String, String)>, body: Body) -> Reply {
    let changer = changer(&req, &web).await?;
    let Which { which } = body.parse()?;
    let (id, key) = path.into_inner();
    let account = account(&web, &id).await?;
    let deed = Deed::parse(&key, which.as_deref().unwrap_or_default()).ok_or(Refusal::NotFound)?;
    let deed = deed.map_err(|issue| Refusal::Invalid(vec![issue]))?;
    let keep = kept(&changer.who, &account);
    web.app.do_to(&account, deed, keep, &changer.by).await?;
    let user = match told(&web, account.id).await {
        Err(Failure::Refused(Refusal::NotFound)) => Json::Null,
        user => user?,
    };
    Ok(reply::ok(&json!({ "done": key, "user": user })))
}

/// `POST /api/admin/users/{id}/restore`
///
/// # Errors
/// As [`changer`]; 404 if it is gone for good; 409 if somebody has its address or an identity now.
pub async fn restore(web: Data<Web>, req: HttpRequest, id: Path<String>, body: Body) -> Reply {
    let changer = changer(&req, &web).await?;
    let Nothing {} = body.parse()?;
    let back = web.app.restore_user(id_of(&id)?, &changer.by).await?;
    let user = told(&web, back.id).await?;
    Ok(reply::ok(&json!({ "done": "restore", "user": user })))
}

/// `POST /api/admin/users/{id}/erase`
///
/// # Errors
/// As [`changer`]; 404 unless it is among the deleted ones.
pub async fn erase(web: Data<Web>, req: HttpRequest, id: Path<String>, body: Body) -> Reply {
    let changer = changer(&req, &web).await?;
    let Nothing {} = body.parse()?;
    web.app.erase_user(id_of(&id)?, &changer.by).await?;
    Ok(reply::ok(&json!({ "done": "erase", "user": null })))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct NewLink {
    /// Such as `30m`.
    valid: Option<String>,
    /// To the owner, in the place of telling it.
    #[serde(default)]
    mail: bool,
}

/// `POST /api/admin/users/{id}/reset-link`
///
/// # Errors
/// As [`changer`]; 400 naming the field, `mail` where none can be sent; 404, also for a letter to a locked account.
pub async fn reset_link(web: Data<Web>, req: HttpRequest, id: Path<String>, body: Body) -> Reply {
    let changer = changer(&req, &web).await?;
    let NewLink { valid, mail } = body.parse()?;
    let account = account(&web, &id).await?;
    let life = link_life(valid.as_deref().unwrap_or_default()).ok_or_else(|| bad("valid"))?;
    let link = if mail {
        let mailed = web.app.mail_reset_link(&account, life, &changer.by);
        mailed.await.map_err(|failure| match failure {
            Failure::Refused(Refusal::NoMail) => bad("mail"),
            other => other,
        })?;
        None
    } else {
        let path = web.app.make_reset_link(&account, life, &changer.by).await?;
        Some(web.app.link(&path))
    };
    let body = json!({ "link": link, "mailed": mail, "validSeconds": life.as_secs() });
    Ok(reply::respond(StatusCode::CREATED).json(body))
}

/// How long a link works: the usual time if nothing is said; `None` for what makes no sense.
pub(in crate::web::admin) fn link_life(text: &str) -> Option<Duration> {
    let life = match text.trim() {
        "" => Purpose::ResetPassword.lifetime(),
        text => duration::parse(text).ok()?,
    };
    (SHORTEST_LINK..=LONGEST_LINK).contains(&life).then_some(life)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct NewBan {
    duration: Option<String>,
    #[serde(default)]
    note: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct NewExpectation {
    provider: String,
    /// The address there; the account's unless said.
    email: Option<String>,
    /// Such as `7d`.
    expires: Option<String>,
}

/// `POST /api/admin/users/{id}/expect`
///
/// # Errors
/// As [`changer`]; 400 naming the field; 404.
pub async fn expect(web: Data<Web>, req: HttpRequest, id: Path<String>, body: Body) -> Reply {
    let changer = changer(&req, &web).await?;
    let form: NewExpectation = body.parse()?;
    let account = account(&web, &id).await?;
    let life = expected_life(form.expires.as_deref().unwrap_or_default()).ok_or_else(|| bad("expires"))?;
    let who = (form.provider.as_str(), form.email.as_deref().unwrap_or_default());
    let made = web.app.expect_owner(&account, who, life, &changer.by).await?;
    Ok(reply::respond(StatusCode::CREATED).json(expectation(&made)))
}

/// How long somebody is expected: the usual time if nothing is said; `None` for what makes no sense.
pub(in crate::web::admin) fn expected_life(text: &str) -> Option<Duration> {
    let life = match text.trim() {
        "" => LIFETIME,
        text => duration::parse(text).ok()?,
    };
    (SHORTEST_LINK..=LONGEST).contains(&life).then_some(life)
}

/// `POST /api/admin/users/{id}/ban`
///
/// # Errors
/// As [`changer`]; 400 naming the field; 404.
pub async fn ban(web: Data<Web>, req: HttpRequest, id: Path<String>, body: Body) -> Reply {
    let changer = changer(&req, &web).await?;
    let form: NewBan = body.parse()?;
    let account = account(&web, &id).await?;
    let length = bans::length(form.duration.as_deref())?;
    let subject = Subject::User(account.id);
    bans::ban(&web, (subject, length, &bans::note(&form.note)?), &changer.by).await
}
