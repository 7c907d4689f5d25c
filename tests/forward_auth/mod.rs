//! Other programs behind proxies that ask us: on the wire in each proxy's convention, and through the real ones.

mod answers;
mod destinations;
mod documented;
mod fuzz;
mod identity;
pub mod kit;
mod limits;
mod questions;
mod real;
mod revocation;
