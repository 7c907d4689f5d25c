//! `setup-link`: a new one-time link for making the first admin. Works beside the running server.

use std::io::{self, Write as _};

use crate::cli::{Outcome, Stop, context};
use crate::config::Inputs;
use crate::domain::secret::Token;
use crate::web::place::Place;

/// Runs the command.
///
/// # Errors
/// If the database cannot be opened.
pub fn run(inputs: &Inputs) -> Outcome {
    let link = context::with_app(inputs, async |app| {
        let place = Place::new(&app.config, app.config.server.port);
        let token = app
            .new_set_up_token()
            .await
            .map_err(|failure| Stop(failure.to_string()))?;
        Ok(token.map(|token| link(&place, &token)))
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

/// The link that opens the set-up page.
#[must_use]
pub fn link(place: &Place, token: &Token) -> String {
    place.link(&format!("/setup?token={}", token.reveal()))
}
