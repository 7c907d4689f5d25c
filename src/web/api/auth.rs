//! `/api/auth`: register, login, refresh, logout.

use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse};
use serde::Deserialize;
use serde_json::json;

use crate::app::Failure;
use crate::app::admit::Entry;
use crate::app::login::{Attempt, Door};
use crate::app::refresh::Renewal;
use crate::app::register::Form;
use crate::app::tokens::SignedIn;
use crate::domain::email::Email;
use crate::domain::field::{Issue, Rule};
use crate::domain::password;
use crate::domain::refusal::{LimitedAction, Refusal};
use crate::domain::secret::Secret;
use crate::domain::session::{Identity, Origin};
use crate::web::api::view::{SignedInView, UserView};
use crate::web::extract::{Body, Field, Nothing};
use crate::web::pages::LOGGED_OUT;
use crate::web::reply::second_factor::{CodeWanted, EnrolmentWanted};
use crate::web::reply::{self, Reply};
use crate::web::{Web, cookies, guard, guests, visitor};

/// The answer of a registration, whether or not the address was free.
pub const CHECK_YOUR_EMAIL: &str = "Please check your email to verify your email address.";

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct LoginForm {
    #[serde(default)]
    email: Field,
    #[serde(default)]
    password: Field,
}

impl LoginForm {
    fn parse(self, req: &HttpRequest, web: &Web, origin: Origin) -> Result<Attempt, Refusal> {
        let (email, password) = (self.email.text(), Secret::new(self.password.text()));
        if email.is_empty() || password.expose().is_empty() {
            return Err(Refusal::MissingCredentials);
        }
        let mut issues = Vec::new();
        let email = Email::parse(&email).map_err(|_| issues.push(Issue::new("email", Rule::InvalidEmail)));
        // A raised minimum must not lock out people with older passwords, so only the upper bound counts here.
        issues.extend(password::issues("password", password.expose(), 0));
        match email {
            Ok(email) if issues.is_empty() => Ok(Attempt {
                email,
                password,
                device: visitor::device(req, web),
                trust: visitor::trust(req, web),
                origin,
            }),
            _ => Err(Refusal::Invalid(issues)),
        }
    }
}

/// `POST /api/auth/login`
pub async fn login(web: Data<Web>, req: HttpRequest, body: Body) -> HttpResponse {
    login_to(&web, &req, body, false).await
}

/// A login for everybody, or for those who may look at the administration.
pub(in crate::web) async fn login_to(web: &Web, req: &HttpRequest, body: Body, administer: bool) -> HttpResponse {
    let mut quota = web.app.take_quota(LimitedAction::Login, &visitor::limit_key(req, web));
    let outcome = async {
        quota.check()?;
        guard::same_site(req, &web.place)?;
        let origin = visitor::origin(req, web);
        web.app.admit_email_login(Door::Api, &origin)?;
        let attempt = body.parse::<LoginForm>()?.parse(req, web, origin)?;
        let entry = if administer {
            web.app.login_to_administer(attempt, &mut quota).await?
        } else {
            web.app.login(attempt, &mut quota).await?
        };
        Ok(entered(web, &entry))
    };
    let outcome = outcome.await;
    reply::limited(&quota, outcome)
}

/// What a login or a renewal came to.
fn entered(web: &Web, entry: &Entry) -> HttpResponse {
    match entry {
        Entry::SignedIn(signed_in) => welcome(web, signed_in),
        Entry::SecondFactor(challenge) => reply::ok(&CodeWanted::new(challenge.ticket.expose())),
        Entry::Enrolment(challenge) => reply::ok(&EnrolmentWanted::new(challenge.ticket.expose())),
    }
}

/// The answer to somebody who is in.
pub(super) fn welcome(web: &Web, signed_in: &SignedIn) -> HttpResponse {
    let view = SignedInView {
        token: signed_in.access.expose(),
        user: UserView::new(&signed_in.account, &web.place),
    };
    reply::with_cookies(reply::ok(&view), web.place.signed_in(signed_in))
}

/// `POST /api/auth/refresh`
///
/// # Errors
/// LibreChat's refusals, in plain text.
pub async fn refresh(web: Data<Web>, req: HttpRequest, body: Body) -> Reply {
    body.parse::<Nothing>()?;
    let renewal = Renewal {
        token: cookies::find(req.headers(), cookies::REFRESH)
            .filter(|value| !value.is_empty())
            .map(Secret::new),
        retry: has_retry(req.query_string()),
        origin: visitor::origin(&req, &web),
    };
    let entry = match web.app.refresh(renewal).await {
        Err(Failure::Refused(refusal)) if is_nobody(&refusal) && guests::is_welcome(&req, &web, None) => {
            let guest = web.app.guest().await?.ok_or(refusal)?;
            return Ok(guest_welcome(&web, &guest));
        }
        outcome => outcome?,
    };
    let response = entered(&web, &entry);
    Ok(match entry {
        Entry::SignedIn(_) => response,
        Entry::SecondFactor(_) | Entry::Enrolment(_) => reply::with_cookies(response, web.place.signed_out()),
    })
}

/// Whether a refusal says that nobody is logged in.
const fn is_nobody(refusal: &Refusal) -> bool {
    matches!(
        refusal,
        Refusal::NoRefreshToken | Refusal::BadRefreshToken | Refusal::NoSession { .. }
    )
}

/// The answer to a guest, who gets no cookie: whoever logs in takes their place.
fn guest_welcome(web: &Web, guest: &Identity) -> HttpResponse {
    let token = web.app.guest_token(guest);
    let (token, user) = (token.expose(), UserView::new(&guest.account, &web.place));
    reply::ok(&SignedInView { token, user })
}

/// Whether the query says `retry` with any value but none.
fn has_retry(query: &str) -> bool {
    query
        .split('&')
        .any(|pair| pair.strip_prefix("retry=").is_some_and(|value| !value.is_empty()))
}

/// `POST /api/auth/logout`: ends the session, whichever of its keys came along, and clears the cookies.
///
/// # Errors
/// A cross-site request or a bad body, which change nothing.
pub async fn logout(web: Data<Web>, req: HttpRequest, body: Body) -> Reply {
    guard::same_site(&req, &web.place)?;
    body.parse::<Nothing>()?;
    let outcome = web
        .app
        .logout(visitor::keys(&req, &web), &visitor::origin(&req, &web))
        .await;
    let farewell = match &outcome {
        Ok(logged_out) => web.app.farewell(logged_out, &web.place.client).await,
        Err(_) => None,
    };
    let response = match (outcome, &farewell) {
        (Ok(_), None) => reply::ok(&json!({ "message": "Logout successful" })),
        (Ok(_), Some(farewell)) => reply::ok(&json!({ "message": "Logout successful", "redirect": farewell.url })),
        (Err(failure), _) => reply::failed(&failure),
    };
    // LibreChat's client shows its login page next, whatever the answer: it must not go straight on from there.
    let state = farewell.as_ref().map(|farewell| farewell.state.expose());
    let state = state.or_else(|| web.app.automatic_provider().map(|_| LOGGED_OUT));
    let mut cookies = web.place.signed_out();
    cookies.extend(web.place.leftovers(req.headers()));
    cookies.extend(state.map(|state| web.place.pause(state)));
    Ok(reply::with_cookies(response, cookies))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RegisterForm {
    #[serde(default)]
    name: Field,
    #[serde(default)]
    username: Field,
    #[serde(default)]
    email: Field,
    #[serde(default)]
    password: Field,
    #[serde(default)]
    confirm_password: Field,
    #[serde(default)]
    token: Field,
}

impl RegisterForm {
    /// The invite token, empty without one.
    fn token(&self) -> Result<String, Refusal> {
        match &self.token {
            Field::Absent | Field::Null => Ok(String::new()),
            Field::Text(text) => Ok(text.clone()),
            Field::Other(_) => Err(Refusal::InviteInvalid),
        }
    }

    fn parse(self) -> Result<Form, Refusal> {
        let mut issues = Vec::new();
        let mut keep = |outcome: Result<Option<String>, Issue>| {
            outcome.unwrap_or_else(|issue| {
                issues.push(issue);
                None
            })
        };
        let name = keep(self.name.required("name").map(Some)).unwrap_or_default();
        let username = keep(self.username.optional("username"));
        let email = keep(self.email.required("email").map(Some)).unwrap_or_default();
        let password = keep(self.password.required("password").map(Some)).unwrap_or_default();
        let confirm = keep(self.confirm_password.required("confirm_password").map(Some)).unwrap_or_default();
        if !issues.is_empty() {
            return Err(Refusal::Invalid(issues));
        }
        Ok(Form {
            name,
            username,
            email,
            password: Secret::new(password),
            confirm_password: Secret::new(confirm),
        })
    }
}

/// `POST /api/auth/register`
pub async fn register(web: Data<Web>, req: HttpRequest, body: Body) -> HttpResponse {
    let quota = web
        .app
        .take_quota(LimitedAction::Register, &visitor::limit_key(&req, &web));
    let outcome = async {
        quota.check()?;
        guard::same_site(&req, &web.place)?;
        let form = body.parse::<RegisterForm>()?;
        let admission = web.app.admit_registration(&form.token()?).await?;
        let admission = admission.speaking(visitor::accepted_language(&req));
        let origin = visitor::origin(&req, &web);
        web.app.register(form.parse()?, admission, &origin).await?;
        Ok(reply::ok(&json!({ "message": CHECK_YOUR_EMAIL })))
    };
    reply::limited(&quota, outcome.await)
}
