//! `/account/connections`: the providers that are connected to an account.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse};
use serde::Deserialize;

use crate::app::Failure;
use crate::app::owner::OwnerProof;
use crate::app::quota::Quota;
use crate::domain::federation::connection::Connection;
use crate::domain::refusal::Refusal;
use crate::domain::secret::Secret;
use crate::domain::session::Identity;
use crate::web::extract::Body;
use crate::web::pages::account::signed_in_form;
use crate::web::pages::connect::shown;
use crate::web::pages::{Page, Scene, State};
use crate::web::reply;
use crate::web::views::{ConnectionFlash, ConnectionRow, ConnectionsPage, FieldErrors, Presence, ProviderButton};

/// Where the page is, below the base.
pub const PATH: &str = "/account/connections";

#[derive(Default, Deserialize)]
struct Asked {
    #[serde(default)]
    done: String,
}

impl Asked {
    fn flash(&self) -> Option<ConnectionFlash> {
        match self.done.as_str() {
            "disconnected" => Some(ConnectionFlash::Disconnected { is_told: false }),
            "disconnected_and_mailed" => Some(ConnectionFlash::Disconnected { is_told: true }),
            "proved" => Some(ConnectionFlash::Proved),
            _ => None,
        }
    }
}

/// What the forms of the page have to say about the last attempt.
#[derive(Default)]
struct Attempted {
    connect: FieldErrors,
    disconnect: Option<(i64, FieldErrors)>,
    problem: Option<String>,
}

impl Attempted {
    fn form_problem(&self) -> Option<String> {
        let other = self.disconnect.as_ref().and_then(|(_, errors)| errors.form.clone());
        self.connect.form.clone().or(other)
    }
}

/// `GET /account/connections`
pub async fn show(web: State, req: HttpRequest) -> HttpResponse {
    let scene = Scene::open(&web, &req);
    let outcome = async {
        let Some(who) = scene.identity().await? else {
            return Ok(scene.to_login());
        };
        let flash = scene.query::<Asked>().flash();
        page(&scene, StatusCode::OK, &who, (flash, Attempted::default())).await
    };
    scene.finish(outcome.await)
}

/// What the forms of a page ask for; `back` is the page, below the base.
///
/// # Errors
/// Only a fault.
pub async fn presence<'s>(scene: &'s Scene<'_>, who: &Identity, back: &'static str) -> Result<Presence<'s>, Failure> {
    let app = &scene.web.app;
    let proof = app.owner_proof(who).await?;
    let again = if proof == OwnerProof::SignInAgain {
        let connected = app.connections(who.account.key).await?;
        let is_connected = |id: &str| connected.iter().any(|one| one.provider.as_str() == id);
        let ways = app.login_buttons().filter(|button| is_connected(button.id.as_str()));
        Some(ways.map(shown).collect())
    } else {
        None
    };
    Ok(Presence {
        has_password: proof == OwnerProof::Password,
        again,
        back,
    })
}

async fn page(
    scene: &Scene<'_>,
    status: StatusCode,
    who: &Identity,
    (flash, attempted): (Option<ConnectionFlash>, Attempted),
) -> Page {
    let app = &scene.web.app;
    let connected = app.connections(who.account.key).await?;
    let presence = presence(scene, who, PATH).await?;
    // Without a form there is no place beside it.
    let told = presence.is_due().then(|| attempted.form_problem()).flatten();
    let view = ConnectionsPage {
        frame: scene.frame(Some(&who.account.name)),
        rows: rows(scene, &connected, presence.has_password, attempted.disconnect),
        offers: offers(scene, &connected),
        email: who.account.email.as_str(),
        password_helps: app.config.accounts.email_login && !presence.has_password,
        presence,
        connect: attempted.connect,
        problem: attempted.problem.or(told),
        flash,
    };
    scene.page(status, &view)
}

fn rows<'s>(
    scene: &'s Scene<'_>,
    connected: &'s [Connection],
    has_password: bool,
    wrong: Option<(i64, FieldErrors)>,
) -> Vec<ConnectionRow<'s>> {
    let (app, texts) = (&scene.web.app, scene.lang.texts());
    let spare = app.spare(connected, has_password);
    let (at, errors) = wrong.unzip();
    let row = |(connection, is_spare): (&'s Connection, bool)| ConnectionRow {
        is_spare,
        is_usable: app.is_way_in(&connection.provider),
        errors: errors.clone().filter(|_| at == Some(connection.id)).unwrap_or_default(),
        ..ConnectionRow::of(
            connection,
            app.button_of(connection.provider.as_str()).map(shown),
            texts,
        )
    };
    connected.iter().zip(spare).map(row).collect()
}

/// The providers that can be connected: one identity at each is enough for most people.
fn offers<'s>(scene: &'s Scene<'_>, connected: &[Connection]) -> Vec<ProviderButton<'s>> {
    let buttons = scene.web.app.connect_buttons();
    let is_new = |id: &str| connected.iter().all(|one| one.provider.as_str() != id);
    buttons.filter(|button| is_new(button.id.as_str())).map(shown).collect()
}

/// The page again, for somebody who did not prove that it is their account when they wanted to connect a provider.
pub(super) async fn not_connected(scene: &Scene<'_>, who: &Identity, refusal: Refusal) -> Page {
    let Refusal::Invalid(issues) = refusal else {
        return Err(refusal.into());
    };
    let attempted = Attempted {
        connect: FieldErrors::of(&issues, scene.lang.texts()),
        ..Attempted::default()
    };
    page(scene, StatusCode::BAD_REQUEST, who, (None, attempted)).await
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Form {
    #[serde(default)]
    csrf: String,
    #[serde(default)]
    id: i64,
    #[serde(default)]
    password: String,
}

/// `POST /account/connections/disconnect`
pub async fn disconnect(web: State, req: HttpRequest, body: Body) -> HttpResponse {
    let scene = Scene::open(&web, &req);
    let mut quota = Quota::default();
    let outcome = async {
        let form: Form = body.parse()?;
        signed_in_form(&scene, &form.csrf, async |who| {
            quota = web.app.take_connection_change(who);
            quota.check()?;
            let password = Secret::new(form.password);
            match web.app.disconnect(who, form.id, password, &scene.origin()).await {
                Ok(true) => Ok(scene.to(&format!("{PATH}?done=disconnected_and_mailed"))),
                Ok(false) => Ok(scene.to(&format!("{PATH}?done=disconnected"))),
                // It is gone: another tab was faster.
                Err(Failure::Refused(Refusal::NotFound)) => Ok(scene.to(PATH)),
                Err(Failure::Refused(refusal)) => not_disconnected(&scene, who, form.id, refusal).await,
                Err(fault) => Err(fault),
            }
        })
        .await
    };
    let outcome = outcome.await;
    reply::with_quota(scene.finish(outcome), &quota)
}

async fn not_disconnected(scene: &Scene<'_>, who: &Identity, id: i64, refusal: Refusal) -> Page {
    let texts = scene.lang.texts();
    let mut attempted = Attempted::default();
    match refusal {
        Refusal::Invalid(issues) => attempted.disconnect = Some((id, FieldErrors::of(&issues, texts))),
        Refusal::LastWayIn => attempted.problem = Some(texts.connections.last_way.to_owned()),
        other => return Err(other.into()),
    }
    page(scene, StatusCode::BAD_REQUEST, who, (None, attempted)).await
}
