//! How refusals about the second factor are said, in LibreChat's words, and what a login looks like that is not done yet.

use actix_web::http::StatusCode;
use serde::Serialize;

use crate::domain::second_factor::{Act, Trouble};
use crate::domain::ticket::TicketKind;

/// The password was right, and a code comes next.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct CodeWanted<'a> {
    #[serde(rename = "twoFAPending")]
    pending: bool,
    temp_token: &'a str,
}

impl<'a> CodeWanted<'a> {
    /// With the ticket for the next step.
    #[must_use]
    pub const fn new(ticket: &'a str) -> Self {
        Self {
            pending: true,
            temp_token: ticket,
        }
    }
}

/// A second factor has to be set up first.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct EnrolmentWanted<'a> {
    code: &'static str,
    #[serde(rename = "twoFAPending")]
    pending: bool,
    #[serde(rename = "twoFASetupRequired")]
    set_up_required: bool,
    temp_token: &'a str,
}

impl<'a> EnrolmentWanted<'a> {
    /// With the ticket for the next step.
    #[must_use]
    pub const fn new(ticket: &'a str) -> Self {
        Self {
            code: "TWO_FACTOR_ENROLLMENT_REQUIRED",
            pending: true,
            set_up_required: true,
            temp_token: ticket,
        }
    }
}

/// The status of a refusal about the second factor.
pub(super) const fn status(trouble: Trouble) -> StatusCode {
    match trouble {
        Trouble::NotEnabled
        | Trouble::NotSetUp
        | Trouble::NotInitiated(_)
        | Trouble::Unreadable
        | Trouble::SetUpStepExpired => StatusCode::BAD_REQUEST,
        Trouble::AnswerMissing(act) => match act {
            Act::Login => StatusCode::UNAUTHORIZED,
            Act::Enable
            | Act::Verify
            | Act::Confirm
            | Act::Disable
            | Act::Regenerate
            | Act::Delete
            | Act::Prove
            | Act::SetUp => StatusCode::BAD_REQUEST,
        },
        Trouble::Wrong { act, .. } => match act {
            Act::Login | Act::Enable | Act::Disable | Act::Regenerate | Act::Delete | Act::Prove => {
                StatusCode::UNAUTHORIZED
            }
            Act::Verify | Act::Confirm | Act::SetUp => StatusCode::BAD_REQUEST,
        },
        Trouble::Mandatory | Trouble::SetUpNotRequired => StatusCode::FORBIDDEN,
        Trouble::Changed => StatusCode::UNAUTHORIZED,
    }
}

/// The text of a refusal about the second factor.
pub(super) const fn text(trouble: Trouble) -> &'static str {
    match trouble {
        Trouble::NotEnabled => "2FA is not enabled for this user",
        Trouble::NotSetUp => "2FA is not setup for this user",
        Trouble::NotInitiated(Act::SetUp) => "2FA setup not initiated",
        Trouble::NotInitiated(_) => "2FA not initiated",
        Trouble::Unreadable => "2FA secret is missing or corrupted",
        Trouble::AnswerMissing(act) => match act {
            Act::Enable => "TOTP token or backup code is required to re-enroll 2FA",
            Act::Disable => "Either token or backup code is required to disable 2FA",
            Act::Regenerate => "TOTP token or backup code is required to regenerate backup codes",
            Act::Delete => "TOTP token or backup code is required to delete account with 2FA enabled",
            Act::Prove => "TOTP token or backup code is required",
            Act::Login | Act::Verify | Act::Confirm | Act::SetUp => wrong(act),
        },
        Trouble::Wrong { act, .. } => wrong(act),
        Trouble::Mandatory => "Two-factor authentication is required and cannot be disabled",
        Trouble::SetUpNotRequired => "Two-factor authentication setup is not required",
        Trouble::SetUpStepExpired => "This two-factor setup step expired. Confirm your code again.",
        Trouble::Changed => "Password was reset during setup, please sign in again",
    }
}

const fn wrong(act: Act) -> &'static str {
    match act {
        Act::Login => "Invalid 2FA code or backup code",
        Act::Enable | Act::Disable | Act::Regenerate | Act::Delete | Act::Prove => "Invalid token or backup code",
        Act::Verify => "Invalid token or backup code.",
        Act::Confirm => "Invalid token.",
        Act::SetUp => "Invalid token",
    }
}

/// The text for a ticket that is not good.
pub(super) const fn bad_ticket(kind: TicketKind) -> &'static str {
    match kind {
        TicketKind::Login => "Invalid or expired temporary token",
        TicketKind::SetUp => "Invalid or expired two-factor setup token",
        TicketKind::Acknowledge => "Invalid or expired two-factor acknowledgement token",
        TicketKind::Finalize => "Invalid or expired two-factor finalization token",
    }
}
