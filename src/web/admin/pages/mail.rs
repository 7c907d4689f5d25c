//! Pages of the administration: letters and the mail service.

use actix_web::http::StatusCode;
use actix_web::web::Path;
use actix_web::{HttpRequest, HttpResponse};
use serde::Deserialize;

use crate::domain::email::Email;
use crate::domain::refusal::Refusal;
use crate::domain::session::Identity;
use crate::web::admin::{bar, changing, reading};
use crate::web::extract::Body;
use crate::web::pages::{Page, Scene, State};
use crate::web::views::Frame;
use crate::web::views::admin::Section;
use crate::web::views::admin::mail::{LetterRow, MailPage, Tested};

/// Letters on a page.
const PAGE: u32 = 50;

#[derive(Default, Deserialize)]
#[serde(default)]
struct Asked {
    all: String,
    before: Option<i64>,
    done: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Test {
    #[serde(default)]
    to: String,
}

/// What came of a form.
#[derive(Default)]
struct Attempted {
    to: Option<String>,
    error: Option<String>,
    tested: Option<Tested>,
}

/// `GET /admin/mail`
pub async fn show(web: State, req: HttpRequest) -> HttpResponse {
    let scene = Scene::open(&web, &req);
    let outcome = reading(&scene, async |who| {
        page(&scene, StatusCode::OK, who, Attempted::default()).await
    })
    .await;
    scene.finish(outcome)
}

/// `POST /admin/mail/test`: sends a test letter and shows what was said.
pub async fn test(web: State, req: HttpRequest, body: Body) -> HttpResponse {
    let scene = Scene::open(&web, &req);
    let outcome = changing(&scene, body.fields(), async |changer, fields| {
        let form: Test = fields.parse()?;
        let Ok(address) = Email::parse(&form.to) else {
            let attempted = Attempted {
                error: Some(scene.lang.texts().admin.mail.bad_address.to_owned()),
                to: Some(form.to),
                tested: None,
            };
            return page(&scene, StatusCode::BAD_REQUEST, &changer.who, attempted).await;
        };
        let mut said = Vec::new();
        let sent = web
            .app
            .send_test_letter(&address, Some(scene.lang.code()), |line| said.push(line.to_string()))
            .await?
            .ok_or(Refusal::NotFound)?;
        let tested = Tested {
            trouble: sent
                .outcome
                .err()
                .map(|trouble| (trouble.to_string(), trouble.advice())),
            dialogue: said.join("\n"),
        };
        let attempted = Attempted {
            to: Some(form.to),
            tested: Some(tested),
            error: None,
        };
        page(&scene, StatusCode::OK, &changer.who, attempted).await
    })
    .await;
    scene.finish(outcome)
}

/// `POST /admin/mail/retry`: tries all letters that wait or have failed.
pub async fn retry_all(web: State, req: HttpRequest, body: Body) -> HttpResponse {
    let scene = Scene::open(&web, &req);
    let outcome = changing(&scene, body.fields(), async |changer, _| {
        web.app.retry_letters(None, &changer.by).await?;
        Ok(scene.to("/admin/mail?done=retried"))
    })
    .await;
    scene.finish(outcome)
}

/// `POST /admin/mail/{id}/retry`
pub async fn retry(web: State, req: HttpRequest, id: Path<String>, body: Body) -> HttpResponse {
    let scene = Scene::open(&web, &req);
    let outcome = changing(&scene, body.fields(), async |changer, _| {
        let id = id.parse().map_err(|_| Refusal::NotFound)?;
        let done = if web.app.retry_letters(Some(id), &changer.by).await? == 0 {
            "gone"
        } else {
            "retried"
        };
        Ok(scene.to(&format!("/admin/mail?done={done}")))
    })
    .await;
    scene.finish(outcome)
}

/// `POST /admin/mail/{id}/drop`
pub async fn discard(web: State, req: HttpRequest, id: Path<String>, body: Body) -> HttpResponse {
    let scene = Scene::open(&web, &req);
    let outcome = changing(&scene, body.fields(), async |changer, _| {
        let id = id.parse().map_err(|_| Refusal::NotFound)?;
        let done = if web.app.drop_letter(id, &changer.by).await? {
            "discarded"
        } else {
            "gone"
        };
        Ok(scene.to(&format!("/admin/mail?done={done}")))
    })
    .await;
    scene.finish(outcome)
}

async fn page(scene: &Scene<'_>, status: StatusCode, who: &Identity, attempted: Attempted) -> Page {
    let asked: Asked = scene.query();
    let texts = scene.lang.texts();
    let (w, app) = (texts.admin.mail, &scene.web.app);
    let is_all = asked.all == "1";
    let mut letters = app.posted(is_all, asked.before.unwrap_or(i64::MAX), PAGE + 1).await?;
    let has_more = letters.len() > PAGE as usize;
    letters.truncate(PAGE as usize);
    let flash = match asked.done.as_str() {
        "retried" => Some(w.retried.to_owned()),
        "discarded" => Some(w.discarded.to_owned()),
        "gone" => Some(w.gone.to_owned()),
        _ => None,
    };
    let view = MailPage {
        frame: Frame {
            alarm: scene.alarm(),
            ..scene.frame(Some(&who.account.name))
        },
        bar: bar(who, Section::Mail, flash),
        service: MailPage::service(&app.config, &scene.live.from_name, texts),
        to: attempted.to.unwrap_or_else(|| who.account.email.to_string()),
        error: attempted.error,
        tested: attempted.tested,
        is_all,
        older: letters.last().map(|letter| letter.id).filter(|_| has_more),
        is_newest: asked.before.is_none(),
        letters: letters.iter().map(|letter| LetterRow::of(letter, texts)).collect(),
    };
    scene.page(status, &view)
}
