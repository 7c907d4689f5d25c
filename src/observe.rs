//! Logging: one line per event, on standard error, as text or JSON. Secrets cannot get there: their types do not print.

use std::io::{self, IsTerminal as _};

use tracing_subscriber::EnvFilter;

use crate::config::{Log, LogFormat};

/// Starts logging for the whole process.
///
/// # Errors
/// A sentence if the filter cannot be read, or if logging was started before.
pub fn start(log: &Log) -> Result<(), String> {
    // The server library tells of its threads at every start; whoever wants that can name it in the filter.
    let filter = EnvFilter::try_new(format!("actix_server=warn,{}", log.filter)).map_err(|error| {
        format!(
            "log.filter {:?} cannot be read ({error}): write for example info or librechat_auth=debug",
            log.filter
        )
    })?;
    let lines = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(io::stderr)
        .with_ansi(io::stderr().is_terminal())
        .with_target(false);
    let started = match log.format {
        LogFormat::Text => lines.try_init(),
        LogFormat::Json => lines.json().try_init(),
    };
    started.map_err(|error| format!("logging cannot be started: {error}"))
}
