//! What `/oauth/connect` shows and does; the addresses are in [`super::oauth`].

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use serde::Deserialize;

use crate::app::Failure;
use crate::app::federated_login::Button;
use crate::domain::federation::denial::Denial;
use crate::domain::moderation::refused::read_reference;
use crate::web::cookies;
use crate::web::pages::Scene;
use crate::web::reply;
use crate::web::views::{Connect, ConnectState, ProviderButton, TurnedAway};

#[derive(Default, Deserialize)]
struct Asked {
    #[serde(default)]
    done: String,
    #[serde(default)]
    reason: String,
    #[serde(default)]
    provider: String,
    #[serde(default)]
    reference: String,
}

/// A provider as pages show it.
#[must_use]
pub fn shown(button: Button<'_>) -> ProviderButton<'_> {
    ProviderButton {
        id: button.id.as_str(),
        label: button.label,
        icon: button.icon,
    }
}

/// A reason that came in an address, if it is one.
#[must_use]
pub fn turned_away<'s>(scene: &'s Scene<'_>, reason: &str, provider: &str, reference: &str) -> Option<TurnedAway<'s>> {
    let denial = Denial::from_key(reason)?;
    if let Some(reference) = read_reference(reference) {
        scene.refer_to(&reference);
    }
    let button = scene.web.app.button_of(provider).map(shown);
    Some(TurnedAway {
        denial,
        provider: button.map(|button| button.name()),
    })
}

/// What there is to connect, or what came of it.
///
/// # Errors
/// Only a fault.
pub async fn show(scene: &Scene<'_>) -> Result<HttpResponse, Failure> {
    let Some(who) = scene.identity().await? else {
        return Ok(scene.to("/login?redirect_to=%2Foauth%2Fconnect"));
    };
    let asked: Asked = scene.query();
    let denied = turned_away(scene, &asked.reason, &asked.provider, &asked.reference);
    let done = scene.web.app.button_of(&asked.done).map(shown);
    let kept = cookies::find(scene.headers(), scene.web.place.offer_cookie());
    let offered = match kept {
        Some(kept) => scene.web.app.offer_to(&who, kept).await?,
        None => None,
    };
    let offered = offered.map(|offered| (shown(offered.button), offered.called, offered.may_be_taken));
    let state = match (&denied, &done, &offered) {
        (Some(denied), ..) => ConnectState::Denied(denied.clone()),
        (None, Some(done), _) => ConnectState::Done { provider: done.name() },
        (None, None, Some((button, _, false))) => ConnectState::Stale {
            provider: button.name(),
        },
        (None, None, Some((button, called, true))) => ConnectState::Question {
            provider: button.name(),
            called,
        },
        (None, None, None) => ConnectState::Nothing,
    };
    let view = Connect {
        frame: scene.frame(Some(&who.account.name)),
        state,
    };
    scene.page(StatusCode::OK, &view)
}

/// Takes what is offered, or turns it down.
///
/// # Errors
/// Only a fault.
pub async fn answer(scene: &Scene<'_>, accept: bool) -> Result<HttpResponse, Failure> {
    let Some(who) = scene.identity().await? else {
        return Ok(scene.to("/login?redirect_to=%2Foauth%2Fconnect"));
    };
    let app = &scene.web.app;
    let kept = cookies::find(scene.headers(), scene.web.place.offer_cookie()).unwrap_or_default();
    let offered = app.offer_to(&who, kept).await?;
    let id = offered.map(|offered| offered.button.id.to_string());
    let connected = app.take_offer(&who, kept, accept, &scene.origin()).await?;
    let response = match id {
        Some(id) if connected => scene.to(&format!("/oauth/connect?done={id}")),
        Some(_) if !accept => scene.to("/"),
        Some(_) | None => scene.to("/oauth/connect"),
    };
    Ok(reply::with_cookies(response, vec![scene.web.place.offer_over()]))
}
