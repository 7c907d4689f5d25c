//! Measures the server against bare references doing the same work, turn by turn in one run.
//!
//! [`fill`] makes the databases, [`load`] drives one server over HTTP, [`duel`] lets several take turns, [`goals`] says
//! what is compared with what, and [`report`] writes it down. The references themselves are `src/bin/reference`.

pub mod client;
pub mod duel;
pub mod fill;
pub mod finding;
pub mod goals;
pub mod load;
pub mod machine;
pub mod people;
pub mod process;
pub mod report;
pub mod servers;
pub mod workload;
