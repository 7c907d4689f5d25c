//! Where the server is for its visitors, for commands that print links to it.

use clap::Args;

use crate::app::App;
use crate::cli::output::note;

/// Flags for who started the server with flags.
#[derive(Debug, Default, Args)]
pub struct Reached {
    /// The address that people type into their browser [default: that of the configuration]
    #[arg(long, value_name = "URL")]
    public_url: Option<String>,
    /// The port that the server was given, if no address is configured
    #[arg(long)]
    port: Option<String>,
}

impl Reached {
    /// As pairs of setting and value.
    #[must_use]
    pub fn flags(&self) -> Vec<(String, String)> {
        let given = [("server.public_url", &self.public_url), ("server.port", &self.port)];
        given
            .into_iter()
            .filter_map(|(key, value)| Some((key.to_owned(), value.clone()?)))
            .collect()
    }

    /// Says so if a link leads nowhere but to this machine.
    pub fn advise(app: &App) {
        if app.config.server.public_url.is_none() {
            note(
                "The link works on this machine only: set DOMAIN_SERVER (server.public_url) to the address that people \
                 type, or give it here with --public-url.",
            );
        }
    }
}
