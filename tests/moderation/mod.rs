//! Moderation from outside: who is banned, who is not, for how long, and what everybody is told.

mod elsewhere;
mod floods;
pub mod kit;
mod log_lines;
mod policies;
mod properties;
mod references;
mod reports;
mod spared;
mod users;
