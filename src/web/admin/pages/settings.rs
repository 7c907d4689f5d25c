//! Pages of the administration: what is configured, and what may be changed here.

use actix_web::http::StatusCode;
use actix_web::web::Path;
use actix_web::{HttpRequest, HttpResponse};
use serde::Deserialize;

use crate::app::settings::{Listed, NotChanged};
use crate::domain::refusal::Refusal;
use crate::domain::session::Identity;
use crate::web::admin::{bar, changing, reading};
use crate::web::extract::Body;
use crate::web::pages::{Page, Scene, State};
use crate::web::views::Frame;
use crate::web::views::admin::Section;
use crate::web::views::admin::settings::{SettingRow, SettingsPage};

#[derive(Default, Deserialize)]
#[serde(default)]
struct Asked {
    q: String,
    done: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Form {
    #[serde(default)]
    value: String,
}

/// What was typed and is no value of the setting.
struct Attempted<'t> {
    key: &'t str,
    typed: &'t str,
    error: &'static str,
}

/// `GET /admin/settings`
pub async fn show(web: State, req: HttpRequest) -> HttpResponse {
    let scene = Scene::open(&web, &req);
    let outcome = reading(&scene, async |who| page(&scene, StatusCode::OK, who, None)).await;
    scene.finish(outcome)
}

/// `POST /admin/settings/{key}`
pub async fn change(web: State, req: HttpRequest, key: Path<String>, body: Body) -> HttpResponse {
    let scene = Scene::open(&web, &req);
    let outcome = changing(&scene, body.fields(), async |changer, fields| {
        let form: Form = fields.parse()?;
        let changed = web.app.change_setting(&key, &form.value, &changer.by).await?;
        let error = match changed {
            Ok(changed) => return Ok(done(&scene, "changed", changed.setting.key)),
            Err(NotChanged::Unknown(_)) => return Err(Refusal::NotFound.into()),
            Err(why) => why,
        };
        let w = scene.lang.texts().admin.settings;
        let attempted = Attempted {
            key: &key,
            typed: &form.value,
            error: match error {
                NotChanged::Mistake(mistake) => (w.mistake)(mistake),
                NotChanged::Unknown(_) | NotChanged::NotHere | NotChanged::Fixed(_) => w.cannot,
            },
        };
        page(&scene, StatusCode::BAD_REQUEST, &changer.who, Some(&attempted))
    })
    .await;
    scene.finish(outcome)
}

/// `POST /admin/settings/{key}/reset`
pub async fn reset(web: State, req: HttpRequest, key: Path<String>, body: Body) -> HttpResponse {
    let scene = Scene::open(&web, &req);
    let outcome = changing(&scene, body.fields(), async |changer, _| {
        match web.app.reset_setting(&key, &changer.by).await? {
            Ok(changed) => Ok(done(&scene, "reset", changed.setting.key)),
            Err(_) => Err(Refusal::NotFound.into()),
        }
    })
    .await;
    scene.finish(outcome)
}

fn done(scene: &Scene<'_>, what: &str, key: &str) -> HttpResponse {
    scene.to(&format!("/admin/settings?done={what}#set-{}", key.replace('.', "-")))
}

fn page(scene: &Scene<'_>, status: StatusCode, who: &Identity, attempted: Option<&Attempted<'_>>) -> Page {
    let asked: Asked = scene.query();
    let w = scene.lang.texts().admin.settings;
    let wanted = asked.q.trim().to_lowercase();
    let is_wanted = |listed: &Listed| {
        let setting = listed.setting;
        let doc = (w.doc)(setting.key).unwrap_or(setting.doc);
        [setting.key, setting.env, doc]
            .iter()
            .any(|text| text.to_lowercase().contains(&wanted))
    };
    let (mut here, mut elsewhere) = (Vec::new(), Vec::new());
    for listed in scene.web.app.settings().iter().filter(|listed| is_wanted(listed)) {
        let mut row = SettingRow::of(listed, who.account.role.is_admin(), scene.lang);
        let tried = attempted.filter(|attempted| attempted.key == row.key);
        if let (Some(tried), Some(form)) = (tried, &mut row.form) {
            tried.typed.clone_into(&mut form.typed);
            form.hint.clear();
            form.error = Some(tried.error.to_owned());
        }
        let list = if listed.is_changeable || listed.is_fixed() {
            &mut here
        } else {
            &mut elsewhere
        };
        list.push(row);
    }
    let flash = match asked.done.as_str() {
        "changed" => Some(w.changed.to_owned()),
        "reset" => Some(w.was_reset.to_owned()),
        _ => None,
    };
    let view = SettingsPage {
        frame: Frame {
            alarm: scene.alarm(),
            ..scene.frame(Some(&who.account.name))
        },
        bar: bar(who, Section::Settings, flash),
        query: asked.q,
        here,
        elsewhere,
    };
    scene.page(status, &view)
}
