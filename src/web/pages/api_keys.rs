//! `/account/api-keys`: the keys of somebody signed in; making one takes the password and the second factor.

use std::time::Duration;

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse};
use serde::Deserialize;

use crate::app::Failure;
use crate::app::api_keys::Wanted;
use crate::app::quota::Quota;
use crate::app::second_factor::change::Change;
use crate::domain::access::HostPattern;
use crate::domain::api_key::Scope;
use crate::domain::refusal::{LimitedAction, Refusal};
use crate::domain::second_factor::Answer;
use crate::domain::secret::Secret;
use crate::domain::session::Identity;
use crate::web::extract::Body;
use crate::web::pages::account::signed_in_form;
use crate::web::pages::{Page, Scene, State, code};
use crate::web::reply;
use crate::web::views::{ApiKeysPage, FieldErrors, KeyRow};

/// Most days that a key lasts.
const MOST_DAYS: u64 = 3650;

#[derive(Default, Deserialize)]
struct Asked {
    #[serde(default)]
    done: String,
}

/// `GET /account/api-keys`
pub async fn show(web: State, req: HttpRequest) -> HttpResponse {
    let scene = Scene::open(&web, &req);
    let outcome = async {
        let Some(who) = scene.identity().await? else {
            return Ok(scene.to_login());
        };
        let mut view = view(&scene, &who).await?;
        view.revoked = scene.query::<Asked>().done == "revoked";
        scene.page(StatusCode::OK, &view)
    };
    scene.finish(outcome.await)
}

async fn view<'s>(scene: &'s Scene<'_>, who: &'s Identity) -> Result<ApiKeysPage<'s>, Failure> {
    let (app, texts) = (&scene.web.app, scene.lang.texts());
    let keys = app.keys_of(&who.account).await?;
    Ok(ApiKeysPage {
        frame: scene.frame(Some(&who.account.name)),
        email: who.account.email.as_str(),
        has_password: app.has_password(who.account.key).await?,
        has_second_factor: who.account.two_factor_at.is_some(),
        role: who.account.role.clone(),
        keys: keys.iter().map(|key| KeyRow::of(key, texts)).collect(),
        errors: FieldErrors::default(),
        name_typed: "",
        made: None,
        revoked: false,
    })
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct NewForm {
    #[serde(default)]
    csrf: String,
    #[serde(default)]
    name: String,
    #[serde(default)]
    door: String,
    #[serde(default)]
    api_read: String,
    #[serde(default)]
    api_write: String,
    #[serde(default)]
    admin_read: String,
    #[serde(default)]
    admin_write: String,
    #[serde(default)]
    hosts: String,
    #[serde(default)]
    days: String,
    #[serde(default)]
    password: String,
    #[serde(default)]
    code: String,
}

impl NewForm {
    fn wanted(&self) -> Option<Wanted> {
        let ticked = [
            &self.door,
            &self.api_read,
            &self.api_write,
            &self.admin_read,
            &self.admin_write,
        ];
        let scopes = Scope::ALL.into_iter().zip(ticked);
        let days: u64 = self.days.trim().parse().ok().filter(|days| *days <= MOST_DAYS)?;
        let hosts: Result<Vec<_>, _> = self.hosts.split_whitespace().map(HostPattern::parse).collect();
        let wanted = Wanted {
            name: self.name.clone(),
            scopes: scopes
                .filter(|(_, tick)| *tick == "on")
                .map(|(scope, _)| scope)
                .collect(),
            hosts: hosts.ok()?,
            life: (days > 0).then(|| Duration::from_hours(24 * days)),
        };
        (!wanted.scopes.is_empty()).then_some(wanted)
    }
}

/// `POST /account/api-keys`
pub async fn make(web: State, req: HttpRequest, body: Body) -> HttpResponse {
    let scene = Scene::open(&web, &req);
    let mut quota = Quota::default();
    let outcome = async {
        let form: NewForm = body.parse()?;
        signed_in_form(&scene, &form.csrf, async |who| {
            quota = web
                .app
                .take_quota(LimitedAction::TwoFactorSettings, &who.account.id.to_string());
            match made(&scene, who, &form, &mut quota).await {
                Ok(secret) => {
                    let mut view = view(&scene, who).await?;
                    view.made = Some(secret.expose());
                    scene.page(StatusCode::OK, &view)
                }
                Err(Failure::Refused(refusal)) => again(&scene, who, &form, refusal).await,
                Err(fault) => Err(fault),
            }
        })
        .await
    };
    let outcome = outcome.await;
    reply::with_quota(scene.finish(outcome), &quota)
}

async fn made(scene: &Scene<'_>, who: &Identity, form: &NewForm, quota: &mut Quota) -> Result<Secret, Failure> {
    quota.check()?;
    let wanted = form.wanted().ok_or(Refusal::Invalid(Vec::new()))?;
    let (app, origin) = (&scene.web.app, scene.origin());
    app.confirm_presence(who, Secret::new(form.password.as_str()), &origin)
        .await?;
    let change = Change {
        who,
        answer: Answer::parse_either(&form.code),
        origin: &origin,
    };
    app.make_own_key(change, wanted, quota).await
}

async fn again(scene: &Scene<'_>, who: &Identity, form: &NewForm, refusal: Refusal) -> Page {
    let texts = scene.lang.texts();
    let Some(mut errors) = code::errors(&refusal, texts) else {
        return Err(refusal.into());
    };
    if errors.password.is_none() && matches!(refusal, Refusal::Invalid(_)) {
        errors = FieldErrors::of_form(texts.api_keys.bad_form.to_owned());
    }
    let mut view = view(scene, who).await?;
    view.errors = errors;
    view.name_typed = &form.name;
    code::page(scene, &refusal, || view)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RevokeForm {
    #[serde(default)]
    csrf: String,
    #[serde(default)]
    id: String,
}

/// `POST /account/api-keys/revoke`
pub async fn revoke(web: State, req: HttpRequest, body: Body) -> HttpResponse {
    let scene = Scene::open(&web, &req);
    let outcome = async {
        let RevokeForm { csrf, id } = body.parse()?;
        signed_in_form(&scene, &csrf, async |who| {
            let id = id.parse().map_err(|_| Refusal::NotFound)?;
            web.app.revoke_own_key(&who.account, id, &scene.origin()).await?;
            Ok(scene.to("/account/api-keys?done=revoked"))
        })
        .await
    };
    scene.finish(outcome.await)
}
