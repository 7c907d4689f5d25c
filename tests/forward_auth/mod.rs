//! Other programs behind proxies that ask us: on the wire in each proxy's convention, and through the real ones.

mod answers;
mod destinations;
mod documented;
mod doors;
mod fuzz;
mod handover;
mod identity;
pub mod kit;
mod limits;
mod questions;
mod real;
mod real_doors;
mod revocation;
mod step_up;
