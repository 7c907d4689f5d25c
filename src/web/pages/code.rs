//! What the forms that take a code have in common: the ticket between the steps of a login, and what is said of a code that
//! was not taken.
//!
//! The ticket travels in a cookie of its own and not in the address of a page, where histories, logs and neighbours would
//! see it, nor in the page, where it would be lost when somebody changes the language or reaches for a backup code.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use askama::Template;

use crate::app::Failure;
use crate::domain::redirect::LocalPath;
use crate::domain::refusal::Refusal;
use crate::domain::second_factor::Trouble;
use crate::domain::secret::Secret;
use crate::web::pages::{Page, Scene};
use crate::web::reply;
use crate::web::views::{CodeProblem, FieldErrors, Texts};

/// What to say of a refusal; `wrong` for a wrong code. `None` if it is not about the code.
pub(in crate::web) fn problem(refusal: &Refusal, wrong: CodeProblem) -> Option<CodeProblem> {
    match refusal {
        Refusal::SecondFactor(Trouble::Wrong { seconds_off, .. }) => {
            Some(seconds_off.map_or(wrong, CodeProblem::ClockOff))
        }
        Refusal::SecondFactor(Trouble::AnswerMissing(_)) => Some(CodeProblem::Missing),
        Refusal::SecondFactor(Trouble::Unreadable) => Some(CodeProblem::Unreadable),
        Refusal::SecondFactor(Trouble::NotInitiated(_) | Trouble::SetUpStepExpired) => Some(CodeProblem::StepLost),
        Refusal::SecondFactor(Trouble::Changed) => Some(CodeProblem::Changed),
        Refusal::TooMany(excess) => Some(CodeProblem::TooMany {
            minutes: excess.retry_after.as_secs_f64() / 60.0,
        }),
        Refusal::Busy => Some(CodeProblem::Busy),
        _ => None,
    }
}

/// What to say at the fields of a form that takes a password and either code; `None` if the refusal is about something else.
pub(in crate::web) fn errors(refusal: &Refusal, texts: &Texts) -> Option<FieldErrors> {
    match refusal {
        Refusal::Invalid(issues) => Some(FieldErrors::of(issues, texts)),
        other => problem(other, CodeProblem::WrongEither).map(|problem| FieldErrors::of_code(problem, texts)),
    }
}

/// The page with a form whose code was not taken.
pub(in crate::web) fn page<T: Template>(scene: &Scene<'_>, refusal: &Refusal, view: impl FnOnce() -> T) -> Page {
    match refusal {
        Refusal::TooMany(_) | Refusal::Busy => scene.refusal_page(refusal, view),
        _ => scene.page(StatusCode::BAD_REQUEST, &view()),
    }
}

/// A step of a login that has nothing to go on: back to the start of it.
pub(super) fn start_again(scene: &Scene<'_>, target: Option<&LocalPath>) -> HttpResponse {
    let path = with_target("/login?notice=step_expired", target);
    reply::with_cookies(scene.to(&path), scene.web.place.ticket_over())
}

/// Whether a refusal means that the login has to start again.
pub(super) fn is_over(failure: &Failure) -> bool {
    match failure {
        Failure::Refused(Refusal::NoTicket | Refusal::BadTicket(_)) => true,
        Failure::Refused(Refusal::SecondFactor(trouble)) => matches!(
            trouble,
            Trouble::NotEnabled | Trouble::SetUpNotRequired | Trouble::SetUpStepExpired | Trouble::Changed
        ),
        Failure::Refused(_) | Failure::Fault(_) => false,
    }
}

/// Sends the browser on to a step of a login, with the ticket for it.
pub(super) fn next_step(scene: &Scene<'_>, path: &str, ticket: &Secret, target: Option<&LocalPath>) -> HttpResponse {
    let response = scene.to(&with_target(path, target));
    reply::with_cookies(response, scene.web.place.ticket(ticket))
}

/// A path of ours that remembers where to go afterwards.
pub(in crate::web) fn with_target(path: &str, target: Option<&LocalPath>) -> String {
    let Some(target) = target else { return path.to_owned() };
    let joint = if path.contains('?') { '&' } else { '?' };
    let query = url::form_urlencoded::Serializer::new(String::new())
        .append_pair("redirect_to", target.as_str())
        .finish();
    format!("{path}{joint}{query}")
}
