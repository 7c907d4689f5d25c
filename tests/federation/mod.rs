//! Logging in with other providers: against a small one of our own that misbehaves on demand, and against a real one.

mod attempts;
mod backchannel;
mod bans;
mod clashes;
mod connecting;
mod connections;
mod expected;
pub mod idp;
mod journeys;
pub mod kit;
mod outgoing;
mod pages;
mod pictures;
mod presence;
pub mod real;
mod real_provider;
mod recorder;
pub mod roles;
mod sessions;
mod social;
mod tokens;
