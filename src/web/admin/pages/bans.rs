//! Pages of the administration: bans, a ban by hand, and the networks that are spared.

use actix_web::http::StatusCode;
use actix_web::web::Path;
use actix_web::{HttpRequest, HttpResponse};
use serde::Deserialize;

use crate::app::ban_list::{BanFilter, Sought, Standing};
use crate::app::unban::Whose;
use crate::app::{App, Failure};
use crate::domain::duration;
use crate::domain::moderation::ban::{Ban, Spared, Unbannable};
use crate::domain::moderation::network::Network;
use crate::domain::refusal::Refusal;
use crate::domain::session::Identity;
use crate::domain::time::Timestamp;
use crate::web::admin::subjects::{self, Names};
use crate::web::admin::{bar, changing, reading};
use crate::web::extract::Body;
use crate::web::pages::{Page, Scene, State};
use crate::web::views::admin::Section;
use crate::web::views::admin::bans::{ANY, BanForm, BanRow, BansPage, FOREVER, Search, SpareForm, SparedRow};
use crate::web::views::texts::Texts;

pub mod explain;
pub mod simulate;
pub mod violations;

/// Rows of a page.
const PAGE: u32 = 50;

/// More of a remark is surely something else.
const LONGEST_NOTE: usize = 200;

#[derive(Default, Deserialize)]
struct Asked {
    #[serde(default)]
    q: String,
    #[serde(default)]
    cause: String,
    #[serde(default)]
    standing: String,
    before: Option<i64>,
    #[serde(default)]
    done: String,
    #[serde(default)]
    count: u32,
}

/// `GET /admin/bans`
pub async fn show(web: State, req: HttpRequest) -> HttpResponse {
    let scene = Scene::open(&web, &req);
    let outcome = reading(&scene, async |who| {
        let asked: Asked = scene.query();
        if let Some(Sought::Reference(reference)) = web.app.sought(&asked.q).await? {
            return Ok(scene.to(&format!("/admin/bans/{reference}")));
        }
        let flash = flash(&asked, scene.lang.texts());
        let mut view = view(&scene, who, asked).await?;
        view.bar.flash = flash;
        scene.page(StatusCode::OK, &view)
    });
    scene.finish(outcome.await)
}

fn flash(asked: &Asked, texts: &Texts) -> Option<String> {
    let w = texts.admin.bans;
    match asked.done.as_str() {
        "banned" => Some(w.done_banned.to_owned()),
        "lifted" => Some((w.done_lifted)(asked.count)),
        "spared" => Some((w.done_spared)(asked.count)),
        "unspared" => Some(w.done_unspared.to_owned()),
        _ => None,
    }
}

async fn view<'s>(scene: &'s Scene<'_>, who: &'s Identity, asked: Asked) -> Result<BansPage<'s>, Failure> {
    let (app, texts) = (&scene.web.app, scene.lang.texts());
    let search = Search {
        standing: Standing::from_key(&asked.standing).unwrap_or_default(),
        q: asked.q,
        cause: asked.cause,
    };
    let about = app.sought(&search.q).await?;
    let is_unknown = about.is_none();
    let filter = BanFilter {
        about: about.unwrap_or_default(),
        cause: Some(search.cause.clone()).filter(|cause| !cause.is_empty() && cause != ANY),
        standing: search.standing,
        before: asked.before,
        limit: if is_unknown { 0 } else { PAGE },
    };
    let page = app.find_bans(filter).await?;
    let (rows, spared) = (rows(app, &page.rows, texts).await?, app.spared_networks().await?);
    let names = Names::find(app, &[], spared.iter().map(|one| one.by.as_str())).await?;
    let exempt = &app.config.moderation.policy.exempt;
    Ok(BansPage {
        frame: scene.frame(Some(&who.account.name)),
        bar: bar(who, Section::Bans, None),
        older: page.next.filter(|_| !is_unknown).map(|id| older(&search, id)),
        search,
        is_unknown,
        rows,
        is_newest: asked.before.is_none(),
        form: BanForm::default(),
        spare: SpareForm::default(),
        spared: spared
            .iter()
            .map(|one| SparedRow::of(one, names.maker(&one.by, texts), texts))
            .collect(),
        configured: exempt.iter().map(ToString::to_string).collect(),
    })
}

/// Bans with the names of their subjects and makers.
pub(in crate::web::admin) async fn rows(app: &App, bans: &[Ban], texts: &Texts) -> Result<Vec<BanRow>, Failure> {
    let subjects: Vec<_> = bans.iter().map(|ban| ban.subject).collect();
    let names = Names::find(app, &subjects, bans.iter().map(|ban| ban.by.as_str())).await?;
    let now: Timestamp = app.now();
    let row = |ban: &Ban| {
        let who = (names.subject(ban.subject, texts), names.maker(&ban.by, texts));
        BanRow::of(ban, who, now, texts)
    };
    Ok(bans.iter().map(row).collect())
}

fn older(search: &Search, before: i64) -> String {
    url::form_urlencoded::Serializer::new(String::new())
        .append_pair("q", &search.q)
        .append_pair("cause", &search.cause)
        .append_pair("standing", search.standing.key())
        .append_pair("before", &before.to_string())
        .finish()
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct NewBan {
    #[serde(default)]
    subject: String,
    #[serde(default)]
    length: String,
    #[serde(default)]
    note: String,
}

impl NewBan {
    fn again(self, subject_problem: Option<&str>, problem: Option<&str>) -> BanForm {
        BanForm {
            subject: self.subject,
            length: self.length,
            note: self.note,
            subject_problem: subject_problem.map(str::to_owned),
            problem: problem.map(str::to_owned),
        }
    }
}

/// `POST /admin/bans`
pub async fn add(web: State, req: HttpRequest, body: Body) -> HttpResponse {
    let scene = Scene::open(&web, &req);
    let outcome = changing(&scene, body.fields(), async |changer, fields| {
        let form: NewBan = fields.parse()?;
        let w = scene.lang.texts().admin.bans;
        let Some(subject) = subjects::find(&web.app, &form.subject).await? else {
            return again(&scene, &changer.who, form.again(Some(w.bad_subject), None)).await;
        };
        let length = match form.length.as_str() {
            "" | FOREVER => None,
            text => match duration::parse(text) {
                Ok(length) => Some(length),
                Err(_) => return again(&scene, &changer.who, form.again(None, Some(w.bad_length))).await,
            },
        };
        if !is_remark(&form.note) {
            return again(&scene, &changer.who, form.again(None, Some(w.bad_note))).await;
        }
        match web.app.add_ban(subject, length, form.note.trim(), &changer.by).await? {
            Ok(_) => Ok(scene.to("/admin/bans?done=banned")),
            Err(reason) => {
                let why = unbannable(reason, scene.lang.texts());
                again(&scene, &changer.who, form.again(Some(why), None)).await
            }
        }
    });
    scene.finish(outcome.await)
}

/// Whether a remark is short and one line.
pub(in crate::web::admin) fn is_remark(text: &str) -> bool {
    text.chars().count() <= LONGEST_NOTE && !text.chars().any(char::is_control)
}

/// Why somebody may not be banned, in words.
pub(in crate::web::admin) fn unbannable(reason: Unbannable, texts: &Texts) -> &'static str {
    let w = texts.admin.bans;
    match reason {
        Unbannable::Spared(Spared::Loopback) => w.is_loopback,
        Unbannable::Spared(Spared::TrustedProxy) => w.is_proxy,
        Unbannable::Spared(Spared::Exempt) => w.is_exempt,
        Unbannable::Spared(Spared::Listed) => w.is_listed,
        Unbannable::Spared(Spared::GoodLogin) => w.is_good,
        Unbannable::OwnAccount => w.is_you,
        Unbannable::OwnAddress => w.is_your_address,
    }
}

async fn again(scene: &Scene<'_>, who: &Identity, form: BanForm) -> Page {
    let mut view = view(scene, who, Asked::default()).await?;
    view.form = form;
    scene.page(StatusCode::BAD_REQUEST, &view)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Lift {
    #[serde(default)]
    together: String,
}

/// `POST /admin/bans/{reference}/lift`
pub async fn lift(web: State, req: HttpRequest, reference: Path<String>, body: Body) -> HttpResponse {
    let scene = Scene::open(&web, &req);
    let outcome = changing(&scene, body.fields(), async |changer, fields| {
        let form: Lift = fields.parse()?;
        let explained = web.app.explain_ban(&reference).await?.ok_or(Refusal::NotFound)?;
        let lifted = if form.together == "on" {
            web.app.unban_together(&explained.ban, &changer.by).await?
        } else {
            let whose = Whose::Reference(explained.ban.reference);
            web.app.unban(whose, &changer.by).await?
        };
        Ok(scene.to(&format!("/admin/bans?done=lifted&count={}", lifted.len())))
    });
    scene.finish(outcome.await)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct NewSpared {
    #[serde(default)]
    network: String,
    #[serde(default)]
    note: String,
}

/// `POST /admin/bans/spare`
pub async fn spare(web: State, req: HttpRequest, body: Body) -> HttpResponse {
    let scene = Scene::open(&web, &req);
    let outcome = changing(&scene, body.fields(), async |changer, fields| {
        let form: NewSpared = fields.parse()?;
        let w = scene.lang.texts().admin.bans;
        let problem = match form.network.parse::<Network>() {
            Err(_) => w.bad_network,
            Ok(_) if !is_remark(&form.note) => w.bad_note,
            Ok(network) => match web.app.spare_network(network, form.note.trim(), &changer.by).await {
                Ok(lifted) => return Ok(scene.to(&format!("/admin/bans?done=spared&count={}", lifted.len()))),
                Err(Failure::Refused(Refusal::Invalid(_))) if network.is_half_the_world() => w.bad_network,
                Err(Failure::Refused(Refusal::Invalid(_))) => w.list_full,
                Err(failure) => return Err(failure),
            },
        };
        let mut view = view(&scene, &changer.who, Asked::default()).await?;
        view.spare = SpareForm {
            network: form.network,
            note: form.note,
            problem: Some(problem.to_owned()),
        };
        scene.page(StatusCode::BAD_REQUEST, &view)
    });
    scene.finish(outcome.await)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Unspared {
    #[serde(default)]
    network: String,
}

/// `POST /admin/bans/unspare`
pub async fn unspare(web: State, req: HttpRequest, body: Body) -> HttpResponse {
    let scene = Scene::open(&web, &req);
    let outcome = changing(&scene, body.fields(), async |changer, fields| {
        let form: Unspared = fields.parse()?;
        let network: Network = form.network.parse().map_err(|_| Refusal::NotFound)?;
        web.app.unspare_network(network, &changer.by).await?;
        Ok(scene.to("/admin/bans?done=unspared"))
    });
    scene.finish(outcome.await)
}
