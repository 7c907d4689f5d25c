//! Pages of the administration: invitations and accounts that wait.

use actix_web::http::StatusCode;
use actix_web::web::Path;
use actix_web::{HttpRequest, HttpResponse};
use serde::Deserialize;

use crate::app::Failure;
use crate::app::invitations::{InvitationFilter, Invited};
use crate::app::invite_many::{self, Outcome};
use crate::domain::invitation::{InvitationId, State as Stand};
use crate::domain::lang::Lang;
use crate::domain::moderation::subject::Subject;
use crate::domain::refusal::Refusal;
use crate::domain::session::Identity;
use crate::web::admin::api::invitations::{place, written_place};
use crate::web::admin::subjects::Names;
use crate::web::admin::{bar, changing, reading};
use crate::web::extract::Body;
use crate::web::pages::{Page, Scene, State};
use crate::web::views::admin::Section;
use crate::web::views::admin::invitations::{
    InvitationPage, InvitationRow, InvitationsPage, InviteForm, Made, OutcomeRow, WaitingRow,
};
use crate::web::views::texts::Texts;

mod form;

use form::Typed;

/// Rows of a page.
const PAGE: u32 = 50;

/// Guests that are shown.
const MOST_GUESTS: u32 = 1_000;

#[derive(Default, Deserialize)]
struct Asked {
    #[serde(default)]
    q: String,
    #[serde(default)]
    state: String,
    before: Option<i64>,
    #[serde(default)]
    after: String,
    #[serde(default)]
    done: String,
    #[serde(default)]
    count: u32,
    #[serde(default)]
    late: u32,
}

/// `GET /admin/invitations`
pub async fn show(web: State, req: HttpRequest) -> HttpResponse {
    let scene = Scene::open(&web, &req);
    let outcome = reading(&scene, async |who| {
        let asked: Asked = scene.query();
        let flash = flash(&asked, scene.lang.texts());
        let mut view = view(&scene, who, asked).await?;
        view.bar.flash = flash;
        scene.page(StatusCode::OK, &view)
    });
    scene.finish(outcome.await)
}

fn flash(asked: &Asked, texts: &Texts) -> Option<String> {
    let w = texts.admin.invitations;
    let said = match asked.done.as_str() {
        "revoked" => w.done_revoked.to_owned(),
        "approved" => (w.done_approved)(asked.count),
        "rejected" => (w.done_rejected)(asked.count),
        _ => return None,
    };
    Some(match asked.late {
        0 => said,
        late => format!("{said} {}", (w.too_late)(late)),
    })
}

async fn view<'s>(scene: &'s Scene<'_>, who: &'s Identity, asked: Asked) -> Result<InvitationsPage<'s>, Failure> {
    let (app, texts) = (&scene.web.app, scene.lang.texts());
    let state = Stand::from_key(&asked.state);
    let filter = InvitationFilter {
        state,
        text: asked.q.clone(),
        before: asked.before,
        limit: PAGE,
    };
    let page = app.find_invitations(filter).await?;
    let waiting = app.waiting_after(place(&asked.after).ok(), PAGE).await?;
    let is_full = u32::try_from(waiting.len()).is_ok_and(|count| count == PAGE);
    let last = waiting.last().filter(|_| is_full).and_then(written_place);
    let now = app.now();
    let pair = |name: &str, value: &str| {
        let mut query = url::form_urlencoded::Serializer::new(String::new());
        query.append_pair("q", &asked.q).append_pair("state", &asked.state);
        query.append_pair(name, value).finish()
    };
    Ok(InvitationsPage {
        frame: scene.frame(Some(&who.account.name)),
        bar: bar(who, Section::Invitations, None),
        is_on: app.config.accounts.invitations,
        waiting: waiting.iter().map(|account| WaitingRow::of(account, texts)).collect(),
        more_waiting: last.map(|place| pair("after", &place)),
        shows_waiting: app.config.accounts.approval,
        waiting_problem: None,
        state,
        rows: page.rows.iter().map(|one| InvitationRow::of(one, now, texts)).collect(),
        older: page.next.map(|id| pair("before", &id.to_string())),
        is_newest: asked.before.is_none(),
        q: asked.q,
        form: InviteForm::default(),
        many: InviteForm::default(),
        made: None,
        outcomes: Vec::new(),
    })
}

fn made(invited: &Invited) -> Made {
    Made {
        link: invited.link.expose().to_owned(),
        is_mailed: invited.invitation.proves_address(),
    }
}

/// `POST /admin/invitations`
pub async fn add(web: State, req: HttpRequest, body: Body) -> HttpResponse {
    let scene = Scene::open(&web, &req);
    let outcome = changing(&scene, body.fields(), async |changer, fields| {
        let typed: Typed = fields.parse()?;
        let texts = scene.lang.texts();
        let problems = match typed.wanted(texts) {
            Err(problems) => problems,
            Ok(wanted) => match web.app.invite(wanted, &changer.by).await {
                Ok(invited) => {
                    let mut view = view(&scene, &changer.who, Asked::default()).await?;
                    view.made = Some(made(&invited));
                    return scene.page(StatusCode::OK, &view);
                }
                Err(Failure::Refused(refusal)) => vec![form::problem(refusal, texts)?],
                Err(fault) => return Err(fault),
            },
        };
        let mut view = view(&scene, &changer.who, Asked::default()).await?;
        view.form = typed.again(problems);
        scene.page(StatusCode::BAD_REQUEST, &view)
    });
    scene.finish(outcome.await)
}

/// `POST /admin/invitations/many`
pub async fn add_many(web: State, req: HttpRequest, body: Body) -> HttpResponse {
    let scene = Scene::open(&web, &req);
    let outcome = changing(&scene, body.fields(), async |changer, fields| {
        let typed: Typed = fields.parse()?;
        let texts = scene.lang.texts();
        let addresses = invite_many::lines(&typed.emails);
        let mut problems = Vec::new();
        if !(1..=invite_many::MOST).contains(&addresses.len()) {
            problems.push(("emails", texts.admin.invitations.bad_emails));
        }
        let wanted = typed.wanted_of_many(texts);
        problems.extend(wanted.as_ref().err().into_iter().flatten());
        let mut view = match &wanted {
            Ok(wanted) if problems.is_empty() => {
                let outcomes = web.app.invite_many(&addresses, wanted, &changer.by).await;
                let mut view = view(&scene, &changer.who, Asked::default()).await?;
                view.outcomes = outcomes.iter().map(|one| outcome_row(one, texts)).collect();
                return scene.page(StatusCode::OK, &view);
            }
            _ => view(&scene, &changer.who, Asked::default()).await?,
        };
        view.many = typed.again(problems);
        scene.page(StatusCode::BAD_REQUEST, &view)
    });
    scene.finish(outcome.await)
}

fn outcome_row(outcome: &Outcome, texts: &Texts) -> OutcomeRow {
    OutcomeRow {
        typed: outcome.typed.clone(),
        result: outcome
            .result
            .as_ref()
            .map(made)
            .map_err(|reason| (texts.admin.invitations.reasons)(*reason)),
    }
}

/// `GET /admin/invitations/{id}`
pub async fn one(web: State, req: HttpRequest, id: Path<String>) -> HttpResponse {
    let scene = Scene::open(&web, &req);
    let outcome = reading(&scene, async |who| {
        let view = detail(&scene, who, number(&id)?).await?;
        scene.page(StatusCode::OK, &view)
    });
    scene.finish(outcome.await)
}

fn number(text: &str) -> Result<InvitationId, Failure> {
    let number = text.parse().map_err(|_| Refusal::NotFound)?;
    Ok(InvitationId::from_row(number))
}

async fn detail<'s>(scene: &'s Scene<'_>, who: &'s Identity, id: InvitationId) -> Result<InvitationPage<'s>, Failure> {
    let (app, texts) = (&scene.web.app, scene.lang.texts());
    let invitation = app.find_invitation(id).await?.ok_or(Refusal::NotFound)?;
    let guests = app.guests_of(id, MOST_GUESTS).await?;
    let subjects: Vec<Subject> = guests.iter().map(|(guest, _)| Subject::User(*guest)).collect();
    let names = Names::find(app, &subjects, []).await?;
    Ok(InvitationPage {
        frame: scene.frame(Some(&who.account.name)),
        bar: bar(who, Section::Invitations, None),
        row: InvitationRow::of(&invitation, app.now(), texts),
        guests: guests
            .iter()
            .map(|(guest, at)| (names.subject(Subject::User(*guest), texts), texts.moment(*at)))
            .collect(),
        made: None,
    })
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Renewal {
    #[serde(default)]
    days: String,
}

/// `POST /admin/invitations/{id}/renew`
pub async fn renew(web: State, req: HttpRequest, id: Path<String>, body: Body) -> HttpResponse {
    let scene = Scene::open(&web, &req);
    let outcome = changing(&scene, body.fields(), async |changer, fields| {
        let (form, id): (Renewal, _) = (fields.parse()?, number(&id)?);
        let lifetime = form::days(&form.days).ok_or(Refusal::NotFound)?;
        let lang: Option<Lang> = None;
        let invited = web.app.renew_invitation(id, lifetime, lang, &changer.by).await?;
        let mut view = detail(&scene, &changer.who, id).await?;
        view.made = Some(made(&invited));
        scene.page(StatusCode::OK, &view)
    });
    scene.finish(outcome.await)
}

/// `POST /admin/invitations/{id}/revoke`
pub async fn revoke(web: State, req: HttpRequest, id: Path<String>, body: Body) -> HttpResponse {
    let scene = Scene::open(&web, &req);
    let outcome = changing(&scene, body.fields(), async |changer, fields| {
        form::nothing(&fields)?;
        web.app.revoke_invitation(number(&id)?, &changer.by).await?;
        Ok(scene.to("/admin/invitations?done=revoked"))
    });
    scene.finish(outcome.await)
}

/// `POST /admin/approvals`
pub async fn decide(web: State, req: HttpRequest, body: Body) -> HttpResponse {
    let scene = Scene::open(&web, &req);
    let outcome = changing(&scene, body.fields(), async |changer, mut fields| {
        let (ids, verdict) = (fields.take_all("id"), fields.take("verdict"));
        form::nothing(&fields)?;
        let lets_in = match verdict.as_str() {
            "approve" => true,
            "reject" => false,
            _ => return Err(Refusal::NotFound.into()),
        };
        if ids.is_empty() {
            return nobody(&scene, &changer.who).await;
        }
        let decided = web.app.decide_all(&ids, lets_in, &changer.by).await?;
        let word = if lets_in { "approved" } else { "rejected" };
        let (count, late) = (decided.done.len(), decided.not_waiting.len());
        Ok(scene.to(&format!("/admin/invitations?done={word}&count={count}&late={late}")))
    });
    scene.finish(outcome.await)
}

async fn nobody(scene: &Scene<'_>, who: &Identity) -> Page {
    let mut view = view(scene, who, Asked::default()).await?;
    view.waiting_problem = Some(scene.lang.texts().admin.invitations.chose_nobody);
    scene.page(StatusCode::BAD_REQUEST, &view)
}
