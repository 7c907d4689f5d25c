//! What the server tells of its work. Logging: one line per event, on standard error, as text or JSON, with the number of the
//! request that it belongs to. Secrets cannot get there: their types do not print. Meters, and the form in which they are
//! read; traces, and the form in which they are sent.

pub mod exposition;
mod lines;
pub mod meter;
pub mod names;
pub mod otlp;
pub mod process;
pub mod request;
pub mod trace;

use std::fmt;
use std::io::{self, IsTerminal as _};

use tracing_subscriber::EnvFilter;

use crate::config::{Log, LogFormat};

use lines::Numbered;

/// The filter of the running log, which can be replaced.
pub struct Filter(Box<dyn Fn(EnvFilter) -> Result<(), String> + Send + Sync>);

impl fmt::Debug for Filter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Filter(…)")
    }
}

impl Filter {
    /// Logs by this filter from now on.
    ///
    /// # Errors
    /// A sentence if the filter cannot be read.
    pub fn replace(&self, filter: &str) -> Result<(), String> {
        (self.0)(parsed(filter)?)
    }
}

fn parsed(filter: &str) -> Result<EnvFilter, String> {
    // The server library tells of its threads at every start; whoever wants that can name it in the filter.
    EnvFilter::try_new(format!("actix_server=warn,{filter}")).map_err(|error| {
        format!("log.filter {filter:?} cannot be read ({error}): write for example info or librechat_auth=debug")
    })
}

/// Starts logging for the whole process.
///
/// # Errors
/// A sentence if the filter cannot be read, or if logging was started before.
pub fn start(log: &Log) -> Result<Filter, String> {
    let filter = parsed(&log.filter)?;
    let (format, is_terminal) = (log.format, io::stderr().is_terminal());
    let lines = tracing_subscriber::fmt()
        .with_writer(io::stderr)
        .with_ansi(is_terminal)
        .with_target(false);
    let started = match log.format {
        LogFormat::Text => {
            let lines = lines.map_event_format(|lines| Numbered {
                lines: lines.with_ansi(is_terminal),
                format,
            });
            let lines = lines.with_env_filter(filter).with_filter_reloading();
            let handle = lines.reload_handle();
            let replace = move |filter| handle.reload(filter).map_err(|error| error.to_string());
            lines.try_init().map(|()| Filter(Box::new(replace)))
        }
        LogFormat::Json => {
            let lines = lines.json().map_event_format(|lines| Numbered { lines, format });
            let lines = lines.with_env_filter(filter).with_filter_reloading();
            let handle = lines.reload_handle();
            let replace = move |filter| handle.reload(filter).map_err(|error| error.to_string());
            lines.try_init().map(|()| Filter(Box::new(replace)))
        }
    };
    started.map_err(|error| format!("logging cannot be started: {error}"))
}
