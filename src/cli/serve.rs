//! `serve`: run the server until Ctrl-C or SIGTERM.

use std::io::{self, Write as _};
use std::sync::Arc;

use clap::Args;
use tokio::signal::unix::{SignalKind, signal};

use crate::app::{App, ServeLock};
use crate::cli::{Outcome, Stop, context};
use crate::config::Inputs;
use crate::observe;
use crate::web::server::{Server, block_on, set_up_link};

/// Settings that can be given as flags; they are stronger than every other source.
#[derive(Debug, Default, Args)]
pub struct Arguments {
    /// Address to listen on [default: 127.0.0.1]
    #[arg(long)]
    host: Option<String>,
    /// Port to listen on; 0 takes a free one [default: 3081]
    #[arg(long)]
    port: Option<String>,
    /// The address that people type into their browser, such as <https://login.example.org>
    #[arg(long, value_name = "URL")]
    public_url: Option<String>,
}

impl Arguments {
    /// As pairs of setting and value.
    #[must_use]
    pub fn flags(&self) -> Vec<(String, String)> {
        let given = [
            ("server.host", &self.host),
            ("server.port", &self.port),
            ("server.public_url", &self.public_url),
        ];
        given
            .into_iter()
            .filter_map(|(key, value)| Some((key.to_owned(), value.clone()?)))
            .collect()
    }
}

/// Runs the server.
///
/// # Errors
/// One sentence that says what to do: configuration, lock, database, port.
pub fn run(inputs: &Inputs) -> Outcome {
    let config = context::configuration(inputs)?;
    observe::start(&config.log)?;
    let _lock = ServeLock::acquire(&config.data_dir)?;
    let app = context::open(config)?;
    block_on(async {
        let server = match Server::bind(&app) {
            Ok(server) => server,
            Err(error) => {
                app.close().await;
                return Err(error.into());
            }
        };
        if let Err(stop) = announce(&app, &server).await {
            app.close().await;
            return Err(stop);
        }
        let mut interrupt = signal(SignalKind::interrupt())?;
        let mut terminate = signal(SignalKind::terminate())?;
        let stop = async move {
            tokio::select! {
                _ = interrupt.recv() => tracing::info!("interrupted: finishing requests in flight"),
                _ = terminate.recv() => tracing::info!("told to stop: finishing requests in flight"),
            }
        };
        server.run(stop).await?;
        tracing::info!("stopped");
        Ok(())
    })
}

const NEW_LINK: &str = "librechat-auth setup-link prints a new one.";

/// One short block for whoever started the server.
async fn announce(app: &Arc<App>, server: &Server) -> Result<(), Stop> {
    app.note_version().await?;
    let token = app.new_set_up_token().await?;
    let policy = app.config.accounts.policy(app.config.mail.is_configured());
    let mut block = format!(
        "librechat-auth {}\n  address   {} (listening on {})\n  data      {}\n  accounts  {}\n",
        env!("CARGO_PKG_VERSION"),
        server.place.url,
        server.address,
        app.config.data_dir.display(),
        policy.sentence()
    );
    if let Some(token) = token {
        let link = set_up_link(&app.config, server.address.port(), &token);
        let hint = "Open this link to make the first admin. It works once, for an hour;";
        block += &[
            "  set-up    ",
            &link,
            "\n            ",
            hint,
            "\n            ",
            NEW_LINK,
            "\n",
        ]
        .concat();
    }
    let mut out = io::stdout().lock();
    if let Err(error) = out.write_all(block.as_bytes()).and_then(|()| out.flush()) {
        // Nobody reads it; that is no reason not to serve.
        tracing::warn!(%error, "the address could not be written to standard output");
    }
    Ok(())
}
