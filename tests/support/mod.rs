//! What the black-box tests share: a site that boots what production boots, and people who use it.

mod client;
mod letter;
mod letters;
pub mod mailgun;
mod person;
pub mod postbox;
mod raw;
mod running;
mod site;
pub mod statistics;

pub use client::{Answer, Ask, Client, SetCookie};
pub use letters::{Letter, with_mail};
pub use mailgun::Mailgun;
pub use person::{PASSWORD, Person, claims_of, credentials, registration};
pub use postbox::Postbox;
pub use raw::{Line, raw};
pub use running::Running;
pub use site::{JWT_SECRET, REFRESH_SECRET, START, Site};

use std::time::Duration;

pub const fn seconds(count: u64) -> Duration {
    Duration::from_secs(count)
}

pub const fn minutes(count: u64) -> Duration {
    Duration::from_secs(count * 60)
}

pub const fn days(count: u64) -> Duration {
    Duration::from_secs(count * 24 * 60 * 60)
}

/// A second less: the last moment at which a span is not over yet.
pub const fn just_under(span: Duration) -> Duration {
    span.saturating_sub(seconds(1))
}
