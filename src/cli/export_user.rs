//! `export-user`: everything that is kept about one person, as one JSON document.

use std::io::{self, Write as _};

use clap::Args;

use crate::app::audit::Actor;
use crate::cli::who::{self, Who};
use crate::cli::{Outcome, context};
use crate::config::Inputs;

/// Whose.
#[derive(Debug, Args)]
pub struct Arguments {
    #[command(flatten)]
    who: Who,
}

impl Arguments {
    /// Runs the command.
    ///
    /// # Errors
    /// If there is no such account.
    pub fn run(&self, inputs: &Inputs) -> Outcome {
        let name = self.who.named("Email:")?;
        let document = context::with_accounts(inputs, async |app| {
            let account = who::find(app, &name).await?;
            Ok(app.export_person(account.id, &Actor::Console).await?)
        })?;
        let mut out = io::stdout().lock();
        writeln!(out, "{document:#}")?;
        Ok(out.flush()?)
    }
}
