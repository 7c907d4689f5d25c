//! What the pages show: one struct per page, filled by the handlers, rendered by the template of the same name.
//!
//! A view knows no request and no use case. It takes plain values and texts and promises well-formed, escaped HTML that
//! works without scripts. Every view can show itself in each of its states (`samples`).

pub mod account;
pub mod device;
pub mod error;
mod field_errors;
mod frame;
pub mod login;
pub mod qr;
pub mod register;
pub mod setup;
pub mod texts;

#[cfg(test)]
mod gallery;

pub use crate::domain::accent::Accent;
pub use crate::domain::lang::Lang;
pub use account::{AccountPage, Facts, Flash, NoticeRow, SessionRow, Sight};
pub use device::describe_device;
pub use error::{ErrorKind, ErrorPage};
pub use field_errors::FieldErrors;
pub use frame::Frame;
pub use login::{Login, LoginNotice, LoginProblem};
pub use register::{DeadLink, Offer, Register};
pub use setup::{Setup, SetupState};
pub use texts::{Moment, Texts};
