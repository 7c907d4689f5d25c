//! HTTP: the only room that knows actix. Parses once at the edge, calls one use case, replies.

use std::sync::Arc;

use actix_web::web::Data;

use crate::app::App;
use crate::observe::request::Numbers;

pub mod admin;
pub mod api;
pub mod assets;
pub mod avatars;
pub mod client;
pub mod cookies;
pub mod door;
pub mod extract;
pub mod forward_auth;
pub mod guard;
pub mod guests;
pub mod metrics;
pub mod observed;
pub mod openapi;
pub mod pages;
pub mod place;
pub mod proxy_protocol;
pub mod reply;
pub mod routes;
mod sending;
pub mod server;
pub mod tls;
pub mod views;
pub mod visitor;

/// What every handler gets: the use cases, and what only the web needs to know.
pub struct Web {
    /// The use cases.
    pub app: Arc<App>,
    /// Where this server is, as its visitors see it.
    pub place: place::Place,
    /// Which proxies are believed.
    pub proxies: Arc<client::Proxies>,
    /// The embedded files.
    pub assets: Data<assets::Assets>,
    /// Where numbers of requests come from.
    pub numbers: Numbers,
}

impl Web {
    /// The same for another thread. Every request counts itself among the holders of this, and threads that count together
    /// wait for each other.
    #[must_use]
    pub fn for_thread(&self) -> Self {
        Self {
            app: Arc::clone(&self.app),
            place: self.place.clone(),
            proxies: Arc::clone(&self.proxies),
            assets: Data::clone(&self.assets),
            numbers: Numbers::default(),
        }
    }
}
