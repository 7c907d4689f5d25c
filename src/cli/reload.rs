//! Reading the configuration again while the server runs: what can be changed then is, and the rest is named.

use crate::config::{Inputs, Loaded, Origin, load};
use crate::observe::Filter;

/// What the running server was started with.
pub struct Reloader {
    inputs: Inputs,
    origins: Vec<Origin>,
    filter: Filter,
}

/// What reading again came to.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Reloaded {
    /// Settings that count from now on.
    pub applied: Vec<&'static str>,
    /// Settings that count after a restart.
    pub waiting: Vec<&'static str>,
}

/// Changed while the server runs.
const LIVE: &[&str] = &["log.filter"];

impl Reloader {
    /// For a server that was started with this configuration.
    #[must_use]
    pub fn new(inputs: Inputs, origins: Vec<Origin>, filter: Filter) -> Self {
        Self {
            inputs,
            origins,
            filter,
        }
    }

    /// Reads all sources again. With a mistake in them nothing changes.
    ///
    /// # Errors
    /// All mistakes, one a line.
    pub fn reload(&mut self) -> Result<Reloaded, String> {
        let loaded = load(&self.inputs);
        if !loaded.errors.is_empty() {
            let lines: Vec<String> = loaded.errors.iter().map(|error| format!("\n  {error}")).collect();
            return Err(lines.concat());
        }
        let reloaded = compared(&self.origins, &loaded);
        if let Some(config) = &loaded.config
            && reloaded.applied.contains(&"log.filter")
        {
            self.filter.replace(&config.log.filter)?;
        }
        for origin in &mut self.origins {
            let new = loaded.origins.iter().find(|new| new.setting.key == origin.setting.key);
            if let Some(new) = new.filter(|new| LIVE.contains(&new.setting.key)) {
                *origin = new.clone();
            }
        }
        Ok(reloaded)
    }
}

fn compared(old: &[Origin], new: &Loaded) -> Reloaded {
    let mut reloaded = Reloaded::default();
    for (old, new) in old.iter().zip(&new.origins) {
        if old.value != new.value {
            let key = new.setting.key;
            let list = if LIVE.contains(&key) {
                &mut reloaded.applied
            } else {
                &mut reloaded.waiting
            };
            list.push(key);
        }
    }
    reloaded
}

/// Reads the configuration again and tells the log what came of it.
pub fn on_hangup(reloader: &mut Reloader) {
    match reloader.reload() {
        Err(mistakes) => tracing::error!("the configuration was read again and stays as it was, because of:{mistakes}"),
        Ok(outcome) => tell(&outcome),
    }
}

fn tell(reloaded: &Reloaded) {
    let applied = listed(&reloaded.applied);
    tracing::info!("the configuration was read again; changed: {applied}");
    if !reloaded.waiting.is_empty() {
        tell_waiting(&listed(&reloaded.waiting));
    }
}

fn tell_waiting(settings: &str) {
    tracing::warn!("changed, but only a restart makes it count: {settings}");
}

fn listed(settings: &[&str]) -> String {
    match settings {
        [] => "nothing".to_owned(),
        settings => settings.join(", "),
    }
}
