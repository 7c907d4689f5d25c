//! The second factor: setting it up, the code at login, what is required of whom, and what nobody gets past.

mod clocks;
mod demanded;
mod doors;
mod ends;
mod guessing;
pub mod kit;
mod login;
mod properties;
mod replay;
mod required;
mod secrets;
mod settings;
mod tickets;
mod trust;
