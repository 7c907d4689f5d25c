//! Moderation: what counts as a violation, how scores add up and fade, when a score becomes a ban, and who is never banned.
//!
//! ```text
//!   refused ──► violation (kind, points) ──► score of user and address, per kind, fading after a quiet hour
//!                                              └── crosses a multiple of the interval ──► ban of both, for a while
//! ```

pub mod arithmetic;
pub mod ban;
pub mod compare;
pub mod network;
pub mod points;
pub mod policy;
pub mod refused;
pub mod simulate;
pub mod subject;
pub mod timeline;
pub mod told;
pub mod violation;
