//! `/oauth/…`: to a provider and back, with LibreChat's addresses and error codes (contract §2.11, §6.3), and connecting a
//! provider to an account.

use actix_web::cookie::Cookie;
use actix_web::http::StatusCode;
use actix_web::http::header::{HeaderValue, LOCATION};
use actix_web::web::{Path, Query};
use actix_web::{HttpRequest, HttpResponse};
use serde::Deserialize;
use url::form_urlencoded;

use crate::app::Failure;
use crate::app::admit::Entry;
use crate::app::federated_login::{Arrived, Denied, Departure, Homecoming, Setback};
use crate::app::quota::Quota;
use crate::domain::federation::attempt::Intent;
use crate::domain::federation::denial::Denial;
use crate::domain::redirect::LocalPath;
use crate::domain::refusal::LimitedAction;
use crate::domain::secret::Secret;
use crate::domain::session::Identity;
use crate::web::extract::Body;
use crate::web::pages::{FormCheck, Scene, State, code, connect, connections, login};
use crate::web::views::{Errand, Onward};
use crate::web::{cookies, reply};

#[derive(Default, Deserialize)]
struct Asked {
    #[serde(default)]
    redirect_to: String,
}

/// `GET /oauth/{provider}`: to the provider, to log in.
pub async fn start(web: State, req: HttpRequest, provider: Path<String>) -> HttpResponse {
    let scene = Scene::open(&web, &req);
    let quota = web.app.take_quota(LimitedAction::Login, &scene.limit_key());
    let asked: Asked = scene.query();
    let target = LocalPath::parse(&asked.redirect_to);
    let response = depart(&scene, &provider, target, &quota).await;
    reply::with_quota(response, &quota)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ConnectForm {
    #[serde(default)]
    csrf: String,
    /// `prove`, or to connect it.
    #[serde(default)]
    purpose: String,
    #[serde(default)]
    password: String,
    #[serde(default)]
    redirect_to: String,
}

/// `POST /oauth/{provider}`: to the provider, to connect it to the account of somebody who is signed in, or for them to prove
/// again who they are.
pub async fn begin_connecting(web: State, req: HttpRequest, provider: Path<String>, body: Body) -> HttpResponse {
    let scene = Scene::open(&web, &req);
    let quota = web.app.take_quota(LimitedAction::Login, &scene.limit_key());
    let outcome = async {
        scene.same_site()?;
        let form: ConnectForm = body.parse()?;
        let Some(who) = scene.identity().await? else {
            return Ok(scene.to_login());
        };
        if scene.check_form(&form.csrf) != FormCheck::Good {
            return Ok(scene.to("/"));
        }
        let intent = Intent::from_key(&form.purpose).unwrap_or(Intent::Connect);
        if intent == Intent::Connect {
            quota.check()?;
            let origin = scene.origin();
            match web
                .app
                .confirm_presence(&who, Secret::new(form.password), &origin)
                .await
            {
                Ok(()) => {}
                Err(Failure::Refused(refusal)) => return connections::not_connected(&scene, &who, refusal).await,
                Err(fault) => return Err(fault),
            }
        }
        let target = LocalPath::parse(&form.redirect_to);
        match web.app.depart(&provider, target, Some((&who, intent)), &quota).await {
            Ok(departure) => {
                let page = out_of_form(&scene, &provider, &departure.url, (&who, intent))?;
                Ok(reply::with_cookies(page, kept(&scene, &departure)))
            }
            Err(setback) => Ok(set_back(&scene, &provider, setback, true)),
        }
    };
    let outcome: Result<HttpResponse, Failure> = outcome.await;
    reply::with_quota(scene.finish(outcome), &quota)
}

/// The cookie of an attempt, and the end of those that it crowds out.
fn kept(scene: &Scene<'_>, departure: &Departure) -> Vec<Cookie<'static>> {
    let place = &scene.web.place;
    let mut set = place.crowded_out(&cookies::attempts(scene.headers(), place));
    set.push(place.attempt(&departure.cookie));
    set
}

async fn depart(scene: &Scene<'_>, provider: &str, target: Option<LocalPath>, quota: &Quota) -> HttpResponse {
    match scene.web.app.depart(provider, target, None, quota).await {
        Ok(departure) => reply::with_cookies(found(&departure.url), kept(scene, &departure)),
        Err(setback) => set_back(scene, provider, setback, false),
    }
}

/// The way out of a form, which itself may lead to our own pages only.
fn out_of_form(
    scene: &Scene<'_>,
    provider: &str,
    url: &str,
    (who, intent): (&Identity, Intent),
) -> Result<HttpResponse, Failure> {
    let button = scene.web.app.button_of(provider).map(connect::shown);
    let page = Onward {
        frame: scene.frame(Some(&who.account.name)),
        url,
        provider: button.map_or(provider, |button| button.name()),
        errand: match intent {
            Intent::Connect => Errand::Connect,
            Intent::Prove => Errand::Prove,
        },
    };
    scene.page(StatusCode::OK, &page)
}

/// What a provider sends people back with, in the query or in a form. Whatever else is there is ignored.
#[derive(Default, Deserialize)]
struct Returned {
    #[serde(default)]
    state: Option<String>,
    #[serde(default)]
    code: Option<String>,
    #[serde(default)]
    error: Option<String>,
    #[serde(default)]
    error_description: Option<String>,
    #[serde(default)]
    iss: Option<String>,
    /// Apple tells the name here, once.
    #[serde(default)]
    user: Option<String>,
}

/// `GET /oauth/{provider}/callback`
pub async fn callback(web: State, req: HttpRequest, provider: Path<String>) -> HttpResponse {
    let returned = Query::<Returned>::from_query(req.query_string());
    let returned = returned.map(Query::into_inner).unwrap_or_default();
    come_home(&Scene::open(&web, &req), &provider, returned).await
}

/// `POST /oauth/{provider}/callback`: providers that answer by a form, such as Apple.
///
/// The form comes from the provider's own page, and with a POST from elsewhere a browser sends none of our cookies: neither
/// that of the attempt nor that of whoever is signed in. So that these can stay `SameSite=Lax`, the browser is sent on to
/// the same address with a GET, which brings them. What is in the address then is what every other provider writes there:
/// a code that is worth nothing without the cookie, without our secret, and a second time.
pub async fn callback_by_form(web: State, req: HttpRequest, provider: Path<String>, body: Body) -> HttpResponse {
    let scene = Scene::open(&web, &req);
    let returned: Returned = body.parse().unwrap_or_default();
    let label = returned.state.as_deref().and_then(Homecoming::label_of);
    let name = label.map(|label| web.place.attempt_cookie(&label));
    if name.is_some_and(|name| cookies::find(scene.headers(), &name).is_some()) {
        return come_home(&scene, &provider, returned).await;
    }
    let known = web.app.button_of(&provider);
    match (known, returned.query()) {
        // Without a cookie: it would take the place of one that the browser holds back.
        (Some(known), Some(query)) => {
            let target = format!("{}/oauth/{}/callback?{query}", web.place.base, known.id);
            sent(StatusCode::SEE_OTHER, &target)
        }
        _ => come_home(&scene, &provider, returned).await,
    }
}

impl Returned {
    /// What a GET brings instead of a form, unless it is too long for an address. Of the person only the name goes along.
    fn query(&self) -> Option<String> {
        const MOST_BYTES: usize = 4096;
        let user = self.user.as_deref().and_then(name_only);
        let fields = [
            ("state", &self.state),
            ("code", &self.code),
            ("error", &self.error),
            ("error_description", &self.error_description),
            ("iss", &self.iss),
            ("user", &user),
        ];
        let mut query = form_urlencoded::Serializer::new(String::new());
        for (name, value) in fields {
            query.extend_pairs(value.iter().map(|value| (name, value)));
        }
        let query = query.finish();
        (query.len() <= MOST_BYTES).then_some(query)
    }
}

/// Apple's `user` without the address, which does not count here.
fn name_only(user: &str) -> Option<String> {
    let user: serde_json::Value = serde_json::from_str(user).ok()?;
    Some(serde_json::json!({ "name": user.get("name")? }).to_string())
}

async fn come_home(scene: &Scene<'_>, provider: &str, returned: Returned) -> HttpResponse {
    let app = &scene.web.app;
    let label = returned.state.as_deref().and_then(Homecoming::label_of);
    let name = label.as_deref().map(|label| scene.web.place.attempt_cookie(label));
    let homecoming = Homecoming {
        cookie: name.and_then(|name| cookies::find(scene.headers(), &name).map(str::to_owned)),
        state: returned.state,
        code: returned.code,
        error: returned.error,
        error_description: returned.error_description,
        issuer: returned.iss,
        profile: returned.user,
        device: scene.device(),
        trust: scene.trust(),
    };
    let who = match scene.identity().await {
        Ok(who) => who,
        Err(failure) => return scene.finish(Err(failure)),
    };
    let outcome = app.arrive(provider, &homecoming, who.as_deref(), scene.origin()).await;
    let response = match outcome {
        Ok(Arrived::Entered { entry, target }) => enter(scene, entry, target.as_ref()).await,
        Ok(Arrived::Proved(target)) => proved(scene, target.as_ref()),
        Ok(Arrived::Connected(id)) => scene.to(&format!("/oauth/connect?done={id}")),
        Err(setback) => lost(scene, provider, setback, who.is_some()),
    };
    let over: Vec<Cookie<'static>> = label.iter().map(|label| scene.web.place.attempt_over(label)).collect();
    reply::with_cookies(response, over)
}

/// Whoever has proved again who they are goes back to where they wanted to change something.
fn proved(scene: &Scene<'_>, target: Option<&LocalPath>) -> HttpResponse {
    let back = target.map_or_else(|| format!("{}/", scene.web.place.base), |path| path.as_str().to_owned());
    let joint = if back.contains('?') { '&' } else { '?' };
    found(&format!("{back}{joint}done=proved"))
}

/// Whoever came in goes on, or on to their second factor: at our own pages, or at LibreChat's client if that is elsewhere.
async fn enter(scene: &Scene<'_>, entry: Entry, target: Option<&LocalPath>) -> HttpResponse {
    let is_here = is_our_client(scene) || target.is_some();
    let mut response = match entry {
        Entry::SignedIn(signed_in) if is_here => {
            let outcome = login::enter(scene, &signed_in, target).await;
            scene.finish(outcome)
        }
        Entry::SignedIn(signed_in) => {
            scene.end_held_sessions().await;
            reply::with_cookies(found(&client(scene)), scene.welcome(&signed_in))
        }
        Entry::SecondFactor(challenge) if is_here => code::next_step(scene, "/login/2fa", &challenge.ticket, target),
        Entry::SecondFactor(challenge) => {
            let ticket = challenge.ticket.expose();
            found(&format!("{}/login/2fa?tempToken={ticket}", client(scene)))
        }
        // LibreChat's released clients have no page for this.
        Entry::Enrolment(challenge) => code::next_step(scene, "/login/2fa/setup", &challenge.ticket, target),
    };
    if response.status() == StatusCode::SEE_OTHER {
        *response.status_mut() = StatusCode::FOUND;
    }
    response
}

/// A way back that ended nowhere. A tab whose attempt is over but whose browser is signed in simply goes on; any other
/// way back that belongs to no attempt counts against its sender.
fn lost(scene: &Scene<'_>, provider: &str, setback: Setback, is_signed_in: bool) -> HttpResponse {
    if !matches!(&setback, Setback::Denied(denied) if denied.denial == Denial::AttemptOver) {
        return set_back(scene, provider, setback, false);
    }
    if is_signed_in {
        return found(&home(scene, None));
    }
    let quota = scene.web.app.take_quota(LimitedAction::Login, &scene.limit_key());
    let setback = quota.check().map_or_else(Setback::from, |()| setback);
    reply::with_quota(set_back(scene, provider, setback, false), &quota)
}

fn set_back(scene: &Scene<'_>, provider: &str, setback: Setback, was_connecting: bool) -> HttpResponse {
    match setback {
        Setback::Failed(failure) => scene.finish(Err(failure)),
        Setback::Denied(denied) => {
            let was_connecting = was_connecting || denied.was_connecting;
            turned_away(
                scene,
                provider,
                &Denied {
                    was_connecting,
                    ..denied
                },
            )
        }
    }
}

/// Sends somebody back to where they log in, or to where they connect providers, with the reason.
fn turned_away(scene: &Scene<'_>, provider: &str, denied: &Denied) -> HttpResponse {
    let (web, denial) = (scene.web, denied.denial);
    let recorded = denied.reference.clone();
    let reference = recorded.unwrap_or_else(|| web.app.new_reference());
    let known = web.app.button_of(provider).map(|button| button.id.as_str());
    let mut query = form_urlencoded::Serializer::new(String::new());
    let url = if denied.was_connecting {
        format!("{}/oauth/connect", web.place.url)
    } else {
        query.append_pair("redirect", "false");
        query.append_pair("error", denial.librechat_code());
        format!("{}/login", client(scene))
    };
    query.append_pair("reason", denial.key());
    if let Some(known) = known {
        query.append_pair("provider", known);
    }
    query.append_pair("reference", &reference);
    if denied.offer.is_some() && is_our_client(scene) {
        query.append_pair("redirect_to", &format!("{}/oauth/connect", web.place.base));
    }
    let response = found(&format!("{url}?{}", query.finish()));
    let response = reply::denied(response, denial, &reference);
    let offer = denied.offer.as_ref().map(|token| web.place.offer(token));
    reply::with_cookies(response, offer.into_iter().collect())
}

/// `GET /oauth/error`, as LibreChat answers it.
pub async fn error(web: State, req: HttpRequest) -> HttpResponse {
    let scene = Scene::open(&web, &req);
    found(&format!("{}/login?redirect=false&error=auth_failed", client(&scene)))
}

/// `GET /oauth/connect`
pub async fn offered(web: State, req: HttpRequest) -> HttpResponse {
    let scene = Scene::open(&web, &req);
    let outcome = connect::show(&scene).await;
    scene.finish(outcome)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct AnswerForm {
    #[serde(default)]
    csrf: String,
    #[serde(default)]
    answer: String,
}

/// `POST /oauth/connect`
pub async fn answer_offer(web: State, req: HttpRequest, body: Body) -> HttpResponse {
    let scene = Scene::open(&web, &req);
    let outcome = async {
        scene.same_site()?;
        let form: AnswerForm = body.parse()?;
        if scene.check_form(&form.csrf) != FormCheck::Good {
            return Ok(scene.to("/oauth/connect"));
        }
        connect::answer(&scene, form.answer == "yes").await
    };
    scene.finish(outcome.await)
}

/// Where LibreChat's client is, without a slash at the end.
fn client(scene: &Scene<'_>) -> String {
    scene.web.place.client.clone()
}

/// Whether people log in at our own page.
fn is_our_client(scene: &Scene<'_>) -> bool {
    client(scene) == scene.web.place.url
}

/// Where somebody who is logged in goes: where they wanted to on this site, else to LibreChat's client.
fn home(scene: &Scene<'_>, target: Option<&LocalPath>) -> String {
    match target {
        Some(path) => path.as_str().to_owned(),
        None if is_our_client(scene) => format!("{}/", scene.web.place.base),
        None => client(scene),
    }
}

/// 302, which is what LibreChat answers on these routes.
fn found(target: &str) -> HttpResponse {
    sent(StatusCode::FOUND, target)
}

fn sent(status: StatusCode, target: &str) -> HttpResponse {
    let location = HeaderValue::from_str(target).unwrap_or(HeaderValue::from_static("/"));
    reply::respond(status).insert_header((LOCATION, location)).finish()
}
