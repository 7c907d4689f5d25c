//! `/enter`: sends whoever is signed in on to a page of another program, and everybody else to the login page first. A host
//! that shares no cookies with ours gets a code to make a key of, see [`crate::app::door`].

use actix_web::http::StatusCode;
use actix_web::http::header::{self, HeaderValue};
use actix_web::{HttpRequest, HttpResponse};
use serde::Deserialize;
use url::form_urlencoded::byte_serialize;

use crate::domain::door::{CALLBACK, Scope};
use crate::domain::elsewhere::Elsewhere;
use crate::domain::redirect::LocalPath;
use crate::domain::session::Identity;
use crate::web::pages::{Page, Scene, State};
use crate::web::reply;
use crate::web::views::Enter;

/// A digest in base64url has 43 characters.
const WAY: usize = 43;

#[derive(Default, Deserialize)]
struct Asked {
    #[serde(default)]
    rd: String,
    /// The digest of what the browser keeps at the host it comes from.
    #[serde(default)]
    way: String,
    /// Whether it came back there without it.
    #[serde(default)]
    lost: String,
    /// Whether a form leads here: browsers check where forms lead (CSP `form-action`), through all redirects.
    #[serde(default)]
    form: String,
}

impl Asked {
    fn way(&self) -> Option<&str> {
        let is_digest = |c: u8| c.is_ascii_alphanumeric() || c == b'-' || c == b'_';
        Some(self.way.as_str()).filter(|way| way.len() == WAY && way.bytes().all(is_digest))
    }

    /// This page again, without what was only for once.
    fn again(&self, target: &Elsewhere) -> String {
        let way = self.way().map(|way| format!("&way={way}")).unwrap_or_default();
        format!("/enter?rd={}{way}", escaped(target.as_str()))
    }
}

/// `GET /enter?rd=…&way=…`
pub async fn show(web: State, req: HttpRequest) -> HttpResponse {
    let scene = Scene::open(&web, &req);
    let outcome = async {
        let asked: Asked = scene.query();
        let Some(target) = Elsewhere::parse(&asked.rd, &web.place.hosts) else {
            return Ok(scene.to("/"));
        };
        if !asked.lost.is_empty() {
            return page(&scene, &target, None);
        }
        let Some(identity) = scene.identity().await? else {
            return Ok(scene.to(&log_in(&scene, &asked, &target)));
        };
        if !asked.form.is_empty() {
            let next = format!("{}{}", web.place.base, asked.again(&target));
            return page(&scene, &target, Some(&next));
        }
        Ok(onward(&scene, &identity, &asked, &target))
    };
    scene.finish(outcome.await)
}

fn log_in(scene: &Scene<'_>, asked: &Asked, target: &Elsewhere) -> String {
    if asked.way().is_none() {
        return format!("/login?rd={}", escaped(target.as_str()));
    }
    let back = format!("{}{}", scene.web.place.base, asked.again(target));
    format!("/login?redirect_to={}", escaped(&back))
}

fn onward(scene: &Scene<'_>, identity: &Identity, asked: &Asked, target: &Elsewhere) -> HttpResponse {
    let (app, place, session) = (&scene.web.app, &scene.web.place, &identity.session);
    match asked.way() {
        Some(way) if !place.shares_cookies_with(target.host()) => {
            let code = app.hand_over(session, target, way);
            scene.see_other(&format!("{}{CALLBACK}?code={}", target.origin(), code.expose()))
        }
        // Whoever comes without a way sets out at the other host, if need be.
        _ => {
            let key = app.door_key(session, &Scope::of(target.host(), place.cookies.domain.as_deref()));
            let door = place.domain_door(&key, session.expires_at);
            let door = door.filter(|_| {
                place
                    .cookies
                    .domain
                    .as_deref()
                    .is_some_and(|name| target.host().is_within(name))
            });
            reply::with_cookies(scene.see_other(target.as_str()), door.into_iter().collect())
        }
    }
}

fn page(scene: &Scene<'_>, target: &Elsewhere, next: Option<&str>) -> Page {
    let view = Enter {
        frame: scene.frame(None),
        host: &target.host().to_string(),
        target: target.as_str(),
        next,
    };
    let status = if next.is_some() {
        StatusCode::OK
    } else {
        StatusCode::BAD_REQUEST
    };
    let mut response = scene.page(status, &view)?;
    if let Some(value) = next.and_then(|next| HeaderValue::try_from(format!("0;url={next}")).ok()) {
        response.headers_mut().insert(header::REFRESH, value);
    }
    Ok(response)
}

/// Where a form leads: on to `target`, or to the start page. A way that ends on another host stops here once.
#[must_use]
pub fn after_form(scene: &Scene<'_>, target: Option<&LocalPath>) -> HttpResponse {
    let Some(target) = target else { return scene.to("/") };
    let start = format!("{}/enter?", scene.web.place.base);
    let path = target.as_str();
    match path.strip_prefix(&start) {
        Some(query) => scene.see_other(&format!("{start}form=1&{query}")),
        None => scene.see_other(path),
    }
}

fn escaped(text: &str) -> String {
    byte_serialize(text.as_bytes()).collect()
}
