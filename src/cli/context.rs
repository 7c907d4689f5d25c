//! What commands share: the configuration loaded and complained about, the application opened, a way to wait.

use std::future::Future;
use std::io::{self, Write as _};
use std::sync::Arc;

use crate::app::clock::{SystemClock, SystemEntropy};
use crate::app::{App, backup};
use crate::cli::Stop;
use crate::config::{Config, Inputs, Origin, Problem, load, prepare};

/// Loads the configuration, creating the data directory and the secrets; answers with what decided each setting as well.
/// Warnings go to standard error.
///
/// # Errors
/// All errors of the configuration, one a line.
pub fn configuration(inputs: &Inputs) -> Result<(Config, Vec<Origin>), Stop> {
    let loaded = prepare(inputs, &SystemEntropy);
    for warning in &loaded.warnings {
        // A warning that nobody can read is no reason to stop.
        let _ = writeln!(io::stderr(), "warning: {warning}");
    }
    match loaded.config {
        Some(config) => Ok((config, loaded.origins)),
        None => Err(unusable(&loaded.errors)),
    }
}

fn unusable(errors: &[Problem]) -> Stop {
    let lines: Vec<String> = errors.iter().map(|error| format!("\n  {error}")).collect();
    Stop::failed(format!("the configuration cannot be used:{}", lines.concat()))
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

/// Opens the application, making a database if there is none, does the work, and closes the database cleanly, whatever
/// the work came to. Warnings about the configuration are left to `serve` and `config check`.
///
/// # Errors
/// Why the database cannot be opened, or what the work says.
pub fn with_app<T, F>(inputs: &Inputs, work: F) -> Result<T, Stop>
where
    F: AsyncFnOnce(&App) -> Result<T, Stop>,
{
    let loaded = prepare(inputs, &SystemEntropy);
    let app = open(loaded.config.ok_or_else(|| unusable(&loaded.errors))?)?;
    wait_for(async {
        let outcome = work(&app).await;
        app.close().await;
        outcome
    })?
}

/// As [`with_app`], for work on accounts that are there already: nothing is made in a folder that was named by mistake.
///
/// # Errors
/// As [`with_app`], or if the data directory has no database.
pub fn with_accounts<T, F>(inputs: &Inputs, work: F) -> Result<T, Stop>
where
    F: AsyncFnOnce(&App) -> Result<T, Stop>,
{
    expect_database(inputs)?;
    with_app(inputs, work)
}

/// The configuration of an installation that is there already; nothing of it is opened.
///
/// # Errors
/// All errors of the configuration, or if the data directory has no database.
pub fn installed(inputs: &Inputs) -> Result<Config, Stop> {
    expect_database(inputs)?;
    let loaded = prepare(inputs, &SystemEntropy);
    loaded.config.ok_or_else(|| unusable(&loaded.errors))
}

fn expect_database(inputs: &Inputs) -> Result<(), Stop> {
    let loaded = load(inputs);
    if !loaded.errors.is_empty() {
        return Err(unusable(&loaded.errors));
    }
    let database = backup::database(&loaded.data_dir);
    match database.try_exists() {
        Ok(true) => Ok(()),
        Ok(false) => Err(Stop::failed(format!(
            "there is no database in {}: name the right folder with --data DIR, or begin with \
             `librechat-auth serve` or `librechat-auth create-user`",
            loaded.data_dir.display()
        ))),
        Err(error) => Err(Stop::failed(format!("cannot look at {}: {error}", database.display()))),
    }
}

/// Waits for some work.
///
/// # Errors
/// If the system has no means to wait.
pub fn wait_for<T>(work: impl Future<Output = T>) -> Result<T, Stop> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    Ok(runtime.block_on(work))
}
