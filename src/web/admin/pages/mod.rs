//! The pages of the administration. Each handler opens a scene, passes the gate, calls use cases and renders a view.

pub mod audit;
pub mod bans;
pub mod invitations;
pub mod letters;
pub mod mail;
pub mod overview;
pub mod providers;
pub mod sessions;
pub mod settings;
pub mod users;
