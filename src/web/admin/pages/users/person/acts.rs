//! What is done with one account: a page says what will happen and how it can be undone, and then it happens.

use actix_web::http::StatusCode;
use actix_web::web::Path;
use actix_web::{HttpRequest, HttpResponse};
use serde::Deserialize;

use super::{gone, view, words};
use crate::app::Failure;
use crate::app::person::{Deed, Lists};
use crate::domain::account::Account;
use crate::domain::duration;
use crate::domain::moderation::subject::Subject;
use crate::domain::refusal::Refusal;
use crate::domain::session::Identity;
use crate::web::admin::api::users::person::{account, expected_life, id_of, kept, link_life};
use crate::web::admin::pages::bans::{is_remark, unbannable};
use crate::web::admin::{Changer, bar, changing, reading};
use crate::web::extract::Body;
use crate::web::pages::{Page, Scene, State};
use crate::web::reply;
use crate::web::views::admin::Section;
use crate::web::views::admin::bans::FOREVER;
use crate::web::views::admin::person::{Fields, PersonAsk};
use crate::web::views::describe_device;

/// How long somebody is banned unless another length is chosen.
const USUAL_BAN: &str = "1d";

/// How a reset link gets to the owner unless an admin passes it on.
const BY_MAIL: &str = "mail";

/// What the page says when it is on its way.
const LINK_MAILED: &str = "reset-link-mailed";

/// What can be done beside [`Deed::KEYS`].
const BAN: &str = "ban";
const RESET_LINK: &str = "reset-link";
const RESTORE: &str = "restore";
const ERASE: &str = "erase";
const EXPECT: &str = "expect";

#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Typed {
    which: String,
    length: String,
    note: String,
    valid: String,
    way: String,
    provider: String,
    email: String,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Asked {
    which: String,
}

/// `GET /admin/users/{id}/{deed}`
pub async fn ask(web: State, req: HttpRequest, path: Path<(String, String)>) -> HttpResponse {
    let scene = Scene::open(&web, &req);
    let outcome = reading(&scene, async |who| {
        let (id, key) = path.into_inner();
        let typed = Typed {
            which: scene.query::<Asked>().which,
            length: USUAL_BAN.to_owned(),
            ..Typed::default()
        };
        let view = asked(&scene, who, (&id, key), typed).await?;
        scene.page(StatusCode::OK, &view)
    });
    scene.finish(outcome.await)
}

async fn asked<'s>(
    scene: &'s Scene<'_>,
    who: &'s Identity,
    (id, deed): (&str, String),
    typed: Typed,
) -> Result<PersonAsk<'s>, Failure> {
    let (person, which, fields) = match deed.as_str() {
        RESTORE | ERASE => {
            let gone = gone(scene, id_of(id)?).await?;
            ((gone.name, gone.email.to_string()), None, Fields::None)
        }
        key => {
            let account = account(scene.web, id).await?;
            let fields = match key {
                BAN => Fields::Ban(typed.length, typed.note),
                RESET_LINK => {
                    let by_mail = can_be_mailed(scene, &account).map(|()| typed.way == BY_MAIL);
                    Fields::Link(typed.valid, by_mail)
                }
                EXPECT => {
                    let providers = scene.web.app.expectable();
                    Fields::Expect(providers.iter().map(ToString::to_string).collect(), typed.email)
                }
                _ => Fields::None,
            };
            let which = match (&fields, deed_of(key, &typed.which)) {
                (Fields::None, deed) => picked(scene, &account, deed?).await?,
                _ => None,
            };
            ((account.name, account.email.to_string()), which, fields)
        }
    };
    Ok(PersonAsk {
        frame: scene.frame(Some(&who.account.name)),
        bar: bar(who, Section::Users, None),
        id: id.to_owned(),
        who: person,
        deed,
        which,
        fields,
        problem: None,
    })
}

fn deed_of(key: &str, which: &str) -> Result<Deed, Failure> {
    let deed = Deed::parse(key, which).ok_or(Refusal::NotFound)?;
    Ok(deed.map_err(|_| Refusal::NotFound)?)
}

/// Number and name of the session, the identity or the key that a deed is about.
async fn picked(scene: &Scene<'_>, account: &Account, deed: Deed) -> Result<Option<(String, String)>, Failure> {
    let app = &scene.web.app;
    let Some((list, number)) = deed.picks() else {
        return Ok(None);
    };
    let name = match list {
        Lists::Sessions => {
            let all = app.sessions_of(account.key).await?;
            let found = all.into_iter().find(|one| one.id.to_string() == number);
            found.map(|one| {
                let device = describe_device(&one.origin.user_agent, scene.lang.texts());
                format!("{device}, {}", one.origin.address)
            })
        }
        Lists::Identities => {
            let all = app.connections(account.key).await?;
            let found = all.into_iter().find(|one| one.id.to_string() == number);
            found.map(|one| format!("{}, {}", one.provider, one.subject.subject))
        }
        Lists::Expected => {
            let all = app.expected_of(account).await?;
            let found = all.into_iter().find(|one| one.id.to_string() == number);
            found.map(|one| one.terms.provider.to_string())
        }
        Lists::Keys => {
            let all = app.keys_of(account).await?;
            let found = all.into_iter().find(|one| one.id.to_string() == number);
            found.map(|one| one.name)
        }
    };
    Ok(Some((number, name.ok_or(Refusal::NotFound)?)))
}

/// `POST /admin/users/{id}/{deed}`
pub async fn make(web: State, req: HttpRequest, path: Path<(String, String)>, body: Body) -> HttpResponse {
    let scene = Scene::open(&web, &req);
    let outcome = changing(&scene, body.fields(), async |changer, fields| {
        let typed: Typed = fields.parse()?;
        let (id, key) = path.into_inner();
        match key.as_str() {
            BAN => banned(&scene, changer, &id, typed).await,
            RESET_LINK => linked(&scene, changer, &id, typed).await,
            EXPECT => expected(&scene, changer, &id, typed).await,
            _ => done(&scene, changer, (&id, key), typed).await,
        }
    });
    scene.finish(outcome.await)
}

async fn done(scene: &Scene<'_>, changer: &Changer, (id, key): (&str, String), typed: Typed) -> Page {
    let app = &scene.web.app;
    let outcome = match key.as_str() {
        RESTORE => app.restore_user(id_of(id)?, &changer.by).await.map(drop),
        ERASE => app.erase_user(id_of(id)?, &changer.by).await,
        _ => {
            let account = account(scene.web, id).await?;
            let deed = deed_of(&key, &typed.which)?;
            app.do_to(&account, deed, kept(&changer.who, &account), &changer.by)
                .await
        }
    };
    let refusal = match outcome {
        Ok(()) if key == ERASE => return Ok(scene.to("/admin/users/deleted?done=erase")),
        Ok(()) if key == Deed::Reject.key() => return Ok(scene.to("/admin/invitations?done=rejected&count=1")),
        Ok(()) => return Ok(to_person(scene, id, &key)),
        Err(Failure::Refused(refusal)) => refusal,
        Err(fault) => return Err(fault),
    };
    let problem = match &refusal {
        Refusal::Taken(taken) => taken.to_string(),
        _ => match words(&refusal, scene.lang.texts()) {
            Some(words) => words.to_owned(),
            None => return Err(refusal.into()),
        },
    };
    again(
        scene,
        &changer.who,
        (id, key),
        typed,
        (reply::status(&refusal), &problem),
    )
    .await
}

fn to_person(scene: &Scene<'_>, id: &str, done: &str) -> HttpResponse {
    scene.to(&format!("/admin/users/{id}?done={done}"))
}

/// The page that asks once more, with the reason why it was not done.
async fn again(
    scene: &Scene<'_>,
    who: &Identity,
    (id, key): (&str, String),
    typed: Typed,
    (status, problem): (StatusCode, &str),
) -> Page {
    let mut view = asked(scene, who, (id, key), typed).await?;
    view.problem = Some(problem.to_owned());
    scene.page(status, &view)
}

async fn banned(scene: &Scene<'_>, changer: &Changer, id: &str, typed: Typed) -> Page {
    let texts = scene.lang.texts();
    let account = account(scene.web, id).await?;
    let length = match typed.length.as_str() {
        "" | FOREVER => Ok(None),
        text => duration::parse(text).map(Some),
    };
    let problem = match length {
        Err(_) => texts.admin.bans.bad_length,
        Ok(_) if !is_remark(&typed.note) => texts.admin.bans.bad_note,
        Ok(length) => {
            let subject = Subject::User(account.id);
            let added = scene.web.app.add_ban(subject, length, typed.note.trim(), &changer.by);
            match added.await? {
                Ok(_) => return Ok(to_person(scene, id, BAN)),
                Err(reason) => unbannable(reason, texts),
            }
        }
    };
    let why = (StatusCode::BAD_REQUEST, problem);
    again(scene, &changer.who, (id, BAN.to_owned()), typed, why).await
}

async fn linked(scene: &Scene<'_>, changer: &Changer, id: &str, typed: Typed) -> Page {
    let app = &scene.web.app;
    let account = account(scene.web, id).await?;
    let Some(life) = link_life(&typed.valid) else {
        let why = (StatusCode::BAD_REQUEST, scene.lang.texts().admin.person.bad_valid);
        return again(scene, &changer.who, (id, RESET_LINK.to_owned()), typed, why).await;
    };
    if typed.way == BY_MAIL {
        if let Err(problem) = can_be_mailed(scene, &account) {
            let why = (StatusCode::BAD_REQUEST, problem);
            return again(scene, &changer.who, (id, RESET_LINK.to_owned()), typed, why).await;
        }
        app.mail_reset_link(&account, life, &changer.by).await?;
        return Ok(to_person(scene, id, LINK_MAILED));
    }
    let path = app.make_reset_link(&account, life, &changer.by).await?;
    let person = app.person(account.id).await?;
    let mut view = view(scene, &changer.who, &person).await?;
    view.made = Some(app.link(&path));
    scene.page(StatusCode::OK, &view)
}

/// Whether a reset link can be mailed to somebody; if not, why.
fn can_be_mailed(scene: &Scene<'_>, account: &Account) -> Result<(), &'static str> {
    let (app, w) = (&scene.web.app, scene.lang.texts().admin.person);
    match (app.mail_is_configured(), account.is_locked(app.now())) {
        (false, _) => Err(w.link_no_mail),
        (true, true) => Err(w.link_locked),
        (true, false) => Ok(()),
    }
}

async fn expected(scene: &Scene<'_>, changer: &Changer, id: &str, typed: Typed) -> Page {
    let (app, texts) = (&scene.web.app, scene.lang.texts());
    let account = account(scene.web, id).await?;
    let who = (typed.provider.as_str(), typed.email.as_str());
    let life = expected_life("").unwrap_or_default();
    match app.expect_owner(&account, who, life, &changer.by).await {
        Ok(_) => Ok(to_person(scene, id, EXPECT)),
        Err(Failure::Refused(Refusal::Invalid(issues))) => {
            let is_email = issues.iter().any(|issue| issue.field == "email");
            let w = texts.admin.person;
            let why = if is_email { w.bad_address } else { w.bad_provider };
            let why = (StatusCode::BAD_REQUEST, why);
            again(scene, &changer.who, (id, EXPECT.to_owned()), typed, why).await
        }
        Err(other) => Err(other),
    }
}
