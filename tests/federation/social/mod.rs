//! Google, Facebook, GitHub, Discord and Apple, against a counterpart with their quirks.

mod attempts;
mod journeys;
pub mod kit;
mod quirks;
