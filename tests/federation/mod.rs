//! Logging in with other providers: against a small one of our own that misbehaves on demand, and against a real one.

mod attempts;
mod clashes;
mod connecting;
mod idp;
mod journeys;
mod kit;
mod outgoing;
mod pages;
mod recorder;
mod roles;
mod social;
mod tokens;
