//! The doctor: what it finds behind right and wrong proxies, on the machine, and for whom it speaks.

pub mod certificates;
mod door;
mod echo;
mod guarded;
mod here;
mod kit;
mod page;
