//! What a proxy gets back. Whoever passes, passes with every identity header, empty if need be: a proxy that copies a
//! header which is not there may pass on what the client wrote into it.

use actix_web::cookie::Cookie;
use actix_web::http::StatusCode;
use actix_web::http::header::{HeaderName, HeaderValue, LOCATION, WWW_AUTHENTICATE};
use actix_web::{HttpRequest, HttpResponse};
use serde_json::json;
use url::form_urlencoded::byte_serialize;

use super::callback;
use super::question::{Convention, is_navigation};
use crate::app::Failure;
use crate::app::forward_auth::{Passage, Passenger};
use crate::domain::access::Asked;
use crate::domain::api_key;
use crate::domain::elsewhere::Elsewhere;
use crate::domain::group::GroupName;
use crate::domain::refusal::Refusal;
use crate::domain::session::Identity;
use crate::web::Web;
use crate::web::pages::{Scene, error};
use crate::web::reply::{self, Offender, Unremarkable};

const REMOTE_USER: HeaderName = HeaderName::from_static("remote-user");
const REMOTE_EMAIL: HeaderName = HeaderName::from_static("remote-email");
const REMOTE_NAME: HeaderName = HeaderName::from_static("remote-name");
const REMOTE_GROUPS: HeaderName = HeaderName::from_static("remote-groups");

/// The status that nginx gets no answer with, for it to give to the client.
pub const REFUSED_WITH: HeaderName = HeaderName::from_static("x-refused-with");

/// One answer in the making.
pub struct Answer<'a> {
    /// The server.
    pub web: &'a Web,
    /// The question.
    pub req: &'a HttpRequest,
    /// How it is asked.
    pub convention: Convention,
    /// What about.
    pub asked: &'a Asked,
}

impl<'a> Answer<'a> {
    /// To a question about `asked`.
    #[must_use]
    pub const fn new(web: &'a Web, req: &'a HttpRequest, convention: Convention, asked: &'a Asked) -> Self {
        Self {
            web,
            req,
            convention,
            asked,
        }
    }

    /// The answer to a decision.
    #[must_use]
    pub fn passage(&self, passage: &Passage) -> HttpResponse {
        match passage {
            Passage::Open => self.pass(None),
            Passage::As(passenger) => self.pass(Some(passenger)),
            Passage::LogIn => self.log_in(),
            Passage::SecondFactor(identity) => self.second_factor(identity),
            Passage::Denied(identity) => self.denied(identity.as_deref()),
        }
    }

    /// The answer when somebody is banned, or something went wrong.
    #[must_use]
    pub fn failure(&self, failure: &Failure) -> HttpResponse {
        if self.shows_pages() && matches!(failure, Failure::Refused(Refusal::Banned(_))) {
            return error::page(&Scene::elsewhere(self.web, self.req), failure);
        }
        let mut response = reply::failed(failure);
        // nginx takes whatever is neither 2xx, 401 nor 403 for an error of ours.
        if self.convention == Convention::OriginalUrl && response.status() == StatusCode::TOO_MANY_REQUESTS {
            *response.status_mut() = StatusCode::FORBIDDEN;
            response
                .headers_mut()
                .insert(REFUSED_WITH, HeaderValue::from_static("429"));
        }
        response
    }

    /// The answer to somebody who would pass, had they not sent too much, or no browser.
    #[must_use]
    pub fn over_limit(&self, refusal: Refusal, passage: &Passage) -> HttpResponse {
        let mut response = self.failure(&Failure::Refused(refusal));
        if let Passage::As(passenger) = passage
            && !passenger.identity.is_guest()
        {
            let offender = Offender(passenger.identity.account.id);
            response.extensions_mut().insert(offender);
        }
        response
    }

    fn pass(&self, passenger: Option<&Passenger>) -> HttpResponse {
        let mut builder = reply::respond(StatusCode::OK);
        let (settings, account) = (&self.web.app.config.access, passenger.map(|one| &one.identity.account));
        let user = passenger.map(|one| one.remote_user(settings.remote_user));
        let groups = account.map(|account| together(&account.groups));
        for (name, text) in [
            (REMOTE_USER, user.as_deref()),
            (REMOTE_EMAIL, account.map(|account| account.email.as_str())),
            (REMOTE_NAME, account.map(|account| account.name.as_str())),
            (REMOTE_GROUPS, groups.as_deref()),
        ] {
            builder.insert_header((name, value(text.unwrap_or_default())));
        }
        if let Some(name) = settings
            .jwt_header
            .as_ref()
            .and_then(|name| HeaderName::try_from(name).ok())
        {
            let passport = passenger.and_then(|one| one.passport.as_deref());
            builder.insert_header((name, value(passport.unwrap_or_default())));
        }
        builder.finish()
    }

    fn log_in(&self) -> HttpResponse {
        if !self.navigates() {
            return unauthorized("Unauthorized", None);
        }
        let back = self.asked.to_string();
        let target = Elsewhere::parse(&back, &self.web.place.hosts);
        match target.filter(|_| !self.web.place.shares_cookies_with(&self.asked.host)) {
            Some(target) => callback::set_out(self, &target),
            None => self.send_on(&login_url(self.web, &back), None),
        }
    }

    /// Whether a person waits for a page.
    pub fn navigates(&self) -> bool {
        is_navigation(self.req.headers(), self.asked)
    }

    /// Sends a person elsewhere, with something to keep at this host. One cookie and no more: some proxies pass on one.
    pub fn send_on(&self, target: &str, cookie: Option<Cookie<'static>>) -> HttpResponse {
        let response = match self.convention {
            Convention::Forwarded => {
                let mut response = reply::respond(StatusCode::FOUND);
                response.insert_header((LOCATION, value(target))).finish()
            }
            // Here the proxy redirects itself, and only if it is told where.
            Convention::OriginalUrl => unauthorized("Unauthorized", Some(target)),
        };
        reply::with_cookies(response, cookie.into_iter().collect())
    }

    /// Somebody whose session lacks the second factor is asked for it where they log in. A program is told no.
    fn second_factor(&self, identity: &Identity) -> HttpResponse {
        let back = self.asked.to_string();
        let is_person = self.navigates() && identity.session.method != api_key::METHOD;
        match Elsewhere::parse(&back, &self.web.place.hosts).filter(|_| is_person) {
            Some(target) => {
                let rd: String = byte_serialize(target.as_str().as_bytes()).collect();
                self.send_on(&self.web.place.link(&format!("/second-factor?rd={rd}")), None)
            }
            None => self.denied(Some(identity)),
        }
    }

    fn denied(&self, identity: Option<&Identity>) -> HttpResponse {
        let failure = Failure::Refused(Refusal::Forbidden);
        if self.shows_pages() {
            let scene = Scene::elsewhere(self.web, self.req);
            return error::not_admitted(
                &scene,
                &failure,
                identity.map(|identity| identity.account.email.as_str()),
            );
        }
        reply::failed(&failure)
    }

    /// Whether what is refused is a page that somebody looks at, and the proxy shows what we say about it.
    fn shows_pages(&self) -> bool {
        self.convention == Convention::Forwarded && self.navigates()
    }
}

/// The login page, to come back from.
fn login_url(web: &Web, back: &str) -> String {
    let back: String = byte_serialize(back.as_bytes()).collect();
    web.place.link(&format!("/login?rd={back}"))
}

/// 401, and where to sign in if a person can be sent there. It is what most requests without a session get, so it is no
/// refusal that anybody would ask about.
#[must_use]
pub fn unauthorized(message: &str, login: Option<&str>) -> HttpResponse {
    let mut builder = reply::respond(StatusCode::UNAUTHORIZED);
    builder.insert_header((WWW_AUTHENTICATE, HeaderValue::from_static("Bearer")));
    if let Some(login) = login {
        builder.insert_header((LOCATION, value(login)));
    }
    let mut response = builder.json(json!({ "message": message }));
    response.extensions_mut().insert(Unremarkable);
    response
}

fn together(groups: &[GroupName]) -> String {
    let names: Vec<&str> = groups.iter().map(GroupName::as_str).collect();
    names.join(",")
}

/// Text as a header's value, in UTF-8. What no header can carry is replaced.
fn value(text: &str) -> HeaderValue {
    HeaderValue::from_bytes(text.as_bytes()).unwrap_or_else(|_| {
        let clean: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
        HeaderValue::from_bytes(clean.as_bytes()).unwrap_or(HeaderValue::from_static(""))
    })
}
