//! `reset-2fa`: for somebody who has lost their authenticator and their backup codes. The password alone opens the account
//! afterwards, so it is asked before, and told by mail.

use clap::Args;

use crate::app::audit::Actor;
use crate::cli::output::{Format, note};
use crate::cli::who::{self, Who};
use crate::cli::{Outcome, context, prompt};
use crate::config::Inputs;
use crate::domain::second_factor::Duty;

/// Whose.
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
    /// Runs the command. An account without a second factor stays as it is.
    ///
    /// # Errors
    /// If there is no such account, or it is not confirmed.
    pub fn run(&self, inputs: &Inputs) -> Outcome {
        let name = self.who.named("Email:")?;
        prompt::expect_consent(self.yes)?;
        let (account, is_removed, has_to) = context::with_accounts(inputs, async |app| {
            let account = who::find(app, &name).await?;
            if account.two_factor_at.is_none() {
                return Ok((account, false, false));
            }
            let question = format!(
                "Afterwards the password alone opens the account of {}. Have you made sure that it is its owner who asks? (y/N)",
                account.email
            );
            prompt::confirm(&question, self.yes)?;
            app.reset_second_factor(&account, &Actor::Console).await?;
            let account = who::again(app, &account).await?;
            let has_to = app.duty_of(&account) != Duty::None;
            Ok((account, true, has_to))
        })?;
        let sentence = if is_removed {
            format!(
                "✔ {} has no second factor any more and is logged out everywhere",
                account.email
            )
        } else {
            format!("✔ {} has no second factor", account.email)
        };
        let object = who::object_with(&account, "removed", is_removed);
        self.format.done(&sentence, &[], &object)?;
        if has_to && !self.format.json {
            note("A second factor is required of the account: the next login will ask to set one up.");
        }
        Ok(())
    }
}
