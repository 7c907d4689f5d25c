//! `delete-user`: an account with its sessions; it can be restored for a while.

use clap::Args;
use serde_json::json;

use crate::app::audit::Actor;
use crate::cli::list_users::moment;
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
        let (account, until) = context::with_accounts(inputs, async |app| {
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
            let until = app.delete_user(&account, &Actor::Console).await?;
            Ok((account, until))
        })?;
        let sentence = format!("✔ Successfully deleted user {}", account.email);
        let details: Vec<String> = until
            .iter()
            .map(|until| {
                let until = moment(Some(*until));
                format!(
                    "Until {until} UTC it can be restored: librechat-auth restore-user {}",
                    account.id
                )
            })
            .collect();
        let mut object = who::object_with(&account, "deleted", true);
        object["restorable_until"] = json!(until.map(|until| until.to_string()));
        self.format.done(&sentence, &details, &object)
    }
}
