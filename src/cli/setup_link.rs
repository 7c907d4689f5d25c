//! `setup-link`: a new one-time link for making the first admin. Works beside the running server.

use std::io::{self, Write as _};

use crate::cli::{Outcome, Stop, context};
use crate::config::Inputs;
use crate::web::server::set_up_link;

/// Runs the command.
///
/// # Errors
/// If the database cannot be opened.
pub fn run(inputs: &Inputs) -> Outcome {
    let link = context::with_app(inputs, async |app| {
        let token = app
            .new_set_up_token()
            .await
            .map_err(|failure| Stop(failure.to_string()))?;
        Ok(token.map(|token| set_up_link(&app.config, app.config.server.port, &token)))
    })?;
    match link {
        Some(link) => writeln!(io::stdout(), "{link}")?,
        None => {
            writeln!(
                io::stderr(),
                "Set-up is done already. To make somebody admin: librechat-auth set-role EMAIL ADMIN"
            )?;
        }
    }
    Ok(true)
}
