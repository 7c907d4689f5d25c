//! What commands share: the configuration loaded and complained about, the application opened, a way to wait.

use std::future::Future;
use std::io::{self, Write as _};
use std::sync::Arc;

use crate::app::App;
use crate::app::clock::{SystemClock, SystemEntropy};
use crate::cli::Stop;
use crate::config::{Config, Inputs, prepare};

/// Loads the configuration, creating the data directory and the secrets. Warnings go to standard error.
///
/// # Errors
/// All errors of the configuration, one a line.
pub fn configuration(inputs: &Inputs) -> Result<Config, Stop> {
    let loaded = prepare(inputs, &SystemEntropy);
    let mut stderr = io::stderr().lock();
    for warning in &loaded.warnings {
        writeln!(stderr, "warning: {warning}")?;
    }
    loaded.config.ok_or_else(|| {
        let lines: Vec<String> = loaded.errors.iter().map(|error| format!("\n  {error}")).collect();
        Stop(format!("the configuration cannot be used:{}", lines.concat()))
    })
}

/// Opens the application for a command.
///
/// # Errors
/// Why the database cannot be opened.
pub fn open(config: Config) -> Result<Arc<App>, Stop> {
    Ok(Arc::new(App::open(
        config,
        Arc::new(SystemClock),
        Arc::new(SystemEntropy),
    )?))
}

/// Opens the application, does the work, and closes the database cleanly, whatever the work came to.
///
/// # Errors
/// Why the database cannot be opened, or what the work says.
pub fn with_app<T, F>(inputs: &Inputs, work: F) -> Result<T, Stop>
where
    F: AsyncFnOnce(&App) -> Result<T, Stop>,
{
    let app = open(configuration(inputs)?)?;
    wait_for(async {
        let outcome = work(&app).await;
        app.close().await;
        outcome
    })?
}

fn wait_for<T>(work: impl Future<Output = T>) -> Result<T, Stop> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build()?;
    Ok(runtime.block_on(work))
}
