//! Pages of the administration: logins with other providers.

use actix_web::http::StatusCode;
use actix_web::web::Path;
use actix_web::{HttpRequest, HttpResponse};
use serde::Deserialize;

use crate::app::flights::Wanted;
use crate::domain::refusal::Refusal;
use crate::domain::session::Identity;
use crate::web::admin::{bar, changing, reading};
use crate::web::extract::Body;
use crate::web::pages::{Page, Scene, State};
use crate::web::views::Frame;
use crate::web::views::admin::Section;
use crate::web::views::admin::bans::ANY;
use crate::web::views::admin::providers::{
    ClaimsPage, FlightPage, FlightRow, ProviderRow, ProvidersPage, StepRow, TrialRow,
};

pub mod expected;

/// Logins on the page, and where all are wanted.
const PAGE: usize = 50;
const MOST: usize = 500;

#[derive(Default, Deserialize)]
#[serde(default)]
struct Asked {
    provider: String,
    failed: String,
    all: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Pasted {
    #[serde(default)]
    provider: String,
    #[serde(default)]
    claims: String,
}

/// `GET /admin/providers`
pub async fn show(web: State, req: HttpRequest) -> HttpResponse {
    let scene = Scene::open(&web, &req);
    let outcome = reading(&scene, async |who| page(&scene, who, None).await).await;
    scene.finish(outcome)
}

/// `POST /admin/providers/{id}/test`: asks a provider now and shows how it was found.
pub async fn test(web: State, req: HttpRequest, id: Path<String>, body: Body) -> HttpResponse {
    let scene = Scene::open(&web, &req);
    let outcome = changing(&scene, body.fields(), async |changer, _| {
        let state = web.app.test_provider(&id).await?.ok_or(Refusal::NotFound)?;
        let w = scene.lang.texts().admin.providers;
        let (name, is_good) = (state.label.unwrap_or(state.id), state.trouble.is_none());
        let say = if is_good { w.tested_well } else { w.tested_ill };
        page(&scene, &changer.who, Some((say(&name), is_good))).await
    })
    .await;
    scene.finish(outcome)
}

/// `GET /admin/flights/{reference}`
pub async fn flight(web: State, req: HttpRequest, reference: Path<String>) -> HttpResponse {
    let scene = Scene::open(&web, &req);
    let outcome = reading(&scene, async |who| {
        let flight = web.app.flight(&reference).await?.ok_or(Refusal::NotFound)?;
        let texts = scene.lang.texts();
        let (claims, is_cut) = FlightPage::readable(&flight);
        let trial = web.app.try_flight(&flight).await?;
        let view = FlightPage {
            frame: scene.frame(Some(&who.account.name)),
            bar: bar(who, Section::Providers, None),
            cause: flight.cause.clone(),
            subject: flight.subject.clone().map(|subject| (subject.issuer, subject.subject)),
            claims,
            is_cut,
            trial: trial.map(|trial| TrialRow::of(&trial, texts)),
            steps: StepRow::of(&flight, texts),
            flight: FlightRow::of(&flight, texts),
        };
        scene.page(StatusCode::OK, &view)
    })
    .await;
    scene.finish(outcome)
}

/// `GET /admin/providers/claims`: where claims are tried out.
pub async fn claims(web: State, req: HttpRequest) -> HttpResponse {
    let scene = Scene::open(&web, &req);
    let outcome = reading(&scene, async |who| {
        let asked: Asked = scene.query();
        scene.page(StatusCode::OK, &claims_page(&scene, who, asked.provider))
    });
    scene.finish(outcome.await)
}

/// `POST /admin/providers/claims`: what would come of them. They are not kept, and stand in no address.
pub async fn try_claims(web: State, req: HttpRequest, body: Body) -> HttpResponse {
    let scene = Scene::open(&web, &req);
    let outcome = changing(&scene, body.fields(), async |changer, fields| {
        let form: Pasted = fields.parse()?;
        let mut view = claims_page(&scene, &changer.who, form.provider.clone());
        let status = match web.app.read_claims(&form.provider, &form.claims) {
            Ok(vouched) => {
                let trial = web.app.try_claims(&form.provider, vouched).await?;
                view.trial = Some(TrialRow::of(&trial, scene.lang.texts()));
                StatusCode::OK
            }
            Err(error) => {
                view.error = Some(error);
                StatusCode::BAD_REQUEST
            }
        };
        view.claims = form.claims;
        scene.page(status, &view)
    });
    scene.finish(outcome.await)
}

fn claims_page<'s>(scene: &'s Scene<'_>, who: &'s Identity, provider: String) -> ClaimsPage<'s> {
    let ids = scene.web.app.provider_ids();
    ClaimsPage {
        frame: scene.frame(Some(&who.account.name)),
        bar: bar(who, Section::Providers, None),
        providers: ids.map(str::to_owned).collect(),
        provider,
        claims: String::new(),
        error: None,
        trial: None,
    }
}

async fn page(scene: &Scene<'_>, who: &Identity, tested: Option<(String, bool)>) -> Page {
    let asked: Asked = scene.query();
    let (app, texts) = (&scene.web.app, scene.lang.texts());
    let wanted = Wanted {
        provider: Some(asked.provider).filter(|id| !id.is_empty() && id != ANY),
        only_failed: asked.failed == "1",
        most: if asked.all == "1" { MOST } else { PAGE },
    };
    let flights = app.flights(&wanted).await?;
    let providers = app.provider_states().await?;
    let view = ProvidersPage {
        frame: Frame {
            alarm: scene.alarm(),
            ..scene.frame(Some(&who.account.name))
        },
        bar: bar(who, Section::Providers, None),
        tested,
        providers: providers.iter().map(|state| ProviderRow::of(state, texts)).collect(),
        provider: wanted.provider.unwrap_or_default(),
        only_failed: wanted.only_failed,
        has_more: asked.all != "1" && flights.len() == PAGE,
        flights: flights.iter().map(|flight| FlightRow::of(flight, texts)).collect(),
    };
    scene.page(StatusCode::OK, &view)
}
