//! The pages on the real server, as a browser without JavaScript uses them.

mod account;
mod base;
mod every_page;
mod language;
mod login;
mod register;
mod statics;
