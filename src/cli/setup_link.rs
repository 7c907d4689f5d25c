//! `setup-link`: a new one-time link for making the first admin. Works beside the running server.

use std::io::{self, Write as _};

use clap::Args;
use serde_json::json;

use crate::app::set_up::LINK_LIFETIME;
use crate::cli::output::Format;
use crate::cli::{Outcome, Stop, context, serve};
use crate::config::Inputs;
use crate::web::server::set_up_link;

/// Where the server listens, if it was started with flags.
#[derive(Debug, Args)]
pub struct SetupLink {
    /// The flags of `serve`.
    #[command(flatten)]
    pub serve: serve::Arguments,
    #[command(flatten)]
    format: Format,
}

impl SetupLink {
    /// Runs the command.
    ///
    /// # Errors
    /// If there has been an admin, or the database cannot be opened.
    pub fn run(&self, inputs: &Inputs) -> Outcome {
        let link = context::with_accounts(inputs, async |app| {
            let token = app.new_set_up_token().await?;
            Ok(token.map(|token| set_up_link(&app.config, app.config.server.port, &token)))
        })?;
        let Some(link) = link else {
            return Err(Stop::failed(
                "set-up is done already. To make somebody admin: librechat-auth set-role EMAIL ADMIN",
            ));
        };
        let mut out = io::stdout().lock();
        if self.format.json {
            let object = json!({ "link": link, "valid_seconds": LINK_LIFETIME.as_secs() });
            writeln!(out, "{object}")?;
        } else {
            writeln!(out, "{link}")?;
        }
        Ok(out.flush()?)
    }
}
