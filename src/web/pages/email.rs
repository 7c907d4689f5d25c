//! The form of the account page that changes the e-mail address.

use actix_web::{HttpRequest, HttpResponse};
use serde::Deserialize;

use crate::app::Failure;
use crate::app::change_email::EmailChange;
use crate::domain::account::Account;
use crate::domain::email_change::Obstacle;
use crate::domain::field::{Issue, Rule};
use crate::domain::refusal::Refusal;
use crate::domain::secret::Secret;
use crate::web::extract::Body;
use crate::web::pages::account::{self, Attempted, Next};
use crate::web::pages::{Scene, State};
use crate::web::reply;
use crate::web::views::{EmailSection, FieldErrors, Texts};

/// What the section says, after an attempt or before.
pub(super) fn section(scene: &Scene<'_>, account: &Account, attempt: Option<(String, FieldErrors)>) -> EmailSection {
    let app = &scene.web.app;
    let (typed, errors) = attempt.unwrap_or_default();
    EmailSection {
        verified: account.email_verified,
        offers_verification: !account.email_verified && app.mail_is_configured(),
        obstacle: app.email_change_obstacle(),
        typed,
        errors,
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Form {
    #[serde(default)]
    csrf: String,
    #[serde(default)]
    email: String,
    #[serde(default)]
    current_password: String,
}

/// `POST /account/email`
pub async fn change(web: State, req: HttpRequest, body: Body) -> HttpResponse {
    let scene = Scene::open(&web, &req);
    let mut quota = crate::app::quota::Quota::default();
    let outcome = async {
        let form: Form = body.parse()?;
        account::signed_in_form(&scene, &form.csrf, async |who| {
            quota = web.app.take_email_change(who);
            quota.check()?;
            let wanted = EmailChange {
                password: Secret::new(form.current_password),
                new: form.email.trim().to_owned(),
            };
            let errors = match web.app.ask_email_change(who, wanted, &scene.origin()).await {
                Ok(()) => {
                    let next = Next::Elsewhere(scene.to("/?done=email_asked"));
                    return account::answer(&scene, who, next).await;
                }
                Err(Failure::Refused(Refusal::EmailChange(obstacle))) => errors(obstacle, scene.lang.texts()),
                Err(other) => return Err(other),
            };
            let attempted = Attempted::email(form.email, errors);
            account::answer(&scene, who, Next::Again(Box::new(attempted))).await
        })
        .await
    };
    let outcome = outcome.await;
    reply::with_quota(scene.finish(outcome), &quota)
}

/// What is wrong, at the field that it is about.
fn errors(obstacle: Obstacle, texts: &Texts) -> FieldErrors {
    let at = |field, rule| FieldErrors::of(&[Issue::new(field, rule)], texts);
    match obstacle {
        Obstacle::NoAddress => at("email", Rule::InvalidEmail),
        Obstacle::DomainNotAllowed => at("email", Rule::DomainNotAllowed),
        Obstacle::InUse => at("email", Rule::Taken),
        Obstacle::WrongPassword => at("current_password", Rule::WrongPassword),
        Obstacle::SameAddress => FieldErrors {
            email: Some(texts.recovery.obstacle(obstacle).to_owned()),
            ..FieldErrors::default()
        },
        Obstacle::SwitchedOff | Obstacle::NoMail | Obstacle::NotLocal | Obstacle::Modified | Obstacle::BadLink => {
            FieldErrors::of_form(texts.recovery.obstacle(obstacle).to_owned())
        }
    }
}
