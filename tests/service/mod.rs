//! The server as a service: what it tells its supervisor, what it takes from it, and how it gets there.

mod bare;
mod installing;
mod kit;
mod notifying;
mod packages;
mod reloading;
mod tls;
mod units;
