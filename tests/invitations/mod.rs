//! Invitations: who may come through which link, what a seat is worth, and what a dead link says.

mod api;
pub mod kit;
mod letters;
mod making;
mod pages;
mod races;
