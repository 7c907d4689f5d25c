//! The command line, through the built program: what it prints, how it ends, and what has changed then.

mod accounts;
mod beside;
mod kit;
mod listing;
mod prompts;
mod server;
mod starting;
mod terminal;
