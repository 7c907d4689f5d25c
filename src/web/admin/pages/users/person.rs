//! Pages of the administration: one person, and the form that changes the account.

use actix_web::http::StatusCode;
use actix_web::http::header::{CONTENT_DISPOSITION, HeaderValue};
use actix_web::web::Path;
use actix_web::{HttpRequest, HttpResponse};
use serde::Deserialize;

use crate::app::Failure;
use crate::app::audit::Actor;
use crate::app::person::{Edit, Person};
use crate::domain::account::Role;
use crate::domain::field::{Issue, Rule};
use crate::domain::group::GroupName;
use crate::domain::ids::UserId;
use crate::domain::moderation::subject::Subject;
use crate::domain::refusal::Refusal;
use crate::domain::session::Identity;
use crate::domain::time::Timestamp;
use crate::domain::trash::Deleted;
use crate::domain::until;
use crate::web::admin::api::users::person::{account, id_of};
use crate::web::admin::pages::audit;
use crate::web::admin::pages::bans::{self, violations};
use crate::web::admin::subjects::Names;
use crate::web::admin::{Changer, bar, changing, reading};
use crate::web::extract::Body;
use crate::web::pages::{Page, Scene, State};
use crate::web::reply;
use crate::web::views::admin::audit::AuditRow;
use crate::web::views::admin::person::{DeviceRow, EditForm, ExpectedRow, IdentityRow, PersonFacts};
use crate::web::views::admin::{GonePage, PersonPage, Section};
use crate::web::views::texts::Texts;
use crate::web::views::{KeyRow, SessionRow};

pub mod acts;

#[derive(Default, Deserialize)]
#[serde(default)]
struct Asked {
    done: String,
}

/// `GET /admin/users/{id}`
pub async fn show(web: State, req: HttpRequest, id: Path<String>) -> HttpResponse {
    let scene = Scene::open(&web, &req);
    let outcome = reading(&scene, async |who| {
        let id = id_of(&id)?;
        let Asked { done } = scene.query();
        let flash = (scene.lang.texts().admin.person.done)(&done).map(str::to_owned);
        match web.app.person(id).await {
            Ok(person) => {
                let mut view = view(&scene, who, &person).await?;
                view.bar.flash = flash;
                scene.page(StatusCode::OK, &view)
            }
            Err(Failure::Refused(Refusal::NotFound)) => {
                let gone = gone(&scene, id).await?;
                let mut view = view_of_gone(&scene, who, &gone).await?;
                view.bar.flash = flash;
                scene.page(StatusCode::OK, &view)
            }
            Err(other) => Err(other),
        }
    });
    scene.finish(outcome.await)
}

/// A deleted account that can be restored.
async fn gone(scene: &Scene<'_>, id: UserId) -> Result<Deleted, Failure> {
    let found = scene.web.app.find_deleted(&id.to_string()).await?;
    Ok(found.into_iter().next().ok_or(Refusal::NotFound)?)
}

async fn view_of_gone<'s>(scene: &'s Scene<'_>, who: &'s Identity, gone: &Deleted) -> Result<GonePage<'s>, Failure> {
    let (app, texts) = (&scene.web.app, scene.lang.texts());
    let names = Names::find(app, &[], [gone.deleted_by.as_str()]).await?;
    let by = burier(gone, &names, texts);
    let frame = scene.frame(Some(&who.account.name));
    let bar = bar(who, Section::Users, None);
    Ok(GonePage::of(frame, bar, (gone, app.kept_until(gone)), by))
}

/// Who deleted an account, in words.
pub(super) fn burier(gone: &Deleted, names: &Names, texts: &Texts) -> String {
    if gone.deleted_by.is_empty() {
        texts.admin.person.by_owner.to_owned()
    } else {
        names.maker(&gone.deleted_by, texts)
    }
}

async fn view<'s>(scene: &'s Scene<'_>, who: &'s Identity, person: &Person) -> Result<PersonPage<'s>, Failure> {
    let (app, texts, id) = (&scene.web.app, scene.lang.texts(), person.account.id);
    let names = Names::find(app, &[Subject::User(id)], []).await?;
    let known = audit::names(app, &person.events, None).await?;
    let name = |id: &str| {
        let id: UserId = id.parse().ok()?;
        known.get(&id).map(|account| account.email.to_string())
    };
    let interval = app.config.moderation.policy.interval.to_string();
    let w = texts.admin.bans;
    let scores = person.standing.scores.iter();
    Ok(PersonPage {
        frame: scene.frame(Some(&who.account.name)),
        bar: bar(who, Section::Users, None),
        facts: PersonFacts::of(person, texts),
        is_own: who.account.id == id,
        form: EditForm::of(person),
        sessions: person
            .sessions
            .iter()
            .map(|session| SessionRow::of(session, session.id == who.session.id, texts))
            .collect(),
        identities: person
            .connections
            .iter()
            .map(|one| IdentityRow::of(one, texts))
            .collect(),
        expected: person.expected.iter().map(|one| ExpectedRow::of(one, texts)).collect(),
        has_providers: !app.expectable().is_empty(),
        devices: person.devices.iter().map(|one| DeviceRow::of(one, texts)).collect(),
        keys: person.keys.iter().map(|key| KeyRow::of(key, texts)).collect(),
        scores: scores
            .map(|(kind, _, worth)| (w.score_now)((w.kinds)(*kind), &worth.to_string(), &interval))
            .collect(),
        bans: bans::rows(app, &person.standing.bans, texts).await?,
        violations: person
            .violations
            .iter()
            .map(|event| violations::row(event, &names, texts))
            .collect(),
        events: person
            .events
            .iter()
            .map(|(id, event)| AuditRow::of(*id, event, &name, texts))
            .collect(),
        made: None,
    })
}

/// `GET /admin/users/{id}/export`
pub async fn export(web: State, req: HttpRequest, id: Path<String>) -> HttpResponse {
    let scene = Scene::open(&web, &req);
    let outcome = reading(&scene, async |who| {
        let by = Actor::Admin {
            id: who.account.id,
            origin: scene.origin(),
        };
        let id = id_of(&id)?;
        let mut answer = reply::ok(&web.app.export_person(id, &by).await?);
        if let Ok(value) = HeaderValue::from_str(&format!("attachment; filename=\"{id}.json\"")) {
            answer.headers_mut().insert(CONTENT_DISPOSITION, value);
        }
        Ok(answer)
    });
    scene.finish(outcome.await)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Typed {
    #[serde(default)]
    name: String,
    #[serde(default)]
    username: String,
    #[serde(default)]
    email: String,
    #[serde(default)]
    role: String,
    #[serde(default)]
    groups: String,
    #[serde(default)]
    until: String,
}

impl Typed {
    /// `end` is when the account ends so far: that may stay, even if it is over.
    fn edit(&self, now: Timestamp, end: Option<Timestamp>) -> Result<Edit, Vec<Issue>> {
        let wrong = |field| Issue::new(field, Rule::InvalidInput);
        let role = Role::parse(self.role.trim()).map_err(|_| wrong("role"));
        let is_same = end.is_some_and(|end| end.to_string() == self.until.trim());
        let end = match until::parse(&self.until, now) {
            _ if is_same => Ok(end),
            parsed => parsed.map_err(|_| wrong("until")),
        };
        let names = self.groups.split(',').map(str::trim).filter(|name| !name.is_empty());
        let groups: Result<Vec<GroupName>, _> = names.map(GroupName::parse).collect();
        match (role, end, groups) {
            (Ok(role), Ok(end), Ok(groups)) => Ok(Edit {
                name: Some(self.name.clone()),
                username: Some(self.username.clone()),
                email: Some(self.email.clone()),
                role: Some(role),
                valid_until: Some(end),
                groups: Some(groups),
            }),
            (role, end, groups) => Err([role.err(), end.err(), groups.err().map(|_| wrong("groups"))]
                .into_iter()
                .flatten()
                .collect()),
        }
    }

    fn again(self, problems: Vec<(&'static str, String)>) -> EditForm {
        EditForm {
            name: self.name,
            username: self.username,
            email: self.email,
            role: self.role,
            groups: self.groups,
            until: self.until,
            problems,
        }
    }
}

/// `POST /admin/users/{id}`
pub async fn edit(web: State, req: HttpRequest, id: Path<String>, body: Body) -> HttpResponse {
    let scene = Scene::open(&web, &req);
    let outcome = changing(&scene, body.fields(), async |changer, fields| {
        let typed: Typed = fields.parse()?;
        edited(&scene, changer, &id, typed).await
    });
    scene.finish(outcome.await)
}

async fn edited(scene: &Scene<'_>, changer: &Changer, id: &str, typed: Typed) -> Page {
    let (app, texts) = (&scene.web.app, scene.lang.texts());
    let account = account(scene.web, id).await?;
    let outcome = match typed.edit(app.now(), account.valid_until) {
        Ok(edit) => app.edit_user(&account, edit, &changer.by).await,
        Err(issues) => Err(Refusal::Invalid(issues).into()),
    };
    let refusal = match outcome {
        Ok(fields) => {
            let word = if fields.is_empty() { "same" } else { "edit" };
            return Ok(scene.to(&format!("/admin/users/{}?done={word}", account.id)));
        }
        Err(Failure::Refused(refusal)) => refusal,
        Err(fault) => return Err(fault),
    };
    let problems = match &refusal {
        Refusal::Invalid(issues) => issues.iter().map(|issue| problem(*issue, texts)).collect(),
        Refusal::DomainNotAllowed => vec![("email", texts.rule(Rule::DomainNotAllowed))],
        _ => vec![("", words(&refusal, texts).ok_or(refusal)?.to_owned())],
    };
    let person = app.person(account.id).await?;
    let mut view = view(scene, &changer.who, &person).await?;
    view.form = typed.again(problems);
    scene.page(StatusCode::BAD_REQUEST, &view)
}

fn problem(issue: Issue, texts: &Texts) -> (&'static str, String) {
    let w = texts.admin.person;
    let words = match issue.field {
        "role" => texts.admin.users.bad_role.to_owned(),
        "until" => w.bad_expiry.to_owned(),
        "groups" => w.bad_groups.to_owned(),
        _ => texts.rule(issue.rule),
    };
    (issue.field, words)
}

/// Why something is not done to an account, in words.
fn words(refusal: &Refusal, texts: &Texts) -> Option<&'static str> {
    match refusal {
        Refusal::LastAdmin => Some(texts.admin.person.last_admin),
        Refusal::OwnAccount => Some(texts.admin.person.own_account),
        _ => None,
    }
}
