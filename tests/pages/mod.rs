//! The pages on the real server, as a browser without JavaScript uses them.

mod account;
mod activity;
mod base;
mod every_page;
mod language;
mod login;
mod not_me;
mod register;
mod required_set_up;
mod second_factor;
mod second_step;
mod statics;
