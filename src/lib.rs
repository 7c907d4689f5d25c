//! A login server in one file: LibreChat's authentication, standing alone.
//!
//! The program is a house of rooms. Everything falls towards [`domain`], which knows no HTTP, no SQL and no clock.
//!
//! | room | what it holds | may use |
//! |---|---|---|
//! | [`domain`] | what is true: pure types and rules | small pure crates |
//! | [`config`] | flags > environment > `.env` > files > defaults → [`config::Config`] | `domain` |
//! | [`store`] | what lasts: the only room with SQL | `domain` |
//! | [`cache`] | what passes: rate limits | `domain` |
//! | [`crypto`] | password hashing, token signing | `domain` |
//! | [`providers`] | who else knows people: other login servers | `domain`, `config` |
//! | [`mail`] | what letters say, and how they are sent | `domain`, its own section of `config` |
//! | [`app`] | what happens: one use case per file | `domain`, `config` and the adapters above |
//! | [`web`] | HTTP: the only room that knows actix | `app`, `domain`, `config` |
//! | [`probe`] | the front door, as a browser sees it | `domain` |
//! | [`supervisor`] | systemd: notifications, sockets handed over | `config` |
//! | [`cli`] | one file per command; prints, calls `app` | `app`, `config`, `supervisor`, `web::server` |
//!
//! Three walks through the house are described where they start: a login in [`app::login`], a refresh in
//! [`app::refresh`], a page in [`web::pages`].

pub mod app;
pub mod cache;
pub mod cli;
pub mod config;
pub mod crypto;
pub mod domain;
pub mod mail;
pub mod observe;
pub mod probe;
pub mod providers;
pub mod store;
pub mod supervisor;
pub mod web;
