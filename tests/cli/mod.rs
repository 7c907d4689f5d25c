//! The command line, through the built program: what it prints, how it ends, and what has changed then.

mod access;
mod accounts;
mod api_keys;
mod approvals;
mod audit;
mod beside;
mod deleted;
mod federation;
mod groups;
mod identities;
mod invitations;
pub mod kit;
mod listing;
mod many;
mod prompts;
mod proxy;
mod second_factor;
pub mod server;
mod sessions;
mod starting;
mod terminal;
