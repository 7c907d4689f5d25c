//! `delete-user`: an account, its sessions and its notices, for good.

use clap::Args;

use crate::cli::output::Format;
use crate::cli::who::{self, Who};
use crate::cli::{Outcome, context, prompt};
use crate::config::Inputs;

/// Whom.
#[derive(Debug, Args)]
pub struct Arguments {
    #[command(flatten)]
    who: Who,
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
    /// If there is no such account, or it is not confirmed.
    pub fn run(&self, inputs: &Inputs) -> Outcome {
        let name = self.who.named("Email:")?;
        prompt::expect_consent(self.yes)?;
        let account = context::with_accounts(inputs, async |app| {
            let account = who::find(app, &name).await?;
            let warning = if app.is_last_admin(&account).await? {
                "This is the last admin: only the command line can make another one.\n"
            } else {
                ""
            };
            let question = format!(
                "{warning}Really delete user {} and ALL their data? (y/N)",
                account.email
            );
            prompt::confirm(&question, self.yes)?;
            app.delete_user(&account).await?;
            Ok(account)
        })?;
        let sentence = format!("✔ Successfully deleted user {}", account.email);
        self.format
            .done(&sentence, &[], &who::object_with(&account, "deleted", true))
    }
}
