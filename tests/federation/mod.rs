//! Logging in with other providers: against a small one of our own that misbehaves on demand, and against a real one.

mod attempts;
mod backchannel;
mod clashes;
mod connecting;
mod idp;
mod journeys;
mod kit;
mod outgoing;
mod pages;
mod real;
mod real_provider;
mod recorder;
mod roles;
mod sessions;
mod social;
mod tokens;
