//! The pages: server-rendered, working without JavaScript. Each handler opens a [`Scene`], calls one use case and renders
//! a view; whatever fails becomes an error page in the visitor's language.

use actix_web::HttpResponse;
use actix_web::web::Data;

use crate::app::Failure;
use crate::web::Web;

pub mod account;
pub mod activity;
pub mod api_docs;
pub mod api_keys;
pub mod ask_link;
pub mod backup_codes;
pub(in crate::web) mod code;
pub mod connect;
pub mod connections;
pub mod doctor;
pub mod email;
pub mod enter;
pub mod error;
pub mod login;
pub mod not_me;
pub mod oauth;
pub mod recover;
pub mod register;
pub mod required_set_up;
pub mod reset_password;
pub mod scene;
pub mod second_factor;
pub mod second_step;
pub mod sessions;
pub mod set_up;
pub mod step_up;
pub mod trusted_devices;
pub mod verify;

pub use scene::{FormCheck, LOGGED_OUT, Scene};

/// What a page handler returns before it is finished.
pub(in crate::web) type Page = Result<HttpResponse, Failure>;

/// What every page handler takes.
pub type State = Data<Web>;
