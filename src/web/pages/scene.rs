//! One visit to one page: the visitor's language, form cookie and session, and how a page goes back to them.

use std::cell::{Cell, OnceCell};
use std::sync::Arc;

use actix_web::cookie::Cookie;
use actix_web::http::StatusCode;
use actix_web::http::header::{self, HeaderMap, HeaderName, HeaderValue, LOCATION};
use actix_web::{HttpRequest, HttpResponse};
use askama::Template;
use serde::de::DeserializeOwned;

use crate::app::logout::LoggedOut;
use crate::app::tokens::SignedIn;
use crate::app::{Failure, Fault};
use crate::config::Login;
use crate::config::live::Live;
use crate::domain::refusal::Refusal;
use crate::domain::secret::Secret;
use crate::domain::session::{Identity, Origin};
use crate::web::client::Derived;
use crate::web::pages::error;
use crate::web::reply;
use crate::web::views::{Frame, Lang};
use crate::web::{Web, cookies, guard, guests, visitor};

/// Pages load nothing from elsewhere and run nothing inline (CSP Level 3).
const POLICY: &str = "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; font-src 'self'; \
                      connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'";

const OPENER_POLICY: HeaderName = HeaderName::from_static("cross-origin-opener-policy");

/// What the pause cookie says of somebody who was not sent to a provider to log out there.
pub const LOGGED_OUT: &str = "logged_out";

/// Whether a posted form is one of ours.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FormCheck {
    /// It is.
    Good,
    /// The browser sent no form cookie: it throws our cookies away, or was restarted since.
    CookieMissing,
    /// The form was made for another cookie.
    Stale,
}

/// One visit.
pub struct Scene<'r> {
    /// The server.
    pub web: &'r Web,
    /// The language of the page.
    pub lang: Lang,
    /// The settings that follow changes, as they were when the visit began.
    pub live: Arc<Live>,
    req: &'r HttpRequest,
    chosen: Option<Lang>,
    form_cookie: String,
    form_cookie_is_new: bool,
    csrf: String,
    base: &'r str,
    is_elsewhere: bool,
    path: String,
    reference: OnceCell<String>,
    referrer: Cell<&'static str>,
}

impl<'r> Scene<'r> {
    /// Reads what a request says of its visitor.
    #[must_use]
    pub fn open(web: &'r Web, req: &'r HttpRequest) -> Self {
        let path = req.path().strip_prefix(&web.place.base).unwrap_or(req.path());
        let (path, asked) = without_language(path, req.query_string());
        let headers = req.headers();
        let chosen = asked.as_deref().and_then(Lang::parse);
        let remembered = || cookies::chosen_language(headers).and_then(Lang::parse);
        let accepted = || visitor::accepted_language(req);
        let held = cookies::find(headers, web.place.form_cookie()).filter(|value| (1..=64).contains(&value.len()));
        let form_cookie = held.map_or_else(|| web.app.new_form_cookie(), str::to_owned);
        Self {
            lang: chosen.or_else(remembered).unwrap_or_else(accepted),
            csrf: web.app.form_token(&form_cookie),
            form_cookie_is_new: held.is_none(),
            base: &web.place.base,
            is_elsewhere: false,
            live: web.app.live(),
            web,
            req,
            chosen,
            form_cookie,
            path,
            reference: OnceCell::new(),
            referrer: Cell::new("same-origin"),
        }
    }

    /// The address of this page is a key: no `Referer` header repeats it, not even to us. The policy still lets forms say
    /// which site they come from.
    pub fn keep_address_to_ourselves(&self) {
        self.referrer.set("strict-origin");
    }

    /// A page that a proxy shows in the place of another program's: it links and loads from our own address, and sets no
    /// cookie on the other host.
    #[must_use]
    pub fn elsewhere(web: &'r Web, req: &'r HttpRequest) -> Self {
        Self {
            base: &web.place.url,
            is_elsewhere: true,
            path: "/".to_owned(),
            ..Self::open(web, req)
        }
    }

    /// What all pages share.
    #[must_use]
    pub fn frame<'s>(&'s self, signed_in_as: Option<&'s str>) -> Frame<'s> {
        let site = &self.live.site;
        Frame {
            texts: self.lang.texts(),
            lang: self.lang,
            title: &site.title,
            base: self.base,
            path: &self.path,
            signed_in_as,
            csrf: &self.csrf,
            assets: self.web.assets.names(),
            reference: self.reference.get().map(String::as_str),
            alarm: None,
            privacy_url: external_url(site.privacy_policy.as_ref()),
            terms_url: external_url(site.terms_of_service.as_ref()),
            help_url: Some(site.help_url.as_str()).filter(|url| is_web(url)),
        }
    }

    /// The request's headers.
    #[must_use]
    pub fn headers(&self) -> &'r HeaderMap {
        self.req.headers()
    }

    /// The query, or its default if it makes no sense.
    #[must_use]
    pub fn query<T: DeserializeOwned + Default>(&self) -> T {
        actix_web::web::Query::<T>::from_query(self.req.query_string())
            .map(actix_web::web::Query::into_inner)
            .unwrap_or_default()
    }

    /// The session behind the pages' cookie.
    ///
    /// # Errors
    /// Only a fault.
    pub async fn identity(&self) -> Result<Option<Arc<Identity>>, Failure> {
        let Some(cookie) = self.page_cookie() else {
            return Ok(None);
        };
        let who = self.web.app.identify_page(cookie).await?;
        if let Some(who) = &who {
            visitor::note_user(self.req, who.account.id);
        }
        Ok(who)
    }

    /// The pages' cookie, whether or not it still counts.
    #[must_use]
    pub fn page_cookie(&self) -> Option<&'r str> {
        cookies::find(self.req.headers(), self.web.place.page_cookie()).filter(|value| !value.is_empty())
    }

    /// Whether the visitor is a guest unless they are signed in.
    #[must_use]
    pub fn is_guest(&self) -> bool {
        guests::is_welcome(self.req, self.web, None)
    }

    /// What an admin has to know on every visit: whether people can do without a login, and whether they were meant to.
    #[must_use]
    pub fn alarm(&self) -> Option<&'static str> {
        let words = self.lang.texts().guest;
        match self.web.app.config.login {
            Login::Required => None,
            Login::StillRequired => Some(words.banner_still),
            Login::GuestsFrom(_) => Some(words.banner_network),
            Login::Open => Some(words.banner_open),
        }
    }

    /// What whoever cannot do without a login has to see, where it was meant to be switched off.
    #[must_use]
    pub fn alarm_at_login(&self) -> Option<&'static str> {
        let stays = matches!(self.web.app.config.login, Login::StillRequired);
        self.alarm().filter(|_| stays)
    }

    /// Address and device.
    #[must_use]
    pub fn origin(&self) -> Origin {
        visitor::origin(self.req, self.web)
    }

    /// The visitor's address and how it is known.
    #[must_use]
    pub fn seen(&self) -> Derived {
        visitor::derived(self.req, self.web)
    }

    /// What the browser kept of an earlier login.
    #[must_use]
    pub fn device(&self) -> Option<Secret> {
        visitor::device(self.req, self.web)
    }

    /// What the browser kept to be trusted.
    #[must_use]
    pub fn trust(&self) -> Option<Secret> {
        visitor::trust(self.req, self.web)
    }

    /// The ticket for the next step of a login.
    #[must_use]
    pub fn ticket(&self) -> Option<Secret> {
        visitor::ticket(self.req, self.web)
    }

    /// What limits count this visitor as.
    #[must_use]
    pub fn limit_key(&self) -> String {
        visitor::limit_key(self.req, self.web)
    }

    /// Gives this visit the number of a refusal: a ban keeps its own.
    pub fn refer_as(&self, refusal: &Refusal) {
        match refusal {
            Refusal::Banned(sentence) => self.refer_to(&sentence.reference),
            other if reply::is_referred(reply::status(other)) => {
                self.reference.get_or_init(|| self.web.app.new_reference());
            }
            _ => {}
        }
    }

    /// Gives this visit the number of a fault.
    pub fn refer_to(&self, reference: &str) {
        self.reference.get_or_init(|| reference.to_owned());
    }

    /// Where the visitor's browser thinks it is, for explanations only.
    #[must_use]
    pub fn here(&self) -> String {
        guard::origin_shown(self.req)
    }

    /// Lets only forms of our own pages pass.
    ///
    /// # Errors
    /// A refusal for a form of another site.
    pub fn same_site(&self) -> Result<(), Failure> {
        Ok(guard::same_site(self.req, &self.web.place)?)
    }

    /// Whether a posted form was made by us for this visitor.
    #[must_use]
    pub fn check_form(&self, csrf: &str) -> FormCheck {
        if self.form_cookie_is_new {
            FormCheck::CookieMissing
        } else if self.web.app.form_token_is_good(&self.form_cookie, csrf) {
            FormCheck::Good
        } else {
            FormCheck::Stale
        }
    }

    /// Ends the sessions whose keys the browser still holds.
    pub async fn end_held_sessions(&self) -> LoggedOut {
        let keys = visitor::keys(self.req, self.web);
        match self.web.app.logout(keys, &self.origin()).await {
            Ok(logged_out) => return logged_out,
            Err(Failure::Fault(fault)) => fault.log(),
            Err(Failure::Refused(_)) => {}
        }
        LoggedOut::default()
    }

    /// What the browser keeps so that the login page waits for a click.
    #[must_use]
    pub fn paused(&self) -> Option<&'r str> {
        cookies::find(self.req.headers(), &self.web.place.pause_cookie())
    }

    /// A rendered page.
    ///
    /// # Errors
    /// A fault if a template fails.
    pub fn page(&self, status: StatusCode, view: &impl Template) -> Result<HttpResponse, Failure> {
        let html = view.render().map_err(Fault::new)?;
        let response = reply::respond(status)
            .insert_header((header::CONTENT_SECURITY_POLICY, self.policy()))
            .insert_header((header::X_FRAME_OPTIONS, HeaderValue::from_static("DENY")))
            .insert_header((header::REFERRER_POLICY, HeaderValue::from_static(self.referrer.get())))
            .insert_header((OPENER_POLICY, HeaderValue::from_static("same-origin")))
            .content_type("text/html; charset=utf-8")
            .body(html);
        let response = reply::with_reference(response, self.reference.get().map(String::as_str));
        Ok(reply::with_cookies(response, self.own_cookies()))
    }

    /// A rendered page that refuses something: it shows the refusal's number.
    ///
    /// # Errors
    /// A fault if a template fails.
    pub fn refusal_page<T: Template>(
        &self,
        refusal: &Refusal,
        view: impl FnOnce() -> T,
    ) -> Result<HttpResponse, Failure> {
        self.refer_as(refusal);
        let mut response = self.page(reply::status(refusal), &view())?;
        reply::explain(&mut response, refusal);
        Ok(response)
    }

    /// Sends the browser on to a local path with GET (RFC 9110 §15.4.4).
    #[must_use]
    pub fn see_other(&self, target: &str) -> HttpResponse {
        let location = HeaderValue::from_str(target).unwrap_or(HeaderValue::from_static("/"));
        let response = reply::respond(StatusCode::SEE_OTHER)
            .insert_header((LOCATION, location))
            .finish();
        reply::with_cookies(response, self.own_cookies())
    }

    /// Sends the browser on to one of our own pages.
    #[must_use]
    pub fn to(&self, path: &str) -> HttpResponse {
        self.see_other(&format!("{}{path}", self.web.place.base))
    }

    /// Sends whoever is not signed in to the login page; a dead cookie earns an explanation and is taken away.
    #[must_use]
    pub fn to_login(&self) -> HttpResponse {
        match self.page_cookie() {
            Some(_) => reply::with_cookies(self.to("/login?notice=sign_in_again"), self.web.place.page_signed_out()),
            None => self.to("/login"),
        }
    }

    /// The same, and back to this page afterwards.
    #[must_use]
    pub fn to_login_and_back(&self) -> HttpResponse {
        let mut query = url::form_urlencoded::Serializer::new(String::new());
        if self.page_cookie().is_some() {
            query.append_pair("notice", "sign_in_again");
        }
        query.append_pair("redirect_to", &format!("{}{}", self.web.place.base, self.path));
        let response = self.to(&format!("/login?{}", query.finish()));
        match self.page_cookie() {
            Some(_) => reply::with_cookies(response, self.web.place.page_signed_out()),
            None => response,
        }
    }

    /// Path and query of this page, below the base and without its language.
    #[must_use]
    pub fn path(&self) -> &str {
        &self.path
    }

    /// Sends the browser to the login page without any key.
    #[must_use]
    pub fn signed_out(&self, notice: &str) -> HttpResponse {
        let response = self.to(&format!("/login?notice={notice}"));
        let response = reply::with_cookies(response, self.web.place.signed_out());
        let pause = self
            .web
            .app
            .automatic_provider()
            .map(|_| self.web.place.pause(LOGGED_OUT));
        reply::with_cookies(response, pause.into_iter().collect())
    }

    /// The answer, or an error page for what went wrong. Whoever has to set up a second factor first is sent there.
    #[must_use]
    pub fn finish(&self, outcome: Result<HttpResponse, Failure>) -> HttpResponse {
        match outcome {
            Ok(response) => response,
            Err(Failure::Refused(Refusal::EnrolmentDue(ticket))) => {
                reply::with_cookies(self.to("/login/2fa/setup"), self.web.place.ticket(&ticket))
            }
            Err(failure) => error::page(self, &failure),
        }
    }

    /// The cookies of somebody who has just come in. What a browser held before is replaced, so that nobody who put it
    /// there can use it.
    #[must_use]
    pub fn welcome(&self, signed_in: &SignedIn) -> Vec<Cookie<'static>> {
        let place = &self.web.place;
        let mut cookies = place.signed_in(signed_in);
        cookies.push(place.form(self.web.app.new_form_cookie()));
        cookies.extend(place.ticket_over());
        cookies.extend(self.paused().map(|_| place.pause_over()));
        cookies
    }

    fn policy(&self) -> HeaderValue {
        let ours = self
            .is_elsewhere
            .then(|| POLICY.replace("'self'", &self.web.place.origin()));
        ours.and_then(|policy| HeaderValue::try_from(policy).ok())
            .unwrap_or(HeaderValue::from_static(POLICY))
    }

    fn own_cookies(&self) -> Vec<Cookie<'static>> {
        if self.is_elsewhere {
            return Vec::new();
        }
        let form = self
            .form_cookie_is_new
            .then(|| self.web.place.form(self.form_cookie.clone()));
        let language = self.chosen.map(|lang| self.web.place.language(lang.code()));
        form.into_iter().chain(language).collect()
    }
}

/// Path and query without `lang`, and the language that was asked for.
fn without_language(path: &str, query: &str) -> (String, Option<String>) {
    let pairs = query.split('&').filter(|pair| !pair.is_empty());
    let (asked, rest): (Vec<&str>, Vec<&str>) = pairs.partition(|pair| pair.starts_with("lang="));
    let asked = asked
        .first()
        .and_then(|pair| pair.strip_prefix("lang="))
        .map(str::to_owned);
    let path = if rest.is_empty() {
        path.to_owned()
    } else {
        format!("{path}?{}", rest.join("&"))
    };
    (path, asked)
}

fn external_url(setting: Option<&serde_json::Value>) -> Option<&str> {
    setting?.get("externalUrl")?.as_str().filter(|url| is_web(url))
}

fn is_web(url: &str) -> bool {
    url.starts_with("https://") || url.starts_with("http://")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_language_is_taken_out_of_the_query() {
        assert_eq!(without_language("/login", ""), ("/login".to_owned(), None));
        let (path, asked) = without_language("/login", "redirect_to=%2Fc&lang=fr&lang=en");
        assert_eq!(
            (path.as_str(), asked.as_deref()),
            ("/login?redirect_to=%2Fc", Some("fr"))
        );
    }

    #[test]
    fn only_web_links_are_shown() {
        let setting = |url: &str| serde_json::json!({ "externalUrl": url });
        assert_eq!(
            external_url(Some(&setting("https://a.example"))),
            Some("https://a.example")
        );
        assert_eq!(external_url(Some(&setting("javascript:alert(1)"))), None);
        assert_eq!(external_url(None), None);
    }
}
