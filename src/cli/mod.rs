//! One file per command: it asks `app` or `config`, and prints.

pub mod config;
