//! Every way in which a request is refused on purpose. Each is part of the contract with clients and has a stable key;
//! `web/reply.rs` gives it a status and LibreChat's text.

use std::time::Duration;

use crate::domain::claims::TokenError;
use crate::domain::email_change::Obstacle;
use crate::domain::field::Issue;
use crate::domain::moderation::ban::Sentence;
use crate::domain::second_factor::Trouble;
use crate::domain::secret::Secret;
use crate::domain::ticket::TicketKind;
use crate::domain::trash::Taken;

/// An expected "no".
#[derive(Clone, Debug, PartialEq)]
pub enum Refusal {
    /// The body is not JSON (or a form), or not of the shape the route takes.
    BadBody(BodyError),
    /// E-mail or password is absent, empty or no text.
    MissingCredentials,
    /// Fields break their rules.
    Invalid(Vec<Issue>),
    /// Unknown address, wrong password, or disabled account: one answer for all.
    BadCredentials,
    /// Right password, but the address was never proved.
    EmailNotVerified,
    /// Right password, but an admin has to let the account in first.
    AccountWaiting,
    /// Who they are is proved, but the time that an admin gave the account is over.
    AccountOver,
    /// Login by e-mail is switched off.
    EmailLoginOff,
    /// Registration is switched off.
    RegistrationClosed,
    /// The address's domain is not on the list.
    DomainNotAllowed,
    /// An invite token was given that is not valid.
    InviteInvalid,
    /// A rate limit is exceeded.
    TooMany(Excess),
    /// The user or the address is banned.
    Banned(Sentence),
    /// The server has too much to do; try again.
    Busy,
    /// No access token was sent.
    NoAccessToken,
    /// The access token is not valid.
    BadAccessToken(TokenError),
    /// The access token was good, but its session or account is gone, ended or disabled.
    SessionOver,
    /// The account may not do this.
    Forbidden,
    /// The API key is none of ours, or its time is over.
    BadApiKey,
    /// A program sent what only browsers send.
    NotABrowser,
    /// Accounts may not delete themselves.
    DeletionOff,
    /// Without this account nobody could administer the server.
    LastAdmin,
    /// An admin may not do this to their own account.
    OwnAccount,
    /// A deleted account cannot come back.
    Taken(Taken),
    /// Without this identity nobody could log in to the account any more.
    LastWayIn,
    /// The request came from a page of another site.
    CrossSite,
    /// No refresh cookie was sent.
    NoRefreshToken,
    /// The refresh cookie is no valid token.
    BadRefreshToken,
    /// The refresh token's session is over; `retry` repeats what the client said of itself.
    NoSession {
        /// Whether the client said that this is its second attempt.
        retry: bool,
    },
    /// The set-up link is wrong, used or expired.
    BadSetUpToken,
    /// The link that proves an address is wrong, used or expired.
    BadVerificationLink,
    /// The link that sets a new password is wrong, used or expired.
    BadResetLink,
    /// Nobody may make a reset link for themselves.
    ResetNotOffered,
    /// There is no mail service, and this needs one.
    NoMail,
    /// The address cannot be changed.
    EmailChange(Obstacle),
    /// The password was right, but somebody else vouches for the account, and every password needs a second factor.
    FederatedLoginBlocked,
    /// No ticket was sent for the second step of a login.
    NoTicket,
    /// The ticket is wrong, too old, used, or the account's credentials changed since.
    BadTicket(TicketKind),
    /// Something about the second factor.
    SecondFactor(Trouble),
    /// An admin has to confirm first that it is them.
    ConfirmationDue,
    /// A second factor has to be set up first; with this ticket it can be.
    EnrolmentDue(Secret),
    /// There is nothing here, or not any more.
    NotFound,
}

/// What is wrong with a request's body.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum BodyError {
    /// More bytes than any route takes.
    TooLarge,
    /// The connection broke while the body was read.
    Incomplete,
    /// Neither JSON nor a form.
    UnsupportedType,
    /// Not JSON, too deep, or no UTF-8.
    Malformed,
    /// JSON of another shape; the text says where and what.
    Shape(String),
}

/// A rate limit that was exceeded.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Excess {
    /// Which limit.
    pub action: LimitedAction,
    /// Its window in minutes, as LibreChat's texts name it.
    pub window_minutes: f64,
    /// How long until the window ends.
    pub retry_after: Duration,
}

/// What is limited; decides the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LimitedAction {
    /// Logging in.
    Login,
    /// Registering.
    Register,
    /// Asking for a reset link.
    ResetPassword,
    /// Setting a new password with a reset link.
    ResetPasswordSubmission,
    /// Asking for a verification mail.
    VerifyEmail,
    /// Using a verification link.
    VerifyEmailSubmission,
    /// A second-factor code at login.
    TwoFactor,
    /// A second-factor code of somebody signed in.
    TwoFactorSettings,
    /// Asking for another e-mail address.
    EmailChange,
    /// A message to a guarded program, by address.
    MessageByAddress,
    /// A message to a guarded program, by account.
    MessageByUser,
    /// An answer of a guarded program, beside others that run.
    ConcurrentMessages,
    /// Saying, as a provider, that somebody logged out.
    BackChannel,
}

impl LimitedAction {
    /// Every action there is, in the order of their numbers.
    pub const ALL: [Self; 13] = [
        Self::Login,
        Self::Register,
        Self::ResetPassword,
        Self::ResetPasswordSubmission,
        Self::VerifyEmail,
        Self::VerifyEmailSubmission,
        Self::TwoFactor,
        Self::TwoFactorSettings,
        Self::EmailChange,
        Self::MessageByAddress,
        Self::MessageByUser,
        Self::ConcurrentMessages,
        Self::BackChannel,
    ];
}

impl Refusal {
    /// The stable key, the same in logs and in answers.
    #[must_use]
    pub fn key(&self) -> &'static str {
        match self {
            Self::BadBody(_) => "bad_body",
            Self::MissingCredentials => "missing_credentials",
            Self::Invalid(_) => "invalid_fields",
            Self::BadCredentials => "bad_credentials",
            Self::EmailNotVerified => "email_not_verified",
            Self::AccountWaiting => "account_waiting",
            Self::AccountOver => "account_over",
            Self::EmailLoginOff => "email_login_off",
            Self::RegistrationClosed => "registration_closed",
            Self::DomainNotAllowed => "domain_not_allowed",
            Self::InviteInvalid => "invite_invalid",
            Self::TooMany(_) => "too_many",
            Self::Banned(_) => "banned",
            Self::Busy => "busy",
            Self::NoAccessToken => "no_access_token",
            Self::BadAccessToken(_) => "bad_access_token",
            Self::SessionOver => "session_over",
            Self::Forbidden => "forbidden",
            Self::BadApiKey => "bad_api_key",
            Self::NotABrowser => "not_a_browser",
            Self::DeletionOff => "deletion_off",
            Self::LastAdmin => "last_admin",
            Self::OwnAccount => "own_account",
            Self::Taken(taken) => taken.key(),
            Self::LastWayIn => "last_way_in",
            Self::CrossSite => "cross_site",
            Self::NoRefreshToken => "no_refresh_token",
            Self::BadRefreshToken => "bad_refresh_token",
            Self::NoSession { .. } => "no_session",
            Self::BadSetUpToken => "bad_set_up_token",
            Self::BadVerificationLink => "bad_verification_link",
            Self::BadResetLink => "bad_reset_link",
            Self::ResetNotOffered => "reset_not_offered",
            Self::NoMail => "no_mail",
            Self::EmailChange(obstacle) => obstacle.key(),
            Self::FederatedLoginBlocked => "federated_login_blocked",
            Self::NoTicket => "no_ticket",
            Self::BadTicket(_) => "bad_ticket",
            Self::SecondFactor(trouble) => trouble.key(),
            Self::ConfirmationDue => "confirmation_due",
            Self::EnrolmentDue(_) => "two_factor_enrolment_due",
            Self::NotFound => "not_found",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn actions_are_listed_by_their_numbers() {
        for (at, action) in LimitedAction::ALL.into_iter().enumerate() {
            assert_eq!(action as usize, at, "{action:?}");
        }
    }
}
