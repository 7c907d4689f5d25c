//! `/login` and `/logout`.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse};
use serde::Deserialize;

use crate::app::Failure;
use crate::app::admit::Entry;
use crate::app::federated_login::sign_out::Farewell;
use crate::app::login::{Attempt, Door};
use crate::app::quota::Quota;
use crate::app::tokens::SignedIn;
use crate::domain::email::Email;
use crate::domain::federation::denial::Denial;
use crate::domain::redirect::LocalPath;
use crate::domain::refusal::{LimitedAction, Refusal};
use crate::domain::second_factor::Duty;
use crate::domain::secret::Secret;
use crate::web::extract::Body;
use crate::web::pages::{FormCheck, Page, Scene, State, code, connect, enter as elsewhere};
use crate::web::reply;
use crate::web::views::{Errand, Frame, Login, LoginNotice, LoginProblem, Onward, TurnedAway};

#[derive(Default, Deserialize)]
struct Asked {
    #[serde(default)]
    redirect_to: String,
    #[serde(default)]
    rd: String,
    #[serde(default)]
    notice: String,
    #[serde(default)]
    error: String,
    #[serde(default)]
    reason: String,
    #[serde(default)]
    provider: String,
    #[serde(default)]
    reference: String,
    #[serde(default)]
    redirect: String,
    #[serde(default)]
    state: String,
}

impl Asked {
    /// Whether the visitor may be sent straight to a provider: not after an error, not after logging out, not if they or
    /// LibreChat's client say `redirect=false`, and not if that has just happened.
    fn goes_straight_on(&self, scene: &Scene<'_>) -> bool {
        let is_plain = self.notice.is_empty() || self.notice == "sign_in_again";
        let is_error = !self.error.is_empty() || !self.reason.is_empty();
        is_plain && !is_error && self.redirect != "false" && self.state.is_empty() && scene.paused().is_none()
    }

    /// Whether the visitor comes back from a provider where they logged out, in the browser that was sent there.
    fn is_back_from_logout(&self, scene: &Scene<'_>) -> bool {
        !self.state.is_empty() && scene.paused() == Some(self.state.as_str())
    }

    /// Why somebody who comes from a provider was turned away: our own reason, or LibreChat's code for it.
    fn turned_away<'s>(&self, scene: &'s Scene<'_>) -> Option<TurnedAway<'s>> {
        let reason = match self.error.as_str() {
            _ if !self.reason.is_empty() => self.reason.as_str(),
            "auth_failed" => Denial::BadAnswer.key(),
            "auth_rate_limited" => Denial::TooMany.key(),
            "auth_banned" => Denial::Banned.key(),
            _ => return None,
        };
        connect::turned_away(scene, reason, &self.provider, &self.reference)
    }

    fn notice(&self) -> Option<LoginNotice> {
        match self.notice.as_str() {
            "registered" => Some(LoginNotice::Registered),
            "waiting" => Some(LoginNotice::RegisteredWaiting),
            "logged_out" => Some(LoginNotice::LoggedOut),
            "sign_in_again" => Some(LoginNotice::SignInAgain),
            "step_expired" => Some(LoginNotice::StepExpired),
            "account_deleted" => Some(LoginNotice::AccountDeleted),
            "check_mail" => Some(LoginNotice::CheckMail),
            "email_verified" => Some(LoginNotice::EmailVerified),
            "email_changed" => Some(LoginNotice::EmailChanged),
            "password_reset" => Some(LoginNotice::PasswordReset),
            _ => None,
        }
    }
}

/// `GET /login`
pub async fn show(web: State, req: HttpRequest) -> HttpResponse {
    let scene = Scene::open(&web, &req);
    let outcome = async {
        let asked: Asked = scene.query();
        let target = LocalPath::parse(&asked.redirect_to).or_else(|| web.place.way_to(&asked.rd));
        if scene.identity().await?.is_some() {
            return Ok(onward(&scene, target.as_ref()));
        }
        if let Some(provider) = web.app.automatic_provider()
            && asked.goes_straight_on(&scene)
        {
            let way = code::with_target(&format!("/oauth/{provider}"), target.as_ref());
            return Ok(reply::with_cookies(scene.to(&way), vec![web.place.brief_pause()]));
        }
        let ask = Ask {
            email: "",
            target: target.as_ref(),
        };
        let back = asked.is_back_from_logout(&scene).then_some(LoginNotice::LoggedOut);
        let page = Login {
            turned_away: asked.turned_away(&scene),
            ..view(&scene, ask, None, asked.notice().or(back))
        };
        scene.page(StatusCode::OK, &page)
    };
    scene.finish(outcome.await)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Form {
    #[serde(default)]
    csrf: String,
    #[serde(default)]
    email: String,
    #[serde(default)]
    password: String,
    #[serde(default)]
    redirect_to: String,
}

/// What a login page keeps over a failed attempt.
#[derive(Clone, Copy)]
struct Ask<'s> {
    email: &'s str,
    target: Option<&'s LocalPath>,
}

/// Why a login did not happen.
enum Problem {
    Form(FormCheck),
    Failed(Failure),
}

impl<F: Into<Failure>> From<F> for Problem {
    fn from(failure: F) -> Self {
        Self::Failed(failure.into())
    }
}

/// `POST /login`
pub async fn submit(web: State, req: HttpRequest, body: Body) -> HttpResponse {
    let scene = Scene::open(&web, &req);
    let mut quota = web.app.take_quota(LimitedAction::Login, &scene.limit_key());
    let outcome = async {
        scene.same_site()?;
        let form: Form = body.parse()?;
        let (email, target) = (form.email.clone(), LocalPath::parse(&form.redirect_to));
        let attempt = async {
            quota.check()?;
            log_in(&scene, form, target.as_ref(), &mut quota).await
        };
        let ask = Ask {
            email: &email,
            target: target.as_ref(),
        };
        attempt.await.or_else(|problem| problem_page(&scene, problem, ask))
    };
    let outcome = outcome.await;
    reply::with_quota(scene.finish(outcome), &quota)
}

async fn log_in(
    scene: &Scene<'_>,
    form: Form,
    target: Option<&LocalPath>,
    quota: &mut Quota,
) -> Result<HttpResponse, Problem> {
    let check = scene.check_form(&form.csrf);
    if check != FormCheck::Good {
        return Err(Problem::Form(check));
    }
    let (app, origin) = (&scene.web.app, scene.origin());
    app.admit_email_login(Door::Page, &origin)?;
    if form.email.is_empty() || form.password.is_empty() {
        return Err(Refusal::MissingCredentials.into());
    }
    let email = Email::parse(form.email.trim()).map_err(|_| Refusal::BadCredentials)?;
    let attempt = Attempt {
        email,
        password: Secret::new(form.password),
        device: scene.device(),
        trust: scene.trust(),
        origin,
    };
    match app.login(attempt, quota).await? {
        Entry::SignedIn(signed_in) => Ok(enter(scene, &signed_in, target).await?),
        Entry::SecondFactor(challenge) => Ok(code::next_step(scene, "/login/2fa", &challenge.ticket, target)),
        Entry::Enrolment(challenge) => Ok(code::next_step(scene, "/login/2fa/setup", &challenge.ticket, target)),
    }
}

/// Lets somebody in who has passed every step. Whoever has something to be told is told first, and whoever has to set up
/// two-step sign-in before long is reminded of it.
pub(super) async fn enter(scene: &Scene<'_>, signed_in: &SignedIn, target: Option<&LocalPath>) -> Page {
    let app = &scene.web.app;
    scene.end_held_sessions().await;
    let notices = app.notices_of(signed_in.account.key).await?;
    let target = target.filter(|_| notices.is_empty());
    let response = match app.duty_of(&signed_in.account) {
        Duty::Until(_) => scene.to(&code::with_target("/account/two-factor", target)),
        Duty::None | Duty::Due => elsewhere::after_form(scene, target),
    };
    Ok(reply::with_cookies(response, scene.welcome(signed_in)))
}

fn problem_page(scene: &Scene<'_>, problem: Problem, ask: Ask<'_>) -> Page {
    let refusal = match problem {
        Problem::Form(FormCheck::CookieMissing) => {
            let (here, public_url) = (scene.here(), scene.web.place.url.clone());
            let dropped = LoginProblem::CookieDropped { here, public_url };
            return scene.page(StatusCode::BAD_REQUEST, &view(scene, ask, Some(dropped), None));
        }
        Problem::Form(_) => {
            return scene.page(
                StatusCode::BAD_REQUEST,
                &view(scene, ask, Some(LoginProblem::Expired), None),
            );
        }
        Problem::Failed(Failure::Refused(refusal)) => refusal,
        Problem::Failed(fault) => return Err(fault),
    };
    let problem = login_problem(refusal.clone())?;
    scene.refer_as(&refusal);
    let mut response = scene.page(reply::status(&refusal), &view(scene, ask, Some(problem), None))?;
    reply::explain(&mut response, &refusal);
    Ok(response)
}

fn login_problem(refusal: Refusal) -> Result<LoginProblem, Refusal> {
    match refusal {
        Refusal::BadCredentials => Ok(LoginProblem::WrongCredentials),
        Refusal::MissingCredentials => Ok(LoginProblem::MissingFields),
        Refusal::EmailNotVerified => Ok(LoginProblem::EmailNotVerified),
        Refusal::AccountWaiting => Ok(LoginProblem::AccountWaiting),
        Refusal::AccountOver => Ok(LoginProblem::AccountOver),
        Refusal::EmailLoginOff => Ok(LoginProblem::EmailLoginOff),
        Refusal::FederatedLoginBlocked => Ok(LoginProblem::AskProvider),
        Refusal::Busy => Ok(LoginProblem::Busy),
        Refusal::TooMany(excess) => Ok(LoginProblem::TooMany {
            minutes: excess.window_minutes,
        }),
        other => Err(other),
    }
}

fn view<'s>(
    scene: &'s Scene<'_>,
    ask: Ask<'s>,
    problem: Option<LoginProblem>,
    notice: Option<LoginNotice>,
) -> Login<'s> {
    Login {
        frame: Frame {
            alarm: scene.alarm_at_login(),
            ..scene.frame(None)
        },
        email: ask.email,
        redirect_to: ask.target.map_or("", LocalPath::as_str),
        problem,
        notice,
        registration_open: scene.web.app.registration_open(),
        email_login: scene.web.app.config.accounts.email_login,
        providers: scene.web.app.login_buttons().map(connect::shown).collect(),
        turned_away: None,
    }
}

fn onward(scene: &Scene<'_>, target: Option<&LocalPath>) -> HttpResponse {
    target.map_or_else(|| scene.to("/"), |path| scene.see_other(path.as_str()))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct LogoutForm {
    #[serde(default)]
    csrf: String,
}

/// `POST /logout`
pub async fn logout(web: State, req: HttpRequest, body: Body) -> HttpResponse {
    let scene = Scene::open(&web, &req);
    let outcome = async {
        scene.same_site()?;
        let form: LogoutForm = body.parse()?;
        if scene.check_form(&form.csrf) != FormCheck::Good {
            return Ok(scene.to("/"));
        }
        let logged_out = scene.end_held_sessions().await;
        match web.app.farewell(&logged_out, &web.place.client).await {
            Some(farewell) => onward_to(&scene, &farewell),
            None => Ok(scene.signed_out("logged_out")),
        }
    };
    scene.finish(outcome.await)
}

/// Takes every key away and shows the way to the provider, to log out there, too.
fn onward_to(scene: &Scene<'_>, farewell: &Farewell<'_>) -> Page {
    let place = &scene.web.place;
    let button = scene.web.app.button_of(farewell.provider.as_str()).map(connect::shown);
    let page = Onward {
        frame: scene.frame(None),
        url: &farewell.url,
        provider: button.map_or_else(|| farewell.provider.as_str(), |button| button.name()),
        errand: Errand::SignOut,
    };
    let mut cookies = place.signed_out();
    cookies.push(place.pause(farewell.state.expose()));
    Ok(reply::with_cookies(scene.page(StatusCode::OK, &page)?, cookies))
}
