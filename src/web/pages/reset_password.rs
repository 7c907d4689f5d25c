//! `/reset-password`: opens from a link, changes nothing until its form is sent.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse};
use serde::Deserialize;
use serde::de::DeserializeOwned;

use crate::app::Failure;
use crate::app::reset_password::{NewPassword, ResetLink};
use crate::domain::refusal::{LimitedAction, Refusal};
use crate::domain::secret::Secret;
use crate::web::extract::Body;
use crate::web::pages::{FormCheck, Page, Scene, State};
use crate::web::reply;
use crate::web::views::{FieldErrors, ResetPassword, ResetState};

#[derive(Default, Deserialize)]
struct Asked {
    #[serde(default)]
    token: String,
    #[serde(default, rename = "userId")]
    user_id: String,
}

/// `GET /reset-password?token=…&userId=…`
pub async fn show(web: State, req: HttpRequest) -> HttpResponse {
    let scene = Scene::open(&web, &req);
    scene.keep_address_to_ourselves();
    let outcome = async {
        let Asked { token, user_id } = scene.query();
        let opened = Opened::Reset { user: user_id, token };
        form_page(&scene, StatusCode::OK, &opened, FieldErrors::default()).await
    };
    scene.finish(outcome.await)
}

/// Where a link that sets a new password comes from: somebody asked for it, or it was made at the console.
pub(super) enum Opened {
    /// `/reset-password`: the link names its account.
    Reset { user: String, token: String },
    /// `/recover`.
    Recovery { token: String },
}

impl Opened {
    fn link(&self) -> Option<ResetLink> {
        match self {
            Self::Reset { user, token } => ResetLink::parse(user, token),
            Self::Recovery { token } => ResetLink::parse_recovery(token),
        }
    }

    fn form(&self, email: String) -> ResetState {
        match self {
            Self::Reset { user, token } => ResetState::Form {
                user: user.clone(),
                token: token.clone(),
                email,
            },
            Self::Recovery { token } => ResetState::Recovery {
                token: token.clone(),
                email,
            },
        }
    }

    /// The page for a link that opens nothing, and why.
    fn dead(&self, scene: &Scene<'_>, refusal: &Refusal) -> Page {
        let app = &scene.web.app;
        match self {
            Self::Reset { .. } => {
                let state = ResetState::Dead {
                    offered: app.reset_is_offered(),
                    contact: app.live().moderation.contact.clone(),
                };
                scene.refusal_page(refusal, || view(scene, state, FieldErrors::default()))
            }
            Self::Recovery { .. } => scene.refusal_page(&Refusal::BadResetLink, || {
                view(scene, ResetState::RecoveryDead, FieldErrors::default())
            }),
        }
    }
}

/// The form, if the link is good.
pub(super) async fn form_page(scene: &Scene<'_>, status: StatusCode, opened: &Opened, errors: FieldErrors) -> Page {
    match scene.web.app.look_at_reset(opened.link().as_ref()).await {
        Ok(owner) => scene.page(status, &view(scene, opened.form(owner.email.to_string()), errors)),
        Err(Failure::Refused(refusal @ (Refusal::BadResetLink | Refusal::ResetNotOffered))) => {
            opened.dead(scene, &refusal)
        }
        Err(other) => Err(other),
    }
}

fn view<'s>(scene: &'s Scene<'_>, state: ResetState, errors: FieldErrors) -> ResetPassword<'s> {
    ResetPassword {
        frame: scene.frame(None),
        state,
        min_length: scene.web.app.config.password.min_length,
        errors,
    }
}

/// A form that was sent, of either page.
pub(super) struct Sent {
    pub(super) csrf: String,
    pub(super) opened: Opened,
    pub(super) password: String,
    pub(super) confirm_password: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Form {
    #[serde(default)]
    csrf: String,
    #[serde(default)]
    token: String,
    #[serde(default)]
    user_id: String,
    #[serde(default)]
    password: String,
    #[serde(default)]
    confirm_password: String,
}

impl From<Form> for Sent {
    fn from(form: Form) -> Self {
        Self {
            csrf: form.csrf,
            opened: Opened::Reset {
                user: form.user_id,
                token: form.token,
            },
            password: form.password,
            confirm_password: form.confirm_password,
        }
    }
}

/// `POST /reset-password`
pub async fn submit(web: State, req: HttpRequest, body: Body) -> HttpResponse {
    receive::<Form>(&web, &req, body).await
}

/// Takes the form of either page.
pub(super) async fn receive<F: DeserializeOwned + Into<Sent>>(
    web: &State,
    req: &HttpRequest,
    body: Body,
) -> HttpResponse {
    let scene = Scene::open(web, req);
    scene.keep_address_to_ourselves();
    let quota = web
        .app
        .take_quota(LimitedAction::ResetPasswordSubmission, &scene.limit_key());
    let outcome = async {
        quota.check()?;
        scene.same_site()?;
        let sent: Sent = body.parse::<F>()?.into();
        if scene.check_form(&sent.csrf) != FormCheck::Good {
            let errors = FieldErrors::of_form(scene.lang.texts().form_expired.to_owned());
            return form_page(&scene, StatusCode::BAD_REQUEST, &sent.opened, errors).await;
        }
        redeem(&scene, sent).await
    };
    let outcome = outcome.await;
    reply::with_quota(scene.finish(outcome), &quota)
}

async fn redeem(scene: &Scene<'_>, sent: Sent) -> Page {
    let opened = sent.opened;
    let new = NewPassword {
        password: Secret::new(sent.password),
        confirm: Some(Secret::new(sent.confirm_password)),
    };
    match scene.web.app.redeem_reset(opened.link(), new, &scene.origin()).await {
        // Whoever is signed in here with the old password is so no longer.
        Ok(_) => Ok(reply::with_cookies(
            scene.to("/login?notice=password_reset"),
            scene.web.place.signed_out(),
        )),
        Err(Failure::Refused(Refusal::Invalid(issues))) => {
            let errors = FieldErrors::of(&issues, scene.lang.texts());
            form_page(scene, StatusCode::BAD_REQUEST, &opened, errors).await
        }
        Err(Failure::Refused(refusal @ (Refusal::BadResetLink | Refusal::ResetNotOffered))) => {
            opened.dead(scene, &refusal)
        }
        Err(other) => Err(other),
    }
}
