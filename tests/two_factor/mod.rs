//! The second factor: setting it up, the code at login, what is required of whom, and what nobody gets past.

pub mod kit;
mod login;
