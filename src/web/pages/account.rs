//! `/`: who am I, my sessions, and the forms that change my account.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse};
use serde::Deserialize;

use crate::app::Failure;
use crate::app::account::PasswordChange;
use crate::app::second_factor::change::Change;
use crate::config::Login;
use crate::domain::refusal::Refusal;
use crate::domain::second_factor::{Answer, Duty};
use crate::domain::secret::Secret;
use crate::domain::session::Identity;
use crate::web::extract::Body;
use crate::web::pages::{FormCheck, Page, Scene, State, code, connections, email};
use crate::web::reply;
use crate::web::views::{
    AccountPage, CodeProblem, Facts, FieldErrors, Flash, Frame, GuestPage, NoticeRow, SessionRow, Sight, TwoFactorLine,
};

#[derive(Default, Deserialize)]
struct Asked {
    #[serde(default)]
    done: String,
    #[serde(default)]
    count: usize,
}

impl Asked {
    fn flash(&self) -> Option<Flash> {
        match self.done.as_str() {
            "name_saved" => Some(Flash::NameSaved),
            "password_changed_and_mailed" => Some(Flash::PasswordChangedAndMailed),
            "password_changed" => Some(Flash::PasswordChanged),
            "session_ended" => Some(Flash::SessionEnded),
            "others_ended" => Some(Flash::OthersEnded(self.count)),
            "email_verified" => Some(Flash::EmailVerified),
            "email_asked" => Some(Flash::EmailAsked),
            "proved" => Some(Flash::Proved),
            "email_changed" => Some(Flash::EmailChanged),
            _ => None,
        }
    }
}

/// What the forms of the page have to say about the last attempt.
#[derive(Default)]
pub(super) struct Attempted {
    name: Option<String>,
    email: Option<(String, FieldErrors)>,
    name_errors: FieldErrors,
    password_errors: FieldErrors,
    delete_errors: FieldErrors,
    flash: Option<Flash>,
}

/// `GET /`
pub async fn show(web: State, req: HttpRequest) -> HttpResponse {
    let scene = Scene::open(&web, &req);
    let outcome = async {
        let Some(who) = scene.identity().await? else {
            return nobody(&scene);
        };
        let flash = scene.query::<Asked>().flash();
        page(
            &scene,
            StatusCode::OK,
            &who,
            Attempted {
                flash,
                ..Attempted::default()
            },
        )
        .await
    };
    scene.finish(outcome.await)
}

/// Whoever is not signed in is a guest where guests are welcome, and has to sign in elsewhere.
fn nobody(scene: &Scene<'_>) -> Page {
    if !scene.is_guest() {
        return Ok(scene.to_login());
    }
    let view = GuestPage {
        frame: scene.frame(None),
        is_open: scene.web.app.config.login == Login::Open,
        can_register: scene.web.app.registration_open(),
    };
    let response = scene.page(StatusCode::OK, &view)?;
    let stale = scene.page_cookie().map(|_| scene.web.place.page_signed_out());
    Ok(reply::with_cookies(response, stale.unwrap_or_default()))
}

impl Attempted {
    /// The form that changes the address, with the address as typed.
    pub(super) fn email(typed: String, errors: FieldErrors) -> Self {
        Self {
            email: Some((typed, errors)),
            ..Self::default()
        }
    }
}

/// What comes of a form: the next page, or this one again with what was wrong.
pub(super) enum Next {
    Elsewhere(HttpResponse),
    Again(Box<Attempted>),
}

/// Runs a form of a signed-in person: checks where it came from and who sent it, then answers.
pub(super) async fn signed_in_form<F>(scene: &Scene<'_>, csrf: &str, act: F) -> Page
where
    F: AsyncFnOnce(&Identity) -> Page,
{
    scene.same_site()?;
    let Some(who) = scene.identity().await? else {
        return Ok(scene.to_login());
    };
    match scene.check_form(csrf) {
        FormCheck::Good => act(&who).await,
        FormCheck::CookieMissing | FormCheck::Stale => Err(Refusal::CrossSite.into()),
    }
}

pub(super) async fn answer(scene: &Scene<'_>, who: &Identity, next: Next) -> Page {
    match next {
        Next::Elsewhere(response) => Ok(response),
        Next::Again(attempted) => page(scene, StatusCode::BAD_REQUEST, who, *attempted).await,
    }
}

async fn page(scene: &Scene<'_>, status: StatusCode, who: &Identity, attempted: Attempted) -> Page {
    let (app, proxies, texts) = (&scene.web.app, &scene.web.proxies, scene.lang.texts());
    let sessions = app.sessions_of(who.account.key).await?;
    let notices = app.notices_of(who.account.key).await?;
    let view = AccountPage {
        frame: Frame {
            alarm: who.account.role.is_admin().then(|| scene.alarm()).flatten(),
            ..scene.frame(Some(&who.account.name))
        },
        facts: Facts::of(&who.account, texts),
        name_typed: attempted.name.as_deref().unwrap_or(&who.account.name),
        sessions: sessions
            .iter()
            .map(|one| SessionRow::of(one, one.id == who.session.id, texts))
            .collect(),
        notices: notices.iter().map(|notice| NoticeRow::of(notice, texts)).collect(),
        name_errors: attempted.name_errors,
        password_errors: attempted.password_errors,
        delete_errors: attempted.delete_errors,
        email: email::section(scene, &who.account, attempted.email),
        flash: attempted.flash,
        min_length: app.config.password.min_length,
        sight: who
            .account
            .role
            .is_admin()
            .then(|| Sight::of(&scene.seen(), proxies.notices.latest(app.now()))),
        reads_admin: who.account.role.may_read_admin(),
        deletion_allowed: app.config.accounts.deletion || who.account.role.is_admin(),
        two_factor: two_factor_line(scene, who).await?,
        connected: connected(scene, who).await?,
        presence: connections::presence(scene, who, "/").await?,
    };
    scene.page(status, &view)
}

/// How many providers are connected; `None` where nobody could connect any.
async fn connected(scene: &Scene<'_>, who: &Identity) -> Result<Option<usize>, Failure> {
    let app = &scene.web.app;
    let count = app.connections(who.account.key).await?.len();
    Ok((count > 0 || app.connect_buttons().next().is_some()).then_some(count))
}

async fn two_factor_line(scene: &Scene<'_>, who: &Identity) -> Result<TwoFactorLine, Failure> {
    let (app, texts) = (&scene.web.app, scene.lang.texts());
    let status = app.second_factor_status(&who.account).await?;
    let due = match status.duty {
        Duty::Until(end) => Some(texts.moment(end)),
        Duty::None | Duty::Due => None,
    };
    Ok(TwoFactorLine {
        since: status.enabled_at.map(|at| texts.moment(at)),
        due,
        codes_left: status.codes_left,
        trusted: app.trusted_devices(who.account.key).await?.len(),
    })
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct NameForm {
    #[serde(default)]
    csrf: String,
    #[serde(default)]
    name: String,
}

/// `POST /account/name`
pub async fn rename(web: State, req: HttpRequest, body: Body) -> HttpResponse {
    let scene = Scene::open(&web, &req);
    let outcome = async {
        let NameForm { csrf, name } = body.parse()?;
        signed_in_form(&scene, &csrf, async |who| {
            let next = match web.app.rename(who, name.clone()).await {
                Ok(()) => Next::Elsewhere(scene.to("/?done=name_saved")),
                Err(Failure::Refused(Refusal::Invalid(issues))) => {
                    let name_errors = FieldErrors::of(&issues, scene.lang.texts());
                    Next::Again(Box::new(Attempted {
                        name: Some(name),
                        name_errors,
                        ..Attempted::default()
                    }))
                }
                Err(other) => return Err(other),
            };
            answer(&scene, who, next).await
        })
        .await
    };
    scene.finish(outcome.await)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct PasswordForm {
    #[serde(default)]
    csrf: String,
    #[serde(default)]
    current_password: String,
    #[serde(default)]
    password: String,
    #[serde(default)]
    confirm_password: String,
}

/// `POST /account/password`
pub async fn change_password(web: State, req: HttpRequest, body: Body) -> HttpResponse {
    let scene = Scene::open(&web, &req);
    let outcome = async {
        let form: PasswordForm = body.parse()?;
        let change = PasswordChange {
            current: Secret::new(form.current_password),
            new: Secret::new(form.password),
            confirm: Secret::new(form.confirm_password),
        };
        signed_in_form(&scene, &form.csrf, async |who| {
            let next = match web.app.change_password(who, change, &scene.origin()).await {
                Ok(true) => Next::Elsewhere(scene.to("/?done=password_changed_and_mailed")),
                Ok(false) => Next::Elsewhere(scene.to("/?done=password_changed")),
                Err(Failure::Refused(Refusal::Invalid(issues))) => {
                    let password_errors = FieldErrors::of(&issues, scene.lang.texts());
                    Next::Again(Box::new(Attempted {
                        password_errors,
                        ..Attempted::default()
                    }))
                }
                Err(other) => return Err(other),
            };
            answer(&scene, who, next).await
        })
        .await
    };
    scene.finish(outcome.await)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct DeleteForm {
    #[serde(default)]
    csrf: String,
    #[serde(default)]
    password: String,
    #[serde(default)]
    code: String,
}

/// `POST /account/delete`
pub async fn delete(web: State, req: HttpRequest, body: Body) -> HttpResponse {
    let scene = Scene::open(&web, &req);
    let outcome = async {
        let DeleteForm { csrf, password, code } = body.parse()?;
        signed_in_form(&scene, &csrf, async |who| {
            let origin = scene.origin();
            let change = Change {
                who,
                answer: Answer::parse_either(&code),
                origin: &origin,
            };
            let next = match web.app.delete_self(change, Some(Secret::new(password))).await {
                Ok(()) => Next::Elsewhere(scene.signed_out("account_deleted")),
                Err(Failure::Refused(refusal)) => Next::Again(Box::new(not_deleted(&scene, refusal)?)),
                Err(fault) => return Err(fault),
            };
            answer(&scene, who, next).await
        })
        .await
    };
    scene.finish(outcome.await)
}

fn not_deleted(scene: &Scene<'_>, refusal: Refusal) -> Result<Attempted, Failure> {
    let texts = scene.lang.texts();
    let mut attempted = Attempted::default();
    match refusal {
        Refusal::Invalid(issues) => attempted.delete_errors = FieldErrors::of(&issues, texts),
        Refusal::LastAdmin => attempted.delete_errors = FieldErrors::of_form(texts.last_admin.to_owned()),
        Refusal::SecondFactor(_) => {
            let problem = code::problem(&refusal, CodeProblem::WrongEither).ok_or(refusal)?;
            attempted.delete_errors = FieldErrors::of_code(problem, texts);
        }
        other => return Err(other.into()),
    }
    Ok(attempted)
}
