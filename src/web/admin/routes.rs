//! Which URLs of the administration exist, on one screen: pages, and the same for programs.

use actix_web::web::{ServiceConfig, post};

use crate::web::admin::api::confirm;
use crate::web::routes::api;

/// Registers every route of the administration.
pub fn below(routes: &mut ServiceConfig) {
    below_api(routes);
}

fn below_api(routes: &mut ServiceConfig) {
    routes.service(api("/api/admin/confirm").route(post().to(confirm::confirm)));
}
