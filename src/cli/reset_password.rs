//! `reset-password`: a new password, and the end of every session that was opened with the old one.

use clap::Args;

use crate::app::audit::Actor;
use crate::cli::new_password::{NewPassword, Source};
use crate::cli::output::Format;
use crate::cli::who::{self, Who};
use crate::cli::{Outcome, Stop, context, prompt};
use crate::config::Inputs;

/// Whose, and where the new one comes from.
#[derive(Debug, Args)]
pub struct Arguments {
    #[command(flatten)]
    who: Who,
    #[command(flatten)]
    source: Source,
    #[command(flatten)]
    format: Format,
}

impl Arguments {
    /// Runs the command.
    ///
    /// # Errors
    /// If there is no such account, or the password breaks a rule.
    pub fn run(&self, inputs: &Inputs) -> Outcome {
        let name = self.who.named("Enter user email:")?;
        self.source.expect_some()?;
        let (account, password) = context::with_accounts(inputs, async |app| {
            let account = who::find(app, &name).await?;
            let password = self.source.choose(ask)?;
            app.reset_password(&account, password.secret.clone(), &Actor::Console)
                .await?;
            Ok((who::again(app, &account).await?, password))
        })?;
        let mut details = vec![format!("{} is logged out everywhere.", account.email)];
        details.extend(password.shown());
        let object = if password.is_generated {
            who::object_with(&account, "password", password.secret.expose())
        } else {
            who::object(&account)
        };
        self.format.done("Password successfully reset!", &details, &object)
    }
}

fn ask() -> Result<NewPassword, Stop> {
    let new = prompt::ask_hidden("Enter new password: ")?;
    if new == prompt::ask_hidden("Confirm new password: ")? {
        Ok(NewPassword::chosen(new))
    } else {
        Err(Stop::failed("the passwords did not match: nothing was changed"))
    }
}
