//! `reset-terms`: everybody is asked to accept the terms of service again.

use clap::Args;
use serde_json::json;

use crate::app::audit::Actor;
use crate::cli::listing::{PAGE, progress};
use crate::cli::output::Format;
use crate::cli::{Outcome, context, prompt};
use crate::config::Inputs;

/// How.
#[derive(Debug, Args)]
pub struct Arguments {
    /// Do not ask
    #[arg(long, short)]
    yes: bool,
    #[command(flatten)]
    format: Format,
}

impl Arguments {
    /// Runs the command.
    ///
    /// # Errors
    /// If it is not confirmed, or the database is busy; running it again goes on.
    pub fn run(&self, inputs: &Inputs) -> Outcome {
        prompt::expect_consent(self.yes)?;
        let changed = context::with_accounts(inputs, async |app| {
            let question = "Everybody will have to accept the terms of service again. \
                            Are you sure you want to proceed? (y/n):";
            prompt::confirm(question, self.yes)?;
            let bar = progress(app, "users").await?;
            let (mut after, mut changed) = (None, 0);
            loop {
                let stretch = app.reset_terms_after(after, PAGE, &Actor::Console).await?;
                changed += stretch.changed;
                bar.inc(stretch.seen);
                if stretch.last.is_none() {
                    bar.finish_and_clear();
                    return Ok(changed);
                }
                after = stretch.last;
            }
        })?;
        let object = json!({ "updated": changed });
        self.format.done(&format!("Updated {changed} user(s)."), &[], &object)
    }
}
