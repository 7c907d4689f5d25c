//! The administration: pages below `/admin` and routes below `/api/admin`.

mod audit;
mod ban_pages;
mod bans;
mod confirm;
mod deleted;
mod edit;
mod expected;
mod expiry;
mod gate;
mod invitation_pages;
mod invitations;
pub mod kit;
mod mail;
mod overview;
pub mod person;
mod person_pages;
mod providers;
mod reset_links;
mod sessions;
mod settings;
mod users;
mod users_file;
