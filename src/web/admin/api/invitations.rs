//! Routes of the administration: invitations and accounts that wait.

use std::num::NonZero;
use std::time::Duration;

use actix_web::HttpRequest;
use actix_web::http::StatusCode;
use actix_web::web::{Data, Path};
use serde::Deserialize;
use serde_json::{Value as Json, json};

use crate::app::Failure;
use crate::app::invitations::{InvitationFilter, Invited, Wanted};
use crate::app::invite_many::{self, Outcome};
use crate::domain::account::{Account, AccountKey, Role};
use crate::domain::duration;
use crate::domain::email::Email;
use crate::domain::field::{Issue, Rule};
use crate::domain::group::GroupName;
use crate::domain::invitation::{Guests, Invitation, InvitationId, LIFETIME, LONGEST, State};
use crate::domain::lang::Lang;
use crate::domain::refusal::Refusal;
use crate::domain::time::Timestamp;
use crate::web::Web;
use crate::web::admin::api::bans::{bad, note, query, time};
use crate::web::admin::api::{changer, reader};
use crate::web::extract::{Body, Nothing};
use crate::web::reply::{self, Reply};

/// Rows of a page unless somebody says otherwise, and at most.
const PAGE: u32 = 50;
const MOST: u32 = 500;

/// Guests that are told.
const MOST_GUESTS: u32 = 1_000;

/// A shorter link is a slip of the unit.
const SHORTEST: Duration = Duration::from_mins(1);

#[derive(Deserialize)]
struct Listed {
    #[serde(default)]
    state: String,
    #[serde(default)]
    q: String,
    before: Option<i64>,
    limit: Option<u32>,
}

/// `GET /api/admin/invitations`
///
/// # Errors
/// As [`reader`]; 400 naming what makes no sense.
pub async fn list(web: Data<Web>, req: HttpRequest) -> Reply {
    reader(&req, &web).await?;
    let asked: Listed = query(&req)?;
    let state = match asked.state.as_str() {
        "" => None,
        key => Some(State::from_key(key).ok_or_else(|| bad("state"))?),
    };
    let filter = InvitationFilter {
        state,
        text: asked.q,
        before: asked.before,
        limit: asked.limit.unwrap_or(PAGE).min(MOST),
    };
    let page = web.app.find_invitations(filter).await?;
    let now = web.app.now();
    let rows: Vec<Json> = page.rows.iter().map(|one| object(one, now)).collect();
    Ok(reply::ok(&json!({ "invitations": rows, "next": page.next })))
}

fn object(invitation: &Invitation, now: Timestamp) -> Json {
    let (email, mailed, domains) = match &invitation.guests {
        Guests::One { email, mailed } => (Some(email.as_str()), *mailed, &[][..]),
        Guests::Anybody { domains } => (None, false, domains.as_slice()),
    };
    json!({
        "id": invitation.id.number(),
        "state": invitation.state(now).key(),
        "email": email,
        "mailed": mailed,
        "domains": domains,
        "role": invitation.role.as_str(),
        "groups": invitation.groups.iter().map(GroupName::as_str).collect::<Vec<_>>(),
        "uses": invitation.uses,
        "used": invitation.used,
        "note": invitation.note,
        "by": invitation.by,
        "createdAt": invitation.created_at.to_string(),
        "expiresAt": invitation.expires_at.to_string(),
        "revokedAt": time(invitation.revoked_at),
    })
}

/// With the link, this once.
fn made(invited: &Invited, now: Timestamp) -> Json {
    let mut body = object(&invited.invitation, now);
    body["link"] = json!(invited.link.expose());
    body
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Terms {
    role: Option<String>,
    #[serde(default)]
    groups: Vec<String>,
    /// Such as `7d`.
    expires: Option<String>,
    #[serde(default)]
    note: String,
    /// `en` or `fr`.
    lang: Option<String>,
    /// Whether links go out by mail where that is possible.
    mail: Option<bool>,
}

impl Terms {
    fn wanted(self, guests: Guests) -> Result<Wanted, Failure> {
        let role = self.role.as_deref().unwrap_or("USER");
        let groups: Result<Vec<_>, _> = self.groups.iter().map(|name| GroupName::parse(name)).collect();
        Ok(Wanted {
            guests,
            role: Role::parse(role).map_err(|_| bad("role"))?,
            groups: groups.map_err(|_| bad("groups"))?,
            uses: NonZero::new(1),
            lifetime: lifetime(self.expires.as_deref())?,
            note: note(&self.note)?,
            lang: lang(self.lang.as_deref())?,
            admin_is_meant: false,
        })
    }

    fn mails(&self) -> bool {
        self.mail.unwrap_or(true)
    }
}

fn lang(text: Option<&str>) -> Result<Option<Lang>, Failure> {
    text.map(|text| Lang::parse(text).ok_or_else(|| bad("lang")))
        .transpose()
}

fn lifetime(text: Option<&str>) -> Result<Duration, Failure> {
    let Some(text) = text else { return Ok(LIFETIME) };
    let span = duration::parse(text).map_err(|_| bad("expires"))?;
    if (SHORTEST..=LONGEST).contains(&span) {
        Ok(span)
    } else {
        Err(bad("expires"))
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct New {
    /// For one address; without it, for whoever has the link.
    email: Option<String>,
    /// Of an open link: domains that addresses may have.
    #[serde(default)]
    domains: Vec<String>,
    /// Of an open link: how many accounts; `null` for any number.
    #[serde(default = "once")]
    uses: Option<u32>,
    role: Option<String>,
    #[serde(default)]
    groups: Vec<String>,
    expires: Option<String>,
    #[serde(default)]
    note: String,
    lang: Option<String>,
    mail: Option<bool>,
}

#[expect(clippy::unnecessary_wraps, reason = "null is any number")]
const fn once() -> Option<u32> {
    Some(1)
}

impl New {
    fn wanted(self) -> Result<Wanted, Failure> {
        let uses = match self.uses {
            None => None,
            Some(uses) => Some(NonZero::new(uses).ok_or_else(|| bad("uses"))?),
        };
        let terms = Terms {
            role: self.role,
            groups: self.groups,
            expires: self.expires,
            note: self.note,
            lang: self.lang,
            mail: self.mail,
        };
        let guests = match self.email {
            Some(email) => Guests::One {
                email: Email::parse(&email).map_err(|_| one(Issue::new("email", Rule::InvalidEmail)))?,
                mailed: terms.mails(),
            },
            None => Guests::Anybody {
                domains: self
                    .domains
                    .iter()
                    .map(|domain| parse_domain(domain))
                    .collect::<Result<_, _>>()?,
            },
        };
        Ok(Wanted {
            uses,
            ..terms.wanted(guests)?
        })
    }
}

fn parse_domain(text: &str) -> Result<String, Failure> {
    let email = Email::parse(&format!("a@{text}")).map_err(|_| bad("domains"))?;
    Ok(email.domain().to_owned())
}

fn one(issue: Issue) -> Failure {
    Refusal::Invalid(vec![issue]).into()
}

/// `POST /api/admin/invitations`
///
/// # Errors
/// As [`changer`]; 400 naming the field, 403 for a role that is not given away like that.
pub async fn add(web: Data<Web>, req: HttpRequest, body: Body) -> Reply {
    let changer = changer(&req, &web).await?;
    let form: New = body.parse()?;
    let invited = web.app.invite(form.wanted()?, &changer.by).await?;
    Ok(reply::respond(StatusCode::CREATED).json(made(&invited, web.app.now())))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Many {
    emails: Vec<String>,
    role: Option<String>,
    #[serde(default)]
    groups: Vec<String>,
    expires: Option<String>,
    #[serde(default)]
    note: String,
    lang: Option<String>,
    mail: Option<bool>,
}

/// `POST /api/admin/invitations/many`
///
/// # Errors
/// As [`changer`]; 400 naming the field. What goes wrong with one address is told beside it.
pub async fn add_many(web: Data<Web>, req: HttpRequest, body: Body) -> Reply {
    let changer = changer(&req, &web).await?;
    let form: Many = body.parse()?;
    if !(1..=invite_many::MOST).contains(&form.emails.len()) {
        return Err(bad("emails"));
    }
    let terms = Terms {
        role: form.role,
        groups: form.groups,
        expires: form.expires,
        note: form.note,
        lang: form.lang,
        mail: form.mail,
    };
    let whoever = Guests::One {
        email: Email::from_row(String::new()),
        mailed: terms.mails(),
    };
    let wanted = terms.wanted(whoever)?;
    let typed: Vec<&str> = form.emails.iter().map(String::as_str).collect();
    let outcomes = web.app.invite_many(&typed, &wanted, &changer.by).await;
    let now = web.app.now();
    let told = |outcome: &Outcome| match &outcome.result {
        Ok(invited) => json!({ "email": outcome.typed, "invitation": made(invited, now), "error": null }),
        Err(reason) => json!({ "email": outcome.typed, "invitation": null, "error": reason.key() }),
    };
    Ok(reply::ok(
        &json!({ "outcomes": outcomes.iter().map(told).collect::<Vec<_>>() }),
    ))
}

/// `GET /api/admin/invitations/{id}`
///
/// # Errors
/// As [`reader`]; 404 if there is none.
pub async fn show(web: Data<Web>, req: HttpRequest, id: Path<String>) -> Reply {
    reader(&req, &web).await?;
    let id = number(&id)?;
    let invitation = web.app.find_invitation(id).await?.ok_or(Refusal::NotFound)?;
    let guests = web.app.guests_of(id, MOST_GUESTS).await?;
    let names = web.app.known_accounts(guests.iter().map(|(guest, _)| *guest)).await?;
    let mut body = object(&invitation, web.app.now());
    body["guests"] = guests
        .iter()
        .map(|(guest, at)| {
            let email = names.get(guest).map(|account| account.email.as_str());
            json!({ "id": guest.to_string(), "email": email, "at": at.to_string() })
        })
        .collect();
    Ok(reply::ok(&body))
}

fn number(text: &str) -> Result<InvitationId, Failure> {
    let number = text.parse().map_err(|_| Refusal::NotFound)?;
    Ok(InvitationId::from_row(number))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Renew {
    expires: Option<String>,
    lang: Option<String>,
}

/// `POST /api/admin/invitations/{id}/renew`
///
/// # Errors
/// As [`changer`]; 400 naming the field; 404 if there is none, or it was taken back or used up.
pub async fn renew(web: Data<Web>, req: HttpRequest, id: Path<String>, body: Body) -> Reply {
    let changer = changer(&req, &web).await?;
    let form: Renew = body.parse()?;
    let (span, lang) = (lifetime(form.expires.as_deref())?, lang(form.lang.as_deref())?);
    let invited = web.app.renew_invitation(number(&id)?, span, lang, &changer.by).await?;
    Ok(reply::ok(&made(&invited, web.app.now())))
}

/// `POST /api/admin/invitations/{id}/revoke`
///
/// # Errors
/// As [`changer`]; 404 if there is none, or it was taken back before.
pub async fn revoke(web: Data<Web>, req: HttpRequest, id: Path<String>, body: Body) -> Reply {
    let changer = changer(&req, &web).await?;
    let Nothing {} = body.parse()?;
    let id = number(&id)?;
    web.app.revoke_invitation(id, &changer.by).await?;
    let invitation = web.app.find_invitation(id).await?.ok_or(Refusal::NotFound)?;
    Ok(reply::ok(&object(&invitation, web.app.now())))
}

#[derive(Deserialize)]
struct Waiting {
    after: Option<String>,
    limit: Option<u32>,
}

/// `GET /api/admin/approvals`
///
/// # Errors
/// As [`reader`]; 400 naming what makes no sense.
pub async fn waiting(web: Data<Web>, req: HttpRequest) -> Reply {
    reader(&req, &web).await?;
    let asked: Waiting = query(&req)?;
    let limit = asked.limit.unwrap_or(PAGE).clamp(1, MOST);
    let after = asked.after.as_deref().map(place).transpose()?;
    let rows = web.app.waiting_after(after, limit).await?;
    let is_full = u32::try_from(rows.len()).is_ok_and(|count| count == limit);
    let next = rows.last().filter(|_| is_full).and_then(written_place);
    let accounts: Vec<Json> = rows.iter().map(applicant).collect();
    Ok(reply::ok(&json!({ "accounts": accounts, "next": next })))
}

/// Since when the last one of a page waits, and its row.
pub(in crate::web::admin) fn written_place(account: &Account) -> Option<String> {
    let since = account.waiting_since?;
    Some(format!("{}.{}", since.millis(), account.key.number()))
}

/// The place behind a page.
pub(in crate::web::admin) fn place(text: &str) -> Result<(Timestamp, AccountKey), Failure> {
    let (since, key) = text.split_once('.').ok_or_else(|| bad("after"))?;
    let (since, key) = (
        since.parse().map_err(|_| bad("after"))?,
        key.parse().map_err(|_| bad("after"))?,
    );
    Ok((Timestamp::from_millis(since), AccountKey::from_row(key)))
}

fn applicant(account: &Account) -> Json {
    json!({
        "id": account.id.to_string(),
        "email": account.email.as_str(),
        "name": account.name,
        "waitingSince": time(account.waiting_since),
        "emailVerified": account.email_verified,
    })
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Decided {
    /// Ids of accounts.
    ids: Vec<String>,
}

/// `POST /api/admin/approvals/approve`
///
/// # Errors
/// As [`changer`]; 400 naming the field. Who does not wait any more is told.
pub async fn approve(web: Data<Web>, req: HttpRequest, body: Body) -> Reply {
    decide(&web, &req, body, true).await
}

/// `POST /api/admin/approvals/reject`
///
/// # Errors
/// As [`changer`]; 400 naming the field. Who does not wait any more is told.
pub async fn reject(web: Data<Web>, req: HttpRequest, body: Body) -> Reply {
    decide(&web, &req, body, false).await
}

async fn decide(web: &Web, req: &HttpRequest, body: Body, lets_in: bool) -> Reply {
    let changer = changer(req, web).await?;
    let Decided { ids } = body.parse()?;
    if !(1..=usize::try_from(MOST).unwrap_or(usize::MAX)).contains(&ids.len()) {
        return Err(bad("ids"));
    }
    let decided = web.app.decide_all(&ids, lets_in, &changer.by).await?;
    let word = if lets_in { "approved" } else { "rejected" };
    Ok(reply::ok(
        &json!({ word: decided.done, "notWaiting": decided.not_waiting }),
    ))
}
