//! What passes: state that may be lost without harm.

pub mod bans;
pub mod in_flight;
pub mod limits;
pub mod pending;
