//! LibreChat's HTTP API on the real server, one file per group of routes.

mod bodies;
mod config;
mod cookies;
mod headers;
mod login;
mod logout;
mod origins;
mod refresh;
mod register;
mod roles;
mod routes;
mod tokens;
mod user;
