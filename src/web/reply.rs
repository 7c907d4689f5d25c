//! What goes back: the one function from a refusal to a status and a body, with LibreChat's exact texts, and the headers
//! that every answer carries.

use std::time::Duration;

use actix_web::cookie::Cookie;
use actix_web::http::StatusCode;
use actix_web::http::header::{self, HeaderName, HeaderValue};
use actix_web::{HttpResponse, HttpResponseBuilder, ResponseError};
use serde::Serialize;
use serde_json::json;

use crate::app::Failure;
use crate::app::quota::Quota;
use crate::domain::email_change::Obstacle;
use crate::domain::federation::denial::Denial;
use crate::domain::field;
use crate::domain::ids::UserId;
use crate::domain::moderation::violation::Violation;
use crate::domain::refusal::{BodyError, Excess, LimitedAction, Refusal};

pub mod second_factor;

/// What an API handler returns.
pub type Reply = Result<HttpResponse, Failure>;

const LIMIT: HeaderName = HeaderName::from_static("x-ratelimit-limit");
const REMAINING: HeaderName = HeaderName::from_static("x-ratelimit-remaining");
const RESET: HeaderName = HeaderName::from_static("x-ratelimit-reset");

/// The number by which an admin finds out why a request was refused.
pub const REFERENCE: HeaderName = HeaderName::from_static("x-reference");

/// How long a client should wait when the server has too much to do, in seconds.
const BUSY_RETRY_AFTER: &str = "2";

/// A response with the headers that every answer carries.
#[must_use]
pub fn respond(status: StatusCode) -> HttpResponseBuilder {
    let mut builder = HttpResponse::build(status);
    builder
        .insert_header((header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")))
        .insert_header((header::CACHE_CONTROL, HeaderValue::from_static("no-store")));
    builder
}

/// 200 with a JSON body.
#[must_use]
pub fn ok<T: Serialize>(body: &T) -> HttpResponse {
    respond(StatusCode::OK).json(body)
}

/// Adds cookies to an answer.
#[must_use]
pub fn with_cookies(mut response: HttpResponse, cookies: Vec<Cookie<'static>>) -> HttpResponse {
    for cookie in cookies {
        if let Ok(value) = HeaderValue::from_str(&cookie.encoded().to_string()) {
            response.headers_mut().append(header::SET_COOKIE, value);
        }
    }
    response
}

/// The answer to a failed API request.
#[must_use]
pub fn failed(failure: &Failure) -> HttpResponse {
    failure.error_response()
}

/// An answer of a limited route: whatever it is, it says what is left.
#[must_use]
pub fn limited(quota: &Quota, outcome: Reply) -> HttpResponse {
    with_quota(outcome.unwrap_or_else(|failure| failed(&failure)), quota)
}

/// Adds what is left of a limit.
#[must_use]
pub fn with_quota(mut response: HttpResponse, quota: &Quota) -> HttpResponse {
    if let Some(taken) = quota.taken {
        let headers = response.headers_mut();
        headers.insert(LIMIT, taken.limit.into());
        headers.insert(REMAINING, taken.remaining.into());
        headers.insert(RESET, taken.reset.seconds().into());
    }
    response
}

/// What the door wants to know of a refusal, kept with the response.
#[derive(Clone, Copy, Debug)]
pub struct Noted {
    /// The key of the refusal.
    pub cause: &'static str,
    /// What it counts as.
    pub violation: Option<Violation>,
}

/// Who was refused, where the access token does not say it.
#[derive(Clone, Copy, Debug)]
pub struct Offender(pub UserId);

/// What exceeding a limit counts as.
const fn violation(action: LimitedAction) -> Violation {
    match action {
        LimitedAction::Login | LimitedAction::BackChannel => Violation::Logins,
        LimitedAction::Register => Violation::Registrations,
        LimitedAction::ResetPassword | LimitedAction::ResetPasswordSubmission => Violation::ResetPassword,
        LimitedAction::VerifyEmail | LimitedAction::VerifyEmailSubmission | LimitedAction::EmailChange => {
            Violation::VerifyEmail
        }
        LimitedAction::TwoFactor | LimitedAction::TwoFactorSettings => Violation::TwoFactor,
        LimitedAction::MessageByAddress | LimitedAction::MessageByUser => Violation::Message,
        LimitedAction::ConcurrentMessages => Violation::Concurrent,
    }
}

/// Marks a refusal that nobody asks about, and that comes so often that the ones people do ask about would be forgotten.
#[derive(Clone, Copy, Debug)]
pub struct Unremarkable;

/// Notes with a response why it refuses, and says when to try again if that helps.
pub fn explain(response: &mut HttpResponse, refusal: &Refusal) {
    let (violation, wait) = match refusal {
        Refusal::TooMany(excess) => (Some(violation(excess.action)), Some(whole_seconds(excess.retry_after))),
        Refusal::NotABrowser => (Some(Violation::NonBrowser), None),
        Refusal::Busy => (None, Some(HeaderValue::from_static(BUSY_RETRY_AFTER))),
        _ => (None, None),
    };
    if let Some(wait) = wait {
        response.headers_mut().insert(header::RETRY_AFTER, wait);
    }
    response.extensions_mut().insert(Noted {
        cause: refusal.key(),
        violation,
    });
}

/// Notes with a response that it turns somebody away who comes from a provider, and under which number.
#[must_use]
pub fn denied(response: HttpResponse, denial: Denial, reference: &str) -> HttpResponse {
    let mut response = with_reference(response, Some(reference));
    response.extensions_mut().insert(Noted {
        cause: denial.key(),
        violation: (denial == Denial::TooMany).then_some(Violation::Logins),
    });
    response
}

/// Whether answers of that status carry a reference number.
#[must_use]
pub fn is_referred(status: StatusCode) -> bool {
    matches!(
        status,
        StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN | StatusCode::TOO_MANY_REQUESTS
    )
}

/// Adds the number by which an admin finds out why.
#[must_use]
pub fn with_reference(mut response: HttpResponse, reference: Option<&str>) -> HttpResponse {
    if let Some(value) = reference.and_then(|reference| HeaderValue::from_str(reference).ok()) {
        response.headers_mut().insert(REFERENCE, value);
    }
    response
}

/// The status of a refusal.
#[must_use]
pub fn status(refusal: &Refusal) -> StatusCode {
    match refusal {
        Refusal::BadBody(BodyError::TooLarge) => StatusCode::PAYLOAD_TOO_LARGE,
        Refusal::BadBody(BodyError::UnsupportedType) => StatusCode::UNSUPPORTED_MEDIA_TYPE,
        // LibreChat answers 404 to bad credentials and bad fields; its client treats 400 alike, and so does everybody.
        Refusal::BadBody(_)
        | Refusal::MissingCredentials
        | Refusal::Invalid(_)
        | Refusal::BadCredentials
        | Refusal::BadVerificationLink
        | Refusal::BadResetLink
        | Refusal::NoTicket
        | Refusal::InviteInvalid => StatusCode::BAD_REQUEST,
        Refusal::EmailNotVerified => StatusCode::UNPROCESSABLE_ENTITY,
        Refusal::AccountWaiting | Refusal::Taken(_) => StatusCode::CONFLICT,
        Refusal::SecondFactor(trouble) => second_factor::status(*trouble),
        Refusal::NoRefreshToken => StatusCode::OK,
        Refusal::NoAccessToken
        | Refusal::BadAccessToken(_)
        | Refusal::BadApiKey
        | Refusal::SessionOver
        | Refusal::BadTicket(_)
        | Refusal::NoSession { retry: false } => StatusCode::UNAUTHORIZED,
        Refusal::EmailLoginOff
        | Refusal::RegistrationClosed
        | Refusal::DomainNotAllowed
        | Refusal::Forbidden
        | Refusal::NotABrowser
        | Refusal::DeletionOff
        | Refusal::LastAdmin
        | Refusal::OwnAccount
        | Refusal::AccountOver
        | Refusal::LastWayIn
        | Refusal::CrossSite
        | Refusal::BadRefreshToken
        | Refusal::BadSetUpToken
        | Refusal::ResetNotOffered
        | Refusal::Banned(_)
        | Refusal::EnrolmentDue(_)
        | Refusal::ConfirmationDue
        | Refusal::FederatedLoginBlocked
        | Refusal::NoSession { retry: true } => StatusCode::FORBIDDEN,
        Refusal::NotFound => StatusCode::NOT_FOUND,
        Refusal::TooMany(_) => StatusCode::TOO_MANY_REQUESTS,
        Refusal::Busy => StatusCode::SERVICE_UNAVAILABLE,
        // LibreChat's answer where a letter cannot be sent.
        Refusal::NoMail => StatusCode::INTERNAL_SERVER_ERROR,
        Refusal::EmailChange(obstacle) => obstacle_status(*obstacle),
    }
}

fn obstacle_status(obstacle: Obstacle) -> StatusCode {
    match obstacle {
        Obstacle::NoAddress | Obstacle::SameAddress | Obstacle::BadLink => StatusCode::BAD_REQUEST,
        Obstacle::SwitchedOff | Obstacle::NotLocal | Obstacle::WrongPassword | Obstacle::DomainNotAllowed => {
            StatusCode::FORBIDDEN
        }
        Obstacle::InUse | Obstacle::Modified => StatusCode::CONFLICT,
        Obstacle::NoMail => StatusCode::SERVICE_UNAVAILABLE,
    }
}

/// The text of a refusal, in LibreChat's words where it has some.
fn text(refusal: &Refusal) -> String {
    match refusal {
        Refusal::BadBody(error) => body_text(error),
        Refusal::Invalid(issues) => field::joined(issues),
        Refusal::TooMany(excess) => excess_text(excess),
        Refusal::BadAccessToken(error) => error.to_string(),
        Refusal::Taken(taken) => taken.to_string(),
        other => fixed_text(other).to_owned(),
    }
}

fn fixed_text(refusal: &Refusal) -> &'static str {
    match refusal {
        Refusal::MissingCredentials => "Missing credentials",
        Refusal::BadCredentials => "Invalid credentials",
        Refusal::EmailNotVerified => "Email not verified.",
        Refusal::AccountWaiting => "Your account is waiting for approval.",
        Refusal::AccountOver => "Your access has ended.",
        Refusal::EmailLoginOff => "Email login is not allowed.",
        Refusal::RegistrationClosed => "Registration is not allowed.",
        Refusal::DomainNotAllowed => "The email address provided cannot be used. Please use a different email address.",
        Refusal::InviteInvalid => "Invalid invite token",
        Refusal::Banned(_) => "Your account has been temporarily banned due to violations of our service.",
        Refusal::Busy => "The server is busy, please try again in a moment.",
        Refusal::NoAccessToken => "No auth token",
        Refusal::SessionOver => "Unauthorized",
        Refusal::Forbidden => "Forbidden",
        Refusal::NotABrowser => "Illegal request",
        Refusal::BadApiKey => "Invalid API key",
        Refusal::DeletionOff => "You do not have permission to delete this account",
        Refusal::LastAdmin => "Without this admin nobody could administer the server; make somebody else admin first",
        Refusal::OwnAccount => "Admins cannot do this to their own account",
        Refusal::LastWayIn => "This is the only way to log in; set a password or connect another provider first",
        Refusal::CrossSite => "Cross-site request rejected",
        Refusal::NoRefreshToken => "Refresh token not provided",
        Refusal::BadRefreshToken => "Invalid refresh token",
        Refusal::NoSession { retry: true } => "No session found",
        Refusal::NoSession { retry: false } => "Refresh token expired or not found for this user",
        Refusal::BadSetUpToken => "This set-up link is not valid any more",
        Refusal::BadVerificationLink => "Invalid or expired email verification token",
        Refusal::BadResetLink => "Invalid or expired password reset token",
        Refusal::ResetNotOffered => "Password reset is not allowed.",
        Refusal::NoMail => "Something went wrong.",
        Refusal::EmailChange(obstacle) => obstacle_text(*obstacle),
        Refusal::FederatedLoginBlocked => "Sign in with your identity provider to continue.",
        Refusal::NoTicket => "Missing temporary token",
        Refusal::BadTicket(kind) => second_factor::bad_ticket(*kind),
        Refusal::SecondFactor(trouble) => second_factor::text(*trouble),
        Refusal::ConfirmationDue => "Confirm that it is you first: POST /api/admin/confirm",
        Refusal::NotFound => "Endpoint not found",
        Refusal::BadBody(_)
        | Refusal::Invalid(_)
        | Refusal::TooMany(_)
        | Refusal::BadAccessToken(_)
        | Refusal::Taken(_)
        | Refusal::EnrolmentDue(_) => "",
    }
}

fn obstacle_text(obstacle: Obstacle) -> &'static str {
    match obstacle {
        Obstacle::SwitchedOff => "Email change is not allowed",
        Obstacle::NoAddress => "A valid new email address and the current password are required",
        Obstacle::NoMail => "There is no mail service: an administrator can change the address",
        Obstacle::NotLocal => "Only accounts with a password can change their email address",
        Obstacle::SameAddress => "This is the email address of the account already",
        Obstacle::WrongPassword => "Current password is incorrect",
        Obstacle::DomainNotAllowed => "Email domain not allowed",
        Obstacle::InUse => "This email address is already in use",
        Obstacle::Modified => "The account was changed in the meantime, please try again",
        Obstacle::BadLink => "Invalid or expired email change request",
    }
}

fn body_text(error: &BodyError) -> String {
    match error {
        BodyError::TooLarge => "The request body is too large".to_owned(),
        BodyError::Incomplete => "The request body could not be read".to_owned(),
        BodyError::UnsupportedType => "Send application/json or application/x-www-form-urlencoded".to_owned(),
        BodyError::Malformed => "The request body contains malformed JSON".to_owned(),
        BodyError::Shape(detail) => format!("The request body has the wrong shape: {detail}"),
    }
}

fn excess_text(excess: &Excess) -> String {
    let minutes = excess.window_minutes;
    match excess.action {
        LimitedAction::Login => format!("Too many login attempts, please try again after {minutes} minutes."),
        LimitedAction::Register => format!("Too many accounts created, please try again after {minutes} minutes"),
        LimitedAction::ResetPassword
        | LimitedAction::ResetPasswordSubmission
        | LimitedAction::VerifyEmail
        | LimitedAction::VerifyEmailSubmission
        | LimitedAction::EmailChange
        | LimitedAction::BackChannel => format!("Too many attempts, please try again after {minutes} minute(s)"),
        LimitedAction::TwoFactor => {
            format!("Too many verification attempts, please try again after {minutes} minutes.")
        }
        LimitedAction::TwoFactorSettings => "Too many verification attempts. Try again later.".to_owned(),
        LimitedAction::MessageByAddress | LimitedAction::MessageByUser => {
            format!("Too many messages, please try again after {minutes} minute(s)")
        }
        LimitedAction::ConcurrentMessages => "Too many messages at the same time, please wait for an answer".to_owned(),
    }
}

/// A refusal as LibreChat's client gets it.
fn refused(refusal: &Refusal) -> HttpResponse {
    let mut builder = respond(status(refusal));
    let message = text(refusal);
    let mut response = match refusal {
        // LibreChat answers a refused refresh, and a reset that is switched off, in plain text.
        Refusal::NoRefreshToken | Refusal::BadRefreshToken | Refusal::NoSession { .. } | Refusal::ResetNotOffered => {
            builder.content_type("text/plain; charset=utf-8").body(message)
        }
        Refusal::BadBody(BodyError::Malformed) => {
            builder.json(json!({ "error": "Invalid JSON format", "message": message }))
        }
        Refusal::FederatedLoginBlocked => {
            builder.json(json!({ "code": "TWO_FACTOR_FEDERATED_LOGIN_BLOCKED", "message": message }))
        }
        Refusal::EnrolmentDue(ticket) => builder.json(second_factor::EnrolmentWanted::new(ticket.expose())),
        Refusal::TooMany(Excess {
            action: LimitedAction::TwoFactorSettings,
            ..
        }) => builder.json(json!({ "code": "TWO_FACTOR_RATE_LIMITED", "message": message })),
        Refusal::CrossSite => builder.json(json!({ "message": message, "code": "auth_cross_origin" })),
        Refusal::ConfirmationDue => builder.json(json!({ "message": message, "code": "confirmation_due" })),
        Refusal::EmailChange(obstacle) => builder.json(json!({ "message": message, "code": obstacle.key() })),
        _ => builder.json(json!({ "message": message })),
    };
    explain(&mut response, refusal);
    match refusal {
        Refusal::Banned(sentence) => with_reference(response, Some(&sentence.reference)),
        _ => response,
    }
}

/// `Retry-After` in whole seconds, rounded up, at least one.
fn whole_seconds(span: Duration) -> HeaderValue {
    HeaderValue::from(
        u64::try_from(span.as_millis().div_ceil(1000))
            .unwrap_or(u64::MAX)
            .max(1),
    )
}

impl ResponseError for Failure {
    fn status_code(&self) -> StatusCode {
        match self {
            Self::Refused(refusal) => status(refusal),
            Self::Fault(_) => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    fn error_response(&self) -> HttpResponse {
        match self {
            Self::Refused(refusal) => refused(refusal),
            Self::Fault(fault) => {
                fault.log();
                respond(StatusCode::INTERNAL_SERVER_ERROR)
                    .json(json!({ "message": "Something went wrong", "reference": fault.reference() }))
            }
        }
    }
}
