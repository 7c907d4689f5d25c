//! The second factor: setting it up, the code at login, what is required of whom, and what nobody gets past.

mod clocks;
mod ends;
mod guessing;
pub mod kit;
mod login;
mod replay;
mod required;
mod secrets;
mod settings;
mod tickets;
mod trust;
