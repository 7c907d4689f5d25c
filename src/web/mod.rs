//! HTTP: the only room that knows actix.

pub mod assets;
pub mod client_ip;
pub mod views;
