//! What the pages show: one struct per page, filled by the handlers, rendered by the template of the same name.
//!
//! A view knows no request and no use case. It takes plain values and texts and promises well-formed, escaped HTML that
//! works without scripts. Every view can show itself in each of its states (`samples`).

pub mod account;
pub mod activity;
pub mod admin;
pub mod api_docs;
pub mod api_keys;
pub mod ask_link;
pub mod backup_codes;
pub mod code_problem;
pub mod connect;
pub mod connections;
pub mod device;
pub mod doctor;
pub mod email_section;
pub mod enter;
pub mod error;
mod field_errors;
mod frame;
pub mod guest;
pub mod login;
pub mod not_me;
pub mod onward;
pub mod pairing;
mod presence;
pub mod provider;
pub mod qr;
pub mod register;
pub mod reset_password;
pub mod second_step;
pub mod setup;
mod sight;
pub mod step_up;
pub mod texts;
pub mod two_factor;
pub mod verify;

#[cfg(test)]
mod gallery;

pub use crate::domain::accent::Accent;
pub use crate::domain::federation::provider::Icon;
pub use crate::domain::lang::Lang;
pub use account::{AccountPage, Facts, Flash, NoticeRow, SessionRow, TwoFactorLine};
pub use activity::{ActivityPage, ActivityRow};
pub use admin::{AdminConfirm, AuditPage, AuditVerified, MailPage, OverviewPage, SettingsPage};
pub use api_docs::{ApiDocs, DocPart};
pub use api_keys::{ApiKeysPage, KeyRow};
pub use ask_link::{AskFor, AskLink, AskState};
pub use backup_codes::{BackupCodes, CodesMade};
pub use code_problem::CodeProblem;
pub use connect::{Connect, ConnectState};
pub use connections::{ConnectionFlash, ConnectionRow, ConnectionsPage};
pub use device::describe_device;
pub use doctor::{DoctorPage, DoctorRow};
pub use email_section::EmailSection;
pub use enter::Enter;
pub use error::{ErrorKind, ErrorPage};
pub use field_errors::FieldErrors;
pub use frame::Frame;
pub use guest::GuestPage;
pub use login::{Login, LoginNotice, LoginProblem};
pub use not_me::{NotMe, NotMeState};
pub use onward::{Errand, Onward};
pub use pairing::Pairing;
pub use presence::Presence;
pub use provider::{ProviderButton, TurnedAway};
pub use register::{DeadLink, Offer, Register};
pub use reset_password::{ResetPassword, ResetState};
pub use second_step::{SecondStep, TrustSpan};
pub use setup::{Setup, SetupState};
pub use sight::Sight;
pub use step_up::StepUp;
pub use texts::{Moment, Texts};
pub use two_factor::{Standing, StepFlash, TrustedRow, TwoFactorPage};
pub use verify::{Verify, VerifyState};
