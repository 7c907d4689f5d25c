//! What reverse proxies ask about every request to another program: one address for each, in its own convention.
//!
//! | proxy | the request is described by | signing in is asked for with |
//! |---|---|---|
//! | nginx | `X-Original-URL`, `X-Original-Method` | 401, and `Location` says where |
//! | Caddy, Traefik, Apache, `HAProxy` | `X-Forwarded-Proto`, `-Host`, `-Uri`, `-Method` | a redirect |
//!
//! One path of every guarded host is ours: the way back from the login, see [`crate::app::door`].
//!
//! Programs (web sockets, scripts) get 401 and no redirect, whatever the proxy. Nothing but a 2xx lets a request pass, and
//! nothing here answers 2xx unless a rule says so: what is malformed is 401, a fault 500. Who somebody is, is never read
//! from `Remote-*`.

mod answer;
mod callback;
mod question;

use actix_web::{HttpRequest, HttpResponse};
use serde_json::json;

use crate::app::Failure;
use crate::app::forward_auth::{Keys, Passage};
use crate::config::LogRequests;
use crate::domain::door;
use crate::web::cookies::Held;
use crate::web::pages::State;
use crate::web::{guests, reply, visitor};

use answer::Answer;
pub use answer::REFUSED_WITH;
use question::{Convention, Unanswerable};

/// Cookies of one name that are tried: a browser sends as many as it was told to keep for different paths.
const MOST_COOKIES: usize = 3;

/// `/forward-auth/nginx`
pub async fn nginx(web: State, req: HttpRequest) -> HttpResponse {
    answered(web, req, Convention::OriginalUrl).await
}

/// `/forward-auth/caddy`, `/forward-auth/traefik`, `/forward-auth/apache`, `/forward-auth/haproxy`
pub async fn forwarded(web: State, req: HttpRequest) -> HttpResponse {
    answered(web, req, Convention::Forwarded).await
}

/// `GET /forward-auth/jwks.json`: the key with which other programs check their tokens (RFC 7517 §5).
pub async fn keys(web: State) -> HttpResponse {
    reply::ok(&json!({ "keys": [web.app.passport_key()] }))
}

async fn answered(web: State, req: HttpRequest, convention: Convention) -> HttpResponse {
    let asked = match question::read(&req, &web, convention) {
        Ok(asked) => asked,
        Err(unanswerable) => return refused(&web, &req, &unanswerable),
    };
    let answer = Answer::new(&web, &req, convention, &asked);
    if asked.target.starts_with(door::FOLDER) {
        // Apart, as it is seldom and long: what every question takes is small then.
        return Box::pin(callback::arrive(&answer)).await;
    }
    let held = Held::of(req.headers(), &web.place, MOST_COOKIES);
    let keys = Keys {
        pages: &held.pages,
        doors: &held.doors,
        bearer: visitor::bearer(&req),
        api_key: visitor::api_key(&req),
        is_guest: guests::is_welcome(&req, &web, Some(&asked.host)),
    };
    match web.app.may_pass(&asked, keys).await {
        Ok(passage) => {
            let metered = web.app.meter(&asked, &passage, visitor::user_agent(&req));
            // Noting it costs every question something, and what passes is seldom logged.
            let is_logged = metered.is_err() || web.app.config.log.requests == LogRequests::All;
            if let Passage::As(passenger) = &passage
                && is_logged
            {
                visitor::note_user(&req, passenger.identity.account.id);
            }
            match metered {
                Ok(()) => answer.passage(&passage),
                Err(refusal) => answer.over_limit(refusal, &passage),
            }
        }
        Err(failure) => answer.failure(&failure),
    }
}

/// The answer to a question that makes no sense or comes from a stranger: nobody passes.
fn refused(web: &State, req: &HttpRequest, unanswerable: &Unanswerable) -> HttpResponse {
    match unanswerable {
        Unanswerable::Stranger => {
            let peer = req.peer_addr().map(|peer| peer.ip());
            if let Some(peer) = peer {
                web.proxies.notices.question_ignored(peer.to_canonical(), web.app.now());
            }
        }
        Unanswerable::Malformed(malformed) => {
            tracing::debug!(%malformed, "a proxy's question was refused");
        }
    }
    answer::unauthorized(&unanswerable.to_string(), None)
}

/// What a banned address gets here instead of an error page that it could not show.
#[must_use]
pub fn turned_away(failure: &Failure) -> HttpResponse {
    reply::failed(failure)
}
