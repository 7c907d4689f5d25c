//! What is true: pure types and rules. No HTTP, no SQL, no clock, no randomness of its own.
//!
//! Untrusted text becomes a type here once, at the edge (`parse`), and is never checked again afterwards.

pub mod accent;
pub mod access;
pub mod account;
pub mod account_key;
pub mod activity;
pub mod api_key;
pub mod audit;
pub mod browser;
pub mod claims;
pub mod device;
pub mod doctor;
pub mod door;
pub mod duration;
pub mod elsewhere;
pub mod email;
pub mod email_change;
pub mod errand;
pub mod federation;
pub mod field;
pub mod generated_password;
pub mod group;
pub mod guesses;
pub mod guest;
pub mod ids;
pub mod invitation;
pub mod lang;
pub mod moderation;
pub mod name;
pub mod outbox;
pub mod password;
pub mod proof;
pub mod qr;
pub mod redirect;
pub mod refusal;
pub mod registration;
pub mod reset;
pub mod rotation;
pub mod second_factor;
pub mod secret;
pub mod session;
pub mod ticket;
pub mod time;
pub mod time_of_day;
pub mod trusted_device;
